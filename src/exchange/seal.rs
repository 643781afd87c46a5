//! Seals clear texts for the target (D1, JWE-1 to JWE-7), and spoils the envelopes that are to be wrong.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use super::error::ExchangeError;
use super::record::{Fault, FaultKind};
use crate::contract::EnvelopeFlaw;
use crate::generate::{Request, Seal, placeholder};
use crate::jose::{ContentEncryption, DecryptionKey, EncryptionKey, Envelope, Ephemeral, JoseError, Recipe};
use crate::suite::Jwe;

/// A key id that nobody handed over.
const UNKNOWN_KEY_ID: &str = "d1c-unknown-key";

/// Seals for one target.
pub(super) struct Sealer {
    recipient: Option<EncryptionKey>,
    /// Somebody else's key, under the recipient's name.
    foreign: Option<EncryptionKey>,
}

impl Sealer {
    /// Reads the target's public key.
    pub(super) fn of(jwe: &Jwe) -> Result<Self, ExchangeError> {
        let Some(key) = &jwe.encrypt_for else { return Ok(Self { recipient: None, foreign: None }) };
        let recipient =
            EncryptionKey::from_text(key.kid.as_deref(), &key.public_key).map_err(ExchangeError::Recipient)?;
        let stranger = DecryptionKey::generate().public().to_pem();
        let foreign = EncryptionKey::from_text(Some(recipient.kid()), &stranger).map_err(ExchangeError::Recipient)?;
        Ok(Self { recipient: Some(recipient), foreign: Some(foreign) })
    }

    /// Puts an envelope in the place of each placeholder of a JSON body.
    pub(super) fn fill(&self, request: &Request, body: &mut Value) -> Result<(), Fault> {
        for seal in &request.seals {
            let text = self.seal(seal)?;
            if let Some(place) = body.pointer_mut(&seal.pointer) {
                *place = Value::String(text);
            }
        }
        Ok(())
    }

    /// The same in bytes that need not be JSON, nor text at all.
    pub(super) fn fill_bytes(&self, request: &Request, mut bytes: Vec<u8>) -> Result<Vec<u8>, Fault> {
        for seal in &request.seals {
            let sealed = Value::String(self.seal(seal)?).to_string();
            bytes = put_in(bytes, placeholder::ENVELOPE, || Some(sealed.trim_matches('"').to_owned()));
        }
        Ok(bytes)
    }

    fn seal(&self, seal: &Seal) -> Result<String, Fault> {
        let (Some(recipient), Some(foreign)) = (&self.recipient, &self.foreign) else {
            return Err(unsendable("the request needs a JWE, and the target file names no jwe.encrypt_for".to_owned()));
        };
        let right = Recipe::right(recipient);
        let made = |recipe: &Recipe<'_>| recipe.seal(seal.plaintext.as_bytes()).map_err(|error| failed(&error));
        let envelope = match seal.flaw {
            None => made(&right)?,
            Some(EnvelopeFlaw::JweNotEncrypted) => return Ok(seal.plaintext.clone()),
            Some(EnvelopeFlaw::JweForeignKey) => made(&Recipe::right(foreign))?,
            Some(EnvelopeFlaw::JweUnknownKid) => made(&Recipe { key_id: Some(UNKNOWN_KEY_ID), ..right })?,
            Some(EnvelopeFlaw::JweMissingKid) => made(&Recipe { key_id: None, ..right })?,
            Some(EnvelopeFlaw::JweAlgRsaOaep256) => made(&Recipe { algorithm: "RSA-OAEP-256", ..right })?,
            Some(EnvelopeFlaw::JweAlgDir) => made(&Recipe { algorithm: "dir", ..right })?,
            Some(EnvelopeFlaw::JweEncA128gcm) => made(&Recipe { encryption: ContentEncryption::A128Gcm, ..right })?,
            Some(EnvelopeFlaw::JweOffCurvePoint) => made(&Recipe { ephemeral: Ephemeral::OffCurve, ..right })?,
            Some(EnvelopeFlaw::JweMissingEpk) => made(&Recipe { ephemeral: Ephemeral::Missing, ..right })?,
            Some(EnvelopeFlaw::JweFourParts) => {
                let compact = made(&right)?.to_compact();
                return Ok(compact.rsplit_once('.').map_or_else(String::new, |(head, _)| head.to_owned()));
            }
            Some(
                flaw @ (EnvelopeFlaw::JweTamperedCiphertext
                | EnvelopeFlaw::JweTamperedTag
                | EnvelopeFlaw::JweTamperedIv
                | EnvelopeFlaw::JweTamperedHeader),
            ) => tampered(made(&right)?, flaw, &seal.plaintext),
        };
        Ok(envelope.to_compact())
    }
}

/// Puts a text in the place of the first `mark`. Bytes without the mark stay as they are, and so do all where there is no
/// text.
pub(super) fn put_in(bytes: Vec<u8>, mark: &str, text: impl FnOnce() -> Option<String>) -> Vec<u8> {
    let place = bytes.windows(mark.len()).position(|part| part == mark.as_bytes());
    match place.and_then(|start| Some((start, text()?))) {
        Some((start, text)) => [&bytes[..start], text.as_bytes(), &bytes[start + mark.len()..]].concat(),
        None => bytes,
    }
}

/// Changes one part after the sealing.
fn tampered(mut envelope: Envelope, flaw: EnvelopeFlaw, plaintext: &str) -> Envelope {
    match flaw {
        EnvelopeFlaw::JweTamperedCiphertext => {
            // GCM is a stream cipher: this turns the last digit of the clear text into its neighbour, so that a receiver
            // that does not compare the tag reads well-formed card data, and other ones than were sealed.
            let digit = plaintext.bytes().rposition(|byte| byte.is_ascii_digit()).unwrap_or_default();
            flip(&mut envelope.ciphertext, digit);
        }
        EnvelopeFlaw::JweTamperedTag => flip(&mut envelope.tag, 0),
        EnvelopeFlaw::JweTamperedIv => flip(&mut envelope.iv, 0),
        _ => {
            // A member that any receiver may ignore (RFC 7516 section 4), but that was not there when the tag was made.
            if let Ok(mut header) = envelope.header_json() {
                header.insert("typ".to_owned(), json!("JOSE"));
                envelope.header = URL_SAFE_NO_PAD.encode(Value::Object(header).to_string());
            }
        }
    }
    envelope
}

fn flip(bytes: &mut [u8], at: usize) {
    if let Some(byte) = bytes.get_mut(at) {
        *byte ^= 1;
    }
}

fn failed(error: &JoseError) -> Fault {
    unsendable(format!("the clear text cannot be sealed: {error}"))
}

fn unsendable(text: String) -> Fault {
    Fault { kind: FaultKind::Unsendable, text }
}

#[cfg(test)]
mod tests {
    use super::{Sealer, put_in};
    use crate::base::Secret;
    use crate::contract::EnvelopeFlaw;
    use crate::generate::Seal;
    use crate::jose::{DecryptionKey, EnvelopeFault};
    use crate::suite::{Jwe, RecipientKey};

    const CLEAR: &str = r#"{"pan":"4111111111111111","exp":"1230"}"#;

    fn sealed(flaw: Option<EnvelopeFlaw>) -> (DecryptionKey, String) {
        let key = DecryptionKey::generate();
        let public_key = key.public().to_pem();
        let kid = Some(key.kid().to_owned());
        let jwe = Jwe { encrypt_for: Some(RecipientKey { kid, public_key }), decrypt_with: None };
        let seal = Seal { pointer: "/encryptedData".into(), plaintext: CLEAR.into(), flaw };
        let text = Sealer::of(&jwe).unwrap().seal(&seal).unwrap();
        (DecryptionKey::from_text(Some(key.kid()), &Secret::new(key.to_pem().expose())).unwrap(), text)
    }

    #[test]
    fn a_mark_is_found_between_bytes_that_are_no_text() {
        let text = || Some("jwe".to_owned());
        assert_eq!(put_in(b"\xff${jwe}\xc3${jwe}".to_vec(), "${jwe}", text), b"\xffjwe\xc3${jwe}");
        assert_eq!(put_in(b"\xff${jw".to_vec(), "${jwe}", text), b"\xff${jw");
        assert_eq!(put_in(b"${jwe}".to_vec(), "${jwe}", || None), b"${jwe}");
    }

    #[test]
    fn the_recipient_opens_a_right_envelope() {
        let (key, text) = sealed(None);
        assert_eq!(key.open(&text).unwrap(), CLEAR.as_bytes());
    }

    #[test]
    fn each_flaw_makes_its_own_fault() {
        use EnvelopeFault as Fault;
        use EnvelopeFlaw as Flaw;

        for (flaw, fault) in [
            (Flaw::JweForeignKey, Fault::Integrity),
            (Flaw::JweUnknownKid, Fault::UnknownKeyId),
            (Flaw::JweMissingKid, Fault::MissingKeyId),
            (Flaw::JweAlgRsaOaep256, Fault::Algorithm),
            (Flaw::JweAlgDir, Fault::Algorithm),
            (Flaw::JweEncA128gcm, Fault::Encryption),
            (Flaw::JweTamperedCiphertext, Fault::Integrity),
            (Flaw::JweTamperedTag, Fault::Integrity),
            (Flaw::JweTamperedIv, Fault::Integrity),
            (Flaw::JweTamperedHeader, Fault::Integrity),
            (Flaw::JweFourParts, Fault::Parts),
            (Flaw::JweNotEncrypted, Fault::Parts),
            (Flaw::JweOffCurvePoint, Fault::EphemeralKey),
            (Flaw::JweMissingEpk, Fault::MissingEphemeralKey),
        ] {
            let (key, text) = sealed(Some(flaw));
            assert_eq!(key.open(&text).unwrap_err(), fault, "{flaw:?}");
        }
        assert_eq!(EnvelopeFlaw::ALL.len(), 14);
    }

    #[test]
    fn a_receiver_that_forgives_one_fault_reads_the_clear_text() {
        for (flaw, forgiven) in [
            (EnvelopeFlaw::JweAlgDir, EnvelopeFault::Algorithm),
            (EnvelopeFlaw::JweEncA128gcm, EnvelopeFault::Encryption),
            (EnvelopeFlaw::JweUnknownKid, EnvelopeFault::UnknownKeyId),
            (EnvelopeFlaw::JweTamperedHeader, EnvelopeFault::Integrity),
        ] {
            let (key, text) = sealed(Some(flaw));
            assert_eq!(key.open_forgiving(&text, &[forgiven]).unwrap(), CLEAR.as_bytes(), "{flaw:?}");
        }
        let (key, text) = sealed(Some(EnvelopeFlaw::JweTamperedCiphertext));
        let read = key.open_forgiving(&text, &[EnvelopeFault::Integrity]).unwrap();
        assert_eq!(String::from_utf8(read).unwrap(), CLEAR.replace("1230", "1231"));
    }
}
