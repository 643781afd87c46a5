//! Puts drawn values together into a request.

use indexmap::IndexMap;
use serde_json::Value;

use super::case::{Body, Credentials, Request};
use super::sealing::{PlainPart, written};
use crate::contract::{
    Auth, MediaKind, Operation, Parameter, ParameterIn, Style, decode_parameter, encode_multipart, query_occurrences,
};

/// Values of a request before they are written out.
pub(super) struct Parts {
    /// Values of the parameters that are sent, in the order of the specification.
    pub parameters: Vec<(usize, Value)>,
    /// Media type and value of the body.
    pub body: Option<(String, Value)>,
    /// Clear texts for the body's encrypted members.
    pub seals: Vec<PlainPart>,
}

/// Writes the values out; `None` when a value has no text form.
pub(super) fn assemble(operation: &Operation, parts: &Parts) -> Option<Request> {
    let mut path_params: IndexMap<String, (String, String)> = IndexMap::new();
    let mut query = Vec::new();
    let mut headers = Vec::new();
    for (index, value) in &parts.parameters {
        let parameter = &operation.parameters[*index];
        match parameter.place {
            ParameterIn::Path => {
                // Separators stand in the path as they are; in what they separate, they would be encoded.
                let raw = joined(parameter, value, &Request::encode)?;
                path_params.insert(parameter.name.clone(), (joined(parameter, value, &str::to_owned)?, raw));
            }
            ParameterIn::Query => query.extend(pairs(parameter, value)?),
            ParameterIn::Header => {
                headers.push((parameter.name.clone(), joined(parameter, value, &str::to_owned)?));
            }
        }
    }
    let path = operation.path.fill(|name| path_params.get(name).map(|(_, raw)| raw.clone()))?;
    let path_params = path_params.into_iter().map(|(name, (text, _))| (name, text)).collect();
    let (content_type, body) = match &parts.body {
        None => (None, Body::Empty),
        Some((media_type, value)) => match MediaKind::of(media_type) {
            MediaKind::Form => (Some(media_type.clone()), Body::Form(form(value)?)),
            MediaKind::Multipart => {
                let (media_type, body) = encode_multipart(media_type, &form(value)?)?;
                (Some(media_type), Body::Raw(body))
            }
            _ => (Some(media_type.clone()), Body::Json(value.clone())),
        },
    };
    let seals = parts.body.as_ref().map_or_else(Vec::new, |(_, value)| written(&parts.seals, value));
    Some(Request {
        method: operation.method.clone(),
        path,
        path_params,
        query,
        headers,
        content_type,
        body,
        credentials: if operation.auth == Auth::None { Credentials::None } else { Credentials::Right },
        seals,
        assertion_flaw: None,
        certificate_flaw: None,
    })
}

/// The pairs of a query that hold a parameter's value; `None` where its style has no form for such a value.
fn pairs(parameter: &Parameter, value: &Value) -> Option<Vec<(String, String)>> {
    let name = &parameter.name;
    let whole = |text: String| vec![(name.clone(), text)];
    match (value, parameter.style) {
        (_, Style::Json | Style::Other) => joined(parameter, value, &str::to_owned).map(whole),
        (Value::Object(members), Style::DeepObject) => {
            members.iter().map(|(key, member)| Some((format!("{name}[{key}]"), scalar(member)?))).collect()
        }
        (Value::Object(members), Style::Form) if parameter.explode => {
            members.iter().map(|(key, member)| Some((key.clone(), scalar(member)?))).collect()
        }
        // Only the form style says how the members of an object stand in one text.
        (_, Style::DeepObject) | (Value::Object(_), Style::SpaceDelimited | Style::PipeDelimited) => None,
        (Value::Array(items), _) if parameter.explode => {
            items.iter().map(|item| Some((name.clone(), scalar(item)?))).collect()
        }
        _ => joined(parameter, value, &str::to_owned).map(whole),
    }
}

/// The one text of a parameter's value, with the separators of its style (OpenAPI 3.0 "Style Examples"); `None` where the
/// style has none, or where a part holds a separator itself, so that it could not be told from two.
fn joined(parameter: &Parameter, value: &Value, write: &dyn Fn(&str) -> String) -> Option<String> {
    let (explode, name) = (parameter.explode, &parameter.name);
    if parameter.style == Style::Json {
        return Some(write(&value.to_string()));
    }
    if parameter.style == Style::Other {
        return None;
    }
    let separator = match parameter.style {
        Style::SpaceDelimited => " ",
        Style::PipeDelimited => "|",
        Style::Label if explode => ".",
        Style::Matrix if explode => ";",
        _ => ",",
    };
    let part = |value: &Value| scalar(value).filter(|text| !text.contains(separator) && !text.is_empty());
    let parts: Vec<String> = match value {
        Value::Array(items) => items.iter().map(|item| part(item).map(|text| write(&text))).collect::<Option<_>>()?,
        Value::Object(members) => members
            .iter()
            .map(|(key, member)| {
                let (key, text) = (part(&Value::from(key.as_str())).filter(|key| !key.contains('='))?, part(member)?);
                let between = if explode { "=" } else { separator };
                Some(format!("{}{between}{}", write(&key), write(&text)))
            })
            .collect::<Option<_>>()?,
        // A text alone is not divided.
        one => vec![write(&scalar(one)?)],
    };
    if parts.is_empty() {
        return None;
    }
    let named = explode && value.is_array();
    Some(match parameter.style {
        Style::Label => format!(".{}", parts.join(separator)),
        Style::Matrix if named => format!(";{name}={}", parts.join(&format!(";{name}="))),
        Style::Matrix if explode && value.is_object() => format!(";{}", parts.join(";")),
        Style::Matrix => format!(";{name}={}", parts.join(",")),
        _ => parts.join(separator),
    })
}

/// True when the value can be written at the parameter's place and is still broken when it is read there.
pub(super) fn arrives_broken(parameter: &Parameter, value: &Value) -> bool {
    let texts = match parameter.place {
        ParameterIn::Query => pairs(parameter, value).map(|pairs| query_occurrences(parameter, pairs.into_iter())),
        _ => joined(parameter, value, &str::to_owned).map(|text| vec![text]),
    };
    let Some(texts) = texts else { return false };
    let carried = |text: &String| match parameter.place {
        ParameterIn::Path => !matches!(text.as_str(), "" | "." | ".."),
        ParameterIn::Query => true,
        ParameterIn::Header => text.bytes().all(|byte| (0x20..0x7f).contains(&byte)) && text.trim() == text.as_str(),
    };
    let occurrences: Vec<&str> = texts.iter().map(String::as_str).collect();
    texts.iter().all(carried)
        && decode_parameter(parameter, &occurrences).is_some_and(|read| !parameter.schema.accepts(&read))
}

fn scalar(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(flag) => Some(flag.to_string()),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}

fn form(value: &Value) -> Option<Vec<(String, String)>> {
    let mut pairs = Vec::new();
    for (name, member) in value.as_object()? {
        match member {
            Value::Array(items) => {
                for item in items {
                    pairs.push((name.clone(), scalar_or_json(item)?));
                }
            }
            other => pairs.push((name.clone(), scalar_or_json(other)?)),
        }
    }
    Some(pairs)
}

/// Objects in forms are JSON (OpenAPI 3.0 "Support for x-www-form-urlencoded Request Bodies").
fn scalar_or_json(value: &Value) -> Option<String> {
    if value.is_object() { Some(value.to_string()) } else { scalar(value) }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use serde_json::{Value, json};

    use super::{Parts, assemble};
    use crate::contract::{Contract, Document, ParameterIn, decode_form, decode_parameter, query_occurrences};
    use crate::generate::Request;

    fn contract(parameter: &Value, body: &Value) -> Contract {
        let (path, place) = (parameter["in"] == "path", parameter["in"].as_str().unwrap_or_default());
        let mut parameter = parameter.clone();
        parameter["required"] = json!(place == "path");
        let document = json!({
            "openapi": "3.0.3",
            "info": {"title": "Colours", "version": "1"},
            "paths": {if path { "/colours/{color}" } else { "/colours" }: {"post": {
                "parameters": [parameter],
                "requestBody": {"content": body},
                "responses": {"204": {"description": "made"}},
            }}},
        });
        Contract::read("colours", Document::parse(Path::new("c.json"), &document.to_string()).unwrap()).unwrap()
    }

    fn request(contract: &Contract, value: &Value, body: Option<(String, Value)>) -> Option<Request> {
        let parts = Parts { parameters: vec![(0, value.clone())], body, seals: Vec::new() };
        assemble(&contract.operations[0], &parts)
    }

    /// What is written for a value, and the value that is read there.
    fn there_and_back(parameter: &Value, value: &Value) -> Option<(String, Value)> {
        let contract = contract(parameter, &json!({"application/json": {"schema": {}}}));
        let own = &contract.operations[0].parameters[0];
        let request = request(&contract, value, None)?;
        let url = url::Url::parse(&format!("http://host{}", request.target())).unwrap();
        let (written, texts) = match own.place {
            ParameterIn::Path => {
                let raw = url.path().trim_start_matches("/colours/").to_owned();
                (raw, request.path_params.values().cloned().collect())
            }
            ParameterIn::Query => {
                (url.query().unwrap_or_default().to_owned(), query_occurrences(own, url.query_pairs()))
            }
            ParameterIn::Header => (request.headers[0].1.clone(), vec![request.headers[0].1.clone()]),
        };
        let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
        Some((written, decode_parameter(own, &texts).expect("a value")))
    }

    /// The table "Style Examples" of OpenAPI 3.0.3.
    #[test]
    fn every_style_is_written_as_the_specification_shows_and_read_back() {
        let object = json!({"type": "object", "properties":
            {"R": {"type": "integer"}, "G": {"type": "integer"}, "B": {"type": "integer"}}});
        let schemas = [json!({"type": "string"}), json!({"type": "array", "items": {"type": "string"}}), object];
        let values = [json!("blue"), json!(["blue", "black", "brown"]), json!({"R": 100, "G": 200, "B": 150})];
        let table = [
            ("path", "matrix", false, [";color=blue", ";color=blue,black,brown", ";color=R,100,G,200,B,150"]),
            ("path", "matrix", true, [";color=blue", ";color=blue;color=black;color=brown", ";R=100;G=200;B=150"]),
            ("path", "label", false, [".blue", ".blue,black,brown", ".R,100,G,200,B,150"]),
            ("path", "label", true, [".blue", ".blue.black.brown", ".R=100.G=200.B=150"]),
            ("path", "simple", false, ["blue", "blue,black,brown", "R,100,G,200,B,150"]),
            ("path", "simple", true, ["blue", "blue,black,brown", "R=100,G=200,B=150"]),
            ("header", "simple", false, ["blue", "blue,black,brown", "R,100,G,200,B,150"]),
            ("query", "form", false, ["color=blue", "color=blue%2Cblack%2Cbrown", "color=R%2C100%2CG%2C200%2CB%2C150"]),
            ("query", "form", true, ["color=blue", "color=blue&color=black&color=brown", "R=100&G=200&B=150"]),
            ("query", "spaceDelimited", false, ["color=blue", "color=blue%20black%20brown", ""]),
            ("query", "pipeDelimited", false, ["color=blue", "color=blue%7Cblack%7Cbrown", ""]),
            ("query", "deepObject", true, ["", "", "color%5BR%5D=100&color%5BG%5D=200&color%5BB%5D=150"]),
        ];
        for (place, style, explode, texts) in table {
            for ((schema, value), text) in schemas.iter().zip(&values).zip(texts) {
                let parameter =
                    json!({"name": "color", "in": place, "style": style, "explode": explode, "schema": schema});
                let wanted = (!text.is_empty()).then(|| (text.to_owned(), value.clone()));
                assert_eq!(there_and_back(&parameter, value), wanted, "{parameter}");
            }
        }
    }

    #[test]
    fn parameters_with_content_are_json() {
        let parameter = json!({"name": "color", "in": "query", "content": {"application/json": {"schema":
            {"type": "object", "properties": {"R": {"type": "integer"}}}}}});
        let value = json!({"R": 1, "deep": [{"a": "x,y"}]});
        let (written, read) = there_and_back(&parameter, &value).expect("a text");
        assert!(written.starts_with("color=%7B%22R%22%3A1"), "{written}");
        assert_eq!(read, value);
    }

    #[test]
    fn what_could_not_be_told_apart_is_not_written() {
        let list = json!({"type": "array", "items": {"type": "string"}});
        let parameter = json!({"name": "color", "in": "query", "explode": false, "schema": list});
        assert_eq!(there_and_back(&parameter, &json!(["light,blue"])), None);
        assert_eq!(there_and_back(&parameter, &json!([])), None);
    }

    #[test]
    fn forms_hold_lists_and_objects() {
        let media = "application/x-www-form-urlencoded";
        let body = json!({media: {"schema": {"allOf": [{"type": "object", "properties": {
            "names": {"type": "array", "items": {"type": "string"}},
            "sizes": {"type": "array", "items": {"oneOf": [{"type": "integer"}, {"type": "boolean"}]}},
            "address": {"type": "object", "properties": {"city": {"type": "string"}}},
            "count": {"allOf": [{"type": "integer"}]},
        }}]}}});
        let contract = contract(&json!({"name": "q", "in": "query", "schema": {"type": "string"}}), &body);
        let value = json!({"names": ["a b", "c&d"], "sizes": [1, true], "address": {"city": "x=y"}, "count": 3});
        let sent = request(&contract, &json!("q"), Some((media.to_owned(), value.clone()))).expect("a request");
        let schema = contract.operations[0].body.as_ref().unwrap().media[0].schema.as_ref().unwrap();
        assert_eq!(decode_form(schema, &sent.body_bytes()), value);
    }
}
