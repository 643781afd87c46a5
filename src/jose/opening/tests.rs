//! Envelopes that are wrong in one way each, before the strict receiver and before careless ones.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use p256::SecretKey;
use p256::elliptic_curve::rand_core::OsRng;
use serde_json::{Map, Value, json};

use crate::jose::agreement::{Parties, agree};
use crate::jose::{ContentEncryption, DecryptionKey, Envelope, EnvelopeFault, Ephemeral, Recipe, jwk};

const CONTENT: &[u8] = br#"{"pan":"4111"}"#;
const NOTHING: &[u8] = b"{}";
const IV: [u8; 12] = [7; 12];

/// Seals under a right header that was changed.
fn sealed(key: &DecryptionKey, parties: &Parties, change: impl FnOnce(&mut Map<String, Value>)) -> Envelope {
    let ephemeral = SecretKey::random(&mut OsRng);
    let mut header = Map::new();
    header.insert("alg".into(), json!("ECDH-ES"));
    header.insert("enc".into(), json!("A256GCM"));
    header.insert("kid".into(), json!(key.kid()));
    header.insert("epk".into(), Value::Object(jwk::public_members(&ephemeral.public_key())));
    change(&mut header);
    let header = URL_SAFE_NO_PAD.encode(Value::Object(header).to_string());
    let agreed = agree(&ephemeral, key.public().point(), ContentEncryption::A256Gcm, parties).expect("agreement");
    let (ciphertext, tag) = agreed.encrypt(IV, &header, CONTENT).expect("ciphertext");
    Envelope { header, encrypted_key: Vec::new(), iv: IV.to_vec(), ciphertext, tag }
}

fn with(key: &DecryptionKey, name: &str, value: Value) -> String {
    sealed(key, &Parties::default(), |header| {
        header.insert(name.into(), value);
    })
    .to_compact()
}

fn without(key: &DecryptionKey, name: &str) -> String {
    sealed(key, &Parties::default(), |header| {
        header.shift_remove(name);
    })
    .to_compact()
}

fn changed(key: &DecryptionKey, change: impl FnOnce(&mut Envelope)) -> String {
    let mut envelope = sealed(key, &Parties::default(), |_| {});
    change(&mut envelope);
    envelope.to_compact()
}

/// Wrong envelopes: the fault, and what is opened where it is forgiven.
fn planted(key: &DecryptionKey) -> Vec<(EnvelopeFault, String, &'static [u8])> {
    let recipient = key.public();
    let departing = |recipe: Recipe<'_>| recipe.seal(CONTENT).expect("envelope").to_compact();
    let right = || Recipe::right(&recipient);
    let other_curve = json!({"kty": "EC", "crv": "P-384", "x": "AQ", "y": "AQ"});
    vec![
        (EnvelopeFault::Parts, "no envelope".into(), NOTHING),
        (EnvelopeFault::Parts, changed(key, |_| {}) + ".", NOTHING),
        (EnvelopeFault::Header, changed(key, |envelope| envelope.header = "W10".into()), NOTHING),
        (EnvelopeFault::Header, with(key, "crit", json!(["exp"])), CONTENT),
        (EnvelopeFault::Header, with(key, "zip", json!("DEF")), CONTENT),
        (EnvelopeFault::Header, with(key, "apu", json!("*")), NOTHING),
        (EnvelopeFault::Header, with(key, "apv", json!(1)), NOTHING),
        (EnvelopeFault::Algorithm, departing(Recipe { algorithm: "ECDH-ES+A256KW", ..right() }), CONTENT),
        (EnvelopeFault::Algorithm, without(key, "alg"), CONTENT),
        (EnvelopeFault::Encryption, departing(Recipe { encryption: ContentEncryption::A128Gcm, ..right() }), CONTENT),
        (EnvelopeFault::Encryption, with(key, "enc", json!("A256CBC-HS512")), NOTHING),
        (EnvelopeFault::MissingKeyId, departing(Recipe { key_id: None, ..right() }), CONTENT),
        (EnvelopeFault::MissingKeyId, with(key, "kid", json!(7)), CONTENT),
        (EnvelopeFault::UnknownKeyId, departing(Recipe { key_id: Some("another"), ..right() }), CONTENT),
        (EnvelopeFault::EncryptedKey, changed(key, |envelope| envelope.encrypted_key = vec![1; 40]), CONTENT),
        (EnvelopeFault::MissingEphemeralKey, departing(Recipe { ephemeral: Ephemeral::Missing, ..right() }), NOTHING),
        (EnvelopeFault::EphemeralKey, departing(Recipe { ephemeral: Ephemeral::OffCurve, ..right() }), NOTHING),
        (EnvelopeFault::EphemeralKey, with(key, "epk", other_curve), NOTHING),
        (EnvelopeFault::EphemeralKey, with(key, "epk", json!("AQ")), NOTHING),
        (EnvelopeFault::Length, changed(key, |envelope| envelope.iv.push(0)), NOTHING),
        (EnvelopeFault::Length, changed(key, |envelope| envelope.tag.truncate(12)), NOTHING),
        (EnvelopeFault::Integrity, changed(key, |envelope| envelope.tag[0] ^= 1), CONTENT),
    ]
}

#[test]
fn the_strict_receiver_names_the_fault() {
    let key = DecryptionKey::generate();
    for (fault, text, _) in planted(&key) {
        assert_eq!(key.open(&text), Err(fault), "{text}");
    }
}

#[test]
fn a_careless_receiver_overlooks_what_it_forgives_and_nothing_else() {
    let key = DecryptionKey::generate();
    let all: Vec<EnvelopeFault> = planted(&key).into_iter().map(|(fault, ..)| fault).collect();
    for (fault, text, opened) in planted(&key) {
        assert_eq!(key.open_forgiving(&text, &[fault]).as_deref(), Ok(opened), "{fault}: {text}");
        let others: Vec<EnvelopeFault> = all.iter().copied().filter(|other| *other != fault).collect();
        assert_eq!(key.open_forgiving(&text, &others), Err(fault), "{fault}: {text}");
    }
    assert_eq!(key.open_forgiving(&changed(&key, |_| {}), &all).as_deref(), Ok(CONTENT));
}

#[test]
fn a_changed_header_or_content_breaks_integrity() {
    let (key, other) = (DecryptionKey::generate(), DecryptionKey::generate());
    let changed_content = changed(&key, |envelope| envelope.ciphertext[0] ^= 1);
    assert_eq!(key.open(&changed_content), Err(EnvelopeFault::Integrity));
    assert_eq!(key.open_forgiving(&changed_content, &[EnvelopeFault::Integrity]).map(|text| text[1..].to_vec()), {
        Ok(CONTENT[1..].to_vec())
    });
    let changed_header = changed(&key, |envelope| {
        let mut header = envelope.header_json().expect("header");
        header.insert("cty".into(), json!("json"));
        envelope.header = URL_SAFE_NO_PAD.encode(Value::Object(header).to_string());
    });
    assert_eq!(key.open(&changed_header), Err(EnvelopeFault::Integrity));
    // Sealed for another key under this key's name.
    let public = other.public();
    let recipe = Recipe { key_id: Some(key.kid()), ..Recipe::right(&public) };
    assert_eq!(key.open(&recipe.seal(CONTENT).expect("envelope").to_compact()), Err(EnvelopeFault::Integrity));
}

#[test]
fn more_members_are_accepted_and_parties_go_into_the_key() {
    let key = DecryptionKey::generate();
    assert_eq!(key.open(&with(&key, "cty", json!("application/json"))).as_deref(), Ok(CONTENT));
    let parties = Parties { producer: b"Alice".to_vec(), recipient: b"Bob".to_vec() };
    let envelope = sealed(&key, &parties, |header| {
        header.insert("apu".into(), json!("QWxpY2U"));
        header.insert("apv".into(), json!("Qm9i"));
    });
    assert_eq!(key.open(&envelope.to_compact()).as_deref(), Ok(CONTENT));
    let swapped = sealed(&key, &parties, |header| {
        header.insert("apu".into(), json!("Qm9i"));
        header.insert("apv".into(), json!("QWxpY2U"));
    });
    assert_eq!(key.open(&swapped.to_compact()), Err(EnvelopeFault::Integrity));
}

#[test]
fn an_empty_content_is_content() {
    let key = DecryptionKey::generate();
    let text = crate::jose::seal(b"", &key.public()).expect("envelope");
    assert_eq!(key.open(&text), Ok(Vec::new()));
}
