use super::{ReplayRecord, ReplayResult, ReplayedRecord, Round, replay_summary};
use crate::base::{ObligationId, OperationId, Redactor, ScenarioId, Secret};
use crate::contract::{Rule, Source};
use crate::oracle::{Blame, Finding, Severity};
use crate::report::sample::{finding, sample};

fn now(code: &'static str, obligation: &str, severity: Severity) -> Finding {
    Finding {
        code,
        check: "c",
        obligation: ObligationId::new(obligation),
        text: "t".into(),
        severity,
        blame: Blame::Target,
        expected: "e".into(),
        actual: "swordfish \u{1b}[2J".into(),
        pointer: None,
        source: Source { file: "s".into(), pointer: "/".into(), line: 1 },
    }
}

fn replayed(rounds: Vec<Result<Vec<Finding>, &str>>) -> ReplayedRecord {
    let round = |one: Result<Vec<Finding>, &str>| match one {
        Ok(findings) => Round { findings, unclear: None, exchange: None },
        Err(reason) => Round { findings: Vec::new(), unclear: Some(reason.to_owned()), exchange: None },
    };
    let rounds: Vec<Round> = rounds.into_iter().map(round).collect();
    let (scenario, operation) = (ScenarioId::new("s"), OperationId::new("S::o"));
    let redactor = Redactor::new([Secret::new("swordfish")]);
    ReplayedRecord::of(&scenario, &operation, &finding(Severity::Failure), &rounds, Rule::MaxLength, &redactor)
}

fn record(cases: Vec<ReplayedRecord>) -> ReplayRecord {
    let run = sample();
    ReplayRecord {
        replay_version: "1".into(),
        tool: run.tool,
        of_run: run.run_id,
        started_at: run.started_at,
        seed: 1,
        times: 3,
        target: run.target,
        exchanges: 9,
        notes: Vec::new(),
        exit_code: 3,
        cases,
    }
    .settled()
}

#[test]
fn what_became_of_a_finding_is_told_by_all_rounds_together() {
    let was = finding(Severity::Failure);
    let same = || now("D1C-1001", was.obligation.as_str(), Severity::Failure);
    let other = || now("D1C-101", was.obligation.as_str(), Severity::Failure);
    let noted = || now("D1C-112", "x", Severity::Observation);
    for (rounds, result, code) in [
        (vec![Ok(vec![]), Ok(vec![noted()]), Ok(vec![])], ReplayResult::Fixed, 0),
        (vec![Ok(vec![same()]), Ok(vec![same(), other()])], ReplayResult::Failing, 1),
        (vec![Ok(vec![same()]), Ok(vec![])], ReplayResult::Flaky, 1),
        (vec![Ok(vec![other()]), Ok(vec![])], ReplayResult::Different, 1),
        (vec![Ok(vec![same()]), Err("refused")], ReplayResult::Failing, 1),
        (vec![Ok(vec![]), Err("refused")], ReplayResult::Inconclusive, 3),
        (vec![Err("refused"), Err("refused")], ReplayResult::Inconclusive, 3),
    ] {
        let one = replayed(rounds);
        assert_eq!(one.result, result, "{one:?}");
        let all = record(vec![replayed(vec![Ok(vec![])]), one]);
        assert_eq!(all.exit_code, code, "{result:?}");
        let text = replay_summary(&all, false);
        assert!(text.contains(result.name()) && !text.contains("swordfish") && !text.contains('\u{1b}'), "{text}");
        let json = serde_json::to_string(&all).unwrap();
        assert!(!json.contains("swordfish"), "{json}");
        assert_eq!(serde_json::from_str::<ReplayRecord>(&json).unwrap(), all);
    }
    assert_eq!(record(Vec::new()).exit_code, 3, "nothing was sent");
}
