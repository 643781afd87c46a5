//! The headers of an answer are there and hold what the specification declares.

use std::sync::Arc;

use super::{Check, Code};
use crate::contract::{
    Location, Obligation, Parameter, ParameterIn, Response, ResponseHeader, Rule, Schema, Style, decode_parameter,
};
use crate::oracle::excerpt;
use crate::oracle::finding::Finding;
use crate::oracle::judge::Judging;

const MISSING: &str = "D1C-131";
const INVALID: &str = "D1C-132";

pub(super) const CHECK: Check = Check {
    name: "response_headers_conformance",
    about: "the headers of an answer are there and hold what is declared",
    codes: CODES,
    judge,
};

const CODES: &[Code] = &[
    Code::of(
        MISSING,
        "a header that is required is not in the answer",
        "the specification declares it with `required: true` for this status",
        "send the header with every answer of this status",
        |duty| matches!(duty.location, Location::ResponseHeader(..)) && duty.rule == Rule::Required,
    ),
    Code::of(
        INVALID,
        "the value of a header breaks its schema",
        "the specification declares a schema for the header, and a caller reads it by that",
        "send a value that keeps the schema",
        |duty| matches!(duty.location, Location::ResponseHeader(..)) && duty.rule != Rule::Required,
    ),
];

fn judge(judging: &Judging<'_>) -> Vec<Finding> {
    let Some(response) = judging.operation.response(judging.answer.status).filter(|_| judging.is_own_answer()) else {
        return Vec::new();
    };
    response.headers.iter().flat_map(|header| header_findings(judging, response, header)).collect()
}

fn header_findings(judging: &Judging<'_>, response: &Response, header: &ResponseHeader) -> Vec<Finding> {
    let location = Location::ResponseHeader(response.status, header.name.clone());
    match (judging.answer.header(&header.name), &header.schema) {
        (None, _) if header.required => {
            let duty = judging.duties.find(&location, Rule::Required).cloned().unwrap_or_else(|| {
                let text = format!("{location} is required");
                let (contract, operation) = (judging.contract, judging.operation);
                Obligation::unwritten(
                    (contract, operation),
                    location,
                    Rule::Required,
                    &header.pointer,
                    header.evidence,
                    text,
                )
            });
            vec![Finding::of(CHECK.name, MISSING, &duty, format!("the header `{}`", header.name), "no such header")]
        }
        (Some(text), Some(schema)) => value_findings(judging, header, schema, &location, text),
        _ => Vec::new(),
    }
}

fn value_findings(
    judging: &Judging<'_>,
    header: &ResponseHeader,
    schema: &Arc<Schema>,
    location: &Location,
    text: &str,
) -> Vec<Finding> {
    // A header of an answer is written like one of a request (OpenAPI 3.0 "Header Object").
    let parameter = Parameter {
        name: header.name.clone(),
        place: ParameterIn::Header,
        required: header.required,
        style: Style::Simple,
        explode: false,
        schema: Arc::clone(schema),
        pointer: header.pointer.clone(),
        evidence: header.evidence,
    };
    let Some(value) = decode_parameter(&parameter, &[text]) else { return Vec::new() };
    let finding = |breach| {
        let (contract, operation) = (judging.contract, judging.operation);
        let duty = judging.duties.of_header(contract, operation, location.clone(), &breach, header.evidence);
        let shown = excerpt::value(Some(&header.name), &value, judging.redactor);
        let actual = format!("`{}` is {shown}", header.name);
        Finding::of(CHECK.name, INVALID, &duty, duty.text.clone(), actual)
    };
    schema.judge(&value).into_iter().map(finding).collect()
}

#[cfg(test)]
mod tests {
    use super::judge;
    use crate::oracle::sample::{Sample, answer};

    #[test]
    fn a_missing_and_an_invalid_header_trip_and_right_ones_do_not() {
        let sample = Sample::of("readCard", "operation::conforming");
        let mut received = answer(204);
        assert_eq!(judge(&sample.judging(&received))[0].code, "D1C-131");
        received.headers.push(("x-count".into(), " 7".into()));
        assert_eq!(judge(&sample.judging(&received)), []);
        received.headers[0].1 = "many".into();
        let found = judge(&sample.judging(&received));
        assert_eq!((found.len(), found[0].code), (1, "D1C-132"));
        assert!(found[0].obligation.as_str().ends_with("readCard::response.204.header.X-Count::type"));
    }
}
