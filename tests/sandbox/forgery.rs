//! Assertions, envelopes and tokens with one thing wrong, made by hand.

use std::time::{SystemTime, UNIX_EPOCH};

use d1_conformance::contract::{AssertionFlaw, EnvelopeFlaw};
use d1_conformance::jose::{
    AssertionKey, ContentEncryption, DecryptionKey, Envelope, Ephemeral, Recipe, signed_with_hmac, unsigned,
    with_signature,
};
use d1_conformance::sandbox::Demo;
use serde_json::{Value, json};

use crate::client::Peer;

/// An assertion with this flaw and no other.
pub fn assertion(demo: &Demo, flaw: AssertionFlaw) -> String {
    let key = demo.assertion_key().expect("key");
    let now = SystemTime::now().duration_since(UNIX_EPOCH).expect("clock").as_secs();
    let mut header = json!({"alg": "ES256", "kid": demo.assertion_kid});
    let mut claims = json!({"iss": demo.issuer_id, "sub": demo.issuer_id, "iat": now, "exp": now + 300});
    let remove = |value: &mut Value, name: &str| value.as_object_mut().expect("object").shift_remove(name);
    let signed = |header: &Value, claims: &Value| key.sign_raw(header, claims).expect("assertion");
    let token = match flaw {
        AssertionFlaw::JwtAlgNone => {
            header["alg"] = json!("none");
            unsigned(&header, &claims)
        }
        AssertionFlaw::JwtAlgHs256 => {
            header["alg"] = json!("HS256");
            signed_with_hmac(&header, &claims, key.public_pem().as_bytes()).expect("assertion")
        }
        AssertionFlaw::JwtAlgRs256 => {
            header["alg"] = json!("RS256");
            with_signature(&header, &claims, &[7; 256])
        }
        AssertionFlaw::JwtWrongSignature => {
            let other = AssertionKey::generate(demo.assertion_kid).expect("key");
            other.sign_raw(&header, &claims).expect("assertion")
        }
        flaw => {
            match flaw {
                AssertionFlaw::JwtUnknownKid => header["kid"] = json!("unknown"),
                AssertionFlaw::JwtMissingKid => drop(remove(&mut header, "kid")),
                AssertionFlaw::JwtExpired => claims["exp"] = json!(now - 60),
                AssertionFlaw::JwtLongLived => claims["exp"] = json!(now + 3600),
                AssertionFlaw::JwtMissingIss => drop(remove(&mut claims, "iss")),
                AssertionFlaw::JwtMissingSub => drop(remove(&mut claims, "sub")),
                AssertionFlaw::JwtMissingExp => drop(remove(&mut claims, "exp")),
                _ => {
                    claims["iss"] = json!("another001");
                    claims["sub"] = json!("another001");
                }
            }
            signed(&header, &claims)
        }
    };
    token.expose().to_owned()
}

/// An envelope for the sandbox with this flaw and no other.
pub fn envelope(peer: &Peer, clear: &Value, flaw: EnvelopeFlaw) -> String {
    let (recipient, foreign) = (peer.recipient(), DecryptionKey::generate().public());
    let right = Recipe::right(&recipient);
    let seal = |recipe: Recipe<'_>| recipe.seal(clear.to_string().as_bytes()).expect("envelope");
    let changed = |change: &dyn Fn(&mut Envelope)| {
        let mut envelope = seal(right.clone());
        change(&mut envelope);
        envelope
    };
    let envelope = match flaw {
        EnvelopeFlaw::JweNotEncrypted => return clear.to_string(),
        EnvelopeFlaw::JweFourParts => return seal(right).to_compact().replacen("..", ".", 1),
        EnvelopeFlaw::JweForeignKey => seal(Recipe { recipient: &foreign, ..right }),
        EnvelopeFlaw::JweUnknownKid => seal(Recipe { key_id: Some("unknown"), ..right }),
        EnvelopeFlaw::JweMissingKid => seal(Recipe { key_id: None, ..right }),
        EnvelopeFlaw::JweAlgRsaOaep256 => seal(Recipe { algorithm: "RSA-OAEP-256", ..right }),
        EnvelopeFlaw::JweAlgDir => seal(Recipe { algorithm: "dir", ..right }),
        EnvelopeFlaw::JweEncA128gcm => seal(Recipe { encryption: ContentEncryption::A128Gcm, ..right }),
        EnvelopeFlaw::JweOffCurvePoint => seal(Recipe { ephemeral: Ephemeral::OffCurve, ..right }),
        EnvelopeFlaw::JweMissingEpk => seal(Recipe { ephemeral: Ephemeral::Missing, ..right }),
        EnvelopeFlaw::JweTamperedTag => changed(&|envelope| envelope.tag[3] ^= 1),
        EnvelopeFlaw::JweTamperedIv => changed(&|envelope| envelope.iv[3] ^= 1),
        // The stream cipher carries a change of the cipher text over to the clear text: another last digit of the number.
        EnvelopeFlaw::JweTamperedCiphertext => changed(&|envelope| {
            let at = clear.to_string().find("1111\"").expect("the last digits") + 3;
            envelope.ciphertext[at] ^= 1;
        }),
        EnvelopeFlaw::JweTamperedHeader => changed(&|envelope| {
            use base64::Engine as _;
            let mut header = envelope.header_json().expect("header");
            header.insert("typ".to_owned(), json!("JOSE"));
            envelope.header =
                base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(Value::Object(header).to_string());
        }),
    };
    envelope.to_compact()
}

/// A token with one character changed behind its middle.
pub fn tampered(token: &str) -> String {
    let at = token.len() * 3 / 4;
    let other = if token[at..].starts_with('A') { "B" } else { "A" };
    format!("{}{other}{}", &token[..at], &token[at + 1..])
}
