//! `d1c list`: offline, silent on standard error, the same names as in every report.

use serde_json::json;

use super::args::{Format, List};
use super::output::out;
use super::selection::Choice;
use crate::engine::{Filter, Kind, Plan, PlanOptions, Scenario};

pub(super) fn list(args: &List) -> anyhow::Result<u8> {
    let choice = Choice::load(&args.selection, None)?;
    let options = PlanOptions {
        filter: Filter::new(args.selection.filter.clone()),
        cases: args.selection.cases,
        snapshots: !args.selection.no_snapshots,
    };
    let plan = Plan::build(choice.resting_subjects()?, &options)?;
    let text = match args.format {
        Format::Human => plan.scenarios.iter().map(human).collect(),
        Format::Json => format!("{:#}\n", json!(plan.scenarios.iter().map(machine).collect::<Vec<_>>())),
    };
    out(&text);
    Ok(0)
}

fn human(scenario: &Scenario) -> String {
    match &scenario.skip {
        Some(reason) => format!("{}: skipped, {reason}\n", scenario.id),
        None => format!("{}: {} case(s)\n", scenario.id, scenario.budget),
    }
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
        "cases": scenario.budget,
        "skip": scenario.skip,
    })
}
