//! The compact serialisation of an envelope (RFC 7516 section 3.1).

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Map, Value};

use super::content::{IV_BYTES, TAG_BYTES};
use super::error::EnvelopeFault;

/// The header of a right envelope without the kid and without the 43 characters of either coordinate.
const HEADER: &str = r#"{"alg":"ECDH-ES","enc":"A256GCM","kid":"","epk":{"kty":"EC","crv":"P-256","x":"","y":""}}"#;
/// Characters of both coordinates.
const COORDINATES: usize = 2 * 43;

/// A JWE, taken apart and not judged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Envelope {
    /// Protected header, in base64url as it stands: the tag covers this very text.
    pub header: String,
    /// Encrypted key; empty with direct key agreement.
    pub encrypted_key: Vec<u8>,
    /// Initialisation vector.
    pub iv: Vec<u8>,
    /// The content, encrypted.
    pub ciphertext: Vec<u8>,
    /// Authentication tag.
    pub tag: Vec<u8>,
}

impl Envelope {
    /// Takes the compact form apart.
    pub fn parse(text: &str) -> Result<Self, EnvelopeFault> {
        let parts: Vec<&str> = text.split('.').collect();
        let [header, encrypted_key, iv, ciphertext, tag] = parts[..] else { return Err(EnvelopeFault::Parts) };
        let bytes = |part: &str| URL_SAFE_NO_PAD.decode(part).map_err(|_| EnvelopeFault::Parts);
        Ok(Self {
            header: header.to_owned(),
            encrypted_key: bytes(encrypted_key)?,
            iv: bytes(iv)?,
            ciphertext: bytes(ciphertext)?,
            tag: bytes(tag)?,
        })
    }

    /// Puts the compact form together.
    pub fn to_compact(&self) -> String {
        let [encrypted_key, iv, ciphertext, tag] =
            [&self.encrypted_key, &self.iv, &self.ciphertext, &self.tag].map(|part| URL_SAFE_NO_PAD.encode(part));
        [self.header.as_str(), &encrypted_key, &iv, &ciphertext, &tag].join(".")
    }

    /// What the header says.
    pub fn header_json(&self) -> Result<Map<String, Value>, EnvelopeFault> {
        let text = URL_SAFE_NO_PAD.decode(&self.header).map_err(|_| EnvelopeFault::Header)?;
        serde_json::from_slice(&text).map_err(|_| EnvelopeFault::Header)
    }
}

/// Characters of the compact form of a right envelope, for a plaintext and a key id of that many bytes. The key id has
/// to be one that JSON writes as it is: without quotes, backslashes and control characters.
pub fn compact_length(plaintext: usize, key_id: usize) -> usize {
    let dots = 4;
    dots + [HEADER.len() + COORDINATES + key_id, IV_BYTES, plaintext, TAG_BYTES]
        .map(base64_length)
        .iter()
        .sum::<usize>()
}

/// Characters of base64 without padding (RFC 4648 section 5).
fn base64_length(bytes: usize) -> usize {
    let rest = match bytes % 3 {
        0 => 0,
        rest => rest + 1,
    };
    bytes / 3 * 4 + rest
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{Envelope, compact_length};
    use crate::jose::{DecryptionKey, EncryptionKey, EnvelopeFault, seal};

    #[test]
    fn parts_are_taken_apart_and_put_together() {
        let text = "eyJhIjoxfQ.AQ.AgM.BAUG.BwgJCg";
        let envelope = Envelope::parse(text).expect("envelope");
        assert_eq!((envelope.encrypted_key.as_slice(), envelope.iv.as_slice()), ([1].as_slice(), [2, 3].as_slice()));
        assert_eq!((envelope.ciphertext.len(), envelope.tag.len()), (3, 4));
        assert_eq!(envelope.header_json().map(serde_json::Value::Object), Ok(json!({"a": 1})));
        assert_eq!(envelope.to_compact(), text);
    }

    #[test]
    fn other_texts_are_no_envelopes() {
        for text in ["", "a.b.c", "e30.AQ.AQ.AQ", "e30.AQ.AQ.AQ.AQ.AQ", "e30.AQ.AQ.A+.AQ", "e30.AQ.AQ==.AQ.AQ"] {
            assert_eq!(Envelope::parse(text), Err(EnvelopeFault::Parts), "{text}");
        }
        for text in ["....", "!....", "W10....", "e30e....", "eyI....", "_w...."] {
            let header = Envelope::parse(text).expect("five parts").header_json();
            assert_eq!(header, Err(EnvelopeFault::Header), "{text}");
        }
    }

    #[test]
    fn the_length_is_foretold() {
        let pem = DecryptionKey::generate().public().to_pem();
        for plaintext in 0..20 {
            for key_id in [0, 1, 2, 3, 43, 64, 200] {
                let key = EncryptionKey::from_text(Some(&"k".repeat(key_id)), &pem).expect("key");
                let text = seal(&vec![b'x'; plaintext], &key).expect("envelope");
                assert_eq!(text.len(), compact_length(plaintext, key_id), "{plaintext} bytes for {key_id}");
            }
        }
    }
}
