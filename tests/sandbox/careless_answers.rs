//! Defects in sealed answers, and answers that tell too much.

use d1_conformance::contract::Rule;
use d1_conformance::jose::EnvelopeFault;
use d1_conformance::sandbox::{Effect, Role, defects};
use serde_json::{Value, json};

use crate::client::{Peer, Reply};

/// The sealed answer of an issuer with these defects, and what the demo D1 makes of it.
async fn credentials(defects: &[&str]) -> (Peer, String, Result<Vec<u8>, EnvelopeFault>) {
    let peer = Peer::start(Role::Issuer, defects).await;
    let path = "/cms/api/v1/issuers/{i}/cards/demo-card/credentials";
    let reply = peer.send("GET", path).go().await;
    let text = reply.body.expect("body")["encryptedData"].as_str().expect("text").to_owned();
    let opened = peer.demo.d1_encryption_key().expect("key").open(&text);
    (peer, text, opened)
}

#[tokio::test]
async fn wrong_envelopes_cannot_be_opened() {
    for (name, fault) in [
        ("issuer-credentials-for-another-key", EnvelopeFault::Integrity),
        ("issuer-credentials-other-key-id", EnvelopeFault::UnknownKeyId),
        ("issuer-credentials-without-key-id", EnvelopeFault::MissingKeyId),
        ("issuer-credentials-other-key-agreement", EnvelopeFault::Algorithm),
        ("issuer-credentials-short-key", EnvelopeFault::Encryption),
        ("issuer-credentials-damaged-tag", EnvelopeFault::Integrity),
        ("issuer-credentials-four-parts", EnvelopeFault::Parts),
        ("issuer-credentials-in-clear", EnvelopeFault::Parts),
    ] {
        let (_, text, opened) = credentials(&[name]).await;
        assert_eq!(opened, Err(fault), "{name}");
        let parts = if name.ends_with("four-parts") { 4 } else { 5 };
        assert!(text.starts_with('{') || text.split('.').count() == parts, "{name}");
    }
    let (_, _, opened) = credentials(&["issuer-credentials-as-form"]).await;
    assert_eq!(opened.expect("an envelope"), b"pan=4111111111111111&exp=1230&name=D1C TEST&cvv=123");
}

/// Every spoilt clear text breaks what its row names; the swapped expiry breaks the pattern of the schema as well.
#[tokio::test]
async fn spoilt_clear_texts_break_the_schema_as_their_row_says() {
    let mut seen = 0;
    for row in defects().iter().filter(|row| matches!(row.effect, Effect::SetSealed { .. })) {
        let (peer, _, opened) = credentials(&[row.name]).await;
        let clear: Value = serde_json::from_slice(&opened.expect("an envelope")).expect("JSON");
        let contract = peer.contracts.iter().find(|one| one.name == "D1-Public-OUT-v2-Card").expect("contract");
        let operation = contract.operation("getCardCredentials").expect("operation");
        let sealed = &operation.response(200).expect("answer").media[0].sealed[0];
        let broken: Vec<String> = sealed
            .plaintext
            .judge(&clear)
            .into_iter()
            .map(|breach| {
                let null = breach.keyword == "type" && clear.pointer(&breach.instance).is_some_and(Value::is_null);
                let rule = if null { Rule::Nullable } else { Rule::of_keyword(&breach.keyword).expect("rule") };
                (breach.instance, rule)
            })
            .map(|(place, rule)| {
                let rule = if place == "/exp" && rule == Rule::Pattern { Rule::ExpiryFormat } else { rule };
                format!("{}::response.200.body/encryptedData.plaintext{place}::{rule}", operation.id)
            })
            .collect();
        assert_eq!(broken, row.breaks, "{}", row.name);
        seen += 1;
    }
    assert_eq!(seen, 7);
}

fn text(reply: &Reply) -> String {
    format!("{:?} {:?}", reply.debug, reply.body)
}

#[tokio::test]
async fn card_data_are_told_by_defects_only() {
    for (defects, told) in [
        (&[] as &[&str], (false, false)),
        (&["issuer-verification-tells-number"], (true, false)),
        (&["issuer-verification-tells-security-code"], (false, true)),
    ] {
        let peer = Peer::start(Role::Issuer, defects).await;
        let data = peer.sealed(&json!({"pan": "5555555555554444", "exp": "1230", "cvv": "987"}));
        let right = peer.verify(data.clone()).await;
        assert_eq!(right.status, 200);
        assert_eq!(text(&right).contains("5555555555554444"), told.0, "{defects:?}: {right:?}");
        let path = "/cms/api/v1/issuers/{i}/cards/credentials";
        let wrong = peer.send("POST", path).json(json!({"encryptedData": data, "cardId": "?"})).await;
        assert_eq!(wrong.status, 400);
        assert_eq!(text(&wrong).contains("987"), told.1, "{defects:?}: {wrong:?}");
    }
}

#[tokio::test]
async fn tokens_and_assertions_are_told_by_defects_only() {
    for defects in [&[] as &[&str], &["d1-register-card-tells-token", "d1-token-error-tells-assertion"]] {
        let (peer, told) = (Peer::start(Role::D1, defects).await, !defects.is_empty());
        let reply = peer.put_card("a", json!({"consumerId": "c1", "cardProductId": "p"})).await;
        assert_eq!(reply.status, 204);
        assert_eq!(reply.debug.as_deref(), told.then(|| peer.token()));
        let form = peer.assertion("an.unreadable.assertion").await;
        assert_eq!(text(&form).contains("an.unreadable.assertion"), told, "{form:?}");
        let body = json!({"grant_type": "password", "assertion": "an.unreadable.assertion"});
        let json = peer.send("POST", "/authz/v1/oauth2/token").json(body).await;
        assert_eq!((json.status, text(&json).contains("an.unreadable.assertion")), (400, told));
    }
}
