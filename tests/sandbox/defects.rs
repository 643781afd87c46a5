//! Switched-on defects show, and without them the same request is handled as the contract says.

use d1_conformance::contract::Rule;
use d1_conformance::sandbox::{Effect, Role, Sandbox, SandboxError, SandboxOptions, defect, defects};
use serde_json::{Value, json};

use crate::client::{Peer, Reply};

const DEMO_CARD: &str = "/banking/v1/issuers/{i}/cards/demo-card";

/// A role, a defect, and two views of one request: the right one and the spoilt one.
macro_rules! shows {
    ($test:ident, $role:expr, $name:literal, $send:expr, $view:expr, $right:expr, $spoilt:expr) => {
        #[tokio::test]
        async fn $test() {
            let view: fn(&Reply) -> Value = $view;
            let send = $send;
            assert_eq!(view(&send(Peer::start($role, &[]).await).await), json!($right), "without");
            assert_eq!(view(&send(Peer::start($role, &[$name]).await).await), json!($spoilt), "with");
        }
    };
}

fn status(reply: &Reply) -> Value {
    json!(reply.status)
}

async fn get_card(peer: Peer) -> Reply {
    peer.send("GET", DEMO_CARD).go().await
}

async fn authorisation(peer: Peer) -> Reply {
    let entry = json!({
        "operationId": "1", "operation": "PURCHASE", "status": "APPROVED",
        "startTime": "2024-02-29T06:28:02.492Z", "cardId": "c",
    });
    let path = "/notifications/d1/v2/issuers/{i}/authorisations";
    peer.send("POST", path).json(json!({"operations": [entry]})).await
}

shows!(
    any_card_id,
    Role::D1,
    "d1-register-card-any-card-id",
    async |peer: Peer| peer.put_card(&"x".repeat(49), json!({"consumerId": "c", "cardProductId": "p"})).await,
    status,
    400,
    204
);
shows!(
    required_member,
    Role::D1,
    "d1-register-card-without-product",
    async |peer: Peer| peer.put_card("a", json!({"consumerId": "c"})).await,
    status,
    400,
    204
);
shows!(
    any_state,
    Role::D1,
    "d1-register-card-any-state",
    async |peer: Peer| peer.put_card("a", json!({"consumerId": "c", "cardProductId": "p", "state": "NEW"})).await,
    status,
    400,
    204
);
shows!(
    data_of_any_type,
    Role::D1,
    "d1-register-card-data-of-any-type",
    async |peer: Peer| peer.register_data("a", json!({"pan": "4111111111111111", "exp": "1230"})).await,
    status,
    400,
    204
);
shows!(
    null_is_no_type,
    Role::D1,
    "d1-create-card-null-product",
    async |peer: Peer| {
        let sent = peer.send("POST", "/banking/v2/issuers/{i}/cards");
        sent.json(json!({"consumerId": "c", "cardProductId": null})).await
    },
    status,
    400,
    201
);
shows!(
    long_header,
    Role::D1,
    "d1-get-card-long-correlation-id",
    async |peer: Peer| peer.send("GET", DEMO_CARD).header("x-correlation-id", "x".repeat(65)).go().await,
    status,
    400,
    200
);
shows!(
    refused_underscore,
    Role::D1,
    "d1-register-card-refuses-underscore",
    async |peer: Peer| {
        let sent = peer.send("PUT", "/banking/v2/issuers/{i}/cards/a").header("x-correlation-id", "a_b");
        sent.json(json!({"consumerId": "c", "cardProductId": "p"})).await
    },
    status,
    204,
    400
);
shows!(
    any_media_type,
    Role::D1,
    "d1-register-card-any-media-type",
    async |peer: Peer| {
        let body = json!({"consumerId": "c", "cardProductId": "p"}).to_string();
        peer.send("PUT", "/banking/v2/issuers/{i}/cards/a").raw("text/plain", body).await
    },
    status,
    400,
    204
);
shows!(
    broken_by_malformed_json,
    Role::D1,
    "d1-create-card-breaks-on-malformed-json",
    async |peer: Peer| peer.send("POST", "/banking/v2/issuers/{i}/cards").raw("application/json", "{").await,
    status,
    400,
    500
);
shows!(
    no_token,
    Role::D1,
    "d1-get-card-without-token",
    async |peer: Peer| peer.send("GET", DEMO_CARD).anonymous().go().await,
    status,
    401,
    200
);
shows!(
    still_no_wrong_token,
    Role::D1,
    "d1-get-card-without-token",
    async |peer: Peer| peer.send("GET", DEMO_CARD).header("authorization", "Bearer x").go().await,
    status,
    401,
    401
);
shows!(
    any_token,
    Role::D1,
    "d1-register-consumer-any-token",
    async |peer: Peer| {
        let path = "/banking/v2/issuers/{i}/consumers/c";
        peer.send("PUT", path).header("authorization", "Bearer x").json(json!({})).await
    },
    status,
    401,
    204
);
shows!(
    malformed_json_passes,
    Role::D1,
    "d1-enrol-passes-malformed-json",
    async |peer: Peer| {
        peer.send("POST", &format!("{DEMO_CARD}/operations:clickToPayEnrolment")).raw("application/json", "{").await
    },
    status,
    400,
    202
);
shows!(
    any_grant,
    Role::D1,
    "d1-token-any-grant",
    async |peer: Peer| {
        let form = format!("grant_type=password&assertion={}", peer.signed());
        peer.send("POST", "/authz/v1/oauth2/token").form(&form).await
    },
    status,
    400,
    200
);
shows!(
    any_media_type_for_a_token,
    Role::Issuer,
    "issuer-token-any-media-type",
    async |peer: Peer| {
        let sent = peer.send("POST", "/authz/d1/v1/oauth2/token").basic();
        sent.json(json!({"grant_type": "client_credentials"})).await
    },
    status,
    400,
    200
);
shows!(
    notices_without_token,
    Role::Issuer,
    "issuer-3ds-notice-without-token",
    async |peer: Peer| {
        let notice = json!({
            "operationId": "1", "operation": "OOB", "status": "SUCCESSFUL", "startTime": "2025-01-17T06:28:02.492Z",
        });
        let path = "/notifications/d1/v1/issuers/{i}/cards/demo-card/3ds/notifications";
        peer.send("POST", path).anonymous().json(notice).await
    },
    status,
    401,
    204
);
shows!(
    any_method,
    Role::D1,
    "d1-suspend-card-any-method",
    async |peer: Peer| peer.send("PUT", "/banking/v2/issuers/{i}/cards/demo-card/operations:suspend").go().await,
    status,
    405,
    200
);
shows!(wrong_status, Role::D1, "d1-get-card-undeclared-status", get_card, status, 200, 206);
shows!(
    wrong_media_type,
    Role::D1,
    "d1-get-card-plain-text",
    get_card,
    |reply| json!(reply.content_type),
    "application/json",
    "text/plain"
);
shows!(
    wrong_state,
    Role::D1,
    "d1-get-card-state-drift",
    get_card,
    |reply| reply.body.as_ref().expect("body")["state"].clone(),
    "ACTIVE",
    "BLOCKED"
);
shows!(
    empty_body,
    Role::D1,
    "d1-get-card-empty",
    get_card,
    |reply| json!([reply.status, reply.body.is_some()]),
    json!([200, true]),
    json!([200, false])
);
shows!(
    missing_member,
    Role::Issuer,
    "issuer-credentials-without-data",
    async |peer: Peer| peer.send("GET", "/cms/api/v1/issuers/{i}/cards/demo-card/credentials").go().await,
    |reply| json!(reply.body.as_ref().expect("body").get("encryptedData").is_some()),
    true,
    false
);
shows!(
    nested_value,
    Role::Issuer,
    "issuer-verification-as-text",
    async |peer: Peer| peer.verify(peer.sealed(&json!({"pan": "4111111111111111", "exp": "1230"}))).await,
    |reply| reply.body.as_ref().expect("body")["verificationResults"]["card"]["invalid"].clone(),
    false,
    "false"
);
shows!(refused_leap_day, Role::Issuer, "issuer-authorisation-refuses-leap-day", authorisation, status, 204, 400);
shows!(
    no_card_in_a_notice,
    Role::Issuer,
    "issuer-notice-without-card-id",
    async |peer: Peer| {
        let entry = json!({"operationId": "1", "operation": "RENEW", "status": "PENDING", "startTime": "now"});
        let path = "/notifications/d1/v2/issuers/{i}/cards";
        peer.send("POST", path).json(json!({"operations": [entry]})).await
    },
    status,
    400,
    204
);

#[tokio::test]
async fn a_defect_of_the_other_role_is_refused() {
    let refused = Sandbox::start(SandboxOptions {
        defects: vec![defect("d1-get-card-empty").expect("defect")],
        ..SandboxOptions::new(Role::Issuer, Vec::new())
    })
    .await;
    assert!(matches!(refused, Err(SandboxError::Role { .. })));
}

/// Every spoilt answer of a call on the demo data breaks exactly the obligations that its row names.
#[tokio::test]
async fn spoilt_look_ups_break_the_schema_as_their_row_says() {
    let looks = [
        (Role::D1, "D1-Public-IN-v1-Card", "getCard"),
        (Role::Issuer, "D1-Public-OUT-v1-Consumer", "getConsumerInformation"),
        (Role::Issuer, "D1-Public-OUT-v2-Card", "getCardCredentials"),
    ];
    let mut seen = 0;
    for planted in defects() {
        if !matches!(planted.effect, Effect::SetValue { .. } | Effect::RemoveMember { .. }) {
            continue;
        }
        let operation = planted.effect.operation();
        let Some((role, file, name)) = looks.into_iter().find(|(_, file, name)| operation == format!("{file}::{name}"))
        else {
            continue;
        };
        let peer = Peer::start(role, &[planted.name]).await;
        let contract = peer.contracts.iter().find(|contract| contract.name == file).expect("contract");
        let operation = contract.operation(name).expect("operation");
        let path = operation.path.fill(|part| {
            let value = match part {
                "issuerId" => peer.demo.issuer_id,
                "cardId" => peer.demo.card_id,
                _ => peer.demo.consumer_id,
            };
            Some(value.to_owned())
        });
        let path = format!("{}{}", contract.base_path, path.expect("path"));
        let body = peer.send("GET", &path).go().await.body.expect("body");
        let schema = operation.response(200).expect("answer").media[0].schema.as_ref().expect("schema");
        let mut broken: Vec<String> = schema
            .judge(&body)
            .into_iter()
            .map(|breach| {
                let null = breach.keyword == "type" && body.pointer(&breach.instance).is_some_and(Value::is_null);
                let broken = if null { Rule::Nullable } else { Rule::of_keyword(&breach.keyword).expect("rule") };
                format!("{}::response.200.body{}::{broken}", operation.id, breach.instance)
            })
            .collect();
        broken.sort();
        let mut claimed: Vec<_> = planted.breaks.to_vec();
        claimed.sort_unstable();
        assert_eq!(broken, claimed, "{}", planted.name);
        seen += 1;
    }
    assert!(seen >= 8, "only {seen} rows were tried");
}
