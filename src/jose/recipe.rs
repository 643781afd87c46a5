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

#[cfg(test)]
mod tests {
    use p256::SecretKey;
    use serde_json::{Value, json};

    use super::{Ephemeral, Recipe, seal};
    use crate::base::Secret;
    use crate::jose::{ContentEncryption, DecryptionKey, Envelope, EnvelopeFault};

    /// The keys of RFC 7518 appendix C.
    const ALICE: &str = "0_NxaRPUMQoAJt50Gz8YiTr8gRTwyEaCumd-MToTmIo";
    const BOB: &str = r#"{"kty":"EC","crv":"P-256","x":"weNJy2HscCSM6AEDTDg04biOvhFhyyWvOHQfeF_PxMQ",
        "y":"e8lnCO-AlStT-NJVX-crhB7QRYhiix03illJOVAOyck","d":"VEmDZpDXXK8p8N0Cndsxs924q6nS1RXFASRl6BfUqdw"}"#;

    fn alice() -> SecretKey {
        use base64::Engine as _;
        let bytes = base64::engine::general_purpose::URL_SAFE_NO_PAD.decode(ALICE).expect("base64url");
        SecretKey::from_slice(&bytes).expect("key")
    }

    /// Sealed with pyca/cryptography (`ECDH`, `ConcatKDFHash`, `AESGCM`) from the same keys and vector.
    #[test]
    fn another_implementation_seals_the_same() {
        let bob = DecryptionKey::from_text(Some("bob"), &Secret::new(BOB)).expect("key");
        let iv = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11];
        let recipient = bob.public();
        let sealed = Recipe::right(&recipient).seal_with(br#"{"cardHolder":"Ada"}"#, &alice(), iv).expect("envelope");
        let other = "eyJhbGciOiJFQ0RILUVTIiwiZW5jIjoiQTI1NkdDTSIsImtpZCI6ImJvYiIsImVwayI6eyJrdHkiOiJFQyIsImNydiI6IlAt\
                     MjU2IiwieCI6ImdJMEdBSUxCZHU3VDUzYWtyRm1NeUdjc0YzbjVkTzdNbXdOQkhLVzVTVjAiLCJ5IjoiU0xXX3hTZmZ6bFBX\
                     ckhFVkkzMERITV80ZWdWd3QzTlFxZVVEN25NRnBwcyJ9fQ..AAECAwQFBgcICQoL.LWN7H7KIQDL_7ycL19tTmo-LbnI.J9u\
                     chnawz6Lth1kA4mGykQ";
        assert_eq!(sealed.to_compact(), other);
        assert_eq!(bob.open(other).as_deref(), Ok(br#"{"cardHolder":"Ada"}"#.as_slice()));
    }

    #[test]
    fn the_right_header_says_what_d1_wants_and_no_more() {
        let key = DecryptionKey::generate();
        let text = seal(b"content", &key.public()).expect("envelope");
        let envelope = Envelope::parse(&text).expect("envelope");
        let header = envelope.header_json().expect("header");
        assert_eq!(header.keys().collect::<Vec<_>>(), ["alg", "enc", "kid", "epk"]);
        assert_eq!((&header["alg"], &header["enc"]), (&json!("ECDH-ES"), &json!("A256GCM")));
        assert_eq!(header["kid"], key.kid());
        let epk = header["epk"].as_object().expect("object");
        assert_eq!(epk.keys().collect::<Vec<_>>(), ["kty", "crv", "x", "y"]);
        assert_eq!((envelope.encrypted_key.len(), envelope.iv.len(), envelope.tag.len()), (0, 12, 16));
        // Neither the ephemeral key nor the vector comes twice.
        let again = Envelope::parse(&seal(b"content", &key.public()).expect("envelope")).expect("envelope");
        assert!(again.iv != envelope.iv && again.header != envelope.header);
    }

    #[test]
    fn each_departure_is_wrong_in_one_way() {
        let key = DecryptionKey::generate();
        let recipient = key.public();
        let right = || Recipe::right(&recipient);
        for (recipe, fault) in [
            (Recipe { algorithm: "RSA-OAEP-256", ..right() }, EnvelopeFault::Algorithm),
            (Recipe { encryption: ContentEncryption::A128Gcm, ..right() }, EnvelopeFault::Encryption),
            (Recipe { key_id: None, ..right() }, EnvelopeFault::MissingKeyId),
            (Recipe { key_id: Some("another"), ..right() }, EnvelopeFault::UnknownKeyId),
            (Recipe { ephemeral: Ephemeral::Missing, ..right() }, EnvelopeFault::MissingEphemeralKey),
            (Recipe { ephemeral: Ephemeral::OffCurve, ..right() }, EnvelopeFault::EphemeralKey),
        ] {
            let envelope = recipe.seal(b"content").expect("envelope");
            let header = envelope.header_json().expect("header");
            assert_eq!(key.open(&envelope.to_compact()), Err(fault), "{}", Value::Object(header));
        }
        assert_eq!(key.open(&right().seal(b"content").expect("envelope").to_compact()), Ok(b"content".to_vec()));
    }
}
