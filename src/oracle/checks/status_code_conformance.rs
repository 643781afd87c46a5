//! The status of an answer is one that the specification declares.

use super::{Check, Code};
use crate::contract::{Location, Obligation, Operation, Rule, StatusPattern};
use crate::oracle::finding::{Finding, Severity};
use crate::oracle::judge::Judging;

const UNDECLARED: &str = "D1C-111";
const UNDECLARED_REFUSAL_OF_HTTP: &str = "D1C-112";

pub(super) const CHECK: Check = Check {
    name: "status_code_conformance",
    about: "the status of an answer is one that the specification declares",
    codes: CODES,
    judge,
};

const CODES: &[Code] = &[
    Code::of(
        UNDECLARED,
        "the answer has a status that the specification does not declare for this operation",
        "the `responses` of the operation list what a caller must be ready for; for anything else it has no code",
        "answer with a declared status; where the new one is right, have it declared in the specification",
        of_undeclared,
    ),
    Code::of(
        UNDECLARED_REFUSAL_OF_HTTP,
        "the answer is a refusal that HTTP knows and the specification does not list",
        "RFC 9110 section 15.5 and RFC 6585 let a server refuse so before a request gets as far as the operation: it is \
         worth knowing, and no breach",
        "nothing has to be done; declare the status where callers should expect it",
        of_undeclared,
    ),
];

/// An undeclared status goes against the list as a whole, or against that of its class.
fn of_undeclared(duty: &Obligation) -> bool {
    let list = matches!(duty.location, Location::Answer | Location::Response(StatusPattern::Range(_)));
    duty.rule == Rule::Status && list
}

/// Refusals that HTTP itself knows and that no specification need list: those of a server that never got as far as the
/// operation (RFC 9110 section 15.5, RFC 6585).
const REFUSALS_OF_HTTP: &[u16] = &[404, 405, 406, 411, 413, 414, 415, 429, 431];

fn judge(judging: &Judging<'_>) -> Vec<Finding> {
    let status = judging.answer.status;
    if !judging.is_own_answer() || judging.operation.response(status).is_some() {
        return Vec::new();
    }
    let credentials = status == 401 || judging.case.location == Location::Auth;
    if credentials && judging.class() == 4 {
        // Whether this is the right refusal is the business of `ignored_auth` and `positive_data_acceptance`.
        return Vec::new();
    }
    let http = status == 429 || (judging.violates() && REFUSALS_OF_HTTP.contains(&status));
    let duty = judging.duties.of_undeclared(judging.contract, judging.operation, status);
    let code = if http { UNDECLARED_REFUSAL_OF_HTTP } else { UNDECLARED };
    let found = Finding::of(CHECK.name, code, &duty, declared(judging.operation), status.to_string());
    vec![if http { found.graded(Severity::Observation) } else { found }]
}

fn declared(operation: &Operation) -> String {
    let known: Vec<String> = operation.responses.iter().map(|response| response.status.to_string()).collect();
    match known.as_slice() {
        [] => "a declared status (the specification declares none)".to_owned(),
        [one] => format!("the declared status {one}"),
        many => format!("one of the declared statuses {}", many.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::judge;
    use crate::oracle::Severity;
    use crate::oracle::sample::{Sample, answer};

    #[test]
    fn an_undeclared_status_trips_and_a_declared_one_does_not() {
        let sample = Sample::of("createCard", "operation::conforming");
        let found = judge(&sample.judging(&answer(202)));
        assert_eq!((found[0].code, found[0].severity), ("D1C-111", Severity::Failure));
        assert!(found[0].expected.contains("201, 400, 401"), "{}", found[0].expected);
        assert_eq!(judge(&sample.judging(&answer(201))), []);
    }

    #[test]
    fn a_guess_in_the_class_weakens_it() {
        // 404 is a guess, so that another number among the 4xx may be the right one.
        let found = judge(&Sample::of("createCard", "operation::conforming").judging(&answer(422)));
        assert_eq!(found[0].severity, Severity::Warning);
    }

    #[test]
    fn refusals_of_http_itself_are_observed_at_most() {
        let found = judge(&Sample::of("createCard", "body/name::max_length").judging(&answer(415)));
        assert_eq!((found[0].code, found[0].severity), ("D1C-112", Severity::Observation));
        assert_eq!(judge(&Sample::of("createCard", "method::unsupported_method").judging(&answer(405))), []);
        assert_eq!(judge(&Sample::of("createCard", "auth::missing_token").judging(&answer(403))), []);
    }
}
