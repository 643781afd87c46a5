//! Reads values back from their wire form: path segments, query pairs, header fields, form bodies.

mod multipart;

use std::borrow::Cow;

use serde_json::{Map, Number, Value};

use super::model::{Parameter, ParameterIn, Style};
use super::schema::Schema;

pub use self::multipart::{decode_multipart, encode_multipart};

/// The value of a parameter from its decoded occurrences; `None` when the parameter is absent. Text that is no number
/// stays text, so that the schema refuses it where it wants a number. Members that have pairs of their own in a query stand
/// as [`query_occurrences`] gives them.
pub fn decode_parameter(parameter: &Parameter, occurrences: &[&str]) -> Option<Value> {
    let first = trim(parameter, occurrences.first()?);
    let (schema, root) = (parameter.schema.as_ref(), parameter.schema.json());
    if parameter.style == Style::Json {
        return Some(serde_json::from_str(first).unwrap_or_else(|_| Value::String(first.to_owned())));
    }
    let parts = parts(schema, root);
    let is = |kind: &str| parts.iter().any(|part| has_type(part, kind));
    if is("array") {
        let items = split(parameter, occurrences);
        let node = parts.iter().find_map(|part| part.get("items")).unwrap_or(&Value::Null);
        return Some(items.into_iter().map(|item| scalar(schema, node, trim(parameter, item))).collect());
    }
    if is("object") && !is("string") {
        let members = split(parameter, occurrences);
        let Some(pairs) = pairs(parameter, &members) else { return Some(Value::String(first.to_owned())) };
        let member = |(name, text): (&str, &str)| (name.to_owned(), scalar(schema, property(&parts, name), text));
        return Some(Value::Object(pairs.into_iter().map(member).collect()));
    }
    let text = match parameter.style {
        Style::Label => first.strip_prefix('.').unwrap_or(first),
        Style::Matrix => split(parameter, occurrences).first().copied().unwrap_or_default(),
        _ => first,
    };
    Some(scalar(schema, root, text))
}

/// The texts of a parameter among the pairs of a query. Where its members have pairs of their own (`name[key]=value`, or
/// `key=value` of an exploded form), each is one text `key=value`.
pub fn query_occurrences<N: AsRef<str>, T: AsRef<str>>(
    parameter: &Parameter,
    pairs: impl Iterator<Item = (N, T)>,
) -> Vec<String> {
    let parts = parts(&parameter.schema, parameter.schema.json());
    let spread = parameter.style == Style::Form
        && parameter.explode
        && parts.iter().any(|part| has_type(part, "object"))
        && !parts.iter().any(|part| has_type(part, "string") || has_type(part, "array"));
    let own = |name: &str, text: &str| -> Option<String> {
        if parameter.style == Style::DeepObject {
            let key = name.strip_prefix(parameter.name.as_str())?.strip_prefix('[')?.strip_suffix(']')?;
            return Some(format!("{key}={text}"));
        }
        if spread {
            return property(&parts, name).is_object().then(|| format!("{name}={text}"));
        }
        (name == parameter.name).then(|| text.to_owned())
    };
    pairs.filter_map(|(name, text)| own(name.as_ref(), text.as_ref())).collect()
}

/// The items of an array, or the members of an object, as the style of the parameter divides them.
fn split<'t>(parameter: &Parameter, occurrences: &[&'t str]) -> Vec<&'t str> {
    let explode = parameter.explode;
    if parameter.place == ParameterIn::Query && (explode || parameter.style == Style::DeepObject) {
        return occurrences.to_vec();
    }
    let first = occurrences.first().copied().unwrap_or_default();
    match parameter.style {
        Style::SpaceDelimited => first.split(' ').collect(),
        Style::PipeDelimited => first.split('|').collect(),
        Style::Label => {
            let separator = if explode { '.' } else { ',' };
            first.strip_prefix('.').unwrap_or(first).split(separator).collect()
        }
        Style::Matrix => {
            let named = |text: &'t str| -> &'t str {
                text.strip_prefix(parameter.name.as_str()).map_or(text, |rest| rest.strip_prefix('=').unwrap_or(rest))
            };
            let rest = first.strip_prefix(';').unwrap_or(first);
            if explode { rest.split(';').map(named).collect() } else { named(rest).split(',').collect() }
        }
        _ => first.split(',').collect(),
    }
}

/// Names and texts of an object's members: `a=1` each where they are exploded, else in turns.
fn pairs<'t>(parameter: &Parameter, members: &[&'t str]) -> Option<Vec<(&'t str, &'t str)>> {
    if parameter.explode || parameter.style == Style::DeepObject {
        return members.iter().map(|member| member.split_once('=')).collect();
    }
    let (turns, []) = members.as_chunks::<2>() else { return None };
    Some(turns.iter().map(|[name, text]| (*name, *text)).collect())
}

/// A schema with all that it is made of: parts of `allOf`, and alternatives.
fn parts<'s>(schema: &'s Schema, node: &'s Value) -> Vec<&'s Value> {
    let mut found: Vec<&Value> = Vec::new();
    let mut open = vec![node];
    while let Some(node) = open.pop() {
        let node = schema.follow(node);
        if found.iter().any(|known| std::ptr::eq(*known, node)) {
            continue;
        }
        found.push(node);
        let inner = ["anyOf", "oneOf", "allOf"].iter().filter_map(|key| node.get(key)?.as_array());
        open.extend(inner.flat_map(|branches| branches.iter().rev()));
    }
    found
}

/// What is said of a member; null where nothing is.
fn property<'s>(parts: &[&'s Value], name: &str) -> &'s Value {
    parts
        .iter()
        .find_map(|part| part.get("properties")?.get(name))
        .or_else(|| parts.iter().find_map(|part| part.get("additionalProperties").filter(|extra| extra.is_object())))
        .unwrap_or(&Value::Null)
}

/// White space around a header value is no part of it (RFC 9110 section 5.5).
fn trim<'t>(parameter: &Parameter, text: &'t str) -> &'t str {
    if parameter.place == ParameterIn::Header { text.trim_matches([' ', '\t']) } else { text }
}

/// The object that a form body (WHATWG URL, `application/x-www-form-urlencoded`) stands for under a schema. Objects in it
/// are JSON (OpenAPI 3.0 "Support for x-www-form-urlencoded Request Bodies").
pub fn decode_form(schema: &Schema, body: &[u8]) -> Value {
    decode_fields(schema, url::form_urlencoded::parse(body))
}

/// The object that a list of named texts stands for.
fn decode_fields<'t>(schema: &Schema, fields: impl Iterator<Item = (Cow<'t, str>, Cow<'t, str>)>) -> Value {
    let own = parts(schema, schema.json());
    let mut object: Map<String, Value> = Map::new();
    for (name, text) in fields {
        let node = property(&own, &name);
        let inner = parts(schema, node);
        if inner.iter().any(|part| has_type(part, "array")) {
            let item = inner.iter().find_map(|part| part.get("items")).unwrap_or(&Value::Null);
            let value = json_or_scalar(schema, item, &text);
            match object.get_mut(name.as_ref()) {
                Some(Value::Array(items)) => items.push(value),
                _ => {
                    object.insert(name.into_owned(), Value::Array(vec![value]));
                }
            }
        } else {
            object.insert(name.into_owned(), json_or_scalar(schema, node, &text));
        }
    }
    Value::Object(object)
}

fn json_or_scalar(schema: &Schema, node: &Value, text: &str) -> Value {
    let whole = parts(schema, node).iter().any(|part| has_type(part, "object"));
    let json = whole.then(|| serde_json::from_str(text).ok()).flatten().filter(Value::is_object);
    json.unwrap_or_else(|| scalar(schema, node, text))
}

/// True when a received media type is the declared one, or falls under a declared range such as `text/*`.
pub fn media_matches(declared: &str, received: &str) -> bool {
    let essence = |text: &str| text.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    let (declared, received) = (essence(declared), essence(received));
    declared == received
        || declared == "*/*"
        || declared.strip_suffix("/*").is_some_and(|kind| received.split('/').next() == Some(kind))
}

/// The value that a text stands for. Where several types are possible, the first that fits is meant.
fn scalar(schema: &Schema, node: &Value, text: &str) -> Value {
    let parts = parts(schema, node);
    let typed: Vec<&Value> = parts.into_iter().filter(|part| part.get("type").is_some()).collect();
    match typed[..] {
        [] => Value::String(text.to_owned()),
        [one] => typed_scalar(one, text),
        [first, ..] => {
            let readings = typed.iter().map(|one| typed_scalar(one, text));
            readings.into_iter().find(|value| schema.fits(node, value)).unwrap_or_else(|| typed_scalar(first, text))
        }
    }
}

fn typed_scalar(node: &Value, text: &str) -> Value {
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
