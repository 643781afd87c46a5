//! Values that read more easily than drawn ones.

use serde_json::{Value, json};

/// Values that read more easily, the plainest first, down to the one at hand.
pub(super) fn plainer(parts: &[&Value], name: &str, now: &Value) -> Vec<Value> {
    let find = |key: &str| parts.iter().find_map(|part| part.get(key));
    if let Some(first) = find("enum").and_then(Value::as_array).and_then(|members| members.first()) {
        return vec![first.clone()];
    }
    match now {
        Value::String(text) => {
            if let Some(plain) = find("format").and_then(Value::as_str).and_then(of_format) {
                return plain.iter().map(|plain| json!(plain)).collect();
            }
            let length = text.chars().count();
            let least = find("minLength").and_then(Value::as_u64).and_then(|least| usize::try_from(least).ok());
            let least = least.unwrap_or(0).max(1);
            let start: String = text.chars().take(least).collect();
            let mut texts: Vec<String> = ["a", "A", "0"].iter().map(|letter| letter.repeat(least)).collect();
            texts.extend([format!("{}-1", name.to_lowercase()), start]);
            texts.into_iter().filter(|plain| plain.chars().count() <= length).map(Value::String).collect()
        }
        Value::Number(number) => {
            let size = number.as_f64().unwrap_or_default().abs();
            let bounds = [json!(0), json!(1)].into_iter().chain(find("minimum").cloned());
            bounds.filter(|plain| plain.as_f64().is_some_and(|plain| plain.abs() <= size)).collect()
        }
        Value::Bool(_) => vec![json!(false)],
        _ => Vec::new(),
    }
}

fn of_format(format: &str) -> Option<&'static [&'static str]> {
    Some(match format {
        // Some patterns want the milliseconds as well.
        "date-time" => &["2026-01-01T00:00:00Z", "2026-01-01T00:00:00.000Z"],
        "date" => &["2026-01-01"],
        "time" => &["00:00:00Z"],
        "uuid" => &["00000000-0000-4000-8000-000000000000"],
        "email" => &["a@example.com"],
        "hostname" => &["example.com"],
        "uri" => &["https://example.com/"],
        "ipv4" => &["192.0.2.1"],
        "ipv6" => &["2001:db8::1"],
        _ => return None,
    })
}
