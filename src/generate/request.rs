//! Puts drawn values together into a request.

use indexmap::IndexMap;
use serde_json::Value;

use super::case::{Body, Credentials, Request};
use super::sealing::{PlainPart, written};
use crate::contract::{Auth, MediaKind, Operation, Parameter, ParameterIn, Style, decode_parameter};

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
    let mut path_params = IndexMap::new();
    let mut query = Vec::new();
    let mut headers = Vec::new();
    for (index, value) in &parts.parameters {
        let parameter = &operation.parameters[*index];
        match parameter.place {
            ParameterIn::Path => {
                path_params.insert(parameter.name.clone(), texts(parameter, value)?.join(","));
            }
            ParameterIn::Query => {
                query.extend(texts(parameter, value)?.into_iter().map(|text| (parameter.name.clone(), text)));
            }
            ParameterIn::Header => headers.push((parameter.name.clone(), texts(parameter, value)?.join(","))),
        }
    }
    let path = operation.path.fill(|name| path_params.get(name).map(|text| Request::encode(text)))?;
    let (content_type, body) = match &parts.body {
        None => (None, Body::Empty),
        Some((media_type, value)) => {
            let body = match MediaKind::of(media_type) {
                MediaKind::Form => Body::Form(form(value)?),
                _ => Body::Json(value.clone()),
            };
            (Some(media_type.clone()), body)
        }
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

/// The text forms of a parameter's value, one per occurrence. Objects have none here.
fn texts(parameter: &Parameter, value: &Value) -> Option<Vec<String>> {
    let Value::Array(items) = value else { return scalar(value).map(|text| vec![text]) };
    let parts: Vec<String> = items.iter().map(scalar).collect::<Option<_>>()?;
    if parameter.style == Style::Other {
        return None;
    }
    if parameter.place == ParameterIn::Query && parameter.explode {
        return Some(parts);
    }
    let separator = match parameter.style {
        Style::SpaceDelimited => " ",
        Style::PipeDelimited => "|",
        _ => ",",
    };
    Some(vec![parts.join(separator)])
}

/// True when the value can be written at the parameter's place and is still broken when it is read there.
pub(super) fn arrives_broken(parameter: &Parameter, value: &Value) -> bool {
    let Some(texts) = texts(parameter, value) else { return false };
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
                    pairs.push((name.clone(), scalar(item)?));
                }
            }
            other => pairs.push((name.clone(), scalar(other)?)),
        }
    }
    Some(pairs)
}
