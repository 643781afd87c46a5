//! Direct key agreement, ECDH-ES (RFC 7518 section 4.6).

use p256::ecdh::diffie_hellman;
use p256::{PublicKey, SecretKey};
use sha2_10::Sha256;

use super::content::{ContentEncryption, ContentKey};

/// What the header says of the two parties (RFC 7518 sections 4.6.1.2 and 4.6.1.3), decoded; empty where it says
/// nothing.
#[derive(Default)]
pub(super) struct Parties {
    /// `apu`, of the sender.
    pub producer: Vec<u8>,
    /// `apv`, of the recipient.
    pub recipient: Vec<u8>,
}

/// Agrees on the key of one envelope: either side has its own private half and the public half of the other. `None`
/// where the derivation refuses, which it does not for the lengths used here.
pub(super) fn agree(
    own: &SecretKey,
    other: &PublicKey,
    encryption: ContentEncryption,
    parties: &Parties,
) -> Option<ContentKey> {
    derive(own, other, encryption, parties).map(|bytes| ContentKey::new(encryption, bytes))
}

/// Concat KDF over the shared secret (NIST SP 800-56A section 5.8.1).
fn derive(own: &SecretKey, other: &PublicKey, encryption: ContentEncryption, parties: &Parties) -> Option<Vec<u8>> {
    let shared = diffie_hellman(own.to_nonzero_scalar(), other.as_affine());
    let mut key = vec![0; usize::from(encryption.key_bytes())];
    let info = other_info(encryption, parties)?;
    concat_kdf::derive_key_into::<Sha256>(shared.raw_secret_bytes(), &info, &mut key).ok()?;
    Some(key)
}

/// What the key is derived for (RFC 7518 section 4.6.2). With direct agreement, `AlgorithmID` is the content encryption.
fn other_info(encryption: ContentEncryption, parties: &Parties) -> Option<Vec<u8>> {
    let mut info = Vec::new();
    for part in [encryption.name().as_bytes(), &parties.producer, &parties.recipient] {
        info.extend(u32::try_from(part.len()).ok()?.to_be_bytes());
        info.extend(part);
    }
    // SuppPubInfo is the length of the key in bits; SuppPrivInfo is empty.
    info.extend((u32::from(encryption.key_bytes()) * 8).to_be_bytes());
    Some(info)
}

#[cfg(test)]
mod tests {
    use base64::Engine as _;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;
    use serde_json::json;

    use super::{Parties, derive, other_info};
    use crate::jose::ContentEncryption::{A128Gcm, A256Gcm};
    use crate::jose::jwk::read_private;

    fn parties() -> Parties {
        Parties { producer: b"Alice".to_vec(), recipient: b"Bob".to_vec() }
    }

    /// RFC 7518 appendix C: its two keys, its parties, its derived key.
    #[test]
    fn the_example_of_the_rfc_is_derived_by_either_side() {
        let key = |jwk: serde_json::Value| read_private(jwk.as_object().expect("object")).expect("key");
        let alice = key(json!({
            "kty": "EC", "crv": "P-256",
            "x": "gI0GAILBdu7T53akrFmMyGcsF3n5dO7MmwNBHKW5SV0",
            "y": "SLW_xSffzlPWrHEVI30DHM_4egVwt3NQqeUD7nMFpps",
            "d": "0_NxaRPUMQoAJt50Gz8YiTr8gRTwyEaCumd-MToTmIo",
        }));
        let bob = key(json!({
            "kty": "EC", "crv": "P-256",
            "x": "weNJy2HscCSM6AEDTDg04biOvhFhyyWvOHQfeF_PxMQ",
            "y": "e8lnCO-AlStT-NJVX-crhB7QRYhiix03illJOVAOyck",
            "d": "VEmDZpDXXK8p8N0Cndsxs924q6nS1RXFASRl6BfUqdw",
        }));
        let sent = derive(&alice, &bob.public_key(), A128Gcm, &parties()).expect("key");
        let received = derive(&bob, &alice.public_key(), A128Gcm, &parties()).expect("key");
        assert_eq!(URL_SAFE_NO_PAD.encode(&sent), "VqqN6vgjbSBcIijNcacQGg");
        assert_eq!(sent, received);
        // What the key is for goes into it.
        assert_ne!(derive(&alice, &bob.public_key(), A128Gcm, &Parties::default()), Some(sent.clone()));
        let longer = derive(&alice, &bob.public_key(), A256Gcm, &parties()).expect("key");
        assert!(longer.len() == 32 && !longer.starts_with(&sent));
    }

    /// The octets that the appendix prints.
    #[test]
    fn the_other_info_of_the_rfc_is_written() {
        let printed = [
            0, 0, 0, 7, 65, 49, 50, 56, 71, 67, 77, 0, 0, 0, 5, 65, 108, 105, 99, 101, 0, 0, 0, 3, 66, 111, 98, 0, 0,
            0, 128,
        ];
        assert_eq!(other_info(A128Gcm, &parties()).as_deref(), Some(printed.as_slice()));
    }
}
