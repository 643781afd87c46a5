//! A refusal for a malformed field names the field (D1, ERR-2).

use serde_json::Value;

use super::{Check, Code};
use crate::contract::{Evidence, Location, MediaKind, Obligation, Response, Rule, StatusPattern};
use crate::oracle::excerpt::body;
use crate::oracle::finding::Finding;
use crate::oracle::judge::Judging;

const FIELD_NOT_NAMED: &str = "D1C-191";

pub(super) const CHECK: Check =
    Check { name: "d1_error_body", about: "a refusal for a malformed field names the field", codes: CODES, judge };

const CODES: &[Code] = &[Code::of(
    FIELD_NOT_NAMED,
    "a refusal with FIELD_INVALID_FORMAT does not name the field at fault",
    "the guide says that `error` names the first wrong field (ERR-2): a caller looks for it there",
    "write the name of the field into `error`",
    |duty| duty.rule == Rule::ErrorField,
)];

fn judge(judging: &Judging<'_>) -> Vec<Finding> {
    let Some(field) = judging.case.location.field() else { return Vec::new() };
    // Where nothing has to be refused, no field is at fault.
    let open = judging.case.rule.wants_any_answer();
    if !judging.violates() || open || judging.answer.status != 400 {
        return Vec::new();
    }
    let Some(response) = judging.operation.response(400).filter(|response| is_d1_error(response)) else {
        return Vec::new();
    };
    let Ok(error) = serde_json::from_slice::<Value>(&judging.answer.body) else { return Vec::new() };
    if error["errorCode"] != "FIELD_INVALID_FORMAT" {
        return Vec::new();
    }
    let named = error["error"].as_str().unwrap_or_default().to_ascii_lowercase();
    if named.contains(&field.to_ascii_lowercase()) {
        return Vec::new();
    }
    let duty = Obligation::unwritten(
        (judging.contract, judging.operation),
        Location::Response(StatusPattern::Code(400)),
        Rule::ErrorField,
        &response.pointer,
        evidence(judging, response),
        "the `error` of a 400 with FIELD_INVALID_FORMAT names the first wrong field (ERR-2)".to_owned(),
    );
    let expected = format!("an `error` that names `{field}`");
    let actual = body(judging.answer, judging.redactor);
    let found = Finding::of(CHECK.name, FIELD_NOT_NAMED, &duty, expected, actual);
    vec![Finding { pointer: Some("/error".to_owned()), ..found }]
}

/// Sure is only what the texts say: a field of the body whose own documented format is broken, at an operation whose
/// error body is documented.
fn evidence(judging: &Judging<'_>, response: &Response) -> Evidence {
    let of_format = matches!(
        judging.case.rule,
        Rule::Pattern | Rule::MinLength | Rule::MaxLength | Rule::Type | Rule::Enum | Rule::Format
    );
    if of_format && matches!(judging.case.location, Location::Body(_)) {
        judging.duty.evidence.and(response.body_evidence)
    } else {
        Evidence::Inferred
    }
}

/// True when the declared body has the two members of D1's errors (ERR-1); other families use other codes (ERR-9).
fn is_d1_error(response: &Response) -> bool {
    let json = response.media.iter().filter(|media| media.kind == MediaKind::Json);
    json.filter_map(|media| media.schema.as_deref()).any(|schema| {
        let node = schema.follow(schema.json());
        let parts = node.get("allOf").and_then(Value::as_array).into_iter().flatten().map(|part| schema.follow(part));
        let nodes: Vec<&Value> = std::iter::once(node).chain(parts).collect();
        let has = |name: &str| {
            nodes.iter().any(|node| node.get("properties").is_some_and(|members| members.get(name).is_some()))
        };
        has("errorCode") && has("error")
    })
}

#[cfg(test)]
mod tests {
    use super::judge;
    use crate::oracle::Severity;
    use crate::oracle::sample::{Sample, json_answer};

    const OTHER: &str = r#"{"errorCode": "FIELD_INVALID_FORMAT", "error": "something is wrong"}"#;

    #[test]
    fn a_text_without_the_field_trips_and_one_with_it_does_not() {
        let sample = Sample::of("createCard", "body/name::max_length");
        let found = judge(&sample.judging(&json_answer(400, OTHER)));
        assert_eq!((found[0].code, found[0].severity), ("D1C-191", Severity::Failure));
        assert!(found[0].obligation.as_str().ends_with("::createCard::response.400::error_field"));
        let right = r#"{"errorCode": "FIELD_INVALID_FORMAT", "error": "Name: too long"}"#;
        assert_eq!(judge(&sample.judging(&json_answer(400, right))), []);
        assert_eq!(judge(&sample.judging(&json_answer(400, r#"{"errorCode": "FIELD_INVALID_VALUE"}"#))), []);
        assert_eq!(judge(&sample.judging(&json_answer(400, "oops"))), []);
    }

    #[test]
    fn outside_of_values_in_a_body_it_is_only_warned_about() {
        for duty in ["header.x-user::required", "header.x-user::max_length", "body/name::required"] {
            let found = judge(&Sample::of("createCard", duty).judging(&json_answer(400, OTHER)));
            assert_eq!(found[0].severity, Severity::Warning, "{duty}");
        }
        assert_eq!(judge(&Sample::of("readCard", "path.cardId::max_length").judging(&json_answer(400, OTHER))), []);
        let sample = Sample::of("createCard", "query.page::repeated_parameter");
        assert_eq!(judge(&sample.judging(&json_answer(400, OTHER))), [], "nothing there has to be refused");
    }
}
