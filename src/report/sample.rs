//! A record by hand, with one scenario of every verdict, for the tests of this floor.

use std::collections::BTreeMap;

use indexmap::IndexMap;

use super::activity::{AnswersRecord, FieldRecord, JsonType, LatencyRecord, OperationRecord};
use super::record::{
    ExcerptRecord, ExchangeRecord, FindingRecord, HeaderRecord, LoggedRecord, Provenance, RepeatRecord, RepeatResult,
    RequestRecord, ResponseRecord, RunRecord, RunState, SCHEMA_VERSION, ScenarioRecord, SealedRecord, ShrunkRecord,
    SmallestRecord, SpecRecord, TargetRecord, ToolRecord, Totals,
};
use super::totals::{count, worst};
use crate::base::{CaseId, ObligationId, OperationId, ScenarioId};
use crate::contract::{Evidence, Rule};
use crate::engine::Role;
use crate::oracle::{Blame, Severity, Verdict};

pub(super) fn sample() -> RunRecord {
    let scenarios = vec![
        scenario("Spec-A::createCard", "operation", Rule::Conforming, Verdict::Passed),
        ScenarioRecord {
            findings: vec![small(Severity::Failure)],
            ..scenario("Spec-A::createCard", "body.name", Rule::MaxLength, Verdict::Failed)
        },
        ScenarioRecord {
            reason: Some("no credentials".into()),
            cases: 0,
            exchanges: 0,
            ..scenario("Spec-A::createCard", "auth", Rule::MissingToken, Verdict::Skipped)
        },
        ScenarioRecord {
            findings: vec![FindingRecord { code: "D1C-2001".into(), ..finding(Severity::Warning) }],
            ..scenario("Spec-A::getCard", "query.fields", Rule::Enum, Verdict::Warned)
        },
        ScenarioRecord {
            reason: Some("known, see 4711".into()),
            ..scenario("Spec-A::getCard", "path.id", Rule::Pattern, Verdict::Deviating)
        },
        ScenarioRecord {
            reason: Some("connection refused".into()),
            blame: Some(Blame::Config),
            ..scenario("Spec-B::getCard", "operation", Rule::Conforming, Verdict::Inconclusive)
        },
    ];
    RunRecord {
        schema_version: SCHEMA_VERSION.into(),
        tool: ToolRecord { name: "d1-conformance".into(), version: "0.1.0".into() },
        run_id: "run-1".into(),
        state: RunState::Finished,
        started_at: "2026-11-22T10:00:00Z".into(),
        elapsed_ms: 61_500,
        command: vec!["d1c".into(), "run".into()],
        seed: 7,
        case_digest: Some("0123456789abcdef0123456789abcdef".into()),
        strict: false,
        verdict: worst(&scenarios),
        exit_code: 3,
        target: vec![TargetRecord {
            name: "staging".into(),
            suite: "inbound".into(),
            base_urls: IndexMap::from([
                ("Spec-A".to_owned(), "https://host/a".to_owned()),
                ("Spec-B".to_owned(), "https://host/b".to_owned()),
            ]),
        }],
        specs: vec![
            SpecRecord {
                name: "Spec-A".into(),
                file: "specs/a.yaml".into(),
                sha256: "00".repeat(32),
                provenance_note: Provenance::Bundled,
            },
            SpecRecord {
                name: "Spec-B".into(),
                file: "specs/b.yaml".into(),
                sha256: "11".repeat(32),
                provenance_note: Provenance::OfficialOrEdited,
            },
        ],
        profile: None,
        deviations: Vec::new(),
        totals: Totals { obligations: 40, obligations_exercised: 9, ..count(&scenarios) },
        scenarios,
        operations: vec![operation()],
    }
}

/// An operation that answered with one status.
fn operation() -> OperationRecord {
    let field = |kind: JsonType| FieldRecord { answers: 3, types: BTreeMap::from([(kind, 3)]) };
    let answers = AnswersRecord {
        count: 3,
        content_types: BTreeMap::from([("application/json".to_owned(), 3)]),
        shape: BTreeMap::from([(String::new(), field(JsonType::Object)), ("/id".to_owned(), field(JsonType::String))]),
        shape_complete: true,
    };
    OperationRecord {
        suite: "inbound".into(),
        operation_id: OperationId::new("Spec-A::createCard"),
        latency: LatencyRecord {
            count: 3,
            min_us: 700,
            p50_us: 900,
            p95_us: 1900,
            max_us: 2000,
            buckets: vec![(37, 1), (39, 1), (43, 1)],
        },
        answers: BTreeMap::from([(201, answers)]),
    }
}

/// A record in which every exchange is recorded.
pub(super) fn logged() -> RunRecord {
    let mut record = sample();
    let FindingRecord { request, response, curl, case_id, .. } = finding(Severity::Failure);
    let entry = LoggedRecord {
        role: Role::Case,
        case_id,
        operation_id: OperationId::new("Spec-A::createCard"),
        offset_us: 1_500,
        elapsed_us: 900,
        fault: None,
        exchange: ExchangeRecord { request, response, curl, elapsed_us: Some(1_500) },
    };
    let mut unanswered = LoggedRecord { role: Role::Fixture, fault: Some("timed out".into()), ..entry.clone() };
    unanswered.exchange.response = None;
    record.scenarios[1].log = vec![unanswered, entry];
    record
}

/// A scenario of `inbound` without reason and findings.
pub(super) fn scenario(operation: &str, location: &str, rule: Rule, verdict: Verdict) -> ScenarioRecord {
    let operation_id = OperationId::new(operation);
    let obligation = format!("{operation}::{location}::{rule}");
    ScenarioRecord {
        id: ScenarioId::new(format!("inbound::{obligation}")),
        suite: "inbound".into(),
        spec: operation_id.spec().into(),
        operation_id,
        obligation: ObligationId::new(obligation),
        rule,
        location: location.into(),
        text: format!("{location} keeps the rule {rule}"),
        evidence: Evidence::Documented,
        spec_file: "specs/a.yaml".into(),
        spec_line: 12,
        spec_pointer: "/paths/~1cards/post".into(),
        verdict,
        reason: None,
        blame: None,
        cases: 3,
        exchanges: 4,
        leftovers: Vec::new(),
        rejected_draws: 1,
        elapsed_ms: 120,
        waiting_ms: 100,
        statuses: BTreeMap::from([(201, 3)]),
        findings: Vec::new(),
        log: Vec::new(),
    }
}

/// A record whose failure did not show again when its case was repeated.
pub(super) fn flaky() -> RunRecord {
    let mut record = sample();
    let scenario = &mut record.scenarios[1];
    scenario.blame = Some(Blame::Flaky);
    scenario.reason = Some("flaky: an immediate repeat of the same request did not show the breach again".into());
    let mut repeat = finding(Severity::Failure);
    repeat.response.iter_mut().for_each(|response| response.status = 400);
    let exchange =
        ExchangeRecord { request: repeat.request, response: repeat.response, curl: repeat.curl, elapsed_us: Some(900) };
    let found = &mut scenario.findings[0];
    (found.blame, found.shrunk) = (Blame::Flaky, None);
    found.repeated = Some(RepeatRecord { result: RepeatResult::Other, reason: None, exchange: Some(exchange) });
    record
}

/// A finding whose answer holds what no report may show as it is, shown again and by a smaller request.
pub(super) fn small(severity: Severity) -> FindingRecord {
    let finding = finding(severity);
    let request = RequestRecord { body: Some("{\"name\":\"aaaaaa\"}".into()), ..finding.request.clone() };
    let curl = "curl --include -X POST --data-binary '{\"name\":\"aaaaaa\"}' 'https://host/a/cards'".into();
    let exchange = ExchangeRecord { request, response: finding.response.clone(), curl, elapsed_us: Some(1_250) };
    let smallest = SmallestRecord { actual: "status 201".into(), pointer: None, exchange };
    FindingRecord {
        repeated: Some(RepeatRecord { result: RepeatResult::Same, reason: None, exchange: None }),
        shrunk: Some(ShrunkRecord { tries: 8, sends: 9, complete: true, smallest: Some(smallest) }),
        ..finding
    }
}

/// A finding whose answer holds what no report may show as it is.
pub(crate) fn finding(severity: Severity) -> FindingRecord {
    let header = |name: &str, value: &str| HeaderRecord { name: name.into(), value: value.into() };
    FindingRecord {
        code: "D1C-1001".into(),
        check: "negative_data_rejection".into(),
        obligation: ObligationId::new("Spec-A::createCard::body.name::max_length"),
        text: "body.name has at most 5 character(s)".into(),
        severity,
        blame: Blame::Target,
        expected: "status 400".into(),
        actual: "status 201".into(),
        pointer: Some("/name".into()),
        spec_file: "specs/a.yaml".into(),
        spec_line: 12,
        spec_pointer: "/paths/~1cards/post".into(),
        spec_excerpt: Some(ExcerptRecord {
            first_line: 11,
            lines: vec!["name:".into(), "  maxLength: 5".into(), "  type: string".into()],
        }),
        case_id: CaseId::new("inbound::Spec-A::createCard::body.name::max_length#0"),
        count: 3,
        request: RequestRecord {
            method: "POST".into(),
            url: "https://host/a/cards".into(),
            headers: vec![header("authorization", "Bearer ***"), header("content-type", "application/json")],
            body: Some("{\"name\":\"O'Neill\"}".into()),
            body_complete: true,
            sealed: vec![SealedRecord {
                pointer: "/card".into(),
                plaintext: "{\"pan\":\"***\",\"exp\":\"1228\"}".into(),
            }],
            private_ca: true,
            client_certificate: true,
        },
        response: Some(ResponseRecord {
            status: 201,
            headers: vec![header("content-type", "text/plain")],
            body: Some("nul \0 esc \u{1b}]0;title, <tag> & the rest".into()),
            body_complete: true,
        }),
        curl: "curl --include -X POST --data-binary '{\"name\":\"O'\\''Neill\"}' 'https://host/a/cards'".into(),
        elapsed_us: Some(48_200),
        deviation: None,
        repeated: None,
        walk: None,
        shrunk: None,
    }
}
