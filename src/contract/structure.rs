//! Is the file an OpenAPI 3.0 description at all? Where not, the deepest place at fault is named.

use std::sync::OnceLock;

use serde_json::Value;

use super::document::Document;
use super::error::ContractError;

/// Only OpenAPI 3.0.x is read.
pub(super) fn check_version(document: &Document) -> Result<(), ContractError> {
    let root = document.root();
    if !root.is_object() {
        return Err(document.invalid("", "the file holds no mapping", "name an OpenAPI 3.0 description"));
    }
    if root.get("swagger").is_some() {
        return Err(document.invalid(
            "/swagger",
            "this is a Swagger 2.0 (OpenAPI 2.0) file",
            "convert it to OpenAPI 3.0; only 3.0.x is read",
        ));
    }
    match root.get("openapi").and_then(Value::as_str) {
        Some(version) if version.starts_with("3.0.") => Ok(()),
        Some(version) => Err(document.invalid(
            "/openapi",
            format!("this is an OpenAPI {version} file"),
            "provide it as OpenAPI 3.0.x; other versions mean other things by the same keywords",
        )),
        None => Err(document.invalid(
            "",
            "the member `openapi` is missing or no text",
            "name an OpenAPI 3.0 description; it starts with `openapi: 3.0.x`",
        )),
    }
}

/// Judges the document by the schema of the OpenAPI Initiative; names the deepest place at fault.
pub(super) fn check_structure(document: &Document) -> Result<(), ContractError> {
    static VALIDATOR: OnceLock<Option<jsonschema::Validator>> = OnceLock::new();
    let validator = VALIDATOR.get_or_init(|| {
        let mut schema: Value = serde_json::from_str(include_str!("openapi-3.0.schema.json")).ok()?;
        relax(&mut schema);
        let options = jsonschema::options().with_draft(jsonschema::Draft::Draft4).should_validate_formats(false);
        options.build(&schema).ok()
    });
    let Some(validator) = validator else { return Ok(()) };
    if validator.is_valid(document.root()) {
        return Ok(());
    }
    let evaluation = validator.evaluate(document.root());
    let worst = evaluation
        .iter_errors()
        .map(|entry| (entry.instance_location.as_str().to_owned(), entry.error.to_string()))
        .filter(|(place, _)| !beside_reference(document, place))
        .max_by_key(|(place, _)| place.matches('/').count());
    match worst {
        Some((place, problem)) => Err(document.invalid(
            &place,
            format!("not valid OpenAPI 3.0: {}", shorten(&problem)),
            "correct the member there; OpenAPI 3.0.3 says what it may hold",
        )),
        None => Ok(()),
    }
}

/// Lets undeclared members pass: real files carry some, and what is unknown can be ignored. A reference then fits the
/// branch of the thing itself too, so that "exactly one" becomes "at least one".
fn relax(schema: &mut Value) {
    match schema {
        Value::Object(members) => {
            if members.get("additionalProperties") == Some(&Value::Bool(false)) {
                members.shift_remove("additionalProperties");
            }
            if let Some(branches) = members.shift_remove("oneOf") {
                members.insert("anyOf".to_owned(), branches);
            }
            members.values_mut().for_each(relax);
        }
        Value::Array(items) => items.iter_mut().for_each(relax),
        _ => {}
    }
}

/// The branch "it should have been a reference" of the schema always fails on `$ref` itself; that says nothing.
fn beside_reference(document: &Document, place: &str) -> bool {
    document.node(place).is_some_and(|node| node.get("$ref").is_some()) || place.ends_with("/$ref")
}

fn shorten(problem: &str) -> String {
    if problem.chars().count() > 200 {
        problem.chars().take(200).chain("…".chars()).collect()
    } else {
        problem.to_owned()
    }
}
