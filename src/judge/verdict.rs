//! Verdicts from recorded findings.

use crate::oracle::{Severity, Verdict};
use crate::report::FindingRecord;

/// The verdict of a duty that was exercised and showed this.
pub fn verdict(findings: &[FindingRecord]) -> Verdict {
    let worst = findings.iter().map(|finding| finding.severity).max();
    match worst {
        None | Some(Severity::Observation) => Verdict::Passed,
        Some(Severity::Warning) => Verdict::Warned,
        Some(Severity::Failure) => Verdict::Failed,
    }
}
