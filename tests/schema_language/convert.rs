//! JSON Schema draft 4 to the schema objects of OpenAPI 3.0, as far as that language reaches.

use std::path::Path;

use d1_conformance::contract::Document;
use serde_json::{Map, Value, json};

/// Keywords that OpenAPI 3.0 takes over from JSON Schema as they are.
const PLAIN: &[&str] = &[
    "title",
    "description",
    "default",
    "enum",
    "format",
    "minLength",
    "maxLength",
    "pattern",
    "minimum",
    "maximum",
    "exclusiveMinimum",
    "exclusiveMaximum",
    "multipleOf",
    "minItems",
    "maxItems",
    "uniqueItems",
    "minProperties",
    "maxProperties",
    "required",
];

/// A whole description with the schema as component `Root`, which is also the body of `POST /things`; otherwise the reason why
/// OpenAPI 3.0 cannot say what the schema says.
pub fn document(schema: &Value) -> Result<Value, String> {
    let mut components = Map::new();
    if let Some(definitions) = schema.get("definitions").and_then(Value::as_object) {
        for (name, definition) in definitions {
            components.insert(component(name), node(definition)?);
        }
    }
    components.insert("Root".to_owned(), node(schema)?);
    Ok(described(&components))
}

/// A description of one operation that takes the component `Root`.
pub fn described(components: &Map<String, Value>) -> Value {
    json!({
        "openapi": "3.0.3",
        "info": {"title": "Things", "version": "1"},
        "paths": {"/things": {"post": {
            "operationId": "makeThing",
            "requestBody": {
                "required": true,
                "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Root"}}},
            },
            "responses": {"204": {"description": "made"}},
        }}},
        "components": {"schemas": components},
    })
}

/// The document as the library reads it.
pub fn parsed(root: &Value) -> Document {
    Document::parse(Path::new("things.json"), &root.to_string()).expect("JSON")
}

fn node(schema: &Value) -> Result<Value, String> {
    let Value::Object(members) = schema else { return Err("schemas `true` and `false`".to_owned()) };
    if let Some(reference) = members.get("$ref").and_then(Value::as_str) {
        return Ok(json!({"$ref": reference_to(reference)?}));
    }
    let mut converted = Map::new();
    for (key, value) in members {
        let value = match key.as_str() {
            "$schema" | "definitions" | "$comment" => continue,
            "type" => {
                typed(value, &mut converted)?;
                continue;
            }
            "properties" => {
                let properties = value.as_object().into_iter().flatten();
                properties.map(|(name, member)| Ok((name.clone(), node(member)?))).collect::<Result<Value, String>>()?
            }
            "items" if value.is_array() => return Err("`items` as a list".to_owned()),
            "items" | "not" => node(value)?,
            "additionalProperties" if value.is_object() => node(value)?,
            "additionalProperties" => value.clone(),
            "allOf" | "anyOf" | "oneOf" => {
                value.as_array().into_iter().flatten().map(node).collect::<Result<Value, String>>()?
            }
            own if PLAIN.contains(&own) => value.clone(),
            other => return Err(format!("`{other}`")),
        };
        converted.insert(key.clone(), value);
    }
    // OpenAPI 3.0 wants `items` beside the type of an array.
    if converted.get("type") == Some(&json!("array")) {
        converted.entry("items").or_insert_with(|| json!({}));
    }
    Ok(Value::Object(converted))
}

/// Several types become alternatives, and the type `null` a list of one value.
fn typed(kind: &Value, converted: &mut Map<String, Value>) -> Result<(), String> {
    let one = |kind: &str| match kind {
        "null" => json!({"enum": [null]}),
        "array" => json!({"type": "array", "items": {}}),
        kind => json!({"type": kind}),
    };
    let kinds: Vec<&str> = match kind {
        Value::Array(kinds) => kinds.iter().filter_map(Value::as_str).collect(),
        one => one.as_str().into_iter().collect(),
    };
    let (key, value) = match kinds[..] {
        ["null"] => ("enum", json!([null])),
        [one] => ("type", json!(one)),
        [one, "null"] | ["null", one] => {
            converted.insert("nullable".to_owned(), json!(true));
            ("type", json!(one))
        }
        _ => ("anyOf", kinds.into_iter().map(one).collect()),
    };
    if converted.contains_key(key) {
        return Err(format!("two keywords `{key}`"));
    }
    converted.insert(key.to_owned(), value);
    Ok(())
}

fn reference_to(reference: &str) -> Result<String, String> {
    let Some(rest) = reference.strip_prefix('#') else { return Err("references to other documents".to_owned()) };
    if !rest.is_empty() && !rest.starts_with('/') {
        return Err("references to an `id`".to_owned());
    }
    match rest.strip_prefix("/definitions/") {
        Some(rest) => {
            let (name, inner) = rest.split_once('/').map_or((rest, String::new()), |(n, i)| (n, format!("/{i}")));
            let plain = name.replace("%25", "%").replace("%22", "\"").replace("~1", "/").replace("~0", "~");
            Ok(format!("#/components/schemas/{}{inner}", component(&plain)))
        }
        None => Ok(format!("#/components/schemas/Root{rest}")),
    }
}

/// Names of components are made of few characters.
fn component(name: &str) -> String {
    name.chars()
        .map(|c| if c.is_ascii_alphanumeric() { c.to_string() } else { format!("-{:x}", u32::from(c)) })
        .collect()
}
