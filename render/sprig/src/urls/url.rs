//! Go's `url.URL`: reading and printing.

use memchr::{memchr, memrchr};

use super::{
    escaping::{Part, escape, unescape},
    host,
};

/// A URL in parts, decoded but for the query.
#[derive(Debug, Default)]
pub(super) struct Url {
    pub(super) scheme: Vec<u8>,
    pub(super) opaque: Vec<u8>,
    pub(super) user_information: Option<UserInformation>,
    pub(super) host: Vec<u8>,
    pub(super) path: Vec<u8>,
    pub(super) query: Vec<u8>,
    pub(super) fragment: Vec<u8>,
}

/// The name and password before a host.
#[derive(Debug)]
pub(super) struct UserInformation {
    name: Vec<u8>,
    password: Option<Vec<u8>>,
}

impl UserInformation {
    pub(super) fn to_bytes(&self) -> Vec<u8> {
        let mut text = escape(&self.name, Part::User);
        if let Some(password) = &self.password {
            text.push(b':');
            text.extend(escape(password, Part::User));
        }
        text
    }

    fn parse(text: &[u8]) -> Result<Self, String> {
        let allowed = |byte: &u8| byte.is_ascii_alphanumeric() || b"-._:~!$&'()*+,;=%@".contains(byte);
        if !text.iter().all(allowed) {
            return Err("net/url: invalid userinfo".to_owned());
        }
        let (name, password) = cut(text, b':');
        let password = password.map(|password| unescape(password, Part::User));
        Ok(Self { name: unescape(name, Part::User)?, password: password.transpose()? })
    }
}

impl Url {
    /// Go's `url.Parse`; the error is its text.
    pub(super) fn parse(text: &[u8]) -> Result<Self, String> {
        let (before, fragment) = cut(text, b'#');
        let failed = |text: &[u8], reason| format!("parse {}: {reason}", value::format::quote(text));
        let mut url = Self::parse_before_fragment(before).map_err(|reason| failed(before, reason))?;
        let fragment = unescape(fragment.unwrap_or_default(), Part::Fragment);
        url.fragment = fragment.map_err(|reason| failed(text, reason))?;
        Ok(url)
    }

    fn parse_before_fragment(text: &[u8]) -> Result<Self, String> {
        if text.iter().any(u8::is_ascii_control) {
            return Err("net/url: invalid control character in URL".to_owned());
        }
        if text == b"*" {
            return Ok(Self { path: text.to_vec(), ..Self::default() });
        }
        let (scheme, rest) = split_scheme(text)?;
        let (rest, query) = cut(rest, b'?');
        let mut url = Self {
            scheme: scheme.to_ascii_lowercase(),
            query: query.unwrap_or_default().to_vec(),
            ..Self::default()
        };
        if !rest.starts_with(b"/") {
            if !scheme.is_empty() {
                url.opaque = rest.to_vec();
                return Ok(url);
            }
            if cut(rest, b'/').0.contains(&b':') {
                return Err("first path segment in URL cannot contain colon".to_owned());
            }
        }
        let has_authority = rest.starts_with(b"//") && (!scheme.is_empty() || !rest.starts_with(b"///"));
        let path = if has_authority { url.read_authority(rest.get(2..).unwrap_or_default())? } else { rest };
        url.path = unescape(path, Part::Path)?;
        Ok(url)
    }

    /// Reads user and host off; gives what follows.
    fn read_authority<'t>(&mut self, text: &'t [u8]) -> Result<&'t [u8], String> {
        let (authority, rest) = text.split_at(memchr(b'/', text).unwrap_or(text.len()));
        let (user, host) = match memrchr(b'@', authority) {
            Some(at) => (authority.get(..at), authority.get(at + 1..).unwrap_or_default()),
            None => (None, authority),
        };
        self.host = host::parse(&self.scheme, host)?;
        self.user_information = user.map(UserInformation::parse).transpose()?;
        Ok(rest)
    }

    pub(super) fn hostname(&self) -> &[u8] {
        host::without_port(&self.host)
    }

    /// Go's `URL.String`.
    pub(super) fn to_bytes(&self) -> Vec<u8> {
        let mut out = Vec::new();
        if !self.scheme.is_empty() {
            out.extend_from_slice(&self.scheme);
            out.push(b':');
        }
        if self.opaque.is_empty() {
            self.write_hierarchy(&mut out);
        } else {
            out.extend_from_slice(&self.opaque);
        }
        for (mark, part) in [(b'?', &self.query), (b'#', &escape(&self.fragment, Part::Fragment))] {
            if !part.is_empty() {
                out.push(mark);
                out.extend_from_slice(part);
            }
        }
        out
    }

    fn write_hierarchy(&self, out: &mut Vec<u8>) {
        let user = self.user_information.as_ref();
        let has_host = !self.host.is_empty() || user.is_some();
        if has_host || !self.scheme.is_empty() && !self.path.is_empty() {
            out.extend_from_slice(b"//");
        }
        if let Some(user) = user {
            out.extend(user.to_bytes());
            out.push(b'@');
        }
        out.extend(escape(&self.host, Part::Host));
        let path = if self.path == b"*" { self.path.clone() } else { escape(&self.path, Part::Path) };
        if !path.is_empty() && !path.starts_with(b"/") && !self.host.is_empty() {
            out.push(b'/');
        }
        if out.is_empty() && cut(&path, b'/').0.contains(&b':') {
            out.extend_from_slice(b"./");
        }
        out.extend(path);
    }
}

/// The scheme before a colon, where there is one, and the rest.
fn split_scheme(text: &[u8]) -> Result<(&[u8], &[u8]), String> {
    let end = text.iter().position(|byte| !(byte.is_ascii_alphanumeric() || b"+-.".contains(byte)));
    match end {
        Some(0) if text.starts_with(b":") => Err("missing protocol scheme".to_owned()),
        Some(end) if text.get(end) == Some(&b':') && text.first().is_some_and(u8::is_ascii_alphabetic) => {
            Ok((text.get(..end).unwrap_or_default(), text.get(end + 1..).unwrap_or_default()))
        }
        _ => Ok((&[], text)),
    }
}

/// The text before and after the first such byte.
fn cut(text: &[u8], at: u8) -> (&[u8], Option<&[u8]>) {
    match memchr(at, text) {
        Some(index) => (text.get(..index).unwrap_or_default(), text.get(index + 1..)),
        None => (text, None),
    }
}
