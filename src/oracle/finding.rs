//! What a check found.

use serde::{Deserialize, Serialize};

use crate::base::ObligationId;
use crate::contract::{Evidence, Obligation, Source};

/// One breach. Expected and actual are labelled texts for people; values are redacted before they are recorded.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Finding {
    /// Stable code, `D1C-…`, never reused.
    pub code: &'static str,
    /// The check, by its field name.
    pub check: &'static str,
    /// The duty that was broken.
    pub obligation: ObligationId,
    /// The duty in words.
    pub text: String,
    /// How grave.
    pub severity: Severity,
    /// Who must act.
    pub blame: Blame,
    /// What the contract says.
    pub expected: String,
    /// What came instead.
    pub actual: String,
    /// JSON pointer into the body, where there is one.
    pub pointer: Option<String>,
    /// Where the duty is written down.
    pub source: Source,
}

impl Finding {
    /// A breach of `duty` by the target, as grave as the duty is sure.
    pub(super) fn of(
        check: &'static str,
        code: &'static str,
        duty: &Obligation,
        expected: impl Into<String>,
        actual: impl Into<String>,
    ) -> Self {
        Self {
            code,
            check,
            obligation: duty.id.clone(),
            text: duty.text.clone(),
            severity: Severity::of_duty(duty),
            blame: Blame::Target,
            expected: expected.into(),
            actual: actual.into(),
            pointer: None,
            source: duty.source.clone(),
        }
    }

    /// The same finding with another severity.
    #[must_use]
    pub(super) fn graded(self, severity: Severity) -> Self {
        Self { severity, ..self }
    }
}

/// How grave a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Worth knowing; the contract does not forbid it. Never changes a verdict.
    Observation,
    /// Against an inferred line of the contract.
    Warning,
    /// Against the contract.
    Failure,
}

impl Severity {
    /// The name in reports.
    pub fn name(self) -> &'static str {
        match self {
            Self::Observation => "observation",
            Self::Warning => "warning",
            Self::Failure => "failure",
        }
    }

    /// What breaking a line of this evidence amounts to.
    pub(super) fn of(evidence: Evidence) -> Self {
        match evidence {
            Evidence::Documented => Self::Failure,
            Evidence::Inferred => Self::Warning,
        }
    }

    /// What breaking a duty amounts to. Where the specification says that a breach proves nothing, it is worth no more
    /// than a note.
    pub(super) fn of_duty(duty: &Obligation) -> Self {
        if duty.open.is_some() || duty.noted.is_some() { Self::Observation } else { Self::of(duty.evidence) }
    }
}

/// Who must act.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Blame {
    /// The target broke the contract.
    Target,
    /// Our side is set up wrong.
    Config,
    /// The contract contradicts itself.
    Spec,
    /// The tool failed.
    Tool,
    /// A prerequisite failed.
    Blocked,
    /// The verdict changed on an immediate repeat.
    Flaky,
}

impl Blame {
    /// The name in reports.
    pub fn name(self) -> &'static str {
        match self {
            Self::Target => "target",
            Self::Config => "config",
            Self::Spec => "spec",
            Self::Tool => "tool",
            Self::Blocked => "blocked",
            Self::Flaky => "flaky",
        }
    }
}
