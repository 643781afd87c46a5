//! How sure the lines are that a request rests on.

use serde_json::Value;

use super::case::{Body, Request};
use crate::contract::{Evidence, Operation, ParameterIn};

/// The weakest mark of what the request uses.
pub(super) fn footing(operation: &Operation, request: &Request) -> Evidence {
    let mut mark = operation.evidence;
    for parameter in &operation.parameters {
        let sent = match parameter.place {
            ParameterIn::Path => true,
            ParameterIn::Query => request.query.iter().any(|(name, _)| *name == parameter.name),
            ParameterIn::Header => request.headers.iter().any(|(name, _)| name.eq_ignore_ascii_case(&parameter.name)),
        };
        if sent {
            mark = mark.and(parameter.evidence);
        }
    }
    if let (Some(body), Some(content_type)) = (&operation.body, &request.content_type) {
        mark = mark.and(body.evidence);
        if let Some(schema) = body.media(content_type).and_then(|media| media.schema.as_ref()) {
            mark = mark.and(match &request.body {
                Body::Json(value) => schema.evidence_of(value),
                Body::Form(pairs) => schema.evidence_of(&Value::Object(
                    pairs.iter().map(|(name, text)| (name.clone(), Value::String(text.clone()))).collect(),
                )),
                _ => Evidence::default(),
            });
        }
        for seal in &request.seals {
            let media = body.media.iter().flat_map(|media| &media.sealed);
            let clear: Value = serde_json::from_str(&seal.plaintext).unwrap_or_default();
            for sealed in media.filter(|sealed| sealed.path.covers(&seal.pointer)) {
                mark = mark.and(sealed.evidence).and(sealed.plaintext.evidence_of(&clear));
            }
        }
    }
    mark
}
