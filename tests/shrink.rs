//! A finding is repeated before it counts, and shown with the smallest request that brings it.

#![expect(clippy::unwrap_used, reason = "a test that cannot be set up must fail")]

use std::collections::BTreeMap;
use std::fs;
use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpListener};
use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use d1_conformance::base::Seed;
use d1_conformance::contract::Direction;
use d1_conformance::engine::{self, Filter, Plan, PlanOptions, Role as Purpose, RunOptions, Stop, Subject};
use d1_conformance::harness::{Embedded, Grounds, SelftestSettings, selftest};
use d1_conformance::oracle::{Blame, CheckSelection, Severity, SnapshotMode, Snapshots, Verdict};
use d1_conformance::report::{
    FindingRecord, Recorder, RepeatResult, RequestRecord, RunMeta, RunRecord, html, junit, summary,
};
use d1_conformance::sandbox::{Role, defect};
use d1_conformance::suite::Library;
use serde_json::Value;
use tempfile::TempDir;
use time::OffsetDateTime;

/// How a run is made.
struct Course<'c> {
    defects: &'c [&'c str],
    filter: &'c str,
    seed: u64,
    jobs: usize,
    /// As in the target file.
    shrink: Option<u32>,
    /// Where accepted answers lie; pinned cases are left out without.
    snapshots: Option<&'c Path>,
}

impl Default for Course<'_> {
    fn default() -> Self {
        Self { defects: &[], filter: "", seed: 1, jobs: 4, shrink: None, snapshots: None }
    }
}

async fn run(course: &Course<'_>) -> RunRecord {
    let defects: Vec<_> = course.defects.iter().map(|name| defect(name).unwrap()).collect();
    let outbound = defects.first().is_some_and(|defect| defect.role == Role::Issuer);
    let library = Library::find().unwrap();
    let name = match (outbound, course.filter.contains("3DSecure")) {
        (true, true) => "outbound-extra",
        (true, false) => "outbound",
        _ => "inbound",
    };
    let (suite, contracts) = library.load(name, &library.catalog().unwrap()).unwrap();
    let direction = if outbound { Direction::Outbound } else { Direction::Inbound };
    let embedded = Embedded::start(direction, contracts.clone(), defects).await.unwrap();
    let mut target = embedded.target.clone();
    target.limits.shrink = course.shrink;
    let subject = Subject::new(suite, Arc::new(target), contracts).unwrap();
    let filter = Filter::new(vec![course.filter.to_owned()]);
    let snapshots = course.snapshots.is_some();
    let plan = Arc::new(Plan::build(vec![subject], &PlanOptions { filter, cases: 10, snapshots }).unwrap());
    let meta = RunMeta {
        run_id: "run".to_owned(),
        started_at: OffsetDateTime::UNIX_EPOCH,
        command: Vec::new(),
        seed: Seed::new(course.seed),
        strict: false,
        redactor: plan.redactor(),
        bundled: BTreeMap::new(),
        profile: None,
        log_since: Some(Instant::now()),
        deviations: None,
    };
    let options = RunOptions {
        seed: Seed::new(course.seed),
        nonce: course.seed.to_string(),
        jobs: course.jobs,
        max_failures: None,
        strict: false,
        checks: CheckSelection::all(),
        snapshots: match course.snapshots {
            Some(folder) => Snapshots::new(folder, SnapshotMode::Compare),
            None => Snapshots::new("", SnapshotMode::Off),
        },
        redactor: plan.redactor(),
        stop: Stop::default(),
    };
    let mut recorder = Recorder::new(&plan, meta);
    let digest = engine::run(Arc::clone(&plan), options, |event| recorder.event(event)).await;
    recorder.finish(digest, Duration::ZERO, false)
}

/// The finding of this duty, of all scenarios that met it the one whose request was made smaller.
fn finding<'r>(record: &'r RunRecord, obligation: &str) -> &'r FindingRecord {
    let all: Vec<_> = record.scenarios.iter().flat_map(|scenario| &scenario.findings).collect();
    let own = |finding: &&&FindingRecord| finding.obligation.as_str().ends_with(obligation);
    let found = all.iter().filter(own).max_by_key(|finding| finding.shrunk.is_some());
    found.unwrap_or_else(|| panic!("no finding of {obligation}: {all:#?}"))
}

/// The smallest request that was found; the first cases of a scenario may be the smallest there are.
fn smallest(finding: &FindingRecord) -> &RequestRecord {
    let smaller = finding.shrunk.as_ref().and_then(|shrunk| shrunk.smallest.as_ref());
    smaller.map_or(&finding.request, |smaller| &smaller.exchange.request)
}

/// Members of the body, and headers of the contract: what a tester chose to send.
fn parts(request: &RequestRecord) -> Vec<String> {
    let headers = request.headers.iter().map(|header| header.name.clone()).filter(|name| name.starts_with("x-"));
    let body: Value = request.body.as_deref().map_or(Value::Null, |body| serde_json::from_str(body).unwrap());
    let members = body.as_object().into_iter().flatten().map(|(name, _)| name.clone());
    headers.chain(members).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn two_parts_that_are_refused_together_are_all_that_is_left() {
    for (defect, filter, left) in [
        ("d1-register-consumer-refuses-both-headers", "registerConsumer::op", &["x-correlation-id", "x-user-id"][..]),
        ("d1-enrol-refuses-name-with-reason", "enrolCardInClickToPay::op", &["name", "reason"]),
        (
            "d1-register-card-refuses-state-with-correlation-id",
            "v2-Card::registerCard::op",
            &["x-correlation-id", "consumerId", "cardProductId", "state"],
        ),
        (
            "issuer-3ds-notice-refuses-consumer-with-details",
            "3DSecure::notify3dsCardOperation::op",
            &["operationId", "operation", "status", "startTime", "consumerId", "details"],
        ),
        // A header alone.
        ("issuer-authorisation-refuses-correlation-id", "v2-Card::notifyCardAuthorisations::op", &["x-correlation-id"]),
    ] {
        let record = run(&Course { defects: &[defect], filter, ..Course::default() }).await;
        let found = finding(&record, "operation::conforming");
        assert_eq!(found.repeated.as_ref().unwrap().result, RepeatResult::Same, "{defect}");
        assert_eq!(found.blame, Blame::Target);
        let (before, after) = (parts(&found.request), parts(smallest(found)));
        assert_eq!(after, left, "{defect}, before {before:?}");
        assert!(before.len() >= after.len() && smallest(found) != &found.request, "{defect}");
        let shrunk = found.shrunk.as_ref().unwrap();
        assert!(shrunk.complete && shrunk.sends <= 40, "{defect}: {shrunk:?}");
        // Its own answer, not the first one's.
        let response = shrunk.smallest.as_ref().unwrap().exchange.response.as_ref().unwrap();
        assert_eq!(response.status, found.response.as_ref().unwrap().status);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_exchange_is_in_the_log_and_counted_for_its_operation() {
    let defects = ["d1-register-consumer-refuses-both-headers"];
    let record = run(&Course { defects: &defects, filter: "onsumer", ..Course::default() }).await;
    for scenario in &record.scenarios {
        assert_eq!(scenario.log.len() as u64, scenario.exchanges, "{}", scenario.id);
    }
    let log: Vec<_> = record.scenarios.iter().flat_map(|scenario| &scenario.log).collect();
    assert_eq!(log.len() as u64, record.totals.exchanges);
    let of = |purpose: Purpose| log.iter().filter(|logged| logged.role == purpose).count() as u64;
    for purpose in [Purpose::Case, Purpose::Fixture, Purpose::Repeat, Purpose::Shrink] {
        assert!(of(purpose) > 0, "none for {purpose:?}");
    }
    assert_eq!(of(Purpose::Repeat) + of(Purpose::Shrink), record.totals.repeats);
    // Calls of a sequence are cases where its rule expects something of them, and calls at once where they are one round.
    let cases = of(Purpose::Case)..=of(Purpose::Case) + of(Purpose::Step) + of(Purpose::Race);
    assert!(of(Purpose::Step) > 0 && cases.contains(&record.totals.cases), "{cases:?}");
    // Requests with another method, and calls at once, are in the log, but say nothing about the operation that is named.
    for operation in &record.operations {
        let answers = log.iter().filter(|one| one.exchange.response.is_some() && one.role != Purpose::Race);
        let own: Vec<_> = answers.filter(|logged| logged.operation_id == operation.operation_id).collect();
        let answered: u64 = operation.answers.values().map(|answers| answers.count).sum();
        let counted = |method: &str| own.iter().filter(|one| one.exchange.request.method == method).count() as u64;
        let methods = ["GET", "PUT", "POST", "PATCH", "DELETE"];
        let all = methods.map(counted);
        assert!(all.contains(&answered), "{}: {all:?}, {answered}", operation.operation_id);
        let timed = own.iter().filter(|one| !matches!(one.role, Purpose::Repeat | Purpose::Shrink)).count() as u64;
        assert!(operation.latency.count <= timed && operation.latency.count > 0, "{}", operation.operation_id);
    }
    let register = record.operations.iter().find(|one| one.operation_id.name() == "registerConsumer").unwrap();
    assert!(register.answers.keys().any(|status| (200..300).contains(status)), "{register:?}");
    let text = serde_json::to_string(&log).unwrap();
    assert!(text.contains("Bearer ***") && !text.contains("Bearer ey"), "credentials");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_violation_keeps_what_is_wrong_and_loses_the_rest() {
    let defects = ["d1-register-consumer-any-user-id", "d1-register-consumer-any-language"];
    let record = run(&Course { defects: &defects, filter: "v2-Consumer::registerConsumer", ..Course::default() }).await;
    let header = smallest(finding(&record, "header.x-user-id::pattern"));
    assert_eq!(parts(header), ["x-user-id"]);
    let value = |request: &RequestRecord| {
        request.headers.iter().find(|header| header.name == "x-user-id").map(|header| header.value.clone())
    };
    assert_eq!(value(header), value(&finding(&record, "header.x-user-id::pattern").request), "it is what is wrong");
    let language = smallest(finding(&record, "personalInformation/language::pattern"));
    assert_eq!(parts(language), ["personalInformation"]);
    let body: Value = serde_json::from_str(language.body.as_deref().unwrap()).unwrap();
    assert_eq!(body["personalInformation"].as_object().unwrap().keys().collect::<Vec<_>>(), ["language"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_identifier_that_is_wrong_is_another_one_each_time() {
    // A second registration under the same identifier would be no registration.
    let defects = ["d1-register-card-any-card-id"];
    let record = run(&Course { defects: &defects, filter: "registerCard::path.cardId", ..Course::default() }).await;
    let found = finding(&record, "path.cardId::pattern");
    assert_eq!(found.repeated.as_ref().unwrap().result, RepeatResult::Same);
    assert!(found.shrunk.as_ref().is_none_or(|shrunk| shrunk.complete));
    assert_eq!(smallest(found).url.len(), found.request.url.len());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_verdict_that_changes_on_a_repeat_is_flaky_and_still_a_failure() {
    let defects = ["d1-get-card-undeclared-status-every-second-time"];
    let record = run(&Course {
        defects: &defects,
        filter: "v1-Card::getCard::operation::conforming",
        jobs: 1,
        ..Course::default()
    })
    .await;
    let found = finding(&record, "getCard::response.2XX::status");
    assert_eq!((found.severity, found.blame), (Severity::Failure, Blame::Flaky));
    assert!(found.shrunk.is_none(), "there is nothing to compare a smaller request with");
    let repeat = found.repeated.as_ref().unwrap();
    assert_eq!(repeat.result, RepeatResult::Other);
    let other = repeat.exchange.as_ref().unwrap();
    assert_eq!((found.response.as_ref().unwrap().status, other.response.as_ref().unwrap().status), (206, 200));
    assert_eq!(other.request.url, found.request.url, "reading leaves a card as it was");
    let scenario = record.scenarios.iter().find(|scenario| !scenario.findings.is_empty()).unwrap();
    assert_eq!((scenario.verdict, scenario.blame), (Verdict::Failed, Some(Blame::Flaky)));
    assert!(scenario.reason.as_ref().unwrap().starts_with("flaky: "), "{scenario:?}");
    assert_eq!((record.exit_code, record.totals.repeats), (1, 1), "once, although many cases show it");
    assert!(found.count >= 5, "{}", found.count);
    for text in [summary(&record, false, &[]), junit(&record).unwrap(), html(&record).unwrap()] {
        assert!(text.contains("flaky"), "{text}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_comes_after_some_calls_and_stays_is_no_flake() {
    let defects = ["d1-get-card-undeclared-status-after-five"];
    let record = run(&Course { defects: &defects, filter: "v1-Card::getCard", jobs: 1, ..Course::default() }).await;
    let found = finding(&record, "getCard::response.2XX::status");
    assert_eq!((found.blame, found.repeated.as_ref().unwrap().result), (Blame::Target, RepeatResult::Same));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pinned_case_shows_the_same_difference_again_under_other_identifiers() {
    let folder = TempDir::new().unwrap();
    let accepted = Path::new(env!("CARGO_MANIFEST_DIR")).join("snapshots/inbound");
    assert!(Command::new("cp").arg("-r").arg(accepted).arg(folder.path()).status().unwrap().success());
    let snapshots = Some(folder.path());
    let filter = "v1-Card::getCard::pinned";
    let clean = run(&Course { filter, snapshots, ..Course::default() }).await;
    assert_eq!((clean.verdict, clean.totals.passed, clean.totals.repeats), (Verdict::Passed, 2, 0));
    let defects = ["d1-get-card-state-drift"];
    let record = run(&Course { defects: &defects, filter, snapshots, ..Course::default() }).await;
    let changed = finding(&record, "getCard::snapshot.known::snapshot");
    assert_eq!((changed.blame, changed.repeated.as_ref().unwrap().result), (Blame::Target, RepeatResult::Same));
    // A pinned case is what it is: nothing smaller is looked for, and one repeat is for all of its findings.
    assert!(changed.shrunk.is_none());
    assert!(record.scenarios.iter().any(|scenario| scenario.findings.len() > 1));
    assert_eq!(record.totals.repeats, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_found_is_nothing_sent_again() {
    let course = |shrink| Course { filter: "v2-Consumer", shrink, ..Course::default() };
    let (with, without) = (run(&course(None)).await, run(&course(Some(0))).await);
    assert_eq!((with.verdict, with.totals.repeats), (Verdict::Passed, 0));
    assert_eq!(with.totals.exchanges, without.totals.exchanges);
    assert_eq!(with.case_digest, without.case_digest);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_budget_is_kept_and_leaves_the_digest_alone() {
    let course = |shrink| Course {
        defects: &["d1-enrol-refuses-name-with-reason"],
        filter: "enrolCardInClickToPay::op",
        shrink: Some(shrink),
        ..Course::default()
    };
    let whole = run(&course(40)).await;
    let sends = |record: &RunRecord| finding(record, "conforming").shrunk.as_ref().map_or(0, |shrunk| shrunk.sends);
    assert!(sends(&whole) > 11, "{}", sends(&whole));
    // Each request needs a consumer and a card before it. The case is repeated twice: what shows it first rests on lines
    // that are only inferred, what shows it later does not, and a graver finding is looked at again.
    for (budget, sent, repeats) in [(0, 0, 6), (2, 0, 6), (3, 3, 9), (11, 9, 15)] {
        let record = run(&course(budget)).await;
        assert_eq!((sends(&record), record.totals.repeats), (sent, repeats), "budget {budget}");
        assert!(finding(&record, "conforming").shrunk.as_ref().is_none_or(|shrunk| !shrunk.complete));
        assert_eq!(record.case_digest, whole.case_digest, "budget {budget}");
        assert_eq!(record.totals.cases, whole.totals.cases);
        let extra = whole.totals.repeats - record.totals.repeats;
        assert_eq!(record.totals.exchanges + extra, whole.totals.exchanges, "budget {budget}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn one_seed_gives_one_smallest_request_for_any_number_of_jobs() {
    let all = |record: &RunRecord| {
        let shrunk = record.scenarios.iter().flat_map(|scenario| {
            let of = |finding: &FindingRecord| {
                let shrunk = finding.shrunk.as_ref()?;
                let request = &shrunk.smallest.as_ref()?.exchange.request;
                let path = request.url.split_once("//")?.1.split_once('/')?.1.to_owned();
                Some((
                    scenario.id.to_string(),
                    finding.code.clone(),
                    shrunk.tries,
                    shrunk.sends,
                    path,
                    request.body.clone(),
                ))
            };
            scenario.findings.iter().filter_map(of).collect::<Vec<_>>()
        });
        shrunk.collect::<Vec<_>>()
    };
    let defects = [
        "d1-register-consumer-any-token",
        "d1-register-consumer-any-language",
        "d1-register-consumer-unknown-error-code",
    ];
    let course = |jobs, seed| Course { defects: &defects, filter: "registerConsumer", jobs, seed, ..Course::default() };
    let first = all(&run(&course(1, 1)).await);
    assert!(first.len() >= 3, "{first:#?}");
    assert_eq!(first, all(&run(&course(8, 1)).await));
    assert_ne!(first, all(&run(&course(1, 2)).await), "another seed, other identifiers");
    // A breach of answers that many scenarios met is looked into once.
    assert!(first.len() < 10, "{first:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_self_test_finds_a_flake_and_counts_no_repeat_before_it() {
    let name = "d1-get-card-undeclared-status-every-second-time";
    let settings =
        SelftestSettings { defects: vec![defect(name).unwrap()], seed: 1, cases: 10, clean_seeds: 0, jobs: 1 };
    let score = selftest(Arc::new(Grounds::load().unwrap()), &settings, |_, _| ()).await.unwrap();
    let hunt = &score.defects[0];
    assert!(hunt.found && hunt.not_named.is_empty() && hunt.inconclusive.is_empty(), "{hunt:#?}");
    let course =
        Course { defects: &[name], filter: "D1-Public-IN-v1-Card", jobs: 1, shrink: Some(0), ..Course::default() };
    let record = run(&course).await;
    let place = record.scenarios.iter().position(|scenario| !scenario.findings.is_empty()).unwrap();
    let before: u64 = record.scenarios[..place].iter().map(|scenario| scenario.exchanges).sum();
    // A consumer and a card are made, the first call is right, the second is not.
    assert_eq!(hunt.exchanges_to_first, Some(before + 2 + 2));
    assert_eq!(hunt.exchanges, record.totals.exchanges);
}

/// Answers every request with 500.
fn broken_server() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            let _ = stream.read(&mut [0; 4096]);
            let _ = stream.write_all(b"HTTP/1.1 500 Oops\r\nconnection: close\r\ncontent-length: 0\r\n\r\n");
        }
    });
    address
}

const SPEC: &str = "openapi: 3.0.3\ninfo: {title: t, version: '1'}\npaths:\n  /a:\n    get:\n      operationId: getA\n      \
                    parameters: [{name: n, in: query, schema: {type: integer, maximum: 9}}]\n      \
                    responses:\n        '200': {description: ok}\n        '400': {description: no}\n";

#[test]
fn the_command_line_sets_the_budget() {
    let address = broken_server();
    let folder = TempDir::new().unwrap();
    fs::write(folder.path().join("a.yaml"), SPEC).unwrap();
    let run = |options: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_d1c"));
        command.current_dir(folder.path()).env("D1C_HOME", env!("CARGO_MANIFEST_DIR"));
        let url = format!("http://{address}");
        command.args(["run", "--spec", "a.yaml", "--base-url", &url, "--report-dir", "out", "query.n::maximum"]);
        let output = command.args(options).output().unwrap();
        assert_eq!(output.status.code(), Some(1), "{}", String::from_utf8_lossy(&output.stderr));
        let record: Value = serde_json::from_slice(&fs::read(folder.path().join("out/run.json")).unwrap()).unwrap();
        (record, String::from_utf8(output.stdout).unwrap())
    };
    let (record, said) = run(&["--shrink", "0"]);
    let found = &record["scenarios"][0]["findings"][0];
    assert_eq!((found.get("shrunk"), &found["repeated"]["result"]), (None, &"same".into()), "{found}");
    assert_eq!(record["totals"]["repeats"], 1);
    // The line that it rests on is in the record, for those who do not have the file.
    let line = found["spec_line"].as_u64().unwrap() - found["spec_excerpt"]["first_line"].as_u64().unwrap();
    let line = found["spec_excerpt"]["lines"][usize::try_from(line).unwrap()].as_str().unwrap();
    assert!(line.contains("maximum: 9"), "{found}");
    assert!(found["elapsed_us"].as_u64().is_some_and(|elapsed| elapsed > 0), "{found}");
    let page = fs::read_to_string(folder.path().join("out/index.html")).unwrap();
    assert!(page.contains("maximum: 9"), "the page has no excerpt");
    assert!(said.contains("(1 for repeats and smaller requests)"), "{said}");
    // The value is what is wrong, and there is nothing else in the request.
    let (record, _) = run(&[]);
    assert_eq!((record["scenarios"][0]["findings"][0].get("shrunk"), &record["totals"]["repeats"]), (None, &1.into()));
    let mut refused = Command::new(env!("CARGO_BIN_EXE_d1c"));
    let refused = refused.args(["run", "--shrink", "lots"]).output().unwrap();
    assert_eq!(refused.status.code(), Some(2));
}
