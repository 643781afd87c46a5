//! What is odd in a specification although it can be used.

use std::collections::HashSet;

use serde_json::Value;

use super::document::Document;
use super::error::Place;
use super::model::{Contract, MediaKind, ParameterIn};
use super::pointer::join;
use super::schema::{Schema, pattern_matches};
use super::translate::Role;
use super::walk::shown;

/// One remark on a specification.
#[derive(Clone, Debug)]
pub struct LintNote {
    /// Where.
    pub place: Place,
    /// What, in words.
    pub text: String,
}

/// Remarks on a readable contract: examples and defaults that break their own schema, path parameters without
/// declaration, operations without name, formats that nobody can check.
pub fn lint(contract: &Contract) -> Vec<LintNote> {
    let document = &contract.document;
    let mut notes = Vec::new();
    for operation in &contract.operations {
        if operation.id.name().contains(' ') {
            notes.push(note(document, &operation.pointer, "the operation has no operationId".to_owned()));
        }
        let declared = |name: &str| operation.parameter(ParameterIn::Path, name).map(|_| String::new());
        if operation.path.fill(declared).is_none() {
            let text = format!("a parameter of the path {} is not declared", operation.path);
            notes.push(note(document, &operation.pointer, text));
        }
    }
    carriers(contract, &mut notes);
    let schemas = document.node("/components/schemas").and_then(Value::as_object);
    for name in schemas.into_iter().flat_map(|schemas| schemas.keys()) {
        schema_notes(document, &join("/components/schemas", name), &mut notes);
    }
    notes
}

/// The examples of parameters and media types, and the schemas that stand in place there.
fn carriers(contract: &Contract, notes: &mut Vec<LintNote>) {
    let document = &contract.document;
    let mut seen = HashSet::new();
    for operation in &contract.operations {
        let parameters = operation.parameters.iter().map(|own| (own.pointer.as_str(), own.schema.as_ref()));
        let sent = operation.body.iter().flat_map(|body| &body.media);
        let answered = operation.responses.iter().flat_map(|response| &response.media);
        // The example of another media type is a text in it, which is not read.
        let media = sent.chain(answered).filter(|media| media.kind != MediaKind::Other);
        let media = media.filter_map(|media| Some((media.pointer.as_str(), media.schema.as_deref()?)));
        // Several operations may share one.
        for (pointer, schema) in parameters.chain(media).filter(|(pointer, _)| seen.insert(pointer.to_owned())) {
            for (place, name, _) in shown(document, pointer).iter().filter(|(_, _, value)| !schema.accepts(value)) {
                let name = name.map_or(String::new(), |name| format!(" `{name}`"));
                notes.push(note(document, place, format!("the example{name} breaks its own schema")));
            }
            schema_notes(document, &format!("{pointer}/schema"), notes);
        }
    }
}

fn note(document: &Document, pointer: &str, text: String) -> LintNote {
    LintNote { place: document.place(pointer), text }
}

fn schema_notes(document: &Document, pointer: &str, notes: &mut Vec<LintNote>) {
    let Some(node) = document.node(pointer).and_then(Value::as_object) else { return };
    if node.contains_key("$ref") {
        return;
    }
    for key in ["example", "default"] {
        let Some(value) = node.get(key) else { continue };
        // A schema that cannot be compiled was an error before.
        if Schema::compile(document, pointer, Role::Response).is_ok_and(|schema| !schema.accepts(value)) {
            notes.push(note(document, &format!("{pointer}/{key}"), format!("the {key} breaks its own schema")));
        }
    }
    if let Some(pattern) = node.get("pattern").and_then(Value::as_str)
        && pattern_matches(pattern, &[]).is_none()
    {
        let text = format!("the pattern `{pattern}` cannot be read; no value is refused for it");
        notes.push(note(document, &format!("{pointer}/pattern"), text));
    }
    if let Some(format) = node.get("format").and_then(Value::as_str)
        && !KNOWN_FORMATS.contains(&format)
    {
        let text = format!("the format `{format}` is not a known one; no value is refused for it");
        notes.push(note(document, &format!("{pointer}/format"), text));
    }
    for key in ["items", "not", "additionalProperties"] {
        schema_notes(document, &format!("{pointer}/{key}"), notes);
    }
    for key in ["allOf", "anyOf", "oneOf"] {
        let count = node.get(key).and_then(Value::as_array).map_or(0, Vec::len);
        (0..count).for_each(|index| schema_notes(document, &format!("{pointer}/{key}/{index}"), notes));
    }
    for name in node.get("properties").and_then(Value::as_object).into_iter().flat_map(|members| members.keys()) {
        schema_notes(document, &join(&format!("{pointer}/properties"), name), notes);
    }
}

/// Formats of OpenAPI 3.0 and JSON Schema that are generated and checked, or carry no check by definition.
const KNOWN_FORMATS: &[&str] = &[
    "binary",
    "byte",
    "date",
    "date-time",
    "double",
    "email",
    "float",
    "hostname",
    "int32",
    "int64",
    "ipv4",
    "ipv6",
    "password",
    "time",
    "uri",
    "uri-reference",
    "uuid",
];

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::lint;
    use crate::contract::{Contract, Document};

    const SPEC: &str = "\
openapi: 3.0.3
info: {title: t, version: '1'}
paths:
  /a:
    post:
      operationId: a
      parameters:
        - $ref: '#/components/parameters/Page'
        - {name: size, in: query, examples: {big: {value: x}}, schema: {type: integer}}
      requestBody:
        content:
          application/json:
            schema:
              type: object
              properties:
                name:
                  type: string
                  example: 5
            example: {name: [no]}
          application/xml: {schema: {type: object}, example: <a/>}
      responses:
        '200':
          description: ok
          content:
            application/json:
              schema: {type: object, required: [id]}
              examples:
                good: {value: {id: 1}}
                poor:
                  value: {}
  /b:
    get:
      operationId: b
      parameters: [{$ref: '#/components/parameters/Page'}]
      responses: {'200': {description: ok}}
components:
  parameters:
    Page:
      name: page
      in: query
      example: one
      schema: {type: integer, default: two}
";

    #[test]
    fn examples_that_break_their_schema_are_noted_with_their_line() {
        let contract = Contract::read("t", Document::parse(Path::new("t.yaml"), SPEC).unwrap()).unwrap();
        let notes = lint(&contract);
        let mut told: Vec<(usize, &str)> =
            notes.iter().map(|note| (note.place.line.unwrap_or_default(), note.text.as_str())).collect();
        told.sort_unstable();
        let own = "the example breaks its own schema";
        let expected = [
            (9, "the example `big` breaks its own schema"),
            (18, own),
            (19, own),
            (30, "the example `poor` breaks its own schema"),
            (41, own),
            (42, "the default breaks its own schema"),
        ];
        assert_eq!(told, expected);
    }
}
