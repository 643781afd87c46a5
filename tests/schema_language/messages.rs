//! Parameters of every style and bodies of every kind: each duty that can be exercised gets a case.

use std::path::Path;

use d1_conformance::base::Seed;
use d1_conformance::contract::{Contract, Document, obligations};
use d1_conformance::generate::{Bindings, Body, Generator, Means};
use serde_json::{Value, json};

/// Duties of the one operation of a description that got no case, with the reason, and the number of those that got one.
fn exercised(document: &Value) -> (Vec<String>, usize) {
    let document = Document::parse(Path::new("m.json"), &document.to_string()).expect("JSON");
    let contract = Contract::read("messages", document).expect("a description");
    let operation = &contract.operations[0];
    let generator = Generator::new(Vec::new(), vec![operation.method.clone()], Means::default());
    let (mut without, mut with) = (Vec::new(), 0);
    for obligation in obligations(&contract, operation) {
        if Generator::exercisable(&obligation).is_err() {
            continue;
        }
        for index in 0..6 {
            let name = obligation.id.as_str();
            let drawn = generator.case(operation, &obligation, &Bindings::default(), Seed::new(3), name, index);
            match drawn.case {
                Some(_) => with += 1,
                None => without.push(format!("{name}#{index}: {}", drawn.reason.unwrap_or_default())),
            }
        }
    }
    (without, with)
}

fn operation(path: &str, parameters: &Value, body: &Value) -> Value {
    json!({
        "openapi": "3.0.3",
        "info": {"title": "Messages", "version": "1"},
        "paths": {path: {"post": {
            "operationId": "send",
            "parameters": parameters,
            "requestBody": {"required": true, "content": body},
            "responses": {"204": {"description": "taken"}},
        }}},
    })
}

fn parameter(name: &str, place: &str, style: &str, explode: bool, schema: &Value) -> Value {
    json!({"name": name, "in": place, "required": true, "style": style, "explode": explode, "schema": schema})
}

#[test]
fn parameters_of_every_style_are_sent_and_broken() {
    let list = json!({"type": "array", "minItems": 2, "maxItems": 4, "items": {"type": "integer", "minimum": 3}});
    let object = json!({"type": "object", "required": ["a"], "maxProperties": 3, "properties": {
        "a": {"type": "integer"}, "b": {"type": "string", "enum": ["x", "y"]},
    }});
    let parameters = json!([
        parameter("label", "path", "label", true, &list),
        parameter("matrix", "path", "matrix", false, &object),
        parameter("simple", "header", "simple", true, &object),
        parameter("form", "query", "form", false, &list),
        parameter("space", "query", "spaceDelimited", false, &list),
        parameter("pipe", "query", "pipeDelimited", false, &list),
        parameter("deep", "query", "deepObject", true, &object),
        {"name": "json", "in": "query", "required": true, "content": {"application/json": {"schema": object}}},
    ]);
    let body = json!({"application/json": {"schema": {"type": "object"}}});
    let (without, with) = exercised(&operation("/x/{label}/{matrix}", &parameters, &body));
    assert!(without.is_empty() && with > 100, "{with} cases, none for:\n{}", without.join("\n"));
}

#[test]
fn multipart_bodies_are_sent_and_broken() {
    let schema = json!({"type": "object", "required": ["name", "file"], "properties": {
        "name": {"type": "string", "maxLength": 8},
        "file": {"type": "string", "format": "binary"},
        "sizes": {"type": "array", "maxItems": 3, "items": {"type": "integer", "maximum": 9}},
        "meta": {"type": "object", "required": ["id"], "properties": {"id": {"type": "integer"}}},
    }});
    let document = operation("/files", &json!([]), &json!({"multipart/form-data": {"schema": schema}}));
    let (without, with) = exercised(&document);
    assert!(without.is_empty() && with > 40, "{with} cases, none for:\n{}", without.join("\n"));
}

#[test]
fn bodies_of_other_kinds_are_left_out_where_they_may_be() {
    let required = operation("/files", &json!([]), &json!({"multipart/related": {}}));
    let (without, _) = exercised(&required);
    assert!(without[0].ends_with("no body of the declared media types can be written"), "{without:?}");
    let mut document = required;
    document["paths"]["/files"]["post"]["requestBody"]["required"] = json!(false);
    let document = Document::parse(Path::new("m.json"), &document.to_string()).expect("JSON");
    let contract = Contract::read("messages", document).expect("a description");
    let duty = &obligations(&contract, &contract.operations[0])[0];
    let generator = Generator::new(Vec::new(), vec!["POST".to_owned()], Means::default());
    let drawn = generator.case(&contract.operations[0], duty, &Bindings::default(), Seed::new(3), "one", 0);
    assert!(matches!(drawn.case.map(|case| case.request.body), Some(Body::Empty)));
}
