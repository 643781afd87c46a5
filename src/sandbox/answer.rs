//! Puts outcomes into the form that the contract declares.

use axum::body::Body;
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderName, HeaderValue, Response, StatusCode};
use serde_json::{Map, Value, json};

use super::call::{Outcome, Refusal, RefusalKind};
use super::callers::Answered;
use super::sample::sample;
use crate::contract::{MediaKind, Operation, Response as Declared, Schema, StatusPattern};

/// An answer before it is written.
#[derive(Clone, Debug, PartialEq)]
pub struct Answer {
    /// The status.
    pub status: u16,
    /// The media type, where there is a body.
    pub content_type: Option<String>,
    /// The body.
    pub body: Option<Value>,
    /// Further header fields.
    pub headers: Vec<(&'static str, String)>,
}

impl Answer {
    /// An answer outside of any operation.
    pub fn json(status: u16, body: Value) -> Self {
        Self { status, content_type: Some("application/json".to_owned()), body: Some(body), headers: Vec::new() }
    }

    /// The answer of an operation.
    pub fn of(operation: &Operation, outcome: Outcome) -> Self {
        match outcome {
            Ok(body) => success(operation, body),
            Err(refusal) => refused(operation, &refusal),
        }
    }

    /// The answer as a witness is told of it.
    pub fn witnessed(&self) -> Answered {
        let content_type = self.content_type.iter().map(|value| (CONTENT_TYPE.to_string(), value.clone()));
        let further = self.headers.iter().map(|(name, value)| ((*name).to_owned(), value.clone()));
        Answered { status: self.status, headers: content_type.chain(further).collect(), body: self.body.clone() }
    }

    /// The bytes for the wire.
    pub fn response(self) -> Response<Body> {
        let body = self.body.map_or_else(Body::empty, |body| Body::from(body.to_string()));
        let mut response = Response::new(body);
        *response.status_mut() = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let content_type = self.content_type.map(|value| (CONTENT_TYPE, value));
        let further = self.headers.into_iter().map(|(name, value)| (HeaderName::from_static(name), value));
        for (name, value) in content_type.into_iter().chain(further) {
            if let Ok(value) = HeaderValue::try_from(value) {
                response.headers_mut().insert(name, value);
            }
        }
        response
    }
}

/// The first declared success, with a body when and as it declares one.
fn success(operation: &Operation, body: Option<Value>) -> Answer {
    let declared = operation.responses.iter().find(|response| response.status.class() == Some(2));
    let status = match declared.map(|response| response.status) {
        Some(StatusPattern::Code(code)) => code,
        _ => 200,
    };
    let body = match declared {
        Some(declared) => match json_schema(declared) {
            Some(schema) => Some(body.unwrap_or_else(|| sample(schema))),
            None => body.filter(|_| declared.body_unknown && status != 204),
        },
        None => body,
    };
    written(declared, status, body)
}

fn refused(operation: &Operation, refusal: &Refusal) -> Answer {
    let wanted: &[u16] = match refusal.kind {
        RefusalKind::BadRequest => &[400],
        RefusalKind::Unauthorized => &[401],
        RefusalKind::Forbidden => &[403, 404, 400],
        RefusalKind::NotFound => &[404, 403, 400],
        RefusalKind::Broken => &[500],
    };
    let declared = wanted.iter().find_map(|status| Some((*status, operation.response(*status)?)));
    let (status, declared) = declared.map_or((wanted[0], None), |(status, declared)| (status, Some(declared)));
    // A declared answer without any content is declared to be empty, unless the file says that it does not know.
    let body = match declared {
        Some(declared) if declared.media.is_empty() && !declared.body_unknown => None,
        declared => Some(error_body(declared.and_then(json_schema), refusal)),
    };
    written(declared, status, body)
}

fn written(declared: Option<&Declared>, status: u16, body: Option<Value>) -> Answer {
    let media = declared.and_then(|declared| declared.media.iter().find(|media| media.kind == MediaKind::Json));
    let content_type = media.map_or("application/json", |media| media.media_type.as_str());
    Answer { status, content_type: body.is_some().then(|| content_type.to_owned()), body, headers: Vec::new() }
}

/// `errorCode` only where the schema knows it, and only with a value that the schema knows.
fn error_body(schema: Option<&Schema>, refusal: &Refusal) -> Value {
    let mut body = Map::new();
    if let (Some(schema), Some(code)) = (schema, refusal.code) {
        let node = schema.follow(schema.json());
        if let Some(property) = node.pointer("/properties/errorCode") {
            let listed = schema.follow(property).get("enum").and_then(Value::as_array);
            let knows = |code: &str| listed.is_none_or(|list| list.iter().any(|entry| entry == code));
            if let Some(code) = [code, "FIELD_INVALID_FORMAT"].into_iter().find(|code| knows(code)) {
                body.insert("errorCode".to_owned(), json!(code));
            }
        }
    }
    body.insert("error".to_owned(), json!(refusal.error));
    Value::Object(body)
}

fn json_schema(response: &Declared) -> Option<&Schema> {
    response.media.iter().find(|media| media.kind == MediaKind::Json)?.schema.as_deref()
}
