//! Which client certificates a server lets in, and the ways in which it can be too lenient.

use std::sync::Arc;

use rustls::client::danger::HandshakeSignatureValid;
use rustls::pki_types::{CertificateDer, UnixTime};
use rustls::server::danger::{ClientCertVerified, ClientCertVerifier};
use rustls::server::{VerifierBuilderError, WebPkiClientVerifier};
use rustls::{CertificateError, DigitallySignedStruct, DistinguishedName, Error, RootCertStore, SignatureScheme};

use super::provider::provider;

/// What a server wants of its clients.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ClientCertificates {
    /// None is asked for.
    #[default]
    NotAsked,
    /// A valid one of a known authority (TLS-1).
    Demanded,
    /// Wrong: clients without any pass.
    Optional,
    /// Wrong: those of unknown authorities pass.
    AnyAuthority,
    /// Wrong: those that have run out pass.
    ExpiredToo,
}

/// The verifier; `None` when no certificate is asked for.
pub(super) fn verifier(
    wanted: ClientCertificates,
    authorities: RootCertStore,
) -> Result<Option<Arc<dyn ClientCertVerifier>>, VerifierBuilderError> {
    let strict = WebPkiClientVerifier::builder_with_provider(Arc::new(authorities), provider());
    Ok(Some(match wanted {
        ClientCertificates::NotAsked => return Ok(None),
        ClientCertificates::Demanded => strict.build()?,
        ClientCertificates::Optional => strict.allow_unauthenticated().build()?,
        ClientCertificates::AnyAuthority => Arc::new(Lenient { strict: strict.build()?, pardons: unknown_authority }),
        ClientCertificates::ExpiredToo => Arc::new(Lenient { strict: strict.build()?, pardons: expiry }),
    }))
}

/// Lets one kind of flaw pass; all others, and the signature of the handshake, are judged as ever.
#[derive(Debug)]
struct Lenient {
    strict: Arc<dyn ClientCertVerifier>,
    pardons: fn(&CertificateError) -> Option<Pardon>,
}

/// What a lenient server does about a flaw that it does not mind.
enum Pardon {
    /// Lets the client in.
    Accept,
    /// Judges again, as of a moment at which the certificate was valid.
    JudgeAt(UnixTime),
}

/// webpki looks at the dates before it looks for an authority, so that this flaw is the only one.
fn unknown_authority(error: &CertificateError) -> Option<Pardon> {
    // A bad signature is an authority that calls itself as a known one and has another key.
    matches!(error, CertificateError::UnknownIssuer | CertificateError::BadSignature).then_some(Pardon::Accept)
}

fn expiry(error: &CertificateError) -> Option<Pardon> {
    match error {
        CertificateError::ExpiredContext { not_after, .. } => Some(Pardon::JudgeAt(*not_after)),
        _ => None,
    }
}

impl ClientCertVerifier for Lenient {
    fn root_hint_subjects(&self) -> &[DistinguishedName] {
        self.strict.root_hint_subjects()
    }

    fn verify_client_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        now: UnixTime,
    ) -> Result<ClientCertVerified, Error> {
        let judged = self.strict.verify_client_cert(end_entity, intermediates, now);
        let Err(Error::InvalidCertificate(flaw)) = &judged else { return judged };
        match (self.pardons)(flaw) {
            Some(Pardon::Accept) => Ok(ClientCertVerified::assertion()),
            Some(Pardon::JudgeAt(moment)) => self.strict.verify_client_cert(end_entity, intermediates, moment),
            None => judged,
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.strict.verify_tls12_signature(message, certificate, signature)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.strict.verify_tls13_signature(message, certificate, signature)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.strict.supported_verify_schemes()
    }
}

#[cfg(test)]
mod tests {
    use rustls::pki_types::UnixTime;

    use super::{ClientCertificates, verifier};
    use crate::tls::{CertificateSet, foreign_client, pem};

    #[test]
    fn each_lenience_lets_its_own_flaw_pass_and_no_other() {
        let set = CertificateSet::new(&[], 1).unwrap();
        let foreign = foreign_client().unwrap();
        let passes = |wanted: ClientCertificates, certificate: &str| {
            let (_, roots) = pem::authorities("ca", &set.ca.certificate).unwrap();
            let verifier = verifier(wanted, roots).unwrap().unwrap();
            let chain = pem::certificates("c", certificate).unwrap();
            verifier.verify_client_cert(&chain[0], &chain[1..], UnixTime::now()).is_ok()
        };
        let table = [
            // (wanted, right, foreign, expired)
            (ClientCertificates::Demanded, true, false, false),
            (ClientCertificates::Optional, true, false, false),
            (ClientCertificates::AnyAuthority, true, true, false),
            (ClientCertificates::ExpiredToo, true, false, true),
        ];
        for (wanted, right, any, expired) in table {
            assert_eq!(passes(wanted, &set.client.certificate), right, "{wanted:?}");
            assert_eq!(passes(wanted, &foreign.certificate), any, "{wanted:?}");
            assert_eq!(passes(wanted, &set.expired_client.certificate), expired, "{wanted:?}");
            assert!(!passes(wanted, &set.server.certificate), "{wanted:?}: a certificate for servers");
        }
    }

    #[test]
    fn only_the_optional_one_lets_clients_without_certificate_pass() {
        let set = CertificateSet::new(&[], 1).unwrap();
        let mandatory = |wanted| {
            let (_, roots) = pem::authorities("ca", &set.ca.certificate).unwrap();
            verifier(wanted, roots).unwrap().map(|verifier| verifier.client_auth_mandatory())
        };
        assert_eq!(mandatory(ClientCertificates::NotAsked), None);
        assert_eq!(mandatory(ClientCertificates::Optional), Some(false));
        for wanted in [ClientCertificates::Demanded, ClientCertificates::AnyAuthority, ClientCertificates::ExpiredToo] {
            assert_eq!(mandatory(wanted), Some(true), "{wanted:?}");
        }
    }
}
