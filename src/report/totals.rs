//! The sums of a record. They are counted from its scenarios alone, so they cannot disagree with them.

use std::collections::HashSet;

use super::deviations::DeviationRecord;
use super::record::{RunRecord, ScenarioRecord, Totals};
use crate::oracle::Verdict;

/// Counts the scenarios. What scenarios do not hold (obligations) is left at zero.
pub fn count(scenarios: &[ScenarioRecord]) -> Totals {
    let mut totals = Totals::default();
    let mut operations = HashSet::new();
    for scenario in scenarios {
        operations.insert(&scenario.operation_id);
        totals.scenarios += 1;
        totals.cases += scenario.cases;
        totals.exchanges += scenario.exchanges;
        totals.rejected_draws += scenario.rejected_draws;
        *match scenario.verdict {
            Verdict::Skipped => &mut totals.skipped,
            Verdict::Passed => &mut totals.passed,
            Verdict::Deviating => &mut totals.deviating,
            Verdict::Warned => &mut totals.warned,
            Verdict::Failed => &mut totals.failed,
            Verdict::Inconclusive => &mut totals.inconclusive,
        } += 1;
    }
    totals.operations = operations.len() as u64;
    totals
}

/// The verdict of a run: that of its worst scenario, or failed where an entry of the deviations file is out of date.
pub(super) fn verdict(record: &RunRecord) -> Verdict {
    let outdated = record.deviations.iter().any(DeviationRecord::fails);
    let least = if outdated { Verdict::Failed } else { Verdict::Skipped };
    worst(&record.scenarios).max(least)
}

/// The worst verdict; skipped when nothing ran.
pub fn worst(scenarios: &[ScenarioRecord]) -> Verdict {
    worst_of(scenarios)
}

/// The same of scenarios that do not lie side by side.
pub(super) fn worst_of<'r>(scenarios: impl IntoIterator<Item = &'r ScenarioRecord>) -> Verdict {
    scenarios.into_iter().map(|scenario| scenario.verdict).max().unwrap_or(Verdict::Skipped)
}

#[cfg(test)]
mod tests {
    use super::{count, worst};
    use crate::oracle::Verdict;
    use crate::report::sample::sample;

    #[test]
    fn the_verdicts_add_up_to_the_scenarios() {
        let totals = count(&sample().scenarios);
        assert_eq!(totals.scenarios, 6);
        assert_eq!(
            totals.scenarios,
            totals.passed + totals.warned + totals.failed + totals.skipped + totals.inconclusive + totals.deviating
        );
        assert_eq!((totals.operations, totals.failed, totals.skipped), (3, 1, 1));
        assert_eq!(totals.cases, sample().scenarios.iter().map(|scenario| scenario.cases).sum::<u64>());
        assert_eq!(worst(&sample().scenarios), Verdict::Inconclusive);
    }
}
