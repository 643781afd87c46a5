//! What a check gets to see, and the loop over the checks.

use super::checks::checks;
use super::duties::Duties;
use super::finding::{Finding, Severity};
use super::selection::CheckSelection;
use crate::base::Redactor;
use crate::contract::{Contract, Location, Obligation, Operation};
use crate::exchange::{Answer, Sent};
use crate::generate::{Case, Intent};
use crate::jose::DecryptionKey;

/// One answer with everything it is judged by.
#[derive(Clone, Copy)]
pub struct Judging<'a> {
    /// The contract of the operation.
    pub contract: &'a Contract,
    /// The operation that was called.
    pub operation: &'a Operation,
    /// Its duties as to answers.
    pub duties: &'a Duties,
    /// What was sent, and why.
    pub case: &'a Case,
    /// The duty that the case exercises.
    pub duty: &'a Obligation,
    /// What came back.
    pub answer: &'a Answer,
    /// What went out, credentials included.
    pub sent: Option<&'a Sent>,
    /// Opens the encrypted members of answers, where the target file names our key.
    pub key: Option<&'a DecryptionKey>,
    /// Cleans the excerpts that findings quote.
    pub redactor: &'a Redactor,
}

impl Judging<'_> {
    /// First digit of the status.
    pub(super) fn class(&self) -> u16 {
        self.answer.status / 100
    }

    /// True when the case breaks its duty on purpose.
    pub(super) fn violates(&self) -> bool {
        self.case.intent == Intent::Violating
    }

    /// True when the answer is one of the operation's own: not that of another method, not one to a connection that was
    /// to be refused, and no server error, which `not_a_server_error` reports alone.
    pub(super) fn is_own_answer(&self) -> bool {
        !matches!(self.case.location, Location::Method | Location::Tls) && self.class() != 5
    }
}

/// Runs the enabled checks in their fixed order. `strict` turns warnings into failures.
pub fn judge_all(judging: &Judging<'_>, enabled: &CheckSelection, strict: bool) -> Vec<Finding> {
    let mut findings: Vec<Finding> =
        checks().iter().filter(|check| enabled.contains(check.name)).flat_map(|check| (check.judge)(judging)).collect();
    if strict {
        for finding in findings.iter_mut().filter(|finding| finding.severity == Severity::Warning) {
            finding.severity = Severity::Failure;
        }
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::judge_all;
    use crate::oracle::sample::{Sample, answer, json_answer};
    use crate::oracle::{CheckSelection, Severity};

    #[test]
    fn a_right_answer_has_no_findings_and_strict_raises_warnings() {
        let sample = Sample::of("createCard", "operation::conforming");
        let right = json_answer(201, r#"{"cardId": "c1"}"#);
        assert_eq!(judge_all(&sample.judging(&right), &CheckSelection::all(), true), []);
        let guessed = Sample::of("guessed", "operation::conforming");
        let refused = answer(400);
        let graded = |strict| {
            let findings = judge_all(&guessed.judging(&refused), &CheckSelection::all(), strict);
            findings.iter().map(|finding| (finding.check, finding.severity)).collect::<Vec<_>>()
        };
        assert_eq!(
            graded(false),
            [("status_code_conformance", Severity::Warning), ("positive_data_acceptance", Severity::Warning)]
        );
        assert!(graded(true).iter().all(|(_, severity)| *severity == Severity::Failure));
    }

    #[test]
    fn a_server_error_is_reported_once() {
        for duty in ["operation::conforming", "body/name::max_length", "header.x-user::required"] {
            let sample = Sample::of("createCard", duty);
            let findings = judge_all(&sample.judging(&json_answer(500, "[]")), &CheckSelection::all(), false);
            assert_eq!(findings.iter().map(|finding| finding.code).collect::<Vec<_>>(), ["D1C-101"], "{duty}");
        }
    }

    #[test]
    fn checks_that_are_not_enabled_stay_silent() {
        let sample = Sample::of("createCard", "operation::conforming");
        let enabled = CheckSelection::all().without("not_a_server_error").unwrap();
        assert_eq!(judge_all(&sample.judging(&answer(500)), &enabled, false), []);
    }
}
