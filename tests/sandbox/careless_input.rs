//! Defects in the reading of requests: what each lets through, breaks on or waits for, and that nothing else changes.

use d1_conformance::sandbox::Role;
use serde_json::json;

use crate::client::{Peer, Reply};

const DEMO_CARD: &str = "/banking/v1/issuers/{i}/cards/demo-card";
const CARD: &str = "/banking/v2/issuers/{i}/cards/a";
const NOTICES: &str = "/notifications/d1/v2/issuers/{i}/cards";

/// The status of one request without and with a defect.
async fn statuses(role: Role, name: &str, send: impl AsyncFn(&Peer) -> Reply) -> (u16, u16) {
    let (clean, spoilt) = (Peer::start(role, &[]).await, Peer::start(role, &[name]).await);
    (send(&clean).await.status, send(&spoilt).await.status)
}

#[tokio::test]
async fn identifiers_of_others_count_as_the_own_ones() {
    let other_issuer =
        async |peer: &Peer| peer.send("GET", "/banking/v1/issuers/sandbox002/cards/demo-card").go().await;
    assert_eq!(statuses(Role::D1, "d1-get-card-any-issuer", other_issuer).await, (403, 200));
    let other_card = async |peer: &Peer| peer.send("GET", "/banking/v1/issuers/{i}/cards/not-a-card").go().await;
    assert_eq!(statuses(Role::D1, "d1-get-card-any-card", other_card).await, (404, 200));
    assert_eq!(statuses(Role::D1, "d1-get-card-any-issuer", other_card).await, (404, 404));
}

#[tokio::test]
async fn a_defect_that_waits_shows_after_its_calls() {
    let peer = Peer::start(Role::D1, &["d1-get-card-undeclared-status-after-five"]).await;
    let mut seen = Vec::new();
    for _ in 0..7 {
        seen.push(peer.send("GET", DEMO_CARD).go().await.status);
        // Calls of other operations do not count.
        peer.send("PUT", "/banking/v2/issuers/{i}/consumers/c").json(json!({})).await;
    }
    assert_eq!(seen, [200, 200, 200, 200, 200, 206, 206]);
}

#[tokio::test]
async fn two_optional_values_are_refused_together_only() {
    let name = "d1-register-card-refuses-state-with-correlation-id";
    let body = |state: bool| {
        let plain = json!({"consumerId": "c", "cardProductId": "p"});
        if state { json!({"consumerId": "c", "cardProductId": "p", "state": "ACTIVE"}) } else { plain }
    };
    for (state, id, spoilt) in [(true, true, 400), (true, false, 204), (false, true, 204)] {
        let send = async |peer: &Peer| {
            let sent = peer.send("PUT", CARD);
            let sent = if id { sent.header("x-correlation-id", "one") } else { sent };
            sent.json(body(state)).await
        };
        assert_eq!(statuses(Role::D1, name, send).await, (204, spoilt), "state {state}, id {id}");
    }
}

#[tokio::test]
async fn certain_input_breaks_the_server() {
    let null_state =
        async |peer: &Peer| peer.put_card("a", json!({"consumerId": "c", "cardProductId": "p", "state": null})).await;
    assert_eq!(statuses(Role::D1, "d1-register-card-breaks-on-null-state", null_state).await, (400, 500));
    let other_state =
        async |peer: &Peer| peer.put_card("a", json!({"consumerId": "c", "cardProductId": "p", "state": "NEW"})).await;
    assert_eq!(statuses(Role::D1, "d1-register-card-breaks-on-null-state", other_state).await, (400, 400));
    let last_second = async |peer: &Peer| {
        let entry = json!({
            "operationId": "1", "operation": "RENEW", "status": "PENDING", "cardId": "c",
            "startTime": "2024-02-29T23:59:59.000Z",
        });
        peer.send("POST", NOTICES).json(json!({"operations": [entry]})).await
    };
    assert_eq!(statuses(Role::Issuer, "issuer-notice-breaks-on-end-of-day", last_second).await, (204, 500));
}

#[tokio::test]
async fn each_way_of_reading_json_forgives_its_own_mistake() {
    let right = r#"{"consumerId":"c","cardProductId":"p"}"#;
    let behind = format!("{right}]");
    let comma = right.replace('}', ",}");
    let table = [
        ("d1-register-card-reads-first-value", &behind, 204),
        ("d1-register-card-reads-first-value", &comma, 400),
        ("d1-register-card-takes-trailing-commas", &comma, 204),
        ("d1-register-card-takes-trailing-commas", &behind, 400),
    ];
    for (name, body, spoilt) in table {
        let send = async |peer: &Peer| peer.send("PUT", CARD).raw("application/json", body.clone()).await;
        assert_eq!(statuses(Role::D1, name, send).await, (400, spoilt), "{name}: {body}");
    }
    let numberless = async |peer: &Peer| {
        peer.send("POST", "/banking/v2/issuers/{i}/cards").raw("application/json", r#"{"amount": NaN}"#).await
    };
    assert_eq!(statuses(Role::D1, "d1-create-card-breaks-on-nan", numberless).await, (400, 500));
    let nothing = async |peer: &Peer| peer.send("POST", NOTICES).raw("application/json", "").await;
    assert_eq!(statuses(Role::Issuer, "issuer-notice-without-body", nothing).await, (400, 204));
}

#[tokio::test]
async fn rules_are_dropped_for_certain_values_only() {
    let product = async |peer: &Peer, product: &str| {
        peer.put_card("a", json!({"consumerId": "c", "cardProductId": product})).await
    };
    let name = "d1-register-card-accented-product";
    assert_eq!(statuses(Role::D1, name, async |peer: &Peer| product(peer, "caf\u{e9}").await).await, (400, 204));
    assert_eq!(statuses(Role::D1, name, async |peer: &Peer| product(peer, "caf!").await).await, (400, 400));
}

#[tokio::test]
async fn an_answer_may_come_without_its_media_type() {
    let peer = Peer::start(Role::D1, &["d1-get-card-without-media-type"]).await;
    let reply = peer.send("GET", DEMO_CARD).go().await;
    assert_eq!((reply.status, reply.content_type, reply.body.is_some()), (200, None, true));
}
