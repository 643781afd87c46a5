//! What changed between two runs: in the findings, and in what the contract leaves open. Reads two records, sends nothing.

mod chance;
mod compare;
mod draw;
mod drift;
mod model;

pub use compare::compare;
pub use draw::{comparison_json, comparison_markdown, comparison_text};
pub use model::{Comparison, Drift, DriftKind, FindingChange, LatencyShift, Side, VerdictChange};

#[cfg(test)]
mod tests;
