//! Keys for envelopes: the public half seals, the private half opens.

use std::fmt;

use p256::elliptic_curve::rand_core::OsRng;
use p256::{PublicKey, SecretKey};
use serde_json::{Value, json};

use super::error::JoseError;
use super::{jwk, p256_key};
use crate::base::Secret;

/// How errors name a key that has no kid yet.
const PURPOSE: &str = "encryption";

/// The public half: envelopes are sealed for it.
#[derive(Clone)]
pub struct EncryptionKey {
    kid: String,
    public: PublicKey,
}

/// The private half of an [`EncryptionKey`]: it opens what was sealed.
pub struct DecryptionKey {
    kid: String,
    secret: SecretKey,
}

impl EncryptionKey {
    /// Reads SPKI PEM (RFC 7468 section 13) or a public JWK (RFC 7517). The kid given here wins over that of the JWK;
    /// without either, the thumbprint is the kid.
    pub fn from_text(kid: Option<&str>, text: &str) -> Result<Self, JoseError> {
        let named = p256_key::read_public(kid, PURPOSE, text)?;
        Ok(Self { kid: named.kid, public: named.key })
    }

    /// Name of the key, as envelopes carry it.
    pub fn kid(&self) -> &str {
        &self.kid
    }

    /// SHA-256 thumbprint in base64url (RFC 7638).
    pub fn thumbprint(&self) -> String {
        p256_key::thumbprint(&self.public)
    }

    /// The key as a JWK (RFC 7517).
    pub fn to_jwk(&self) -> Value {
        Value::Object(p256_key::public_jwk(&self.kid, &self.public, "enc", "ECDH-ES"))
    }

    /// The key as SPKI PEM (RFC 7468 section 13).
    pub fn to_pem(&self) -> String {
        p256_key::public_pem(&self.public)
    }

    /// The point of the key.
    pub(super) fn point(&self) -> &PublicKey {
        &self.public
    }
}

impl DecryptionKey {
    /// Reads PKCS#8 PEM (RFC 7468 section 10), SEC1 PEM (RFC 5915 section 4) or a private JWK (RFC 7517). The kid given
    /// here wins over that of the JWK; without either, the thumbprint is the kid.
    pub fn from_text(kid: Option<&str>, text: &Secret) -> Result<Self, JoseError> {
        let named = p256_key::read_private(kid, PURPOSE, text.expose())?;
        Ok(Self { kid: named.kid, secret: named.key })
    }

    /// Makes a new key from the randomness of the system; its kid is its thumbprint.
    pub fn generate() -> Self {
        let secret = SecretKey::random(&mut OsRng);
        Self { kid: p256_key::thumbprint(&secret.public_key()), secret }
    }

    /// Name of the key.
    pub fn kid(&self) -> &str {
        &self.kid
    }

    /// The half that may be shown.
    pub fn public(&self) -> EncryptionKey {
        EncryptionKey { kid: self.kid.clone(), public: self.secret.public_key() }
    }

    /// The key as PKCS#8 PEM (RFC 7468 section 10).
    pub fn to_pem(&self) -> Secret {
        Secret::new(p256_key::private_pem(&self.secret))
    }

    /// The key as the compact text of a private JWK (RFC 7518 section 6.2.2).
    pub fn to_jwk(&self) -> Secret {
        let mut members = p256_key::public_jwk(&self.kid, &self.secret.public_key(), "enc", "ECDH-ES");
        members.insert("d".to_owned(), json!(jwk::private_value(&self.secret)));
        Secret::new(Value::Object(members).to_string())
    }

    /// The private value, for the key agreement.
    pub(super) fn secret(&self) -> &SecretKey {
        &self.secret
    }
}

impl fmt::Debug for EncryptionKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EncryptionKey").field("kid", &self.kid).finish_non_exhaustive()
    }
}

impl fmt::Debug for DecryptionKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DecryptionKey").field("kid", &self.kid).finish_non_exhaustive()
    }
}
