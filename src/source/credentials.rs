//! Who we are to a server, and which servers may hear it.

use std::fmt;

use base64::prelude::{BASE64_STANDARD, Engine as _};
use http::header::HeaderValue;
use percent_encoding::percent_decode_str;
use url::Url;

use super::http::TlsOptions;

/// A user name and password.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Credentials {
    /// The user name.
    pub username: String,
    /// The password, or a token that a registry takes for one.
    pub password: String,
}

impl Credentials {
    /// The `Authorization` header for HTTP's Basic scheme, marked as sensitive.
    ///
    /// `None` if either part is empty: Helm sends nothing then.
    pub(crate) fn basic(&self) -> Option<HeaderValue> {
        if self.username.is_empty() || self.password.is_empty() {
            return None;
        }
        self.basic_of_either()
    }

    /// As [`Credentials::basic`], also for a token without a user, or a user without a password.
    pub(crate) fn basic_of_either(&self) -> Option<HeaderValue> {
        if self.username.is_empty() && self.password.is_empty() {
            return None;
        }
        let pair = BASE64_STANDARD.encode(format!("{}:{}", self.username, self.password));
        let mut header = HeaderValue::from_str(&format!("Basic {pair}")).ok()?;
        header.set_sensitive(true);
        Some(header)
    }
}

impl fmt::Debug for Credentials {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Credentials")
    }
}

/// How to talk to whoever serves a chart. The default is an anonymous client that trusts the system's roots.
#[derive(Clone, Debug, Default)]
pub struct Access {
    /// The login; for a registry, instead of what config.json says.
    pub credentials: Option<Credentials>,
    /// Certificates.
    pub tls: TlsOptions,
    /// Sends the login to whatever host the index points to.
    pub pass_credentials_all: bool,
    /// Talks to a registry without TLS.
    pub plain_http: bool,
}

impl Access {
    /// The header for a request to `url`, for credentials that were given for `home`.
    ///
    /// Helm's rule: same scheme, host and port, unless the user said otherwise.
    pub(crate) fn authorization(&self, home: &Url, url: &Url) -> Option<HeaderValue> {
        let same = home.scheme() == url.scheme()
            && home.host_str() == url.host_str()
            && home.port_or_known_default() == url.port_or_known_default();
        if !(same || self.pass_credentials_all) {
            return None;
        }
        self.credentials.as_ref().and_then(Credentials::basic).or_else(|| in_url(url))
    }
}

/// The login in the URL itself, as Go's client sends it.
fn in_url(url: &Url) -> Option<HeaderValue> {
    let password = url.password()?;
    Credentials { username: decoded(url.username()), password: decoded(password) }.basic()
}

/// A part of a URL without its escapes.
pub(super) fn decoded(part: &str) -> String {
    percent_decode_str(part).decode_utf8_lossy().into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sent(home: &str, url: &str, everywhere: bool) -> bool {
        let access = Access {
            credentials: Some(Credentials { username: "me".into(), password: "secret".into() }),
            pass_credentials_all: everywhere,
            ..Access::default()
        };
        access.authorization(&home.parse().unwrap(), &url.parse().unwrap()).is_some()
    }

    #[test]
    fn credentials_go_to_their_own_host_only() {
        assert!(sent("https://a.example/x", "https://a.example/y", false));
        assert!(sent("https://a.example/x", "https://a.example:443/y", false));
        assert!(!sent("https://a.example/x", "https://b.example/y", false));
        assert!(!sent("https://a.example/x", "https://a.example:8443/y", false));
        assert!(!sent("https://a.example/x", "http://a.example/y", false));
        assert!(sent("https://a.example/x", "https://b.example/y", true));
    }

    #[test]
    fn half_a_login_is_none() {
        let half = Credentials { username: "me".into(), password: String::new() };
        assert_eq!(half.basic(), None);
    }

    #[test]
    fn a_login_in_the_url_is_percent_decoded() {
        let url: Url = "https://me:p%40s&s+1@a.example/".parse().unwrap();
        let header = in_url(&url).unwrap();
        assert_eq!(header, format!("Basic {}", BASE64_STANDARD.encode("me:p@s&s+1")));
        assert!(header.is_sensitive());
    }
}
