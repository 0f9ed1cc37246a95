//! Whom to trust.

use std::sync::Arc;

use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
use rustls::{ClientConfig, RootCertStore};

use super::HubError;
use crate::source::causes;
use crate::source::tls::{provider, system_roots};
use crate::source::trust::TrustAnybody;

/// Whom to trust besides the system's certificate authorities (or Mozilla's, where the system has none).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HubTls {
    /// More authorities, as PEM text.
    pub extra_ca: Option<Vec<u8>>,
    /// Trusts anybody. Only ever set because a user asked for it by name.
    pub insecure_skip_verify: bool,
}

impl HubTls {
    /// A client for requests to servers that are trusted likewise, such as an identity service.
    ///
    /// # Errors
    /// When the certificates to trust can't be used.
    pub fn http_client(&self) -> Result<reqwest::Client, HubError> {
        let builder = reqwest::Client::builder().user_agent(super::transport::NAME);
        let client = builder.tls_backend_preconfigured(client_config(self)?).build();
        client.map_err(|error| HubError::Tls(causes(&error)))
    }
}

/// rustls' configuration: aws-lc-rs, TLS 1.2 and 1.3, and HTTP/1.1 only, because a WebSocket is asked for by an upgrade.
pub(super) fn client_config(options: &HubTls) -> Result<ClientConfig, HubError> {
    let builder = ClientConfig::builder_with_provider(provider())
        .with_safe_default_protocol_versions()
        .map_err(|error| HubError::Tls(error.to_string()))?;
    let builder = match options.insecure_skip_verify {
        true => builder.dangerous().with_custom_certificate_verifier(Arc::new(TrustAnybody(provider()))),
        false => builder.with_root_certificates(roots(options.extra_ca.as_deref())?),
    };
    let mut config = builder.with_no_client_auth();
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(config)
}

/// The system's roots, and more.
fn roots(extra: Option<&[u8]>) -> Result<Arc<RootCertStore>, HubError> {
    let Some(extra) = extra else { return Ok(system_roots()) };
    let mut roots = RootCertStore::clone(&system_roots());
    let refused = |problem: String| HubError::Tls(format!("the extra certificate authorities: {problem}"));
    let known = roots.len();
    for certificate in CertificateDer::pem_slice_iter(extra) {
        let certificate = certificate.map_err(|error| refused(error.to_string()))?;
        roots.add(certificate).map_err(|error| refused(error.to_string()))?;
    }
    match roots.len() > known {
        true => Ok(Arc::new(roots)),
        false => Err(refused("there is no certificate in PEM".into())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_http_1_1_is_offered() {
        let config = client_config(&HubTls::default()).unwrap();
        assert_eq!(config.alpn_protocols, [b"http/1.1"]);
    }

    #[test]
    fn authorities_without_a_certificate_are_refused() {
        let options = HubTls { extra_ca: Some(b"hello".to_vec()), ..HubTls::default() };
        assert!(client_config(&options).unwrap_err().to_string().contains("no certificate in PEM"));
    }
}
