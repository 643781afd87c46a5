//! The media type of an answer is one that the specification declares for its status.

use super::{Check, Code};
use crate::contract::{Rule, media_matches};
use crate::oracle::finding::Finding;
use crate::oracle::judge::Judging;

const WRONG: &str = "D1C-121";
const MISSING: &str = "D1C-122";

pub(super) const CHECK: Check = Check {
    name: "content_type_conformance",
    about: "the media type of an answer is a declared one",
    codes: CODES,
    judge,
};

const CODES: &[Code] = &[
    Code::of(
        WRONG,
        "the `Content-Type` of the answer is not a declared one",
        "the specification says under `content` in which media type an answer with this status comes; a caller reads it as \
         that",
        "set the declared `Content-Type`; error pages of frameworks and gateways are the usual cause",
        |duty| duty.rule == Rule::ContentType,
    ),
    Code::of(
        MISSING,
        "the answer has a body, and no `Content-Type`",
        "without it a caller may only guess what the body is (RFC 9110 section 8.3)",
        "set the declared `Content-Type`",
        |duty| duty.rule == Rule::ContentType,
    ),
];

fn judge(judging: &Judging<'_>) -> Vec<Finding> {
    let Some(response) = judging.operation.response(judging.answer.status).filter(|_| judging.is_own_answer()) else {
        return Vec::new();
    };
    if response.media.is_empty() || judging.answer.body.is_empty() {
        return Vec::new();
    }
    let declared: Vec<&str> = response.media.iter().map(|media| media.media_type.as_str()).collect();
    let text = "an answer has the declared media type";
    let duty = judging.duties.of_status(judging.contract, judging.operation, response, Rule::ContentType, text);
    let expected = format!("content-type: {}", declared.join(" or "));
    match judging.answer.header("content-type") {
        None => vec![Finding::of(CHECK.name, MISSING, &duty, expected, "a body without content-type")],
        Some(received) if declared.iter().any(|own| media_matches(own, received)) => Vec::new(),
        Some(received) => {
            let actual = format!("content-type: {}", judging.redactor.text(received));
            vec![Finding::of(CHECK.name, WRONG, &duty, expected, actual)]
        }
    }
}

#[cfg(test)]
mod tests {
    use super::judge;
    use crate::oracle::sample::{Sample, answer, json_answer};

    #[test]
    fn another_type_and_none_trip_and_the_declared_one_does_not() {
        let sample = Sample::of("createCard", "operation::conforming");
        let mut wrong = json_answer(201, "{}");
        assert_eq!(judge(&sample.judging(&wrong)), []);
        wrong.headers[0].1 = "text/html".into();
        assert_eq!(judge(&sample.judging(&wrong))[0].code, "D1C-121");
        wrong.headers.clear();
        let found = judge(&sample.judging(&wrong));
        assert_eq!(found[0].code, "D1C-122");
        assert!(found[0].obligation.as_str().ends_with("::createCard::response.201::content_type"));
        assert_eq!(judge(&sample.judging(&answer(201))), []);
    }
}
