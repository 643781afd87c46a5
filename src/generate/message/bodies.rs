//! Bodies as texts: what RFC 8259 does not allow, and what it allows and few expect.

use serde_json::{Map, Value};

use super::placeholder;
use crate::generate::draw::Draw;

/// Texts that [`malformed`] knows.
pub(super) const MALFORMED: usize = 15;

/// Texts that [`unusual`] knows.
pub(super) const UNUSUAL: usize = 5;

/// How deep the deep values are nested. A parser may limit the depth (RFC 8259 section 9), but not break on it.
pub const DEEPER: usize = 10_000;

/// Half of a surrogate pair: the grammar allows it, and what becomes of it is open (RFC 8259 section 8.2).
pub const LONE_SURROGATE: &str = r"\ud800";

/// A member that nobody declares.
const NAME: &str = "unexpected";

/// Texts that RFC 8259 does not allow. Each makes one mistake that some parsers forgive, in a body that is right
/// otherwise, so that who forgives it takes the request.
pub(super) fn malformed(text: &str, round: usize, draw: &mut Draw) -> Vec<u8> {
    let cut = text.trim_end_matches(['}', ']']);
    let member = |value: &str| with_member(text, &format!("\"{NAME}\":{value}"));
    let broken = match round % MALFORMED {
        0 => cut.to_owned(),
        1 => format!("{cut},}}"),
        2 if text.contains('"') => text.replacen('"', "'", 2),
        2 => with_member(text, &format!("'{NAME}':1")),
        3 => format!("{text}{}", draw.pick(&["]", "}", "x", "{}"])),
        4 => member("NaN"),
        5 => "not json".to_owned(),
        6 => member("Infinity"),
        7 => format!("/* comment */{text}"),
        8 => format!("{text}// comment\n"),
        9 => with_member(text, &format!("{NAME}:1")),
        10 => member("\"a\tb\""),
        11 => member("01"),
        12 => member("+1"),
        13 => member("True"),
        _ => return invalid_utf8(&member("\"a?b\"")),
    };
    broken.into_bytes()
}

/// A byte of UTF-8 that begins a character which does not follow (RFC 3629 section 3).
fn invalid_utf8(text: &str) -> Vec<u8> {
    let mut bytes = text.as_bytes().to_vec();
    if let Some(place) = bytes.windows(3).position(|part| part == b"a?b") {
        bytes[place + 1] = 0xC3;
    }
    bytes
}

/// Texts that keep RFC 8259, or that it lets a parser take, and that a careless server breaks on.
pub(super) fn unusual(value: &Value, round: usize) -> Vec<u8> {
    let text = value.to_string();
    let [arrays, objects] = deep_values();
    let member = |value: &str| with_member(&text, &format!("\"{NAME}\":{value}")).into_bytes();
    match round % UNUSUAL {
        0 => [&b"\xEF\xBB\xBF"[..], text.as_bytes()].concat(),
        1 => repeated(value, &text).into_bytes(),
        2 => member(&arrays),
        3 => member(&objects),
        _ => member(&format!("\"{LONE_SURROGATE}\"")),
    }
}

/// Arrays in arrays, and objects in objects.
pub fn deep_values() -> [String; 2] {
    let nested =
        |open: &str, inside: &str, close: &str| format!("{}{inside}{}", open.repeat(DEEPER), close.repeat(DEEPER));
    [nested("[", "", "]"), nested("{\"a\":", "1", "}")]
}

/// The first member that holds no placeholder, twice with the same value.
fn repeated(value: &Value, text: &str) -> String {
    let empty = Map::new();
    let members = value.as_object().unwrap_or(&empty);
    let plain = members.iter().find(|(_, member)| !member.to_string().contains(placeholder::MARK));
    match plain {
        Some((name, member)) => with_member(text, &format!("{}:{member}", Value::String(name.clone()))),
        None => with_member(&with_member(text, &format!("\"{NAME}\":1")), &format!("\"{NAME}\":1")),
    }
}

/// The object with one more member in front; an object with it alone where the text is none.
fn with_member(text: &str, member: &str) -> String {
    match text.strip_prefix('{') {
        Some("}") | None => format!("{{{member}}}"),
        Some(rest) => format!("{{{member},{rest}"),
    }
}
