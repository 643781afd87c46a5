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

#[cfg(test)]
mod tests {
    use std::time::{Duration, UNIX_EPOCH};

    use base64::Engine as _;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;
    use serde_json::json;

    use super::{algorithm_of, hmac_holds, signed_with_hmac, unsigned, unverified_claims, with_signature};
    use crate::jose::{AssertionFault, AssertionKey};

    /// RFC 7515 appendix A.1: its key, its token.
    #[test]
    fn the_hmac_of_the_rfc_holds() {
        let key = URL_SAFE_NO_PAD
            .decode("AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow")
            .expect("base64url");
        let token = "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6\
                     Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ.dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
        assert!(hmac_holds(token, &key));
        assert!(!hmac_holds(token, b"another"));
        assert!(!hmac_holds(&token.replace("dBjf", "dBjg"), &key));
        assert!(!hmac_holds("token", &key) && !hmac_holds("a.b.*", &key));
        assert_eq!(algorithm_of(token).as_deref(), Some("HS256"));
        assert_eq!(unverified_claims(token).expect("claims")["iss"], "joe");
    }

    #[test]
    fn a_raw_signature_verifies_only_under_the_right_header() {
        let key = AssertionKey::generate("k").expect("key");
        let now = UNIX_EPOCH + Duration::from_secs(1_800_000_000);
        let claims = json!({"iss": "a", "exp": 1_800_000_060});
        let verify = |header| key.public().verify(key.sign_raw(&header, &claims).expect("token").expose(), now);
        assert!(verify(json!({"alg": "ES256", "kid": "k"})).is_ok());
        assert_eq!(verify(json!({"alg": "ES384", "kid": "k"})), Err(AssertionFault::Algorithm));
        assert_eq!(verify(json!({"alg": "none", "kid": "k"})), Err(AssertionFault::Algorithm));
        assert_eq!(verify(json!({"alg": "ES256"})), Err(AssertionFault::MissingKeyId));
    }

    #[test]
    fn forged_assertions_are_refused_and_show_what_they_claim() {
        let key = AssertionKey::generate("k").expect("key");
        let now = UNIX_EPOCH + Duration::from_secs(1_800_000_000);
        let claims = json!({"iss": "a", "exp": 1_800_000_060});
        let public = key.public_pem();
        let none = unsigned(&json!({"alg": "none", "kid": "k"}), &claims);
        assert!(none.expose().ends_with('.') && none.expose().split('.').count() == 3);
        // The public key as the secret of an HMAC: what a receiver falls for that takes `alg` from the token.
        let confused =
            signed_with_hmac(&json!({"alg": "HS256", "kid": "k"}), &claims, public.as_bytes()).expect("token");
        assert!(hmac_holds(confused.expose(), public.as_bytes()));
        let garbled = with_signature(&json!({"alg": "ES256", "kid": "k"}), &claims, &[0; 64]);
        for (token, fault, algorithm) in [
            (&none, AssertionFault::Algorithm, "none"),
            (&confused, AssertionFault::Algorithm, "HS256"),
            (&garbled, AssertionFault::Signature, "ES256"),
        ] {
            assert_eq!(key.public().verify(token.expose(), now), Err(fault));
            assert_eq!(algorithm_of(token.expose()).as_deref(), Some(algorithm));
            assert_eq!(unverified_claims(token.expose()).expect("claims")["iss"], "a");
        }
    }

    #[test]
    fn nothing_is_read_from_what_is_no_token() {
        for text in ["", "a.b", "e30.e30", "W10.W10.", "*.*.*", "e30.e30.a.b"] {
            assert_eq!((algorithm_of(text), unverified_claims(text)), (None, None), "{text}");
        }
        assert_eq!(algorithm_of("e30.e30."), None);
        assert_eq!(unverified_claims("e30.e30."), Some(serde_json::Map::new()));
    }
}
