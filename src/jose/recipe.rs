//! Sealing: the right envelope, and envelopes that are wrong on purpose.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use p256::SecretKey;
use p256::elliptic_curve::rand_core::{OsRng, RngCore as _};
use serde_json::{Map, Value, json};

use super::agreement::{Parties, agree};
use super::content::{ContentEncryption, IV_BYTES};
use super::encryption_key::EncryptionKey;
use super::envelope::Envelope;
use super::error::JoseError;
use super::jwk;

/// Seals as D1 wants it: ECDH-ES, A256GCM, the kid of the recipient, and no more than that in the header.
pub fn seal(plaintext: &[u8], recipient: &EncryptionKey) -> Result<String, JoseError> {
    Recipe::right(recipient).seal(plaintext).map(|envelope| envelope.to_compact())
}

/// How an envelope is sealed; what departs from [`Recipe::right`] makes it wrong in that one way.
#[derive(Clone, Debug)]
pub struct Recipe<'a> {
    /// Whose key the content is sealed for.
    pub recipient: &'a EncryptionKey,
    /// `alg` of the header. It is written and not followed: the key agreement stays ECDH-ES, so that a receiver that
    /// does not look at `alg` would open the envelope.
    pub algorithm: &'a str,
    /// `enc` of the header, which is followed.
    pub encryption: ContentEncryption,
    /// `kid` of the header, where there is one.
    pub key_id: Option<&'a str>,
    /// `epk` of the header.
    pub ephemeral: Ephemeral,
}

/// What the header says of the ephemeral key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ephemeral {
    /// Its public half.
    Right,
    /// Nothing.
    Missing,
    /// Coordinates of a point that is not on P-256. The content is sealed with the true key all the same.
    OffCurve,
}

impl<'a> Recipe<'a> {
    /// The recipe that D1 wants.
    pub fn right(recipient: &'a EncryptionKey) -> Self {
        Self {
            recipient,
            algorithm: "ECDH-ES",
            encryption: ContentEncryption::A256Gcm,
            key_id: Some(recipient.kid()),
            ephemeral: Ephemeral::Right,
        }
    }

    /// Seals with an ephemeral key and an initialisation vector from the randomness of the system.
    pub fn seal(&self, plaintext: &[u8]) -> Result<Envelope, JoseError> {
        let mut iv = [0; IV_BYTES];
        let filled = OsRng.try_fill_bytes(&mut iv).ok();
        filled
            .and_then(|()| self.seal_with(plaintext, &SecretKey::random(&mut OsRng), iv))
            .ok_or_else(|| JoseError::Sealing { kid: self.recipient.kid().to_owned() })
    }

    fn seal_with(&self, plaintext: &[u8], ephemeral: &SecretKey, iv: [u8; IV_BYTES]) -> Option<Envelope> {
        let header = URL_SAFE_NO_PAD.encode(Value::Object(self.header(ephemeral)).to_string());
        let key = agree(ephemeral, self.recipient.point(), self.encryption, &Parties::default())?;
        let (ciphertext, tag) = key.encrypt(iv, &header, plaintext)?;
        Some(Envelope { header, encrypted_key: Vec::new(), iv: iv.to_vec(), ciphertext, tag })
    }

    fn header(&self, ephemeral: &SecretKey) -> Map<String, Value> {
        let mut header = Map::new();
        header.insert("alg".to_owned(), json!(self.algorithm));
        header.insert("enc".to_owned(), json!(self.encryption.name()));
        if let Some(kid) = self.key_id {
            header.insert("kid".to_owned(), json!(kid));
        }
        let mut point = jwk::public_members(&ephemeral.public_key());
        match self.ephemeral {
            Ephemeral::Missing => return header,
            Ephemeral::Right => {}
            Ephemeral::OffCurve => {
                point.insert("y".to_owned(), json!(jwk::y_off_curve(&ephemeral.public_key())));
            }
        }
        header.insert("epk".to_owned(), Value::Object(point));
        header
    }
}
