//! Takes out of an answer what differs from run to run, so that the rest can be compared.

use std::collections::BTreeSet;
use std::fmt;

use indexmap::IndexMap;
use serde_json::{Map, Value};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use crate::base::Redactor;
use crate::exchange::Answer;

/// Values under this many characters are replaced only where they are the whole text: inside of texts they would hit
/// by chance.
const SHORTEST_PART: usize = 6;

/// What is known to differ from run to run.
#[derive(Clone)]
pub struct Volatile {
    /// Names of properties whose value never counts; it becomes `[name]`.
    pub properties: BTreeSet<String>,
    /// Values that this run made up, with the name they go by: the id of a fixture becomes `[cardId]`.
    pub values: IndexMap<String, String>,
}

/// Values of a target may be cards.
impl fmt::Debug for Volatile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<&String> = self.values.values().collect();
        f.debug_struct("Volatile").field("properties", &self.properties).field("values", &names).finish()
    }
}

impl Default for Volatile {
    /// Tokens, times, operation ids and ciphertexts of the D1 specifications.
    fn default() -> Self {
        let names =
            ["access_token", "operationId", "creationTime", "startTime", "endTime", "expires_at", "encryptedData"];
        Self { properties: names.map(str::to_owned).into(), values: IndexMap::new() }
    }
}

/// The part of an answer that a snapshot holds. Clean of secrets and of what is volatile.
#[derive(Clone, Debug, PartialEq)]
pub struct SnapshotView {
    /// Status code.
    pub status: u16,
    /// Media type without parameters.
    pub content_type: Option<String>,
    /// The body; a text that is no JSON is a string, no body is null.
    pub body: Value,
}

impl SnapshotView {
    /// The text of the snapshot: three labelled parts, members sorted, because their order has no meaning (POL-2).
    pub fn render(&self) -> String {
        let content_type = self.content_type.as_deref().unwrap_or("-");
        let body = match &self.body {
            Value::Null => "-".to_owned(),
            Value::String(text) => text.clone(),
            // Pretty-printing a value cannot fail; the compact form is the fallback.
            value => serde_json::to_string_pretty(value).unwrap_or_else(|_| value.to_string()),
        };
        format!("status: {}\ncontent-type: {content_type}\nbody:\n{body}", self.status)
    }
}

/// Replaces what is volatile, then masks what is secret.
pub fn normalise(answer: &Answer, volatile: &Volatile, redactor: &Redactor) -> SnapshotView {
    let content_type = answer
        .header("content-type")
        .map(|text| text.split(';').next().unwrap_or_default().trim().to_ascii_lowercase());
    let cleaner = Cleaner { volatile, redactor };
    let body = match serde_json::from_slice::<Value>(&answer.body) {
        _ if answer.body.is_empty() => Value::Null,
        Ok(value) => cleaner.value(&value),
        Err(_) => Value::String(cleaner.text(&String::from_utf8_lossy(&answer.body))),
    };
    SnapshotView { status: answer.status, content_type, body }
}

struct Cleaner<'a> {
    volatile: &'a Volatile,
    redactor: &'a Redactor,
}

impl Cleaner<'_> {
    fn value(&self, value: &Value) -> Value {
        match value {
            Value::String(text) => Value::String(self.text(text)),
            Value::Number(number) => match self.known(&number.to_string()) {
                Some(name) => Value::String(name),
                None => self.redactor.json(value),
            },
            Value::Array(items) => Value::Array(items.iter().map(|item| self.value(item)).collect()),
            Value::Object(members) => {
                let mut names: Vec<&String> = members.keys().collect();
                names.sort();
                let member = |name: &String| (self.redactor.text(name), self.member(name, &members[name]));
                Value::Object(names.into_iter().map(member).collect::<Map<_, _>>())
            }
            Value::Null | Value::Bool(_) => value.clone(),
        }
    }

    fn member(&self, name: &str, value: &Value) -> Value {
        if value.is_null() {
            // That a value is gone is no matter of time.
            Value::Null
        } else if self.volatile.properties.contains(name) {
            Value::String(format!("[{name}]"))
        } else if Redactor::hides_field(name) && !value.is_object() {
            Value::String("***".to_owned())
        } else {
            self.value(value)
        }
    }

    fn text(&self, text: &str) -> String {
        if let Some(name) = self.known(text) {
            return name;
        }
        if let Some(kind) = kind_of(text) {
            return kind.to_owned();
        }
        let mut clean = text.to_owned();
        for (value, name) in self.volatile.values.iter().filter(|(value, _)| value.len() >= SHORTEST_PART) {
            if clean.contains(value.as_str()) {
                clean = clean.replace(value.as_str(), &format!("[{name}]"));
            }
        }
        self.redactor.text(&clean)
    }

    fn known(&self, text: &str) -> Option<String> {
        self.volatile.values.get(text).map(|name| format!("[{name}]"))
    }
}

/// Kinds of text that are hardly ever the same twice.
fn kind_of(text: &str) -> Option<&'static str> {
    if OffsetDateTime::parse(text, &Rfc3339).is_ok() {
        Some("[date-time]")
    } else if is_uuid(text) {
        Some("[uuid]")
    } else if is_jose(text) {
        Some("[jose]")
    } else {
        None
    }
}

/// RFC 9562 section 4, of any version.
fn is_uuid(text: &str) -> bool {
    text.len() == 36
        && text.bytes().enumerate().all(|(place, byte)| match place {
            8 | 13 | 18 | 23 => byte == b'-',
            _ => byte.is_ascii_hexdigit(),
        })
}

/// Compact JWS (RFC 7515 section 7.1, three parts) or JWE (RFC 7516 section 7.1, five).
fn is_jose(text: &str) -> bool {
    text.starts_with("eyJ")
        && matches!(text.split('.').count(), 3 | 5)
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.'))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{Volatile, normalise};
    use crate::base::{Redactor, Secret};
    use crate::oracle::sample::{answer, json_answer};

    #[test]
    fn volatile_and_secret_values_are_replaced() {
        let mut volatile = Volatile::default();
        volatile.values.insert("card-1234".into(), "cardId".into());
        let body = json!({
            "z": 1, "access_token": "abc", "endTime": null, "at": "2026-01-02T03:04:05.678Z",
            "id": "123e4567-e89b-12d3-a456-426614174000", "jwe": "eyJhbGciOiJ.a.b.c.d", "card": "card-1234",
            "link": "/cards/card-1234/state", "pan": "4111", "note": "swordfish", "a": [{"startTime": "x"}],
        });
        let redactor = Redactor::new([Secret::new("swordfish")]);
        let view = normalise(&json_answer(200, &body.to_string()), &volatile, &redactor);
        assert_eq!(
            view.body,
            json!({
                "z": 1, "access_token": "[access_token]", "endTime": null, "at": "[date-time]", "id": "[uuid]",
                "jwe": "[jose]", "card": "[cardId]", "link": "/cards/[cardId]/state", "pan": "***", "note": "***",
                "a": [{"startTime": "[startTime]"}],
            })
        );
        assert!(view.render().starts_with("status: 200\ncontent-type: application/json\nbody:\n{\n  \"a\": ["));
    }

    #[test]
    fn no_body_and_no_json_have_a_view_too() {
        let view = |answer| normalise(&answer, &Volatile::default(), &Redactor::default()).render();
        assert_eq!(view(answer(204)), "status: 204\ncontent-type: -\nbody:\n-");
        assert_eq!(view(json_answer(502, "<html>")), "status: 502\ncontent-type: application/json\nbody:\n<html>");
    }
}
