//! `d1c sandbox --judge`, over real sockets: a correct client, clients with mistakes, provocations, the command line.

#![expect(clippy::expect_used, reason = "a test that cannot be set up must fail")]

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader, Read as _};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use d1_conformance::contract::{Catalog, Contract};
use d1_conformance::jose::{Assertion, EncryptionKey, seal};
use d1_conformance::judge::{Judge, JudgeSettings};
use d1_conformance::report::read_run_json;
use d1_conformance::sandbox::callers::{Practice, Witness, provocation};
use d1_conformance::sandbox::{Role, Sandbox, SandboxOptions, demo};
use reqwest::{Client, Method};
use serde_json::{Value, json};
use time::OffsetDateTime;

const PAN: &str = "4111111111111111";

/// A judged sandbox of D1 and a client of it.
struct Session {
    sandbox: Sandbox,
    http: Client,
    folder: tempfile::TempDir,
    token: String,
}

impl Session {
    async fn start(provocations: &[&str]) -> Self {
        let specs = Catalog::load(&Path::new(env!("CARGO_MANIFEST_DIR")).join("specs")).expect("catalogue");
        let contracts = specs.entries.iter().map(|entry| Arc::new(specs.contract(entry).expect("contract")));
        let contracts: Vec<Arc<Contract>> = contracts.filter(|contract| Role::D1.serves(contract.direction)).collect();
        let folder = tempfile::tempdir().expect("folder");
        let judge = Arc::new(Judge::new(JudgeSettings {
            run_id: "test".into(),
            started_at: OffsetDateTime::now_utc(),
            command: Vec::new(),
            seed: 1,
            role: Role::D1,
            contracts: contracts.clone(),
            bundled: BTreeMap::new(),
            folder: folder.path().to_owned(),
            on_finding: Box::new(|_, _| {}),
        }));
        let practice = Practice {
            provocations: provocations.iter().map(|name| provocation(name).expect("provocation")).collect(),
            witness: Some(Arc::clone(&judge) as Arc<dyn Witness>),
            ..Practice::default()
        };
        let options = SandboxOptions { practice, ..SandboxOptions::new(Role::D1, contracts) };
        let sandbox = Sandbox::start(options).await.expect("sandbox");
        judge.serves(sandbox.url());
        let http = Client::builder()
            .tls_backend_preconfigured(d1_conformance::exchange::tls_config().expect("TLS"))
            .no_proxy()
            .build()
            .expect("client");
        Self { sandbox, http, folder, token: String::new() }
    }

    async fn fetch_token(&mut self, minutes: u64) -> u16 {
        let (demo, lifetime) = (demo(), Duration::from_secs(minutes * 60));
        let issuer = demo.issuer_id.to_owned();
        let assertion = Assertion { subject: issuer.clone(), issuer, audience: None, lifetime, issued_at: true };
        let signed = demo.assertion_key().expect("key").sign(&assertion, SystemTime::now()).expect("assertion");
        let grant = "urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Ajwt-bearer";
        let form = format!("grant_type={grant}&assertion={}", signed.expose());
        let request = self.http.post(format!("{}/authz/v1/oauth2/token", self.sandbox.url()));
        let request = request.header("content-type", "application/x-www-form-urlencoded");
        let answer = request.header("x-correlation-id", "t-1").body(form).send().await.expect("answer");
        let status = answer.status().as_u16();
        let body: Value = serde_json::from_slice(&answer.bytes().await.expect("body")).unwrap_or_default();
        if let Some(token) = body["access_token"].as_str() {
            token.clone_into(&mut self.token);
        }
        status
    }

    async fn send(&self, method: Method, path: &str, body: Option<Value>) -> (u16, Value) {
        let mut request = self.http.request(method, format!("{}{path}", self.sandbox.url()));
        request = request.header("x-correlation-id", "t-2").header("authorization", format!("Bearer {}", self.token));
        if let Some(body) = body {
            request = request.header("content-type", "application/json").body(body.to_string());
        }
        let answer = request.send().await.expect("answer");
        let status = answer.status().as_u16();
        (status, serde_json::from_slice(&answer.bytes().await.expect("body")).unwrap_or_default())
    }

    async fn register(&self, exp: &str) -> u16 {
        let demo = demo();
        let key = EncryptionKey::from_text(Some(demo.d1_encryption_kid), demo.d1_encryption_public_pem).expect("key");
        let clear = json!({"pan": "4111111111111129", "exp": exp}).to_string();
        let sealed = seal(clear.as_bytes(), &key).expect("envelope");
        let body = json!({"consumerId": "c1", "cardProductId": "p1", "encryptedData": sealed});
        self.send(Method::PUT, "/banking/v2/issuers/sandbox001/cards/card-1", Some(body)).await.0
    }

    async fn card(&self, card: &str) -> (u16, Value) {
        self.send(Method::GET, &format!("/banking/v1/issuers/sandbox001/cards/{card}"), None).await
    }

    /// Asks for the report: exit code and checks; the files must agree.
    async fn report(&self) -> (u64, Vec<String>) {
        let (status, report) = self.send(Method::POST, "/__sandbox/report", None).await;
        assert_eq!(status, 200, "{report}");
        let record = read_run_json(&self.folder.path().join("run.json")).expect("run.json");
        assert_eq!(json!(record.verdict), report["verdict"]);
        let mut found = record.scenarios.iter().flat_map(|scenario| &scenario.findings);
        assert!(found.all(|finding| finding.spec_excerpt.is_some()), "a finding without its lines");
        for name in ["run.json", "junit.xml", "index.html"] {
            let text = std::fs::read_to_string(self.folder.path().join(name)).expect("report");
            assert!(!text.contains(PAN) && !text.contains(&self.token), "{name} shows a secret");
        }
        let findings = report["findings"].as_array().expect("findings").iter();
        let checks = findings.map(|finding| finding["check"].as_str().expect("check").to_owned());
        (report["exit_code"].as_u64().expect("exit code"), checks.collect())
    }
}

#[tokio::test]
async fn a_correct_client_gets_a_clean_report() {
    let mut session = Session::start(&[]).await;
    assert_eq!(session.fetch_token(10).await, 200);
    assert_eq!(session.register("1230").await, 204);
    assert_eq!(session.card("card-1").await.0, 200);
    let suspend = "/banking/v2/issuers/sandbox001/cards/card-1/operations:suspend";
    let (status, _) = session.send(Method::POST, suspend, Some(json!({"reasonCode": "USER_DECISION"}))).await;
    assert_eq!(status / 100, 2);
    assert_eq!(session.report().await, (0, Vec::new()));
    let record = read_run_json(&session.folder.path().join("run.json")).expect("run.json");
    assert_eq!(record.totals.exchanges, 4);
    let never = record.scenarios.iter().filter(|one| one.reason.as_deref() == Some("never called")).count();
    assert!(never > 10 && record.totals.passed > 20, "{:?}", record.totals);
}

#[tokio::test]
async fn mistakes_on_the_wire_are_found_together_and_nothing_shows_card_data() {
    let mut session = Session::start(&[]).await;
    assert_eq!(session.fetch_token(60).await, 400, "an hour is too long");
    assert_eq!(session.fetch_token(10).await, 200);
    assert_eq!(session.register("3012").await, 400, "swapped");
    session.card(PAN).await;
    session.send(Method::PATCH, "/banking/v1/issuers/sandbox001/cards/demo-card", None).await;
    session.send(Method::GET, "/banking/v3/nothing", None).await;
    let (exit, mut checks) = session.report().await;
    checks.sort();
    assert_eq!(exit, 1);
    let wanted =
        ["card_number_in_identifier", "client_assertion", "swapped_expiry", "undeclared_method", "undeclared_path"];
    assert_eq!(checks, wanted);
}

#[tokio::test]
async fn provocations_are_seen_by_the_client_and_not_blamed_on_it() {
    let mut session = Session::start(&["401-once", "unknown-field", "500-once"]).await;
    assert_eq!(session.fetch_token(10).await, 500);
    assert_eq!(session.fetch_token(10).await, 200);
    let refused = session.card("demo-card").await;
    assert_eq!(refused.0, 401);
    assert_eq!(session.fetch_token(10).await, 200);
    assert_eq!(session.card("demo-card").await.0, 500);
    let (status, card) = session.card("demo-card").await;
    assert!(status == 200 && card["d1cNewField"]["new"] == true, "{card}");
    assert_eq!(session.report().await, (0, Vec::new()));
}

#[tokio::test]
async fn without_a_judge_there_is_no_report() {
    let sandbox = Sandbox::start(SandboxOptions::new(Role::D1, Vec::new())).await.expect("sandbox");
    let http = Client::builder()
        .tls_backend_preconfigured(d1_conformance::exchange::tls_config().expect("TLS"))
        .no_proxy()
        .build()
        .expect("client");
    let answer = http.post(format!("{}/__sandbox/report", sandbox.url())).send().await.expect("answer");
    assert_eq!(answer.status().as_u16(), 404);
    assert!(answer.text().await.expect("text").contains("--judge"));
}

/// Exit code and both streams of a command that is wrong.
fn refused(arguments: &[&str]) -> (Option<i32>, String) {
    let done = Command::new(env!("CARGO_BIN_EXE_d1c")).args(arguments).output().expect("d1c");
    (done.status.code(), format!("{}{}", String::from_utf8_lossy(&done.stdout), String::from_utf8_lossy(&done.stderr)))
}

#[test]
fn typical_mistakes_on_the_command_line_have_a_remedy() {
    let file = tempfile::NamedTempFile::new().expect("file");
    let taken = file.path().to_string_lossy().into_owned();
    let sandbox = ["sandbox", "--role", "d1"];
    for (more, text) in [
        (&["--provoke", "401-onse"][..], "did you mean `401-once`?"),
        (&["--provoke", "everything"], "--list-provocations"),
        (&["--latency", "50"], "write `100ms`"),
        (&["--error-rate", "5"], "such as `5%`"),
        (&["--report-dir", "x"], "--judge"),
        (&["--judge", "--defect", "d1-accepts-long-card-id"], "cannot be used with"),
        (&["--judge", "--report-dir", &taken], "name another with --report-dir"),
    ] {
        let (code, shown) = refused(&[&sandbox[..], more].concat());
        assert_eq!(code, Some(2), "{more:?}: {shown}");
        assert!(shown.contains(text), "{more:?}: {shown}");
    }
    let (code, shown) = refused(&["sandbox", "--list-provocations"]);
    assert!(code == Some(0) && shown.contains("429-once") && shown.contains("your client must"), "{shown}");
}

#[cfg(unix)]
#[test]
fn a_session_without_calls_ends_with_3() {
    let folder = tempfile::tempdir().expect("folder");
    let mut sandbox = Command::new(env!("CARGO_BIN_EXE_d1c"))
        .args(["sandbox", "--role", "issuer", "--judge", "--report-dir"])
        .arg(folder.path())
        .stdout(Stdio::piped())
        .spawn()
        .expect("d1c");
    let mut output = BufReader::new(sandbox.stdout.take().expect("stdout"));
    let mut line = String::new();
    output.read_line(&mut line).expect("a line");
    assert!(line.starts_with("listening on "), "{line}");
    let ended = Command::new("kill").arg(sandbox.id().to_string()).status().expect("kill");
    assert!(ended.success());
    let mut rest = String::new();
    output.read_to_string(&mut rest).expect("the summary");
    assert_eq!(sandbox.wait().expect("exit").code(), Some(3), "{rest}");
    assert!(rest.contains("nobody called") && folder.path().join("index.html").exists(), "{rest}");
}
