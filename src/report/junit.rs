//! `JUnit` XML, as CI systems read it: a suite for each suite and specification, a case for each scenario. A breach is a
//! failure, no answer to judge is an error. It keeps the schema that Jenkins' `xUnit` plugin holds such files against
//! (`junit-10.xsd`), so that the file of the specification stands on the suite: on a case, that schema refuses it.

use std::path::Path;
use std::time::Duration;

use indexmap::IndexMap;
use quick_junit::{NonSuccessKind, Property, Report, TestCase, TestCaseStatus, TestSuite};

use super::deviations::{DEVIATIONS_CHECK, DeviationState};
use super::error::ReportError;
use super::file;
use super::record::{FindingRecord, RunRecord, ScenarioRecord};
use super::text::{one_line, printable, shortened};
use super::words::{broken_off, first_curl, repeated, searched, walked};
use crate::oracle::Verdict;

/// Characters of a failure's message; CI pages show it in one line.
const MESSAGE: usize = 300;

/// The XML text.
pub fn junit(record: &RunRecord) -> Result<String, ReportError> {
    let mut suites: IndexMap<(&str, &str), Vec<&ScenarioRecord>> = IndexMap::new();
    for scenario in &record.scenarios {
        suites.entry((&scenario.suite, &scenario.spec)).or_default().push(scenario);
    }
    let mut report = Report::new(one_line(&format!("{} {}", record.tool.name, record.run_id)));
    report.set_time(Duration::from_millis(record.elapsed_ms));
    for ((suite, spec), scenarios) in suites {
        report.add_test_suite(test_suite(record, suite, spec, &scenarios));
    }
    if !record.deviations.is_empty() {
        report.add_test_suite(deviations(record));
    }
    Ok(without_root_skipped(&report.to_string()?))
}

/// The root element has no attribute `skipped` in Jenkins' schema; the suites have it. The first one of the text is the root's:
/// a quotation mark in the name before it is written as `&quot;`.
fn without_root_skipped(xml: &str) -> String {
    let Some(begin) = xml.find(" skipped=\"") else { return xml.to_owned() };
    let value = begin + " skipped=\"".len();
    let end = xml[value..].find('"').map_or(value, |length| value + length + 1);
    format!("{}{}", &xml[..begin], &xml[end..])
}

/// Writes the XML, whole or not at all.
pub fn write_junit(path: &Path, record: &RunRecord) -> Result<(), ReportError> {
    file::write(path, junit(record)?.as_bytes())
}

fn test_suite(record: &RunRecord, suite: &str, spec: &str, scenarios: &[&ScenarioRecord]) -> TestSuite {
    let mut out = TestSuite::new(printable(&format!("{suite}.{spec}")));
    out.timestamp = record.started_at.parse().ok();
    out.set_time(Duration::from_millis(scenarios.iter().map(|scenario| scenario.elapsed_ms).sum()));
    let target = record.target.iter().find(|target| target.suite == suite);
    let own = record.specs.iter().find(|own| own.name == spec);
    if let Some(own) = own {
        out.extra.insert("file".into(), one_line(&own.file).into());
    }
    let properties = [
        ("state", broken_off(record).unwrap_or("finished").to_owned()),
        ("seed", record.seed.to_string()),
        ("tool_version", format!("{} {}", record.tool.name, record.tool.version)),
        ("target", target.map(|target| target.name.clone()).unwrap_or_default()),
        ("base_url", target.and_then(|target| target.base_urls.get(spec)).cloned().unwrap_or_default()),
        ("case_digest", record.case_digest.clone().unwrap_or_default()),
        ("run_id", record.run_id.clone()),
        ("spec", own.map(|own| own.file.clone()).unwrap_or_default()),
        ("spec_sha256", own.map(|own| own.sha256.clone()).unwrap_or_default()),
        ("strict", record.strict.to_string()),
    ]
    .into_iter()
    .chain(
        record
            .profile
            .iter()
            .flat_map(|own| [("product", own.product.clone()), ("readiness", own.verdict.name().to_owned())]),
    );
    for (name, value) in properties {
        out.add_property(Property::new(name, printable(&value)));
    }
    out.add_test_cases(scenarios.iter().map(|scenario| test_case(scenario)));
    out
}

/// The entries of the deviations file: one that is out of date is a failure of its own, whatever the scenarios say.
fn deviations(record: &RunRecord) -> TestSuite {
    let mut out = TestSuite::new(DEVIATIONS_CHECK);
    out.timestamp = record.started_at.parse().ok();
    for entry in &record.deviations {
        let told = one_line(&entry.told);
        let mut status = match entry.state {
            DeviationState::Excused => TestCaseStatus::success(),
            DeviationState::NotLookedAt => TestCaseStatus::skipped(),
            DeviationState::Expired | DeviationState::Stale => TestCaseStatus::non_success(NonSuccessKind::Failure),
        };
        if entry.state != DeviationState::Excused {
            status.set_type(entry.failure.as_deref().unwrap_or("not looked at")).set_message(told.as_str());
        }
        if entry.fails() {
            status.set_description(format!(
                "{}:{}\nobligation: {}\nreason:     {}\nticket:     {}\nowner:      {}\n",
                one_line(&entry.file),
                entry.line,
                one_line(entry.obligation.as_str()),
                one_line(&entry.reason),
                one_line(&entry.ticket),
                one_line(&entry.owner)
            ));
        }
        let code = entry.code.as_ref().map_or_else(String::new, |code| format!(" {code}"));
        let of = entry.operation.as_ref().filter(|own| !entry.obligation.as_str().starts_with(own.as_str()));
        let of = of.map_or_else(String::new, |own| format!(" {own}"));
        let mut case = TestCase::new(printable(&format!("{}{code}{of}", entry.obligation)), status);
        case.set_classname(DEVIATIONS_CHECK);
        case.set_time(Duration::ZERO);
        out.add_test_case(case);
    }
    out
}

fn test_case(scenario: &ScenarioRecord) -> TestCase {
    let id = scenario.id.as_str();
    let name = id.strip_prefix(&format!("{}::", scenario.suite)).unwrap_or(id);
    let mut case = TestCase::new(printable(name), status(scenario));
    let operation = scenario.operation_id.name();
    case.set_classname(printable(&format!("{}.{}.{operation}", scenario.suite, scenario.spec)));
    case.set_time(Duration::from_millis(scenario.elapsed_ms));
    // The findings of a failed case stand in its failure; those of all others would be lost without this.
    if scenario.verdict != Verdict::Failed && !scenario.findings.is_empty() {
        case.set_system_out(findings(scenario));
    } else if !scenario.findings.is_empty() {
        case.set_system_out(second_looks(scenario));
    }
    case
}

/// What repeats and the search for smaller requests showed, and how to see each finding again.
fn second_looks(scenario: &ScenarioRecord) -> String {
    let lines = |finding: &FindingRecord| {
        let searched = finding.shrunk.as_ref().map(searched);
        let said: Vec<String> = repeated(finding).into_iter().chain(searched).collect();
        let title = format!("{} {}: {}", finding.code, finding.obligation, said.join("; "));
        format!("{}\n{}\n", one_line(title.trim_end_matches([':', ' '])), printable(first_curl(finding)))
    };
    scenario.findings.iter().map(lines).collect()
}

fn status(scenario: &ScenarioRecord) -> TestCaseStatus {
    let reason = one_line(scenario.reason.as_deref().unwrap_or("no reason was given"));
    match scenario.verdict {
        Verdict::Passed | Verdict::Warned => TestCaseStatus::success(),
        Verdict::Skipped | Verdict::Deviating => {
            let mut status = TestCaseStatus::skipped();
            status.set_type(scenario.verdict.name()).set_message(reason);
            status
        }
        Verdict::Inconclusive => {
            let mut status = TestCaseStatus::non_success(NonSuccessKind::Error);
            let blame = scenario.blame.map_or_else(String::new, |blame| format!("blame: {}\n", blame.name()));
            let text = format!("{reason}\n{blame}scenario: {}", one_line(scenario.id.as_str()));
            status.set_type("inconclusive").set_description(text);
            status.set_message(reason);
            status
        }
        Verdict::Failed => {
            let mut status = TestCaseStatus::non_success(NonSuccessKind::Failure);
            let grave = |finding: &&FindingRecord| (finding.deviation.is_none(), finding.severity);
            if let Some(worst) = scenario.findings.iter().rev().max_by_key(grave) {
                status.set_type(one_line(&worst.code)).set_message(message(worst));
            }
            status.set_description(findings(scenario));
            status
        }
    }
}

/// What was wanted and what came, on one line.
fn message(finding: &FindingRecord) -> String {
    let text = format!("expected {}, got {}", one_line(&finding.expected), one_line(&finding.actual));
    shortened(&text, MESSAGE)
}

fn findings(scenario: &ScenarioRecord) -> String {
    let texts: Vec<String> = scenario.findings.iter().map(finding).collect();
    format!("{}\n", texts.join("\n\n"))
}

fn finding(finding: &FindingRecord) -> String {
    // Some readers show the text alone, and of that the first line.
    let mut lines = vec![
        format!("{}: {}", finding.code, message(finding)),
        format!("breaks:     {} ({})", finding.obligation, finding.severity.name()),
        format!("obligation: {}", finding.text),
        format!("spec:       {}:{} {}", finding.spec_file, finding.spec_line, finding.spec_pointer),
        format!("expected:   {}", finding.expected),
        format!("actual:     {}", finding.actual),
    ];
    if let Some(pointer) = &finding.pointer {
        lines.push(format!("pointer:    {pointer}"));
    }
    lines.push(format!("case:       {} (seen {} times)", finding.case_id, finding.count));
    if let Some(response) = &finding.response {
        let body = response.body.as_deref().unwrap_or("(no body)");
        lines.push(format!("answer:     {} {}", response.status, shortened(body, 2_000)));
    }
    lines.extend(finding.walk.as_ref().map(|walk| format!("walk:       {}", walked(walk))));
    lines.extend(finding.deviation.as_ref().map(|why| format!("let pass:   {why}")));
    lines.extend(repeated(finding).map(|text| format!("repeat:     {text}")));
    lines.push(format!("curl:       {}", finding.curl));
    if let Some(shrunk) = &finding.shrunk {
        lines.push(format!("request:    {}", searched(shrunk)));
        lines.extend(shrunk.smallest.iter().map(|smallest| format!("smallest:   {}", smallest.exchange.curl)));
    }
    printable(&lines.join("\n"))
}

#[cfg(test)]
mod tests {
    use super::{junit, write_junit};
    use crate::report::sample::{flaky, sample};

    /// The text of the test case of this name, tags included.
    fn case<'x>(xml: &'x str, name: &str) -> &'x str {
        let from = xml.find(&format!("<testcase name=\"{name}\"")).unwrap();
        let rest = &xml[from..];
        &rest[..rest[1..].find("<testcase ").map_or(rest.len(), |end| end + 1)]
    }

    #[test]
    fn breaches_are_failures_and_missing_answers_are_errors() {
        let xml = junit(&sample()).unwrap();
        let failed = case(&xml, "Spec-A::createCard::body.name::max_length");
        assert!(
            failed.contains("<failure message=\"expected status 400, got status 201\" type=\"D1C-1001\">"),
            "{failed}"
        );
        assert!(failed.contains("classname=\"inbound.Spec-A.createCard\"") && failed.contains("specs/a.yaml:12"));
        assert!(
            failed.contains(">D1C-1001: expected status 400, got status 201\nbreaks:     Spec-A::createCard::body")
        );
        let (text, out) = failed.split_once("<system-out>").unwrap();
        assert!(text.contains("curl --include") && out.contains("curl --include") && !failed.contains("<error"));

        let error = case(&xml, "Spec-B::getCard::operation::conforming");
        assert!(error.contains("<error message=\"connection refused\" type=\"inconclusive\">"), "{error}");
        assert!(!error.contains("<failure"));

        let skipped = case(&xml, "Spec-A::createCard::auth::missing_token");
        assert!(skipped.contains("<skipped message=\"no credentials\" type=\"skipped\"/>"), "{skipped}");
        let deviating = case(&xml, "Spec-A::getCard::path.id::pattern");
        assert!(deviating.contains("<skipped message=\"known, see 4711\" type=\"deviating\"/>"), "{deviating}");

        let warned = case(&xml, "Spec-A::getCard::query.fields::enum");
        assert!(warned.contains("<system-out>D1C-2001: expected") && !warned.contains("<failure"), "{warned}");
        let passed = case(&xml, "Spec-A::createCard::operation::conforming");
        assert!(passed.trim_end().ends_with("/>") || passed.contains("time=\"0.120\"/>"), "{passed}");
    }

    #[test]
    fn the_smallest_request_and_a_changed_verdict_are_told() {
        let name = "Spec-A::createCard::body.name::max_length";
        let xml = junit(&sample()).unwrap();
        let small = case(&xml, name);
        assert!(small.contains("request:    smallest of 8 tries"), "{small}");
        assert!(small.contains("smallest:   curl --include -X POST") && small.contains("aaaaaa"), "{small}");
        let out = &small[small.find("<system-out>").unwrap()..];
        assert!(out.contains("max_length: smallest of 8 tries") && !out.contains("flaky"), "{out}");

        let xml = junit(&flaky()).unwrap();
        let changed = case(&xml, name);
        let said = "flaky: an immediate repeat of the same request did not show it";
        assert!(changed.contains(&format!("repeat:     {said}")), "{changed}");
        assert!(changed.contains("<failure") && changed[changed.find("<system-out>").unwrap()..].contains(said));
    }

    #[test]
    fn counts_times_and_properties() {
        let xml = junit(&sample()).unwrap();
        assert!(xml.contains("tests=\"6\" failures=\"1\" errors=\"1\" time=\"61.500\">"), "{xml}");
        let suite = "<testsuite name=\"inbound.Spec-A\" tests=\"5\" skipped=\"2\" errors=\"0\" failures=\"1\"";
        assert!(xml.contains(suite) && xml.contains("file=\"specs/a.yaml\""), "{xml}");
        assert!(xml.contains("<property name=\"state\" value=\"finished\"/>"), "{xml}");
        assert!(xml.contains("<property name=\"seed\" value=\"7\"/>"));
        assert!(xml.contains("<property name=\"target\" value=\"staging\"/>"));
        assert!(xml.contains("timestamp=\"2026-11-22T10:00:00"), "{xml}");
    }

    #[test]
    fn characters_that_xml_forbids_are_spelled_out() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("junit.xml");
        write_junit(&path, &sample()).unwrap();
        let xml = std::fs::read_to_string(path).unwrap();
        assert!(xml.contains("nul \\u{0} esc \\u{1b}]0;title, &lt;tag&gt; &amp; the rest"), "{xml}");
        assert!(xml.chars().all(|c| c == '\n' || !c.is_control()));
        let parsed = quick_junit::Report::deserialize_from_str(&xml).unwrap();
        assert_eq!((parsed.tests, parsed.failures, parsed.errors), (6, 1, 1));
        assert_eq!(parsed.test_suites.iter().map(|suite| suite.skipped).sum::<usize>(), 2);
    }
}
