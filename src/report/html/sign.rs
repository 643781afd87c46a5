//! How a verdict looks: a class for the colour, and a mark and a word that say the same without it.

use crate::oracle::{Blame, Severity, Verdict};
use crate::report::words::mark;

/// Class, mark and word.
#[derive(Clone, Copy)]
pub(super) struct Sign {
    /// Of the style sheet; also what the filter compares.
    pub(super) class: &'static str,
    /// One character.
    pub(super) mark: &'static str,
    /// One word.
    pub(super) word: &'static str,
}

impl Sign {
    pub(super) fn of(verdict: Verdict) -> Self {
        Self { class: verdict.name(), mark: mark(verdict), word: verdict.name() }
    }

    pub(super) fn of_severity(severity: Severity) -> Self {
        match severity {
            Severity::Failure => Self { word: severity.name(), ..Self::of(Verdict::Failed) },
            Severity::Warning => Self { word: severity.name(), ..Self::of(Verdict::Warned) },
            Severity::Observation => Self { class: "observation", mark: "i", word: severity.name() },
        }
    }
}

/// Who must act, and what that means for them.
pub(super) fn turn(blame: Blame) -> (&'static str, &'static str) {
    match blame {
        Blame::Target => {
            ("The side under test", "mend what is listed below, or show that the specification says otherwise")
        }
        Blame::Config => ("Your set-up", "correct the target file, the credentials or the network, then run again"),
        Blame::Spec => ("The specification", "it contradicts itself: ask its owner which of the two holds"),
        Blame::Tool => ("This tool", "report it to its maintainers, with run.json"),
        Blame::Blocked => ("Nobody yet", "something needed before had failed: mend that first, then run again"),
        Blame::Flaky => ("The side under test", "its answer changed on an immediate repeat: find out why"),
    }
}

/// All of them, in the order in which they are told.
pub(super) const BLAMES: [Blame; 6] =
    [Blame::Target, Blame::Config, Blame::Spec, Blame::Tool, Blame::Blocked, Blame::Flaky];

/// Verdicts from the worst to the best, as the page lists them.
pub(super) const WORST_FIRST: [Verdict; 6] =
    [Verdict::Failed, Verdict::Inconclusive, Verdict::Warned, Verdict::Deviating, Verdict::Passed, Verdict::Skipped];
