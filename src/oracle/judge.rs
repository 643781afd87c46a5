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
    /// to be refused, and no server error, which `not_a_server_error` reports alone. An unusual message may be refused by
    /// a gateway or an HTTP library, in words of its own, before it gets as far as the operation.
    pub(super) fn is_own_answer(&self) -> bool {
        let refused_before = self.case.rule.wants_any_answer() && self.class() == 4;
        !matches!(self.case.location, Location::Method | Location::Tls) && !refused_before && self.class() != 5
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
    fn an_unusual_message_may_be_taken_or_refused_but_must_not_break_the_server() {
        for duty in ["operation::unusual_message", "body::unusual_body"] {
            let sample = Sample::of("createCard", duty);
            let found = |status| {
                let mut refusal = json_answer(status, r#"{"cardId": "c1"}"#);
                if status != 201 {
                    refusal.headers[0].1 = "text/html".into();
                }
                let findings = judge_all(&sample.judging(&refusal), &CheckSelection::all(), false);
                findings.iter().map(|finding| (finding.code, finding.severity)).collect::<Vec<_>>()
            };
            for status in [201, 400, 403, 406, 415, 422] {
                assert_eq!(found(status), [], "{duty}: {status}");
            }
            assert_eq!(found(500), [("D1C-101", Severity::Failure)], "{duty}");
            // Who takes it answers as ever.
            let broken = judge_all(&sample.judging(&json_answer(201, "[]")), &CheckSelection::all(), false);
            assert_eq!(broken[0].check, "response_schema_conformance", "{duty}");
        }
    }

    #[test]
    fn another_spelling_is_conforming_and_another_encoding_is_noted() {
        let found = |duty: &str, status| {
            let sample = Sample::of("createCard", duty);
            let answer = json_answer(status, r#"{"cardId": "c1"}"#);
            let findings = judge_all(&sample.judging(&answer), &CheckSelection::all(), true);
            findings.iter().map(|finding| (finding.code, finding.severity)).collect::<Vec<_>>()
        };
        for duty in ["operation::accept_anything", "body::content_type_case", "body::content_type_charset"] {
            assert_eq!(found(duty, 201), [], "{duty}");
            assert_eq!(found(duty, 400), [("D1C-151", Severity::Failure)], "{duty}");
        }
        for duty in ["body::json_encoding", "body::malformed_content_type"] {
            assert_eq!(found(duty, 201), [("D1C-161", Severity::Observation)], "{duty}");
            assert_eq!(found(duty, 400), [], "{duty}");
            assert_eq!(found(duty, 500), [("D1C-101", Severity::Failure)], "{duty}");
        }
    }

    #[test]
    fn checks_that_are_not_enabled_stay_silent() {
        let sample = Sample::of("createCard", "operation::conforming");
        let enabled = CheckSelection::all().without("not_a_server_error").unwrap();
        assert_eq!(judge_all(&sample.judging(&answer(500)), &enabled, false), []);
    }
}
