//! The server's end, for the sandboxes.

use std::sync::Arc;

use rustls::{RootCertStore, ServerConfig, SupportedProtocolVersion, version};

use super::client::Identity;
use super::client_certificates::{ClientCertificates, verifier};
use super::error::TlsError;
use super::pem;
use super::provider::provider;
use crate::base::Secret;

/// What a server shows and what it wants to see.
#[derive(Clone, Debug)]
pub struct ServerSettings {
    /// Its certificate and those between it and its authority, PEM.
    pub certificate: String,
    /// The private key, PEM.
    pub private_key: Secret,
    /// The authorities of the clients, PEM; needed for everything but [`ClientCertificates::NotAsked`].
    pub client_ca: Option<String>,
    /// Which clients it lets in.
    pub client_certificates: ClientCertificates,
    /// Which versions it speaks.
    pub versions: Versions,
}

/// Versions of TLS.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Versions {
    /// 1.2 and 1.3 (TLS-2).
    #[default]
    Both,
    /// 1.2 alone, where a client certificate is refused inside the handshake.
    Tls12,
    /// 1.3 alone, where the client learns of a refusal only after its handshake.
    Tls13,
}

impl Versions {
    fn list(self) -> Vec<&'static SupportedProtocolVersion> {
        match self {
            Self::Both => vec![&version::TLS13, &version::TLS12],
            Self::Tls12 => vec![&version::TLS12],
            Self::Tls13 => vec![&version::TLS13],
        }
    }
}

impl ServerSettings {
    /// Ready for connections.
    pub(super) fn config(&self) -> Result<ServerConfig, TlsError> {
        let authorities = match (&self.client_ca, self.client_certificates) {
            (_, ClientCertificates::NotAsked) => RootCertStore::empty(),
            (Some(text), _) => pem::authorities("the CA of the clients", text)?.1,
            (None, _) => return Err(TlsError::NoAuthority),
        };
        let builder = ServerConfig::builder_with_provider(provider()).with_protocol_versions(&self.versions.list())?;
        let verifier = verifier(self.client_certificates, authorities)
            .map_err(|error| rustls::Error::Other(rustls::OtherError(Arc::new(error))))?;
        let builder = match verifier {
            None => builder.with_no_client_auth(),
            Some(verifier) => builder.with_client_cert_verifier(verifier),
        };
        let identity = Identity { name: "server", certificate: &self.certificate, private_key: &self.private_key };
        let (chain, key) = identity.read()?;
        builder.with_single_cert(chain, key).map_err(|error| identity.unfit(&error))
    }
}

#[cfg(test)]
mod tests {
    use super::{ServerSettings, Versions};
    use crate::tls::{CertificateSet, ClientCertificates, TlsError};

    #[test]
    fn client_certificates_need_an_authority() {
        let set = CertificateSet::new(&[], 1).unwrap();
        let mut settings = ServerSettings {
            certificate: set.server.certificate,
            private_key: set.server.private_key,
            client_ca: None,
            client_certificates: ClientCertificates::NotAsked,
            versions: Versions::Both,
        };
        assert!(settings.config().is_ok());
        settings.client_certificates = ClientCertificates::Demanded;
        assert!(matches!(settings.config(), Err(TlsError::NoAuthority)));
        settings.client_ca = Some(set.ca.certificate);
        assert!(settings.config().is_ok());
        settings.private_key = set.client.private_key;
        let error = settings.config().unwrap_err().to_string();
        assert!(error.contains("server.private_key") && error.contains("does not belong"), "{error}");
    }
}
