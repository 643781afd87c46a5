//! The reference issuer keeps the contract, and is tolerant where D1's change policy wants it.

use d1_conformance::sandbox::Role;
use serde_json::json;

use crate::client::Peer;

const TOKEN: &str = "/authz/d1/v1/oauth2/token";

#[tokio::test]
async fn tokens_are_given_for_client_credentials_only() {
    let peer = Peer::start(Role::Issuer, &[]).await;
    let reply = peer.send("POST", TOKEN).basic().form("grant_type=client_credentials").await;
    let body = reply.body.expect("body");
    assert_eq!((reply.status, &body["expires_in"], &body["token_type"]), (200, &json!("900"), &json!("Bearer")));
    let reply = peer.send("POST", TOKEN).basic().form("grant_type=password").await;
    assert_eq!(reply.status, 400);
    let sent = peer.send("POST", TOKEN).header("authorization", "Basic eDp5");
    let reply = sent.form("grant_type=client_credentials").await;
    assert_eq!((reply.status, &reply.body.expect("body")["error"]), (401, &json!("invalid_client")));
    assert_eq!(peer.send("POST", TOKEN).anonymous().form("grant_type=client_credentials").await.status, 401);
}

#[tokio::test]
async fn the_demo_card_and_consumer_are_known_and_others_are_not() {
    let peer = Peer::start(Role::Issuer, &[]).await;
    let card = |id: &str| format!("/cms/api/v1/issuers/{{i}}/cards/{id}/credentials");
    let body = peer.send("GET", &card("demo-card")).go().await.body.expect("body");
    assert_eq!(body["encryptedData"].as_str().expect("text").split('.').count(), 5);
    assert_eq!(peer.send("GET", &card("other")).go().await.status, 404);
    let consumer = |id: &str| format!("/banking/d1/v1/issuers/{{i}}/consumers/{id}");
    let body = peer.send("GET", &format!("{}?cardId=c1", consumer("demo-consumer"))).go().await.body.expect("body");
    assert_eq!(body["language"], "en-US");
    assert_eq!(peer.send("GET", &consumer("other")).go().await.status, 404);
    let otp = json!({"otp": {"value": "123456"}});
    assert_eq!(peer.send("POST", &format!("{}/otp", consumer("demo-consumer"))).json(otp).await.status, 204);
    assert_eq!(peer.send("GET", "/cms/api/v1/issuers/0123456789/cards/demo-card/credentials").go().await.status, 404);
}

#[tokio::test]
async fn notices_pass_with_unknown_fields_and_values_and_twice() {
    let peer = Peer::start(Role::Issuer, &[]).await;
    let path = "/notifications/d1/v2/issuers/{i}/cards";
    let notice = json!({"operations": [{
        "new": 1, "operationId": "1", "operation": "SOMETHING_NEW", "status": "LATER",
        "startTime": "2025-01-17T06:28:02.492Z", "cardId": "any",
    }]});
    for _ in 0..2 {
        let reply = peer.send("POST", path).json(notice.clone()).await;
        assert_eq!((reply.status, reply.body), (204, None));
    }
    let reply = peer.send("POST", path).json(json!({"operations": [{"operationId": "1"}]})).await;
    assert_eq!(reply.status, 400);
    assert_eq!(peer.send("POST", path).anonymous().json(notice).await.status, 401);
}
