//! Every scenario of the plan under its operation, whatever became of it.

use indexmap::IndexMap;

use super::coverage::Kind;
use super::sign::{Sign, WORST_FIRST};
use crate::contract::Evidence;
use crate::report::record::{RunRecord, ScenarioRecord};
use crate::report::text::{one_line, shortened};
use crate::report::totals::worst_of;

/// Characters of a reason in a row; some hold what a server said.
const MOST_REASON: usize = 400;

/// One operation of one suite. Its number names it on the page: names of strangers are no anchors.
pub(super) struct Operation<'r> {
    pub(super) number: usize,
    pub(super) suite: &'r str,
    pub(super) spec: &'r str,
    pub(super) name: &'r str,
    pub(super) sign: Sign,
    /// `2 failed, 10 passed`.
    pub(super) counts: String,
    pub(super) rows: Vec<Row<'r>>,
}

/// One scenario.
pub(super) struct Row<'r> {
    /// In the plan.
    pub(super) number: usize,
    pub(super) scenario: &'r ScenarioRecord,
    pub(super) sign: Sign,
    pub(super) kind: Kind,
    /// What the filter for results compares.
    pub(super) results: String,
    /// What the filter for checks compares.
    pub(super) checks: String,
    pub(super) evidence: &'static str,
    pub(super) reason: String,
    /// What could not be removed from the target.
    pub(super) leftovers: String,
    /// `201 ×3, 400 ×1`.
    pub(super) statuses: String,
}

/// The operations of a run in plan order.
pub(super) fn operations(record: &RunRecord) -> Vec<Operation<'_>> {
    let mut operations: IndexMap<(&str, &str), Vec<Row<'_>>> = IndexMap::new();
    for (number, scenario) in record.scenarios.iter().enumerate() {
        operations.entry((&scenario.suite, scenario.operation_id.as_str())).or_default().push(row(number, scenario));
    }
    operations.into_values().enumerate().filter_map(|(number, rows)| operation(number, rows)).collect()
}

fn operation(number: usize, rows: Vec<Row<'_>>) -> Option<Operation<'_>> {
    let first = rows.first()?.scenario;
    let scenarios = rows.iter().map(|row| row.scenario);
    Some(Operation {
        number,
        suite: &first.suite,
        spec: &first.spec,
        name: first.operation_id.name(),
        sign: Sign::of(worst_of(scenarios.clone())),
        counts: counts(&scenarios),
        rows,
    })
}

/// `2 failed, 10 passed`, worst first.
pub(super) fn counts<'r>(scenarios: &(impl Iterator<Item = &'r ScenarioRecord> + Clone)) -> String {
    let counts: Vec<String> = WORST_FIRST
        .into_iter()
        .map(|verdict| (scenarios.clone().filter(|scenario| scenario.verdict == verdict).count(), verdict.name()))
        .filter(|(count, _)| *count > 0)
        .map(|(count, name)| format!("{count} {name}"))
        .collect();
    counts.join(", ")
}

/// The name of an evidence for people.
pub(super) fn evidence(evidence: Evidence) -> &'static str {
    match evidence {
        Evidence::Documented => "documented",
        Evidence::Inferred => "inferred",
    }
}

fn row(number: usize, scenario: &ScenarioRecord) -> Row<'_> {
    let mut results = vec![scenario.verdict.name()];
    let mut checks: Vec<&str> = Vec::new();
    for finding in &scenario.findings {
        let result = Sign::of_severity(finding.severity).class;
        if !results.contains(&result) {
            results.push(result);
        }
        if !checks.contains(&finding.check.as_str()) {
            checks.push(&finding.check);
        }
    }
    let statuses: Vec<String> =
        scenario.statuses.iter().map(|(status, count)| format!("{status}\u{a0}×{count}")).collect();
    Row {
        number,
        scenario,
        sign: Sign::of(scenario.verdict),
        kind: Kind::of(scenario),
        results: results.join(" "),
        checks: checks.join(" "),
        evidence: evidence(scenario.evidence),
        reason: shortened(&one_line(scenario.reason.as_deref().unwrap_or_default()), MOST_REASON),
        leftovers: shortened(&one_line(&scenario.leftovers.join(", ")), MOST_REASON),
        statuses: statuses.join(", "),
    }
}
