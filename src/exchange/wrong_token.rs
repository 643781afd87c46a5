//! Bearer tokens that must be refused.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::json;

use crate::base::sha256_hex;
use crate::generate::Case;

/// A token that nobody issued, the same for the same case: opaque in the first case of a scenario and in every second one
/// from there, a foreign JWT (RFC 7519) in the others.
pub(super) fn wrong_token(case: &Case) -> String {
    let id = case.id.as_str();
    let index = id.rsplit('#').next().and_then(|index| index.parse::<u64>().ok()).unwrap_or_default();
    let digest = sha256_hex(id.as_bytes());
    let token =
        if index.is_multiple_of(2) { format!("d1c-wrong-token-{}", &digest[..32]) } else { foreign_jwt(id, &digest) };
    format!("Bearer {token}")
}

/// A token with one character changed in its middle: there every bit counts, also in the signature of a JWT, whose last
/// character has bits that mean nothing.
pub(super) fn tampered(token: &str) -> String {
    let middle = token.char_indices().nth(token.chars().count() * 3 / 4).map_or(0, |(at, _)| at);
    let (head, tail) = token.split_at(middle);
    let changed = if tail.starts_with('A') { 'B' } else { 'A' };
    format!("{head}{changed}{}", tail.chars().skip(1).collect::<String>())
}

/// All that a JWT needs, except that its signature is that of nobody: 64 bytes, as ES256 makes them (RFC 7518 section
/// 3.4). Its times are fixed, so that the case stays the same.
fn foreign_jwt(id: &str, digest: &str) -> String {
    let header = json!({"alg": "ES256", "typ": "JWT", "kid": format!("d1c-foreign-{}", &digest[..8])});
    let claims = json!({
        "iss": "https://d1c-foreign-issuer.invalid",
        "sub": "d1c-foreign-client",
        "iat": 1_767_225_600,
        "exp": 4_102_444_800_u64,
        "jti": &digest[..32],
    });
    let signature: Vec<u8> = bytes(digest).chain(bytes(&sha256_hex(format!("{id}|second half").as_bytes()))).collect();
    let parts = [header.to_string().into_bytes(), claims.to_string().into_bytes(), signature];
    parts.map(|part| URL_SAFE_NO_PAD.encode(part)).join(".")
}

fn bytes(hex: &str) -> impl Iterator<Item = u8> {
    hex.as_bytes().chunks(2).filter_map(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok())
}

#[cfg(test)]
mod tests {
    use base64::Engine as _;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;
    use serde_json::Value;

    use super::{foreign_jwt, tampered};
    use crate::base::sha256_hex;

    #[test]
    fn a_tampered_token_differs_in_exactly_one_character() {
        for token in
            ["t", "ab", "AAAA", "opaque-token-1", "eyJhbGciOiJFUzI1NiJ9.e30.c2lnbmF0dXJl", "tökén", &"A".repeat(99)]
        {
            let other = tampered(token);
            let pairs = token.chars().zip(other.chars());
            assert_eq!(token.chars().count(), other.chars().count(), "{token}");
            assert_eq!(pairs.filter(|(old, new)| old != new).count(), 1, "{token} became {other}");
        }
    }

    #[test]
    fn a_foreign_jwt_is_well_formed_and_the_same_for_the_same_case() {
        let make = |id: &str| foreign_jwt(id, &sha256_hex(id.as_bytes()));
        let token = make("a#1");
        let parts: Vec<Vec<u8>> = token.split('.').map(|part| URL_SAFE_NO_PAD.decode(part).unwrap()).collect();
        assert_eq!(parts.len(), 3);
        let header: Value = serde_json::from_slice(&parts[0]).unwrap();
        let claims: Value = serde_json::from_slice(&parts[1]).unwrap();
        assert_eq!(header["alg"], "ES256");
        assert!(claims["exp"].as_u64() > claims["iat"].as_u64());
        assert_eq!(parts[2].len(), 64);
        assert_eq!(token, make("a#1"));
        assert_ne!(token, make("a#3"));
    }
}
