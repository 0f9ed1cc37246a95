//! An OCI registry of one's own.

use serde_json::Value;

use crate::owned::Owned;
use crate::{Error, parts};

/// An OCI registry on a free port, which keeps everything in memory. It ends when it is dropped.
#[derive(Debug)]
pub struct Registry {
    address: String,
    ca: Option<String>,
    _owned: Owned,
}

/// How clients prove who they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Auth {
    /// They need not.
    #[default]
    None,
    /// User and password on every request.
    Basic,
    /// A token, fetched from where the registry says. Without an account it allows pulling below `public/`.
    Token,
}

/// How a registry differs from the usual, which is plain HTTP for everyone.
#[derive(Debug, Clone, Default)]
pub struct RegistryOptions {
    /// How clients prove who they are.
    pub auth: Auth,
    /// Serve HTTPS, with a certificate that [`Registry::ca`] signed.
    pub tls: bool,
}

impl Registry {
    /// The one account's user.
    pub const USER: &str = "user";
    /// The one account's password.
    pub const PASSWORD: &str = "password";

    /// Starts a registry.
    ///
    /// # Errors
    /// When it cannot be built or started.
    pub fn start(options: &RegistryOptions) -> Result<Self, Error> {
        let auth = match options.auth {
            Auth::None => "none",
            Auth::Basic => "basic",
            Auth::Token => "token",
        };
        let credentials = format!("--credentials={}:{}", Self::USER, Self::PASSWORD);
        let args = [format!("--auth={auth}"), credentials, format!("--tls={}", options.tls)];
        let (owned, ready) = Owned::start(&parts::REGISTRY.ensure()?, &args)?;
        let text = |field: &str| ready.get(field).and_then(Value::as_str).map(str::to_owned);
        Ok(Self { address: text("address").unwrap_or_default(), ca: text("ca"), _owned: owned })
    }

    /// `127.0.0.1:port`.
    #[must_use]
    pub fn address(&self) -> &str {
        &self.address
    }

    /// The certificate authority to trust, in PEM, when the registry serves HTTPS.
    #[must_use]
    pub fn ca(&self) -> Option<&str> {
        self.ca.as_deref()
    }
}
