//! Wrong assertions are not swapped for a token, and wrong tokens open nothing.

use d1_conformance::contract::AssertionFlaw;
use d1_conformance::sandbox::Role;
use serde_json::json;

use crate::client::{Peer, Reply};
use crate::forgery;

const NOTICE: &str = "/notifications/d1/v1/issuers/{i}/cards/demo-card/3ds/notifications";

/// A call with this token.
pub async fn call(peer: &Peer, token: &str) -> Reply {
    let bearer = format!("Bearer {token}");
    if peer.role == Role::D1 {
        return peer.send("GET", "/banking/v1/issuers/{i}/cards/demo-card").header("authorization", bearer).go().await;
    }
    let notice = json!({
        "operationId": "1", "operation": "OOB", "status": "SUCCESSFUL", "startTime": "2025-01-17T06:28:02.492Z",
    });
    peer.send("POST", NOTICE).header("authorization", bearer).json(notice).await
}

#[tokio::test]
async fn wrong_assertions_are_refused() {
    let peer = Peer::start(Role::D1, &[]).await;
    for (flaw, text) in AssertionFlaw::ALL {
        let reply = peer.assertion(&forgery::assertion(&peer.demo, flaw)).await;
        let told = (reply.status, reply.body.expect("body")["error"].clone());
        assert_eq!(told, (400, json!("invalid_grant")), "{text}");
    }
}

#[tokio::test]
async fn tampered_and_expired_tokens_are_refused() {
    for role in [Role::D1, Role::Issuer] {
        let peer = Peer::start(role, &[]).await;
        assert!(call(&peer, peer.token()).await.status < 300, "{role}");
        assert_eq!(call(&peer, &forgery::tampered(peer.token())).await.status, 401, "{role}");
        assert_eq!(call(&peer, peer.demo.expired_token.expose()).await.status, 401, "{role}");
    }
}
