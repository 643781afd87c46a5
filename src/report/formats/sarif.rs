//! SARIF 2.1.0 (OASIS): each distinct breach is a result at the line of the specification that it breaks, so that code
//! hosts show it beside the contract. The fingerprint is made of code and obligation alone: a breach keeps it when
//! lines move, and from run to run.

mod rule;

use std::path::Path;

use indexmap::IndexMap;
use serde_json::{Value, json};
use time::format_description::well_known::Rfc3339;
use time::macros::format_description;
use time::{Duration, OffsetDateTime, UtcOffset};

use super::source::uri;
use crate::base::Digest;
use crate::oracle::{Blame, Severity, Verdict};
use crate::report::error::ReportError;
use crate::report::group::{Group, groups, reasons};
use crate::report::record::{FindingRecord, HeaderRecord, RequestRecord, ResponseRecord, RunRecord, ScenarioRecord};
use crate::report::text::{self, printable};
use crate::report::words::{broken_off, duty, first_curl, plural, repeated};

/// Where the schema of the format is published.
const SCHEMA: &str = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";

/// The log.
pub(super) fn sarif(record: &RunRecord, root: &Path) -> Result<String, ReportError> {
    let groups = groups(record);
    let mut rules: IndexMap<&str, &FindingRecord> = IndexMap::new();
    for group in &groups {
        rules.entry(group.worst.code.as_str()).or_insert(group.worst);
    }
    let results: Vec<Value> = groups
        .iter()
        .map(|group| result(group, rules.get_index_of(group.worst.code.as_str()).unwrap_or_default(), root))
        .collect();
    let log = json!({
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": {
                "name": record.tool.name,
                "version": record.tool.version,
                "rules": rules.values().map(|finding| rule::rule(finding)).collect::<Vec<_>>(),
            }},
            "automationDetails": { "id": automation(record) },
            "invocations": [invocation(record)],
            "artifacts": artifacts(record, root),
            "results": results,
            "properties": {
                "runId": record.run_id,
                "state": record.state,
                "interrupted": broken_off(record).is_some(),
                "verdict": record.verdict,
                "seed": record.seed,
                "caseDigest": record.case_digest,
                "totals": record.totals,
            },
        }],
    });
    Ok(text::json(&log, true)?)
}

/// Which of the runs over one repository this is: those against other targets are kept apart. The slash at the end says
/// that there is no name for the single run.
fn automation(record: &RunRecord) -> String {
    let names: Vec<String> =
        record.target.iter().map(|target| format!("{}-{}", target.suite, target.name).replace('/', "-")).collect();
    format!("d1c/{}/", names.join("+"))
}

fn invocation(record: &RunRecord) -> Value {
    let mut notifications: Vec<Value> =
        broken_off(record).map(|state| notification("error", state)).into_iter().collect();
    notifications.extend(reasons(record, Verdict::Inconclusive).into_iter().map(|(reason, scenarios)| {
        let count = plural(scenarios.len() as u64, "scenario");
        notification("warning", &format!("{count} inconclusive: {reason}"))
    }));
    let outdated = record.deviations.iter().filter(|entry| entry.fails());
    notifications.extend(outdated.map(|entry| notification("error", &format!("{}: {}", entry.obligation, entry.told))));
    let mut invocation = json!({
        "executionSuccessful": broken_off(record).is_none(),
        "exitCode": record.exit_code,
        "arguments": record.command,
        "toolExecutionNotifications": notifications,
    });
    // A record of ours has a time; one that somebody wrote need not.
    if let Ok(start) = OffsetDateTime::parse(&record.started_at, &Rfc3339) {
        let end = i64::try_from(record.elapsed_ms).ok().and_then(|ms| start.checked_add(Duration::milliseconds(ms)));
        invocation["startTimeUtc"] = utc(start).into();
        invocation["endTimeUtc"] = utc(end.unwrap_or(start)).into();
    }
    invocation
}

fn utc(time: OffsetDateTime) -> String {
    let format = format_description!("[year]-[month]-[day]T[hour]:[minute]:[second].[subsecond digits:3]Z");
    time.to_offset(UtcOffset::UTC).format(format).unwrap_or_default()
}

fn notification(level: &str, text: &str) -> Value {
    json!({ "level": level, "message": { "text": message(text) } })
}

fn artifacts(record: &RunRecord, root: &Path) -> Vec<Value> {
    let artifact =
        |file: &str, sha256: &str| json!({ "location": { "uri": uri(file, root) }, "hashes": { "sha-256": sha256 } });
    record.specs.iter().map(|spec| artifact(&spec.file, &spec.sha256)).collect()
}

fn result(group: &Group<'_>, rule_index: usize, root: &Path) -> Value {
    let finding = group.worst;
    let mut result = json!({
        "ruleId": finding.code,
        "ruleIndex": rule_index,
        "level": level(group.severity),
        "message": { "text": message(&told(group)) },
        "locations": [{
            "physicalLocation": {
                "artifactLocation": { "uri": uri(&finding.spec_file, root) },
                "region": { "startLine": finding.spec_line.max(1) },
            },
            "logicalLocations": [{ "fullyQualifiedName": finding.spec_pointer, "kind": "member" }],
        }],
        "partialFingerprints": fingerprints(finding),
        "occurrenceCount": group.cases.max(1),
        "webRequest": request(&finding.request),
        "properties": {
            "check": finding.check,
            "obligation": finding.obligation,
            "blame": finding.blame,
            "case": finding.case_id,
            "curl": first_curl(finding),
            "scenarios": group.seen.iter().map(|(_, scenario, _)| scenario.id.as_str()).collect::<Vec<_>>(),
        },
    });
    if let Some(answer) = &finding.response {
        result["webResponse"] = response(answer);
    }
    // A breach that every scenario excuses is known, and no news.
    let excused = |(_, scenario, finding): &(usize, &ScenarioRecord, &FindingRecord)| {
        finding.deviation.is_some() || scenario.verdict == Verdict::Deviating
    };
    if group.seen.iter().all(excused) {
        let of_scenario = || group.seen.first().and_then(|(_, scenario, _)| scenario.reason.as_deref());
        let why = finding.deviation.as_deref().or_else(of_scenario).unwrap_or_default();
        result["suppressions"] = json!([{ "kind": "external", "status": "accepted", "justification": why }]);
    }
    result
}

/// What happened, in sentences.
fn told(group: &Group<'_>) -> String {
    let finding = group.worst;
    let pointer = finding.pointer.as_deref().filter(|pointer| !pointer.is_empty());
    let at = pointer.map_or_else(String::new, |pointer| format!(" (at {pointer})"));
    let mut sentences = vec![format!("Expected {}, got {}{at}.", finding.expected, finding.actual)];
    sentences.extend(duty(finding).map(|duty| format!("The duty: {duty}.")));
    if finding.blame == Blame::Flaky {
        sentences.push("Flaky.".to_owned());
    }
    sentences.extend(repeated(finding).map(|said| format!("On repeat: {said}.")));
    let (cases, scenarios) = (plural(group.cases, "case"), plural(group.seen.len() as u64, "scenario"));
    sentences.push(format!("Seen in {cases} of {scenarios}."));
    sentences.join(" ")
}

/// Code hosts match results of two runs by the first name, and other readers by the second.
fn fingerprints(finding: &FindingRecord) -> Value {
    let mut digest = Digest::default();
    digest.add(finding.code.as_bytes());
    digest.add(finding.obligation.as_str().as_bytes());
    let hex = digest.hex();
    json!({ "primaryLocationLineHash": format!("{}:1", &hex[..16]), "d1cObligation/v1": hex })
}

fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Failure => "error",
        Severity::Warning => "warning",
        Severity::Observation => "note",
    }
}

/// Plain text of a message. `[text](target)` is a link in one (section 3.11.6), so that no bracket may begin a target.
fn message(text: &str) -> String {
    printable(text).replace("](", "\\](")
}

fn request(sent: &RequestRecord) -> Value {
    let mut request = json!({
        "protocol": "HTTP", "version": "1.1", "target": sent.url, "method": sent.method, "headers": headers(&sent.headers)
    });
    if let Some(body) = &sent.body {
        request["body"] = json!({ "text": body });
    }
    request
}

fn response(answer: &ResponseRecord) -> Value {
    let mut response = json!({
        "protocol": "HTTP", "version": "1.1", "statusCode": answer.status, "headers": headers(&answer.headers)
    });
    if let Some(body) = &answer.body {
        response["body"] = json!({ "text": body });
    }
    response
}

/// By name; fields of one name are joined, as RFC 9110 section 5.3 allows.
fn headers(fields: &[HeaderRecord]) -> Value {
    let mut headers: IndexMap<&str, String> = IndexMap::new();
    for field in fields {
        headers
            .entry(&field.name)
            .and_modify(|known| {
                known.push_str(", ");
                known.push_str(&field.value);
            })
            .or_insert_with(|| field.value.clone());
    }
    json!(headers)
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use serde_json::Value;

    use super::sarif;
    use crate::oracle::{Severity, Verdict};
    use crate::report::record::{FindingRecord, RunRecord, RunState};
    use crate::report::sample::{finding, sample};

    fn run(record: &RunRecord) -> Value {
        let log: Value = serde_json::from_str(&sarif(record, Path::new("/repo")).unwrap()).unwrap();
        log["runs"][0].clone()
    }

    #[test]
    fn a_result_lies_at_the_line_of_the_specification() {
        let run = run(&sample());
        let results = run["results"].as_array().unwrap();
        assert_eq!(results.len(), 2);
        let location = &results[0]["locations"][0];
        assert_eq!(location["physicalLocation"]["artifactLocation"]["uri"], "specs/a.yaml");
        assert_eq!(location["physicalLocation"]["region"]["startLine"], 12);
        assert_eq!((&results[0]["level"], &results[1]["level"]), (&"error".into(), &"warning".into()));
        assert_eq!(results[0]["occurrenceCount"], 3);
        for result in results {
            let rule = run.pointer(&format!("/tool/driver/rules/{}", result["ruleIndex"])).unwrap();
            assert_eq!(rule["id"], result["ruleId"]);
            assert!(!rule["help"]["text"].as_str().unwrap().is_empty());
        }
    }

    #[test]
    fn a_fingerprint_stays_when_lines_move_and_differs_between_breaches() {
        let mut moved = sample();
        moved.scenarios[1].findings[0].spec_line = 99;
        moved.scenarios[1].findings[0].actual = "status 202".into();
        let prints = |record: &RunRecord| run(record)["results"][0]["partialFingerprints"].clone();
        assert_eq!(prints(&sample()), prints(&moved));
        let other = run(&sample())["results"][1]["partialFingerprints"].clone();
        assert_ne!(prints(&sample()), other);
    }

    #[test]
    fn what_is_excused_is_suppressed_and_what_is_broken_off_no_success() {
        let mut record = sample();
        record.scenarios[4].findings = vec![FindingRecord { code: "D1C-3".into(), ..finding(Severity::Failure) }];
        assert_eq!(record.scenarios[4].verdict, Verdict::Deviating);
        record.state = RunState::Running;
        let run = run(&record);
        let known = run["results"].as_array().unwrap().iter().find(|result| result["ruleId"] == "D1C-3").unwrap();
        assert_eq!(known["suppressions"][0]["justification"], "known, see 4711");
        assert!(run["results"][0]["suppressions"].is_null());
        assert_eq!(run["invocations"][0]["executionSuccessful"], false);
        assert_eq!(run["invocations"][0]["endTimeUtc"], "2026-11-22T10:01:01.500Z");
    }

    #[test]
    fn no_text_is_a_link() {
        let mut record = sample();
        record.scenarios[1].findings[0].actual = "[click](https://evil.example)".into();
        let text = run(&record)["results"][0]["message"]["text"].as_str().unwrap().to_owned();
        assert!(text.contains("[click\\](https"), "{text}");
    }
}
