//! What changed between two answers, in sentences.

use std::fmt::Write as _;

use serde_json::Value;

use super::normalise::{SnapshotView, type_of};

/// Sentences that are told; the lines of the difference have the rest.
const MOST: usize = 12;

/// Characters of a value that are quoted.
const LONGEST: usize = 60;

/// Items of an array that are quoted.
const ITEMS: usize = 3;

/// The changes from one answer to another, the largest first: status, content type, then the body from top to bottom.
pub(super) fn changes(old: &SnapshotView, new: &SnapshotView) -> Vec<String> {
    let mut told = Vec::new();
    if old.status != new.status {
        told.push(format!("status {} → {}", old.status, new.status));
    }
    if old.content_type != new.content_type {
        let name = |view: &SnapshotView| view.content_type.clone().unwrap_or_else(|| "none".to_owned());
        told.push(format!("content type {} → {}", name(old), name(new)));
    }
    value(&mut String::new(), &old.body, &new.body, &mut told);
    if told.len() > MOST {
        let more = told.len() - MOST;
        told.truncate(MOST);
        told.push(format!("… and {more} more"));
    }
    told
}

fn value(place: &mut String, old: &Value, new: &Value, told: &mut Vec<String>) {
    match (old, new) {
        (Value::Object(before), Value::Object(now)) => {
            let length = place.len();
            let mut at = |name: &str, told: &mut Vec<String>, tell: &dyn Fn(&mut String, &mut Vec<String>)| {
                place.push('/');
                place.push_str(&name.replace('~', "~0").replace('/', "~1"));
                tell(place, told);
                place.truncate(length);
            };
            for (name, old) in before {
                match now.get(name) {
                    Some(new) => at(name, told, &|place, told| value(place, old, new, told)),
                    None => at(name, told, &|place, told| {
                        told.push(format!("field {place} vanished, was {}", quoted(old)));
                    }),
                }
            }
            for (name, new) in now.iter().filter(|(name, _)| !before.contains_key(*name)) {
                at(name, told, &|place, told| told.push(format!("field {place} is new: {}", quoted(new))));
            }
        }
        (Value::Array(before), Value::Array(now)) => array(place, before, now, told),
        _ if old == new => {}
        _ => {
            let changed = match (type_of(old), type_of(new)) {
                (before, now) if before == now => format!("was {}, is {}", quoted(old), quoted(new)),
                _ => format!("was {}, is {}", named(old), named(new)),
            };
            told.push(format!("{} {changed}", shown(place)));
        }
    }
}

fn array(place: &mut String, before: &[Value], now: &[Value], told: &mut Vec<String>) {
    if before == now {
        return;
    }
    let (gone, come) = (without(before, now), without(now, before));
    if gone.is_empty() && come.is_empty() {
        told.push(format!("items of {} are in another order", shown(place)));
    } else if before.len() == now.len() {
        // The same number of items: each is held against the one that stood there.
        let length = place.len();
        for (index, (old, new)) in before.iter().zip(now).enumerate() {
            let _ = write!(place, "/{index}");
            value(place, old, new, told);
            place.truncate(length);
        }
    } else {
        let list = |sign: &str, items: &[&Value]| -> String {
            let more = if items.len() > ITEMS { format!(" and {} more", items.len() - ITEMS) } else { String::new() };
            let shown: Vec<String> = items.iter().take(ITEMS).map(|item| quoted(item)).collect();
            if items.is_empty() { String::new() } else { format!("; {sign}: {}{more}", shown.join(", ")) }
        };
        let (new, missing) = (list("new", &come), list("missing", &gone));
        told.push(format!("{} has {}, had {}{new}{missing}", shown(place), items(now.len()), before.len()));
    }
}

fn items(count: usize) -> String {
    if count == 1 { "1 item".to_owned() } else { format!("{count} items") }
}

/// Items of one array that the other one has not, as often as it has them.
fn without<'v>(items: &'v [Value], others: &[Value]) -> Vec<&'v Value> {
    let mut left: Vec<&Value> = others.iter().collect();
    let gone = |item: &&Value| match left.iter().position(|other| *other == *item) {
        Some(place) => {
            left.swap_remove(place);
            false
        }
        None => true,
    };
    items.iter().filter(gone).collect()
}

fn shown(place: &str) -> &str {
    if place.is_empty() { "the body" } else { place }
}

/// A value with its type, where that is not plain to see.
fn named(value: &Value) -> String {
    if value.is_null() { "null".to_owned() } else { format!("the {} {}", type_of(value), quoted(value)) }
}

fn quoted(value: &Value) -> String {
    let text = value.to_string();
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{MOST, changes};
    use crate::oracle::normalise::SnapshotView;

    fn view(status: u16, body: Value) -> SnapshotView {
        SnapshotView { status, content_type: Some("application/json".into()), body }
    }

    fn told(old: Value, new: Value) -> Vec<String> {
        changes(&view(200, old), &view(200, new))
    }

    #[test]
    fn each_change_is_one_sentence() {
        assert!(told(json!({"a": [1, {"b": null}]}), json!({"a": [1, {"b": null}]})).is_empty());
        assert_eq!(told(json!({"x": "y", "s": 1}), json!({"s": 1})), ["field /x vanished, was \"y\""]);
        assert_eq!(told(json!({}), json!({"a/b": {"c": 1}})), ["field /a~1b is new: {\"c\":1}"]);
        assert_eq!(told(json!({"s": "ACTIVE"}), json!({"s": "INACTIVE"})), ["/s was \"ACTIVE\", is \"INACTIVE\""]);
        assert_eq!(told(json!({"n": 1}), json!({"n": "1"})), ["/n was the number 1, is the text \"1\""]);
        assert_eq!(told(json!({"n": "x"}), json!({"n": null})), ["/n was the text \"x\", is null"]);
        assert_eq!(told(json!({"c": [1, 2, 2]}), json!({"c": [2, 1, 2]})), ["items of /c are in another order"]);
        assert_eq!(told(json!([{"a": 1}, 2]), json!([{"a": 3}, 2])), ["/0/a was 1, is 3"]);
        assert_eq!(told(json!({"c": [1]}), json!({"c": [1, 2]})), ["/c has 2 items, had 1; new: 2"]);
        assert_eq!(told(json!({"c": [1, 2]}), json!({"c": [3]})), ["/c has 1 item, had 2; new: 3; missing: 1, 2"]);
        assert_eq!(told(json!("plain"), json!({})), ["the body was the text \"plain\", is the object {}"]);
    }

    #[test]
    fn status_and_content_type_come_first() {
        let new = SnapshotView { status: 201, content_type: None, body: json!({}) };
        assert_eq!(changes(&view(200, json!({})), &new), ["status 200 → 201", "content type application/json → none"]);
    }

    #[test]
    fn there_is_an_end_to_it() {
        let many = |n: i32| (0..100).map(|i| (format!("f{i}"), json!(n))).collect::<serde_json::Map<_, _>>().into();
        let told = told(many(1), many(2));
        assert_eq!((told.len(), told[MOST].as_str()), (MOST + 1, "… and 88 more"));
        let long = super::quoted(&json!("ä".repeat(500)));
        assert_eq!(long.chars().count(), 61);
    }
}
