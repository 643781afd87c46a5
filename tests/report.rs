//! `d1c report` and `d1c run --format` as their users meet them.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot be set up must fail")]

use std::fs;
use std::path::Path;
use std::process::Command;

use d1_conformance::report::Format;
use serde_json::Value;
use tempfile::TempDir;

/// A few scenarios of the embedded sandbox.
const SMALL: &[&str] = &["run", "getCard::", "--cases", "0", "--no-snapshots", "--quiet", "--report-dir"];

struct Ended {
    code: Option<i32>,
    out: String,
    err: String,
}

fn end(command: &mut Command) -> Ended {
    let output = command.output().expect("d1c runs");
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("UTF-8");
    Ended { code: output.status.code(), out: text(output.stdout), err: text(output.stderr) }
}

fn d1c(args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_d1c"));
    command.args(args).current_dir(env!("CARGO_MANIFEST_DIR")).env_remove("GITHUB_STEP_SUMMARY");
    command
}

fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> =
        fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}

#[test]
fn a_run_writes_the_formats_that_are_asked_for_and_a_report_draws_the_same() {
    let folder = TempDir::new().unwrap();
    let ci = folder.path().join("ci");
    // Nothing happens by itself in a CI server.
    let page = folder.path().join("step-summary.md");
    let ended = end(d1c(SMALL).arg(&ci).env("GITHUB_ACTIONS", "true").env("GITHUB_STEP_SUMMARY", &page));
    assert_eq!(ended.code, Some(0), "{}{}", ended.out, ended.err);
    assert_eq!(names(&ci), ["index.html", "junit.xml", "run.json"]);
    assert!(!page.exists() && !ended.out.contains("::notice"), "{}", ended.out);

    let all: Vec<&str> = Format::ALL.iter().map(|format| format.name()).collect();
    let more = folder.path().join("more");
    let ended = end(d1c(SMALL).arg(&more).args(["--format", &all.join(",")]).env("GITHUB_STEP_SUMMARY", &page));
    assert_eq!(ended.code, Some(0), "{}{}", ended.out, ended.err);
    assert!(ended.out.lines().last().unwrap().starts_with("::notice title=d1-conformance::passed"), "{}", ended.out);
    assert!(fs::read_to_string(&page).unwrap().starts_with("## ✓ PASSED"));

    let again = folder.path().join("again");
    let ended = end(d1c(&["report", "--format", &all.join(","), "--out"]).arg(&again).arg(more.join("run.json")));
    assert_eq!(ended.code, Some(0), "{}", ended.err);
    assert_eq!(ended.out.lines().filter(|line| line.starts_with("wrote ")).count(), all.len(), "{}", ended.out);
    for format in Format::ALL {
        if format != Format::Github {
            let [first, second] = [&more, &again].map(|folder| fs::read(folder.join(format.file_name())).unwrap());
            assert!(first == second, "{} is not the same again", format.name());
        }
    }

    // One format goes to standard output, to a file, or into a folder.
    let told = end(d1c(&["report", "--format", "wfc"]).arg(&more)).out;
    assert_eq!(told, fs::read_to_string(more.join("wfc.json")).unwrap());
    let file = folder.path().join("report.json");
    assert_eq!(end(d1c(&["report", "--format", "wfc", "--out"]).arg(&file).arg(&more)).code, Some(0));
    assert_eq!(fs::read_to_string(&file).unwrap(), told);
    assert_eq!(end(d1c(&["report", "--format", "wfc", "--out"]).arg(folder.path()).arg(&more)).code, Some(0));
    assert_eq!(fs::read_to_string(folder.path().join("wfc.json")).unwrap(), told);
}

#[test]
fn what_is_no_record_is_refused_with_a_remedy() {
    let folder = TempDir::new().unwrap();
    let refused = |name: &str, text: Option<&str>, parts: &[&str]| {
        let path = folder.path().join(name);
        if let Some(text) = text {
            fs::write(&path, text).unwrap();
        }
        let ended = end(d1c(&["report", "--format", "markdown"]).arg(&path));
        assert_eq!((ended.code, ended.out.as_str()), (Some(2), ""), "{name}: {}", ended.err);
        for part in parts.iter().chain(&[name, "remedy: "]) {
            assert!(ended.err.contains(part), "{name}: no {part:?} in\n{}", ended.err);
        }
        assert!(!ended.err.contains('\u{1b}'), "{name}: {:?}", ended.err);
    };
    refused("missing.json", None, &["cannot read"]);
    refused("text.json", Some("no JSON"), &["no record of a run", "line 1"]);
    refused("list.json", Some("[]"), &["no record of a run"]);
    refused("other.json", Some("{\"a\": 1}"), &["missing field `schema_version`"]);
    refused("new.json", Some("{\"schema_version\": \"7\"}"), &["schema_version 7, this tool reads 1"]);
    refused("half.json", Some("{\"schema_version\": \"1\", \"tool\": {\"name\": "), &["EOF"]);
    // What a stranger's file says cannot steer the terminal.
    let steering =
        r#"{"schema_version": "1", "tool": {"name": "", "version": ""}, "run_id": "", "state": "\u001b[2J"}"#;
    refused("steering.json", Some(steering), &["unknown variant", r"\u{1b}[2J"]);

    let ended = end(&mut d1c(&["report", "--format", "har,sarif", "--out", "-", "run.json"]));
    assert_eq!(ended.code, Some(2), "{}", ended.err);
    assert_eq!(end(&mut d1c(&["report", "run.json"])).code, Some(2));
    assert!(end(&mut d1c(&["report", "run.json", "--format", "sarfi"])).err.contains("sarif"));
}

#[test]
fn places_of_a_specification_are_told_relative_to_the_working_folder() {
    let folder = TempDir::new().unwrap();
    let spec = fs::canonicalize("specs/D1-Public-IN-v1-Card.yaml").unwrap();
    // Nobody listens there, and a record is written all the same.
    let reports = folder.path().join("reports");
    let spec = spec.to_str().unwrap();
    let run = ["run", "--spec", spec, "--base-url", "http://127.0.0.1:9", "--cases", "0", "--quiet", "--report-dir"];
    assert_eq!(end(d1c(&run).arg(&reports)).code, Some(3));
    let log: Value = serde_json::from_str(&end(d1c(&["report", "--format", "sarif"]).arg(&reports)).out).unwrap();
    assert_eq!(log["runs"][0]["artifacts"][0]["location"]["uri"], "specs/D1-Public-IN-v1-Card.yaml");
}
