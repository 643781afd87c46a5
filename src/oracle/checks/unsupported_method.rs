//! A method that a path does not declare is not performed.

use super::{Check, Code};
use crate::contract::Location;
use crate::oracle::excerpt::status_and_body;
use crate::oracle::finding::{Finding, Severity};
use crate::oracle::judge::Judging;

const PERFORMED: &str = "D1C-171";
const NO_ALLOW: &str = "D1C-172";

pub(super) const CHECK: Check = Check {
    name: "unsupported_method",
    about: "a method that a path does not declare is not performed",
    codes: CODES,
    judge,
};

const CODES: &[Code] = &[
    Code::of(
        PERFORMED,
        "a method that the path does not declare was answered with 2xx",
        "the path of the specification lists its methods; another one that does something is a door that nobody guards",
        "route declared methods only, and answer 405 to all others (RFC 9110 section 15.5.6)",
        |duty| duty.location == Location::Method,
    ),
    Code::of(
        NO_ALLOW,
        "a 405 has no `Allow` header",
        "RFC 9110 section 15.5.6 wants the list of methods; the contract says nothing of it, so that it is worth knowing \
         and no breach",
        "send `Allow` with the declared methods",
        |duty| duty.location == Location::Method,
    ),
];

/// Methods that a server answers by itself, whatever the path (RFC 9110 sections 9.3.2, 9.3.7 and 9.3.8).
const ANSWERED_BY_SERVERS: &[&str] = &["HEAD", "OPTIONS", "TRACE"];

fn judge(judging: &Judging<'_>) -> Vec<Finding> {
    if judging.case.location != Location::Method {
        return Vec::new();
    }
    let method = judging.case.request.method.as_str();
    if judging.class() == 2 && !ANSWERED_BY_SERVERS.contains(&method) {
        let expected = format!("{method} is refused, best with 405");
        let actual = status_and_body(judging.answer, judging.redactor);
        return vec![Finding::of(CHECK.name, PERFORMED, judging.duty, expected, actual)];
    }
    if judging.answer.status == 405 && judging.answer.header("allow").is_none() {
        // RFC 9110 section 15.5.6 wants the header; the contract says nothing of it.
        let found = Finding::of(CHECK.name, NO_ALLOW, judging.duty, "405 with the header `Allow`", "405 without it");
        return vec![found.graded(Severity::Observation)];
    }
    Vec::new()
}

#[cfg(test)]
mod tests {
    use super::judge;
    use crate::oracle::Severity;
    use crate::oracle::sample::{Sample, answer};

    #[test]
    fn a_performed_method_trips_and_a_refused_one_does_not() {
        let mut sample = Sample::of("createCard", "method::unsupported_method");
        sample.case.request.method = "PATCH".into();
        let found = judge(&sample.judging(&answer(200)));
        assert_eq!((found[0].code, found[0].severity), ("D1C-171", Severity::Failure));
        let mut refused = answer(405);
        let observed = judge(&sample.judging(&refused));
        assert_eq!((observed[0].code, observed[0].severity), ("D1C-172", Severity::Observation));
        refused.headers.push(("allow".into(), "POST".into()));
        assert_eq!(judge(&sample.judging(&refused)), []);
        assert_eq!(judge(&sample.judging(&answer(404))), []);
        sample.case.request.method = "OPTIONS".into();
        assert_eq!(judge(&sample.judging(&answer(200))), []);
    }
}
