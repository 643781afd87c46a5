//! `multipart/form-data` bodies (RFC 7578): named texts, written and read.

use std::borrow::Cow;

use serde_json::Value;

use super::decode_fields;
use crate::contract::Schema;

/// Stands between the parts. Always the same, so that one case is always the same bytes.
const BOUNDARY: &str = "d1c-part-7MA4YWxkTrZu0gW";

/// The media type with the boundary, and the body that holds these fields; `None` where a text holds the boundary, or a name
/// cannot be written.
pub fn encode_multipart(media_type: &str, fields: &[(String, String)]) -> Option<(String, Vec<u8>)> {
    let mut body = String::new();
    for (name, text) in fields {
        if text.contains(BOUNDARY) || name.contains(['"', '\\', '\r', '\n']) {
            return None;
        }
        body.push_str(&format_part(name, text));
    }
    body.push_str("--");
    body.push_str(BOUNDARY);
    body.push_str("--\r\n");
    Some((format!("{media_type}; boundary={BOUNDARY}"), body.into_bytes()))
}

fn format_part(name: &str, text: &str) -> String {
    // An object is JSON, and says so (OpenAPI 3.0 "Special Considerations for multipart Content").
    let json = if text.starts_with('{') { "Content-Type: application/json\r\n" } else { "" };
    format!("--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"{name}\"\r\n{json}\r\n{text}\r\n")
}

/// The object that a body stands for under a schema; `None` where it is no such body.
pub fn decode_multipart(schema: &Schema, content_type: &str, body: &[u8]) -> Option<Value> {
    let (_, boundary) = content_type.split_once("boundary=")?;
    let boundary = boundary.split(';').next()?.trim_matches(['"', ' ']);
    let text = std::str::from_utf8(body).ok()?;
    // The first boundary has no line break before it.
    let text = format!("\r\n{text}");
    let (parts, end) = text.rsplit_once(&format!("\r\n--{boundary}--"))?;
    let fields: Vec<(Cow<str>, Cow<str>)> =
        parts.split(&format!("\r\n--{boundary}\r\n")).skip(1).map(read_part).collect::<Option<_>>()?;
    end.trim().is_empty().then(|| decode_fields(schema, fields.into_iter()))
}

fn read_part(part: &str) -> Option<(Cow<'_, str>, Cow<'_, str>)> {
    let (head, text) = part.split_once("\r\n\r\n")?;
    let (_, name) = head.split_once("name=\"")?;
    Some((Cow::from(name.split('"').next()?), Cow::from(text)))
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use serde_json::json;

    use super::{decode_multipart, encode_multipart};
    use crate::contract::{Document, Role, Schema};

    #[test]
    fn fields_are_read_as_they_were_written() {
        let yaml = "s:\n  type: object\n  properties:\n    count: {type: integer}\n    file: {type: string, format: binary}\n    \
                    tags: {type: array, items: {type: string}}\n    data: {type: object}\n";
        let document = Document::parse(Path::new("t.yaml"), yaml).unwrap();
        let schema = Schema::compile(&document, "/s", Role::Request).unwrap();
        let fields = [("count", "3"), ("file", "a\r\n\r\n--b"), ("tags", "x"), ("tags", ""), ("data", "{\"a\":[1]}")];
        let fields = fields.map(|(name, text)| (name.to_owned(), text.to_owned()));
        let (media, body) = encode_multipart("multipart/form-data", &fields).unwrap();
        let wanted = json!({"count": 3, "file": "a\r\n\r\n--b", "tags": ["x", ""], "data": {"a": [1]}});
        assert_eq!(decode_multipart(&schema, &media, &body), Some(wanted));
        let (media, body) = encode_multipart("multipart/form-data", &[]).unwrap();
        assert_eq!(decode_multipart(&schema, &media, &body), Some(json!({})));
        assert_eq!(decode_multipart(&schema, &media, b"no parts"), None);
        assert_eq!(encode_multipart("multipart/form-data", &[("a\"b".to_owned(), String::new())]), None);
    }
}
