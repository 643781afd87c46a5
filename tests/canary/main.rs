//! Secrets are let loose in whole runs against a server that repeats them; not one may be found in anything that the tool
//! writes. Meant to fail when a line of the product goes that holds one back. Tried by hand, each trips a test here:
//!
//! * `report/proof.rs`: `Cleaner::of` made `Cleaner::new` (what the exchange itself carried), for a finding, a repeat and a
//!   smaller request,
//! * `report/recorder.rs`: the tokens of the clients, not added (tokens that are repeated to other requests),
//! * `engine/stage.rs` and `scenario.rs`: the redactor of the exchange in `judge` and `view_of` (quotations that are cut; snapshots),
//! * `suite/target.rs`: `basic_forms` (the pair of client id and secret), the lines in `key_parts` (parts of a key),
//! * `suite/credential.rs`: a plain `String` (a secret without quotes, in a message of the YAML reader),
//! * `base/redact.rs`: `mask_word` (codes), `encoded_runs` (percent-encoded texts), the groups in `is_card_number`,
//! * `exchange/client.rs`: `sent.sealed` left empty (card data that were sealed, and come back in clear),
//! * `oracle/checks/plaintext_conformance.rs`: a value of a clear text quoted,
//! * `generate/case.rs`: `Debug` of `Body` derived.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot be set up must fail")]

mod printed;
mod secrets;
mod stub;

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use assert_cmd::Command;
use serde_json::Value;
use tempfile::TempDir;

use secrets::{
    AUXILIARY_PAN, CLIENT_ID, CLIENT_SECRET, CVC, CVV, DECRYPTION_KEY, ENCRYPTION_KEY, EXPIRED_TOKEN, PAN, PAN_RANGE,
    SIGNING_KEY, STATIC_TOKEN, Scanner,
};
use stub::{Stub, leaked};

const CARD_SPEC: &str = include_str!("card.yaml");

const CARD_SUITE: &str = "
name: canary
direction: outbound
description: card data in clear
specs: [D1-Public-OUT-v1-Auth2, D1-Public-OUT-v1-Consumer, D1-Public-OUT-v2-Card, Canary-Card]
values:
  path.issuerId: { target: issuerId }
operations:
  Canary-Card::putCard:
    values:
      body/card/pan: { target: first }
      body/card/auxiliaryPan: { target: second }
      body/card/cvv: { target: third }
      body/card/cvc: { target: fourth }
    pinned: [{ name: a }, { name: b, index: 1 }, { name: c, index: 2 }, { name: d, index: 3 }, { name: e, index: 4 }]
  Canary-Card::getCard:
    values:
      path.cardId: { target: first }
    pinned: [{ name: a }, { name: b, index: 1 }, { name: c, index: 2 }]
  D1-Public-OUT-v2-Card::verifyCard:
    values:
      body/cardId: { target: first }
      body/encryptedData.plaintext/pan: { target: first }
      body/encryptedData.plaintext/cvv: { target: third }
    pinned: [{ name: minimal }]
";

const CARD_ENTRY: &str = "
  - name: Canary-Card
    direction: outbound
    file: Canary-Card.yaml
    core: false
    base_path: /canary
    official_url: null
    provenance: made for a test
    date: '2026-11-22'
    sha256: '00'
    operations:
      putCard: 'PUT /cards/{cardId}'
      getCard: 'GET /cards/{cardId}'
";

/// A library with the suite and the specification of this test, a stub, and a place for what is written.
struct Ground {
    home: TempDir,
    stub: Stub,
    scanner: Scanner,
}

impl Ground {
    /// `own` is what the target file of this run keeps secret besides the rest.
    fn new(own: &[&str]) -> Self {
        let home = TempDir::new().unwrap();
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        for folder in ["specs", "suites"] {
            let status = std::process::Command::new("cp").arg("-r").arg(root.join(folder)).arg(home.path()).status();
            assert!(status.unwrap().success());
        }
        let catalog = home.path().join("specs/catalog.yaml");
        // Behind the other specifications, and before what the catalogue holds beside them.
        let text = fs::read_to_string(&catalog).unwrap();
        fs::write(&catalog, text.replace("\n# Schemas of", &format!("{CARD_ENTRY}\n# Schemas of"))).unwrap();
        fs::write(home.path().join("specs/Canary-Card.yaml"), CARD_SPEC).unwrap();
        fs::write(home.path().join("suites/canary.yaml"), CARD_SUITE).unwrap();
        for (name, key) in [("signing.pem", SIGNING_KEY), ("decryption.pem", DECRYPTION_KEY)] {
            fs::write(home.path().join(name), key).unwrap();
        }
        let stub = Stub::start(&leaked(&[own, &[DECRYPTION_KEY]].concat()));
        Self { home, stub, scanner: Scanner::new() }
    }

    /// A target file; everything secret is in it, in a file beside it, or in the environment. The names of the card data
    /// do not tell what they are: only the members of the requests do.
    fn target(&self, name: &str, auth: &str) -> String {
        let address = self.stub.address;
        let text = format!(
            "name: {name}\nbase_url: http://{address}\nauth: {auth}\nexpired_token: '{EXPIRED_TOKEN}'\n\
             jwe:\n  encrypt_for: {{ kid: k, public_key: {} }}\n  decrypt_with: {{ private_key: '${{file:decryption.pem}}' }}\n\
             test_pans: [{PAN_RANGE}]\n\
             values: {{ issuerId: issuer0001, consumerId: c1, cardId: card-1, cardProductId: p1, first: '{PAN}', \
                        second: '{AUXILIARY_PAN}', third: '{CVV}', fourth: {CVC} }}\n\
             limits: {{ timeout_seconds: 5 }}\n",
            Value::from(ENCRYPTION_KEY)
        );
        let path = self.home.path().join(format!("{name}.yaml"));
        fs::write(&path, text).unwrap();
        path.to_string_lossy().into_owned()
    }

    fn d1c(&self, args: &[&str]) -> std::process::Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_d1c"));
        command.args(args).current_dir(self.home.path()).timeout(Duration::from_secs(180));
        command.env("D1C_HOME", self.home.path()).env("RUST_LOG", "trace").env("RUST_BACKTRACE", "full");
        command.env("CANARY_CLIENT_SECRET", CLIENT_SECRET).env("CANARY_STATIC_TOKEN", STATIC_TOKEN);
        command.output().expect("d1c runs")
    }

    /// One run; returns its record and what was found in streams and reports.
    fn run(&self, name: &str, args: &[&str]) -> (Value, Vec<String>) {
        self.stub.forget();
        let reports = self.home.path().join("reports").join(name);
        let folder = reports.to_string_lossy().into_owned();
        let output = self.d1c(&[&["run", "--report-dir", &folder, "--jobs", "8"], args].concat());
        let code = output.status.code().expect("an exit code");
        let errors = String::from_utf8_lossy(&output.stderr);
        assert!(code == 1 || code == 3, "{name}: {code}\n{errors}");
        let mut found = self.streams(name, &output);
        for file in files(&reports) {
            found.extend(self.file(name, &file));
        }
        (serde_json::from_slice(&fs::read(reports.join("run.json")).unwrap()).unwrap(), found)
    }

    fn streams(&self, name: &str, output: &std::process::Output) -> Vec<String> {
        let streams = [("stdout", &output.stdout), ("stderr", &output.stderr)];
        let named = |(stream, text): (&str, &Vec<u8>)| {
            self.scanner.find(text).into_iter().map(|hit| format!("{name}, {stream}: {hit}")).collect::<Vec<_>>()
        };
        streams.into_iter().flat_map(named).collect()
    }

    fn file(&self, name: &str, file: &Path) -> Vec<String> {
        let place = file.strip_prefix(self.home.path()).unwrap().display().to_string();
        let mut found = self.scanner.find(place.as_bytes());
        found.extend(self.scanner.find(&fs::read(file).unwrap()));
        found.into_iter().map(|hit| format!("{name}, {place}: {hit}")).collect()
    }

    fn snapshots(&self) -> Vec<PathBuf> {
        files(&self.home.path().join("snapshots"))
    }
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut all = Vec::new();
    for entry in fs::read_dir(folder).into_iter().flatten() {
        let path = entry.unwrap().path();
        if path.is_dir() { all.extend(files(&path)) } else { all.push(path) }
    }
    all
}

const CLIENT: &str =
    "{ grant: client_credentials, client_id: canary-client, client_secret: '${env:CANARY_CLIENT_SECRET}' }";
const STATIC: &str = "{ grant: static, token: '${env:CANARY_STATIC_TOKEN}' }";
const SIGNED: &str = "{ grant: jwt_bearer, issuer: i1, kid: k1, private_key: '${file:signing.pem}' }";

/// The findings of a record, by check.
fn checks(record: &Value) -> Vec<String> {
    let scenarios = record["scenarios"].as_array().unwrap();
    let findings = scenarios.iter().flat_map(|scenario| scenario["findings"].as_array().unwrap());
    let mut checks: Vec<String> = findings.map(|finding| finding["check"].as_str().unwrap().to_owned()).collect();
    checks.sort();
    checks.dedup();
    checks
}

fn assert_clean(found: &[String]) {
    assert!(
        found.is_empty(),
        "{} finds:\n{}",
        found.len(),
        found.iter().take(12).cloned().collect::<Vec<_>>().join("\n")
    );
}

#[test]
fn no_run_with_client_credentials_lets_a_secret_out() {
    let ground = Ground::new(&[CLIENT_SECRET]);
    let target = ground.target("by-client", CLIENT);
    let args = ["--target", &target, "--suite", "canary", "--cases", "2"];
    let (accepted, mut found) = ground.run("accepting", &[&args[..], &["--accept-snapshots"]].concat());
    let written = ground.snapshots();
    assert!(!written.is_empty(), "one in sixteen answers is lost, but not all");
    // The stub never answers twice alike, so that differences are shown and new answers are left beside the old ones.
    let (compared, more) = ground.run("comparing", &args);
    found.extend(more);
    for file in ground.snapshots() {
        found.extend(ground.file("snapshots", &file));
    }
    assert_clean(&found);

    // It was no quiet run: cards and tokens went out, and answers were judged, quoted and lost.
    assert!(
        ground.stub.requests() > 200 && ground.stub.cards_seen() > 10,
        "{} requests, {} cards",
        ground.stub.requests(),
        ground.stub.cards_seen()
    );
    assert!(ground.stub.envelopes_opened() > 10, "{} envelopes", ground.stub.envelopes_opened());
    let reasons = |record: &Value| -> Vec<String> {
        let scenarios = record["scenarios"].as_array().unwrap();
        scenarios.iter().filter_map(|scenario| scenario["reason"].as_str().map(str::to_owned)).collect()
    };
    let checks = checks(&compared);
    for check in [
        "not_a_server_error",
        "response_schema_conformance",
        "ignored_auth",
        "snapshot",
        "plaintext_conformance",
        "card_data_disclosure",
    ] {
        assert!(checks.iter().any(|own| own == check), "{check} is not among {checks:?}, {:?}", reasons(&compared));
    }
    let reasons = reasons(&accepted);
    assert!(reasons.iter().any(|reason| reason.contains("ended before the answer was complete")), "no cut connection");
    assert!(reasons.iter().any(|reason| reason.contains("limits the rate")), "no 429");
    assert!(accepted["totals"]["token_calls"].as_u64().unwrap() >= 2, "{}", accepted["totals"]);
    assert!(accepted.to_string().contains("***"));
    // Repeats that showed something else, and smaller requests, are shown with exchanges of their own.
    for place in ["/repeated/exchange/request", "/shrunk/smallest/exchange/request"] {
        let scenarios = [&accepted, &compared].into_iter().flat_map(|record| record["scenarios"].as_array().unwrap());
        let mut findings = scenarios.flat_map(|scenario| scenario["findings"].as_array().unwrap());
        assert!(findings.any(|finding| finding.pointer(place).is_some_and(Value::is_object)), "nothing at {place}");
    }
}

#[test]
fn no_run_with_a_given_token_lets_a_secret_out() {
    let ground = Ground::new(&[STATIC_TOKEN]);
    let target = ground.target("by-token", STATIC);
    let (record, found) =
        ground.run("static", &["--target", &target, "--suite", "canary", "--cases", "2", "Canary-Card"]);
    assert_clean(&found);
    assert!(checks(&record).len() > 2);
    assert_eq!((&record["totals"]["token_calls"], &record["totals"]["token_renewals"]), (&0.into(), &0.into()));
}

#[test]
fn no_run_with_a_signing_key_lets_a_secret_out() {
    let ground = Ground::new(&[SIGNING_KEY]);
    let target = ground.target("by-key", SIGNED);
    let (record, mut found) =
        ground.run("signed", &["--target", &target, "--suite", "inbound", "--cases", "1", "--accept-snapshots"]);
    for file in ground.snapshots() {
        found.extend(ground.file("snapshots", &file));
    }
    assert_clean(&found);
    assert!(checks(&record).len() > 2);
}

#[test]
fn neither_messages_nor_listings_show_a_secret() {
    let ground = Ground::new(&[]);
    let target = ground.target("messages", CLIENT);
    let mut found = Vec::new();
    let mut meet = |args: &[&str]| {
        let output = ground.d1c(args);
        found.extend(ground.streams(&args.join(" "), &output));
        output.status.code()
    };
    assert_eq!(meet(&["--help"]), Some(0));
    assert_eq!(meet(&["run", "--help"]), Some(0));
    assert_eq!(meet(&["list", "--target", &target, "--suite", "canary"]), Some(0));
    // What is wrong with a target file is said without what is in it: a secret of digits alone, without quotes.
    for (name, text) in [
        ("number", format!("auth: {{ grant: client_credentials, client_id: a, client_secret: {AUXILIARY_PAN} }}\n")),
        ("number-too", format!("auth: {{ grant: static, token: {AUXILIARY_PAN} }}\n")),
        ("expired", format!("expired_token: [{AUXILIARY_PAN}]\n")),
        ("unknown", format!("auth: {{ grant: static, tokn: '{STATIC_TOKEN}' }}\n")),
        (
            "key",
            format!(
                "auth: {{ grant: jwt_bearer, issuer: i, kid: k, private_key: {} }}\n",
                Value::from(&SIGNING_KEY[..150])
            ),
        ),
        ("range", format!("test_pans: ['{PAN}']\n")),
        ("url", format!("base_url: 'http://{CLIENT_ID}:{STATIC_TOKEN}@127.0.0.1:1'\n")),
    ] {
        let path = ground.home.path().join(format!("{name}.yaml"));
        fs::write(&path, format!("{}{text}", if name == "url" { "" } else { "base_url: http://127.0.0.1:1\n" }))
            .unwrap();
        let code = meet(&["run", "--target", &path.to_string_lossy(), "--suite", "inbound"]);
        assert_eq!(code, Some(2), "{name}");
    }
    assert_clean(&found);
}

#[test]
fn the_scanner_finds_what_is_planted() {
    let scanner = Scanner::new();
    assert_clean(
        &scanner.find(
            br#"{"test_pans": "41111111xxxxxxxx", "elapsed_ms": 9873, "line": 19873, "s": 9.873, "t": "0.9873"}"#,
        ),
    );
    for (canary, name) in [
        (CLIENT_SECRET, "client secret"),
        ("a=kanarie%2Fgeheim%2B~%C3%BC%3F%3E%3EVogel", "client secret"),
        ("a=kanarie%2fgeheim%2b~%c3%bc%3f%3e%3eVogel", "client secret"),
        ("kanarie-static\\/tok", "static token"),
        (EXPIRED_TOKEN, "expired token"),
        ("kanarie-issued-7", "issued token"),
        ("Basic Y2FuYXJ5LWNsaWVudDprYW5hcmllL2dlaGVpbSt-w7w_Pj5Wb2dlbA==", "basic pair"),
        ("Basic Y2FuYXJ5LWNsaWVudDprYW5hcmllL2dlaGVpbSt+w7w/Pj5Wb2dlbA==", "basic pair"),
        ("4111 1111 0730 2195", "PAN"),
        ("41111111%2007302195 4111111100000000", "PAN"),
        (AUXILIARY_PAN, "auxiliary PAN"),
        ("\"cvv\": 9873}", "CVV"),
        ("cvc=8746", "CVC"),
        (SIGNING_KEY, "line of the signing key"),
        (DECRYPTION_KEY, "line of the decryption key"),
        ("eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJpIn0.c2ln", "JWT"),
    ] {
        let planted = format!("{{\"message\": \"something before {canary} and behind\"}}");
        let found = scanner.find(planted.as_bytes());
        assert!(found.iter().any(|hit| hit.starts_with(name)), "{canary} was not found: {found:?}");
    }
}
