//! The keys of a server, chosen in this one place.

use super::demo::Demo;
use super::role::Role;
use crate::jose::{DecryptionKey, EncryptionKey, JoseError, VerificationKey};

/// What a server verifies, opens and seals with.
#[derive(Debug)]
pub struct Keys {
    /// Verifies the assertions of the client; an issuer has no use for it.
    pub assertion: VerificationKey,
    /// The public half of the same key as SPKI PEM: a careless server takes this text for the key of an HMAC.
    pub assertion_pem: String,
    /// Opens what is sealed for this server.
    pub own: DecryptionKey,
    /// Seals for the other party.
    pub other: EncryptionKey,
}

impl Keys {
    /// The demo keys of a role.
    pub fn demo(role: Role, demo: &Demo) -> Result<Self, JoseError> {
        let assertion = demo.assertion_key()?;
        let (d1, issuer) = (demo.d1_encryption_key()?, demo.issuer_encryption_key()?);
        let (own, other) = match role {
            Role::D1 => (d1, issuer.public()),
            Role::Issuer => (issuer, d1.public()),
        };
        Ok(Self { assertion: assertion.public(), assertion_pem: assertion.public_pem(), own, other })
    }
}
