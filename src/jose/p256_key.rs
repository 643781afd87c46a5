//! What all keys on P-256 have in common: the forms in which they are handed over, and their names.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use p256::pkcs8::{DecodePrivateKey as _, DecodePublicKey as _};
use p256::{PublicKey, SecretKey};
use serde_json::{Map, Value, json};
use sha2_10::{Digest as _, Sha256};

use super::error::{JoseError, KeyFlaw};
use super::{jwk, pem};

/// `parameters` of an `ECPrivateKey` (RFC 5915 section 3) that name P-256.
const NAMED_CURVE: [u8; 12] = [0xa0, 0x0a, 0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07];

/// `PrivateKeyInfo` (RFC 5208 section 5) with an `ECPrivateKey` up to the private value. All lengths are fixed on P-256,
/// so that writing a key cannot fail.
const PRIVATE_HEAD: [u8; 36] = [
    0x30, 0x81, 0x87, 0x02, 0x01, 0x00, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x08,
    0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07, 0x04, 0x6d, 0x30, 0x6b, 0x02, 0x01, 0x01, 0x04, 0x20,
];

/// What stands between the private value and the point.
const PRIVATE_MIDDLE: [u8; 5] = [0xa1, 0x44, 0x03, 0x42, 0x00];

/// `SubjectPublicKeyInfo` (RFC 5480 section 2) up to the point.
const PUBLIC_HEAD: [u8; 26] = [
    0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x08, 0x2a, 0x86, 0x48, 0xce,
    0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00,
];

/// A key with the name that it is to go by.
pub(super) struct Named<K> {
    /// Opaque text.
    pub kid: String,
    /// The key.
    pub key: K,
}

/// Reads a public key from SPKI PEM or a JWK. `purpose` names the key in errors where no kid is given.
pub(super) fn read_public(kid: Option<&str>, purpose: &str, text: &str) -> Result<Named<PublicKey>, JoseError> {
    let (key, own) = public_of(text).map_err(|flaw| flawed(kid, purpose, flaw))?;
    Ok(Named { kid: name(kid, own, &key), key })
}

/// Reads a private key from PKCS#8 PEM, SEC1 PEM or a JWK. `purpose` names the key in errors where no kid is given.
pub(super) fn read_private(kid: Option<&str>, purpose: &str, text: &str) -> Result<Named<SecretKey>, JoseError> {
    let (key, own) = private_of(text).map_err(|flaw| flawed(kid, purpose, flaw))?;
    Ok(Named { kid: name(kid, own, &key.public_key()), key })
}

fn flawed(kid: Option<&str>, purpose: &str, flaw: KeyFlaw) -> JoseError {
    JoseError::Key { key: kid.map_or_else(|| format!("the {purpose} key"), |kid| format!("the key `{kid}`")), flaw }
}

/// The kid that was given wins, then that of the JWK, then the thumbprint.
fn name(given: Option<&str>, own: Option<String>, public: &PublicKey) -> String {
    given.map(str::to_owned).or(own).unwrap_or_else(|| thumbprint(public))
}

fn public_of(text: &str) -> Result<(PublicKey, Option<String>), KeyFlaw> {
    if pem::is_pem(text) {
        let block = pem::first_block(text)?;
        return match block.label {
            "PUBLIC KEY" => {
                PublicKey::from_public_key_der(&block.der).map(|key| (key, None)).map_err(|_| KeyFlaw::Curve)
            }
            "PRIVATE KEY" | "EC PRIVATE KEY" => Err(KeyFlaw::Private),
            _ => Err(KeyFlaw::Unreadable),
        };
    }
    let members = jwk_of(text)?;
    if members.contains_key("d") {
        return Err(KeyFlaw::Private);
    }
    let key = jwk::read_point(&members).ok_or(KeyFlaw::Curve)?;
    Ok((key, kid_of(&members)))
}

fn private_of(text: &str) -> Result<(SecretKey, Option<String>), KeyFlaw> {
    if pem::is_pem(text) {
        let block = pem::first_block(text)?;
        let key = match block.label {
            "PRIVATE KEY" => SecretKey::from_pkcs8_der(&block.der).map_err(|_| KeyFlaw::Curve)?,
            "EC PRIVATE KEY" if names_another_curve(&block.der) => return Err(KeyFlaw::Curve),
            "EC PRIVATE KEY" => SecretKey::from_sec1_der(&block.der).map_err(|_| KeyFlaw::Curve)?,
            "PUBLIC KEY" => return Err(KeyFlaw::Public),
            _ => return Err(KeyFlaw::Unreadable),
        };
        return Ok((key, None));
    }
    let members = jwk_of(text)?;
    Ok((jwk::read_private(&members)?, kid_of(&members)))
}

/// The crate does not look at the curve that an `ECPrivateKey` names, and another curve of 256 bits would pass where the
/// public half is left out. The private value is the third element and of at most 32 bytes, so every length before the
/// parameters takes one byte.
fn names_another_curve(der: &[u8]) -> bool {
    let parameters = der.get(6).and_then(|&length| der.get(7 + usize::from(length)..));
    parameters.is_some_and(|rest| rest.first() == NAMED_CURVE.first() && !rest.starts_with(&NAMED_CURVE))
}

fn jwk_of(text: &str) -> Result<Map<String, Value>, KeyFlaw> {
    let members: Map<String, Value> = serde_json::from_str(text.trim()).map_err(|_| KeyFlaw::Unreadable)?;
    if members.contains_key("kty") { Ok(members) } else { Err(KeyFlaw::Unreadable) }
}

fn kid_of(members: &Map<String, Value>) -> Option<String> {
    members.get("kid").and_then(Value::as_str).map(str::to_owned)
}

/// SHA-256 over the members that make the key, in base64url (RFC 7638 section 3).
pub(super) fn thumbprint(public: &PublicKey) -> String {
    let jwk::Coordinates { x, y } = jwk::Coordinates::of(public);
    let canonical = format!(r#"{{"crv":"P-256","kty":"EC","x":"{x}","y":"{y}"}}"#);
    URL_SAFE_NO_PAD.encode(Sha256::digest(canonical))
}

/// The public half as a JWK for one use (RFC 7517 section 4).
pub(super) fn public_jwk(kid: &str, public: &PublicKey, usage: &str, algorithm: &str) -> Map<String, Value> {
    let mut members = jwk::public_members(public);
    members.insert("kid".to_owned(), json!(kid));
    members.insert("use".to_owned(), json!(usage));
    members.insert("alg".to_owned(), json!(algorithm));
    members
}

/// The public half as SPKI PEM (RFC 7468 section 13).
pub(super) fn public_pem(public: &PublicKey) -> String {
    pem::write_block("PUBLIC KEY", &[PUBLIC_HEAD.as_slice(), &jwk::uncompressed(public)].concat())
}

/// The private half as PKCS#8 in DER (RFC 5208).
pub(super) fn private_der(secret: &SecretKey) -> Vec<u8> {
    let point = jwk::uncompressed(&secret.public_key());
    [PRIVATE_HEAD.as_slice(), &secret.to_bytes(), &PRIVATE_MIDDLE, &point].concat()
}

/// The private half as PKCS#8 PEM (RFC 7468 section 10).
pub(super) fn private_pem(secret: &SecretKey) -> String {
    pem::write_block("PRIVATE KEY", &private_der(secret))
}

#[cfg(test)]
mod tests;
