//! The digest of a case: what was drawn, without what depends on the target or the moment.

use serde_json::{Value, json};

use crate::base::Digest;
use crate::generate::{Binding, Bindings, Body, Case};

/// Adds a case. Bound values are replaced by their slot, so that one seed gives one digest against every target.
pub(super) fn add_case(digest: &mut Digest, case: &Case, bindings: &Bindings) {
    let request = &case.request;
    let bound: Vec<(&str, Option<&Binding>)> = bindings
        .iter()
        .filter(|(slot, binding)| !slot.is_at(&case.location) && !matches!(binding, Binding::OneOf(_) | Binding::Omit))
        .map(|(slot, binding)| (slot.as_str(), Some(binding)))
        .collect();
    let shown = |kind: &str, name: &str, text: &str| {
        let slot = format!("{kind}.{name}");
        if bound.iter().any(|(own, _)| *own == slot) { format!("*{slot}") } else { text.to_owned() }
    };
    let path: Vec<_> = request.path_params.iter().map(|(name, text)| (name, shown("path", name, text))).collect();
    let query: Vec<_> = request.query.iter().map(|(name, text)| (name, shown("query", name, text))).collect();
    let headers: Vec<_> = request.headers.iter().map(|(name, text)| (name, shown("header", name, text))).collect();
    let body = match &request.body {
        Body::Empty => Value::Null,
        Body::Json(value) => {
            let mut value = value.clone();
            for (slot, _) in &bound {
                if let Some(pointer) = slot.strip_prefix("body") {
                    mask(&mut value, &pointer.split('/').skip(1).collect::<Vec<_>>());
                }
            }
            value
        }
        Body::Form(pairs) => json!(pairs),
        Body::Raw(bytes) => {
            // A broken text has no members to find the bound values by; they are found by their value.
            let mut text = String::from_utf8_lossy(bytes).into_owned();
            for value in bound_texts(case, &bound) {
                text = text.replace(&value, "*");
            }
            Value::String(text)
        }
    };
    let canonical =
        json!([case.id, request.method, path, query, headers, request.content_type, body, request.credentials]);
    digest.add(canonical.to_string().as_bytes());
}

fn bound_texts(case: &Case, bound: &[(&str, Option<&Binding>)]) -> Vec<String> {
    let mut texts: Vec<String> = bound
        .iter()
        .filter_map(|(_, binding)| match binding {
            Some(Binding::Value(Value::String(text))) => Some(text.clone()),
            _ => None,
        })
        .chain(case.request.path_params.values().cloned())
        .filter(|text| text.len() >= 4)
        .collect();
    texts.sort_by_key(|text| std::cmp::Reverse(text.len()));
    texts
}

fn mask(node: &mut Value, tokens: &[&str]) {
    match (tokens.split_first(), node) {
        (Some((token, rest)), Value::Array(items)) if *token == "*" => {
            for item in items {
                mask(item, rest);
            }
        }
        (Some((token, rest)), Value::Object(members)) => {
            if let Some(member) = members.get_mut(*token) {
                mask(member, rest);
            }
        }
        (None, node) => *node = Value::String("*".to_owned()),
        _ => {}
    }
}
