//! Against a tiny server on this machine.

mod tls_tests;

use std::collections::HashMap;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body as Answering;
use axum::http::{HeaderMap, Response, StatusCode};
use axum::routing::{get, post};
use indexmap::IndexMap;
use serde_json::json;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

use super::{Client, outgoing};
use crate::base::{CaseId, ObligationId, Secret};
use crate::contract::{Contract, Document, Evidence, Location, Operation, Rule};
use crate::exchange::{Exchange, FaultKind};
use crate::generate::{Body, Case, Credentials, Intent, Request, placeholder};
use crate::suite::{Grant, Limits, Target};

const SPEC: &str = "
openapi: 3.0.3
info: {title: t, version: '1'}
components:
  securitySchemes:
    bearer: {type: http, scheme: bearer}
paths:
  /open: {get: {operationId: open, responses: {'200': {description: d}}}}
  /closed: {get: {operationId: closed, security: [{bearer: []}], responses: {'200': {description: d}}}}
";

pub(super) fn operation(name: &str) -> Arc<Operation> {
    let document = Document::parse(Path::new("t.yaml"), SPEC).unwrap();
    Arc::clone(Contract::read("t", document).unwrap().operation(name).unwrap())
}

pub(super) fn case(path: &str) -> Case {
    let operation = operation("open");
    Case {
        id: CaseId::new("s::t::open::operation::conforming#0"),
        operation: operation.id.clone(),
        intent: Intent::Conforming,
        obligation: ObligationId::new("t::open::operation::conforming"),
        rule: Rule::Conforming,
        location: Location::Operation,
        pointer: None,
        evidence: Evidence::Documented,
        grounded: true,
        request: Request {
            method: "GET".into(),
            path: path.into(),
            path_params: IndexMap::new(),
            query: Vec::new(),
            headers: Vec::new(),
            content_type: None,
            body: Body::Empty,
            credentials: Credentials::Right,
            seals: Vec::new(),
            assertion_flaw: None,
            certificate_flaw: None,
        },
    }
}

pub(super) async fn serve(router: Router) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, router).await });
    address
}

pub(super) fn client(address: SocketAddr, grant: Option<Grant>) -> Client {
    let limits = Limits { timeout: Duration::from_millis(400), max_body: 1000, ..Limits::default() };
    limited(address, grant, limits)
}

pub(super) fn limited(address: SocketAddr, grant: Option<Grant>, limits: Limits) -> Client {
    let mut target = Target::at("t", &format!("http://{address}")).unwrap();
    target.limits = limits;
    target.grant = grant;
    let base = |path: &str| format!("http://{address}{path}");
    let bases = [("t", ""), ("D1-Public-OUT-v1-Auth2", "/authz"), ("D1-Public-IN-v1-Auth2", "/authz")];
    Client::new(&target, bases.map(|(spec, path)| (spec.to_owned(), base(path))).into()).unwrap()
}

pub(super) fn credentials() -> Grant {
    Grant::ClientCredentials {
        token_url: None,
        client_id: "issuer".into(),
        client_secret: Secret::new("s3cret~"),
        scope: None,
    }
}

pub(super) fn fault(exchange: Exchange) -> FaultKind {
    exchange.outcome.unwrap_err().kind
}

async fn echo(headers: HeaderMap, body: String) -> String {
    let text = |name: &str| headers.get(name).map_or("-", |value| value.to_str().unwrap()).to_owned();
    format!("{}|{}|{}|{body}", text("authorization"), text("accept"), text("content-type"))
}

#[tokio::test]
async fn a_redirect_is_recorded_and_not_followed() {
    let moved = || async { (StatusCode::FOUND, [("location", "/other")]) };
    let address = serve(Router::new().route("/open", get(moved)).route("/other", get(|| async { "other" }))).await;
    let answer = client(address, None).send(&operation("open"), &case("/open")).await.outcome.unwrap();
    assert_eq!((answer.status, answer.header("Location")), (302, Some("/other")));
}

#[tokio::test]
async fn a_late_answer_is_a_timeout() {
    let late = || async { tokio::time::sleep(Duration::from_secs(5)).await };
    let address = serve(Router::new().route("/open", get(late))).await;
    let exchange = client(address, None).send(&operation("open"), &case("/open")).await;
    let fault = exchange.outcome.unwrap_err();
    assert_eq!(fault.kind, FaultKind::TimedOut);
    assert!(fault.text.contains(&address.to_string()) && fault.text.contains("timeout_seconds"), "{fault}");
}

#[tokio::test]
async fn a_body_over_the_limit_is_not_read_to_its_end() {
    let declared = || async { "x".repeat(1001) };
    let chunked = || async { Response::new(Answering::new(axum::body::Body::from("y".repeat(1001)))) };
    let address = serve(Router::new().route("/a", get(declared)).route("/b", get(chunked))).await;
    let client = client(address, None);
    assert_eq!(fault(client.send(&operation("open"), &case("/a")).await), FaultKind::TooLarge);
    assert_eq!(fault(client.send(&operation("open"), &case("/b")).await), FaultKind::TooLarge);
}

#[tokio::test]
async fn a_connection_that_ends_in_the_body_is_cut() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        loop {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut buffer = [0; 1024];
            let _ = stream.read(&mut buffer).await;
            let _ = stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 50\r\n\r\nhalf").await;
        }
    });
    let client = client(address, None);
    assert_eq!(fault(client.send(&operation("open"), &case("/open")).await), FaultKind::Cut);
    assert!(client.reach("t").await.is_ok(), "it answers; how it ends is a matter of the cases");
}

#[tokio::test]
async fn a_port_where_nothing_listens_is_unreachable() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let client = client(address, None);
    let unreachable = client.reach("t").await.unwrap_err();
    assert_eq!(unreachable.kind, FaultKind::Unreachable);
    assert!(unreachable.text.contains(&address.to_string()), "{unreachable}");
    assert_eq!(fault(client.send(&operation("open"), &case("/open")).await), FaultKind::Unreachable);
}

#[tokio::test]
async fn one_token_serves_many_calls() {
    let token = || async { json!({"access_token": "t0ken", "expires_in": "900"}).to_string() };
    let address = serve(Router::new().route("/authz/oauth2/token", post(token)).route("/closed", get(echo))).await;
    let client = client(address, Some(credentials()));
    let calls = (0..20).map(|_| {
        let client = client.clone();
        tokio::spawn(async move { client.send(&operation("closed"), &case("/closed")).await.outcome.unwrap() })
    });
    for call in calls.collect::<Vec<_>>() {
        assert_eq!(call.await.unwrap().body, b"Bearer t0ken|application/json|-|");
    }
    assert_eq!(client.token_calls(), 1);
    assert_eq!(client.issued_tokens(), [Secret::new("t0ken")]);
    assert!(client.check().await.is_ok() && client.reach("t").await.is_ok());
}

#[tokio::test]
async fn a_refused_token_is_a_fault_that_names_the_url_and_no_secret() {
    let refused = || async { (StatusCode::UNAUTHORIZED, json!({"error": "invalid_client"}).to_string()) };
    let address = serve(Router::new().route("/authz/oauth2/token", post(refused))).await;
    let client = client(address, Some(credentials()));
    let fault = client.check().await.unwrap_err();
    assert_eq!(fault.kind, FaultKind::NoToken);
    assert!(fault.text.contains("/authz/oauth2/token") && fault.text.contains("401"), "{fault}");
    assert!(fault.text.contains("invalid_client") && !fault.text.contains("s3cret"), "{fault}");
    assert!(client.check().await.is_err());
    assert_eq!(client.token_calls(), 1, "calls that come together share the failure");
}

#[tokio::test]
async fn wrong_missing_and_unneeded_credentials() {
    let address = serve(Router::new().route("/closed", get(echo))).await;
    let client = client(address, Some(Grant::Static { token: Secret::new("right") }));
    let mut sent = Vec::new();
    for (operation_name, credentials) in [
        ("closed", Credentials::Right),
        ("closed", Credentials::Wrong),
        ("closed", Credentials::Missing),
        ("open", Credentials::Right),
    ] {
        let mut case = case("/closed");
        case.request.credentials = credentials;
        let answer = client.send(&operation(operation_name), &case).await.outcome.unwrap();
        sent.push(String::from_utf8(answer.body).unwrap());
    }
    assert_eq!(sent[0], "Bearer right|application/json|-|");
    assert!(sent[1].starts_with("Bearer d1c-wrong-token-"), "{}", sent[1]);
    assert!(sent[2].starts_with("-|") && sent[3].starts_with("-|"), "{sent:?}");
}

#[tokio::test]
async fn every_kind_of_wrong_credentials_goes_out_as_it_should() {
    let address = serve(Router::new().route("/closed", get(echo))).await;
    let mut target = Target::at("t", &format!("http://{address}")).unwrap();
    target.grant = Some(Grant::Static { token: Secret::new("the-right-token") });
    target.expired_token = Some(Secret::new("token-of-yesterday"));
    let bases = HashMap::from([("t".to_owned(), format!("http://{address}"))]);
    let client = Client::new(&target, bases).unwrap();
    let shown = async |index: usize, credentials| {
        let mut case = case("/closed");
        case.id = CaseId::new(format!("s::t::closed::auth::wrong_token#{index}"));
        case.request.credentials = credentials;
        let body = client.send(&operation("closed"), &case).await.outcome.unwrap().body;
        let text = String::from_utf8(body).unwrap();
        text.split('|').next().unwrap().strip_prefix("Bearer ").unwrap().to_owned()
    };
    for even in [0, 2, 10] {
        assert!(shown(even, Credentials::Wrong).await.starts_with("d1c-wrong-token-"));
    }
    for odd in [1, 3, 11] {
        let token = shown(odd, Credentials::Wrong).await;
        assert!(token.starts_with("eyJ") && token.split('.').count() == 3, "{token}");
    }
    assert_eq!(shown(1, Credentials::Wrong).await, shown(1, Credentials::Wrong).await);
    assert_ne!(shown(1, Credentials::Wrong).await, shown(3, Credentials::Wrong).await);
    assert_eq!(shown(0, Credentials::Expired).await, "token-of-yesterday");
    let tampered = shown(0, Credentials::Tampered).await;
    assert!(tampered != "the-right-token" && tampered.len() == "the-right-token".len(), "{tampered}");
}

#[test]
fn both_forms_of_base64_hold_the_same_pair() {
    use base64::Engine as _;
    use base64::engine::general_purpose::{STANDARD, URL_SAFE};

    // Its sextets 62 and 63 are where the two alphabets differ.
    let secret = Secret::new("s>>?ÿ~");
    let plain = outgoing::basic("id", &secret);
    let url_safe = outgoing::basic_base64url("id", &secret);
    assert_ne!(plain, url_safe);
    let pair = |field: &str, engine: &dyn Fn(&str) -> Vec<u8>| engine(field.strip_prefix("Basic ").unwrap());
    let pairs =
        [pair(&plain, &|text| STANDARD.decode(text).unwrap()), pair(&url_safe, &|text| URL_SAFE.decode(text).unwrap())];
    assert_eq!(pairs[0], "id:s>>?ÿ~".as_bytes());
    assert_eq!(pairs[0], pairs[1]);
}

#[tokio::test]
async fn requests_that_the_url_parser_would_rewrite_are_not_sent() {
    let client = client(SocketAddr::from(([127, 0, 0, 1], 9)), None);
    for path in ["/cards/..", "/cards/%2E%2e/x", "/a#b", "/a\tb"] {
        assert_eq!(fault(client.send(&operation("open"), &case(path)).await), FaultKind::Unsendable, "{path}");
    }
    let mut broken = case("/open");
    broken.request.headers.push(("x-user-id".into(), "a\r\nb: c".into()));
    assert_eq!(fault(client.send(&operation("open"), &broken).await), FaultKind::Unsendable);
}

#[tokio::test]
async fn a_placeholder_without_a_key_is_a_fault() {
    let client = client(SocketAddr::from(([127, 0, 0, 1], 9)), None);
    let mut asking = case("/open");
    asking.request.body = Body::Json(json!({"assertion": placeholder::CLIENT_ASSERTION}));
    assert_eq!(fault(client.send(&operation("open"), &asking).await), FaultKind::NoToken);
}

/// Made for this test and used nowhere else.
const PRIVATE_KEY: &str = "-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgfnjNYw1b/ivTpAnG
PSxviwoyPCrGthoVlftV+Z1Z5H+hRANCAAQ41OTH9im8f4wt2nQvCgotK73jAC5c
a58/2c66GqIq76WBNIvk64ratj++aFOmC+lWny9QBSt7g6D+pPINo7ex
-----END PRIVATE KEY-----
";

fn jwt_bearer() -> Grant {
    Grant::JwtBearer {
        token_url: None,
        issuer: "issuer".into(),
        subject: "issuer".into(),
        audience: None,
        lifetime: Duration::from_secs(300),
        issued_at: true,
        kid: "k1".into(),
        private_key: Secret::new(PRIVATE_KEY),
    }
}

#[tokio::test]
async fn an_assertion_is_swapped_for_a_token_and_fills_placeholders() {
    let token = |form: String| async move {
        let granted =
            form.starts_with("grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Ajwt-bearer&assertion=eyJ");
        (if granted { StatusCode::OK } else { StatusCode::BAD_REQUEST }, r#"{"access_token": "swapped"}"#)
    };
    let router = Router::new().route("/authz/oauth2/token", post(token)).route("/closed", get(echo).post(echo));
    let client = client(serve(router).await, Some(jwt_bearer()));
    let mut case = case("/closed");
    case.request.method = "POST".into();
    case.request.content_type = Some("application/json".into());
    case.request.body = Body::Json(json!({"a": [placeholder::CLIENT_ASSERTION], "b": 1}));
    let exchange = client.send(&operation("closed"), &case).await;
    let body = String::from_utf8(exchange.outcome.unwrap().body).unwrap();
    let start = r#"Bearer swapped|application/json|application/json|{"a":["eyJ"#;
    assert!(body.starts_with(start) && body.ends_with(r#""],"b":1}"#), "{body}");
    case.request.body = Body::Form(vec![("assertion".into(), placeholder::CLIENT_ASSERTION.into())]);
    let exchange = client.send(&operation("closed"), &case).await;
    assert!(exchange.sent.body.starts_with(b"assertion=eyJ"));
}

#[tokio::test]
async fn a_server_without_tls_behind_https_is_a_tls_fault() {
    let address = serve(Router::new()).await;
    let mut target = Target::at("t", "http://localhost").unwrap();
    target.limits.timeout = Duration::from_secs(2);
    let client = Client::new(&target, HashMap::from([("t".to_owned(), format!("https://{address}"))])).unwrap();
    let fault = client.reach("t").await.unwrap_err();
    assert_eq!(fault.kind, FaultKind::Tls, "{fault}");
}

#[test]
fn a_base_url_with_a_password_is_refused_without_showing_it() {
    let target = Target::at("t", "http://localhost").unwrap();
    let bases = HashMap::from([("t".to_owned(), "http://me:hidden@localhost/".to_owned())]);
    let error = Client::new(&target, bases).err().unwrap().to_string();
    assert!(!error.contains("hidden") && error.contains("auth"), "{error}");
}
