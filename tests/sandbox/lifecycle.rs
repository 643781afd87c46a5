//! The life of cards and consumers at the reference D1.

use d1_conformance::sandbox::Role;
use serde_json::json;

use crate::client::Peer;

#[tokio::test]
async fn a_card_is_registered_suspended_and_resumed() {
    let peer = Peer::start(Role::D1, &[]).await;
    assert_eq!(peer.register("a").await, 204);
    assert_eq!(peer.state("a").await, "ACTIVE");
    // The consumer came into being with the card (CARD-REG-9).
    assert_eq!(peer.send("GET", "/banking/v2/issuers/{i}/consumers/c1").go().await.status, 200);
    assert_eq!(peer.card("a", "suspend", json!({"reasonCode": "CARD_LOST"})).await, 200);
    assert_eq!(peer.state("a").await, "INACTIVE");
    assert_eq!(peer.card("a", "resume", json!({"reasonCode": "USER_DECISION"})).await, 403);
    assert_eq!(peer.card("a", "resume", json!({"reasonCode": "CARD_FOUND"})).await, 200);
    assert_eq!(peer.state("a").await, "ACTIVE");
}

#[tokio::test]
async fn a_reason_left_out_is_the_decision_of_the_issuer() {
    let peer = Peer::start(Role::D1, &[]).await;
    let suspend = "/banking/v2/issuers/{i}/cards/demo-card/operations:suspend";
    assert_eq!(peer.send("POST", suspend).go().await.status, 200);
    assert_eq!(peer.card("demo-card", "resume", json!({"reasonCode": "USER_DECISION"})).await, 403);
    let resume = "/banking/v1/issuers/{i}/cards/demo-card/operations:resume";
    assert_eq!(peer.send("POST", resume).go().await.status, 200);
}

#[tokio::test]
async fn deletion_is_final_and_frees_the_card_id() {
    let peer = Peer::start(Role::D1, &[]).await;
    assert_eq!(peer.register("a").await, 204);
    assert_eq!(peer.register("a").await, 403);
    assert_eq!(peer.card("a", "delete", json!({})).await, 200);
    for verb in ["suspend", "resume", "renew", "replace"] {
        assert_eq!(peer.card("a", verb, json!({})).await, 403, "{verb}");
    }
    assert_eq!(peer.register("a").await, 204);
    assert_eq!(peer.card("unknown", "suspend", json!({})).await, 404);
}

#[tokio::test]
async fn a_created_card_id_is_never_registered_again() {
    let peer = Peer::start(Role::D1, &[]).await;
    let body = json!({"consumerId": "c1", "cardProductId": "p"});
    let reply = peer.send("POST", "/banking/v2/issuers/{i}/cards").json(body).await;
    assert_eq!(reply.status, 201);
    let id = reply.body.expect("body")["cardId"].as_str().expect("id").to_owned();
    assert_eq!(peer.card(&id, "delete", json!({})).await, 200);
    assert_eq!(peer.register(&id).await, 403);
}

#[tokio::test]
async fn a_replaced_card_gives_way_to_another() {
    let peer = Peer::start(Role::D1, &[]).await;
    assert_eq!(peer.register("a").await, 204);
    assert_eq!(peer.card("a", "suspend", json!({"reasonCode": "CARD_STOLEN"})).await, 200);
    assert_eq!(peer.card("a", "replace", json!({"newCardId": "b"})).await, 200);
    assert_eq!(peer.card("a", "resume", json!({})).await, 403);
    assert_eq!(peer.state("b").await, "ACTIVE");
    let data = peer.sealed(&json!({"pan": "4111111111111111", "exp": "0131"}));
    assert_eq!(peer.card("b", "renew", json!({"encryptedData": data})).await, 200);
    assert_eq!(peer.register("a").await, 204);
}

#[tokio::test]
async fn a_deleted_consumer_takes_its_cards_along() {
    let peer = Peer::start(Role::D1, &[]).await;
    assert_eq!(peer.register("a").await, 204);
    let consumer = "/banking/v2/issuers/{i}/consumers/c1";
    assert_eq!(peer.send("POST", &format!("{consumer}/operations:delete")).go().await.status, 200);
    assert_eq!(peer.register("b").await, 403);
    assert_eq!(peer.card("a", "suspend", json!({})).await, 403);
    assert_eq!(peer.send("POST", &format!("{consumer}/operations:update")).json(json!({})).await.status, 403);
    let body = peer.send("GET", consumer).go().await.body.expect("body");
    assert_eq!(body["state"], "DELETED");
}

#[tokio::test]
async fn operations_are_listed_newest_first() {
    let peer = Peer::start(Role::D1, &[]).await;
    assert_eq!(peer.card("demo-card", "suspend", json!({"reason": "lost it"})).await, 200);
    assert_eq!(peer.card("demo-card", "resume", json!({})).await, 200);
    let path = "/banking/v1/issuers/{i}/cards/demo-card/operations";
    let body = peer.send("GET", path).go().await.body.expect("body");
    let names: Vec<_> = body["operations"].as_array().expect("list").iter().map(|one| &one["operation"]).collect();
    assert_eq!(names, ["RESUME", "SUSPEND"]);
    let body = peer.send("GET", &format!("{path}?offset=1&limit=1")).go().await.body.expect("body");
    assert_eq!(body["operations"][0]["reason"], "lost it");
}
