//! Records of runs that never were: without findings, with a few, with very many, and with hostile text in every field.

use d1_conformance::report::{RunRecord, count, worst};
use serde_json::{Value, json};

/// What a server may send to whoever reads the report.
pub const HOSTILE: &str = "</script><script>window.ran='script'</script>\"><img src=http://127.0.0.1:9/seen onerror=\"window.ran='image'\">\
                           ' onfocus='window.ran=1' autofocus x='<svg onload=window.ran=2><a href=javascript:window.ran=3>x</a>\
                           <base href=http://127.0.0.1:9/><meta http-equiv=refresh content='0;url=http://127.0.0.1:9/'>\
                           <style>@import 'http://127.0.0.1:9/';*{display:none!important}</style><!-- {{7*7}} \u{1b}]0;t\u{7}\0\u{202e}";

const RULES: [&str; 6] = ["type", "max_length", "pattern", "required", "enum", "nullable"];

/// No finding at all.
pub fn none() -> RunRecord {
    run(&(0..60).map(|n| scenario(n, "passed", &[])).collect::<Vec<_>>())
}

/// Three findings that show all that a finding can have, and a scenario of every verdict.
pub fn few() -> RunRecord {
    let mut shrunk = finding(1, "failure");
    shrunk["repeated"] = json!({"result": "same", "reason": null, "exchange": null});
    let mut smaller = exchange(1);
    smaller["request"]["body"] = json!("{\"name\":\"aaaaaa\"}");
    let smallest = json!({"actual": "status 201", "pointer": "/name", "exchange": smaller});
    shrunk["shrunk"] = json!({"tries": 8, "sends": 9, "complete": true, "smallest": smallest});
    let mut flaky = finding(14, "failure");
    flaky["blame"] = json!("flaky");
    flaky["repeated"] = json!({"result": "other", "reason": null, "exchange": exchange(14)});
    let mut answer = finding(27, "warning");
    answer["obligation"] = json!("Spec-B::operation27::response.201.body/items/0/price::required");
    answer["pointer"] = json!("/items/0/price");
    answer["expected"] = json!("content-type: application/json");
    answer["actual"] = json!("content-type: application/hal+json");
    let mut scenarios = vec![
        scenario(1, "failed", &[shrunk]),
        scenario(14, "failed", &[flaky]),
        scenario(27, "warned", &[answer]),
        scenario(28, "passed", &[]),
    ];
    for (number, verdict, blame) in
        [(29, "skipped", json!(null)), (30, "inconclusive", json!("config")), (31, "deviating", json!(null))]
    {
        let mut one = scenario(number, verdict, &[]);
        one["reason"] = json!(format!("the reason for {verdict}, ticket 4711"));
        one["blame"] = blame;
        scenarios.push(one);
    }
    run(&scenarios)
}

/// 500 findings in a run of 10,000 exchanges.
pub fn many() -> RunRecord {
    let scenario = |n: u64| match n % 3 {
        0 => scenario(n, "failed", &[finding(n, if n.is_multiple_of(4) { "warning" } else { "failure" })]),
        _ => scenario(n, "passed", &[]),
    };
    let record = run(&(0..1_500).map(scenario).collect::<Vec<_>>());
    assert!(record.totals.exchanges >= 10_000, "{}", record.totals.exchanges);
    record
}

/// The few findings, with [`HOSTILE`] in every text of the record that can hold any.
pub fn hostile() -> RunRecord {
    let mut record = serde_json::to_value(few()).expect("JSON");
    let places = texts(&record, String::new());
    let mut changed = 0;
    for place in &places {
        let before = record.pointer(place).cloned().expect("a place");
        *record.pointer_mut(place).expect("a place") = json!(HOSTILE);
        // What is one of a few words refuses the text, and cannot come from a server.
        if serde_json::from_value::<RunRecord>(record.clone()).is_ok() {
            changed += 1;
        } else {
            *record.pointer_mut(place).expect("a place") = before;
        }
    }
    assert!(changed * 3 > places.len() * 2, "{changed} of {} texts", places.len());
    for target in record["target"].as_array_mut().expect("targets") {
        target["base_urls"] = json!({HOSTILE: HOSTILE});
    }
    serde_json::from_value(record).expect("a record")
}

fn texts(value: &Value, at: String) -> Vec<String> {
    let inside = |name: &str, value| texts(value, format!("{at}/{}", name.replace('~', "~0").replace('/', "~1")));
    match value {
        Value::String(_) => vec![at],
        Value::Array(items) => items.iter().enumerate().flat_map(|(n, item)| inside(&n.to_string(), item)).collect(),
        Value::Object(members) => members.iter().flat_map(|(name, value)| inside(name, value)).collect(),
        _ => Vec::new(),
    }
}

/// From JSON, as a stored run is read: a new field of the record does not concern these tests.
fn run(scenarios: &[Value]) -> RunRecord {
    let record = json!({
        "schema_version": "1", "tool": {"name": "d1-conformance", "version": "0.1.0"}, "run_id": "run-1",
        "state": "finished", "started_at": "2026-11-22T10:00:00Z", "elapsed_ms": 61_500, "command": ["d1c", "run"],
        "seed": 7, "case_digest": "0123456789abcdef", "strict": false, "verdict": "passed", "exit_code": 0,
        "target": [{"name": "staging", "suite": "inbound", "base_urls": {"Spec-A": "https://host/a"}}],
        "specs": [{"name": "Spec-A", "file": "specs/a.yaml", "sha256": "00", "provenance_note": "bundled"}],
        "totals": totals(), "operations": (0..7).map(activity).collect::<Vec<_>>(), "scenarios": scenarios,
    });
    let mut record: RunRecord = serde_json::from_value(record).expect("a record");
    record.totals = count(&record.scenarios);
    record.verdict = worst(&record.scenarios);
    record
}

fn activity(number: u64) -> Value {
    let (_, operation) = operation(number * 13);
    let (half, most, slowest) = (900 * (number + 1), 7_000 * (number + 1), 40_000 * (number + 1).pow(2));
    json!({
        "suite": "inbound", "operation_id": operation, "answers": {},
        "latency": {"count": 1_500, "min_us": 700, "p50_us": half, "p95_us": most, "max_us": slowest, "buckets": [[40, 1_500]]},
    })
}

fn totals() -> Value {
    let names = [
        "operations",
        "obligations",
        "obligations_exercised",
        "scenarios",
        "cases",
        "exchanges",
        "passed",
        "warned",
        "failed",
        "skipped",
        "inconclusive",
        "deviating",
        "rejected_draws",
        "token_calls",
        "token_renewals",
    ];
    names.iter().map(|name| ((*name).to_owned(), json!(0))).collect::<serde_json::Map<_, _>>().into()
}

/// A long name, as some specifications have.
fn operation(number: u64) -> (String, String) {
    let spec = if number % 80 < 26 { "Spec-A" } else { "Spec-B" };
    (spec.to_owned(), format!("{spec}::operation{}OfAConsumerWithALongName", number % 80 / 13 * 13))
}

fn scenario(number: u64, verdict: &str, findings: &[Value]) -> Value {
    let (spec, operation) = operation(number);
    let rule = RULES[usize::try_from(number % 6).expect("a rule")];
    let obligation = format!("{operation}::body/member{number}::{rule}");
    let exchanges = 7 + findings.len();
    json!({
        "id": format!("inbound::{obligation}"), "suite": "inbound", "operation_id": operation, "spec": spec,
        "obligation": obligation, "rule": rule, "location": format!("body/member{number}"),
        "text": format!("body/member{number} keeps the rule {rule}"), "evidence": "documented",
        "spec_file": "specs/a.yaml", "spec_line": 12, "spec_pointer": "/components/schemas/a", "verdict": verdict,
        "reason": null, "blame": null, "cases": 6, "exchanges": exchanges, "rejected_draws": 0, "elapsed_ms": 120,
        "waiting_ms": 100, "statuses": {"201": 3, "400": 3}, "findings": findings,
    })
}

fn finding(number: u64, severity: &str) -> Value {
    let (_, operation) = operation(number);
    let checks = ["negative_data_rejection", "response_schema_conformance", "status_code_conformance"];
    let check = usize::try_from(number / 3 % 3).expect("a check");
    let mut finding = json!({
        "code": format!("D1C-1{check}1"), "check": checks[check],
        "obligation": format!("{operation}::body/member{number}::max_length"),
        "text": format!("body/member{number} has at most 5 character(s)"), "severity": severity, "blame": "target",
        "expected": "a refusal with 4xx, because it is too long", "actual": format!("201: {{\"id\":\"{number}\"}}"),
        "pointer": "/name", "spec_file": "specs/a.yaml", "spec_line": 12, "spec_pointer": "/components/schemas/a",
        "spec_excerpt": {"first_line": 9, "lines": ["name:", "  description: of the consumer, as it is shown", "  type: string",
            "  maxLength: 5", "  minLength: 1", "  pattern: '^[a-z]+$'", "  x-evidence: documented"]},
        "case_id": format!("inbound::{operation}::body/member{number}::max_length#0"), "count": 3,
    });
    let own = exchange(number);
    for name in ["request", "response", "curl", "elapsed_us"] {
        finding[name] = own[name].clone();
    }
    finding
}

fn exchange(number: u64) -> Value {
    let header = |name: &str, value: &str| json!({"name": name, "value": value});
    let items: Vec<Value> =
        (0..20).map(|n| json!({"id": n, "title": "a <b> & \"c\" of the list", "price": {"amount": 12.5}})).collect();
    json!({
        "request": {
            "method": "POST", "url": format!("https://host.example/banking/v2/issuers/sandbox001/consumers/{number}/cards?fields=all"),
            "headers": [header("authorization", "Bearer ***"), header("content-type", "application/json")],
            "body": format!("{{\"name\":\"a name that is too long\",\"number\":{number},\"nested\":{{\"list\":[1,2,3]}}}}"),
            "body_complete": true, "sealed": [{"pointer": "/encryptedData", "plaintext": "{\"exp\":\"1230\"}"}],
        },
        "response": {
            "status": 201, "headers": [header("content-type", "application/json"), header("x-request-id", &"4711".repeat(20))],
            "body": json!({"id": number.to_string(), "items": items}).to_string(), "body_complete": true,
        },
        "curl": format!("curl --include -X POST -H \"Authorization: Bearer $D1C_TOKEN\" --data-binary '{{\"number\":{number}}}' 'https://host.example/banking/v2'"),
        "elapsed_us": 1_000 + number * 37,
    })
}
