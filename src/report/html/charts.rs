//! Figures as bars, each in a row of a table that says the same in digits.

use indexmap::IndexMap;

use crate::oracle::Severity;
use crate::report::group::groups;
use crate::report::record::RunRecord;

/// The findings of one check.
pub(super) struct ByCheck<'r> {
    pub(super) check: &'r str,
    pub(super) words: String,
    pub(super) failures: usize,
    pub(super) warnings: usize,
    pub(super) observations: usize,
    /// Of the check with the most.
    pub(super) most: usize,
}

/// Distinct findings by check, the most first.
pub(super) fn by_check(record: &RunRecord) -> Vec<ByCheck<'_>> {
    let mut checks: IndexMap<&str, [usize; 3]> = IndexMap::new();
    for group in groups(record) {
        let place = match group.severity {
            Severity::Failure => 0,
            Severity::Warning => 1,
            Severity::Observation => 2,
        };
        checks.entry(&group.worst.check).or_default()[place] += 1;
    }
    checks.sort_by(|_, one, _, other| other.iter().sum::<usize>().cmp(&one.iter().sum()));
    let most = checks.values().map(|counts| counts.iter().sum()).max().unwrap_or(0);
    checks
        .into_iter()
        .map(|(check, [failures, warnings, observations])| ByCheck {
            check,
            words: check.replace('_', " "),
            failures,
            warnings,
            observations,
            most,
        })
        .collect()
}
