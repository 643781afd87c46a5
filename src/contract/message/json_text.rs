//! JSON as a text (RFC 8259), for what is lost once it is read: how deep it is nested, which members stand there twice, in
//! which encoding it came.

use std::collections::HashSet;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

/// True for a JSON text of any depth, in UTF-8 and without a byte order mark. Escapes of half a surrogate pair keep the
/// grammar (section 8.2).
pub fn is_json(bytes: &[u8]) -> bool {
    // What is ignored is not read by recursion, and its characters are not looked at.
    std::str::from_utf8(bytes).is_ok() && serde_json::from_slice::<IgnoredAny>(bytes).is_ok()
}

/// How many objects and arrays stand inside each other at most.
pub fn depth(text: &[u8]) -> usize {
    let (mut deepest, mut now) = (0, 0_usize);
    let (mut quoted, mut escaped) = (false, false);
    for byte in text {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if quoted => escaped = true,
            b'"' => quoted = !quoted,
            b'{' | b'[' if !quoted => {
                now += 1;
                deepest = deepest.max(now);
            }
            b'}' | b']' if !quoted => now = now.saturating_sub(1),
            _ => {}
        }
    }
    deepest
}

/// True where a member stands twice in one object (section 4); `false` for what is no JSON.
pub fn repeats_a_member(bytes: &[u8]) -> bool {
    let mut repeated = false;
    let mut reader = serde_json::Deserializer::from_slice(bytes);
    Names(&mut repeated).deserialize(&mut reader).is_ok() && repeated
}

/// The text behind a byte order mark of UTF-16, in either order; `None` for anything else.
pub fn decode_utf16(bytes: &[u8]) -> Option<String> {
    let unit = |pair: &[u8]| match bytes {
        [0xFF, 0xFE, ..] => u16::from_le_bytes([pair[0], pair[1]]),
        _ => u16::from_be_bytes([pair[0], pair[1]]),
    };
    let marked = matches!(bytes, [0xFF, 0xFE, ..] | [0xFE, 0xFF, ..]) && bytes.len().is_multiple_of(2);
    let units: Vec<u16> = bytes.chunks_exact(2).skip(1).map(unit).collect();
    marked.then(|| String::from_utf16(&units).ok()).flatten()
}

/// Reads a value for the names in it.
struct Names<'f>(&'f mut bool);

impl<'de> DeserializeSeed<'de> for Names<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Names<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_bool<E>(self, _: bool) -> Result<(), E> {
        Ok(())
    }

    fn visit_i64<E>(self, _: i64) -> Result<(), E> {
        Ok(())
    }

    fn visit_u64<E>(self, _: u64) -> Result<(), E> {
        Ok(())
    }

    fn visit_f64<E>(self, _: f64) -> Result<(), E> {
        Ok(())
    }

    fn visit_str<E>(self, _: &str) -> Result<(), E> {
        Ok(())
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<(), A::Error> {
        while items.next_element_seed(Names(self.0))?.is_some() {}
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<(), A::Error> {
        let mut seen = HashSet::new();
        while let Some(name) = members.next_key::<String>()? {
            *self.0 |= !seen.insert(name);
            members.next_value_seed(Names(self.0))?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::{decode_utf16, depth, is_json, repeats_a_member};

    #[test]
    fn any_depth_is_json() {
        let deep = format!("{}{}", "[".repeat(10_000), "]".repeat(10_000));
        assert!(is_json(deep.as_bytes()));
        assert_eq!(depth(deep.as_bytes()), 10_000);
        assert_eq!(depth(br#"{"a[[[":["\"[[",{}]}"#), 3);
    }

    #[test]
    fn the_grammar_decides_and_not_what_it_means() {
        for right in [&br#"{"a":1,"a":2}"#[..], br#""\ud800""#, b" null "] {
            assert!(is_json(right), "{right:?}");
        }
        let wrong: [&[u8]; 8] =
            [b"", b"{\"a\":01}", b"[+1]", b"[NaN]", b"[1,]", b"\"\t\"", b"\"\xff\"", b"\xef\xbb\xbf{}"];
        for wrong in wrong {
            assert!(!is_json(wrong), "{wrong:?}");
        }
    }

    #[test]
    fn members_repeat_in_one_object_only() {
        assert!(repeats_a_member(br#"{"b":[{"a":1,"c":2.5,"a":null}]}"#));
        assert!(!repeats_a_member(br#"{"a":{"a":1},"b":[{"a":true},{"a":-1}]}"#));
        assert!(!repeats_a_member(br#"{"a":1,"a":"#));
    }

    #[test]
    fn utf_16_is_known_by_its_mark() {
        let encode = |mark: u16, bytes: fn(u16) -> [u8; 2]| -> Vec<u8> {
            [mark].into_iter().chain("{é}".encode_utf16()).flat_map(bytes).collect()
        };
        assert_eq!(decode_utf16(&encode(0xFEFF, u16::to_le_bytes)).as_deref(), Some("{é}"));
        assert_eq!(decode_utf16(&encode(0xFEFF, u16::to_be_bytes)).as_deref(), Some("{é}"));
        assert_eq!(decode_utf16(b"{}"), None);
        assert_eq!(decode_utf16(b"\xff\xfe{"), None);
    }
}
