//! Walks through life cycles: clean on a server that is right, cut down where it is wrong, and gone without a trace.

#![expect(clippy::unwrap_used, reason = "a test that cannot be set up must fail")]

use std::fs;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;

use d1_conformance::contract::Catalog;
use d1_conformance::oracle::Verdict;
use d1_conformance::report::{RunRecord, read_run_json};
use d1_conformance::sandbox::{Class, Defect, Effect, Role, Sandbox, SandboxOptions, Trait, defect};
use serde_json::Value;
use tempfile::TempDir;

/// No consumer can be deleted.
static BREAKS: Defect = Defect {
    name: "d1-deletes-nobody",
    role: Role::D1,
    text: "breaks whenever a consumer is deleted",
    class: Class::ServerError,
    breaks: &["D1-Public-IN-v2-Consumer::deleteConsumer::operation::conforming"],
    effect: Effect::BreakWhen {
        operation: "D1-Public-IN-v2-Consumer::deleteConsumer",
        location: "path.consumerId",
        when: Trait::Present,
    },
};

const HOME: &str = env!("CARGO_MANIFEST_DIR");

/// A sandbox with a target file for it.
struct Ground {
    _runtime: tokio::runtime::Runtime,
    sandbox: Sandbox,
    folder: TempDir,
}

impl Ground {
    fn new(planted: &[&'static Defect], limits: &str) -> Self {
        let runtime = tokio::runtime::Runtime::new().unwrap();
        let catalog = Catalog::load(&Path::new(HOME).join("specs")).unwrap();
        let contracts = catalog.entries.iter().map(|entry| Arc::new(catalog.contract(entry).unwrap()));
        let contracts = contracts.filter(|contract| Role::D1.serves(contract.direction)).collect();
        let options = SandboxOptions { defects: planted.to_vec(), ..SandboxOptions::new(Role::D1, contracts) };
        let sandbox = runtime.block_on(Sandbox::start(options)).unwrap();
        let example = fs::read_to_string(Path::new(HOME).join("examples/targets/sandbox-d1.yaml")).unwrap();
        let example = example
            .replace("http://127.0.0.1:8181", &sandbox.url())
            .replace("{file:../../", &format!("{{file:{HOME}/"));
        let folder = TempDir::new().unwrap();
        let example = example.replace("limits:\n", &format!("limits:\n  {limits}\n"));
        fs::write(folder.path().join("t.yaml"), example).unwrap();
        Self { _runtime: runtime, sandbox, folder }
    }

    fn run(&self, more: &[&str]) -> (RunRecord, String) {
        let (target, reports) = (self.folder.path().join("t.yaml"), self.folder.path().join("out"));
        let output = Command::new(env!("CARGO_BIN_EXE_d1c"))
            .args(["run", "--no-snapshots", "--strict", "--target"])
            .arg(target)
            .arg("--report-dir")
            .arg(&reports)
            .args(more)
            .current_dir(HOME)
            .output()
            .unwrap();
        let text = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        (read_run_json(&reports.join("run.json")).unwrap_or_else(|error| panic!("{error}\n{text}")), text)
    }

    /// The consumers that the sandbox remembers, besides the demo one, with their states.
    fn consumers(&self) -> Vec<(String, String)> {
        let mut stream = TcpStream::connect(self.sandbox.url().trim_start_matches("http://")).unwrap();
        stream.write_all(b"GET /__sandbox/state HTTP/1.1\r\nhost: sandbox\r\nconnection: close\r\n\r\n").unwrap();
        let mut text = String::new();
        stream.read_to_string(&mut text).unwrap();
        let state: Value = serde_json::from_str(text.split_once("\r\n\r\n").unwrap().1).unwrap();
        let all = state["state"]["consumers"].as_object().unwrap().iter();
        let shown = |(id, about): (&String, &Value)| (id.clone(), about["state"].as_str().unwrap().to_owned());
        all.filter(|(id, _)| *id != "demo-consumer").map(shown).collect()
    }
}

#[test]
fn walks_and_races_are_clean_with_twenty_seeds() {
    for seed in 1..=20 {
        let folder = TempDir::new().unwrap();
        let output = Command::new(env!("CARGO_BIN_EXE_d1c"))
            .args(["run", "--strict", "--no-snapshots", "--seed", &seed.to_string(), "lifecycles::", "rules::"])
            .arg("--report-dir")
            .arg(folder.path())
            .current_dir(HOME)
            .output()
            .unwrap();
        let record = read_run_json(&folder.path().join("run.json")).unwrap();
        assert_eq!(record.verdict, Verdict::Passed, "seed {seed}:\n{}", String::from_utf8_lossy(&output.stdout));
        assert!(record.totals.passed > 90 && record.totals.skipped == 0, "seed {seed}: {:?}", record.totals);
    }
}

#[test]
fn a_walk_that_goes_wrong_is_cut_down_to_the_shortest() {
    let ground = Ground::new(&[defect("d1-lost-stays-lost").unwrap()], "");
    let (record, text) = ground.run(&["lifecycles::card::walks", "--cases", "100"]);
    let scenario = &record.scenarios[0];
    let finding = scenario.findings.iter().find(|one| one.obligation.as_str() == "rules::CARD-LC-2").unwrap();
    let walk = finding.walk.as_ref().unwrap();
    assert_eq!(walk.steps, ["register", "suspend CARD_LOST", "resume CARD_FOUND"], "{text}");
    assert!(walk.drawn > 3, "drawn {}", walk.drawn);
    assert!(text.contains("walk:     register, suspend CARD_LOST, resume CARD_FOUND (cut down from"), "{text}");
    assert_eq!(record.verdict, Verdict::Failed);
}

#[test]
fn walks_leave_nothing_behind() {
    let ground = Ground::new(&[], "");
    let (record, text) = ground.run(&["lifecycles::"]);
    assert_eq!(record.verdict, Verdict::Passed, "{text}");
    let left: Vec<_> = record.scenarios.iter().flat_map(|scenario| &scenario.leftovers).collect();
    assert!(left.is_empty(), "{left:?}");
    let consumers = ground.consumers();
    assert!(consumers.len() > 50, "walks made {}", consumers.len());
    assert!(consumers.iter().all(|(_, state)| state == "DELETED"), "{consumers:?}");
}

#[test]
fn what_cannot_be_removed_is_listed() {
    let ground = Ground::new(&[&BREAKS], "");
    let (record, text) = ground.run(&["lifecycles::card_v1::suspend"]);
    let left: Vec<_> = record.scenarios.iter().flat_map(|scenario| &scenario.leftovers).collect();
    assert_eq!(left.len(), 2, "{left:?}\n{text}");
    assert!(left[0].starts_with("d1c-consumer-") && left[0].ends_with("deleteConsumer answered 500)"), "{left:?}");
    assert!(text.contains("2 resources left behind on the target:"), "{text}");
}

#[test]
fn a_target_may_keep_what_walks_made() {
    let ground = Ground::new(&[], "teardown: false");
    ground.run(&["lifecycles::card_v1::suspend"]);
    assert!(ground.consumers().iter().all(|(_, state)| state == "ACTIVE"));
}

const SUITE: &str =
    "name: own\ndirection: inbound\nspecs: [D1-Public-IN-v2-Consumer]\nrules: [r.yaml]\nlifecycles: [l.yaml]\n";
const RULE: &str = "R-1: { text: consumers live, evidence: documented, lifecycles: [own] }\n";
const CYCLE: &str = "\
name: own
text: a consumer
start: unknown
states: { unknown: { text: nobody }, known: { text: somebody, remembers: [how] } }
calls:
  register:
    operation: D1-Public-IN-v2-Consumer::registerConsumer
    each: [A, B]
    values: { path.consumerId: { fresh: x- }, body/state: { each: true } }
    provides: { consumerId: { request: path.consumerId } }
transitions:
  - { call: register, from: [unknown], to: known, remember: { how: { each: true } }, rule: R-1 }
";

fn lint(cycle: &str) -> String {
    let folder = TempDir::new().unwrap();
    for (name, text) in [("s.yaml", SUITE), ("r.yaml", RULE), ("l.yaml", cycle)] {
        fs::write(folder.path().join(name), text).unwrap();
    }
    let mut command = Command::new(env!("CARGO_BIN_EXE_d1c"));
    let output =
        command.args(["suites", "lint", "s.yaml"]).env("D1C_HOME", HOME).current_dir(&folder).output().unwrap();
    let text = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert_eq!(output.status.code(), Some(if text.contains("remedy") { 2 } else { 0 }), "{text}");
    text
}

#[test]
fn a_life_cycle_is_checked_as_a_whole() {
    assert!(lint(CYCLE).starts_with("s.yaml: suite,"), "{}", lint(CYCLE));
    let line = "  - { call: register, from: [unknown], to: known, remember: { how: { each: true } }, rule: R-1 }\n";
    for (old, new, problem) in [
        ("call: register,", "call: registr,", "l.yaml:12: unknown call `registr`\n  remedy: did you mean `register`?"),
        ("from: [unknown]", "from: [unknwn]", "l.yaml:12: unknown state `unknwn`\n  remedy: did you mean `unknown`?"),
        ("rule: R-1", "rule: R-7", "no transition of the life cycle `own` names R-1"),
        ("to: known,", "to: known, refused: true,", "a transition ends in one of three ways"),
        ("{ how: {", "{ why: {", "nothing remembers `why`"),
        ("to: known,", "if: { how: [A] }, to: known,", "the state `unknown` does not remember `how`"),
        ("call: register,", "call: register, with: [C],", "`register` is never made with \"C\""),
        ("start: unknown", "start: known", "nothing leads to `unknown`"),
        (line, &format!("{line}{line}"), "l.yaml:13: `register A` in the state `unknown` has a line already, number 1"),
        (
            line,
            &format!("{line}{}", line.replace("[unknown]", "[known]").replace("to:", "if: { how: [C] }, to:")),
            "never comes to pass",
        ),
        ("registerConsumer", "registerConsumr", "did you mean `D1-Public-IN-v2-Consumer::registerConsumer`?"),
        ("text: a consumer", "txt: a consumer", "l.yaml:2: unknown field `txt`"),
    ] {
        assert!(CYCLE.contains(old), "{old}");
        let told = lint(&CYCLE.replacen(old, new, 1));
        assert!(told.contains(problem), "{new}: {told}");
    }
    let race = "races:\n  two:\n    text: t\n    rule: R-1\n    at_once: [{ call: register, with: A }, { call: register, with: B }]\n";
    let told = lint(&format!("{CYCLE}{race}"));
    assert!(told.contains("no transition says what comes of `register B` in the state `known (how A)`"), "{told}");
}
