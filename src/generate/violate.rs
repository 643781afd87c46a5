//! Ways to break one constraint of a value. Each gives a near miss; the proof decides whether it is one.

use serde_json::{Map, Value, json};

use super::draw::Draw;
use crate::contract::Rule;

/// A value that breaks `rule` with the keyword's value `limit`, starting from a conforming one. `round` walks through
/// the variants of a rule, so that few cases cover all of them. `None`: this rule knows no such value.
pub(super) fn violate(rule: Rule, limit: &Value, value: &Value, round: usize, draw: &mut Draw) -> Option<Value> {
    match rule {
        Rule::Type => other_type(limit, value, round),
        Rule::Nullable => Some(Value::Null),
        Rule::Enum => outside(limit.as_array()?, round, draw),
        Rule::MinLength => shorter(value.as_str()?, size(limit)?),
        Rule::MaxLength => Some(longer(value.as_str()?, size(limit)?)),
        Rule::Pattern => Some(Value::String(off_pattern(value.as_str()?, round, draw))),
        Rule::Format => Some(json!(off_format(limit.as_str()?, round)?)),
        Rule::Minimum => beyond(limit, -1.0, value),
        Rule::Maximum => beyond(limit, 1.0, value),
        Rule::ExclusiveMinimum | Rule::ExclusiveMaximum => Some(limit.clone()),
        Rule::MultipleOf => off_step(limit, value),
        Rule::MinItems => {
            let items = value.as_array()?;
            Some(Value::Array(items[..size(limit)?.checked_sub(1)?.min(items.len())].to_vec()))
        }
        Rule::MaxItems => {
            let items = value.as_array()?;
            let filler = items.last().cloned().unwrap_or_else(|| json!("item"));
            let mut more = items.clone();
            more.resize(size(limit)? + 1, filler);
            Some(Value::Array(more))
        }
        Rule::UniqueItems => {
            let mut items = value.as_array()?.clone();
            items.push(items.first().cloned().unwrap_or_else(|| json!("item")));
            if items.len() == 1 {
                items.push(items[0].clone());
            }
            Some(Value::Array(items))
        }
        Rule::MinProperties => {
            let members = value.as_object()?;
            let keep = size(limit)?.checked_sub(1)?;
            Some(Value::Object(
                members.iter().take(keep).map(|(name, member)| (name.clone(), member.clone())).collect(),
            ))
        }
        Rule::MaxProperties => {
            let mut members: Map<String, Value> = value.as_object()?.clone();
            for index in members.len()..=size(limit)? {
                members.insert(format!("extra{index}"), json!("extra"));
            }
            Some(Value::Object(members))
        }
        Rule::AdditionalProperties => {
            let mut members = value.as_object()?.clone();
            members.insert("unexpected".to_owned(), json!("value"));
            Some(Value::Object(members))
        }
        Rule::OneOf | Rule::AnyOf => {
            let strangers = [json!("stranger"), json!(7), json!([]), json!({}), json!(true)];
            Some(strangers[round % strangers.len()].clone())
        }
        _ => None,
    }
}

/// True for the formats that have values that break them. An unknown format is never violated, and the width of a
/// number is a bound.
pub(super) fn can_break_format(format: &Value) -> bool {
    format.as_str().is_some_and(|format| off_format(format, 0).is_some())
}

fn size(limit: &Value) -> Option<usize> {
    limit.as_u64().and_then(|size| usize::try_from(size).ok())
}

fn other_type(kinds: &Value, value: &Value, round: usize) -> Option<Value> {
    let allows = |kind: &str| {
        kinds.as_str() == Some(kind) || kinds.as_array().is_some_and(|list| list.iter().any(|own| own == kind))
    };
    let mut strangers = Vec::new();
    if !allows("string") {
        strangers.push(if allows("integer") || allows("number") { json!("12") } else { json!("text") });
    }
    if !allows("integer") && !allows("number") {
        // Digits without quotes are what serialisers make of them by mistake.
        let digits = value.as_str().filter(|text| !text.starts_with('0')).and_then(|text| text.parse::<u64>().ok());
        strangers.push(json!(digits.unwrap_or(12)));
    } else if !allows("number") {
        strangers.push(json!(1.5));
    }
    if !allows("boolean") {
        strangers.push(json!(true));
    }
    if !allows("array") {
        strangers.push(json!([]));
    }
    if !allows("object") {
        strangers.push(json!({}));
    }
    (!strangers.is_empty()).then(|| strangers[round % strangers.len()].clone())
}

/// Near misses of a list: another case, a blank, a cut, a longer word; then something unrelated of the same type.
fn outside(members: &[Value], round: usize, draw: &mut Draw) -> Option<Value> {
    let member = draw.pick(members);
    let Some(text) = member.as_str() else {
        return member.as_f64().map(|number| json!(number + 1.5)).or_else(|| Some(json!("stranger")));
    };
    let near = match round % 5 {
        0 => format!("{text}_X"),
        1 => swap_case(text),
        2 => text.chars().skip(1).collect(),
        3 => format!("{text} "),
        _ => "UNKNOWN_VALUE".to_owned(),
    };
    Some(Value::String(near))
}

fn swap_case(text: &str) -> String {
    if text.chars().any(char::is_uppercase) { text.to_lowercase() } else { text.to_uppercase() }
}

fn shorter(text: &str, limit: usize) -> Option<Value> {
    let length = limit.checked_sub(1)?;
    Some(Value::String(text.chars().take(length).collect()))
}

/// One character too many, made of characters that the value already has, so that a pattern breaks only by its length.
fn longer(text: &str, limit: usize) -> Value {
    let source: Vec<char> = if text.is_empty() { vec!['a'] } else { text.chars().collect() };
    Value::String(source.iter().cycle().take(limit + 1).collect())
}

/// A wrong character at the first, a middle and the last place; only wrong characters; one part too long; nothing.
fn off_pattern(text: &str, round: usize, draw: &mut Draw) -> String {
    let wrong = *draw.pick(&['!', '$', '+', '=', '~', '|']);
    let chars: Vec<char> = text.chars().collect();
    let replaced = |place: usize| {
        let mut changed = chars.clone();
        changed[place] = wrong;
        changed.into_iter().collect::<String>()
    };
    match round % 8 {
        _ if chars.is_empty() && round.is_multiple_of(2) => "a\nb".to_owned(),
        _ if chars.is_empty() => wrong.to_string(),
        0 => replaced(chars.len() / 2),
        1 => replaced(0),
        2 => replaced(chars.len() - 1),
        // An unanchored pattern is broken only where nothing of it is left.
        3 => wrong.to_string().repeat(chars.len().max(1)),
        4 => chars.iter().cycle().take((chars.len() * 2).max(65)).collect(),
        5 => String::new(),
        // What `.` does not match, and what few classes hold.
        6 => format!("{text}\n{text}"),
        _ => format!("{text}é"),
    }
}

fn off_format(format: &str, round: usize) -> Option<&'static str> {
    let wrong: &[&str] = match format {
        "date" => &["2023-02-29", "2024-13-01", "20240101", "01.02.2024"],
        "date-time" => {
            &["2023-02-29T10:00:00Z", "2024-01-01 10:00:00", "2024-01-01T25:00:00Z", "2024-01-01", "1704103200"]
        }
        "time" => &["25:00:00Z", "10:00"],
        "uuid" => &["not-a-uuid", "12345678-1234-1234-1234-12345678901"],
        "email" => &["no-at-sign.example.com", "just words"],
        "hostname" => &["-bad-.example", "a b"],
        "uri" => &["not a uri", "//no-scheme"],
        "ipv4" => &["256.0.0.1", "192.0.2"],
        "ipv6" => &["2001:db8:::1", "192.0.2.1"],
        _ => return None,
    };
    Some(wrong[round % wrong.len()])
}

/// The first number outside an inclusive bound: a whole step for whole numbers, a hundredth for others.
fn beyond(limit: &Value, direction: f64, value: &Value) -> Option<Value> {
    if let (Some(whole), true) = (limit.as_i64(), value.is_i64() || value.is_u64()) {
        let step = if direction < 0.0 { -1 } else { 1 };
        return Some(whole.checked_add(step).map_or_else(|| json!(1e30 * direction), |next| json!(next)));
    }
    Some(json!(limit.as_f64()? + direction * 0.01))
}

fn off_step(step: &Value, value: &Value) -> Option<Value> {
    match (step.as_i64(), value.as_i64()) {
        (Some(step), Some(value)) if step > 1 => Some(json!(value.checked_add(1)?)),
        _ => Some(json!(value.as_f64()? + step.as_f64()? / 2.0)),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::super::draw::Draw;
    use super::violate;
    use crate::contract::Rule;

    fn one(rule: Rule, limit: &Value, value: &Value, round: usize) -> Value {
        violate(rule, limit, value, round, &mut Draw::new(&[1; 32])).expect("a violation")
    }

    #[test]
    fn lengths_miss_by_one() {
        assert_eq!(one(Rule::MaxLength, &json!(4), &json!("ab"), 0), json!("ababa"));
        assert_eq!(one(Rule::MinLength, &json!(3), &json!("abc"), 0), json!("ab"));
        assert_eq!(violate(Rule::MinLength, &json!(0), &json!(""), 0, &mut Draw::new(&[1; 32])), None);
    }

    #[test]
    fn numbers_miss_by_the_smallest_step() {
        assert_eq!(one(Rule::Maximum, &json!(10), &json!(3), 0), json!(11));
        assert_eq!(one(Rule::Minimum, &json!(0), &json!(3), 0), json!(-1));
        assert_eq!(one(Rule::ExclusiveMinimum, &json!(5), &json!(6), 0), json!(5));
        assert_eq!(one(Rule::MultipleOf, &json!(5), &json!(10), 0), json!(11));
    }

    #[test]
    fn rounds_walk_through_types_and_near_misses() {
        let types: Vec<Value> = (0..4).map(|round| one(Rule::Type, &json!("string"), &json!("a"), round)).collect();
        assert_eq!(types, [json!(12), json!(true), json!([]), json!({})]);
        assert_eq!(one(Rule::Enum, &json!(["ACTIVE"]), &json!("ACTIVE"), 1), json!("active"));
    }
}
