//! Whom to trust, and who we say we are.

use std::fmt;
use std::sync::{Arc, OnceLock};

use rustls::crypto::{CryptoProvider, aws_lc_rs};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ClientConfig, RootCertStore};

use super::trust::{TrustAnybody, TrustGiven};
use crate::source::SourceError;

/// TLS beyond the system's roots. Everything is PEM text.
#[derive(Clone, Default, PartialEq, Eq, Hash)]
pub struct TlsOptions {
    /// The certificates to trust **instead of** the system's, as Helm's `--ca-file` does.
    pub ca: Option<Vec<u8>>,
    /// The client's certificate chain.
    pub certificate: Option<Vec<u8>>,
    /// The key of the client's certificate.
    pub key: Option<Vec<u8>>,
    /// Trusts anybody. Only ever set because a user asked for it by name.
    pub insecure_skip_verify: bool,
}

impl fmt::Debug for TlsOptions {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("TlsOptions")
            .field("ca", &self.ca.is_some())
            .field("certificate", &self.certificate.is_some())
            .field("insecure_skip_verify", &self.insecure_skip_verify)
            .finish_non_exhaustive()
    }
}

/// rustls' configuration for these options: aws-lc-rs, TLS 1.2 and 1.3.
pub(in crate::source) fn client_config(options: &TlsOptions) -> Result<ClientConfig, SourceError> {
    let refused = |error: rustls::Error| SourceError::Tls(error.to_string());
    let builder = ClientConfig::builder_with_provider(provider()).with_safe_default_protocol_versions();
    let builder = builder.map_err(refused)?;
    let builder = match (options.insecure_skip_verify, &options.ca) {
        (true, _) => builder.dangerous().with_custom_certificate_verifier(Arc::new(TrustAnybody(provider()))),
        (false, Some(pem)) => {
            let verifier = TrustGiven::new(certificates("the CA file", pem)?)?;
            builder.dangerous().with_custom_certificate_verifier(Arc::new(verifier))
        }
        (false, None) => builder.with_root_certificates(system_roots()),
    };
    match (&options.certificate, &options.key) {
        (Some(certificate), Some(key)) => {
            let key = PrivateKeyDer::from_pem_slice(key)
                .map_err(|error| SourceError::Tls(format!("the client's key: {error}")))?;
            builder
                .with_client_auth_cert(certificates("the client's certificate", certificate)?, key)
                .map_err(refused)
        }
        (None, None) => Ok(builder.with_no_client_auth()),
        (Some(_), None) => Err(SourceError::Tls("a client certificate needs its key".into())),
        (None, Some(_)) => Err(SourceError::Tls("a client key needs its certificate".into())),
    }
}

/// The cryptography of the process.
pub(crate) fn provider() -> Arc<CryptoProvider> {
    static PROVIDER: OnceLock<Arc<CryptoProvider>> = OnceLock::new();
    Arc::clone(PROVIDER.get_or_init(|| Arc::new(aws_lc_rs::default_provider())))
}

/// The system's roots, or Mozilla's where the system has none (an image with nothing but our binary).
pub(crate) fn system_roots() -> Arc<RootCertStore> {
    static ROOTS: OnceLock<Arc<RootCertStore>> = OnceLock::new();
    let load = || {
        let mut roots = RootCertStore::empty();
        roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        if roots.is_empty() {
            roots.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned());
        }
        Arc::new(roots)
    };
    Arc::clone(ROOTS.get_or_init(load))
}

fn certificates(what: &str, pem: &[u8]) -> Result<Vec<CertificateDer<'static>>, SourceError> {
    let found: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(pem).collect();
    match found {
        Ok(found) if found.is_empty() => Err(SourceError::Tls(format!("{what} holds no certificate in PEM"))),
        Ok(found) => Ok(found),
        Err(error) => Err(SourceError::Tls(format!("{what}: {error}"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn half_a_client_certificate_is_refused() {
        let options = TlsOptions { certificate: Some(b"x".to_vec()), ..TlsOptions::default() };
        assert!(client_config(&options).unwrap_err().to_string().contains("needs its key"));
    }

    #[test]
    fn a_ca_file_without_certificates_is_refused() {
        let options = TlsOptions { ca: Some(b"hello".to_vec()), ..TlsOptions::default() };
        assert!(client_config(&options).unwrap_err().to_string().contains("no certificate in PEM"));
    }

    #[test]
    fn options_print_no_key() {
        let options = TlsOptions { key: Some(b"canary".to_vec()), ..TlsOptions::default() };
        assert!(!format!("{options:?}").contains("canary") && !format!("{options:?}").contains("99, 97"));
    }
}
