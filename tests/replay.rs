//! `d1c replay`: the failed cases of a run once more, against targets that were mended, that were not, and that are gone.

#![expect(clippy::unwrap_used, reason = "a test that cannot be set up must fail")]

mod stand;

use std::collections::HashSet;
use std::fs;
use std::path::Path;

use assert_cmd::Command;
use d1_conformance::report::{ReplayRecord, ReplayResult, read_run_json};
use d1_conformance::sandbox::Role;
use stand::{Ended, Stand, d1c};
use tempfile::TempDir;

const OPERATION: &str = "getConsumerInformation";
const DEFECT: &str = "issuer-consumer-short-language";

fn replay(stand: &Stand, more: &[&str]) -> (Ended, ReplayRecord) {
    let run = stand.path("first").join("run.json").to_string_lossy().into_owned();
    let ended = d1c(&[&["replay", &run][..], more].concat());
    let file = stand.path("first").join("replay.json");
    let text = fs::read_to_string(&file).unwrap_or_else(|_| panic!("{}", ended.text));
    fs::remove_file(file).unwrap();
    (ended, serde_json::from_str(&text).unwrap())
}

fn results(record: &ReplayRecord) -> HashSet<&'static str> {
    record.cases.iter().map(|case| case.result.name()).collect()
}

#[test]
fn failing_until_it_is_mended_and_inconclusive_when_nobody_answers() {
    let mut stand = Stand::new(Role::Issuer, &[DEFECT]);
    assert_eq!(stand.run("first", &[OPERATION]).code, 1);
    let (ended, record) = replay(&stand, &[]);
    assert_eq!((ended.code, results(&record)), (1, HashSet::from(["failing"])), "{}", ended.text);
    assert!(record.cases.iter().all(|case| (case.judged, case.shown) == (3, 3)), "{record:#?}");
    assert!(ended.text.starts_with("FAILING") && ended.text.contains("D1C-142"), "{}", ended.text);
    // Every finding of every failed scenario, each with a request of its own time.
    let run = read_run_json(&stand.path("first").join("run.json")).unwrap();
    let findings: usize = run.scenarios.iter().map(|one| one.findings.len()).sum();
    assert_eq!(record.cases.len(), findings);
    assert_eq!(record.of_run, run.run_id);

    let (ended, other) = replay(&stand, &["--times", "1", "--json"]);
    let printed: ReplayRecord = serde_json::from_str(&ended.text).unwrap();
    assert!(printed == other && other.cases.iter().all(|case| case.judged == 1));

    // Another mistake in the place of the first: the finding is gone, and the case still fails.
    stand.serve(&["issuer-consumer-name-as-object"]);
    let (ended, record) = replay(&stand, &[]);
    assert_eq!((ended.code, results(&record)), (1, HashSet::from(["different"])), "{}", ended.text);
    assert!(record.cases.iter().all(|case| !case.others.is_empty()));

    stand.serve(&[]);
    let (ended, record) = replay(&stand, &[]);
    assert_eq!((ended.code, results(&record)), (0, HashSet::from(["fixed"])), "{}", ended.text);
    assert!(ended.text.starts_with("FIXED"), "{}", ended.text);
    let one = record.cases[0].case_id.to_string();
    let (ended, record) = replay(&stand, &["--case", &one]);
    assert!(ended.code == 0 && record.cases.iter().all(|case| case.case_id.as_str() == one), "{}", ended.text);

    stand.close();
    let (ended, record) = replay(&stand, &[]);
    assert_eq!((ended.code, results(&record)), (3, HashSet::from(["inconclusive"])), "{}", ended.text);
}

#[test]
fn what_shows_at_times_is_flaky() {
    let mut stand = Stand::new(Role::Issuer, &["issuer-consumer-empty-after-three"]);
    assert_eq!(stand.run("first", &["getConsumerInformation::operation::conforming"]).code, 1);
    let run = read_run_json(&stand.path("first").join("run.json")).unwrap();
    let case = run.scenarios[0].findings[0].case_id.to_string();
    let (ended, record) = replay(&stand, &["--case", &case]);
    assert_eq!((ended.code, results(&record)), (1, HashSet::from(["failing"])), "{}", ended.text);
    // Its calls are counted anew.
    stand.serve(&["issuer-consumer-empty-after-three"]);
    let (ended, record) = replay(&stand, &["--case", &case, "--times", "6"]);
    assert_eq!((ended.code, results(&record)), (1, HashSet::from(["flaky"])), "{}", ended.text);
    assert!(record.cases.iter().all(|case| case.judged == 6 && (1..6).contains(&case.shown)), "{record:#?}");
}

#[test]
fn a_rule_is_repeated_as_a_whole() {
    let of_rule = d1_conformance::sandbox::defects().iter().find(|defect| defect.breaks == ["rules::CARD-LC-15"]);
    // A sequence of calls, and walks through a life cycle.
    for (defect, filter) in
        [(of_rule.unwrap().name, "rules::CARD-LC-15"), ("d1-resumes-stolen-cards", "lifecycles::card::resume")]
    {
        let mut stand = Stand::new(Role::D1, &[defect]);
        let ended = stand.run("first", &[filter]);
        assert!(ended.text.contains("D1C-24"), "{}", ended.text);
        let run = read_run_json(&stand.path("first").join("run.json")).unwrap();
        let broken = run.scenarios.iter().find(|one| !one.findings.is_empty()).unwrap();
        let (ended, record) = replay(&stand, &["--case", broken.id.as_str()]);
        assert_eq!((ended.code, results(&record)), (1, HashSet::from(["failing"])), "{}", ended.text);
        stand.serve(&[]);
        let (ended, record) = replay(&stand, &["--case", broken.id.as_str()]);
        assert_eq!((ended.code, results(&record)), (0, HashSet::from(["fixed"])), "{}", ended.text);
    }
}

#[test]
fn a_changed_specification_is_not_compared() {
    let stand = Stand::new(Role::Issuer, &[DEFECT]);
    let url = fs::read_to_string(stand.path("target.yaml")).unwrap();
    let url = url.lines().find_map(|line| line.strip_prefix("base_url: ")).unwrap().to_owned();
    let spec = "openapi: 3.0.3\ninfo: {title: t, version: '1'}\npaths:\n  /nothing:\n    get:\n      operationId: getNothing\n      responses:\n        '200': {description: ok}\n";
    let file = stand.file("api.yaml", spec);
    let reports = stand.text("first");
    let ended = d1c(&["run", "--quiet", "--spec", &file, "--base-url", &url, "--report-dir", &reports]);
    assert_eq!(ended.code, 1, "{}", ended.text);
    let (ended, record) = replay(&stand, &["--times", "1"]);
    assert_eq!((ended.code, results(&record)), (1, HashSet::from(["failing"])), "{}", ended.text);
    stand.file("api.yaml", &spec.replace("description: ok", "description: all is well"));
    let (ended, record) = replay(&stand, &["--times", "1"]);
    assert_eq!((ended.code, results(&record)), (3, HashSet::from(["not comparable"])), "{}", ended.text);
    assert!(ended.text.contains("the specification api changed"), "{}", ended.text);
    assert!(record.cases.iter().all(|case| case.judged == 0));
    // A recorded request that is not the one that is drawn now.
    stand.file("api.yaml", spec);
    let run = stand.path("first").join("run.json");
    let text = fs::read_to_string(&run).unwrap();
    fs::write(&run, text.replace("\"method\": \"GET\"", "\"method\": \"PUT\"")).unwrap();
    let (ended, record) = replay(&stand, &["--times", "1"]);
    assert!(ended.code == 3 && ended.text.contains("drawn in another way"), "{}", ended.text);
    assert!(record.cases.iter().all(|case| case.result == ReplayResult::NotComparable));
}

#[test]
fn a_run_of_the_embedded_sandboxes_is_replayed_too() {
    // A home of its own, in which one accepted answer is another.
    let home = TempDir::new().unwrap();
    for folder in ["specs", "specs/extra", "suites", "suites/rules", "suites/lifecycles", "suites/profiles"] {
        copy(folder, home.path());
    }
    let pinned = "snapshots/outbound/D1-Public-OUT-v2-Card.getCardCredentials";
    copy(pinned, home.path());
    let snap = home.path().join(pinned).join("unknown.snap");
    let right = fs::read_to_string(&snap).unwrap();
    fs::write(&snap, right.replace("404", "410")).unwrap();
    let d1c = |arguments: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_d1c"));
        let output = command.args(arguments).env("D1C_HOME", home.path()).current_dir(home.path()).output().unwrap();
        (output.status.code().unwrap(), String::from_utf8_lossy(&output.stdout).into_owned())
    };
    let (code, said) =
        d1c(&["run", "--suite", "outbound", "getCardCredentials::pinned::unknown", "--quiet", "--report-dir", "first"]);
    assert!(code == 1 && said.contains("D1C-195"), "{said}");
    let (code, said) = d1c(&["replay", "first/run.json"]);
    assert!(code == 1 && said.contains("3 of 3"), "{said}");
    fs::write(&snap, right).unwrap();
    let (code, said) = d1c(&["replay", "first/run.json", "--report-dir", "second"]);
    assert!(code == 0 && said.starts_with("FIXED") && home.path().join("second/replay.json").is_file(), "{said}");
}

fn copy(folder: &str, home: &Path) {
    let from = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
    fs::create_dir_all(home.join(folder)).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        if path.is_file() {
            fs::copy(&path, home.join(folder).join(path.file_name().unwrap())).unwrap();
        }
    }
}

#[test]
fn what_cannot_be_replayed_is_refused_before_anything_is_sent() {
    let mut stand = Stand::new(Role::Issuer, &[]);
    assert_eq!(stand.run("first", &["deliverOtp"]).code, 0);
    stand.close();
    let run = stand.path("first").join("run.json").to_string_lossy().into_owned();
    let refused = |arguments: &[&str], part: &str| {
        let ended = d1c(&[&["replay"][..], arguments].concat());
        assert!(ended.code == 2 && ended.text.contains(part), "{part}: {}", ended.text);
    };
    refused(&[&run], "no scenario of");
    refused(&[&run, "--case", "x#1"], "the run has no finding");
    refused(&["/no/run.json"], "cannot use /no/run.json");
    let broken = stand.file("broken.json", "{}");
    refused(&[&broken], "is no record of a run");
    // Records of other commands, and of those that are not known.
    let first = Stand::new(Role::Issuer, &[DEFECT]);
    assert_eq!(first.run("first", &[OPERATION]).code, 1);
    let other = fs::read_to_string(first.path("first").join("run.json")).unwrap();
    let mut record: serde_json::Value = serde_json::from_str(&other).unwrap();
    for (command, part) in [
        (vec!["sandbox", "--role", "d1", "--judge"], "which sends no cases"),
        (vec!["run", "--no-such-option"], "is not understood"),
        (vec!["run", "--target", "/gone.yaml"], "/gone.yaml"),
        (vec!["run", "--spec", "a.yaml", "--base-url", "http://***@host/a"], "--base-url"),
    ] {
        record["command"] = command.into();
        let file = stand.file("other.json", &record.to_string());
        refused(&[&file], part);
    }
}
