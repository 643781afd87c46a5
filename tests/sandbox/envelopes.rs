//! What is sealed is opened and judged, and what is answered is sealed.

use d1_conformance::contract::EnvelopeFlaw;
use d1_conformance::jose::seal;
use d1_conformance::sandbox::Role;
use serde_json::{Value, json};

use crate::client::{Peer, Reply};
use crate::forgery;

fn card(pan: &str, exp: &str) -> Value {
    json!({"pan": pan, "exp": exp})
}

fn error(reply: &Reply) -> (u16, &str) {
    (reply.status, reply.body.as_ref().and_then(|body| body["error"].as_str()).unwrap_or("-"))
}

async fn face(peer: &Peer, id: &str) -> (String, String) {
    let reply = peer.send("GET", &format!("/banking/v1/issuers/{{i}}/cards/{id}")).go().await;
    let body = reply.body.expect("body");
    let text = |name: &str| body[name].as_str().expect("text").to_owned();
    (text("last4"), text("exp"))
}

#[tokio::test]
async fn card_data_show_in_the_face_of_the_card() {
    let peer = Peer::start(Role::D1, &[]).await;
    let shown = |last4: &str, exp: &str| (last4.to_owned(), exp.to_owned());
    let data = peer.sealed(&card("5555555555554444", "0131"));
    assert_eq!(peer.register_data("a", data).await.status, 204);
    assert_eq!(face(&peer, "a").await, shown("4444", "0131"));
    let data = peer.sealed(&card("5555555555554444", "0234"));
    assert_eq!(peer.card("a", "renew", json!({"encryptedData": data})).await, 200);
    assert_eq!(face(&peer, "a").await, shown("4444", "0234"));
    let data = peer.sealed(&card("378282246310005", "0335"));
    assert_eq!(peer.card("a", "replace", json!({"newCardId": "b", "encryptedData": data})).await, 200);
    assert_eq!(face(&peer, "b").await, shown("0005", "0335"));
    assert_eq!(peer.register("c").await, 204);
    assert_eq!(face(&peer, "c").await, shown("0000", "1230"));
    assert_eq!(face(&peer, "demo-card").await, shown("1111", "1230"));
    let state = peer.send("GET", "/__sandbox/state").go().await.body.expect("body").to_string();
    assert!(!state.contains("4444"), "{state}");
}

#[tokio::test]
async fn wrong_envelopes_are_refused() {
    for role in [Role::D1, Role::Issuer] {
        let peer = Peer::start(role, &[]).await;
        for (flaw, text) in EnvelopeFlaw::ALL {
            let data = forgery::envelope(&peer, &card("4111111111111111", "1230"), flaw);
            let reply = match role {
                Role::D1 => peer.register_data("a", data).await,
                Role::Issuer => peer.verify(data).await,
            };
            assert_eq!(error(&reply).0, 400, "{role}: {text}");
            if role == Role::D1 {
                assert_eq!(error(&reply).1, "encryptedData", "{text}");
            }
        }
    }
}

#[tokio::test]
async fn clear_texts_are_judged_and_the_error_names_the_field_inside() {
    let peer = Peer::start(Role::D1, &[]).await;
    for (clear, field) in [
        (json!({"exp": "1230"}), "pan"),
        (json!({"pan": 4_111_111_111_111_111_u64, "exp": "1230"}), "pan"),
        (card("41111111111111111111", "1230"), "pan"),
        (card("4111-1111", "1230"), "pan"),
        (card("4111111111111111", "3012"), "exp"),
        (json!({"pan": "4111111111111111"}), "exp"),
        (json!(["4111111111111111"]), "encryptedData"),
    ] {
        let reply = peer.register_data("a", peer.sealed(&clear)).await;
        assert_eq!(error(&reply), (400, field), "{clear}");
    }
    let data = seal(b"pan=4111111111111111", &peer.recipient()).expect("envelope");
    assert_eq!(error(&peer.register_data("a", data).await), (400, "encryptedData"));
    let issuer = Peer::start(Role::Issuer, &[]).await;
    let data = issuer.sealed(&json!({"pan": "411111111", "exp": "1230"}));
    assert_eq!(issuer.verify(data).await.status, 400);
}

#[tokio::test]
async fn the_issuer_seals_the_credentials_of_the_demo_card_for_d1() {
    let peer = Peer::start(Role::Issuer, &[]).await;
    let path = "/cms/api/v1/issuers/{i}/cards/demo-card/credentials";
    let body = peer.send("GET", path).go().await.body.expect("body");
    let key = peer.demo.d1_encryption_key().expect("key");
    let clear = key.open(body["encryptedData"].as_str().expect("text")).expect("an envelope for D1");
    let clear: Value = serde_json::from_slice(&clear).expect("JSON");
    assert_eq!(clear, json!({"pan": "4111111111111111", "exp": "1230", "name": "D1C TEST", "cvv": "123"}));
    let contract = peer.contracts.iter().find(|one| one.name == "D1-Public-OUT-v2-Card").expect("contract");
    let operation = contract.operation("getCardCredentials").expect("operation");
    let sealed = &operation.response(200).expect("answer").media[0].sealed[0];
    assert_eq!(sealed.plaintext.judge(&clear), []);
}

#[tokio::test]
async fn a_verification_tells_what_is_wrong() {
    let peer = Peer::start(Role::Issuer, &[]).await;
    let (pan, exp) = ("4111111111111111", "1230");
    for (clear, invalid, expired, valid) in [
        (card(pan, exp), false, false, true),
        (json!({"pan": pan, "exp": exp, "cvv": "123"}), false, false, true),
        (json!({"pan": pan, "exp": exp, "cvv": "321"}), false, false, false),
        (card("5555555555554444", exp), true, false, false),
        (card(pan, "1231"), true, false, true),
        (card(pan, "0120"), false, true, true),
    ] {
        let reply = peer.verify(peer.sealed(&clear)).await;
        let body = reply.body.expect("body");
        let results = &body["verificationResults"];
        let told = json!([results["card"]["invalid"], results["card"]["expired"], results["securityCode"]["valid"]]);
        assert_eq!((reply.status, told), (200, json!([invalid, expired, valid])), "{clear}");
        assert_eq!(body.get("consumerId").is_some(), !invalid, "{clear}");
    }
}
