//! The report format of the Web Fuzzing Commons (<https://github.com/WebFuzzing/Commons>), in which tools that test web
//! services are compared: a test case is a scenario, an endpoint an operation.

use std::collections::BTreeSet;

use indexmap::{IndexMap, IndexSet};
use serde_json::{Value, json};
use time::format_description::well_known::Rfc3339;
use time::{Duration, OffsetDateTime};

use crate::contract::Rule;
use crate::oracle::{BUSINESS_RULES_CHECK, SNAPSHOT_CHECK, Severity, Verdict};
use crate::report::error::ReportError;
use crate::report::group::{groups, reasons};
use crate::report::record::{FindingRecord, RunRecord, ScenarioRecord};
use crate::report::text;
use crate::report::words::{broken_off, plural};

/// Version of the schema that this keeps.
const SCHEMA_VERSION: &str = "0.12.1";

/// Statuses that the format knows.
const MOST_STATUS: u16 = 599;

/// Methods that a path of OpenAPI can have.
const METHODS: [&str; 8] = ["get", "put", "post", "delete", "options", "head", "patch", "trace"];

/// The report.
pub(super) fn wfc(record: &RunRecord) -> Result<String, ReportError> {
    let endpoints = endpoints(record);
    let endpoint = |scenario: &ScenarioRecord| endpoints[scenario.operation_id.as_str()].as_str();
    let found: Vec<Value> = record
        .scenarios
        .iter()
        .filter_map(|scenario| {
            let faults: IndexSet<(u16, &str, String)> = scenario.findings.iter().filter_map(fault).collect();
            let categories: Vec<Value> = faults
                .iter()
                .map(|(code, id, context)| json!({ "code": code, "id": id, "context": context }))
                .collect();
            (!categories.is_empty()).then(|| {
                json!({ "operationId": endpoint(scenario), "testCaseId": scenario.id, "faultCategories": categories })
            })
        })
        .collect();
    let covered: Vec<Value> = record
        .scenarios
        .iter()
        .filter(|scenario| scenario.cases > 0)
        .map(|scenario| {
            let statuses: Vec<u16> =
                scenario.statuses.keys().copied().filter(|status| *status <= MOST_STATUS).collect();
            json!({ "endpointId": endpoint(scenario), "testCaseId": scenario.id, "httpStatus": statuses })
        })
        .collect();
    let total = groups(record).iter().filter(|group| group.severity > Severity::Observation).count();
    let report = json!({
        "schemaVersion": SCHEMA_VERSION,
        "toolName": record.tool.name,
        "toolVersion": record.tool.version,
        "creationTime": created(record),
        "faults": { "totalNumber": total, "foundFaults": found },
        "problemDetails": { "rest": {
            "outputHttpCalls": record.totals.exchanges,
            "evaluatedHttpCalls": record.totals.exchanges,
            "endpointIds": endpoints.values().collect::<BTreeSet<_>>(),
            "coveredHttpStatus": covered,
        }},
        "totalTests": record.totals.scenarios,
        "testFilePaths": [],
        "testCases": record.scenarios.iter().map(|scenario| json!({ "id": scenario.id, "name": scenario.id })).collect::<Vec<_>>(),
        "executionTimeInSeconds": record.elapsed_ms / 1000,
        "extra": [{
            "toolName": record.tool.name,
            "criteria": [{
                "name": "obligations exercised",
                "covered": record.totals.obligations_exercised,
                "total": record.totals.obligations,
            }],
        }],
        "warnings": warnings(record),
    });
    Ok(text::json(&report, true)?)
}

/// When the run came to this record.
fn created(record: &RunRecord) -> String {
    let start = OffsetDateTime::parse(&record.started_at, &Rfc3339).unwrap_or(OffsetDateTime::UNIX_EPOCH);
    let elapsed = Duration::milliseconds(i64::try_from(record.elapsed_ms).unwrap_or_default());
    start.checked_add(elapsed).unwrap_or(start).format(&Rfc3339).unwrap_or_default()
}

/// What keeps the run from a verdict, and what was left out.
fn warnings(record: &RunRecord) -> Vec<Value> {
    let warning = |priority: u8, category: &str, message: &str| json!({ "message": message, "category": category, "displayPriority": priority });
    let mut warnings: Vec<Value> =
        broken_off(record).map(|state| warning(1, "interrupted", state)).into_iter().collect();
    for (priority, verdict) in [(2, Verdict::Inconclusive), (3, Verdict::Deviating), (4, Verdict::Skipped)] {
        warnings.extend(reasons(record, verdict).into_iter().map(|(reason, scenarios)| {
            let count = plural(scenarios.len() as u64, "scenario");
            warning(priority, verdict.name(), &format!("{count} {}: {reason}", verdict.name()))
        }));
    }
    warnings
}

/// By operation: `GET:/users/{id}`. The duty of conforming requests lies at the operation itself; where no such place is
/// known, the operation goes by its own name.
fn endpoints(record: &RunRecord) -> IndexMap<&str, String> {
    let mut endpoints: IndexMap<&str, String> = IndexMap::new();
    let (first, rest): (Vec<_>, Vec<_>) =
        record.scenarios.iter().partition(|scenario| scenario.rule == Rule::Conforming);
    for scenario in first.iter().chain(&rest) {
        let name = scenario.operation_id.as_str();
        let known = endpoints.get(name).is_some_and(|known| known != name);
        if !known {
            endpoints.insert(name, place(&scenario.spec_pointer).unwrap_or_else(|| name.to_owned()));
        }
    }
    endpoints
}

/// Method and path of a JSON pointer into an OpenAPI file.
fn place(pointer: &str) -> Option<String> {
    let mut parts = pointer.strip_prefix("/paths/")?.split('/');
    let path = parts.next()?.replace("~1", "/").replace("~0", "~");
    let method = parts.next().filter(|method| METHODS.contains(method))?;
    Some(format!("{}:{path}", method.to_uppercase()))
}

/// The class of a fault, in the classification of the Commons where it has one; from 900 on tools number their own. What
/// is merely worth knowing is no fault.
fn fault(finding: &FindingRecord) -> Option<(u16, &'static str, String)> {
    if finding.severity == Severity::Observation {
        return None;
    }
    let (code, id) = match finding.check.as_str() {
        "not_a_server_error" if finding.response.as_ref().is_some_and(|answer| answer.status == 500) => {
            (100, "HTTP_STATUS_500")
        }
        "not_a_server_error" => (121, "HTTP_OTHER_STATUS_5XX"),
        "status_code_conformance"
        | "content_type_conformance"
        | "response_headers_conformance"
        | "response_schema_conformance" => (200, "SCHEMA_INVALID_RESPONSE"),
        "negative_data_rejection" | "missing_required_header" => (206, "SCHEMA_VALIDATION_BYPASS"),
        "positive_data_acceptance" => (207, "SCHEMA_VALID_INPUT_REJECTED"),
        "unsupported_method" => (310, "SECURITY_HIDDEN_ACCESSIBLE_ENDPOINT"),
        "ignored_auth" | "client_certificate" => (311, "SECURITY_DECLARED_AUTH_NOT_ENFORCED"),
        "d1_error_body" => (900, "D1C_ERROR_BODY"),
        "jwe_conformance" => (901, "D1C_JWE"),
        "plaintext_conformance" => (902, "D1C_PLAINTEXT"),
        "expiry_format" => (903, "D1C_EXPIRY_FORMAT"),
        "card_data_disclosure" => (904, "D1C_CARD_DATA_DISCLOSURE"),
        SNAPSHOT_CHECK => (905, "D1C_SNAPSHOT"),
        BUSINESS_RULES_CHECK => (906, "D1C_BUSINESS_RULE"),
        _ if finding.code.starts_with("D1C-4") => (907, "D1C_CLIENT"),
        _ => (999, "D1C_OTHER"),
    };
    Some((code, id, format!("{} {}", finding.code, finding.obligation)))
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::{fault, place, wfc};
    use crate::oracle::{Severity, checks};
    use crate::report::record::{FindingRecord, RunState};
    use crate::report::sample::{finding, sample};

    #[test]
    fn scenarios_are_tests_and_operations_endpoints() {
        let mut record = sample();
        record.scenarios[3].spec_pointer = "/paths/~1cards~1{id}/get/parameters/0".into();
        record.scenarios[5].spec_pointer = "/components/schemas/x".into();
        let report: Value = serde_json::from_str(&wfc(&record).unwrap()).unwrap();
        assert_eq!(report["totalTests"], 6);
        assert_eq!(report["testCases"].as_array().unwrap().len(), 6);
        let endpoints = &report["problemDetails"]["rest"]["endpointIds"];
        assert_eq!(*endpoints, serde_json::json!(["GET:/cards/{id}", "POST:/cards", "Spec-B::getCard"]));
        let faults = &report["faults"];
        assert_eq!((&faults["totalNumber"], faults["foundFaults"].as_array().unwrap().len()), (&2.into(), 2));
        assert_eq!(faults["foundFaults"][0]["operationId"], "POST:/cards");
        assert_eq!(faults["foundFaults"][0]["faultCategories"][0]["code"], 206);
        assert_eq!(report["creationTime"], "2026-11-22T10:01:01.5Z");
    }

    #[test]
    fn a_broken_off_run_and_its_reasons_are_warnings() {
        let mut record = sample();
        record.state = RunState::Running;
        let report: Value = serde_json::from_str(&wfc(&record).unwrap()).unwrap();
        let categories: Vec<&str> =
            report["warnings"].as_array().unwrap().iter().filter_map(|warning| warning["category"].as_str()).collect();
        assert_eq!(categories, ["interrupted", "inconclusive", "deviating", "skipped"]);
    }

    #[test]
    fn every_check_of_answers_has_a_class() {
        for check in checks() {
            let found = FindingRecord { check: check.name.to_owned(), ..finding(Severity::Failure) };
            assert_ne!(fault(&found).unwrap().0, 999, "{}", check.name);
        }
        assert_eq!(fault(&finding(Severity::Observation)), None);
    }

    #[test]
    fn places_of_operations() {
        assert_eq!(place("/paths/~1a~1{b}/get/x").as_deref(), Some("GET:/a/{b}"));
        assert_eq!(place("/paths/~1a/parameters/0"), None);
        assert_eq!(place("/components/schemas/a"), None);
    }
}
