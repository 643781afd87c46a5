//! Content encryption with AES in Galois/Counter Mode (RFC 7518 section 5.3).

use aes_gcm::aead::consts::{U12, U16};
use aes_gcm::aead::{AeadInPlace, KeyInit};
use aes_gcm::{Aes128Gcm, Aes256Gcm};

/// Bytes of the initialisation vector.
pub(super) const IV_BYTES: usize = 12;
/// Bytes of the authentication tag.
pub(super) const TAG_BYTES: usize = 16;

/// How the content of an envelope is encrypted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ContentEncryption {
    /// AES-GCM with a key of 256 bits, what D1 wants.
    A256Gcm,
    /// AES-GCM with a key of 128 bits.
    A128Gcm,
}

/// A key for one envelope.
pub(super) struct ContentKey {
    encryption: ContentEncryption,
    bytes: Vec<u8>,
}

impl ContentEncryption {
    /// The name of RFC 7518 section 5.1.
    pub fn name(self) -> &'static str {
        match self {
            Self::A256Gcm => "A256GCM",
            Self::A128Gcm => "A128GCM",
        }
    }

    /// Bytes of the key.
    pub(super) fn key_bytes(self) -> u8 {
        match self {
            Self::A256Gcm => 32,
            Self::A128Gcm => 16,
        }
    }
}

impl ContentKey {
    /// Takes a key over; it has as many bytes as the encryption wants.
    pub(super) fn new(encryption: ContentEncryption, bytes: Vec<u8>) -> Self {
        Self { encryption, bytes }
    }

    /// Encrypts: the ciphertext and its tag. `None` where the plaintext is longer than the mode takes.
    pub(super) fn encrypt(&self, iv: [u8; IV_BYTES], header: &str, plaintext: &[u8]) -> Option<(Vec<u8>, Vec<u8>)> {
        match self.encryption {
            ContentEncryption::A256Gcm => encrypt::<Aes256Gcm>(&self.bytes, iv, header, plaintext),
            ContentEncryption::A128Gcm => encrypt::<Aes128Gcm>(&self.bytes, iv, header, plaintext),
        }
    }

    /// Decrypts. `None` where the tag does not belong to the header and the ciphertext.
    pub(super) fn decrypt(
        &self,
        iv: [u8; IV_BYTES],
        tag: [u8; TAG_BYTES],
        header: &str,
        ciphertext: &[u8],
    ) -> Option<Vec<u8>> {
        match self.encryption {
            ContentEncryption::A256Gcm => decrypt::<Aes256Gcm>(&self.bytes, iv, tag, header, ciphertext),
            ContentEncryption::A128Gcm => decrypt::<Aes128Gcm>(&self.bytes, iv, tag, header, ciphertext),
        }
    }

    /// Decrypts without comparing the tag. The mode adds a stream of key bits to the text, and adding it once more takes
    /// it off, so that this is encryption whose tag is thrown away.
    pub(super) fn decrypt_unchecked(&self, iv: [u8; IV_BYTES], ciphertext: &[u8]) -> Option<Vec<u8>> {
        self.encrypt(iv, "", ciphertext).map(|(plaintext, _)| plaintext)
    }
}

fn encrypt<C>(key: &[u8], iv: [u8; IV_BYTES], header: &str, plaintext: &[u8]) -> Option<(Vec<u8>, Vec<u8>)>
where
    C: KeyInit + AeadInPlace<NonceSize = U12, TagSize = U16>,
{
    let mut text = plaintext.to_vec();
    let cipher = C::new_from_slice(key).ok()?;
    let tag = cipher.encrypt_in_place_detached(&iv.into(), header.as_bytes(), &mut text).ok()?;
    Some((text, tag.to_vec()))
}

fn decrypt<C>(key: &[u8], iv: [u8; IV_BYTES], tag: [u8; TAG_BYTES], header: &str, ciphertext: &[u8]) -> Option<Vec<u8>>
where
    C: KeyInit + AeadInPlace<NonceSize = U12, TagSize = U16>,
{
    let mut text = ciphertext.to_vec();
    let cipher = C::new_from_slice(key).ok()?;
    cipher.decrypt_in_place_detached(&iv.into(), header.as_bytes(), &mut text, &tag.into()).ok()?;
    Some(text)
}

#[cfg(test)]
mod tests {
    use super::ContentEncryption::{A128Gcm, A256Gcm};
    use super::{ContentEncryption, ContentKey, IV_BYTES, TAG_BYTES};

    const IV: [u8; IV_BYTES] = [0; IV_BYTES];

    fn zeros(encryption: ContentEncryption) -> ContentKey {
        ContentKey::new(encryption, vec![0; usize::from(encryption.key_bytes())])
    }

    /// Test cases 2 and 14 of the GCM specification that NIST SP 800-38D took over: a key, a vector and a block of zeros.
    #[test]
    fn known_answers_of_the_specification() {
        for (encryption, ciphertext, tag) in [
            (A128Gcm, 0x0388_dace_60b6_a392_f328_c2b9_71b2_fe78_u128, 0xab6e_47d4_2cec_13bd_f53a_67b2_1257_bddf_u128),
            (A256Gcm, 0xcea7_403d_4d60_6b6e_074e_c5d3_baf3_9d18, 0xd0d1_c8a7_9999_6bf0_265b_98b5_d48a_b919),
        ] {
            let (text, right) = zeros(encryption).encrypt(IV, "", &[0; 16]).expect("ciphertext");
            assert_eq!((text, right), (ciphertext.to_be_bytes().to_vec(), tag.to_be_bytes().to_vec()));
        }
    }

    #[test]
    fn the_tag_covers_header_and_content() {
        for encryption in [A128Gcm, A256Gcm] {
            let key = zeros(encryption);
            let (text, tag) = key.encrypt(IV, "header", b"content").expect("ciphertext");
            let tag: [u8; TAG_BYTES] = tag.try_into().expect("tag");
            assert_eq!(key.decrypt(IV, tag, "header", &text).as_deref(), Some(b"content".as_slice()));
            assert_eq!(key.decrypt(IV, tag, "Header", &text), None);
            assert_eq!(key.decrypt(IV, tag, "header", &text[1..]), None);
            assert_eq!(key.decrypt(IV, [0; TAG_BYTES], "header", &text), None);
            assert_eq!(key.decrypt_unchecked(IV, &text).as_deref(), Some(b"content".as_slice()));
        }
    }
}
