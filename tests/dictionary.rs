//! The dictionary of a target file in whole runs: what goes out, and what is refused.

#![expect(clippy::unwrap_used, reason = "a test that cannot be set up must fail")]

use std::collections::BTreeSet;
use std::fs;
use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpListener};
use std::process::{Command, Output};
use std::sync::{Arc, Mutex};
use std::thread;

use serde_json::{Value, json};
use tempfile::TempDir;

const SPEC: &str = "\
openapi: 3.0.3
info: {title: t, version: '1'}
paths:
  /a:
    post:
      operationId: makeA
      parameters: [{name: channel, in: query, required: true, schema: {type: string, maxLength: 8}}]
      requestBody:
        required: true
        content:
          application/json:
            schema:
              type: object
              required: [accounts, name]
              properties:
                home:
                  type: object
                  properties: {city: {type: string, maxLength: 6}, zip: {type: string, maxLength: 4}, floor: {type: string}}
                name: {type: string, maxLength: 5}
                note: {type: string, enum: [x, y, z]}
                accounts:
                  type: array
                  minItems: 2
                  items:
                    type: object
                    required: [currencyCode]
                    properties: {currencyCode: {type: string, pattern: '^[A-Z]{3}$'}}
      responses:
        '200': {description: ok}
        '400': {description: no}
";

const DICTIONARY: &str = "  currencyCode: [EUR, CHF]\n  note: y\n  makeA: {query.channel: web}\n  \
                          home: [{city: Paris, floor: '3'}]\n";

/// Query and body of a request.
type Seen = (String, Value);

/// Answers 200 to everything, and keeps what came.
fn serve() -> (SocketAddr, Arc<Mutex<Vec<Seen>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let seen = Arc::new(Mutex::new(Vec::new()));
    let all = Arc::clone(&seen);
    thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            let (mut bytes, mut buffer) = (Vec::new(), [0; 4096]);
            let text = loop {
                let length = stream.read(&mut buffer).unwrap_or_default();
                bytes.extend(&buffer[..length]);
                let text = String::from_utf8_lossy(&bytes).into_owned();
                let (head, body) = text.split_once("\r\n\r\n").unwrap_or((&text, ""));
                let wanted = head
                    .lines()
                    .find_map(|line| line.to_ascii_lowercase().strip_prefix("content-length: ")?.parse().ok());
                if length == 0 || text.contains("\r\n\r\n") && body.len() >= wanted.unwrap_or(0) {
                    break text;
                }
            };
            let (head, body) = text.split_once("\r\n\r\n").unwrap_or((&text, ""));
            let line = head.lines().next().unwrap_or_default().to_owned();
            if line.starts_with("POST") {
                all.lock().unwrap().push((line, serde_json::from_str(body).unwrap_or_default()));
            }
            let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 0\r\n\r\n");
        }
    });
    (address, seen)
}

fn run(dictionary: &str, filter: &str) -> (Vec<Seen>, Output) {
    let (address, seen) = serve();
    let folder = TempDir::new().unwrap();
    fs::write(folder.path().join("a.yaml"), SPEC).unwrap();
    let target = format!("base_url: http://{address}\nlimits: {{shrink: 5}}\ndictionary:\n{dictionary}");
    fs::write(folder.path().join("t.yaml"), target).unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_d1c"));
    command.current_dir(folder.path()).env("D1C_HOME", env!("CARGO_MANIFEST_DIR"));
    command.args(["run", "--spec", "a.yaml", "--target", "t.yaml", "--report-dir", "out", filter]);
    let output = command.output().unwrap();
    let seen = seen.lock().unwrap().clone();
    (seen, output)
}

fn currencies(body: &Value) -> Vec<String> {
    let accounts = body["accounts"].as_array().into_iter().flatten();
    accounts.map(|account| account["currencyCode"].as_str().unwrap_or("none").to_owned()).collect()
}

#[test]
fn listed_values_are_sent_everywhere_in_conforming_cases() {
    let (seen, _) = run(DICTIONARY, "conforming");
    let mut used = BTreeSet::new();
    assert!(seen.len() > 5);
    for (line, body) in &seen {
        assert!(line.contains("?channel=web "), "{line}");
        assert!(body.get("note").is_none_or(|note| note == "y"), "{body}");
        assert!(body.get("home").is_none_or(|home| *home == json!({"city": "Paris", "floor": "3"})), "{body}");
        assert!(currencies(body).len() >= 2);
        used.extend(currencies(body));
    }
    assert_eq!(used, BTreeSet::from(["CHF".to_owned(), "EUR".to_owned()]));
    assert!(seen.iter().any(|(_, body)| body.get("note").is_none()), "an optional member stays optional");
    assert!(seen.iter().any(|(_, body)| body.get("note").is_some()));
}

#[test]
fn violating_cases_have_them_everywhere_but_at_the_violated_place() {
    let listed = |code: &String| ["EUR", "CHF"].contains(&code.as_str());
    // Those of its smaller requests too: the stub takes everything, so each violation is a finding.
    let (seen, _) = run(DICTIONARY, "body/name::max_length");
    assert!(seen.len() > 1);
    for (line, body) in &seen {
        assert!(line.contains("?channel=web ") && body["name"].as_str().unwrap().len() > 5, "{line} {body}");
        assert!(currencies(body).iter().all(listed), "{body}");
    }
    let (seen, _) = run(DICTIONARY, "body/accounts/*/currencyCode::pattern");
    assert!(seen.len() > 1);
    for (line, body) in &seen {
        let all = currencies(body);
        assert!(line.contains("?channel=web ") && !listed(&all[0]), "{line} {body}");
        assert!(all[1..].iter().all(listed), "{body}");
    }
    // Inside of an object of the dictionary only what is broken differs; what the object does not have is drawn.
    let (seen, _) = run(DICTIONARY, "body/home/city::max_length");
    assert!(seen.len() > 1);
    for (_, body) in &seen {
        assert!(body["home"]["city"].as_str().unwrap().len() > 6 && body["home"]["floor"] == "3", "{body}");
    }
    let (seen, _) = run(DICTIONARY, "body/home/zip::max_length");
    assert!(seen.iter().any(|(_, body)| body["home"]["zip"].as_str().is_some_and(|zip| zip.len() > 4)));
    let (seen, _) = run(DICTIONARY, "query.channel::max_length");
    assert!(seen.len() > 1);
    for (line, body) in &seen {
        assert!(!line.contains("?channel=web ") && currencies(body).iter().all(listed), "{line} {body}");
    }
}

#[test]
fn an_entry_that_cannot_be_used_ends_with_2_and_names_its_line() {
    for (dictionary, parts) in [
        ("  currencyCod: EUR\n", ["t.yaml:4: ", "`currencyCod` is no place", "did you mean `currencyCode`?"]),
        ("  name: [ab]\n  note: [x,\n    w]\n", ["t.yaml:6: ", "`note` breaks the schema of its place", "S::makeA"]),
        ("  makeB: {name: a}\n", ["t.yaml:4: ", "unknown operation", "did you mean `a::makeA`?"]),
        ("  name: []\n", ["t.yaml:4: ", "lists no value", "remedy"]),
        ("  makeA: {name: {a: 1}}\n", ["t.yaml:4: ", "is a mapping", "an object goes into a list"]),
        ("  name: '${env:D1C_TEST_UNSET}'\n", ["t.yaml", "D1C_TEST_UNSET", "not set"]),
    ] {
        let (seen, output) = run(dictionary, "conforming");
        let errors = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(2), "{dictionary}{errors}");
        assert!(parts.iter().all(|part| errors.contains(&part.replace("S::", "a::"))), "{dictionary}{errors}");
        assert!(seen.is_empty());
    }
}
