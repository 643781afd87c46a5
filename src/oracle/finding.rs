//! What a check found.

use serde::Serialize;

use crate::base::ObligationId;
use crate::contract::Source;

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

/// How grave a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Worth knowing; the contract does not forbid it. Never changes a verdict.
    Observation,
    /// Against an inferred line of the contract.
    Warning,
    /// Against the contract.
    Failure,
}

/// Who must act.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
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
