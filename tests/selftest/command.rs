//! `d1c selftest` as its users meet it.

use std::fs;
use std::process::Output;

use assert_cmd::Command;
use serde_json::Value;
use tempfile::TempDir;

fn d1c(args: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_d1c"));
    command.args(args).current_dir(env!("CARGO_MANIFEST_DIR")).output().unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

#[test]
fn unknown_names_are_refused_with_a_suggestion() {
    let table = [
        ("--defect", "d1-get-card-emty", "did you mean `d1-get-card-empty`?"),
        ("--defect", "completely-different-name", "d1c sandbox --list-defects"),
        ("--class", "bound", "did you mean `bounds`?"),
    ];
    for (flag, name, remedy) in table {
        let ended = d1c(&["selftest", flag, name]);
        let said = text(&ended.stderr);
        assert_eq!(ended.status.code(), Some(2), "{said}");
        assert!(said.contains(name) && said.contains(remedy), "{said}");
    }
}

#[test]
fn a_score_is_printed_and_written_and_does_not_depend_on_the_jobs() {
    let folder = TempDir::new().unwrap();
    let run = |jobs: &str| {
        let place = folder.path().join(jobs);
        let place = place.to_str().unwrap();
        let defects = ["--defect", "d1-get-card-empty", "--defect", "issuer-consumer-short-language"];
        let rest = ["--cases", "3", "--clean-seeds", "1", "--jobs", jobs, "--report-dir", place];
        let ended = d1c(&[&["selftest"][..], &defects, &rest].concat());
        assert_eq!(ended.status.code(), Some(0), "{}{}", text(&ended.stdout), text(&ended.stderr));
        assert!(text(&ended.stdout).contains("2 of 2 defects found"), "{}", text(&ended.stdout));
        assert_eq!(text(&ended.stderr), "", "quiet when nobody watches");
        let read = |name: &str| fs::read_to_string(folder.path().join(jobs).join(name)).unwrap();
        (read("selftest.json"), read("selftest.md"))
    };
    let (json, table) = run("1");
    assert_eq!((json.clone(), table.clone()), run("5"));
    let json: Value = serde_json::from_str(&json).unwrap();
    assert_eq!((&json["found"], &json["total"], &json["fully_named"]), (&2.into(), &2.into(), &2.into()));
    assert_eq!(json["clean"]["alarms"], Value::Array(Vec::new()));
    assert_eq!(json["defects"][0]["defect"], "d1-get-card-empty");
    assert_eq!(json["defects"][0]["class"], "field-missing");
    assert!(json["defects"][0]["exchanges_to_first"].as_u64().unwrap() > 0, "{json}");
    assert!(table.contains("| field-missing | 1 of 1 |"), "{table}");
}

/// With one case in a scenario the leap day is not drawn: a miss is told with its duty, and is no success.
#[test]
fn defects_are_listed_by_class() {
    let listed = text(&d1c(&["sandbox", "--list-defects", "--role", "d1"]).stdout);
    let (bounds, server_error) = (listed.find("\nbounds (").unwrap(), listed.find("\nserver-error (").unwrap());
    assert!((bounds..server_error).contains(&listed.find("d1-enrol-long-name").unwrap()), "{listed}");
    assert!(!listed.contains("issuer-"));
}
