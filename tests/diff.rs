//! Two runs against each other, as users of `d1c diff` meet it.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot be set up must fail")]

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use assert_cmd::Command;
use d1_conformance::base::Seed;
use d1_conformance::contract::Direction;
use d1_conformance::engine::{self, Filter, Plan, PlanOptions, RunOptions, Stop, Subject};
use d1_conformance::harness::Embedded;
use d1_conformance::oracle::{CheckSelection, SnapshotMode, Snapshots};
use d1_conformance::report::{Recorder, RunMeta, write_run_json};
use d1_conformance::sandbox::defect;
use d1_conformance::suite::Library;
use serde_json::{Value, json};
use tempfile::TempDir;
use time::OffsetDateTime;

const GET: &str = "D1-Public-IN-v1-Card::getCard";

/// Runs everything about `getCard` on a sandbox with these defects, and writes its record.
async fn run(folder: &Path, name: &str, defects: &[&str], seed: u64) -> PathBuf {
    let library = Library::find().unwrap();
    let (suite, contracts) = library.load("inbound", &library.catalog().unwrap()).unwrap();
    let defects = defects.iter().map(|name| defect(name).unwrap()).collect();
    let embedded = Embedded::start(Direction::Inbound, contracts.clone(), defects).await.unwrap();
    let subject = Subject::new(suite, Arc::new(embedded.target.clone()), contracts).unwrap();
    let filter = Filter::new(vec![GET.to_owned()]);
    let plan = Arc::new(Plan::build(vec![subject], &PlanOptions { filter, cases: 5, snapshots: false }).unwrap());
    let meta = RunMeta {
        run_id: name.to_owned(),
        started_at: OffsetDateTime::UNIX_EPOCH,
        command: Vec::new(),
        seed: Seed::new(seed),
        strict: false,
        redactor: plan.redactor(),
        bundled: std::collections::BTreeMap::new(),
        profile: None,
        log_since: None,
        deviations: None,
    };
    let options = RunOptions {
        seed: Seed::new(seed),
        nonce: seed.to_string(),
        jobs: 4,
        max_failures: None,
        strict: false,
        checks: CheckSelection::all(),
        snapshots: Snapshots::new("", SnapshotMode::Off),
        redactor: plan.redactor(),
        stop: Stop::default(),
    };
    let mut recorder = Recorder::new(&plan, meta);
    let digest = engine::run(Arc::clone(&plan), options, |event| recorder.event(event)).await;
    let path = folder.join(format!("{name}.json"));
    write_run_json(&path, &recorder.finish(digest, Duration::ZERO, false)).unwrap();
    path
}

fn diff(old: &Path, new: &Path, more: &[&str]) -> (i32, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_d1c"));
    let output = command.arg("diff").args([old, new]).args(more).output().expect("d1c runs");
    let text = [output.stdout, output.stderr].concat();
    (output.status.code().unwrap(), String::from_utf8(text).unwrap())
}

/// A copy of a record with a change.
fn changed(path: &Path, name: &str, change: impl FnOnce(&mut Value)) -> PathBuf {
    let mut record: Value = serde_json::from_slice(&fs::read(path).unwrap()).unwrap();
    change(&mut record);
    let copy = path.with_file_name(name);
    fs::write(&copy, record.to_string()).unwrap();
    copy
}

#[tokio::test(flavor = "multi_thread")]
async fn what_broke_and_what_drifted_is_told() {
    let folder = TempDir::new().unwrap();
    let clean = run(folder.path(), "clean", &[], 1).await;
    for seed in [1, 2, 3] {
        let again = run(folder.path(), "again", &[], seed).await;
        let (code, text) = diff(&clean, &again, &["--strict-drift"]);
        assert_eq!(code, 0, "a clean sandbox is the same with seed {seed}: {text}");
        assert!(text.starts_with("Nothing new broke") && (seed == 1) != text.contains("seeds differ"), "{text}");
    }

    let broken = run(folder.path(), "broken", &["d1-get-card-undeclared-status-after-five"], 1).await;
    let (code, text) = diff(&clean, &broken, &[]);
    assert_eq!(code, 1, "{text}");
    assert!(text.contains("getCard::response.2XX::status") && text.contains("status 206 appeared"), "{text}");
    let (code, text) = diff(&broken, &clean, &[]);
    assert_eq!(code, 0, "{text}");
    assert!(text.contains("Fixed (1)") && text.contains("status 206 vanished"), "{text}");
    let (code, text) = diff(&broken, &broken, &["--format", "markdown"]);
    assert!(code == 0 && text.contains("### Still failing (1)"), "{text}");

    // A field that vanished, where the contract does not demand it.
    let drifted = changed(&clean, "drifted.json", |record| {
        let operations = record["operations"].as_array_mut().unwrap();
        let own = operations.iter_mut().find(|one| one["operation_id"] == GET).unwrap();
        let shape = own["answers"]["200"]["shape"].as_object_mut().unwrap();
        assert!(shape.remove("/state").is_some(), "{shape:?}");
    });
    let (code, text) = diff(&clean, &drifted, &[]);
    assert!(code == 0 && text.contains("/state vanished"), "{text}");
    let (code, text) = diff(&clean, &drifted, &["--strict-drift", "--format", "json"]);
    let read: Value = serde_json::from_str(&text).unwrap();
    assert_eq!((code, &read["drift"][0]["kind"]), (1, &json!("field_vanished")));

    let lost = changed(&clean, "lost.json", |record| {
        for scenario in record["scenarios"].as_array_mut().unwrap() {
            scenario["verdict"] = "inconclusive".into();
        }
        record["state"] = "interrupted".into();
    });
    let (code, text) = diff(&clean, &lost, &[]);
    assert!(code == 3 && text.contains("the later run was interrupted"), "{text}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_compared_is_refused() {
    let folder = TempDir::new().unwrap();
    let clean = run(folder.path(), "clean", &[], 1).await;
    let refused = |other: &Path, part: &str| {
        let (code, text) = diff(&clean, other, &[]);
        assert!(code == 2 && text.contains(part) && text.contains("remedy"), "{part}: {text}");
    };
    let version = changed(&clean, "version.json", |record| record["schema_version"] = "2".into());
    refused(&version, "schema_version 2");
    let other = changed(&clean, "other.json", |record| {
        for scenario in record["scenarios"].as_array_mut().unwrap() {
            scenario["id"] = format!("x{}", scenario["id"].as_str().unwrap()).into();
        }
    });
    refused(&other, "no scenario in common");
    refused(&folder.path().join("missing.json"), "missing.json");
    fs::write(folder.path().join("page.html"), "<html>").unwrap();
    refused(&folder.path().join("page.html"), "is no record of a run");
    // A record from before there were operations is compared as far as it goes.
    let early = changed(&clean, "early.json", |record| {
        record.as_object_mut().unwrap().remove("operations");
    });
    let (code, text) = diff(&early, &clean, &[]);
    assert!(code == 0 && text.contains("holds no answers by operation"), "{text}");
}
