//! The command line as its users meet it: exit codes, messages, offline commands, whole runs.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot be set up must fail")]

use std::fs;
use std::net::TcpListener;
use std::path::Path;
use std::time::{Duration, Instant};

use assert_cmd::Command;
use serde_json::Value;
use tempfile::TempDir;

fn d1c(args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_d1c"));
    command.args(args).current_dir(env!("CARGO_MANIFEST_DIR")).timeout(Duration::from_secs(120));
    command
}

struct Ended {
    code: i32,
    out: String,
    err: String,
}

fn end(args: &[&str]) -> Ended {
    let output = d1c(args).output().expect("d1c runs");
    Ended {
        code: output.status.code().expect("an exit code"),
        out: String::from_utf8(output.stdout).expect("UTF-8"),
        err: String::from_utf8(output.stderr).expect("UTF-8"),
    }
}

fn file(folder: &TempDir, name: &str, text: &str) -> String {
    let path = folder.path().join(name);
    fs::write(&path, text).expect("a written file");
    path.to_string_lossy().into_owned()
}

/// Bad input ends with 2, names what is wrong, and says what to do.
fn refused(args: &[&str], parts: &[&str]) {
    let ended = end(args);
    assert_eq!(ended.code, 2, "{args:?}\n{}\n{}", ended.out, ended.err);
    for part in parts {
        assert!(ended.err.contains(part), "{args:?}: no {part:?} in\n{}", ended.err);
    }
}

const MINIMAL: &str = "openapi: 3.0.3\ninfo: {title: t, version: '1'}\npaths:\n  /a:\n    get:\n      operationId: getA\n      responses:\n        '200': {description: ok}\n";

#[test]
fn bad_input_is_refused_with_place_and_remedy() {
    let folder = TempDir::new().unwrap();
    let broken = file(&folder, "broken.yaml", "openapi: 3.0.3\ninfo: [\n");
    let dangling =
        file(&folder, "dangling.yaml", &MINIMAL.replace("{description: ok}", "{$ref: '#/components/responses/no'}"));
    let two = file(&folder, "two.yaml", "swagger: '2.0'\ninfo: {title: t, version: '1'}\npaths: {}\n");
    let new = file(&folder, "new.yaml", "openapi: 3.1.0\ninfo: {title: t, version: '1'}\npaths: {}\n");
    let structure = file(&folder, "structure.yaml", &MINIMAL.replace("operationId: getA", "operationId: [getA]"));
    let outside = file(&folder, "outside.yaml", &MINIMAL.replace("{description: ok}", "{$ref: 'other.yaml#/x'}"));
    let url = ["--base-url", "http://127.0.0.1:9"];
    let table: &[(&str, &[&str])] = &[
        ("/no/such/spec.yaml", &["cannot read", "/no/such/spec.yaml", "remedy"]),
        (&broken, &["broken.yaml:", "not readable as YAML", "remedy"]),
        (&dangling, &["dangling.yaml:8", "#/components/responses/no", "points to nothing", "remedy"]),
        (&two, &["two.yaml:1", "Swagger 2.0", "remedy"]),
        (&new, &["new.yaml:1", "OpenAPI 3.1.0", "remedy"]),
        (&structure, &["structure.yaml:6", "/paths/~1a/get/operationId", "remedy"]),
        (&outside, &["outside.yaml:8", "leaves this file", "remedy"]),
    ];
    for (spec, parts) in table {
        refused(&["run", "--spec", spec, url[0], url[1]], parts);
        refused(&["generate", "--spec", spec], parts);
        refused(&["specs", "lint", spec], parts);
    }
}

#[test]
fn unknown_names_are_refused_with_a_suggestion() {
    let folder = TempDir::new().unwrap();
    refused(&["run", "--suite", "inbond"], &["unknown suite `inbond`", "did you mean `inbound`?"]);
    refused(&["run", "registrCard"], &["no scenario matches `registrCard`", "registerCard"]);
    refused(&["list", "nothing-like-this-at-all"], &["no scenario matches", "d1c list"]);
    refused(&["run", "--skip-check", "ignored_aut"], &["ignored_aut", "ignored_auth"]);
    refused(
        &["generate", "--spec", "specs/D1-Public-IN-v2-Card.yaml", "--operation", "suspndCard"],
        &["no operation `suspndCard`", "did you mean `suspendCard`?"],
    );
    refused(&["sandbox", "--role", "d2"], &["d2", "issuer"]);
    refused(&["sandbox", "--role", "d1", "--defect", "no-such-defect"], &["unknown defect", "remedy"]);
    refused(&["run", "--no-such-flag"], &["--no-such-flag"]);
    refused(&["run", "--cases", "many"], &["many"]);

    let suite = fs::read_to_string("suites/outbound.yaml").unwrap();
    let lost = file(&folder, "lost.yaml", &suite);
    refused(&["list", "--suite", &lost], &["lost.yaml:", "rules/issuer.yaml cannot be read", "remedy"]);
    let rules = folder.path().join("rules");
    for (part, names) in
        [("rules", ["issuer.yaml", "notifications.yaml"]), ("lifecycles", ["notification.yaml", "verify_card.yaml"])]
    {
        fs::create_dir(folder.path().join(part)).unwrap();
        for name in names {
            fs::copy(Path::new("suites").join(part).join(name), folder.path().join(part).join(name)).unwrap();
        }
    }
    let broken = fs::read_to_string("suites/rules/issuer.yaml").unwrap();
    let broken =
        broken.replacen("OUT-v1-Consumer::getConsumerInformation", "OUT-v1-Consumer::getConsumerInformatin", 1);
    fs::write(rules.join("broken.yaml"), broken).unwrap();
    let broken = file(&folder, "broken.yaml", &suite.replace("rules/issuer.yaml", "rules/broken.yaml"));
    refused(&["list", "--suite", &broken], &["rules/broken.yaml:", "getConsumerInformatin", "did you mean"]);
    let operation = suite.replace("D1-Public-OUT-v2-Card::verifyCard:", "D1-Public-OUT-v2-Card::verifyCrad:");
    let operation = file(&folder, "operation.yaml", &operation);
    refused(&["list", "--suite", &operation], &["operation.yaml:", "verifyCrad", "did you mean", "verifyCard"]);
    let slot = file(&folder, "slot.yaml", &suite.replace("query.cardId:", "query.cardID:"));
    refused(&["list", "--suite", &slot], &["slot.yaml:", "cardID", "did you mean `cardId`?"]);
    let key = file(&folder, "key.yaml", &suite.replace("tolerate:", "tolerated:"));
    refused(&["list", "--suite", &key], &["key.yaml:", "tolerated"]);
}

#[test]
fn targets_are_read_before_any_traffic() {
    let folder = TempDir::new().unwrap();
    let key = file(&folder, "key.yaml", "base_url: http://127.0.0.1:9\nbase_ulr: x\n");
    refused(&["run", "--suite", "inbound", "--target", &key], &["key.yaml:2", "base_ulr", "remedy"]);
    let secret = file(
        &folder,
        "secret.yaml",
        "base_url: http://127.0.0.1:9\nauth: {grant: static, token: '${env:D1C_TEST_UNSET}'}\n",
    );
    refused(&["run", "--suite", "inbound", "--target", &secret], &["D1C_TEST_UNSET", "not set", "export"]);
    let nowhere = file(&folder, "nowhere.yaml", "name: nowhere\n");
    refused(&["run", "--suite", "inbound", "--target", &nowhere], &["nowhere", "no base URL", "base_urls"]);
    let url = file(&folder, "url.yaml", "base_url: ftp://example.com\n");
    refused(&["run", "--suite", "inbound", "--target", &url], &["ftp://example.com", "http or https"]);
    refused(&["run", "--spec", "specs/D1-Public-IN-v2-Card.yaml"], &["--base-url"]);
    let secret = file(
        &folder,
        "client.yaml",
        "base_url: http://127.0.0.1:9\nauth: {grant: client_credentials, client_id: a, client_secret: b}\n",
    );
    refused(&["run", "--suite", "inbound", "--target", &secret], &["do not fit", "client_credentials", "remedy"]);
    let production = ["--base-url", "https://api.d1.thalescloud.io/banking"];
    refused(
        &["run", "--spec", "specs/D1-Public-IN-v2-Card.yaml", production[0], production[1]],
        &["production host", "--allow-production"],
    );
}

#[test]
fn a_port_in_use_is_refused() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    refused(&["sandbox", "--role", "issuer", "--listen", &address], &[&address]);
}

#[test]
fn an_unreachable_target_is_inconclusive_and_blames_the_configuration() {
    let folder = TempDir::new().unwrap();
    let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let spec = file(&folder, "a.yaml", MINIMAL);
    let reports = folder.path().join("reports").to_string_lossy().into_owned();
    let ended = end(&["run", "--spec", &spec, "--base-url", &format!("http://{free}"), "--report-dir", &reports]);
    assert_eq!(ended.code, 3, "{}\n{}", ended.out, ended.err);
    let record = record(Path::new(&reports));
    assert!(record["scenarios"].as_array().unwrap().iter().all(|scenario| scenario["verdict"] == "inconclusive"));
    assert_eq!(record["scenarios"][0]["blame"], "config");
    assert!(record["scenarios"][0]["reason"].as_str().unwrap().contains(&free.port().to_string()));
    assert!(fs::read_to_string(Path::new(&reports).join("junit.xml")).unwrap().contains("<error"));
}

#[test]
fn every_operation_has_conforming_and_violating_scenarios_that_run() {
    let json: Value = serde_json::from_str(&end(&["list", "--format", "json"]).out).unwrap();
    let mut operations: std::collections::BTreeMap<&str, (usize, usize)> = std::collections::BTreeMap::new();
    for scenario in json.as_array().unwrap() {
        let counts = operations.entry(scenario["operation_id"].as_str().unwrap()).or_default();
        let runs = usize::from(scenario["skip"].is_null() && scenario["cases"].as_u64() > Some(0));
        if scenario["rule"] == "conforming" {
            counts.0 += runs;
        } else {
            counts.1 += runs;
        }
    }
    assert_eq!(operations.len(), 36);
    for (operation, (conforming, violating)) in operations {
        assert!(conforming > 0 && violating > 2, "{operation}: {conforming} conforming, {violating} violating");
    }
}

#[test]
fn a_specification_can_be_listed_without_a_place_to_send_to() {
    let folder = TempDir::new().unwrap();
    let spec = file(&folder, "a.yaml", MINIMAL);
    let ended = end(&["list", "--spec", &spec]);
    assert_eq!((ended.code, ended.err.as_str()), (0, ""));
    assert!(ended.out.contains("generic::a::getA::operation::conforming: 8 case(s)"), "{}", ended.out);
}

/// The official file has other operationIds, no marks, and may lack what the bundled one assumed.
#[test]
fn an_official_file_can_take_the_place_of_the_bundled_one() {
    let home = TempDir::new().unwrap();
    for folder in ["specs", "suites", "snapshots"] {
        let status = std::process::Command::new("cp").args(["-r", folder]).arg(home.path()).status().unwrap();
        assert!(status.success());
    }
    let path = home.path().join("specs/D1-Public-IN-v2-Card.yaml");
    let bundled = fs::read_to_string(&path).unwrap();
    let (kept, rest) =
        bundled.split_once("  /v2/issuers/{issuerId}/cards/{cardId}/authorisations/operations:").unwrap();
    let rest = &rest[rest.find("x-operations-without-path:").unwrap()..];
    let official: String = format!("{kept}{rest}")
        .replace("operationId: registerCard", "operationId: putCardV2")
        .lines()
        .filter(|line| !line.contains("x-evidence") && !line.contains("x-jwe-"))
        .flat_map(|line| [line, "\n"])
        .collect();
    fs::write(&path, official).unwrap();
    let home = home.path();
    let listed = d1c(&["specs", "list"]).env("D1C_HOME", home).output().unwrap();
    assert!(String::from_utf8_lossy(&listed.stdout).contains("official or edited file"));
    let reports = home.join("reports").to_string_lossy().into_owned();
    let run =
        d1c(&["run", "--cases", "1", "--report-dir", &reports, "v2-Card"]).env("D1C_HOME", home).output().unwrap();
    assert_eq!(run.status.code(), Some(0), "{}", String::from_utf8_lossy(&run.stdout));
    let record = record(Path::new(&reports));
    // The last one rests on a mark of the catalogue: the vendor's file does not say what stands inside.
    for id in ["operation::conforming", "body/encryptedData.plaintext/pan::required"] {
        let id = format!("inbound::D1-Public-IN-v2-Card::registerCard::{id}");
        let passed = |one: &Value| one["id"] == id.as_str() && one["verdict"] == "passed";
        assert!(record["scenarios"].as_array().unwrap().iter().any(passed), "{id}");
    }
}

#[test]
fn list_is_quick_silent_and_offline() {
    let begin = Instant::now();
    let ended = end(&["list"]);
    let elapsed = begin.elapsed();
    assert_eq!((ended.code, ended.err.as_str()), (0, ""));
    assert!(ended.out.lines().count() > 500);
    // Generous, because machines are noisy; the bench measures it.
    assert!(elapsed < Duration::from_secs(5), "{elapsed:?}");
    let json: Value = serde_json::from_str(&end(&["list", "registerCard", "--format", "json"]).out).unwrap();
    assert!(json.as_array().unwrap().iter().all(|one| one["id"].as_str().unwrap().contains("registerCard")));
}

#[test]
fn every_command_shows_an_example() {
    for command in [&["run"][..], &["list"], &["generate"], &["specs", "lint"], &["specs", "list"], &["sandbox"]] {
        let ended = end(&[command, &["--help"]].concat());
        assert_eq!(ended.code, 0);
        assert!(ended.out.contains("Example"), "{command:?}\n{}", ended.out);
    }
}

#[test]
fn generated_cases_are_one_object_a_line_and_the_same_for_a_seed() {
    let args = ["generate", "--spec", "specs/D1-Public-IN-v2-Card.yaml", "--operation", "registerCard", "--cases", "3"];
    let first = end(&args);
    assert_eq!(first.code, 0, "{}", first.err);
    let cases: Vec<Value> = first.out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert!(cases.len() > 60);
    for case in &cases {
        for key in [
            "case_id",
            "operation_id",
            "method",
            "path",
            "path_params",
            "query",
            "headers",
            "content_type",
            "url",
            "intent",
            "obligation",
            "rule",
            "location",
            "pointer",
        ] {
            assert!(case.get(key).is_some(), "{key} is missing in {case}");
        }
        assert!(case.get("body").is_some() || case.get("body_text").is_some());
        assert_eq!(case["obligation"].is_null(), case["intent"] == "conforming");
    }
    assert_eq!(first.out, end(&args).out);
    assert_ne!(first.out, end(&[&args[..], &["--seed", "2"]].concat()).out);
}

fn record(folder: &Path) -> Value {
    serde_json::from_str(&fs::read_to_string(folder.join("run.json")).expect("a run.json")).expect("JSON")
}

#[test]
fn one_seed_is_one_digest_and_one_report_for_any_number_of_jobs() {
    let folder = TempDir::new().unwrap();
    let mut seen: Vec<Value> = Vec::new();
    for jobs in ["1", "2", "16"] {
        let reports = folder.path().join(jobs);
        let ended =
            end(&["run", "--cases", "2", "--seed", "5", "--jobs", jobs, "--report-dir", &reports.to_string_lossy()]);
        assert_eq!(ended.code, 0, "{}\n{}", ended.out, ended.err);
        assert!(reports.join("junit.xml").is_file());
        assert!(fs::read_to_string(reports.join("index.html")).unwrap().ends_with("</html>\n"));
        seen.push(without_times(record(&reports)));
    }
    assert_eq!(seen[0]["case_digest"], seen[1]["case_digest"]);
    let (first, others) = seen.split_first().unwrap();
    for other in others {
        // Two records of a thousand scenarios say nothing to a reader: the first that differs does.
        let scenarios = |record: &Value| record["scenarios"].as_array().unwrap().clone();
        for (one, two) in scenarios(first).iter().zip(&scenarios(other)) {
            assert_eq!(one, two);
        }
        assert!(first == other, "the reports differ: {} {}", first["totals"], other["totals"]);
    }
}

/// A record without what differs between two runs of the same plan: times, names, ports, the command.
fn without_times(mut record: Value) -> Value {
    for key in ["run_id", "started_at", "elapsed_ms", "command", "target"] {
        record.as_object_mut().unwrap().remove(key);
    }
    for operation in record["operations"].as_array_mut().unwrap() {
        operation.as_object_mut().unwrap().remove("latency");
    }
    for scenario in record["scenarios"].as_array_mut().unwrap() {
        for key in ["elapsed_ms", "waiting_ms"] {
            scenario.as_object_mut().unwrap().remove(key);
        }
        for finding in scenario["findings"].as_array_mut().unwrap() {
            for key in ["request", "response", "curl", "elapsed_us"] {
                finding.as_object_mut().unwrap().remove(key);
            }
        }
    }
    record
}

#[test]
fn totals_add_up() {
    let folder = TempDir::new().unwrap();
    let reports = folder.path().to_string_lossy().into_owned();
    assert_eq!(end(&["run", "--cases", "1", "--report-dir", &reports]).code, 0);
    let record = record(folder.path());
    let totals = |key: &str| record["totals"][key].as_u64().unwrap_or_else(|| panic!("no total {key}"));
    let verdicts = ["passed", "warned", "failed", "skipped", "inconclusive", "deviating"];
    assert_eq!(totals("scenarios"), verdicts.iter().map(|verdict| totals(verdict)).sum::<u64>());
    assert_eq!(totals("scenarios"), record["scenarios"].as_array().unwrap().len() as u64);
    assert_eq!(totals("operations"), 36);
    assert!(totals("exchanges") >= totals("cases") && totals("cases") > 500);
}

#[test]
fn suites_are_listed_and_linted_with_place_and_suggestion() {
    let names = end(&["suites", "list"]);
    assert!(names.code == 0 && names.out.contains("inbound ") && names.out.contains("PIN Management"), "{}", names.out);
    let linted = end(&["suites", "lint"]);
    assert_eq!(linted.code, 0, "{}{}", linted.out, linted.err);
    assert!(linted.out.lines().count() >= 10, "{}", linted.out);
    let folder = TempDir::new().unwrap();
    let suite = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("suites/outbound-extra.yaml")).unwrap();
    let suite = suite.split("\nrules:").next().unwrap();
    let profile = "name: mine\nproduct: Mine\nsource: https://example.com\ninbound:\n  - title: Register\n    level: required\n    \
                   operations: [D1-Public-IN-v2-Card::registerCrd]\n";
    let target = "base_url: https://host.example\nauht: {grant: static, token: abcdef}\n";
    let right = file(&folder, "right.yaml", suite);
    for (name, text, parts) in [
        ("keys.yaml", suite.replace("operations:", "operatons:"), ["keys.yaml:", "did you mean `operations`?"]),
        (
            "profile.yaml",
            profile.to_owned(),
            ["profile.yaml:7: unknown operation", "did you mean `D1-Public-IN-v2-Card::registerCard`?"],
        ),
        ("target.yaml", target.to_owned(), ["target.yaml:", "did you mean `auth`?"]),
        ("else.yaml", "a: 1\n".to_owned(), ["no suite, no profile and no target", "with the suite that names it"]),
    ] {
        let path = file(&folder, name, &text);
        refused(&["suites", "lint", &right, &path], &parts);
        assert!(end(&["suites", "lint", &right, &path]).out.contains("right.yaml: suite, "), "{name}");
    }
}
