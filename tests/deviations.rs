//! Known deviations from the command line to the exit code: written from a run, let pass, expired, no longer needed.

#![expect(clippy::unwrap_used, reason = "a test that cannot be set up must fail")]

mod stand;

use std::fs;
use std::fs::File;
use std::io::Read as _;

use d1_conformance::report::{DeviationState, Readiness, RunRecord, read_run_json};
use d1_conformance::sandbox::Role;
use stand::{Stand, d1c};
use zip::ZipArchive;

const OPERATION: &str = "getConsumerInformation";
const DEFECT: &str = "issuer-consumer-short-language";
const DUTY: &str = "D1-Public-OUT-v1-Consumer::getConsumerInformation::response.200.body/language";

fn record(stand: &Stand, reports: &str) -> RunRecord {
    read_run_json(&stand.path(reports).join("run.json")).unwrap()
}

fn add(stand: &Stand, more: &[&str]) -> stand::Ended {
    let (run, file) = (stand.path("first").join("run.json"), stand.text("known.yaml"));
    let run = run.to_string_lossy().into_owned();
    let mut all = vec!["deviations", "add", &run, "--file", &file];
    for (name, value) in [
        ("--reason", "languages of <one> letter"),
        ("--ticket", "CRM-1"),
        ("--owner", "team-a"),
        ("--expires", "2099-12-31"),
    ] {
        if !more.contains(&name) {
            all.extend([name, value]);
        }
    }
    d1c(&[&all[..], more].concat())
}

/// A sandbox with the defect, and the record of a first run against it.
fn broken() -> Stand {
    let stand = Stand::new(Role::Issuer, &[DEFECT]);
    let ended = stand.run("first", &[OPERATION]);
    assert_eq!(ended.code, 1, "{}", ended.text);
    stand
}

#[test]
fn from_a_failed_run_to_one_that_lets_it_pass_and_on_to_one_that_needs_no_excuse() {
    let mut stand = broken();
    let said = add(&stand, &["--all"]);
    assert!(said.code == 0 && said.text.contains("wrote 2 entries"), "{}", said.text);
    let known = stand.text("known.yaml");
    for (reports, more) in [("named", vec!["--deviations", known.as_str()]), ("of_target", vec![])] {
        if more.is_empty() {
            let target = fs::read_to_string(stand.path("target.yaml")).unwrap();
            stand.file("target.yaml", &format!("{target}\ndeviations: known.yaml\n"));
        }
        let ended = stand.run(reports, &[&[OPERATION], &more[..]].concat());
        assert!(ended.code == 0 && ended.text.contains("DEVIATING"), "{}", ended.text);
        assert!(ended.text.contains("ticket CRM-1, owner team-a, until 2099-12-31"), "{}", ended.text);
        let record = record(&stand, reports);
        assert!(record.totals.deviating > 0 && record.totals.failed == 0, "{:?}", record.totals);
        assert!(record.deviations.iter().all(|entry| entry.state == DeviationState::Excused));
        let junit = fs::read_to_string(stand.path(reports).join("junit.xml")).unwrap();
        assert!(junit.contains("type=\"deviating\"") && junit.contains("failures=\"0\""), "{junit}");
        assert!(junit.contains("languages of &lt;one&gt; letter"), "{junit}");
        let page = fs::read_to_string(stand.path(reports).join("index.html")).unwrap();
        assert!(page.contains("CRM-1") && !page.contains("<one>"));
    }
    // A failure of another kind is no excuse's business, however few failures the user wants to see.
    let ended = stand.run("most", &[OPERATION, "--max-failures", "1"]);
    assert_eq!(ended.code, 0, "excused scenarios do not count as failures: {}", ended.text);

    stand.serve(&[]);
    let ended = stand.run("mended", &[OPERATION]);
    assert!(ended.code == 1 && ended.text.contains("remove it"), "{}", ended.text);
    assert!(
        ended.text.contains("D1C-302") && ended.text.contains("the deviations file is out of date"),
        "{}",
        ended.text
    );
    let mended = record(&stand, "mended");
    assert!(mended.deviations.iter().all(|entry| entry.state == DeviationState::Stale));
    assert_eq!(mended.totals.failed, 0);
    // Where only a part was looked at, nothing is said of the rest.
    let ended = stand.run("partly", &["getConsumerInformation::operation::conforming"]);
    assert!(ended.code == 0 && ended.text.contains("not looked at"), "{}", ended.text);
    let ended = stand.run("other", &["deliverOtp"]);
    assert!(ended.code == 0 && ended.text.contains("2 not looked at"), "{}", ended.text);
    let ended = stand.run("unchecked", &[OPERATION, "--skip-check", "response_schema_conformance"]);
    assert!(ended.code == 0 && ended.text.contains("was left out"), "{}", ended.text);
    stand.close();
    let ended = stand.run("unreachable", &[OPERATION]);
    assert!(ended.code == 3 && ended.text.contains("2 not looked at"), "{}", ended.text);
}

#[test]
fn an_entry_that_has_expired_fails_the_run_and_says_whom_to_ask() {
    let mut stand = broken();
    let known = stand.file(
        "known.yaml",
        &format!(
            "- obligation: {DUTY}::min_length\n  reason: r\n  ticket: CRM-1\n  owner: team-a\n  expires: 2020-01-31\n"
        ),
    );
    let ended = stand.run("expired", &[OPERATION, "--deviations", &known]);
    assert!(ended.code == 1, "{}", ended.text);
    assert!(ended.text.contains("expired on 2020-01-31, ticket CRM-1, owner team-a"), "{}", ended.text);
    assert!(ended.text.contains("D1C-301") && record(&stand, "expired").totals.failed > 0, "{}", ended.text);
    let junit = fs::read_to_string(stand.path("expired").join("junit.xml")).unwrap();
    assert!(junit.contains("type=\"D1C-301\""), "{junit}");
    // The breach is gone, and the entry is still a failure.
    stand.serve(&[]);
    let ended = stand.run("gone", &[OPERATION, "--deviations", &known]);
    assert!(ended.code == 1 && record(&stand, "gone").totals.failed == 0, "{}", ended.text);
    for (command, code) in [("list", 0), ("check", 1)] {
        let ended = d1c(&["deviations", command, &known]);
        assert!(ended.code == code && ended.text.contains("EXPIRED on 2020-01-31"), "{}", ended.text);
    }
}

#[test]
fn what_is_wrong_in_the_file_ends_the_run_before_anything_is_sent() {
    // Nobody answers there: whatever were sent would be inconclusive.
    let mut stand = Stand::new(Role::Issuer, &[]);
    stand.close();
    let entry = |obligation: &str, expires: &str, more: &str| {
        format!(
            "# ours\n\n- obligation: '{obligation}'\n  reason: r\n  ticket: t\n  owner: o\n  expires: {expires}\n{more}"
        )
    };
    let right = format!("{DUTY}::min_length");
    for (text, parts) in [
        (entry(&right.replace("language", "langauge"), "2099-01-01", ""), ["known.yaml:3", "did you mean", "language"]),
        (
            entry(&right.replace("getConsumer", "getConsummer"), "2099-01-01", ""),
            ["known.yaml:3", "unknown operation", "did you mean"],
        ),
        (
            entry(&right.replace("OUT-v1-Consumer", "OUT-v1-Consumers"), "2099-01-01", ""),
            ["known.yaml:3", "unknown operation", "did you mean"],
        ),
        (entry("rules::NOTIF-R99", "2099-01-01", ""), ["known.yaml:3", "unknown business rule", "did you mean"]),
        (entry(&right, "2099-13-01", ""), ["known.yaml:7", "is no day", "YYYY-MM-DD"]),
        (entry(&right, "2099-01-01", "  code: D1C-124\n"), ["known.yaml:8", "unknown code", "did you mean"]),
        (entry(&right, "2099-01-01", "  untill: x\n"), ["known.yaml", "unknown field", "remedy"]),
    ] {
        let known = stand.file("known.yaml", &text);
        let ended = stand.run("wrong", &[OPERATION, "--deviations", &known]);
        assert_eq!(ended.code, 2, "{}", ended.text);
        assert!(parts.iter().all(|part| ended.text.contains(part)), "{parts:?}: {}", ended.text);
        assert!(!stand.path("wrong").exists());
        assert_eq!(d1c(&["deviations", "check", &known]).code, 2);
    }
    let ended = stand.run("wrong", &[OPERATION, "--deviations", "/no/such.yaml"]);
    assert!(ended.code == 2 && ended.text.contains("/no/such.yaml"), "{}", ended.text);
    // Entries for operations and rules of other suites are right.
    let known = stand.file("known.yaml", &entry("rules::CARD-LC-5", "2099-01-01", ""));
    assert_eq!(d1c(&["deviations", "check", &known]).code, 0);
    assert_eq!(d1c(&["deviations", "check", "examples/deviations.yaml"]).code, 0);
}

#[test]
fn add_writes_what_is_asked_for_and_never_twice() {
    let stand = broken();
    for (more, part) in [
        (vec!["--obligation", "language"], "the run has no finding of `language`"),
        (vec!["--obligation", "response.200.body/langage::pattern"], "did you mean"),
        (vec!["--all", "--code", "D1C-999"], "with the code D1C-999"),
        (vec!["--all", "--expires", "31.12.2099"], "is no day"),
        (vec!["--all", "--expires", "2020-01-01"], "is over"),
        (vec!["--all", "--owner", " "], "--owner is empty"),
        (vec![], "--obligation"),
    ] {
        let said = add(&stand, &more);
        assert!(said.code == 2 && said.text.contains(part), "{more:?}: {}", said.text);
        assert!(!stand.path("known.yaml").exists());
    }
    let before = "# our own words\n- obligation: rules::CARD-LC-5 # a note\n  reason: r\n  ticket: t\n  owner: o\n  expires: 2099-01-01\n";
    stand.file("known.yaml", before);
    let said = add(&stand, &["--obligation", "response.200.body/language::pattern"]);
    assert!(said.code == 0 && said.text.contains("wrote 1 entry"), "{}", said.text);
    let after = fs::read_to_string(stand.path("known.yaml")).unwrap();
    assert!(after.starts_with(before) && after.contains("D1C-142"), "{after}");
    let again = add(&stand, &["--obligation", "response.200.body/language::pattern"]);
    assert!(again.code == 2 && again.text.contains("line 7") && again.text.contains("already"), "{}", again.text);
    let rest = add(&stand, &["--all"]);
    assert!(rest.code == 0 && rest.text.contains("wrote 1 entry") && rest.text.contains("already"), "{}", rest.text);
    assert_eq!(d1c(&["deviations", "check", &stand.text("known.yaml")]).code, 0);
}

#[test]
fn a_product_with_deviations_is_not_plainly_ready_and_its_evidence_holds_the_file() {
    let stand = broken();
    let target = fs::read_to_string(stand.path("target.yaml")).unwrap();
    let answers = "values:\n  asksForConsumers: true\n  issuerChecksCvv: false\n  issuerSendsOneTimePassword: false\n";
    stand.file("target.yaml", &format!("{}\ndeviations: known.yaml\n", target.replace("values:\n", answers)));
    assert_eq!(add(&stand, &["--all"]).code, 0);
    let (file, target, reports) = (stand.text("e.zip"), stand.text("target.yaml"), stand.text("certified"));
    let certify = [
        "certify",
        "--suite",
        "tokenization",
        "--cases",
        "0",
        "--quiet",
        "--target",
        &target,
        "--report-dir",
        &reports,
    ];
    let ended = d1c(&[&certify[..], &["--out", &file]].concat());
    assert!(ended.code == 0 && ended.text.contains("READY WITH DEVIATIONS"), "{}", ended.text);
    assert_eq!(record(&stand, "certified").profile.unwrap().verdict, Readiness::ReadyWithDeviations);
    let mut archive = ZipArchive::new(File::open(&file).unwrap()).unwrap();
    let mut inside = String::new();
    archive.by_name("deviations.yaml").unwrap().read_to_string(&mut inside).unwrap();
    assert_eq!(inside, fs::read_to_string(stand.path("known.yaml")).unwrap());
    assert!(d1c(&["certify", "--verify", &file]).text.contains("Tokenization is READY WITH DEVIATIONS"));
    // Without it the same target is not ready.
    let known = stand.file("none.yaml", "# nothing\n");
    let ended = d1c(&[&certify[..], &["--deviations", &known, "--out", &stand.text("no.zip")]].concat());
    assert!(ended.code == 1 && ended.text.contains("no evidence was written"), "{}", ended.text);
    assert!(!stand.path("no.zip").exists());
}
