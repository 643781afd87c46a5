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
