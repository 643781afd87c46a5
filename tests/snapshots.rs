//! Accepted answers: what differs from run to run does not disturb them, what a release changed is told in words, and
//! what waits is looked through without cargo.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot be set up must fail")]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use assert_cmd::Command;
use d1_conformance::base::Seed;
use d1_conformance::contract::{Contract, Direction};
use d1_conformance::engine::{self, Filter, Plan, PlanOptions, RunOptions, Stop, Subject};
use d1_conformance::harness::Embedded;
use d1_conformance::oracle::{CheckSelection, Severity, SnapshotMode, Snapshots, Verdict};
use d1_conformance::report::{FindingRecord, Recorder, RunMeta, RunRecord};
use d1_conformance::sandbox::{Class, Defect, Effect, Role};
use d1_conformance::suite::{Library, SnapshotSeverity, Suite};
use tempfile::TempDir;
use time::OffsetDateTime;

const DAY: Duration = Duration::from_secs(24 * 60 * 60);
const GET: &str = "D1-Public-IN-v1-Card::getCard";
const OPERATIONS: &str = "D1-Public-IN-v1-Card::listCardOperations";

/// A suite with its contracts.
struct Ground {
    suite: Arc<Suite>,
    contracts: Vec<Arc<Contract>>,
}

impl Ground {
    fn of(name: &str) -> Self {
        let library = Library::find().unwrap();
        let (suite, contracts) = library.load(name, &library.catalog().unwrap()).unwrap();
        Self { suite, contracts }
    }
}

/// How the pinned cases are run.
struct Course<'c> {
    filter: &'c str,
    effects: &'c [Effect],
    seed: u64,
    ahead: Duration,
    snapshots: Snapshots,
}

fn accepted() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("snapshots")
}

fn course(filter: &str) -> Course<'_> {
    let snapshots = Snapshots::new(accepted(), SnapshotMode::Compare);
    Course { filter, effects: &[], seed: 1, ahead: Duration::ZERO, snapshots }
}

/// A defect that only this test knows. It is never freed: defects are meant to be constants.
fn planted(effect: Effect) -> &'static Defect {
    let (name, text, class) = ("d1-changed-answer", "An answer changed.", Class::FieldExtra);
    Box::leak(Box::new(Defect { name, role: Role::D1, text, class, breaks: &[], effect }))
}

async fn run(ground: &Ground, course: Course<'_>) -> RunRecord {
    let direction = ground.suite.direction;
    let defects = course.effects.iter().map(|effect| planted(*effect)).collect();
    let embedded = Embedded::start_ahead(direction, ground.contracts.clone(), defects, course.ahead).await.unwrap();
    let target = Arc::new(embedded.target.clone());
    let subject = Subject::new(Arc::clone(&ground.suite), target, ground.contracts.clone()).unwrap();
    let filter = Filter::new(vec![course.filter.to_owned()]);
    let plan = Arc::new(Plan::build(vec![subject], &PlanOptions { filter, cases: 0, snapshots: true }).unwrap());
    let meta = RunMeta {
        run_id: "run".to_owned(),
        started_at: OffsetDateTime::UNIX_EPOCH,
        command: Vec::new(),
        seed: Seed::new(course.seed),
        strict: false,
        redactor: plan.redactor(),
        bundled: BTreeMap::new(),
        profile: None,
        log_since: None,
        deviations: None,
    };
    let options = RunOptions {
        seed: Seed::new(course.seed),
        nonce: format!("n{}", course.seed),
        jobs: 4,
        max_failures: None,
        strict: false,
        checks: CheckSelection::all(),
        snapshots: course.snapshots,
        redactor: plan.redactor(),
        stop: Stop::default(),
    };
    let mut recorder = Recorder::new(&plan, meta);
    let digest = engine::run(Arc::clone(&plan), options, |event| recorder.event(event)).await;
    recorder.finish(digest, Duration::ZERO, false)
}

#[tokio::test(flavor = "multi_thread")]
async fn fifty_runs_with_other_ports_dates_and_seeds_show_no_difference() {
    let grounds = ["inbound", "outbound", "outbound-extra"].map(Ground::of);
    for round in 0..50_u32 {
        let ground = &grounds[round as usize % grounds.len()];
        let (seed, ahead) = (u64::from(round) + 100, DAY * (round * 17));
        let record = run(ground, Course { seed, ahead, ..course("::pinned::") }).await;
        let disturbed: Vec<_> = record
            .scenarios
            .iter()
            .filter(|one| one.verdict != Verdict::Passed)
            .map(|one| (&one.id, &one.reason))
            .collect();
        assert!(disturbed.is_empty(), "round {round}: {disturbed:#?}");
        assert!(record.totals.passed >= 2, "round {round}: {:?}", record.totals);
    }
    let waiting = walk(&accepted()).into_iter().filter(|path| path.to_string_lossy().ends_with(".new"));
    assert_eq!(waiting.count(), 0);
}

fn walk(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries.flat_map(|path| if path.is_dir() { walk(&path) } else { vec![path] }).collect()
}

fn finding(record: &RunRecord) -> Option<&FindingRecord> {
    record.scenarios.iter().flat_map(|one| &one.findings).find(|finding| finding.check == "snapshot")
}

const fn set(pointer: &'static str, value: &'static str) -> Effect {
    Effect::SetValue { operation: GET, status: 200, pointer, value }
}

#[tokio::test(flavor = "multi_thread")]
async fn each_change_of_behaviour_is_told_in_words_or_ignored_by_rule() {
    let folder = TempDir::new().unwrap();
    let ground = Ground::of("inbound");
    // What the sandbox has no example of: a list and a number of its own.
    let before = [set("/tags", r#"["a", "b"]"#), set("/limit", "3")];
    let filters = "v1-Card::getCard::pinned";
    let first =
        Course { effects: &before, snapshots: Snapshots::new(folder.path(), SnapshotMode::Accept), ..course(filters) };
    assert!(finding(&run(&ground, first).await).is_none());

    let seen: &[(&str, &[Effect], &str)] = &[
        ("new field", &[set("/nickname", r#""x""#)], "still valid, but field /nickname is new: \"x\""),
        (
            "vanished optional field",
            &[Effect::RemoveMember { operation: GET, status: 200, pointer: "/threeDSsupport" }],
            "still valid, but field /threeDSsupport vanished, was true",
        ),
        ("reordered array", &[set("/tags", r#"["b", "a"]"#)], "items of /tags are in another order"),
        (
            "changed message",
            &[Effect::SetValue { operation: GET, status: 404, pointer: "/error", value: r#""no such card""# }],
            "/error was \"unknown card\", is \"no such card\"",
        ),
        ("status", &[Effect::Status { operation: GET, from: 200, to: 201 }], "regression: status 200 → 201"),
        (
            "content type",
            &[Effect::ContentType { operation: GET, status: 200, value: "application/hal+json" }],
            "content type application/json → application/hal+json",
        ),
        ("null instead of absent", &[set("/nickname", "null")], "field /nickname is new: null"),
        ("enum value", &[set("/state", r#""INACTIVE""#)], "/state was \"ACTIVE\", is \"INACTIVE\""),
        ("number", &[set("/limit", "4")], "/limit was 3, is 4"),
        ("longer list", &[set("/tags", r#"["a", "b", "c"]"#)], "/tags has 3 items, had 2; new: \"c\""),
        ("type", &[set("/limit", r#""3""#)], "/limit was the number 3, is the text \"3\""),
    ];
    for (name, change, words) in seen {
        let effects: Vec<Effect> = before.iter().chain(*change).copied().collect();
        let snapshots = Snapshots::new(folder.path(), SnapshotMode::Compare);
        let record = run(&ground, Course { effects: &effects, snapshots, ..course(filters) }).await;
        let found = finding(&record).unwrap_or_else(|| panic!("{name} is not seen"));
        assert!(found.actual.starts_with("regression") && found.actual.contains(words), "{name}: {}", found.actual);
        assert!(found.actual.contains("\n+"), "{name} lacks its lines: {}", found.actual);
        assert_eq!(found.severity, Severity::Failure);
    }

    // Made for the run, or volatile by a rule of the suite.
    let ignored: &[(&str, &[Effect])] = &[
        ("a time", &[set("/creationTime", r#""2019-01-01T00:00:00Z""#)]),
        ("the last digits", &[set("/last4", r#""0007""#)]),
    ];
    for (name, change) in ignored {
        let effects: Vec<Effect> = before.iter().chain(*change).copied().collect();
        let snapshots = Snapshots::new(folder.path(), SnapshotMode::Compare);
        let record = run(&ground, Course { effects: &effects, snapshots, ..course(filters) }).await;
        assert!(finding(&record).is_none(), "{name}: {:?}", finding(&record).map(|finding| &finding.actual));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_suite_says_what_does_not_count_and_how_much_the_rest_does() {
    let folder = TempDir::new().unwrap();
    let mut ground = Ground::of("inbound");
    let filter = "v1-Card::listCardOperations::pinned";
    let list = |value| Effect::SetValue { operation: OPERATIONS, status: 200, pointer: "/operations", value };
    let one = list(r#"[{"operation": "SUSPEND"}, {"operation": "RESUME"}]"#);
    let two = list(r#"[{"operation": "RESUME"}, {"operation": "SUSPEND"}]"#);
    let snapshots = |mode| Snapshots::new(folder.path(), mode);
    // Accepted before the rule was written.
    let with_rule = Arc::clone(&ground.suite);
    let mut suite = Suite::clone(&with_rule);
    suite.snapshots.ignore.clear();
    suite.snapshots.severity = SnapshotSeverity::Warning;
    ground.suite = Arc::new(suite);
    run(&ground, Course { effects: &[one], snapshots: snapshots(SnapshotMode::Accept), ..course(filter) }).await;
    let later = [two];
    let again = || Course { effects: &later, snapshots: snapshots(SnapshotMode::Compare), ..course(filter) };
    let record = run(&ground, again()).await;
    let found = finding(&record).expect("without the rule it does");
    assert!(found.actual.contains("items of /operations are in another order"), "{}", found.actual);
    assert_eq!(found.severity, Severity::Warning);
    ground.suite = with_rule;
    let record = run(&ground, again()).await;
    assert!(finding(&record).is_none(), "the order of operations does not count");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_never_accepted_is_inconclusive_until_it_is() {
    let folder = TempDir::new().unwrap();
    let ground = Ground::of("inbound");
    let of = |mode| Course { snapshots: Snapshots::new(folder.path(), mode), ..course("getCard::pinned") };
    let record = run(&ground, of(SnapshotMode::Compare)).await;
    assert_eq!(record.verdict, Verdict::Inconclusive);
    assert!(record.scenarios[0].reason.as_ref().unwrap().contains("--accept-new"), "{:?}", record.scenarios[0].reason);
    assert_eq!(run(&ground, of(SnapshotMode::AcceptNew)).await.verdict, Verdict::Passed);
    assert_eq!(run(&ground, of(SnapshotMode::Compare)).await.verdict, Verdict::Passed);
    let changed = Course { effects: &[set("/state", r#""INACTIVE""#)], ..of(SnapshotMode::AcceptNew) };
    assert!(finding(&run(&ground, changed).await).is_some(), "what is not new is not taken");
}

fn d1c(home: &Path, args: &[&str]) -> (i32, String, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_d1c"));
    let output = command.args(args).env("D1C_HOME", home).output().expect("d1c runs");
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (output.status.code().unwrap(), text(output.stdout), text(output.stderr))
}

/// A library of its own, as an installed binary has it.
fn home() -> TempDir {
    let home = TempDir::new().unwrap();
    for folder in ["specs", "suites", "snapshots"] {
        let from = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
        for file in walk(&from) {
            let to = home.path().join(folder).join(file.strip_prefix(&from).unwrap());
            fs::create_dir_all(to.parent().unwrap()).unwrap();
            fs::copy(&file, to).unwrap();
        }
    }
    home
}

#[test]
fn what_waits_is_listed_accepted_and_rejected_without_cargo() {
    let home = home();
    let reports = home.path().join("reports").to_string_lossy().into_owned();
    let run = |more: &[&str]| {
        let args = ["run", "v1-Card::getCard::pinned", "--quiet", "--report-dir", &reports];
        d1c(home.path(), &[&args[..], more].concat()).0
    };
    let folder = home.path().join("snapshots/inbound/D1-Public-IN-v1-Card.getCard");
    assert_eq!(run(&[]), 0);
    let (code, text, _) = d1c(home.path(), &["snapshots", "list"]);
    assert!(code == 0 && text.ends_with(" accepted\n") && text.lines().count() == 1, "{text}");

    let known = folder.join("known.snap");
    fs::write(&known, fs::read_to_string(&known).unwrap().replace("ACTIVE", "LOST")).unwrap();
    fs::remove_file(folder.join("unknown.snap")).unwrap();
    fs::copy(&known, folder.join("forgotten.snap")).unwrap();
    assert_eq!(run(&[]), 3, "a missing baseline is inconclusive, and that outranks the change");
    let (_, text, _) = d1c(home.path(), &["snapshots", "list"]);
    for line in [
        "unreferenced  inbound/D1-Public-IN-v1-Card.getCard/forgotten",
        "changed       inbound/D1-Public-IN-v1-Card.getCard/known",
        "                /state was \"LOST\", is \"ACTIVE\"",
        "new           inbound/D1-Public-IN-v1-Card.getCard/unknown",
        "1 new, 1 changed, 1 unreferenced",
    ] {
        assert!(text.contains(line), "no {line:?} in\n{text}");
    }
    let (code, _, error) = d1c(home.path(), &["snapshots", "review"]);
    assert!(code == 2 && error.contains("no terminal") && error.contains("d1c snapshots accept"), "{error}");
    let (code, _, error) = d1c(home.path(), &["snapshots", "accept", "getCrad"]);
    assert!(code == 2 && error.contains("`getCrad`") && error.contains("list --all"), "{error}");

    assert_eq!(d1c(home.path(), &["snapshots", "reject", "getCard/known"]).0, 0);
    assert!(fs::read_to_string(&known).unwrap().contains("LOST"), "the accepted answer stays");
    assert_eq!(run(&["--accept-new"]), 1, "the new one is taken, the changed one is a failure");
    assert_eq!(d1c(home.path(), &["snapshots", "accept"]).0, 0);
    assert_eq!(run(&[]), 0);
    assert_eq!(d1c(home.path(), &["snapshots", "reject", "--unreferenced"]).0, 0);
    assert!(!folder.join("forgotten.snap").exists() && known.exists());
    let (_, text, _) = d1c(home.path(), &["snapshots", "list"]);
    assert!(text.ends_with(" accepted\n") && text.lines().count() == 1, "{text}");
}

#[test]
fn a_rule_with_a_mistake_names_its_line() {
    let home = home();
    let path = home.path().join("suites/inbound.yaml");
    let text = fs::read_to_string(&path).unwrap();
    for (old, new, part) in [
        ("    - at: /operations", "    - at: operations", "is no JSON pointer"),
        (
            "      operation: D1-Public-IN-v1-Card::listCardOperations\n      reason",
            "      operation: D1-Public-IN-v1-Card::listCardOps\n      reason",
            "did you mean",
        ),
        ("      what: order", "      what: odrer", "odrer"),
        ("  severity: failure", "  severity: fatal", "fatal"),
    ] {
        assert!(text.contains(old), "{old}");
        fs::write(&path, text.replace(old, new)).unwrap();
        let (code, _, error) = d1c(home.path(), &["list", "--suite", "inbound"]);
        assert!(code == 2 && error.contains("inbound.yaml") && error.contains(part), "{new}: {error}");
    }
}

#[test]
fn both_directions_have_snapshots() {
    // The stability of all of them is shown above; an empty folder would show nothing.
    assert!(walk(&accepted()).len() > 40);
    assert_eq!(Ground::of("outbound").suite.direction, Direction::Outbound);
}
