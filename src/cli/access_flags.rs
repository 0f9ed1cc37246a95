//! As whom repositories and registries are asked, and which of them are trusted.

use std::path::PathBuf;

use clap::Args;

use super::CliError;
use crate::source::{Access, Credentials, TlsOptions};

/// Flags of commands that fetch charts or push them.
#[derive(Args, Debug, Default)]
pub(super) struct AccessFlags {
    /// User name at the chart's repository or registry
    #[arg(long, value_name = "NAME")]
    username: Option<String>,
    /// Password at the chart's repository or registry
    #[arg(long, value_name = "PASSWORD")]
    password: Option<String>,
    /// Verify certificates of HTTPS-enabled servers with this CA bundle
    #[arg(long, value_name = "FILE")]
    ca_file: Option<PathBuf>,
    /// Identify with this TLS certificate
    #[arg(long, value_name = "FILE")]
    cert_file: Option<PathBuf>,
    /// Identify with this TLS key
    #[arg(long, value_name = "FILE")]
    key_file: Option<PathBuf>,
    /// Skip TLS certificate checks
    #[arg(long)]
    insecure_skip_tls_verify: bool,
    /// Use insecure HTTP connections
    #[arg(long)]
    plain_http: bool,
}

impl AccessFlags {
    /// What these flags say, files with their contents. A user without a password, or the other way round, is nobody.
    pub(super) fn access(&self) -> Result<Access, CliError> {
        let credentials = match (&self.username, &self.password) {
            (Some(username), Some(password)) => {
                Some(Credentials { username: username.clone(), password: password.clone() })
            }
            _ => None,
        };
        let files = [&self.ca_file, &self.cert_file, &self.key_file];
        Ok(Access {
            credentials,
            tls: tls_options(files, self.insecure_skip_tls_verify)?,
            pass_credentials_all: false,
            plain_http: self.plain_http,
        })
    }
}

/// What the files of a CA, of a certificate and of its key hold.
pub(super) fn tls_options(
    [ca, certificate, key]: [&Option<PathBuf>; 3],
    insecure_skip_verify: bool,
) -> Result<TlsOptions, CliError> {
    let read = |path: &Option<PathBuf>| match path {
        Some(path) => {
            std::fs::read(path).map(Some).map_err(|source| CliError::Read { path: path.clone(), source })
        }
        None => Ok(None),
    };
    Ok(TlsOptions { ca: read(ca)?, certificate: read(certificate)?, key: read(key)?, insecure_skip_verify })
}
