//! A request without a required header is refused.

use super::{Check, Code};
use crate::contract::{Location, Rule};
use crate::oracle::excerpt::status_and_body;
use crate::oracle::finding::Finding;
use crate::oracle::judge::Judging;

const ACCEPTED: &str = "D1C-165";

pub(super) const CHECK: Check = Check {
    name: "missing_required_header",
    about: "a request without a required header is refused",
    codes: CODES,
    judge,
};

const CODES: &[Code] = &[Code::of(
    ACCEPTED,
    "a request without a required header was taken",
    "the specification declares the header with `required: true`",
    "refuse requests without it with a declared 4xx, or have the specification say that it may be left out",
    |duty| duty.rule == Rule::Required && matches!(duty.location, Location::Header(_)),
)];

fn judge(judging: &Judging<'_>) -> Vec<Finding> {
    let missing = judging.case.rule == Rule::Required && matches!(judging.case.location, Location::Header(_));
    if !judging.violates() || !missing || !matches!(judging.class(), 2 | 3) {
        return Vec::new();
    }
    let name = judging.case.location.field().unwrap_or_default();
    let expected = format!("a refusal with 4xx, because the header `{name}` is missing");
    let actual = status_and_body(judging.answer, judging.redactor);
    vec![Finding::of(CHECK.name, ACCEPTED, judging.duty, expected, actual)]
}

#[cfg(test)]
mod tests {
    use super::judge;
    use crate::oracle::sample::{Sample, answer};

    #[test]
    fn an_acceptance_trips_and_a_refusal_does_not() {
        let sample = Sample::of("createCard", "header.x-user::required");
        assert_eq!(judge(&sample.judging(&answer(201)))[0].code, "D1C-165");
        assert_eq!(judge(&sample.judging(&answer(400))), []);
        assert_eq!(judge(&Sample::of("createCard", "body/name::required").judging(&answer(201))), []);
    }
}
