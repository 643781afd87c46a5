//! Reads values back from their wire form: path segments, query pairs, header fields, form bodies.

use serde_json::{Map, Number, Value};

use super::model::{Parameter, ParameterIn, Style};
use super::schema::Schema;

/// The value of a parameter from its decoded occurrences; `None` when the parameter is absent. Text that is no number
/// stays text, so that the schema refuses it where it wants a number.
pub fn decode_parameter(parameter: &Parameter, occurrences: &[&str]) -> Option<Value> {
    let first = occurrences.first()?;
    let node = parameter.schema.follow(parameter.schema.json());
    if !has_type(node, "array") {
        return Some(scalar(node, trim(parameter, first)));
    }
    let item = node.get("items").map_or(&Value::Null, |items| parameter.schema.follow(items));
    let parts: Vec<&str> = if parameter.place == ParameterIn::Query && parameter.explode {
        occurrences.to_vec()
    } else {
        let separator = match parameter.style {
            Style::SpaceDelimited => ' ',
            Style::PipeDelimited => '|',
            _ => ',',
        };
        first.split(separator).collect()
    };
    Some(Value::Array(parts.into_iter().map(|part| scalar(item, trim(parameter, part))).collect()))
}

/// White space around a header value is no part of it (RFC 9110 section 5.5).
fn trim<'t>(parameter: &Parameter, text: &'t str) -> &'t str {
    if parameter.place == ParameterIn::Header { text.trim_matches([' ', '\t']) } else { text }
}

/// The object that a form body (WHATWG URL, `application/x-www-form-urlencoded`) stands for under a schema.
pub fn decode_form(schema: &Schema, body: &[u8]) -> Value {
    let node = schema.follow(schema.json());
    let mut object: Map<String, Value> = Map::new();
    for (name, text) in url::form_urlencoded::parse(body) {
        let property = node.get("properties").and_then(|properties| properties.get(name.as_ref()));
        let property = property.map_or(&Value::Null, |property| schema.follow(property));
        if has_type(property, "array") {
            let item = property.get("items").map_or(&Value::Null, |items| schema.follow(items));
            let value = scalar(item, &text);
            match object.get_mut(name.as_ref()) {
                Some(Value::Array(items)) => items.push(value),
                _ => {
                    object.insert(name.into_owned(), Value::Array(vec![value]));
                }
            }
        } else {
            object.insert(name.into_owned(), scalar(property, &text));
        }
    }
    Value::Object(object)
}

/// True when a received media type is the declared one, or falls under a declared range such as `text/*`.
pub fn media_matches(declared: &str, received: &str) -> bool {
    let essence = |text: &str| text.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    let (declared, received) = (essence(declared), essence(received));
    declared == received
        || declared == "*/*"
        || declared.strip_suffix("/*").is_some_and(|kind| received.split('/').next() == Some(kind))
}

fn scalar(node: &Value, text: &str) -> Value {
    let kept = || Value::String(text.to_owned());
    if has_type(node, "string") {
        return kept();
    }
    if (has_type(node, "integer") || has_type(node, "number")) && is_json_number(text) {
        return serde_json::from_str::<Number>(text).map_or_else(|_| kept(), Value::Number);
    }
    if has_type(node, "boolean") {
        return match text {
            "true" => Value::Bool(true),
            "false" => Value::Bool(false),
            _ => kept(),
        };
    }
    kept()
}

fn is_json_number(text: &str) -> bool {
    text.starts_with(|c: char| c == '-' || c.is_ascii_digit())
}

fn has_type(node: &Value, kind: &str) -> bool {
    match node.get("type") {
        Some(Value::String(own)) => own == kind,
        Some(Value::Array(kinds)) => kinds.iter().any(|own| own == kind),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::media_matches;

    #[test]
    fn media_types_compare_without_case_and_parameters() {
        assert!(media_matches("application/json", "Application/JSON; charset=utf-8"));
        assert!(media_matches("text/*", "text/plain"));
        assert!(!media_matches("application/json", "text/json"));
    }
}
