//! Takes out of an answer what differs from run to run, so that the rest can be compared.

use std::collections::BTreeSet;
use std::fmt;

use indexmap::IndexMap;
use serde_json::{Map, Value};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use crate::base::Redactor;
use crate::exchange::Answer;
use crate::suite::{Ignored, SnapshotRule};

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
    /// Places of which something does not count.
    pub rules: Vec<SnapshotRule>,
}

/// Values of a target may be cards.
impl fmt::Debug for Volatile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<&String> = self.values.values().collect();
        f.debug_struct("Volatile")
            .field("properties", &self.properties)
            .field("values", &names)
            .field("rules", &self.rules)
            .finish()
    }
}

impl Default for Volatile {
    /// Tokens, times, operation ids and ciphertexts of the D1 specifications.
    fn default() -> Self {
        let names =
            ["access_token", "operationId", "creationTime", "startTime", "endTime", "expires_at", "encryptedData"];
        Self { properties: names.map(str::to_owned).into(), values: IndexMap::new(), rules: Vec::new() }
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

impl SnapshotView {
    /// The view without what these rules say does not count. To take it out twice is to take it out once, so that a rule
    /// holds for answers that were accepted before it was written.
    #[must_use]
    pub(super) fn without(mut self, rules: &[SnapshotRule]) -> Self {
        // Order comes last: what was taken out before must not decide it.
        let (order, rest): (Vec<_>, Vec<_>) = rules.iter().partition(|rule| rule.what == Ignored::Order);
        for rule in rest.into_iter().chain(order) {
            let names: Vec<String> =
                rule.at.split('/').skip(1).map(|name| name.replace("~1", "/").replace("~0", "~")).collect();
            ignore(&mut self.body, &names, rule.what);
        }
        self
    }

    /// The view that a text of [`SnapshotView::render`] is of.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let (status, rest) = text.strip_prefix("status: ")?.split_once('\n')?;
        let (content_type, body) = rest.strip_prefix("content-type: ")?.split_once("\nbody:\n")?;
        let body = match body.trim_end() {
            "-" => Value::Null,
            body => serde_json::from_str(body).unwrap_or_else(|_| Value::String(body.to_owned())),
        };
        let content_type = Some(content_type).filter(|media| *media != "-").map(str::to_owned);
        Some(Self { status: status.parse().ok()?, content_type, body })
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
    let view = SnapshotView { status: answer.status, content_type, body };
    view.without(&volatile.rules)
}

/// Takes out what does not count at a place.
fn ignore(value: &mut Value, place: &[String], what: Ignored) {
    match (place, value) {
        ([], Value::Array(items)) if what == Ignored::Order => items.sort_by_cached_key(ToString::to_string),
        ([], value) if what == Ignored::Value => {
            let known = |text: &str| TYPES.iter().any(|name| text.strip_prefix('[') == Some(&format!("{name}]")));
            if !value.as_str().is_some_and(known) {
                *value = Value::String(format!("[{}]", type_of(value)));
            }
        }
        ([name], Value::Object(members)) if what == Ignored::Presence => {
            members.shift_remove(name);
        }
        ([all, rest @ ..], Value::Array(items)) if all == "*" => {
            for item in items {
                ignore(item, rest, what);
            }
        }
        ([name, rest @ ..], Value::Object(members)) => {
            if let Some(member) = members.get_mut(name) {
                ignore(member, rest, what);
            }
        }
        _ => {}
    }
}

/// What [`type_of`] tells.
const TYPES: [&str; 6] = ["null", "boolean", "number", "text", "array", "object"];

pub(super) fn type_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(_) => "number",
        Value::String(_) => "text",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
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
        self.redactor.text(&without_kinds(&clean))
    }

    fn known(&self, text: &str) -> Option<String> {
        self.volatile.values.get(text).map(|name| format!("[{name}]"))
    }
}

/// The same text with every word replaced that is hardly ever the same twice, and the ports of addresses.
fn without_kinds(text: &str) -> String {
    let belongs = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | ':' | '+');
    let mut clean = String::with_capacity(text.len());
    let mut rest = text;
    while !rest.is_empty() {
        let gap = rest.find(belongs).unwrap_or(rest.len());
        let end = rest[gap..].find(|c| !belongs(c)).map_or(rest.len(), |length| gap + length);
        clean.push_str(&rest[..gap]);
        let whole = &rest[gap..end];
        // What ends a sentence is no part of the word.
        let word = whole.trim_end_matches(['.', ':']);
        match (kind_of(word), word.rsplit_once(':')) {
            (Some(kind), _) => clean.push_str(kind),
            (None, Some((host, port))) if clean.ends_with("//") && port.bytes().all(|digit| digit.is_ascii_digit()) => {
                clean.push_str(host);
                clean.push_str(":[port]");
            }
            _ => clean.push_str(word),
        }
        clean.push_str(&whole[word.len()..]);
        rest = &rest[end..];
    }
    clean
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

    use super::{SnapshotView, Volatile, normalise};
    use crate::base::{Redactor, Secret};
    use crate::oracle::sample::{answer, json_answer};
    use crate::suite::{Ignored, SnapshotRule};

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
    fn volatile_words_and_ports_are_replaced_inside_of_texts() {
        let clean = |text: &str| {
            let answer = json_answer(200, &json!({ "m": text }).to_string());
            normalise(&answer, &Volatile::default(), &Redactor::default()).body["m"].as_str().unwrap().to_owned()
        };
        let uuid = "123e4567-e89b-12d3-a456-426614174000";
        assert_eq!(clean(&format!("card {uuid} is gone.")), "card [uuid] is gone.");
        assert_eq!(clean("since 2026-01-02T03:04:05.678Z."), "since [date-time].");
        assert_eq!(clean("since 2026-01-02T03:04:05+01:00: late"), "since [date-time]: late");
        let link = format!("https://localhost:41234/cards/{uuid}?at=1");
        assert_eq!(clean(&link), "https://localhost:[port]/cards/[uuid]?at=1");
        assert_eq!(
            clean("10:30, version 1.2.3, a:b, no//x:y, Zürich: gut..."),
            "10:30, version 1.2.3, a:b, no//x:y, Zürich: gut..."
        );
    }

    #[test]
    fn rules_take_out_what_does_not_count() {
        let rule = |at: &str, what| SnapshotRule { at: at.into(), what, operation: None, reason: "test".into() };
        let rules = vec![
            rule("/list", Ignored::Order),
            rule("/list/*/score", Ignored::Value),
            rule("/note", Ignored::Presence),
            rule("/none/of/these", Ignored::Value),
            rule("/a~1b", Ignored::Value),
        ];
        let volatile = Volatile { rules, ..Volatile::default() };
        let view =
            |body: serde_json::Value| normalise(&json_answer(200, &body.to_string()), &volatile, &Redactor::default());
        let one = view(json!({"list": [{"id": "a", "score": 1}, {"id": "b", "score": 2}], "note": "x", "a/b": null}));
        let two = view(json!({"list": [{"id": "b", "score": 7}, {"id": "a", "score": 1}], "a/b": null}));
        assert_eq!(
            one.body,
            json!({"a/b": "[null]", "list": [{"id": "a", "score": "[number]"}, {"id": "b", "score": "[number]"}]})
        );
        assert_eq!(one, two);
        assert_eq!(one.clone().without(&volatile.rules), one, "twice is once");
        let other_type = view(json!({"list": [{"id": "a", "score": "1"}]}));
        assert_eq!(other_type.body["list"][0]["score"], "[text]", "the type counts");
    }

    #[test]
    fn a_view_is_read_back_from_its_text() {
        for view in [
            normalise(&json_answer(200, r#"{"b": [1, null], "a": "x"}"#), &Volatile::default(), &Redactor::default()),
            normalise(&answer(204), &Volatile::default(), &Redactor::default()),
            normalise(&json_answer(502, "<html>"), &Volatile::default(), &Redactor::default()),
        ] {
            assert_eq!(SnapshotView::parse(&view.render()), Some(view));
        }
        assert_eq!(SnapshotView::parse("something else"), None);
    }

    #[test]
    fn no_body_and_no_json_have_a_view_too() {
        let view = |answer| normalise(&answer, &Volatile::default(), &Redactor::default()).render();
        assert_eq!(view(answer(204)), "status: 204\ncontent-type: -\nbody:\n-");
        assert_eq!(view(json_answer(502, "<html>")), "status: 502\ncontent-type: application/json\nbody:\n<html>");
    }
}
