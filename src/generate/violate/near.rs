//! Values that are nearly a member of a list.

use serde_json::{Value, json};

/// Near misses of one member of a list.
pub(super) const NEAR_MISSES: usize = 7;

/// Values that no list holds, behind the near misses.
pub(super) const STRANGERS: usize = 3;

/// All near misses of the first member, one of each other, then something unrelated, nothing, and the place in the list.
pub(super) fn outside(members: &[Value], round: usize) -> Option<Value> {
    let others = NEAR_MISSES + members.len().checked_sub(1)?;
    let broken = if round < NEAR_MISSES {
        near(&members[0], round)?
    } else if round < others {
        near(&members[round - NEAR_MISSES + 1], round % NEAR_MISSES)?
    } else {
        [json!("UNKNOWN_VALUE"), json!(""), json!("0")].get(round - others)?.clone()
    };
    (!members.contains(&broken)).then_some(broken)
}

/// Another case, a blank behind or before, a cut at either end, a longer word, a letter that looks the same.
fn near(member: &Value, way: usize) -> Option<Value> {
    let Some(text) = member.as_str() else {
        return member.as_f64().map(|number| json!(number + 1.5));
    };
    let near = match way {
        0 => swap_case(text),
        1 => format!("{text} "),
        2 => text.chars().take(text.chars().count().checked_sub(1)?).collect(),
        3 => format!("{text}_X"),
        4 => format!(" {text}"),
        5 => text.chars().skip(1).collect(),
        _ => look_alike(text)?,
    };
    Some(Value::String(near))
}

/// The text with its first Latin letter that has a Cyrillic twin replaced by that.
fn look_alike(text: &str) -> Option<String> {
    let twins = [
        ('A', 'А'),
        ('C', 'С'),
        ('E', 'Е'),
        ('I', 'І'),
        ('O', 'О'),
        ('P', 'Р'),
        ('T', 'Т'),
        ('a', 'а'),
        ('e', 'е'),
        ('o', 'о'),
    ];
    let (place, twin) = text
        .char_indices()
        .find_map(|(place, c)| twins.iter().find(|(own, _)| *own == c).map(|(_, twin)| (place, *twin)))?;
    Some(format!("{}{twin}{}", &text[..place], &text[place + 1..]))
}

pub(super) fn swap_case(text: &str) -> String {
    if text.chars().any(char::is_uppercase) { text.to_lowercase() } else { text.to_uppercase() }
}
