//! One line for each operation that needs a look; all others together, under their specification.

use indexmap::IndexMap;

use super::paint::{Paint, wrapped};
use super::{RunRecord, WIDTH};
use crate::oracle::Verdict;
use crate::report::record::{ScenarioRecord, Totals};
use crate::report::text::one_line;
use crate::report::totals::{count, worst};
use crate::report::words::{mark, plural};

/// The operations by suite and specification.
pub(super) fn section(record: &RunRecord, paint: Paint) -> String {
    let mut specs: IndexMap<(&str, &str), IndexMap<&str, Vec<ScenarioRecord>>> = IndexMap::new();
    for scenario in &record.scenarios {
        let operations = specs.entry((&scenario.suite, &scenario.spec)).or_default();
        // The findings are told elsewhere; counting needs none of them.
        let bare = ScenarioRecord { findings: Vec::new(), ..scenario.clone() };
        operations.entry(scenario.operation_id.name()).or_default().push(bare);
    }
    let blocks: Vec<String> = specs.iter().map(|((suite, spec), all)| block(suite, spec, all, paint)).collect();
    blocks.join("\n")
}

fn block(suite: &str, spec: &str, operations: &IndexMap<&str, Vec<ScenarioRecord>>, paint: Paint) -> String {
    let mut lines = vec![paint.bold(&one_line(&format!("{spec} ({suite})")))];
    let width = operations.keys().map(|name| name.chars().count()).max().unwrap_or_default().min(40);
    let mut fine: Vec<(&str, Totals)> = Vec::new();
    let mut untested: Vec<&str> = Vec::new();
    for (name, scenarios) in operations {
        let totals = count(scenarios);
        match worst(scenarios) {
            Verdict::Skipped => untested.push(name),
            Verdict::Passed => fine.push((name, totals)),
            verdict => {
                let mark = paint.verdict(verdict, mark(verdict));
                lines.push(format!("  {mark} {:width$}  {}", one_line(name), counts(&totals)));
            }
        }
    }
    if !fine.is_empty() {
        let passed: u64 = fine.iter().map(|(_, totals)| totals.passed).sum();
        let skipped: u64 = fine.iter().map(|(_, totals)| totals.skipped).sum();
        let skipped = if skipped > 0 { format!(", {skipped} skipped") } else { String::new() };
        let names: Vec<&str> = fine.iter().map(|(name, _)| *name).collect();
        let first = format!("{}, {passed} passed{skipped}:", plural(fine.len() as u64, "operation"));
        lines.push(list(Verdict::Passed, &first, &names, paint));
    }
    if !untested.is_empty() {
        let first = format!("{} not tested:", plural(untested.len() as u64, "operation"));
        lines.push(list(Verdict::Skipped, &first, &untested, paint));
    }
    lines.join("\n")
}

fn list(verdict: Verdict, first: &str, names: &[&str], paint: Paint) -> String {
    let words: Vec<String> = names
        .iter()
        .enumerate()
        .map(|(index, name)| format!("{}{}", one_line(name), if index + 1 < names.len() { "," } else { "" }))
        .collect();
    // The mark is put in last: its colour has no width.
    format!("  {} {}", paint.verdict(verdict, mark(verdict)), wrapped(first, &words, 4, WIDTH - 4))
}

fn counts(totals: &Totals) -> String {
    let all = [
        (totals.failed, "failed"),
        (totals.inconclusive, "inconclusive"),
        (totals.warned, "warned"),
        (totals.deviating, "deviating"),
        (totals.passed, "passed"),
        (totals.skipped, "skipped"),
    ];
    let shown: Vec<String> = all.iter().filter(|(n, _)| *n > 0).map(|(n, name)| format!("{n} {name}")).collect();
    shown.join(", ")
}
