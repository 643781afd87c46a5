//! Ways to break one constraint of a value. Each gives a near miss; the proof decides whether it is one.

mod near;

use serde_json::{Map, Value, json};

use self::near::{NEAR_MISSES, STRANGERS, outside, swap_case};

use super::draw::Draw;
use super::instance::Wrong;
use crate::contract::{Obligation, Rule};

/// The number of ways in which a value breaks `rule`: the rounds that [`violate`] knows. Some of them are none for a value
/// or a place: then nothing comes of the round.
pub(super) fn rounds(rule: Rule, limit: &Value) -> usize {
    match rule {
        Rule::Type => 8,
        Rule::Enum => limit.as_array().map_or(0, |members| NEAR_MISSES + members.len() - 1 + STRANGERS),
        Rule::MinLength | Rule::MinItems | Rule::MinProperties | Rule::MultipleOf | Rule::UniqueItems | Rule::Not => 2,
        Rule::MaxLength | Rule::Minimum | Rule::Maximum | Rule::AdditionalProperties => 3,
        Rule::Pattern => 9 + ODD_CHARACTERS.len(),
        Rule::Format => limit.as_str().and_then(wrong_formats).map_or(0, <[&str]>::len),
        Rule::OneOf => STRANGE.len() + pairs(limit).count(),
        Rule::AnyOf => STRANGE.len(),
        _ => 1,
    }
}

/// A value that breaks `rule` with the keyword's value `limit`, starting from a conforming one, in the way of the
/// `round`. `None`: this rule knows no such value.
pub(super) fn violate(rule: Rule, limit: &Value, value: &Value, round: usize, draw: &mut Draw) -> Option<Value> {
    match rule {
        Rule::Type => other_type(limit, value, round),
        Rule::Nullable => Some(Value::Null),
        Rule::Enum => outside(limit.as_array()?, round),
        Rule::MinLength => shorter(value.as_str()?, size(limit)?, round),
        Rule::MaxLength => longer(value.as_str()?, size(limit)?, round),
        Rule::Pattern => Some(Value::String(off_pattern(value.as_str()?, round, draw)?)),
        Rule::Format => wrong_formats(limit.as_str()?)?.get(round).map(|text| json!(text)),
        Rule::Minimum => beyond(limit, -1.0, value, round),
        Rule::Maximum => beyond(limit, 1.0, value, round),
        Rule::ExclusiveMinimum | Rule::ExclusiveMaximum => Some(limit.clone()),
        Rule::MultipleOf => off_step(limit, value, round),
        Rule::MinItems => {
            let items = value.as_array()?;
            Some(Value::Array(items[..fewer(size(limit)?, round)?.min(items.len())].to_vec()))
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
            let first = items.first().cloned().unwrap_or_else(|| json!("item"));
            // The same item at the end, far from the first; then next to it.
            let place = if round == 0 { items.len() } else { 1.min(items.len()) };
            items.insert(place, first.clone());
            if items.len() == 1 {
                items.push(first);
            }
            Some(Value::Array(items))
        }
        Rule::MinProperties => {
            let members = value.as_object()?;
            let keep = fewer(size(limit)?, round)?;
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
            let known = members.keys().next().cloned();
            let (name, member) = match (round, known) {
                (0, _) => ("unexpected".to_owned(), json!("value")),
                // A name that is declared, in another case: a member that a lax reader takes for that.
                (1, Some(known)) => (swap_case(&known), members[&known].clone()),
                (2, Some(known)) => (format!("{known} "), members[&known].clone()),
                _ => return None,
            };
            members.insert(name, member).is_none().then_some(Value::Object(members))
        }
        Rule::OneOf | Rule::AnyOf if round < STRANGE.len() => serde_json::from_str(STRANGE[round]).ok(),
        // It was drawn so.
        Rule::OneOf | Rule::Not => Some(value.clone()),
        _ => None,
    }
}

/// Values that fit no alternative, most of the time.
const STRANGE: [&str; 5] = ["\"stranger\"", "7", "[]", "{}", "true"];

/// Pairs of alternatives at most that are met at once.
const MOST_PAIRS: usize = 16;

/// The pairs of alternatives of a `oneOf`.
fn pairs(limit: &Value) -> impl Iterator<Item = (usize, usize)> {
    let count = limit.as_array().map_or(0, Vec::len);
    (0..count).flat_map(move |one| (one + 1..count).map(move |other| (one, other))).take(MOST_PAIRS)
}

/// What a violating draw fits too much of, in the ways that no change of a conforming value leads to.
pub(super) fn wrong(obligation: &Obligation, round: usize) -> Option<Wrong<'_>> {
    let limit = &obligation.limit;
    match obligation.rule {
        Rule::OneOf => {
            let (one, other) = pairs(limit).nth(round.checked_sub(STRANGE.len())?)?;
            Some(Wrong::Both(limit, one, other))
        }
        Rule::Not => Some(Wrong::Not(limit)),
        _ => None,
    }
}

/// True for the formats that have values that break them. An unknown format is never violated, and the width of a
/// number is a bound.
pub(super) fn can_break_format(format: &Value) -> bool {
    format.as_str().is_some_and(|format| wrong_formats(format).is_some())
}

/// One less than the least, then none at all.
fn fewer(least: usize, round: usize) -> Option<usize> {
    match round {
        0 => least.checked_sub(1),
        _ => (least > 1).then_some(0),
    }
}

fn size(limit: &Value) -> Option<usize> {
    limit.as_u64().and_then(|size| usize::try_from(size).ok())
}

/// Values of another type: first what a lax reader takes for the right one (a number in quotes, 0 for false, the only item
/// of a list), then plain ones.
fn other_type(kinds: &Value, value: &Value, round: usize) -> Option<Value> {
    let allows = |kind: &str| {
        kinds.as_str() == Some(kind) || kinds.as_array().is_some_and(|list| list.iter().any(|own| own == kind))
    };
    let mut strangers = match value {
        Value::Number(_) | Value::Bool(_) => vec![json!(value.to_string())],
        // Digits without quotes are what serialisers make of them by mistake.
        Value::String(text) if !text.starts_with('0') => {
            text.parse::<u64>().ok().map(|digits| json!(digits)).into_iter().collect()
        }
        Value::Array(items) => items.first().cloned().into_iter().collect(),
        _ => Vec::new(),
    };
    let numeric = allows("integer") || allows("number");
    strangers.extend([if numeric { json!("12") } else { json!("text") }]);
    strangers.extend([json!(if allows("integer") { 1.5 } else { 12.0 }), json!(i32::from(value == &json!(true)))]);
    strangers.extend([json!(true), json!([]), json!({}), json!([value])]);
    let other = |value: &Value| {
        !match value {
            Value::Null => true,
            Value::Bool(_) => allows("boolean"),
            // A number without a fraction is an integer, however it is written (JSON Schema validation, section 6.1.1).
            Value::Number(number) => {
                allows("number") || allows("integer") && number.as_f64().is_some_and(|n| n.fract() == 0.0)
            }
            Value::String(_) => allows("string"),
            Value::Array(_) => allows("array"),
            Value::Object(_) => allows("object"),
        }
    };
    let mut distinct: Vec<Value> = Vec::new();
    for stranger in strangers.into_iter().filter(other) {
        if !distinct.contains(&stranger) {
            distinct.push(stranger);
        }
    }
    distinct.into_iter().nth(round)
}

fn shorter(text: &str, limit: usize, round: usize) -> Option<Value> {
    Some(Value::String(text.chars().take(fewer(limit, round)?).collect()))
}

/// Texts that are much too long end here: a request of megabytes says nothing more.
const VERY_LONG: usize = 40_000;

/// One character too many, twice as many, very many; made of characters that the value already has, so that a pattern
/// breaks only by its length.
fn longer(text: &str, limit: usize, round: usize) -> Option<Value> {
    let source: Vec<char> = if text.is_empty() { vec!['a'] } else { text.chars().collect() };
    let length = match round {
        0 => limit + 1,
        1 => (limit * 2).min(VERY_LONG),
        _ => VERY_LONG,
    };
    (length > limit).then(|| Value::String(source.iter().cycle().take(length).collect()))
}

/// Characters that servers stumble over: beyond ASCII, invisible, wide, turning the direction, alike, combining, a control
/// character, beyond the basic plane.
const ODD_CHARACTERS: [char; 8] = ['é', '\u{200b}', '\u{ff11}', '\u{202e}', '\u{430}', '\u{301}', '\u{7}', '\u{1f600}'];

/// A wrong character at the first, a middle and the last place; only wrong characters; one part too long; nothing; more
/// lines; blanks at the ends; odd characters in the middle.
fn off_pattern(text: &str, round: usize, draw: &mut Draw) -> Option<String> {
    let wrong = *draw.pick(&['!', '$', '+', '=', '~', '|']);
    let mut chars: Vec<char> = text.chars().collect();
    if round < 3 && (1..3).contains(&chars.len()) {
        // The first, a middle and the last place are three.
        chars = chars.iter().copied().cycle().take(3).collect();
    }
    let replaced = |place: usize, by: char| {
        let mut changed = chars.clone();
        *changed.get_mut(place)? = by;
        Some(changed.into_iter().collect::<String>())
    };
    match round {
        0 if chars.is_empty() => Some(wrong.to_string()),
        0 => replaced(chars.len() / 2, wrong),
        1 => replaced(0, wrong),
        2 => replaced(chars.len().checked_sub(1)?, wrong),
        // An unanchored pattern is broken only where nothing of it is left.
        3 => Some(wrong.to_string().repeat(chars.len().max(1))),
        4 => Some(chars.iter().cycle().take((chars.len() * 2).max(65)).collect()),
        5 => Some(String::new()),
        // What `.` does not match, and what few classes hold.
        6 if chars.is_empty() => Some("a\nb".to_owned()),
        6 => Some(format!("{text}\n{text}")),
        7 => Some(format!("{text} ")),
        8 => Some(format!(" {text}")),
        _ => replaced(chars.len() / 2, *ODD_CHARACTERS.get(round - 9)?),
    }
}

fn wrong_formats(format: &str) -> Option<&'static [&'static str]> {
    Some(match format {
        "date" => &["2023-02-29", "2024-13-01", "2024-04-31", "20240101", "01.02.2024", "2024-1-1"],
        "date-time" => &[
            "2023-02-29T10:00:00Z",
            "2024-01-01 10:00:00",
            "2024-01-01T25:00:00Z",
            "2024-01-01T10:60:00Z",
            "2024-01-01T10:00:00",
            "2024-01-01T10:00:00+25:00",
            "2024-01-01",
            "1704103200",
        ],
        "time" => &["25:00:00Z", "10:00"],
        "uuid" => &["not-a-uuid", "12345678-1234-1234-1234-12345678901", "12345678-1234-1234-1234-12345678901g"],
        "email" => &["no-at-sign.example.com", "just words", "@example.com"],
        "hostname" => &["-bad-.example", "a b"],
        "uri" => &["not a uri", "//no-scheme"],
        "ipv4" => &["256.0.0.1", "192.0.2"],
        "ipv6" => &["2001:db8:::1", "192.0.2.1"],
        _ => return None,
    })
}

/// The first number outside an inclusive bound: a whole step for whole numbers, a hundredth for others. Then a part of a
/// step, and a number far beyond.
fn beyond(limit: &Value, direction: f64, value: &Value, round: usize) -> Option<Value> {
    let whole = value.is_i64() || value.is_u64();
    match round {
        0 => {
            let step = if direction < 0.0 { -1 } else { 1 };
            match limit.as_i64().filter(|_| whole) {
                Some(limit) => {
                    Some(limit.checked_add(step).map_or_else(|| json!(1e30 * direction), |next| json!(next)))
                }
                None => Some(json!(limit.as_f64()? + direction * 0.01)),
            }
        }
        1 if whole => Some(json!(1e19 * direction)),
        1 => Some(json!(limit.as_f64()? + direction * 1e-6)),
        _ => Some(json!(1e30 * direction)),
    }
}

fn off_step(step: &Value, value: &Value, round: usize) -> Option<Value> {
    match (step.as_i64(), value.as_i64()) {
        (Some(step), Some(value)) if step > 1 => {
            Some(json!(value.checked_add(if round == 0 { 1 } else { step - 1 })?))
        }
        _ => Some(json!(value.as_f64()? + step.as_f64()? / if round == 0 { 2.0 } else { 10.0 })),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::super::draw::Draw;
    use super::{rounds, violate};
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
    fn lax_readings_of_a_value_come_first() {
        assert_eq!(one(Rule::Type, &json!("integer"), &json!(7), 0), json!("7"));
        assert_eq!(one(Rule::Type, &json!("boolean"), &json!(true), 0), json!("true"));
        assert_eq!(one(Rule::Type, &json!("string"), &json!("42"), 0), json!(42));
        assert_eq!(one(Rule::Type, &json!("array"), &json!([{"a": 1}]), 0), json!({"a": 1}));
    }

    #[test]
    fn no_round_beyond_the_last_breaks_anything() {
        let rules = [
            (Rule::Type, json!("string"), json!("a")),
            (Rule::Enum, json!(["A", "B"]), json!("A")),
            (Rule::Pattern, json!("^a$"), json!("a")),
            (Rule::Format, json!("date"), json!("2024-01-01")),
        ];
        for (rule, limit, value) in rules {
            let last = rounds(rule, &limit);
            assert_eq!(violate(rule, &limit, &value, last, &mut Draw::new(&[1; 32])), None, "{rule}");
            assert!(
                (0..last).all(|round| violate(rule, &limit, &value, round, &mut Draw::new(&[1; 32])).is_some()
                    || rule == Rule::Type),
                "{rule}"
            );
        }
    }

    #[test]
    fn rounds_walk_through_types_and_near_misses() {
        let types: Vec<Value> = (0..4).map(|round| one(Rule::Type, &json!("string"), &json!("a"), round)).collect();
        assert_eq!(types, [json!(12.0), json!(0), json!(true), json!([])]);
        let near: Vec<Value> =
            (0..10).map(|round| one(Rule::Enum, &json!(["ACTIVE"]), &json!("ACTIVE"), round)).collect();
        let expected =
            ["active", "ACTIVE ", "ACTIV", "ACTIVE_X", " ACTIVE", "CTIVE", "\u{410}CTIVE", "UNKNOWN_VALUE", "", "0"];
        assert_eq!(near, expected.map(|text| json!(text)));
    }
}
