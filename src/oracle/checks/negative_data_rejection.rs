//! A request whose data break the contract is refused.

use super::{Check, Code};
use crate::contract::{Location, Rule};
use crate::oracle::excerpt::status_and_body;
use crate::oracle::finding::Finding;
use crate::oracle::judge::Judging;

const ACCEPTED: &str = "D1C-161";
const REDIRECTED: &str = "D1C-162";

pub(super) const CHECK: Check = Check {
    name: "negative_data_rejection",
    about: "a request whose data break the contract is refused",
    codes: CODES,
    judge,
};

const CODES: &[Code] = &[
    Code::of(
        ACCEPTED,
        "a request that breaks exactly one obligation was accepted",
        "the request was proved to keep everything but the named obligation; who takes it stores or passes on what the \
         contract rules out",
        "check the named field as the specification says, and refuse the request with a declared 4xx",
        |duty| !duty.rule.wants_acceptance() && !duty.rule.wants_any_answer() && is_data(&duty.location, duty.rule),
    ),
    Code::of(
        REDIRECTED,
        "a request that breaks an obligation was answered with a redirect",
        "a redirect (RFC 9110 section 15.4) asks to send the same wrong request elsewhere; it is no refusal",
        "refuse the request with a declared 4xx where it arrives",
        |duty| !duty.rule.wants_acceptance() && !duty.rule.wants_any_answer() && is_data(&duty.location, duty.rule),
    ),
];

fn judge(judging: &Judging<'_>) -> Vec<Finding> {
    let open = judging.case.rule.wants_any_answer();
    if !judging.violates() || open || !is_data(&judging.case.location, judging.case.rule) {
        return Vec::new();
    }
    let code = match judging.class() {
        2 => ACCEPTED,
        3 => REDIRECTED,
        // 4xx refuses, 5xx is reported as such; 401 and 429 prove nothing (`unjudgeable`).
        _ => return Vec::new(),
    };
    let expected = format!("a refusal with 4xx, because {} is broken", judging.duty.text);
    let actual = status_and_body(judging.answer, judging.redactor);
    let found = Finding::of(CHECK.name, code, judging.duty, expected, actual);
    vec![Finding { pointer: judging.case.pointer.clone(), ..found }]
}

/// Data are parameters and bodies. Credentials, methods and missing headers have checks of their own.
fn is_data(location: &Location, rule: Rule) -> bool {
    match location {
        Location::Path(_)
        | Location::Query(_)
        | Location::Body(_)
        | Location::Form(_)
        | Location::Jwe(_)
        | Location::Plaintext(..)
        | Location::Assertion => true,
        Location::Header(_) => rule != Rule::Required,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::judge;
    use crate::oracle::Severity;
    use crate::oracle::sample::{Sample, answer};

    #[test]
    fn an_acceptance_trips_and_a_refusal_does_not() {
        let sample = Sample::of("createCard", "body/name::max_length");
        let found = judge(&sample.judging(&answer(201)));
        assert_eq!((found[0].code, found[0].severity), ("D1C-161", Severity::Failure));
        assert_eq!(found[0].obligation, sample.case.obligation);
        assert_eq!(judge(&sample.judging(&answer(302)))[0].code, "D1C-162");
        for status in [400, 401, 404, 429, 500] {
            assert_eq!(judge(&sample.judging(&answer(status))), [], "{status}");
        }
    }

    #[test]
    fn the_evidence_of_the_duty_counts() {
        let guess = Sample::of("createCard", "body/hint::min_length");
        assert_eq!(judge(&guess.judging(&answer(201)))[0].severity, Severity::Warning);
        let open = Sample::of("createCard", "body/kind::enum");
        assert_eq!(judge(&open.judging(&answer(201)))[0].severity, Severity::Observation);
    }

    #[test]
    fn other_violations_are_left_to_their_checks() {
        for duty in
            ["auth::missing_token", "method::unsupported_method", "header.x-user::required", "operation::conforming"]
        {
            assert_eq!(judge(&Sample::of("createCard", duty).judging(&answer(201))), [], "{duty}");
        }
        let value = Sample::of("createCard", "header.x-user::max_length");
        assert_eq!(judge(&value.judging(&answer(201))).len(), 1);
    }
}
