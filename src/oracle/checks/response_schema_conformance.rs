//! The body of an answer keeps its schema; it is there when it is declared, and not when HTTP forbids it.

use serde_json::Value;

use super::{Check, Code};
use crate::contract::{
    InstancePath, Location, Media, MediaKind, Obligation, Response, Rule, Schema, StatusPattern, media_matches,
};
use crate::oracle::excerpt;
use crate::oracle::finding::Finding;
use crate::oracle::judge::Judging;

const NO_JSON: &str = "D1C-141";
const BREACH: &str = "D1C-142";
const UNEXPECTED_BODY: &str = "D1C-143";
const MISSING_BODY: &str = "D1C-144";

pub(super) const CHECK: Check = Check {
    name: "response_schema_conformance",
    about: "the body of an answer keeps its schema, and is there when it is declared",
    codes: CODES,
    judge,
};

const CODES: &[Code] = &[
    Code::of(
        NO_JSON,
        "a body that is called JSON cannot be read as JSON",
        "RFC 8259 says what JSON is; a caller's parser stops at the first character that is not",
        "write the body with a JSON library; look for a cut answer, a log line or a number that is no JSON, such as NaN",
        |duty| matches!(duty.location, Location::ResponseBody(..)) && duty.rule == Rule::MalformedJson,
    ),
    Code::of(
        BREACH,
        "a value in the body of an answer breaks its schema",
        "the schema of the answer names members, types, bounds and lists; a caller that is generated from it refuses \
         anything else",
        "send what the schema wants at the pointer of the finding; where the value is right, the specification has to be \
         changed",
        |duty| matches!(duty.location, Location::ResponseBody(..)) && duty.rule != Rule::MalformedJson,
    ),
    Code::of(
        UNEXPECTED_BODY,
        "an answer with status 204 has a body",
        "a 204 ends with its header section (RFC 9110 section 15.3.5); what comes behind it is taken for the next answer",
        "send no body and no `Content-Length` with 204, or another declared status",
        |duty| duty.rule == Rule::Body && duty.location == NO_CONTENT,
    ),
    Code::of(
        MISSING_BODY,
        "an answer has no body where one is declared",
        "the specification declares a schema for the body of this status, and a caller reads it",
        "send the declared body, or the declared status without one",
        |duty| duty.rule == Rule::Body && matches!(duty.location, Location::Response(_)) && duty.location != NO_CONTENT,
    ),
];

const NO_CONTENT: Location = Location::Response(StatusPattern::Code(204));

fn judge(judging: &Judging<'_>) -> Vec<Finding> {
    let answer = judging.answer;
    let Some(response) = judging.operation.response(answer.status).filter(|_| judging.is_own_answer()) else {
        return Vec::new();
    };
    if answer.status == 204 {
        return body_of_204(judging, response);
    }
    if answer.body.is_empty() {
        return missing_body(judging, response);
    }
    let Some(media) = received_media(judging, response) else { return Vec::new() };
    let Some(schema) = media.schema.as_deref().filter(|_| media.kind == MediaKind::Json) else { return Vec::new() };
    match serde_json::from_slice(&answer.body) {
        Ok(body) => breaches(judging, response, schema, &body),
        // Without a content-type nothing says that this was to be JSON.
        Err(_) if answer.header("content-type").is_none() => Vec::new(),
        Err(error) => vec![no_json(judging, response, media, &error)],
    }
}

/// RFC 9110 section 15.3.5: an answer with 204 ends with its header section.
fn body_of_204(judging: &Judging<'_>, response: &Response) -> Vec<Finding> {
    let announced = judging.answer.header("content-length").is_some_and(|length| length.trim() != "0");
    if judging.answer.body.is_empty() && !announced {
        return Vec::new();
    }
    let duty = status_duty(judging, response, "an answer with status 204 has no body");
    let actual = excerpt::status_and_body(judging.answer, judging.redactor);
    vec![Finding::of(CHECK.name, UNEXPECTED_BODY, &duty, "no body", actual)]
}

fn missing_body(judging: &Judging<'_>, response: &Response) -> Vec<Finding> {
    let declared = response.media.iter().any(|media| media.schema.is_some());
    if !declared || response.body_unknown || judging.case.request.method == "HEAD" {
        return Vec::new();
    }
    let duty = status_duty(judging, response, "an answer has the declared body");
    let names: Vec<&str> = response.media.iter().map(|media| media.media_type.as_str()).collect();
    let expected = format!("a body ({})", names.join(" or "));
    vec![Finding::of(CHECK.name, MISSING_BODY, &duty, expected, format!("{} without a body", judging.answer.status))]
}

fn status_duty(judging: &Judging<'_>, response: &Response, text: &str) -> Obligation {
    judging.duties.of_status(judging.contract, judging.operation, response, Rule::Body, text)
}

/// The declared body that was received. A wrong media type is the business of `content_type_conformance`.
fn received_media<'r>(judging: &Judging<'_>, response: &'r Response) -> Option<&'r Media> {
    match judging.answer.header("content-type") {
        Some(received) => response.media.iter().find(|media| media_matches(&media.media_type, received)),
        None => response.media.iter().find(|media| media.kind == MediaKind::Json),
    }
}

fn no_json(judging: &Judging<'_>, response: &Response, media: &Media, error: &serde_json::Error) -> Finding {
    let duty = Obligation::unwritten(
        (judging.contract, judging.operation),
        Location::ResponseBody(response.status, InstancePath::root()),
        Rule::MalformedJson,
        &media.pointer,
        response.body_evidence,
        format!("a body that is called {} is JSON (RFC 8259)", media.media_type),
    );
    let actual = format!("no JSON ({error}): {}", excerpt::body(judging.answer, judging.redactor));
    Finding::of(CHECK.name, NO_JSON, &duty, "a JSON text", actual)
}

fn breaches(judging: &Judging<'_>, response: &Response, schema: &Schema, body: &Value) -> Vec<Finding> {
    let mut findings: Vec<(Finding, usize)> = Vec::new();
    for breach in schema.judge(body) {
        let duty = judging.duties.of_body(judging.contract, judging.operation, response, &breach, body);
        // The hundredth item with the same fault is no news.
        if let Some((_, more)) = findings.iter_mut().find(|(known, _)| known.obligation == duty.id) {
            *more += 1;
            continue;
        }
        let place = if breach.instance.is_empty() { "the body" } else { breach.instance.as_str() };
        let name = breach.instance.rsplit('/').find(|token| token.parse::<usize>().is_err());
        let actual = match body.pointer(&breach.instance) {
            Some(value) => format!("{place} is {}", excerpt::value(name, value, judging.redactor)),
            None => format!("{place} is missing"),
        };
        let actual = format!("{actual} in an answer with status {}", judging.answer.status);
        let found = Finding::of(CHECK.name, BREACH, &duty, duty.text.clone(), actual);
        findings.push((Finding { pointer: Some(breach.instance), ..found }, 0));
    }
    let count = |(mut found, more): (Finding, usize)| {
        if more > 0 {
            found.actual = format!("{} (and {more} more alike)", found.actual);
        }
        found
    };
    findings.into_iter().map(count).collect()
}

#[cfg(test)]
mod tests {
    use super::judge;
    use crate::oracle::Severity;
    use crate::oracle::sample::{Sample, answer, json_answer};

    fn found(status: u16, body: &str) -> Vec<(&'static str, String, Severity)> {
        let sample = Sample::of("createCard", "operation::conforming");
        let name = |id: &str| id.split_once("createCard::").unwrap().1.to_owned();
        judge(&sample.judging(&json_answer(status, body)))
            .into_iter()
            .map(|found| (found.code, name(found.obligation.as_str()), found.severity))
            .collect()
    }

    #[test]
    fn a_body_that_keeps_the_schema_passes() {
        assert_eq!(found(201, r#"{"cardId": "c1", "state": "ACTIVE", "items": [{"n": 1}], "extra": 1}"#), []);
    }

    #[test]
    fn breaches_are_mapped_to_their_duties_and_counted() {
        let fail = Severity::Failure;
        assert_eq!(found(201, "{}"), [("D1C-142", "response.201.body/cardId::required".into(), fail)]);
        assert_eq!(found(201, r#"{"cardId": null}"#), [("D1C-142", "response.201.body/cardId::nullable".into(), fail)]);
        assert_eq!(
            found(201, r#"{"cardId": "c", "items": [{"n": "a"}, {"n": 1}, {"n": "b"}]}"#),
            [("D1C-142", "response.201.body/items/*/n::type".into(), fail)]
        );
        assert_eq!(
            found(201, r#"{"cardId": "c", "guess": 7}"#),
            [("D1C-142", "response.201.body/guess::type".into(), Severity::Warning)]
        );
        assert_eq!(found(201, r#"{"cardId": "c", "state": "OTHER"}"#), [], "the list of states is not complete");
    }

    #[test]
    fn places_without_a_duty_of_their_own_get_one() {
        let nested = r#"{"cardId": "c", "parent": {"cardId": "p", "parent": {"cardId": 7}}}"#;
        assert_eq!(
            found(201, nested),
            [("D1C-142", "response.201.body/parent/parent/cardId::type".into(), Severity::Failure)]
        );
    }

    #[test]
    fn no_json_and_no_body_trip() {
        assert_eq!(found(201, "<html>"), [("D1C-141", "response.201.body::malformed_json".into(), Severity::Failure)]);
        assert_eq!(found(201, ""), [("D1C-144", "response.201::body".into(), Severity::Failure)]);
        assert_eq!(found(404, ""), [], "presence of that body is unknown");
    }

    #[test]
    fn a_body_that_may_be_unknown_is_warned_about() {
        let unknown = found(404, r#"{"error": 7}"#);
        assert_eq!(unknown, [("D1C-142", "response.404.body/error::type".into(), Severity::Warning)]);
    }

    #[test]
    fn a_204_has_no_body() {
        let sample = Sample::of("readCard", "operation::conforming");
        assert_eq!(judge(&sample.judging(&answer(204))), []);
        assert_eq!(judge(&sample.judging(&json_answer(204, "{}")))[0].code, "D1C-143");
    }
}
