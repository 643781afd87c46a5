//! Messages as a whole: what the sandboxes make of unusual ones, and that each defect shows by its own message alone.

use std::sync::atomic::{AtomicU32, Ordering};

use d1_conformance::sandbox::Role;
use serde_json::json;

use crate::client::{Peer, Reply, Sent};

const DEMO_CARD: &str = "/banking/v1/issuers/{i}/cards/demo-card";
const JSON: &str = "application/json";

/// What is registered must be new.
static NEXT: AtomicU32 = AtomicU32::new(0);

/// An ordinary call of the operation that a defect is planted in.
struct Ordinary {
    role: Role,
    method: &'static str,
    path: &'static str,
    body: Option<String>,
    status: u16,
}

const OPERATIONS: [&str; 8] =
    ["register-card", "create-card", "register-consumer", "get-card", "enrol", "consumer", "notice", "authorisation"];

fn ordinary(operation: &str) -> Ordinary {
    let call = |role, method, path, body: Option<serde_json::Value>, status| Ordinary {
        role,
        method,
        path,
        body: body.map(|body| body.to_string()),
        status,
    };
    let entry = json!({
        "operationId": "1", "operation": "RENEW", "status": "PENDING", "cardId": "c", "startTime": "2024-02-28T10:00:00Z",
    });
    let card = json!({"consumerId": "demo-consumer", "cardProductId": "p"});
    match operation {
        "register-card" => call(Role::D1, "PUT", "/banking/v2/issuers/{i}/cards/{n}", Some(card), 204),
        "create-card" => call(Role::D1, "POST", "/banking/v2/issuers/{i}/cards", Some(card), 201),
        "register-consumer" => {
            call(Role::D1, "PUT", "/banking/v2/issuers/{i}/consumers/{n}", Some(json!({"a": 1})), 204)
        }
        "get-card" => call(Role::D1, "GET", DEMO_CARD, None, 200),
        "enrol" => {
            let path = "/banking/v1/issuers/{i}/cards/demo-card/operations:clickToPayEnrolment";
            call(Role::D1, "POST", path, Some(json!({})), 202)
        }
        "consumer" => {
            call(Role::Issuer, "GET", "/banking/d1/v1/issuers/{i}/consumers/demo-consumer?cardId=c1", None, 200)
        }
        "notice" => {
            let body = json!({"operations": [entry]});
            call(Role::Issuer, "POST", "/notifications/d1/v2/issuers/{i}/cards", Some(body), 204)
        }
        _ => {
            let entry = json!({
                "operationId": "123456789012", "operation": "PURCHASE", "status": "APPROVED", "cardId": "c",
                "startTime": "2024-02-28T10:00:00.000Z",
            });
            let body = json!({"operations": [entry]});
            call(Role::Issuer, "POST", "/notifications/d1/v2/issuers/{i}/authorisations", Some(body), 204)
        }
    }
}

/// Heads, which go with any operation.
const HEADS: [&str; 7] = [
    "any accept",
    "unreadable accept",
    "unmet accept",
    "unknown query",
    "unknown header",
    "repeated header",
    "ordinary",
];

/// Bodies, for operations that declare one.
const BODIES: [&str; 22] = [
    "NaN",
    "Infinity",
    "True",
    "comment",
    "line comment",
    "unquoted name",
    "tab",
    "leading zero",
    "plus sign",
    "no UTF-8",
    "UTF-16",
    "unreadable type",
    "null",
    "charset",
    "capitals",
    "deep",
    "mark",
    "repeated member",
    "half a surrogate",
    "no type",
    "other charset",
    "trailing comma",
];

fn with(body: &str, member: &str) -> Vec<u8> {
    let rest = &body[1..];
    format!("{{{member}{}{rest}", if rest == "}" { "" } else { "," }).into_bytes()
}

/// Sends the ordinary call in an unusual form.
async fn send(peer: &Peer, call: &Ordinary, form: &str) -> Reply {
    let path = if form == "unknown query" {
        format!("{}{}x=1", call.path, if call.path.contains('?') { "&" } else { "?" })
    } else if form == "repeated card id" {
        format!("{}&cardId=c1", call.path)
    } else {
        call.path.to_owned()
    };
    let path = path.replace("{n}", &format!("n{}", NEXT.fetch_add(1, Ordering::Relaxed)));
    let sent = peer.send(call.method, &path);
    // What the client of these tests sends of its own accord is not what a row is about.
    let accept = match form {
        "any accept" => "*/*",
        "unreadable accept" => "application/",
        "unmet accept" => "text/html",
        _ => JSON,
    };
    let sent: Sent<'_> = match form {
        "unknown header" => sent.header("x-nobody", "1"),
        "repeated header" => sent.header("x-correlation-id", "one").also("x-correlation-id", "one"),
        _ => sent,
    };
    let sent = sent.header("accept", accept);
    let Some(body) = &call.body else {
        return if form == "body" { sent.raw(JSON, "{}").await } else { sent.go().await };
    };
    let text = |member: &str| with(body, member);
    let (media_type, bytes) = match form {
        "NaN" => (JSON, text("\"x\":NaN")),
        "Infinity" => (JSON, text("\"x\":Infinity")),
        "True" => (JSON, text("\"x\":True")),
        "comment" => (JSON, format!("/* x */{body}").into_bytes()),
        "line comment" => (JSON, format!("{body}// x\n").into_bytes()),
        "unquoted name" => (JSON, text("x:1")),
        "tab" => (JSON, text("\"x\":\"\t\"")),
        "leading zero" => (JSON, text("\"x\":01")),
        "plus sign" => (JSON, text("\"x\":+1")),
        "trailing comma" => (JSON, body.replace('}', ",}").into_bytes()),
        "no UTF-8" => (JSON, body.bytes().take(body.len() - 1).chain(*b",\"x\":\"\xC3\"}").collect()),
        "UTF-16" => (JSON, format!("\u{FEFF}{body}").encode_utf16().flat_map(u16::to_be_bytes).collect()),
        "unreadable type" => ("json", body.clone().into_bytes()),
        "null" => (JSON, b"null".to_vec()),
        "charset" => ("application/json; charset=utf-8", body.clone().into_bytes()),
        "capitals" => ("Application/JSON", body.clone().into_bytes()),
        "deep" => (JSON, text(&format!("\"x\":{}{}", "[".repeat(10_000), "]".repeat(10_000)))),
        "mark" => (JSON, format!("\u{FEFF}{body}").into_bytes()),
        "repeated member" => (JSON, text("\"x\":1,\"x\":1")),
        "half a surrogate" => (JSON, text("\"x\":\"\\ud800\"")),
        "other charset" => ("application/json; charset=utf-16", body.clone().into_bytes()),
        "no type" => return sent.bare(body.clone()).await,
        _ => (JSON, body.clone().into_bytes()),
    };
    sent.raw(media_type, bytes).await
}

fn forms(call: &Ordinary) -> Vec<&'static str> {
    let bodies = if call.body.is_some() { &BODIES[..] } else { &["body"] };
    let query = if call.path.contains("cardId=") { &["repeated card id"][..] } else { &[] };
    HEADS.iter().chain(bodies).chain(query).copied().collect()
}

/// Unusual messages are taken or refused, as the parsers of the sandboxes have it, and never break them. What is right
/// and spelled otherwise is taken, what is no JSON is not.
#[tokio::test]
async fn sandboxes_without_defects_take_what_is_right_and_never_break() {
    let peers = [Peer::start(Role::D1, &[]).await, Peer::start(Role::Issuer, &[]).await];
    for operation in OPERATIONS {
        let call = ordinary(operation);
        let peer = &peers[usize::from(call.role == Role::Issuer)];
        for form in forms(&call) {
            let taken = HEADS.contains(&form)
                || ["charset", "capitals", "repeated member", "other charset", "body", "repeated card id"]
                    .contains(&form);
            let status = send(peer, &call, form).await.status;
            assert_eq!(status, if taken { call.status } else { 400 }, "{operation}: {form}");
        }
    }
}

/// The defects of this kind: where each is planted, by which message it shows, and how.
const TABLE: [(&str, &str, &str, Shows); 29] = [
    ("d1-register-card-takes-nan", "register-card", "NaN", Shows::Taken),
    ("d1-create-card-takes-infinity", "create-card", "Infinity", Shows::Taken),
    ("issuer-notice-takes-words-of-python", "notice", "True", Shows::Taken),
    ("d1-register-card-takes-comments", "register-card", "comment", Shows::Taken),
    ("d1-create-card-takes-line-comments", "create-card", "line comment", Shows::Taken),
    ("issuer-authorisation-takes-unquoted-names", "authorisation", "unquoted name", Shows::Taken),
    ("d1-register-card-takes-tabs", "register-card", "tab", Shows::Taken),
    ("d1-create-card-takes-leading-zeros", "create-card", "leading zero", Shows::Taken),
    ("issuer-notice-takes-plus-signs", "notice", "plus sign", Shows::Taken),
    ("d1-register-card-replaces-bytes", "register-card", "no UTF-8", Shows::Taken),
    ("d1-register-card-reads-utf-16", "register-card", "UTF-16", Shows::Taken),
    ("d1-create-card-guesses-media-type", "create-card", "unreadable type", Shows::Taken),
    ("d1-enrol-takes-null", "enrol", "null", Shows::Taken),
    ("d1-create-card-refuses-charset", "create-card", "charset", Shows::Refused),
    ("d1-register-card-compares-case", "register-card", "capitals", Shows::Refused),
    ("d1-get-card-refuses-any-accept", "get-card", "any accept", Shows::Refused),
    ("d1-register-card-breaks-on-deep-nesting", "register-card", "deep", Shows::Broken),
    ("d1-create-card-breaks-on-byte-order-mark", "create-card", "mark", Shows::Broken),
    ("issuer-notice-breaks-on-repeated-member", "notice", "repeated member", Shows::Broken),
    ("issuer-authorisation-breaks-on-half-a-surrogate", "authorisation", "half a surrogate", Shows::Broken),
    ("d1-enrol-breaks-without-media-type", "enrol", "no type", Shows::Broken),
    ("d1-register-consumer-breaks-on-charset", "register-consumer", "other charset", Shows::Broken),
    ("d1-get-card-breaks-on-unreadable-accept", "get-card", "unreadable accept", Shows::Broken),
    ("d1-create-card-breaks-on-unmet-accept", "create-card", "unmet accept", Shows::Broken),
    ("issuer-consumer-breaks-on-unknown-query", "consumer", "unknown query", Shows::Broken),
    ("issuer-notice-breaks-on-unknown-header", "notice", "unknown header", Shows::Broken),
    ("d1-enrol-breaks-on-repeated-header", "enrol", "repeated header", Shows::Broken),
    ("issuer-consumer-breaks-on-repeated-card-id", "consumer", "repeated card id", Shows::Broken),
    ("d1-get-card-breaks-on-body", "get-card", "body", Shows::Broken),
];

#[derive(Clone, Copy, PartialEq)]
enum Shows {
    Taken,
    Refused,
    Broken,
}

#[tokio::test]
async fn each_defect_shows_by_its_own_message_alone() {
    let peers = [Peer::start(Role::D1, &[]).await, Peer::start(Role::Issuer, &[]).await];
    for (name, operation, telling, shows) in TABLE {
        let call = ordinary(operation);
        let clean = &peers[usize::from(call.role == Role::Issuer)];
        let spoilt = Peer::start(call.role, &[name]).await;
        for form in forms(&call) {
            let (right, seen) = (send(clean, &call, form).await.status, send(&spoilt, &call, form).await.status);
            // A `charset` that JSON does not know is a `charset` as well.
            let beside = name == "d1-create-card-refuses-charset" && form == "other charset";
            let wanted = match shows {
                _ if form != telling && !beside => right,
                Shows::Taken => call.status,
                Shows::Refused => 400,
                Shows::Broken => 500,
            };
            assert_eq!(seen, wanted, "{name}: {form}");
            assert!(form != telling || right != seen, "{name}: {form} shows nothing");
        }
    }
}
