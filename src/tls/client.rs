//! The client's end: whom to trust, as whom to appear.

use std::sync::Arc;

pub use rustls::ClientConfig;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::sign::CertifiedKey;
use rustls_platform_verifier::Verifier;

use super::error::TlsError;
use super::pem;
use super::provider::provider;
use crate::base::Secret;

/// What a client brings to its connections.
#[derive(Clone, Copy, Debug, Default)]
pub struct ClientSettings<'t> {
    /// Certificates of private authorities, PEM; trusted besides the system's.
    pub ca: Option<&'t str>,
    /// The certificate to show to a server that asks for one.
    pub identity: Option<Identity<'t>>,
}

/// A certificate with its key, and the place where the user wrote them.
#[derive(Clone, Copy, Debug)]
pub struct Identity<'t> {
    /// `tls.client`, for messages.
    pub name: &'t str,
    /// The certificate and those between it and its authority, PEM.
    pub certificate: &'t str,
    /// The private key, PEM.
    pub private_key: &'t Secret,
}

/// TLS 1.2 and 1.3 with the roots that the system trusts, without client certificate (TLS-2).
pub fn tls_config() -> Result<ClientConfig, TlsError> {
    ClientSettings::default().config()
}

impl ClientSettings<'_> {
    /// TLS 1.2 and 1.3 (TLS-2), ready for connections.
    pub fn config(&self) -> Result<ClientConfig, TlsError> {
        let extra = self.ca.map(|text| pem::authorities("tls.ca", text)).transpose()?;
        let extra = extra.map(|(certificates, _)| certificates).unwrap_or_default();
        let verifier = Verifier::new_with_extra_roots(extra, provider())?;
        let builder = ClientConfig::builder_with_provider(provider())
            .with_safe_default_protocol_versions()?
            // "Dangerous" is any verifier that rustls did not build itself; this one is the system's.
            .dangerous()
            .with_custom_certificate_verifier(Arc::new(verifier));
        match &self.identity {
            None => Ok(builder.with_no_client_auth()),
            Some(identity) => {
                let (chain, key) = identity.read()?;
                builder.with_client_auth_cert(chain, key).map_err(|error| identity.unfit(&error))
            }
        }
    }
}

impl Identity<'_> {
    /// Whether both halves can be read and belong together.
    pub fn check(&self) -> Result<(), TlsError> {
        let (chain, key) = self.read()?;
        CertifiedKey::from_der(chain, key, &provider()).map(|_| ()).map_err(|error| self.unfit(&error))
    }

    /// Reads both halves.
    pub(super) fn read(&self) -> Result<(Vec<CertificateDer<'static>>, PrivateKeyDer<'static>), TlsError> {
        let chain = pem::certificates(&format!("{}.certificate", self.name), self.certificate)?;
        let key = pem::private_key(&format!("{}.private_key", self.name), self.private_key)?;
        Ok((chain, key))
    }

    /// The halves are readable and do not belong together, or are of a kind that cannot be used.
    pub(super) fn unfit(&self, error: &rustls::Error) -> TlsError {
        use rustls::{Error, InconsistentKeys};

        let problem = match error {
            Error::InconsistentKeys(InconsistentKeys::KeyMismatch) => {
                format!("it does not belong to {}.certificate", self.name)
            }
            Error::InvalidCertificate(_) => format!("{}.certificate cannot be read ({error})", self.name),
            _ => "its kind is not supported".to_owned(),
        };
        TlsError::Key {
            name: format!("{}.private_key", self.name),
            problem,
            remedy: "give the private key of the first certificate: ECDSA, RSA or Ed25519",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{ClientSettings, Identity, tls_config};
    use crate::tls::{CertificateSet, Issued};

    fn identity<'t>(certificate: &'t Issued, key: &'t Issued) -> Identity<'t> {
        Identity { name: "tls.client", certificate: &certificate.certificate, private_key: &key.private_key }
    }

    #[test]
    fn a_certificate_and_a_foreign_key_are_refused_by_name() {
        let set = CertificateSet::new(&[], 1).unwrap();
        let with = |identity| ClientSettings { ca: Some(&set.ca.certificate), identity: Some(identity) }.config();
        let config = with(identity(&set.client, &set.client)).unwrap();
        assert!(config.client_auth_cert_resolver.has_certs());
        let error = with(identity(&set.client, &set.server)).unwrap_err().to_string();
        assert!(error.contains("tls.client.private_key") && error.contains("does not belong"), "{error}");
        assert!(identity(&set.client, &set.client).check().is_ok());
        assert_eq!(identity(&set.client, &set.server).check().unwrap_err().to_string(), error);
        let broken = Identity { certificate: "no PEM", ..identity(&set.client, &set.client) };
        assert!(with(broken).unwrap_err().to_string().contains("tls.client.certificate"));
        let ca = ClientSettings { ca: Some("no PEM"), identity: None }.config().unwrap_err().to_string();
        assert!(ca.contains("tls.ca") && ca.contains("remedy"), "{ca}");
    }

    #[test]
    fn the_default_shows_no_certificate() {
        assert!(!tls_config().unwrap().client_auth_cert_resolver.has_certs());
    }
}
