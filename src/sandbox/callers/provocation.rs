//! Answers that a caller must be able to live with, although they are not the ordinary ones.

use serde_json::{Map, Value, json};

use crate::contract::{MediaKind, Operation, Schema};
use crate::sandbox::answer::Answer;
use crate::sandbox::call::Refusal;

/// One unusual answer.
#[derive(Debug, PartialEq, Eq)]
pub struct Provocation {
    /// Its name.
    pub name: &'static str,
    /// What the sandbox does, in one sentence.
    pub text: &'static str,
    /// What the caller must do.
    pub must: &'static str,
    /// The rule of the vendor behind it, or what else it stands on.
    pub source: &'static str,
    /// The check that sees how the caller takes it.
    pub seen_by: &'static str,
    /// What happens.
    pub kind: ProvocationKind,
}

/// What a provocation does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProvocationKind {
    /// The first token that is used is refused with 401, then and ever after.
    RefuseFirstToken,
    /// The first call of each operation is answered with this status and not performed.
    RefuseFirstCall {
        /// The status.
        status: u16,
        /// Seconds of `Retry-After`.
        retry_after: Option<u64>,
    },
    /// The first call of each operation that changes something is performed, and answered with 500.
    LoseFirstAnswer,
    /// The first call of each operation is answered this many seconds later.
    Delay(u64),
    /// Something in every answer is new, in a way that the vendor may change it.
    Change(Novelty),
}

/// A change that callers must not notice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Novelty {
    /// An extra member in every object.
    Member,
    /// An unknown value in every member whose values are listed.
    EnumValue,
    /// Members in the opposite order.
    Order,
    /// An extra header field.
    Header,
    /// Another status of success.
    Status,
    /// Another text of errors.
    ErrorText,
    /// The first item of every list twice.
    Duplicate,
}

/// All of them.
pub fn provocations() -> &'static [Provocation] {
    PROVOCATIONS
}

/// The one of this name.
pub fn provocation(name: &str) -> Option<&'static Provocation> {
    PROVOCATIONS.iter().find(|provocation| provocation.name == name)
}

/// A member, a value and a header field that no contract knows.
const NEW_MEMBER: &str = "d1cNewField";
const NEW_VALUE: &str = "D1C_NEW_VALUE";
const NEW_HEADER: &str = "x-d1c-new-header";

const ROWS_SEEN_BY_SILENCE: &str = "gone_after_provocation";

static PROVOCATIONS: &[Provocation] = &[
    Provocation {
        name: "401-once",
        text: "the first token that is used is refused with 401, then and ever after",
        must: "fetch a new token and send the call again with it",
        source: "TOKEN-IN-4",
        seen_by: "refused_token_sent_again",
        kind: ProvocationKind::RefuseFirstToken,
    },
    Provocation {
        name: "429-once",
        text: "the first call of each operation is answered with 429 and `Retry-After: 2`, and not performed",
        must: "wait that long before the call is sent again",
        source: "RFC 9110 section 10.2.3",
        seen_by: "retry_after_ignored",
        kind: ProvocationKind::RefuseFirstCall { status: 429, retry_after: Some(2) },
    },
    Provocation {
        name: "500-once",
        text: "the first call of each operation is answered with 500 and not performed",
        must: "pause before every repeat, and give up after some",
        source: "NOTIF-8 (a sibling product backs off exponentially)",
        seen_by: "retry_storm",
        kind: ProvocationKind::RefuseFirstCall { status: 500, retry_after: None },
    },
    Provocation {
        name: "lost-answer",
        text: "the first call of each operation that changes something is performed, and answered with 500",
        must: "look at the state before the call is sent again, or live with the refusal of the repeat",
        source: "NOTIF-4 (deliveries are repeated)",
        seen_by: "retry_storm",
        kind: ProvocationKind::LoseFirstAnswer,
    },
    Provocation {
        name: "slow",
        text: "the first call of each operation is answered five seconds late",
        must: "wait, or give up without sending the call twice",
        source: "NOTIF-7 (the vendor names no time limit)",
        seen_by: "gone_before_answer",
        kind: ProvocationKind::Delay(5),
    },
    Provocation {
        name: "unknown-field",
        text: "every object in every JSON answer has an extra member",
        must: "ignore it",
        source: "POL-1",
        seen_by: ROWS_SEEN_BY_SILENCE,
        kind: ProvocationKind::Change(Novelty::Member),
    },
    Provocation {
        name: "unknown-enum",
        text: "members of successful answers whose values are listed hold a new value",
        must: "take it, and treat it as unknown",
        source: "POL-1",
        seen_by: ROWS_SEEN_BY_SILENCE,
        kind: ProvocationKind::Change(Novelty::EnumValue),
    },
    Provocation {
        name: "unknown-header",
        text: "every answer has an extra header field",
        must: "ignore it",
        source: "POL-1",
        seen_by: ROWS_SEEN_BY_SILENCE,
        kind: ProvocationKind::Change(Novelty::Header),
    },
    Provocation {
        name: "unknown-status",
        text: "a success is answered with 299",
        must: "take it as a success: the first digit counts (RFC 9110 section 15)",
        source: "POL-1",
        seen_by: ROWS_SEEN_BY_SILENCE,
        kind: ProvocationKind::Change(Novelty::Status),
    },
    Provocation {
        name: "field-order",
        text: "the members of every JSON answer stand in the opposite order",
        must: "not mind",
        source: "POL-2",
        seen_by: ROWS_SEEN_BY_SILENCE,
        kind: ProvocationKind::Change(Novelty::Order),
    },
    Provocation {
        name: "error-text",
        text: "the text of every error is another one",
        must: "decide by status and code, never by the text",
        source: "POL-3",
        seen_by: ROWS_SEEN_BY_SILENCE,
        kind: ProvocationKind::Change(Novelty::ErrorText),
    },
    Provocation {
        name: "duplicate",
        text: "every list in a successful answer has its first item twice",
        must: "count it once",
        source: "NOTIF-4 (duplicates are possible)",
        seen_by: ROWS_SEEN_BY_SILENCE,
        kind: ProvocationKind::Change(Novelty::Duplicate),
    },
];

impl Novelty {
    /// Changes an answer; false when there was nothing to change.
    pub fn change(self, operation: &Operation, answer: &mut Answer) -> bool {
        let before = (answer.status, answer.body.clone(), answer.headers.len());
        let success = answer.status / 100 == 2;
        match self {
            Self::Member => {
                let add = |members: &mut Map<String, Value>| {
                    members.insert(NEW_MEMBER.to_owned(), json!({"new": true}));
                };
                answer.body.iter_mut().for_each(|body| each_object(body, &add));
            }
            Self::EnumValue if success => {
                if let (Some(schema), Some(body)) = (declared(operation, answer.status), answer.body.as_mut()) {
                    new_values(schema, schema.json(), body, 0);
                }
            }
            Self::Order => {
                let reversed = |members: &mut Map<String, Value>| {
                    let pairs: Vec<_> = std::mem::take(members).into_iter().collect();
                    members.extend(pairs.into_iter().rev());
                };
                answer.body.iter_mut().for_each(|body| each_object(body, &reversed));
                // Two objects are equal in any order, so the comparison below would not see it.
                return answer.body.as_ref().is_some_and(has_order);
            }
            Self::Header => answer.headers.push((NEW_HEADER, "1".to_owned())),
            Self::Status if success && answer.status != 204 => answer.status = 299,
            Self::ErrorText if !success => {
                if let Some(text) = answer.body.as_mut().and_then(|body| body.get_mut("error")) {
                    *text = json!("d1c: another text than the one that you know");
                }
            }
            Self::Duplicate if success => answer.body.iter_mut().for_each(twice),
            _ => {}
        }
        before != (answer.status, answer.body.clone(), answer.headers.len())
    }
}

/// The answer that stands in for an ordinary one.
pub fn refusal(operation: &Operation, status: u16, retry_after: Option<u64>) -> Answer {
    let mut answer = match status {
        401 => Answer::of(operation, Err(Refusal::unauthorized("token missing or refused"))),
        429 => Answer::json(429, json!({"error": "too many requests"})),
        _ => Answer::of(operation, Err(Refusal::broken())),
    };
    answer.headers.extend(retry_after.map(|seconds| ("retry-after", seconds.to_string())));
    answer
}

fn each_object(value: &mut Value, act: &dyn Fn(&mut Map<String, Value>)) {
    match value {
        Value::Object(members) => {
            members.values_mut().for_each(|member| each_object(member, act));
            act(members);
        }
        Value::Array(items) => items.iter_mut().for_each(|item| each_object(item, act)),
        _ => {}
    }
}

fn has_order(value: &Value) -> bool {
    match value {
        Value::Object(members) => members.len() > 1 || members.values().any(has_order),
        Value::Array(items) => items.iter().any(has_order),
        _ => false,
    }
}

fn twice(value: &mut Value) {
    match value {
        Value::Object(members) => members.values_mut().for_each(twice),
        Value::Array(items) => {
            items.iter_mut().for_each(twice);
            if let Some(first) = items.first().cloned() {
                items.insert(0, first);
            }
        }
        _ => {}
    }
}

fn declared(operation: &Operation, status: u16) -> Option<&Schema> {
    operation.response(status)?.media.iter().find(|media| media.kind == MediaKind::Json)?.schema.as_deref()
}

/// Puts a new value wherever the schema lists texts.
fn new_values(schema: &Schema, node: &Value, value: &mut Value, depth: usize) {
    let node = schema.follow(node);
    if depth > 32 {
        return;
    }
    for branch in ["allOf", "oneOf", "anyOf"].iter().filter_map(|key| node.get(key)?.as_array()).flatten() {
        new_values(schema, branch, value, depth + 1);
    }
    if value.is_string() && node.get("enum").is_some() {
        *value = Value::from(NEW_VALUE);
        return;
    }
    match value {
        Value::Object(members) => {
            for (name, member) in members {
                if let Some(property) = node.get("properties").and_then(|properties| properties.get(name)) {
                    new_values(schema, property, member, depth + 1);
                }
            }
        }
        Value::Array(items) => {
            if let Some(of_items) = node.get("items") {
                for item in items {
                    new_values(schema, of_items, item, depth + 1);
                }
            }
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use serde_json::json;

    use super::{Novelty, provocation, provocations};
    use crate::contract::{Contract, Document};
    use crate::sandbox::answer::Answer;

    fn changed(novelty: Novelty, status: u16, body: serde_json::Value) -> (bool, Answer) {
        let yaml = "openapi: 3.0.0\ninfo: {title: t, version: '1'}\npaths:\n  /a:\n    get:\n      operationId: a\n      \
                    responses:\n        '200':\n          description: d\n          content:\n            \
                    application/json:\n              schema:\n                type: object\n                \
                    properties: {state: {type: string, enum: [ON]}, note: {type: string}}\n";
        let contract = Contract::read("t", Document::parse(Path::new("t.yaml"), yaml).unwrap()).unwrap();
        let mut answer = Answer::json(status, body);
        (novelty.change(&contract.operations[0], &mut answer), answer)
    }

    #[test]
    fn names_are_unique_and_found() {
        for (index, one) in provocations().iter().enumerate() {
            assert_eq!(provocation(one.name), Some(&provocations()[index]), "{}", one.name);
        }
        assert_eq!(provocation("500"), None);
    }

    #[test]
    fn every_novelty_changes_what_it_is_about_and_nothing_else() {
        let body = || json!({"state": "ON", "note": "ON", "list": [{"n": 1}]});
        let (_, answer) = changed(Novelty::Member, 200, body());
        let new = json!({"new": true});
        assert_eq!(answer.body.unwrap().pointer("/list/0/d1cNewField"), Some(&new));
        let (_, answer) = changed(Novelty::EnumValue, 200, body());
        assert_eq!(answer.body.unwrap(), json!({"state": "D1C_NEW_VALUE", "note": "ON", "list": [{"n": 1}]}));
        let (_, answer) = changed(Novelty::Order, 200, body());
        assert_eq!(answer.body.unwrap().to_string(), r#"{"list":[{"n":1}],"note":"ON","state":"ON"}"#);
        let (_, answer) = changed(Novelty::Duplicate, 200, body());
        assert_eq!(answer.body.unwrap()["list"], json!([{"n": 1}, {"n": 1}]));
        let (_, answer) = changed(Novelty::Status, 200, body());
        assert_eq!((answer.status, answer.body.unwrap()), (299, body()));
        let (_, answer) = changed(Novelty::ErrorText, 404, json!({"error": "a", "errorCode": "B"}));
        let answer = answer.body.unwrap();
        assert!(answer["error"] != "a" && answer["errorCode"] == "B", "{answer}");
    }

    #[test]
    fn what_has_nothing_to_change_is_no_provocation() {
        for (novelty, status, body) in [
            (Novelty::EnumValue, 404, json!({"state": "ON"})),
            (Novelty::EnumValue, 200, json!({"note": "ON"})),
            (Novelty::Order, 200, json!({"a": 1})),
            (Novelty::Status, 404, json!({})),
            (Novelty::ErrorText, 200, json!({"error": "a"})),
            (Novelty::Duplicate, 200, json!({"list": []})),
            (Novelty::Member, 200, json!("text")),
        ] {
            assert!(!changed(novelty, status, body).0, "{novelty:?}");
        }
    }
}
