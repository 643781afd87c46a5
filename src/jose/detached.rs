//! Detached signatures (RFC 7515 appendix F): a JWS whose payload is kept elsewhere, signed with ES256.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm, crypto};
use serde_json::{Value, json};

use super::error::JoseError;
use super::key::{AssertionKey, VerificationKey};

/// Why a detached signature does not hold.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SignatureFault {
    /// It has not the form of a detached JWS.
    #[error("it is no JWS with a detached payload (RFC 7515 appendix F)")]
    Unreadable,
    /// It is signed otherwise than with ES256.
    #[error("it is not signed with ES256")]
    Algorithm,
    /// The signature is not that of this key over these bytes.
    #[error("the signature is not that of this key over these bytes")]
    Wrong,
}

/// Signs bytes: header, nothing, signature.
pub fn sign_detached(key: &AssertionKey, payload: &[u8]) -> Result<String, JoseError> {
    let header = json!({"alg": "ES256", "kid": key.kid()});
    let header = URL_SAFE_NO_PAD.encode(header.to_string());
    let signature = crypto::sign(input(&header, payload).as_bytes(), key.signing(), Algorithm::ES256)
        .map_err(|source| JoseError::Signing { kid: key.kid().to_owned(), source })?;
    Ok(format!("{header}..{signature}"))
}

/// Says whether a detached signature is that of a key over these bytes.
pub fn verify_detached(key: &VerificationKey, jws: &str, payload: &[u8]) -> Result<(), SignatureFault> {
    let (header, signature) = parts(jws)?;
    let Some(Value::Object(fields)) = decoded(header) else { return Err(SignatureFault::Unreadable) };
    // Extensions that are not understood make the signature invalid (RFC 7515 section 4.1.11).
    if fields.get("alg") != Some(&json!("ES256")) || fields.contains_key("crit") {
        return Err(SignatureFault::Algorithm);
    }
    let right = crypto::verify(signature, input(header, payload).as_bytes(), key.verifying(), Algorithm::ES256);
    if right.unwrap_or(false) { Ok(()) } else { Err(SignatureFault::Wrong) }
}

/// The name of the key that a detached signature says it was made with.
pub fn signer(jws: &str) -> Option<String> {
    decoded(parts(jws).ok()?.0)?.get("kid")?.as_str().map(str::to_owned)
}

fn parts(jws: &str) -> Result<(&str, &str), SignatureFault> {
    let parts: Vec<&str> = jws.trim().split('.').collect();
    match parts.as_slice() {
        [header, "", signature] => Ok((header, signature)),
        _ => Err(SignatureFault::Unreadable),
    }
}

fn decoded(header: &str) -> Option<Value> {
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(header).ok()?).ok()
}

fn input(header: &str, payload: &[u8]) -> String {
    format!("{header}.{}", URL_SAFE_NO_PAD.encode(payload))
}

#[cfg(test)]
mod tests {
    use super::{SignatureFault, sign_detached, signer, verify_detached};
    use crate::jose::AssertionKey;

    #[test]
    fn a_signature_holds_for_its_key_and_its_bytes_alone() {
        let (key, other) = (AssertionKey::generate("one").unwrap(), AssertionKey::generate("one").unwrap());
        let jws = sign_detached(&key, b"manifest").unwrap();
        assert_eq!(signer(&jws).as_deref(), Some("one"));
        assert_eq!(verify_detached(&key.public(), &jws, b"manifest"), Ok(()));
        assert_eq!(verify_detached(&key.public(), &jws, b"manifesT"), Err(SignatureFault::Wrong));
        assert_eq!(verify_detached(&other.public(), &jws, b"manifest"), Err(SignatureFault::Wrong));
        let signature = jws.rsplit('.').next().unwrap();
        for (header, fault) in [
            (r#"{"alg":"none"}"#, SignatureFault::Algorithm),
            (r#"{"alg":"ES256","crit":["x"]}"#, SignatureFault::Algorithm),
            ("[]", SignatureFault::Unreadable),
        ] {
            let header = base64::Engine::encode(&base64::engine::general_purpose::URL_SAFE_NO_PAD, header);
            let forged = format!("{header}..{signature}");
            assert_eq!(verify_detached(&key.public(), &forged, b"manifest"), Err(fault), "{header}");
        }
        assert_eq!(verify_detached(&key.public(), "a.b.c", b"manifest"), Err(SignatureFault::Unreadable));
    }
}
