//! Page one: the sums, whose turn it is, and why something has no verdict.

use super::sign::{BLAMES, Sign, WORST_FIRST, turn};
use crate::oracle::{Severity, Verdict};
use crate::report::group::{Group, groups, reasons};
use crate::report::record::{RunRecord, Totals};
use crate::report::text::{one_line, shortened};
use crate::report::words::plural;

/// Characters of a reason.
const MOST_REASON: usize = 400;

/// Reasons of one verdict that are shown; the list of scenarios has all.
const MOST_REASONS: usize = 20;

/// Scenarios of one verdict, and its piece of the bar.
pub(super) struct Part {
    pub(super) sign: Sign,
    pub(super) count: u64,
    /// Scenarios before it.
    pub(super) from: u64,
}

/// The verdicts of a run, worst first; those without a scenario as well.
pub(super) fn parts(totals: &Totals) -> Vec<Part> {
    let mut from = 0;
    WORST_FIRST
        .into_iter()
        .map(|verdict| {
            let count = match verdict {
                Verdict::Failed => totals.failed,
                Verdict::Inconclusive => totals.inconclusive,
                Verdict::Warned => totals.warned,
                Verdict::Deviating => totals.deviating,
                Verdict::Passed => totals.passed,
                Verdict::Skipped => totals.skipped,
            };
            let part = Part { sign: Sign::of(verdict), count, from };
            from += count;
            part
        })
        .collect()
}

/// Somebody who has something to do.
pub(super) struct Turn {
    pub(super) blame: &'static str,
    pub(super) who: &'static str,
    pub(super) what: &'static str,
    /// `3 findings, 2 scenarios without a verdict`.
    pub(super) why: String,
}

/// Who must act on breaches and on scenarios without a verdict.
pub(super) fn turns(record: &RunRecord) -> Vec<Turn> {
    let breach = |group: &Group<'_>| group.severity > Severity::Observation && group.worst.deviation.is_none();
    let breaches: Vec<_> = groups(record).into_iter().filter(breach).collect();
    BLAMES
        .into_iter()
        .filter_map(|blame| {
            let found = breaches.iter().filter(|group| group.worst.blame == blame).count() as u64;
            let open = record
                .scenarios
                .iter()
                .filter(|scenario| scenario.verdict == Verdict::Inconclusive && scenario.blame == Some(blame));
            let open = open.count() as u64;
            let mut why = Vec::new();
            if found > 0 {
                why.push(plural(found, "distinct finding"));
            }
            if open > 0 {
                why.push(format!("{} without a verdict", plural(open, "scenario")));
            }
            let (who, what) = turn(blame);
            (!why.is_empty()).then(|| Turn { blame: blame.name(), who, what, why: why.join(", ") })
        })
        .collect()
}

/// Scenarios of one verdict that did not end with a plain yes or no.
pub(super) struct Unsettled {
    pub(super) sign: Sign,
    pub(super) title: String,
    pub(super) reasons: Vec<Reason>,
    pub(super) more: usize,
}

/// One reason.
pub(super) struct Reason {
    pub(super) count: usize,
    pub(super) text: String,
    /// Who must act.
    pub(super) who: &'static str,
}

/// Why scenarios are inconclusive, deviating or skipped.
pub(super) fn unsettled(record: &RunRecord) -> Vec<Unsettled> {
    [Verdict::Inconclusive, Verdict::Deviating, Verdict::Skipped]
        .into_iter()
        .filter_map(|verdict| {
            let reasons = reasons(record, verdict);
            let total: usize = reasons.iter().map(|(_, scenarios)| scenarios.len()).sum();
            let shown = reasons.iter().take(MOST_REASONS).map(|(reason, scenarios)| Reason {
                count: scenarios.len(),
                text: shortened(&one_line(reason), MOST_REASON),
                who: scenarios.iter().find_map(|scenario| scenario.blame).map_or("", |blame| turn(blame).0),
            });
            (total > 0).then(|| Unsettled {
                sign: Sign::of(verdict),
                title: format!("{} {}", plural(total as u64, "scenario"), verdict.name()),
                reasons: shown.collect(),
                more: reasons.len().saturating_sub(MOST_REASONS),
            })
        })
        .collect()
}
