//! A request that keeps the contract is accepted.

use super::{Check, Code};
use crate::contract::ParameterIn;
use crate::oracle::excerpt::status_and_body;
use crate::oracle::finding::{Blame, Finding, Severity};
use crate::oracle::judge::Judging;

const REFUSED: &str = "D1C-151";
const CREDENTIALS_REFUSED: &str = "D1C-152";
const UNKNOWN_RESOURCE: &str = "D1C-153";

pub(super) const CHECK: Check = Check {
    name: "positive_data_acceptance",
    about: "a request that keeps the contract is accepted",
    codes: CODES,
    judge,
};

const CODES: &[Code] = &[
    Code::of(
        REFUSED,
        "a request that keeps the whole contract was refused",
        "the request was proved against every schema of the operation before it was sent: who offers the contract has to \
         take it",
        "look at the reason in the answer: a rule that is stricter than the specification is mended in the code, or written \
         into the specification",
        |duty| duty.rule.wants_acceptance() && !duty.location.is_response(),
    ),
    Code::of(
        CREDENTIALS_REFUSED,
        "a request with our credentials was refused with 401",
        "401 speaks of credentials and of nothing else in the request (RFC 9110 section 15.5.2)",
        "look at `auth` of the target file: client id, secret, key id, audience, clock; then run again",
        |duty| duty.rule.wants_acceptance() && !duty.location.is_response(),
    ),
    Code::of(
        UNKNOWN_RESOURCE,
        "a request for a made-up resource was refused",
        "nothing told the tool which resources exist, so that 403, 404 and 409 are fair answers: it is worth knowing, and \
         no breach",
        "name existing resources in a suite or under `values:` and `dictionary:` of the target file to have more tested",
        |duty| duty.rule.wants_acceptance() && !duty.location.is_response(),
    ),
];

fn judge(judging: &Judging<'_>) -> Vec<Finding> {
    let status = judging.answer.status;
    // A rate limit proves nothing, and a server error is reported as such.
    if judging.violates() || status == 429 || matches!(judging.class(), 2 | 5) {
        return Vec::new();
    }
    let expected = "an answer with 2xx to a request that keeps the contract";
    let actual = status_and_body(judging.answer, judging.redactor);
    // An assumed field in the request, or an assumed operation, may be the reason of the refusal.
    let severity = Severity::of(judging.operation.evidence.and(judging.case.evidence));
    let found = |code| Finding::of(CHECK.name, code, judging.duty, expected, actual.clone()).graded(severity);
    if status == 401 {
        return vec![Finding { blame: Blame::Config, ..found(CREDENTIALS_REFUSED) }];
    }
    if names_a_resource(judging) && !judging.case.grounded && matches!(status, 403 | 404 | 409) {
        return vec![found(UNKNOWN_RESOURCE).graded(Severity::Observation)];
    }
    vec![found(REFUSED)]
}

fn names_a_resource(judging: &Judging<'_>) -> bool {
    judging.operation.parameters.iter().any(|parameter| parameter.place == ParameterIn::Path)
}

#[cfg(test)]
mod tests {
    use super::judge;
    use crate::contract::Evidence;
    use crate::oracle::sample::{Sample, answer, json_answer};
    use crate::oracle::{Blame, Severity};

    #[test]
    fn a_refusal_trips_and_an_acceptance_does_not() {
        let sample = Sample::of("createCard", "operation::conforming");
        let found = judge(&sample.judging(&json_answer(400, r#"{"error": "name", "pan": "4111"}"#)));
        assert_eq!((found[0].code, found[0].severity), ("D1C-151", Severity::Failure));
        assert_eq!(found[0].actual, r#"400: {"error":"name","pan":"***"}"#);
        assert_eq!(judge(&sample.judging(&answer(201))), []);
        assert_eq!(judge(&sample.judging(&answer(429))), []);
        assert_eq!(judge(&sample.judging(&answer(302)))[0].code, "D1C-151");
    }

    #[test]
    fn refused_credentials_have_a_code_of_their_own() {
        let found = judge(&Sample::of("createCard", "operation::conforming").judging(&answer(401)));
        assert_eq!((found[0].code, found[0].blame), ("D1C-152", Blame::Config));
    }

    #[test]
    fn a_request_that_rests_on_a_guess_is_only_warned_about() {
        let mut sample = Sample::of("createCard", "operation::conforming");
        sample.case.evidence = Evidence::Inferred;
        assert_eq!(judge(&sample.judging(&answer(400)))[0].severity, Severity::Warning);
    }

    #[test]
    fn a_resource_that_nobody_made_may_be_missing() {
        let mut sample = Sample::of("readCard", "operation::conforming");
        assert_eq!(judge(&sample.judging(&answer(404)))[0].code, "D1C-151");
        sample.case.grounded = false;
        let found = judge(&sample.judging(&answer(404)));
        assert_eq!((found[0].code, found[0].severity), ("D1C-153", Severity::Observation));
        assert_eq!(judge(&sample.judging(&answer(400)))[0].code, "D1C-151");
    }
}
