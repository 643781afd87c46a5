//! All formats tell the same totals, because all are drawn from one record.

use std::path::Path;

use serde_json::Value;

use super::{Format, draw};
use crate::oracle::{Severity, Verdict};
use crate::report::exit_code;
use crate::report::record::{RunRecord, RunState, Totals};
use crate::report::sample::sample;
use crate::report::summary;
use crate::report::totals::{count, worst};

/// A clean run, one with every verdict, one that was interrupted, one that was killed.
fn records() -> Vec<(&'static str, RunRecord)> {
    let settled = |mut record: RunRecord| {
        record.totals = count(&record.scenarios);
        record.verdict = worst(&record.scenarios);
        record.exit_code = exit_code(&record);
        record
    };
    let mut clean = sample();
    clean.scenarios.retain(|scenario| matches!(scenario.verdict, Verdict::Passed | Verdict::Skipped));
    let broken = |state| RunRecord { state, case_digest: None, ..sample() };
    vec![
        ("clean", settled(clean)),
        ("failing", settled(sample())),
        ("interrupted", settled(broken(RunState::Interrupted))),
        ("killed", settled(broken(RunState::Running))),
    ]
}

fn text(format: Format, record: &RunRecord) -> String {
    draw(format, record, Path::new("")).unwrap()
}

fn json(format: Format, record: &RunRecord) -> Value {
    serde_json::from_str(&text(format, record)).unwrap()
}

fn totals(value: &Value) -> Totals {
    serde_json::from_value(value.clone()).unwrap()
}

#[test]
fn all_formats_tell_the_same_totals() {
    for (name, record) in records() {
        let own = &record.totals;
        assert_eq!(totals(&json(Format::Har, &record)["log"]["_totals"]), *own, "har, {name}");
        assert_eq!(totals(&json(Format::Sarif, &record)["runs"][0]["properties"]["totals"]), *own, "sarif, {name}");
        let lines = text(Format::Ndjson, &record);
        let last: Value = serde_json::from_str(lines.lines().last().unwrap()).unwrap();
        assert_eq!(totals(&last["totals"]), *own, "ndjson, {name}");
        let listed = lines.lines().filter(|line| line.starts_with("{\"type\":\"scenario\"")).count();
        assert_eq!(listed as u64, own.scenarios, "ndjson, {name}");

        let row = [own.scenarios, own.passed, own.warned, own.failed, own.deviating, own.skipped, own.inconclusive];
        let row = row.map(|number| number.to_string()).join(" | ");
        assert!(text(Format::Markdown, &record).contains(&format!("| {row} |")), "markdown, {name}");
        let sums = format!("{} passed, {} warned, {} failed", own.passed, own.warned, own.failed);
        assert!(text(Format::Github, &record).contains(&sums), "github, {name}");
        let wfc = json(Format::Wfc, &record);
        assert_eq!(wfc["totalTests"], own.scenarios, "wfc, {name}");
        assert_eq!(wfc["problemDetails"]["rest"]["evaluatedHttpCalls"], own.exchanges, "wfc, {name}");
    }
}

#[test]
fn junit_counts_what_the_record_counts() {
    for (name, record) in records() {
        let own = &record.totals;
        let xml = text(Format::Junit, &record);
        let xml = roxmltree::Document::parse(&xml).unwrap();
        let sum = |attribute: &str| -> u64 {
            let suites = xml.descendants().filter(|node| node.has_tag_name("testsuite"));
            suites.map(|suite| suite.attribute(attribute).unwrap().parse::<u64>().unwrap()).sum()
        };
        let counted = |tag: &str| xml.descendants().filter(|node| node.has_tag_name(tag)).count() as u64;
        assert_eq!((sum("tests"), counted("testcase")), (own.scenarios, own.scenarios), "{name}");
        assert_eq!((sum("failures"), counted("failure")), (own.failed, own.failed), "{name}");
        assert_eq!((sum("errors"), counted("error")), (own.inconclusive, own.inconclusive), "{name}");
        let skipped = own.skipped + own.deviating;
        assert_eq!((sum("skipped"), counted("skipped")), (skipped, skipped), "{name}");
    }
}

#[test]
fn findings_are_as_many_in_every_format() {
    for (name, record) in records() {
        let findings = || record.scenarios.iter().flat_map(|scenario| &scenario.findings);
        let lines = text(Format::Ndjson, &record);
        let listed = lines.lines().filter(|line| line.starts_with("{\"type\":\"finding\"")).count();
        assert_eq!(listed, findings().count(), "ndjson, {name}");
        // Each of the sample's findings is a breach of its own.
        let results = json(Format::Sarif, &record)["runs"][0]["results"].as_array().unwrap().len();
        assert_eq!(results, findings().count(), "sarif, {name}");
        let faults = findings().filter(|finding| finding.severity > Severity::Observation).count();
        assert_eq!(json(Format::Wfc, &record)["faults"]["totalNumber"], faults, "wfc, {name}");
    }
}

#[test]
fn only_what_was_broken_off_is_called_interrupted() {
    for (name, record) in records() {
        let broken = record.state != RunState::Finished;
        for format in [Format::Junit, Format::Markdown, Format::Har, Format::Sarif, Format::Wfc, Format::Github] {
            let said = text(format, &record).contains("interrupted: the run ");
            assert_eq!(said, broken, "{}, {name}", format.name());
        }
        assert_eq!(text(Format::Ndjson, &record).contains("\"interrupted\":true"), broken, "{name}");
        let page = text(Format::Html, &record);
        assert_eq!(page.contains("interrupted") || page.contains("had not finished"), broken, "{name}");
        assert!(!broken || summary(&record, false, &[]).contains("did not reach its end"), "{name}");
    }
}
