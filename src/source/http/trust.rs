//! Which certificates of servers are good, where it is not the system that says so.

use std::sync::Arc;

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::client::{WebPkiServerVerifier, verify_server_name};
use rustls::crypto::CryptoProvider;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::server::ParsedCertificate;
use rustls::{CertificateError, DigitallySignedStruct, RootCertStore, SignatureScheme};

use super::tls::provider;
use crate::source::SourceError;

/// Where a user asked for it by name: any certificate will do; the signatures of the handshake are still checked.
#[derive(Debug)]
pub(crate) struct TrustAnybody(pub(crate) Arc<CryptoProvider>);

impl ServerCertVerifier for TrustAnybody {
    fn verify_server_cert(
        &self,
        _end_entity: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        _server_name: &ServerName<'_>,
        _ocsp_response: &[u8],
        _now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let algorithms = &self.0.signature_verification_algorithms;
        rustls::crypto::verify_tls12_signature(message, certificate, signature, algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let algorithms = &self.0.signature_verification_algorithms;
        rustls::crypto::verify_tls13_signature(message, certificate, signature, algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}

/// The certificates that a user gave: authorities that sign others, and, as in Go, those that a server shows itself,
/// also where they are an authority's. `openssl req -x509` makes such ones.
#[derive(Debug)]
pub(super) struct TrustGiven {
    given: Vec<CertificateDer<'static>>,
    as_authorities: Arc<WebPkiServerVerifier>,
}

impl TrustGiven {
    pub(super) fn new(given: Vec<CertificateDer<'static>>) -> Result<Self, SourceError> {
        let failed = |problem: String| SourceError::Tls(format!("the CA file: {problem}"));
        let mut roots = RootCertStore::empty();
        for certificate in &given {
            roots.add(certificate.clone()).map_err(|error| failed(error.to_string()))?;
        }
        let as_authorities = WebPkiServerVerifier::builder_with_provider(Arc::new(roots), provider()).build();
        Ok(Self { given, as_authorities: as_authorities.map_err(|error| failed(error.to_string()))? })
    }
}

impl ServerCertVerifier for TrustGiven {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        let verified = self.as_authorities.verify_server_cert(
            end_entity,
            intermediates,
            server_name,
            ocsp_response,
            now,
        );
        match verified {
            // When it is valid was looked at before that; whom it is for comes after.
            Err(error) if is_of_authority(&error) && self.given.contains(end_entity) => {
                verify_server_name(&ParsedCertificate::try_from(end_entity)?, server_name)?;
                Ok(ServerCertVerified::assertion())
            }
            verified => verified,
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        self.as_authorities.verify_tls12_signature(message, certificate, signature)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        self.as_authorities.verify_tls13_signature(message, certificate, signature)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.as_authorities.supported_verify_schemes()
    }
}

/// Whether a certificate was refused because it is an authority's.
fn is_of_authority(error: &rustls::Error) -> bool {
    let rustls::Error::InvalidCertificate(CertificateError::Other(other)) = error else { return false };
    matches!(other.0.downcast_ref(), Some(webpki::Error::CaUsedAsEndEntity))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use rustls::pki_types::pem::PemObject as _;

    use super::*;

    /// Authorities' certificates for registry.example.com, made by `openssl req -x509`, good until 2126.
    const REGISTRY: &[u8] = include_bytes!("../../../fixtures/tls/registry.pem");
    const OTHER: &[u8] = include_bytes!("../../../fixtures/tls/other.pem");

    fn verified(shown: &[u8], name: &'static str, year: u64) -> Result<ServerCertVerified, rustls::Error> {
        let [given, shown] =
            [REGISTRY, shown].map(|pem| CertificateDer::from_pem_slice(pem).unwrap().into_owned());
        let now = UnixTime::since_unix_epoch(Duration::from_secs((year - 1970) * 31_556_952));
        let name = ServerName::try_from(name).unwrap();
        TrustGiven::new(vec![given]).unwrap().verify_server_cert(&shown, &[], &name, &[], now)
    }

    #[test]
    fn a_server_may_show_the_very_authority_that_was_given() {
        verified(REGISTRY, "registry.example.com", 2030).unwrap();
    }

    #[test]
    fn it_has_to_be_for_that_server_and_time_and_to_be_the_given_one() {
        for (shown, name, year) in [
            (REGISTRY, "elsewhere.example.com", 2030),
            (REGISTRY, "registry.example.com", 2020),
            (REGISTRY, "registry.example.com", 2130),
            (OTHER, "registry.example.com", 2030),
        ] {
            assert!(verified(shown, name, year).is_err(), "{name} {year}");
        }
    }
}
