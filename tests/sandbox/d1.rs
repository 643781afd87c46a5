//! The reference D1 keeps the contract.

use d1_conformance::sandbox::{Role, Sandbox, SandboxError, SandboxOptions};
use serde_json::{Value, json};

use crate::client::{Peer, Reply};

const DEMO_CARD: &str = "/banking/v1/issuers/{i}/cards/demo-card";

fn error(reply: &Reply) -> (u16, &str, &str) {
    let text = |name: &str| reply.body.as_ref().and_then(|body| body[name].as_str()).unwrap_or("-");
    (reply.status, text("errorCode"), text("error"))
}

#[tokio::test]
async fn assertions_are_swapped_for_tokens_in_both_forms() {
    let peer = Peer::start(Role::D1, &[]).await;
    let body = json!({"grant_type": "urn:ietf:params:oauth:grant-type:jwt-bearer", "assertion": peer.signed()});
    let reply = peer.send("POST", "/authz/v1/oauth2/token").anonymous().json(body).await;
    let body = reply.body.expect("body");
    assert_eq!((reply.status, &body["expires_in"], &body["token_type"]), (200, &json!(900), &json!("Bearer")));

    let reply = peer.assertion("a.b.c").await;
    assert_eq!(error(&reply), (400, "-", "invalid_grant"));
    let reply = peer.send("POST", "/authz/v1/oauth2/token").form("grant_type=password&assertion=x").await;
    assert_eq!(error(&reply), (400, "-", "invalid_request"));
}

#[tokio::test]
async fn calls_without_or_with_a_wrong_token_get_401() {
    let peer = Peer::start(Role::D1, &[]).await;
    assert_eq!(peer.send("GET", DEMO_CARD).go().await.status, 200);
    let reply = peer.send("GET", DEMO_CARD).anonymous().go().await;
    assert_eq!(error(&reply).1, "-", "the first version knows no errorCode");
    assert_eq!(reply.status, 401);
    let register = "/banking/v2/issuers/{i}/cards/x";
    let reply = peer.send("PUT", register).header("authorization", "Bearer nonsense").json(json!({})).await;
    assert_eq!(error(&reply), (401, "AUTHORIZER_UNAUTHORIZED", "token missing or refused"));
}

#[tokio::test]
async fn wrong_parameters_and_bodies_get_400_with_the_field() {
    let peer = Peer::start(Role::D1, &[]).await;
    let good = || json!({"consumerId": "c1", "cardProductId": "p"});
    let register = |card: &str| peer.send("PUT", &format!("/banking/v2/issuers/{{i}}/cards/{card}"));

    let reply = register("a%20b").json(good()).await;
    assert_eq!(error(&reply), (400, "FIELD_INVALID_FORMAT", "cardId"));
    let reply = register("a").header("x-user-id", "0123456789abcdef").json(good()).await;
    assert_eq!(error(&reply), (400, "FIELD_INVALID_FORMAT", "x-user-id"));
    let reply = register("a").json(json!({"consumerId": "c1"})).await;
    assert_eq!(error(&reply), (400, "FIELD_INVALID_FORMAT", "cardProductId"));
    let reply = register("a").json(json!({"consumerId": "c1", "cardProductId": "p", "state": "NEW"})).await;
    assert_eq!(error(&reply), (400, "FIELD_INVALID_VALUE", "state"));
    for body in ["", "{", "\u{feff}{}", "{\"consumerId\": NaN}", "{} {}"] {
        let reply = register("a").raw("application/json", body).await;
        assert_eq!(error(&reply), (400, "FIELD_INVALID_FORMAT", "body"), "{body}");
    }
    let reply = register("a").raw("text/plain", good().to_string()).await;
    assert_eq!(error(&reply), (400, "FIELD_INVALID_FORMAT", "body"));
    assert_eq!(register("a").json(good()).await.status, 204);
}

#[tokio::test]
async fn unknown_paths_methods_and_issuers_are_refused() {
    let peer = Peer::start(Role::D1, &[]).await;
    assert_eq!(peer.send("GET", "/banking/v9").go().await.status, 404);
    let reply = peer.send("DELETE", DEMO_CARD).go().await;
    assert_eq!((reply.status, reply.allow.as_deref()), (405, Some("GET")));
    let reply = peer.send("PATCH", "/banking/v2/issuers/{i}/consumers/c1").go().await;
    assert_eq!((reply.status, reply.allow.as_deref()), (405, Some("GET, PUT")));
    let reply = peer.send("GET", "/banking/v1/issuers/0123456789/cards/demo-card").go().await;
    assert_eq!(reply.status, 403);
    // The calls of the other direction are not served.
    assert_eq!(peer.send("POST", "/notifications/d1/v2/issuers/{i}/cards").json(json!({})).await.status, 404);
}

#[tokio::test]
async fn unknown_query_parameters_and_headers_are_ignored() {
    let peer = Peer::start(Role::D1, &[]).await;
    let reply = peer.send("GET", &format!("{DEMO_CARD}?x=1")).header("x-new", "1").go().await;
    assert_eq!(reply.status, 200);
}

/// Every operation of every contract, asked about the demo data and about unknown things: the answer is declared, and
/// its body keeps the declared schema.
#[tokio::test]
async fn answers_keep_their_own_contract() {
    for role in [Role::D1, Role::Issuer] {
        let peer = Peer::start(role, &[]).await;
        for contract in peer.contracts.iter().filter(|contract| role.serves(contract.direction)) {
            for (operation, known) in contract.operations.iter().flat_map(|one| [(one, true), (one, false)]) {
                let path = operation.path.fill(|name| {
                    Some(match (name, known) {
                        ("issuerId", _) => peer.demo.issuer_id.to_owned(),
                        ("cardId", true) => peer.demo.card_id.to_owned(),
                        ("consumerId", true) => peer.demo.consumer_id.to_owned(),
                        _ => "unknown".to_owned(),
                    })
                });
                let sent = peer.send(&operation.method, &format!("{}{}", contract.base_path, path.expect("path")));
                let reply = match &operation.body {
                    Some(body) if body.required => sent.json(json!({"consumerId": "c", "cardProductId": "p"})).await,
                    _ => sent.go().await,
                };
                let place = format!("{} {known}: {reply:?}", operation.id);
                let declared = operation.response(reply.status).unwrap_or_else(|| panic!("undeclared: {place}"));
                match declared.media.first() {
                    Some(media) => {
                        assert_eq!(reply.content_type.as_deref(), Some("application/json"), "{place}");
                        let schema = media.schema.as_ref().expect("schema");
                        assert_eq!(schema.judge(reply.body.as_ref().expect("body")), [], "{place}");
                    }
                    None => assert!(reply.body.is_none() || declared.body_unknown, "{place}"),
                }
            }
        }
    }
}

#[tokio::test]
async fn the_state_can_be_looked_at_and_holds_no_secrets() {
    let peer = Peer::start(Role::D1, &["d1-get-card-any-method"]).await;
    let body = peer.send("GET", "/__sandbox/state").anonymous().go().await.body.expect("body");
    assert_eq!(body["role"], "d1");
    assert_eq!(body["defects"], json!(["d1-get-card-any-method"]));
    assert_eq!(body["state"]["cards"]["demo-card"]["state"], "ACTIVE");
    assert!(!body.to_string().contains(peer.demo.client_secret.expose()));
}

#[tokio::test]
async fn a_taken_port_is_named_with_the_remedy_and_a_stopped_sandbox_frees_it() {
    let peer = Peer::start(Role::D1, &[]).await;
    let listen = peer.sandbox.url().trim_start_matches("http://").parse().expect("address");
    let options = || SandboxOptions { listen, ..SandboxOptions::new(Role::Issuer, Vec::new()) };
    let refused = Sandbox::start(options()).await.expect_err("port in use");
    assert!(matches!(refused, SandboxError::Listen { .. }));
    let text = refused.to_string();
    assert!(text.contains(&listen.to_string()) && text.contains("remedy: stop the program"), "{text}");
    peer.sandbox.stop().await;
    Sandbox::start(options()).await.expect("the port is free again");
}

#[tokio::test]
async fn enrolment_ends_later_and_can_be_looked_up() {
    let peer = Peer::start(Role::D1, &[]).await;
    let reply = peer.send("POST", &format!("{DEMO_CARD}/operations:clickToPayEnrolment")).json(json!({})).await;
    let body = reply.body.expect("body");
    assert_eq!((reply.status, &body["status"]), (202, &json!("PENDING")));
    let id = body["operationId"].as_str().expect("id");
    let body = peer.send("GET", &format!("{DEMO_CARD}/operations/{id}")).go().await.body.expect("body");
    assert_eq!((&body["operation"], &body["status"]), (&json!("CLICK_TO_PAY_ENROLMENT"), &json!("SUCCESSFUL")));

    let profiles = "/banking/v1/issuers/{i}/consumers/demo-consumer/clickToPayProfiles";
    let cards = |body: Option<Value>| body.expect("body")["clickToPayProfiles"][0]["cardList"].clone();
    assert_eq!(cards(peer.send("GET", profiles).go().await.body)[0]["cardId"], "demo-card");
    assert_eq!(peer.card("demo-card", "delete", json!({})).await, 200);
    assert_eq!(cards(peer.send("GET", profiles).go().await.body), json!([]));
}
