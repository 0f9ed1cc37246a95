//! Whom to trust.

use std::sync::{Arc, OnceLock};

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{
    CryptoProvider, WebPkiSupportedAlgorithms, aws_lc_rs, verify_tls12_signature, verify_tls13_signature,
};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{ClientConfig, DigitallySignedStruct, Error, RootCertStore, SignatureScheme};

use super::HubError;

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
        client.map_err(|error| HubError::Tls(super::error::causes(&error)))
    }
}

/// rustls' configuration: aws-lc-rs, TLS 1.2 and 1.3, and HTTP/1.1 only, because a WebSocket is asked for by an upgrade.
pub(super) fn client_config(options: &HubTls) -> Result<ClientConfig, HubError> {
    let provider = Arc::new(aws_lc_rs::default_provider());
    let builder = ClientConfig::builder_with_provider(Arc::clone(&provider))
        .with_safe_default_protocol_versions()
        .map_err(|error| HubError::Tls(error.to_string()))?;
    let builder = match options.insecure_skip_verify {
        true => builder.dangerous().with_custom_certificate_verifier(Arc::new(TrustAnybody(provider))),
        false => builder.with_root_certificates(roots(options.extra_ca.as_deref())?),
    };
    let mut config = builder.with_no_client_auth();
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(config)
}

/// The system's roots, or Mozilla's where the system has none; read once.
fn system_roots() -> RootCertStore {
    static ROOTS: OnceLock<RootCertStore> = OnceLock::new();
    let load = || {
        let mut roots = RootCertStore::empty();
        roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        if roots.is_empty() {
            roots.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned());
        }
        roots
    };
    ROOTS.get_or_init(load).clone()
}

fn roots(extra: Option<&[u8]>) -> Result<RootCertStore, HubError> {
    let mut roots = system_roots();
    let Some(extra) = extra else { return Ok(roots) };
    let refused = |problem: String| HubError::Tls(format!("the extra certificate authorities: {problem}"));
    let known = roots.len();
    for certificate in CertificateDer::pem_slice_iter(extra) {
        let certificate = certificate.map_err(|error| refused(error.to_string()))?;
        roots.add(certificate).map_err(|error| refused(error.to_string()))?;
    }
    match roots.len() > known {
        true => Ok(roots),
        false => Err(refused("there is no certificate in PEM".into())),
    }
}

/// Any certificate will do; the signatures of the handshake are still checked.
#[derive(Debug)]
struct TrustAnybody(Arc<CryptoProvider>);

impl TrustAnybody {
    fn algorithms(&self) -> &WebPkiSupportedAlgorithms {
        &self.0.signature_verification_algorithms
    }
}

impl ServerCertVerifier for TrustAnybody {
    fn verify_server_cert(
        &self,
        _end_entity: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        _server_name: &ServerName<'_>,
        _ocsp_response: &[u8],
        _now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls12_signature(message, certificate, signature, self.algorithms())
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls13_signature(message, certificate, signature, self.algorithms())
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.algorithms().supported_schemes()
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
