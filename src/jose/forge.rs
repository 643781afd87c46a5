//! Assertions that are wrong on purpose, and what a server that does not look sees in one. Compact JWS (RFC 7515
//! section 3.1) by hand, because the JOSE crate does not write or read what is wrong.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::crypto;
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey};
use serde_json::{Map, Value};

use super::error::JoseError;
use super::key::AssertionKey;
use crate::base::Secret;

impl AssertionKey {
    /// Signs with ES256, whatever the header says.
    pub fn sign_raw(&self, header: &Value, claims: &Value) -> Result<Secret, JoseError> {
        let input = signing_input(header, claims);
        let signature = crypto::sign(input.as_bytes(), self.signing(), Algorithm::ES256)
            .map_err(|source| JoseError::Signing { kid: self.kid().to_owned(), source })?;
        Ok(Secret::new(format!("{input}.{signature}")))
    }
}

/// An unsecured JWS (RFC 7515 appendix A.5): the third part is empty.
pub fn unsigned(header: &Value, claims: &Value) -> Secret {
    with_signature(header, claims, b"")
}

/// Signs with HS256 (RFC 7518 section 3.2), whatever the header says.
pub fn signed_with_hmac(header: &Value, claims: &Value, key: &[u8]) -> Result<Secret, JoseError> {
    let input = signing_input(header, claims);
    let signature = crypto::sign(input.as_bytes(), &EncodingKey::from_secret(key), Algorithm::HS256)
        .map_err(|source| JoseError::Forging { source })?;
    Ok(Secret::new(format!("{input}.{signature}")))
}

/// Puts the given bytes where the signature belongs.
pub fn with_signature(header: &Value, claims: &Value, signature: &[u8]) -> Secret {
    Secret::new(format!("{}.{}", signing_input(header, claims), URL_SAFE_NO_PAD.encode(signature)))
}

/// `alg` of the header, without any check.
pub fn algorithm_of(token: &str) -> Option<String> {
    object(parts(token)?[0])?.get("alg")?.as_str().map(str::to_owned)
}

/// The claims, without any check of the signature.
pub fn unverified_claims(token: &str) -> Option<Map<String, Value>> {
    object(parts(token)?[1])
}

/// Says whether the signature is HS256 with this key, whatever the header says.
pub fn hmac_holds(token: &str, key: &[u8]) -> bool {
    token.rsplit_once('.').is_some_and(|(input, signature)| {
        crypto::verify(signature, input.as_bytes(), &DecodingKey::from_secret(key), Algorithm::HS256).unwrap_or(false)
    })
}

/// What the signature covers (RFC 7515 section 5.1).
fn signing_input(header: &Value, claims: &Value) -> String {
    [header, claims].map(|part| URL_SAFE_NO_PAD.encode(part.to_string())).join(".")
}

fn parts(token: &str) -> Option<[&str; 3]> {
    token.split('.').collect::<Vec<_>>().try_into().ok()
}

fn object(part: &str) -> Option<Map<String, Value>> {
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).ok()?).ok()
}
