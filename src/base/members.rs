//! Members of JSON objects by name, also in texts that are not quite JSON, as a case that breaks the syntax sends them.

use std::ops::Range;

use serde_json::Value;

/// Name and text of every string and number in a JSON text, at any depth; of what looks like one where the text is no
/// JSON. Items of an array go by the name of the array.
pub fn named_values(text: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    if let Ok(value) = serde_json::from_str::<Value>(text) {
        collect("", &value, &mut found);
    }
    // A member that stands there twice has one value only once it is read.
    for (name, range) in member_spans(text) {
        let raw = &text[range];
        let plain = serde_json::from_str::<String>(raw).unwrap_or_else(|_| raw.trim_matches('"').to_owned());
        let pair = (name.to_owned(), plain);
        if !found.contains(&pair) {
            found.push(pair);
        }
    }
    found
}

fn collect(name: &str, value: &Value, found: &mut Vec<(String, String)>) {
    match value {
        Value::String(text) => found.push((name.to_owned(), text.clone())),
        Value::Number(number) => found.push((name.to_owned(), number.to_string())),
        Value::Array(items) => items.iter().for_each(|item| collect(name, item, found)),
        Value::Object(members) => members.iter().for_each(|(name, member)| collect(name, member, found)),
        Value::Null | Value::Bool(_) => {}
    }
}

/// What looks like a member with a text or a number: its name, and where its value stands, quotes included.
pub fn member_spans(text: &str) -> Vec<(&str, Range<usize>)> {
    let mut spans = Vec::new();
    let mut at = 0;
    while let Some(start) = text[at..].find('"').map(|offset| at + offset) {
        let end = start + quoted(&text[start..]);
        if let Some((from, to)) = value_at(&text[end..]) {
            spans.push((text[start..end].trim_matches('"'), end + from..end + to));
            at = end + to;
        } else {
            at = end;
        }
    }
    spans
}

/// Length of the quoted text at the start, to the end where the closing quote is missing.
fn quoted(text: &str) -> usize {
    let mut escaped = false;
    for (at, c) in text.char_indices().skip(1) {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => return at + 1,
            _ => {}
        }
    }
    text.len()
}

/// Where the text or number behind a colon starts and ends.
fn value_at(text: &str) -> Option<(usize, usize)> {
    let behind = text.trim_start().strip_prefix(':')?.trim_start();
    let from = text.len() - behind.len();
    match behind.chars().next()? {
        '"' => Some((from, from + quoted(behind))),
        c if c.is_ascii_digit() || c == '-' => {
            let length = behind.find(|c: char| !(c.is_ascii_digit() || matches!(c, '.' | 'e' | 'E' | '+' | '-')));
            Some((from, from + length.unwrap_or(behind.len())))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::{member_spans, named_values};

    fn pairs(text: &str) -> Vec<(String, String)> {
        named_values(text)
    }

    fn pair(name: &str, text: &str) -> (String, String) {
        (name.to_owned(), text.to_owned())
    }

    #[test]
    fn members_are_found_at_any_depth() {
        let found = pairs(r#"{"a": [{"pan": "41\u0031"}, {"cvv": 987}], "pans": ["1", 2], "n": null}"#);
        assert!(found.contains(&pair("pan", "411")) && found.contains(&pair("cvv", "987")), "{found:?}");
        assert!(found.contains(&pair("pans", "1")) && found.contains(&pair("pans", "2")), "{found:?}");
    }

    #[test]
    fn broken_texts_and_twins_hold_members_too() {
        assert_eq!(pairs(r#"{"pan": "4111", "cvv": 98"#), [pair("pan", "4111"), pair("cvv", "98")]);
        assert_eq!(pairs(r#"{"pan":"4111"#), [pair("pan", "4111")]);
        assert_eq!(pairs(r#"{"pan":"1","pan":"2"}"#), [pair("pan", "2"), pair("pan", "1")]);
        assert_eq!(pairs("no members: 7"), []);
    }

    #[test]
    fn spans_hold_the_quotes() {
        let text = r#"{"a" : "b", "c":-1.5}"#;
        let spans: Vec<&str> = member_spans(text).into_iter().map(|(_, range)| &text[range]).collect();
        assert_eq!(spans, [r#""b""#, "-1.5"]);
    }
}
