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

#[cfg(test)]
mod tests {
    use super::{DecryptionKey, EncryptionKey};
    use crate::base::Secret;
    use crate::jose::{JoseError, KeyFlaw, seal};

    fn refused(error: &JoseError) -> (String, KeyFlaw) {
        match error {
            JoseError::Key { key, flaw } => (key.clone(), *flaw),
            other => panic!("{other}"),
        }
    }

    #[test]
    fn both_halves_travel_as_pem_and_as_jwk() {
        let key = DecryptionKey::generate();
        assert_eq!(key.kid(), key.public().thumbprint());
        let text = seal(b"content", &key.public()).expect("envelope");
        for form in [key.to_pem(), key.to_jwk()] {
            let again = DecryptionKey::from_text(None, &form).expect("private half");
            assert_eq!(again.kid(), key.kid());
            assert_eq!(again.open(&text), Ok(b"content".to_vec()));
        }
        for form in [key.public().to_pem(), key.public().to_jwk().to_string()] {
            let public = EncryptionKey::from_text(None, &form).expect("public half");
            let text = seal(b"content", &public).expect("envelope");
            assert_eq!(key.open(&text), Ok(b"content".to_vec()));
        }
    }

    #[test]
    fn the_kid_is_given_or_in_the_jwk_or_the_thumbprint() {
        let named = DecryptionKey::from_text(Some("here"), &DecryptionKey::generate().to_pem()).expect("key");
        let (private, public) = (named.to_jwk(), named.public().to_jwk().to_string());
        assert_eq!(DecryptionKey::from_text(None, &private).expect("key").kid(), "here");
        assert_eq!(DecryptionKey::from_text(Some("there"), &private).expect("key").kid(), "there");
        assert_eq!(EncryptionKey::from_text(None, &public).expect("key").kid(), "here");
        assert_eq!(EncryptionKey::from_text(Some("there"), &public).expect("key").kid(), "there");
        let bare = EncryptionKey::from_text(None, &named.public().to_pem()).expect("key");
        assert_eq!(bare.kid(), bare.thumbprint());
    }

    #[test]
    fn a_jwk_says_what_the_key_is_for() {
        let jwk = DecryptionKey::generate().public().to_jwk();
        let names: Vec<&String> = jwk.as_object().expect("object").keys().collect();
        assert_eq!(names, ["kty", "crv", "x", "y", "kid", "use", "alg"]);
        assert_eq!((&jwk["use"], &jwk["alg"]), (&"enc".into(), &"ECDH-ES".into()));
    }

    #[test]
    fn the_halves_are_not_taken_for_each_other() {
        let key = DecryptionKey::generate();
        for private in [key.to_pem(), key.to_jwk()] {
            let error = EncryptionKey::from_text(None, private.expose()).expect_err("private half");
            assert_eq!(refused(&error), ("the encryption key".to_owned(), KeyFlaw::Private));
        }
        for public in [key.public().to_pem(), key.public().to_jwk().to_string()] {
            let error = DecryptionKey::from_text(Some("k"), &Secret::new(public)).expect_err("public half");
            assert_eq!(refused(&error), ("the key `k`".to_owned(), KeyFlaw::Public));
        }
    }

    #[test]
    fn nothing_shows_key_material() {
        let key = DecryptionKey::from_text(Some("k"), &DecryptionKey::generate().to_pem()).expect("key");
        assert_eq!(format!("{key:?}"), "DecryptionKey { kid: \"k\", .. }");
        assert_eq!(format!("{:?}", key.public()), "EncryptionKey { kid: \"k\", .. }");
        assert_eq!(format!("{:?} {:?}", key.to_pem(), key.to_jwk()), "Secret(***) Secret(***)");
        let error = EncryptionKey::from_text(None, key.to_pem().expose()).expect_err("private half");
        assert_eq!(
            error.to_string(),
            "the encryption key cannot be used: it is a private key, and the public half is wanted here\n  remedy: \
             `openssl pkey -in KEY -pubout` writes the public half"
        );
        assert_eq!(format!("{error:?}"), "Key { key: \"the encryption key\", flaw: Private }");
    }
}
