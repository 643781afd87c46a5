//! A run that is killed without warning leaves a record that can be read, and drawn in every format.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot be set up must fail")]

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use d1_conformance::report::{Format, RunRecord, RunState, read_run_json};
use tempfile::TempDir;

/// How often a run is killed.
const KILLS: usize = 50;

/// How many runs there are at a time.
const AT_A_TIME: usize = 4;

fn d1c(args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_d1c"));
    command.args(args).current_dir(env!("CARGO_MANIFEST_DIR")).env_remove("GITHUB_STEP_SUMMARY");
    command
}

/// Runs what would take many seconds, and kills it after a while that the number decides. Every second one is killed
/// when it has shown some progress. Whatever is read on the way must be whole.
fn killed(number: usize, folder: &Path) -> RunRecord {
    let file = folder.join("run.json");
    let mut child = d1c(&[
        "run",
        "D1-Public-IN-v2-Card::",
        "--suite",
        "inbound",
        "--cases",
        "60",
        "--no-snapshots",
        "--quiet",
        "--report-dir",
    ])
    .arg(folder)
    .stdout(Stdio::null())
    .stderr(Stdio::null())
    .spawn()
    .expect("d1c starts");
    let patience = Instant::now() + Duration::from_secs(120);
    loop {
        let begun = file.exists() && {
            let record = read_run_json(&file).expect("a record that is whole while the run goes on");
            number.is_multiple_of(2) || record.totals.passed > 0
        };
        if begun {
            break;
        }
        assert!(Instant::now() < patience, "the run did not begin");
        assert!(child.try_wait().unwrap().is_none(), "the run ended by itself");
        thread::sleep(Duration::from_millis(5));
    }
    // Spread over the time between two writes, and over the writes.
    thread::sleep(Duration::from_millis((number * 7919 % 300) as u64));
    child.kill().expect("SIGKILL");
    child.wait().unwrap();
    read_run_json(&file).expect("a record that is whole after the kill")
}

/// Draws all formats, and looks for the mark in each.
fn drawn(folder: &Path, number: usize) {
    let formats: Vec<&str> = Format::ALL.iter().map(|format| format.name()).collect();
    let more = folder.join("more");
    let output = d1c(&["report", "--format", &formats.join(","), "--out"]).arg(&more).arg(folder).output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(0), "kill {number}: {said}");
    assert!(said.contains("the run did not reach its end"), "kill {number}: {said}");
    for format in Format::ALL {
        let text = fs::read_to_string(more.join(format.file_name())).unwrap();
        assert!(text.contains("interrupted"), "kill {number}: {} does not say so", format.name());
    }
}

#[test]
fn a_run_that_is_killed_at_any_moment_leaves_a_record_that_can_be_drawn() {
    let next = AtomicUsize::new(0);
    let one_after_another = || {
        let mut planned = None;
        loop {
            let number = next.fetch_add(1, Ordering::Relaxed);
            if number >= KILLS {
                return planned;
            }
            let folder = TempDir::new().unwrap();
            let record = killed(number, folder.path());
            assert_eq!(record.state, RunState::Running, "kill {number} came too late");
            assert_eq!((record.exit_code, record.case_digest.is_none()), (3, true), "kill {number}");
            assert!(record.totals.inconclusive > 0, "kill {number}: what did not run is not told");
            let scenarios = record.scenarios.len();
            assert_eq!(*planned.get_or_insert(scenarios), scenarios, "kill {number}: a part of the plan is missing");
            drawn(folder.path(), number);
        }
    };
    thread::scope(|scope| {
        let workers: Vec<_> = (0..AT_A_TIME).map(|_| scope.spawn(one_after_another)).collect();
        let planned: Vec<usize> = workers.into_iter().filter_map(|worker| worker.join().expect("no panic")).collect();
        assert!(planned.windows(2).all(|pair| pair[0] == pair[1]), "{planned:?}");
    });
}
