//! The smallest valid value of a schema, for operations that the reference servers serve without any business behind.

use serde_json::{Map, Value, json};

use crate::contract::Schema;

/// A value that keeps the schema; an empty object when this simple way finds none.
pub fn sample(schema: &Schema) -> Value {
    let value = smallest(schema, schema.json(), 0);
    if schema.accepts(&value) { value } else { json!({}) }
}

fn smallest(schema: &Schema, node: &Value, depth: usize) -> Value {
    let node = schema.follow(node);
    if let Some(first) = node.get("enum").and_then(Value::as_array).and_then(|list| list.first()) {
        return first.clone();
    }
    if depth > 16 {
        return Value::Null;
    }
    let mut members = Map::new();
    for part in node.get("allOf").and_then(Value::as_array).into_iter().flatten() {
        match smallest(schema, part, depth + 1) {
            Value::Object(own) => members.extend(own),
            other => return other,
        }
    }
    match kind(node) {
        Some("string") => {
            let length = node.get("minLength").and_then(Value::as_u64).and_then(|n| usize::try_from(n).ok());
            json!("x".repeat(length.unwrap_or(1)))
        }
        Some("integer" | "number") => node.get("minimum").cloned().unwrap_or_else(|| json!(1)),
        Some("boolean") => json!(true),
        Some("array") => json!([]),
        _ => {
            for name in node.get("required").and_then(Value::as_array).into_iter().flatten() {
                let name = name.as_str().unwrap_or_default();
                let member = node.get("properties").and_then(|properties| properties.get(name));
                let member = member.map_or(json!("x"), |member| smallest(schema, member, depth + 1));
                members.insert(name.to_owned(), member);
            }
            Value::Object(members)
        }
    }
}

fn kind(node: &Value) -> Option<&str> {
    match node.get("type")? {
        Value::String(kind) => Some(kind),
        Value::Array(kinds) => kinds.iter().find_map(Value::as_str),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::sample;
    use crate::contract::{Document, Role, Schema};

    #[test]
    fn samples_keep_their_schema() {
        let yaml = "s:\n  type: object\n  required: [a, b, c]\n  properties:\n    a: {type: string, minLength: 3}\n    \
                    b: {type: string, enum: [Q]}\n    c: {type: object, required: [d], properties: {d: {type: integer}}}\n";
        let document = Document::parse(Path::new("t.yaml"), yaml).expect("yaml");
        let schema = Schema::compile(&document, "/s", Role::Response).expect("schema");
        assert_eq!(sample(&schema).to_string(), r#"{"a":"xxx","b":"Q","c":{"d":1}}"#);
    }
}
