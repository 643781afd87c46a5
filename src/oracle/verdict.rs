//! The verdict of a scenario or a run.

use serde::{Deserialize, Serialize};

use super::finding::{Finding, Severity};

/// Worst wins; the order is that of the variants.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// Did not run, for a reason.
    Skipped,
    /// Ran, and the contract was kept.
    #[default]
    Passed,
    /// Broke the contract in a known and excused way.
    Deviating,
    /// Broke an inferred line.
    Warned,
    /// Broke the contract.
    Failed,
    /// Nothing can be said, for a reason.
    Inconclusive,
}

impl Verdict {
    /// The verdict of a scenario that ran and found this.
    pub fn of<'f>(findings: impl IntoIterator<Item = &'f Finding>) -> Self {
        findings
            .into_iter()
            .map(|finding| match finding.severity {
                Severity::Observation => Self::Passed,
                Severity::Warning => Self::Warned,
                Severity::Failure => Self::Failed,
            })
            .max()
            .unwrap_or_default()
    }

    /// The name in reports.
    pub fn name(self) -> &'static str {
        match self {
            Self::Skipped => "skipped",
            Self::Passed => "passed",
            Self::Deviating => "deviating",
            Self::Warned => "warned",
            Self::Failed => "failed",
            Self::Inconclusive => "inconclusive",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Verdict;

    #[test]
    fn inconclusive_outranks_failed_and_skipped_is_least() {
        assert!(Verdict::Inconclusive > Verdict::Failed);
        assert!(Verdict::Failed > Verdict::Warned);
        assert!(Verdict::Skipped < Verdict::Passed);
    }
}
