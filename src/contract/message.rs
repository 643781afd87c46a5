//! Derives the obligations of a message as a whole that HTTP and JSON themselves carry: what is spelled otherwise and
//! still right must be taken, and what is unusual must not break the server. The specification need not list them.

mod json_text;
mod media_type;

pub use json_text::{decode_utf16, depth, is_json, repeats_a_member};
pub use media_type::{accepts, charset, is_media_type};

use super::derive::List;
use super::model::{MediaKind, ParameterIn, Style};
use super::obligation::{Location, Rule};
use super::pointer::InstancePath;
use super::schema::Schema;

/// Why a body in UTF-16 that is taken is noted only.
const ENCODING: &str =
    "RFC 8259 section 8.1 binds the sender to UTF-8, and section 9 lets a parser accept other forms than JSON";

/// Why a `Content-Type` that cannot be read, and is taken all the same, is noted only.
const RECOVERY: &str = "RFC 9110 section 2.4 lets a recipient recover a usable element from an invalid one";

impl List<'_> {
    pub(super) fn message(&mut self) {
        let operation = self.operation;
        let (pointer, evidence) = (operation.pointer.as_str(), operation.evidence);
        let text = "a request is served for `Accept: */*` as for the declared media type (RFC 9110 section 12.5.1)";
        self.add(Location::Operation, Rule::AcceptAnything, pointer, evidence, text.to_owned());
        let text = "a message with unusual header fields or an unknown query parameter is answered, not with 5xx";
        self.add(Location::Operation, Rule::UnusualMessage, pointer, evidence, text.to_owned());
        for parameter in &operation.parameters {
            // Other styles write one value under several names, or several under one.
            let plain = parameter.style == Style::Form && !holds_many(&parameter.schema);
            if parameter.place == ParameterIn::Query && plain {
                let text = format!("a request with `{}` twice is answered, not with 5xx", parameter.name);
                let location = Location::Query(parameter.name.clone());
                self.add(location, Rule::RepeatedParameter, &parameter.pointer, evidence, text);
            }
        }
        self.unusual_bodies();
    }

    fn unusual_bodies(&mut self) {
        let operation = self.operation;
        let root = || Location::Body(InstancePath::root());
        let Some(body) = &operation.body else {
            let text = "a body where none is declared is answered, not with 5xx".to_owned();
            self.add(root(), Rule::UnexpectedBody, &operation.pointer, operation.evidence, text);
            return;
        };
        let content = format!("{}/content", body.pointer);
        let mut usable = body.media.iter().filter(|media| media.kind != MediaKind::Other);
        let first = usable.next();
        if let Some(first) = first {
            let text = format!("{} is taken in any case (RFC 9110 section 8.3.1)", first.media_type);
            self.add(root(), Rule::ContentTypeCase, &content, body.evidence, text);
        }
        let Some(json) = body.media.iter().find(|media| media.kind == MediaKind::Json) else { return };
        if first.is_some_and(|first| first.kind == MediaKind::Json) {
            let text = format!("{}; charset=utf-8 is taken (RFC 8259 section 11)", json.media_type);
            self.add(root(), Rule::ContentTypeCharset, &content, body.evidence, text);
        }
        let text = "a body that is JSON in UTF-16 is not taken".to_owned();
        self.add(root(), Rule::JsonEncoding, &json.pointer, body.evidence, text);
        self.noted_as(ENCODING);
        let text = "a body whose Content-Type names no media type is not taken".to_owned();
        self.add(root(), Rule::MalformedContentType, &content, body.evidence, text);
        self.noted_as(RECOVERY);
        let text = "an unusual body is answered, not with 5xx".to_owned();
        // That the server must not break does not depend on how sure the lines of the body are.
        self.add(root(), Rule::UnusualBody, &json.pointer, operation.evidence, text);
    }

    fn noted_as(&mut self, reason: &'static str) {
        if let Some(last) = self.found.last_mut() {
            last.noted = Some(reason);
        }
    }
}

/// True where a value that stands there twice means two items, or one of several members.
fn holds_many(schema: &Schema) -> bool {
    let node = schema.follow(schema.json());
    let many = |kind: &serde_json::Value| kind == "array" || kind == "object";
    match node.get("type") {
        Some(serde_json::Value::Array(kinds)) => kinds.iter().any(many),
        kind => kind.is_some_and(many),
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use crate::contract::{Contract, Document, Rule, obligations};

    const SPEC: &str = r"
openapi: 3.0.3
info: {title: t, version: '1'}
paths:
  /a:
    get:
      operationId: readA
      parameters:
        - {name: one, in: query, schema: {type: string}}
        - {name: many, in: query, schema: {type: array, items: {type: string}}}
      responses: {'200': {description: d}}
    post:
      operationId: writeA
      requestBody: {content: {application/json: {schema: {type: object}}}}
      responses: {'200': {description: d}}
    put:
      operationId: formA
      requestBody: {content: {application/x-www-form-urlencoded: {schema: {type: object}}}}
      responses: {'200': {description: d}}
";

    fn rules(operation: &str) -> Vec<String> {
        let contract = Contract::read("t", Document::parse(Path::new("t.yaml"), SPEC).unwrap()).unwrap();
        let operation = contract.operation(operation).unwrap();
        let prefix = format!("{}::", operation.id);
        let own = |rule: Rule| rule.wants_any_answer() || rule.wants_acceptance() || rule == Rule::JsonEncoding;
        let found = obligations(&contract, operation).into_iter().filter(|duty| own(duty.rule));
        found.map(|duty| duty.id.as_str().replacen(&prefix, "", 1)).collect()
    }

    #[test]
    fn each_duty_stands_where_a_message_can_show_it() {
        let everywhere = ["operation::conforming", "operation::accept_anything", "operation::unusual_message"];
        assert_eq!(
            rules("readA"),
            [&everywhere[..], &["query.one::repeated_parameter", "body::unexpected_body"]].concat()
        );
        let json = ["content_type_case", "content_type_charset", "json_encoding", "unusual_body"];
        let json = json.map(|rule| format!("body::{rule}"));
        assert_eq!(rules("writeA"), [everywhere.map(str::to_owned).to_vec(), json.to_vec()].concat());
        assert_eq!(rules("formA"), [&everywhere[..], &["body::content_type_case"]].concat());
    }

    #[test]
    fn what_a_recipient_may_recover_from_is_noted_only() {
        let contract = Contract::read("t", Document::parse(Path::new("t.yaml"), SPEC).unwrap()).unwrap();
        let noted: Vec<Rule> = obligations(&contract, contract.operation("writeA").unwrap())
            .into_iter()
            .filter(|duty| duty.noted.is_some())
            .map(|duty| duty.rule)
            .collect();
        assert_eq!(noted, [Rule::JsonEncoding, Rule::MalformedContentType]);
    }
}
