//! Defects in the checks of assertions, tokens and envelopes: each takes what its row says, and nothing else.

use d1_conformance::contract::{AssertionFlaw, EnvelopeFlaw, Rule};
use d1_conformance::sandbox::{Defect, Effect, Role, defects};
use serde_json::{Value, json};

use crate::client::{Peer, Reply};
use crate::forgery;
use crate::tokens::call;

const REGISTER: &str = "D1-Public-IN-v2-Card::registerCard";
const TOKEN: &str = "/authz/v1/oauth2/token";
const GRANT: &str = "urn:ietf:params:oauth:grant-type:jwt-bearer";

fn rows(wanted: impl Fn(&Effect) -> bool, at_least: usize) -> Vec<&'static Defect> {
    let rows: Vec<_> = defects().iter().filter(|defect| wanted(&defect.effect)).collect();
    assert!(rows.len() >= at_least, "only {} rows", rows.len());
    rows
}

fn demo_card() -> Value {
    json!({"pan": "4111111111111111", "exp": "1230"})
}

#[tokio::test]
async fn assertions_are_forgiven_the_one_flaw_of_the_row() {
    for row in rows(|effect| matches!(effect, Effect::AcceptAssertion { .. }), 12) {
        let peer = Peer::start(Role::D1, &[row.name]).await;
        for (flaw, text) in AssertionFlaw::ALL {
            let id = format!("D1-Public-IN-v1-Auth2::getToken::assertion::{}", Rule::Assertion(flaw));
            let wanted = if row.breaks == [id.as_str()] { 200 } else { 400 };
            let status = peer.assertion(&forgery::assertion(&peer.demo, flaw)).await.status;
            assert_eq!(status, wanted, "{}: {text}", row.name);
        }
        assert_eq!(peer.assertion("a.b.c").await.status, 400, "{}", row.name);
    }
}

#[tokio::test]
async fn tokens_are_given_without_assertion_and_for_other_grants() {
    let ask = async |defects: &[&str], form: bool, grant: &str, assertion: bool| {
        let peer = Peer::start(Role::D1, defects).await;
        let mut body = json!({"grant_type": grant});
        if assertion {
            body["assertion"] = json!(peer.signed());
        }
        let sent = peer.send("POST", TOKEN);
        let reply: Reply = if form { sent.form(&format!("grant_type={grant}")).await } else { sent.json(body).await };
        reply.status
    };
    assert_eq!(ask(&[], true, GRANT, false).await, 400);
    assert_eq!(ask(&["d1-token-without-assertion-in-form"], true, GRANT, false).await, 200);
    assert_eq!(ask(&[], false, GRANT, false).await, 400);
    assert_eq!(ask(&["d1-token-without-assertion-in-json"], false, GRANT, false).await, 200);
    assert_eq!(ask(&[], false, "password", true).await, 400);
    assert_eq!(ask(&["d1-token-any-grant-in-json"], false, "password", true).await, 200);
}

#[tokio::test]
async fn tokens_are_taken_as_the_row_says() {
    for row in rows(|effect| matches!(effect, Effect::LaxToken { .. }), 4) {
        let peer = Peer::start(row.role, &[row.name]).await;
        let expired = row.breaks[0].ends_with("::expired_token");
        let ask = async |token: &str| {
            if row.effect.operation() != REGISTER {
                return call(&peer, token).await.status < 300;
            }
            let sent = peer.send("PUT", "/banking/v2/issuers/{i}/cards/a");
            let sent = sent.header("authorization", format!("Bearer {token}"));
            sent.json(json!({"consumerId": "c", "cardProductId": "p"})).await.status == 204
        };
        assert_eq!(ask(peer.demo.expired_token.expose()).await, expired, "{}", row.name);
        assert_eq!(ask(&forgery::tampered(peer.token())).await, !expired, "{}", row.name);
        assert!(!ask("nonsense").await, "{}", row.name);
    }
}

#[tokio::test]
async fn envelopes_are_taken_as_the_row_says() {
    let at_registration =
        |effect: &Effect| matches!(effect, Effect::LaxEnvelope { operation, .. } if *operation == REGISTER);
    for row in rows(at_registration, 10) {
        let peer = Peer::start(Role::D1, &[row.name]).await;
        for (flaw, text) in EnvelopeFlaw::ALL {
            let rule = Rule::Envelope(flaw);
            let id = format!("{REGISTER}::body/encryptedData.jwe::{rule}");
            let wanted = if row.breaks.contains(&id.as_str()) { 204 } else { 400 };
            let reply = peer.register_data(&rule.to_string(), forgery::envelope(&peer, &demo_card(), flaw)).await;
            assert_eq!(reply.status, wanted, "{}: {text}", row.name);
        }
        assert_eq!(peer.register_data("right", peer.sealed(&demo_card())).await.status, 204, "{}", row.name);
        let reply = peer.register_data("wrong", peer.sealed(&json!({"exp": "1230"}))).await;
        assert_eq!(reply.status, 400, "{}: what can be read is judged", row.name);
    }
}

#[tokio::test]
async fn a_card_that_could_not_be_read_has_a_made_up_face() {
    let peer = Peer::start(Role::D1, &["d1-register-card-unread"]).await;
    let data = forgery::envelope(&peer, &demo_card(), EnvelopeFlaw::JweForeignKey);
    assert_eq!(peer.register_data("a", data).await.status, 204);
    let body = peer.send("GET", "/banking/v1/issuers/{i}/cards/a").go().await.body.expect("body");
    assert_eq!((&body["last4"], &body["exp"]), (&json!("0000"), &json!("1230")));
}

#[tokio::test]
async fn clear_texts_pass_as_the_row_says() {
    let inside = |effect: &Effect| matches!(effect, Effect::IgnoreRules { operation, location, .. } if *operation == REGISTER && location.contains(".plaintext"));
    let rows = rows(inside, 9);
    let tails = [
        (".plaintext::type", json!(["4111111111111111", "1230"])),
        ("pan::required", json!({"exp": "1230"})),
        ("pan::nullable", json!({"pan": null, "exp": "1230"})),
        ("pan::type", json!({"pan": 4_111_111_111_111_111_u64, "exp": "1230"})),
        ("pan::max_length", json!({"pan": "41111111111111111111", "exp": "1230"})),
        ("pan::pattern", json!({"pan": "4111 1111", "exp": "1230"})),
        ("exp::required", json!({"pan": "4111111111111111"})),
        ("exp::type", json!({"pan": "4111111111111111", "exp": 1230})),
        ("exp::pattern", json!({"pan": "4111111111111111", "exp": "3012"})),
    ];
    for row in rows {
        let peer = Peer::start(Role::D1, &[row.name]).await;
        for (at, (tail, clear)) in tails.iter().enumerate() {
            let wanted = if row.breaks[0].ends_with(tail) { 204 } else { 400 };
            let reply = peer.register_data(&format!("card{at}"), peer.sealed(clear)).await;
            assert_eq!(reply.status, wanted, "{}: {tail}", row.name);
        }
    }
}
