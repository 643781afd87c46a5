//! Whatever is sent, the server does not break (RFC 9110 section 15.6).

use super::{Check, Code};
use crate::contract::{Location, Rule};
use crate::oracle::excerpt::status_and_body;
use crate::oracle::finding::{Finding, Severity};
use crate::oracle::judge::Judging;

const SERVER_ERROR: &str = "D1C-101";

pub(super) const CHECK: Check =
    Check { name: "not_a_server_error", about: "whatever is sent, the server does not break", codes: CODES, judge };

const CODES: &[Code] = &[Code::of(
    SERVER_ERROR,
    "the server answered with 5xx",
    "a 5xx says that the server failed, not the request (RFC 9110 section 15.6); a request that is wrong is refused \
         with 4xx",
    "send the curl line of the finding, find the exception in the server's log, and refuse such input before it gets \
         there",
    |duty| !duty.location.is_response() && !matches!(duty.rule, Rule::BusinessRule | Rule::Snapshot),
)];

fn judge(judging: &Judging<'_>) -> Vec<Finding> {
    // A method that a server does not know at all is refused with 501 (RFC 9110 section 9.1).
    let unknown_method = judging.case.location == Location::Method && judging.answer.status == 501;
    if judging.class() != 5 || unknown_method {
        return Vec::new();
    }
    let refusal = judging.violates() && !judging.case.rule.wants_any_answer();
    let expected = if refusal { "a refusal with 4xx" } else { "a status below 500" };
    let actual = status_and_body(judging.answer, judging.redactor);
    // The duty is that of the case: it tells which input breaks the server. That the server must not break does not
    // depend on how sure the input's own line is, only on whether the operation is there at all.
    let severity = Severity::of(judging.operation.evidence);
    vec![Finding::of(CHECK.name, SERVER_ERROR, judging.duty, expected, actual).graded(severity)]
}

#[cfg(test)]
mod tests {
    use super::judge;
    use crate::oracle::Severity;
    use crate::oracle::sample::{Sample, answer};

    #[test]
    fn a_500_trips_and_a_400_does_not() {
        let sample = Sample::of("createCard", "body/name::max_length");
        let found = judge(&sample.judging(&answer(500)));
        assert_eq!((found[0].code, found[0].severity), ("D1C-101", Severity::Failure));
        assert!(found[0].obligation.as_str().ends_with("::createCard::body/name::max_length"));
        assert_eq!(judge(&sample.judging(&answer(400))), []);
    }

    #[test]
    fn a_guessed_operation_is_only_warned_about() {
        let found = judge(&Sample::of("guessed", "operation::conforming").judging(&answer(503)));
        assert_eq!(found[0].severity, Severity::Warning);
    }

    #[test]
    fn an_unknown_method_may_be_answered_with_501() {
        let sample = Sample::of("createCard", "method::unsupported_method");
        assert_eq!(judge(&sample.judging(&answer(501))), []);
        assert_eq!(judge(&sample.judging(&answer(500))).len(), 1);
    }
}
