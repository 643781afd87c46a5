//! The one place that looks into `encryptedData`. For now it is opaque text in both directions; whoever opens and seals
//! real envelopes changes this file and nothing else.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::json;

/// What the sandbox needs to know of a card.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CardFace {
    /// Last four digits of the card number.
    pub last4: String,
    /// MMYY.
    pub exp: String,
}

impl CardFace {
    /// Reads an envelope from the issuer. While envelopes are opaque, the last digits follow from its text, so that
    /// equal envelopes stand for equal cards.
    pub fn open(envelope: Option<&str>) -> Self {
        let sum = envelope.unwrap_or_default().bytes().fold(0_u32, |sum, byte| (sum * 31 + u32::from(byte)) % 10_000);
        // Month 12 of a year that is no month, so that swapped halves would show (JWE-11).
        Self { last4: format!("{sum:04}"), exp: "1230".to_owned() }
    }
}

/// Seals card credentials for D1: the shape of a compact JWE with direct key agreement (five parts, the second empty),
/// filled with bytes that mean nothing.
pub fn seal(card_id: &str) -> String {
    let part = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
    let key = json!({"kty": "EC", "crv": "P-256", "x": part(&[1; 32]), "y": part(&[2; 32])});
    let header = json!({"alg": "ECDH-ES", "enc": "A256GCM", "kid": "sandbox-d1-key", "epk": key});
    let text: Vec<u8> = card_id.bytes().rev().chain([3; 48]).collect();
    format!("{}..{}.{}.{}", part(header.to_string().as_bytes()), part(&[4; 12]), part(&text), part(&[5; 16]))
}

#[cfg(test)]
mod tests {
    use super::{CardFace, seal};

    #[test]
    fn sealed_credentials_have_five_parts() {
        assert_eq!(seal("demo-card").split('.').count(), 5);
    }

    #[test]
    fn faces_are_well_formed() {
        for envelope in [None, Some("a.b.c.d.e")] {
            let face = CardFace::open(envelope);
            assert!(face.last4.len() == 4 && face.exp.len() == 4);
        }
    }
}
