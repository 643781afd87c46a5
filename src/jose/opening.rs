//! Opening an envelope as strictly as D1 says (RFC 7516 section 5.2).

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use p256::PublicKey;
use serde_json::{Map, Value};

use super::agreement::{Parties, agree};
use super::content::{ContentEncryption, TAG_BYTES};
use super::encryption_key::DecryptionKey;
use super::envelope::Envelope;
use super::error::EnvelopeFault;
use super::jwk;

impl DecryptionKey {
    /// Opens a compact JWE: ECDH-ES and A256GCM and nothing else, the kid of this key, no compression and no extension
    /// that has to be understood.
    pub fn open(&self, text: &str) -> Result<Vec<u8>, EnvelopeFault> {
        open_but(self, text, &[])
    }
}

/// Opens, and overlooks the faults that are `forgiven` wherever it can go on without what they are about. A forgiven
/// fault that comes back means that it could not.
pub(super) fn open_but(key: &DecryptionKey, text: &str, forgiven: &[EnvelopeFault]) -> Result<Vec<u8>, EnvelopeFault> {
    let overlooks = |fault| forgiven.contains(&fault);
    let demand = |holds: bool, fault| if holds || overlooks(fault) { Ok(()) } else { Err(fault) };

    let envelope = Envelope::parse(text)?;
    let (header, encryption, ephemeral) = outside(&envelope, forgiven)?;
    if let Some(kid) = member(&header, "kid") {
        demand(kid == key.kid(), EnvelopeFault::UnknownKeyId)?;
    }
    let parties = Parties { producer: party(&header, "apu")?, recipient: party(&header, "apv")? };
    let iv = envelope.iv.as_slice().try_into().map_err(|_| EnvelopeFault::Length)?;
    let content_key = agree(key.secret(), &ephemeral, encryption, &parties).ok_or(EnvelopeFault::Integrity)?;
    if overlooks(EnvelopeFault::Integrity) {
        demand(envelope.tag.len() == TAG_BYTES, EnvelopeFault::Length)?;
        return content_key.decrypt_unchecked(iv, &envelope.ciphertext).ok_or(EnvelopeFault::Integrity);
    }
    let tag = envelope.tag.as_slice().try_into().map_err(|_| EnvelopeFault::Length)?;
    content_key.decrypt(iv, tag, &envelope.header, &envelope.ciphertext).ok_or(EnvelopeFault::Integrity)
}

/// What can be judged without a key: the parts, the header, and whether the ephemeral key is a point of the curve.
pub fn inspect(text: &str) -> Result<(), EnvelopeFault> {
    outside(&Envelope::parse(text)?, &[]).map(|_| ())
}

fn outside(
    envelope: &Envelope,
    forgiven: &[EnvelopeFault],
) -> Result<(Map<String, Value>, ContentEncryption, PublicKey), EnvelopeFault> {
    let overlooks = |fault| forgiven.contains(&fault);
    let demand = |holds: bool, fault| if holds || overlooks(fault) { Ok(()) } else { Err(fault) };

    let header = envelope.header_json()?;
    // RFC 7516 section 4.1.13: extensions that are not understood must be refused. D1 names no `zip`.
    demand(!header.contains_key("crit") && !header.contains_key("zip"), EnvelopeFault::Header)?;
    demand(member(&header, "alg") == Some("ECDH-ES"), EnvelopeFault::Algorithm)?;
    let encryption = match member(&header, "enc") {
        Some("A256GCM") => ContentEncryption::A256Gcm,
        Some("A128GCM") if overlooks(EnvelopeFault::Encryption) => ContentEncryption::A128Gcm,
        _ => return Err(EnvelopeFault::Encryption),
    };
    demand(member(&header, "kid").is_some(), EnvelopeFault::MissingKeyId)?;
    demand(envelope.encrypted_key.is_empty(), EnvelopeFault::EncryptedKey)?;
    let ephemeral = header.get("epk").ok_or(EnvelopeFault::MissingEphemeralKey)?;
    let ephemeral = ephemeral.as_object().and_then(jwk::read_point).ok_or(EnvelopeFault::EphemeralKey)?;
    Ok((header, encryption, ephemeral))
}

fn member<'a>(header: &'a Map<String, Value>, name: &str) -> Option<&'a str> {
    header.get(name).and_then(Value::as_str)
}

/// `apu` or `apv` (RFC 7518 section 4.6.1): they go into the key, so one that cannot be read cannot be passed over.
fn party(header: &Map<String, Value>, name: &str) -> Result<Vec<u8>, EnvelopeFault> {
    match header.get(name) {
        None => Ok(Vec::new()),
        Some(value) => value.as_str().and_then(|text| URL_SAFE_NO_PAD.decode(text).ok()).ok_or(EnvelopeFault::Header),
    }
}

#[cfg(test)]
mod tests;
