//! How a suite compares the answers of its pinned cases with the accepted ones.

use serde::Deserialize;

/// What counts, and how much.
#[derive(Clone, Debug, Default, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct SnapshotPlan {
    /// How grave a changed answer is.
    #[serde(default)]
    pub severity: SnapshotSeverity,
    /// What does not count, beside the names under `volatile`.
    #[serde(default)]
    pub ignore: Vec<SnapshotRule>,
}

/// How grave a changed answer is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum SnapshotSeverity {
    /// Worth knowing; changes no verdict.
    Observation,
    /// A warning.
    Warning,
    /// A failure.
    #[default]
    Failure,
}

/// One place of an answer of which something does not count.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct SnapshotRule {
    /// JSON pointer into the body, `*` for every item of an array.
    pub at: String,
    /// What of it does not count.
    pub what: Ignored,
    /// Only in answers of this operation; in all when absent.
    #[serde(default)]
    pub operation: Option<String>,
    /// Why.
    pub reason: String,
}

/// What does not count.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum Ignored {
    /// The value; its type does.
    Value,
    /// Whether it is there, and what it is.
    Presence,
    /// The order of the items.
    Order,
}
