//! Reads the bytes of a JSON body as a forgiving server would, and tells what there was to forgive.

use serde_json::Value;

use crate::contract::{Rule, decode_utf16, depth, is_json, repeats_a_member};
use crate::generate::message::{DEEPER, LONE_SURROGATE, deep_values};

/// What begins a text that was saved by certain editors; no sender may add it (RFC 8259 section 8.1).
const BYTE_ORDER_MARK: &[u8] = b"\xEF\xBB\xBF";

/// The value, and the rules that the text itself goes against; [`Rule::MalformedJson`] where there is no value.
pub(super) fn read_json(bytes: &[u8]) -> Result<(Value, Vec<Rule>), Rule> {
    let mut noticed = Vec::new();
    let decoded = decode_utf16(bytes).map(String::into_bytes);
    if decoded.is_some() {
        noticed.push(Rule::JsonEncoding);
    }
    let bytes = decoded.as_deref().unwrap_or(bytes);
    let marked = bytes.strip_prefix(BYTE_ORDER_MARK);
    let bytes = marked.unwrap_or(bytes);
    if !is_json(bytes) {
        return Err(Rule::MalformedJson);
    }
    let mut unusual = marked.is_some() || repeats_a_member(bytes);
    let mut text = String::from_utf8(bytes.to_vec()).map_err(|_| Rule::MalformedJson)?;
    if depth(bytes) >= DEEPER {
        // The reader of values goes no deeper than 128: what is deeper is taken out before.
        unusual = true;
        text = deep_values().iter().fold(text, |text, deep| text.replace(deep, "null"));
    }
    if text.contains(LONE_SURROGATE) {
        unusual = true;
        text = text.replace(LONE_SURROGATE, r"\ufffd");
    }
    if unusual {
        noticed.push(Rule::UnusualBody);
    }
    let value = serde_json::from_str(&text).map_err(|_| Rule::MalformedJson)?;
    Ok((value, noticed))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::read_json;
    use crate::contract::Rule;
    use crate::generate::message::deep_values;

    #[test]
    fn what_is_forgiven_is_told() {
        let unusual = Ok((json!({"a": 1}), vec![Rule::UnusualBody]));
        assert_eq!(read_json(br#"{"a":1}"#), Ok((json!({"a": 1}), vec![])));
        assert_eq!(read_json(b"\xEF\xBB\xBF{\"a\":1}"), unusual);
        assert_eq!(read_json(br#"{"a":2,"a":1}"#), unusual);
        let utf16: Vec<u8> = "\u{FEFF}{\"a\":1}".encode_utf16().flat_map(u16::to_be_bytes).collect();
        assert_eq!(read_json(&utf16), Ok((json!({"a": 1}), vec![Rule::JsonEncoding])));
        for deep in deep_values() {
            let read = read_json(format!("{{\"a\":{deep}}}").as_bytes());
            assert_eq!(read, Ok((json!({"a": null}), vec![Rule::UnusualBody])));
        }
        let half = read_json(br#"{"a":"\ud800"}"#);
        assert_eq!(half, Ok((json!({"a": "\u{fffd}"}), vec![Rule::UnusualBody])));
    }

    #[test]
    fn what_keeps_no_grammar_is_malformed() {
        for text in [&b"{"[..], b"{\"a\":1}]", b"{\"a\":NaN}", b"{\"a\":\"\xC3\"}", b"\xFF\xFE{\x00", b"{a:1}", b"{}//"]
        {
            assert_eq!(read_json(text), Err(Rule::MalformedJson), "{text:?}");
        }
    }
}
