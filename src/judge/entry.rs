//! What one check has to say of one operation so far.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::contract::Obligation;
use crate::judge::check::Check;
use crate::judge::verdict::verdict;
use crate::oracle::{Finding, Verdict};
use crate::report::{FindingRecord, ScenarioRecord};
use crate::sandbox::callers::WitnessedCall;

/// Distinct findings of one check of one operation; a client that makes more mistakes of a kind has one cause.
const MOST_FINDINGS: usize = 50;

/// Name of the suite in the reports.
pub const SUITE: &str = "judge";

/// What one check has to say of one operation so far. Findings are cleaned before they come here.
#[derive(Clone, Default)]
pub struct Entry {
    calls: u64,
    waiting: Duration,
    statuses: BTreeMap<u16, u64>,
    findings: Vec<FindingRecord>,
}

impl Entry {
    /// Counts a call that said something about the duty.
    pub fn count(&mut self, call: &WitnessedCall) {
        self.calls += 1;
        self.waiting += call.answered.saturating_duration_since(call.received);
        if let Some(answer) = &call.answer {
            *self.statuses.entry(answer.status).or_default() += 1;
        }
    }

    /// Counts a finding that is known already. `by_text`: two of one duty differ when their texts do.
    pub fn knows(&mut self, finding: &Finding, by_text: bool) -> bool {
        let full = self.findings.len() >= MOST_FINDINGS;
        let known = self.findings.iter_mut().find(|known| {
            known.obligation == finding.obligation && (!by_text || known.actual == finding.actual || full)
        });
        known.map(|known| known.count += 1).is_some()
    }

    /// Takes a new finding in.
    pub fn add(&mut self, finding: FindingRecord) {
        self.findings.push(finding);
    }

    /// The record of it.
    pub fn scenario(&self, check: &Check, duty: &Obligation) -> ScenarioRecord {
        ScenarioRecord {
            rule: check.kind.0,
            location: check.kind.1.to_owned(),
            verdict: verdict(&self.findings),
            reason: None,
            cases: self.calls,
            exchanges: self.calls,
            elapsed_ms: milliseconds(self.waiting),
            waiting_ms: milliseconds(self.waiting),
            statuses: self.statuses.clone(),
            findings: self.findings.clone(),
            ..never_called(duty)
        }
    }
}

/// The record of a duty that nothing was seen of.
pub fn never_called(duty: &Obligation) -> ScenarioRecord {
    ScenarioRecord {
        id: crate::base::ScenarioId::new(format!("{SUITE}::{}", duty.id)),
        suite: SUITE.to_owned(),
        operation_id: duty.operation.clone(),
        spec: duty.operation.spec().to_owned(),
        obligation: duty.id.clone(),
        rule: duty.rule,
        location: duty.location.to_string(),
        text: duty.text.clone(),
        evidence: duty.evidence,
        spec_file: duty.source.file.display().to_string(),
        spec_line: duty.source.line as u64,
        spec_pointer: duty.source.pointer.clone(),
        verdict: Verdict::Skipped,
        reason: Some("never called".to_owned()),
        blame: None,
        cases: 0,
        exchanges: 0,
        leftovers: Vec::new(),
        rejected_draws: 0,
        elapsed_ms: 0,
        waiting_ms: 0,
        statuses: BTreeMap::new(),
        findings: Vec::new(),
        log: Vec::new(),
    }
}

/// Whole milliseconds.
pub fn milliseconds(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}
