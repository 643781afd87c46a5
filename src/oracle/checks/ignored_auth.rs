//! Without the right credentials there is no service (RFC 9110 section 15.5.2, RFC 6750 section 3.1).

use super::{Check, Code};
use crate::contract::Rule;
use crate::oracle::excerpt::status_and_body;
use crate::oracle::finding::{Finding, Severity};
use crate::oracle::judge::Judging;

const MISSING_IGNORED: &str = "D1C-181";
const WRONG_IGNORED: &str = "D1C-182";
const OTHER_REFUSAL: &str = "D1C-183";
const TAMPERED_IGNORED: &str = "D1C-184";
const EXPIRED_IGNORED: &str = "D1C-185";

pub(super) const CHECK: Check =
    Check { name: "ignored_auth", about: "without the right credentials there is no service", codes: CODES, judge };

const CODES: &[Code] = &[
    Code::of(
        MISSING_IGNORED,
        "a request without credentials was served",
        "the operation is secured; without credentials the answer is 401 (RFC 9110 section 15.5.2, RFC 6750 section 3.1)",
        "check credentials before anything else; a route that was left out of the filter is the usual cause",
        |duty| duty.rule == Rule::MissingToken,
    ),
    Code::of(
        WRONG_IGNORED,
        "a request with credentials that nobody gave out was served",
        "the operation is secured; who is unknown gets 401",
        "check that a token was issued by you, and its signature where it has one, not only that it is there",
        |duty| duty.rule == Rule::WrongToken,
    ),
    Code::of(
        OTHER_REFUSAL,
        "a request with missing or wrong credentials was refused, and not with 401",
        "only 401 tells a caller to fetch a new token (RFC 6750 section 3.1); nothing was served, so that it is a warning",
        "answer 401, with `WWW-Authenticate`; declare 403 where a gateway gives no other",
        |duty| rule_of_tokens(duty.rule),
    ),
    Code::of(
        TAMPERED_IGNORED,
        "a request with a changed token was served",
        "a token that is not the one that was issued is unknown, and gets 401",
        "compare the whole token, or check its signature over all of it",
        |duty| duty.rule == Rule::TamperedToken,
    ),
    Code::of(
        EXPIRED_IGNORED,
        "a request with a token that has run out was served",
        "a token ends with the `expires_in` that was told; after that it gets 401",
        "check the end of a token with every request",
        |duty| duty.rule == Rule::ExpiredToken,
    ),
];

/// The duties of tokens.
fn rule_of_tokens(rule: Rule) -> bool {
    matches!(rule, Rule::MissingToken | Rule::WrongToken | Rule::TamperedToken | Rule::ExpiredToken)
}

fn judge(judging: &Judging<'_>) -> Vec<Finding> {
    let ignored = match judging.case.rule {
        Rule::MissingToken => MISSING_IGNORED,
        Rule::WrongToken => WRONG_IGNORED,
        Rule::TamperedToken => TAMPERED_IGNORED,
        Rule::ExpiredToken => EXPIRED_IGNORED,
        _ => return Vec::new(),
    };
    let status = judging.answer.status;
    let actual = status_and_body(judging.answer, judging.redactor);
    let found = |code| Finding::of(CHECK.name, code, judging.duty, "a refusal with 401", actual.clone());
    match status {
        // 429 proves nothing (`unjudgeable`).
        401 | 429 => Vec::new(),
        403 if judging.operation.response(403).is_some() => Vec::new(),
        200..=299 => vec![found(ignored)],
        // Nothing was served, so that no door is open; but a caller cannot tell what is wrong.
        _ => vec![found(OTHER_REFUSAL).graded(Severity::Warning)],
    }
}

#[cfg(test)]
mod tests {
    use super::judge;
    use crate::oracle::Severity;
    use crate::oracle::sample::{Sample, answer};

    #[test]
    fn service_without_credentials_trips_and_a_401_does_not() {
        for (duty, code) in [("auth::missing_token", "D1C-181"), ("auth::wrong_token", "D1C-182")] {
            let sample = Sample::of("createCard", duty);
            let found = judge(&sample.judging(&answer(201)));
            assert_eq!((found[0].code, found[0].severity), (code, Severity::Failure));
            assert_eq!(judge(&sample.judging(&answer(401))), []);
        }
        assert_eq!(judge(&Sample::of("createCard", "body/name::max_length").judging(&answer(201))), []);
    }

    #[test]
    fn another_refusal_is_warned_about_unless_403_is_declared() {
        let sample = Sample::of("createCard", "auth::missing_token");
        for status in [302, 400, 403, 500] {
            let found = judge(&sample.judging(&answer(status)));
            assert_eq!((found[0].code, found[0].severity), ("D1C-183", Severity::Warning), "{status}");
        }
        assert_eq!(judge(&Sample::of("readCard", "auth::missing_token").judging(&answer(403))), []);
    }
}
