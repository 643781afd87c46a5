//! The outcome of a comparison, as data.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::base::{ObligationId, OperationId, ScenarioId};
use crate::oracle::{Severity, Verdict};
use crate::report::record::RunState;

/// What changed from one run to another.
#[derive(Clone, Debug, Serialize)]
pub struct Comparison {
    /// The earlier run.
    pub old: Side,
    /// The later run.
    pub new: Side,
    /// What keeps the two from being the same test, in words: other seeds, specifications, targets, a broken-off run.
    pub notes: Vec<String>,
    /// Breaches that the earlier run did not show.
    pub new_findings: Vec<FindingChange>,
    /// Breaches that both show, but are graver now.
    pub worse_findings: Vec<FindingChange>,
    /// Breaches that both show.
    pub still_failing: Vec<FindingChange>,
    /// Breaches that are gone, though what showed them was tested again.
    pub fixed: Vec<FindingChange>,
    /// Breaches that are not seen, but what showed them was not tested again.
    pub not_tested: Vec<FindingChange>,
    /// Scenarios of both runs that ended otherwise, in the order of the later run.
    pub verdicts: Vec<VerdictChange>,
    /// Changes in what was answered that the contract need not forbid.
    pub drift: Vec<Drift>,
    /// Operations whose answers take significantly longer or shorter.
    pub latency: Vec<LatencyShift>,
    /// Operations whose latency could be compared.
    pub timed: usize,
    /// Scenarios that had a verdict and are inconclusive now.
    pub lost: usize,
}

/// One of the two runs.
#[derive(Clone, Debug, Serialize)]
pub struct Side {
    /// Name of the run.
    pub run_id: String,
    /// RFC 3339.
    pub started_at: String,
    /// How far it got.
    pub state: RunState,
    /// Version of the tool.
    pub tool: String,
    /// Root of its draws.
    pub seed: u64,
    /// Its verdict.
    pub verdict: Verdict,
    /// Names of its targets.
    pub targets: Vec<String>,
}

/// A breach, told by its duty, code and operation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FindingChange {
    /// Stable code.
    pub code: String,
    /// The duty.
    pub obligation: ObligationId,
    /// The operation whose test showed it.
    pub operation_id: OperationId,
    /// The duty in words.
    pub text: String,
    /// How grave it is; in the later run, where that shows it.
    pub severity: Severity,
    /// How grave it was, where both runs show it.
    pub was: Option<Severity>,
    /// What the contract says.
    pub expected: String,
    /// What came instead; in the later run, where that shows it.
    pub actual: String,
    /// A case that shows it.
    pub case_id: String,
    /// Scenarios that show it.
    pub scenarios: usize,
    /// Something that matters for the reader: known deviation, first tested now.
    pub note: Option<String>,
}

/// A scenario that ended otherwise.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct VerdictChange {
    /// The scenario.
    pub id: ScenarioId,
    /// Before.
    pub old: Verdict,
    /// Now.
    pub new: Verdict,
    /// Why it is skipped or inconclusive now.
    pub reason: Option<String>,
}

/// A change in what an operation answers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Drift {
    /// Name of the suite.
    pub suite: String,
    /// The operation.
    pub operation_id: OperationId,
    /// Of which answers.
    pub status: u16,
    /// JSON pointer of the field, `*` for items; absent where the whole status or its content type changed.
    pub pointer: Option<String>,
    /// What happened.
    pub kind: DriftKind,
    /// The same in words, with the numbers.
    pub text: String,
}

/// Kinds of drift.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum DriftKind {
    /// A status that was never answered before.
    StatusAppeared,
    /// A status that is not answered any more.
    StatusVanished,
    /// Another mix of content types.
    ContentType,
    /// A field that was never there before.
    FieldAppeared,
    /// A field that is not there any more.
    FieldVanished,
    /// A field that was always there, or as good as, and is not any more.
    FieldRarer,
    /// A field that was not always there, and is now, or as good as.
    FieldMoreOften,
    /// A field with other types.
    FieldType,
}

/// An operation that became slower or quicker.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct LatencyShift {
    /// Name of the suite.
    pub suite: String,
    /// The operation.
    pub operation_id: OperationId,
    /// Median before, microseconds.
    pub old_p50_us: u64,
    /// Median now, microseconds.
    pub new_p50_us: u64,
    /// 95th percentile before, microseconds.
    pub old_p95_us: u64,
    /// 95th percentile now, microseconds.
    pub new_p95_us: u64,
    /// Answers before and now.
    pub samples: (u64, u64),
    /// Median now over median before.
    pub ratio: f64,
    /// How likely chance alone would do this: Mann-Whitney U, corrected for the number of operations (Holm).
    pub p_value: f64,
}

impl Comparison {
    /// Did something break that was not broken? Known deviations do not count.
    pub fn is_broken(&self) -> bool {
        self.new_findings.iter().chain(&self.worse_findings).any(|change| !change.is_known())
    }

    /// Is there an operation that became slower?
    pub fn is_slower(&self) -> bool {
        self.latency.iter().any(|shift| shift.ratio > 1.0)
    }

    /// Verdicts that changed, counted by what they were and are.
    pub fn transitions(&self) -> BTreeMap<(Verdict, Verdict), usize> {
        let mut counts = BTreeMap::new();
        for change in &self.verdicts {
            *counts.entry((change.old, change.new)).or_default() += 1;
        }
        counts
    }
}

/// Note of a breach that the suite or the target excuses.
pub(super) const KNOWN: &str = "known deviation";

impl FindingChange {
    /// Is it excused?
    pub fn is_known(&self) -> bool {
        self.note.as_deref() == Some(KNOWN)
    }
}
