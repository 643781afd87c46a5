//! `d1c list`: offline, silent on standard error, the same names as in every report.

use indexmap::IndexMap;
use serde_json::json;

use super::args::{Format, List};
use super::output::out;
use super::selection::Choice;
use crate::engine::{Kind, Plan, PlanOptions, Scenario};

pub(super) fn list(args: &List) -> anyhow::Result<u8> {
    let choice = Choice::load(&args.selection, None)?;
    let options = PlanOptions {
        filter: choice.filter(&args.selection.filter),
        cases: args.selection.cases,
        snapshots: !args.selection.no_snapshots,
    };
    let plan = Plan::build(choice.resting_subjects()?, &options)?;
    if args.uncovered {
        out(&uncovered(&plan));
        return Ok(0);
    }
    let text = match args.format {
        Format::Human => plan.scenarios.iter().map(human).collect(),
        Format::Json => format!("{:#}\n", json!(plan.scenarios.iter().map(machine).collect::<Vec<_>>())),
    };
    out(&text);
    Ok(0)
}

/// The duties that requests do not exercise on both sides, under their reasons.
fn uncovered(plan: &Plan) -> String {
    let drawn: Vec<&Scenario> = plan.scenarios.iter().filter(|scenario| matches!(scenario.kind, Kind::Drawn)).collect();
    let mut reasons: IndexMap<String, Vec<&str>> = IndexMap::new();
    for scenario in &drawn {
        for reason in scenario.uncovered() {
            reasons.entry(reason).or_default().push(scenario.id.as_str());
        }
    }
    let mut missing: Vec<&str> = reasons.values().flatten().copied().collect();
    missing.sort_unstable();
    missing.dedup();
    let listed = |(reason, ids): (&String, &Vec<&str>)| format!("{reason}\n    {}\n", ids.join("\n    "));
    let text: String = reasons.iter().map(listed).collect();
    let (all, missing) = (drawn.len(), missing.len());
    format!("{text}{} of {all} duties are exercised on every side that they have, {missing} are not.\n", all - missing)
}

fn human(scenario: &Scenario) -> String {
    match &scenario.skip {
        Some(skip) => format!("{}: skipped, {}\n", scenario.id, skip.reason),
        None => format!("{}: {} {}\n", scenario.id, scenario.cases(), unit(scenario)),
    }
}

/// What a scenario is made of.
fn unit(scenario: &Scenario) -> &'static str {
    if matches!(scenario.kind, Kind::Journey(_)) { "walk(s)" } else { "case(s)" }
}

fn machine(scenario: &Scenario) -> serde_json::Value {
    let obligation = &scenario.obligation;
    json!({
        "id": scenario.id,
        "operation_id": scenario.operation.id,
        "obligation": obligation.id,
        "rule": obligation.rule,
        "location": obligation.location.to_string(),
        "text": obligation.text,
        "evidence": obligation.evidence,
        "spec_file": obligation.source.file,
        "spec_line": obligation.source.line,
        "pointer": obligation.source.pointer,
        "pinned": matches!(scenario.kind, Kind::Pinned(_)),
        "cases": scenario.cases(),
        "skip": scenario.skip.as_ref().map(|skip| &skip.reason),
    })
}
