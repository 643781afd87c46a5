//! What the process ends with.

use super::deviations::DeviationRecord;
use super::readiness::Readiness;
use super::record::{RunRecord, RunState};

/// A run for a product ends with its readiness: 0 ready, 1 not ready, 3 inconclusive. Any other run ends with
/// 3 when anything is inconclusive, when the run did not reach its end, or when no scenario ran at all: nothing can be
/// said then. 1 when a scenario failed. An entry of the deviations file that is out of date makes 1 of any 0. 0 otherwise; warnings alone do not fail a run. (2, bad input, has no record.)
pub fn exit_code(record: &RunRecord) -> u8 {
    let outdated = record.deviations.iter().any(DeviationRecord::fails);
    if let Some(profile) = &record.profile {
        return match profile.verdict {
            Readiness::Ready | Readiness::ReadyWithDeviations => u8::from(outdated),
            Readiness::NotReady => 1,
            Readiness::Inconclusive => 3,
        };
    }
    let totals = &record.totals;
    let nothing_ran = totals.skipped == totals.scenarios;
    if totals.inconclusive > 0 || record.state != RunState::Finished || nothing_ran {
        3
    } else {
        u8::from(totals.failed > 0 || outdated)
    }
}

#[cfg(test)]
mod tests {
    use super::exit_code;
    use crate::oracle::Verdict;
    use crate::report::record::{RunRecord, RunState};
    use crate::report::sample::sample;
    use crate::report::totals::count;

    fn with(verdicts: &[Verdict]) -> RunRecord {
        let mut record = sample();
        record.scenarios.retain(|scenario| verdicts.contains(&scenario.verdict));
        record.totals = count(&record.scenarios);
        record
    }

    #[test]
    fn inconclusive_outranks_failed_and_warnings_do_not_fail() {
        use Verdict::{Deviating, Failed, Inconclusive, Passed, Skipped, Warned};
        assert_eq!(exit_code(&sample()), 3);
        assert_eq!(exit_code(&with(&[Failed, Inconclusive])), 3);
        assert_eq!(exit_code(&with(&[Passed, Failed, Warned, Skipped])), 1);
        assert_eq!(exit_code(&with(&[Passed, Warned, Deviating, Skipped])), 0);
    }

    #[test]
    fn nothing_ran_and_a_broken_off_run_are_no_success() {
        assert_eq!(exit_code(&with(&[Verdict::Skipped])), 3);
        assert_eq!(exit_code(&with(&[])), 3);
        let mut broken_off = with(&[Verdict::Passed]);
        broken_off.state = RunState::Interrupted;
        assert_eq!(exit_code(&broken_off), 3);
    }
}
