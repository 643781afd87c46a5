//! Reads what is nearly JSON, one mistake at a time.

use serde_json::Value;

use crate::contract::decode_utf16;
use crate::sandbox::defect::Malformed;

/// The value, where forgiving this one mistake makes a JSON text of the body.
pub(super) fn forgiven(way: Malformed, body: &[u8]) -> Option<Value> {
    let text = match way {
        Malformed::ReadsUtf16 => decode_utf16(body)?,
        Malformed::ReplacesBytes => String::from_utf8_lossy(body).into_owned(),
        _ => mended(way, std::str::from_utf8(body).ok()?),
    };
    serde_json::from_str(&text).ok()
}

fn mended(way: Malformed, text: &str) -> String {
    match way {
        Malformed::TakesSingleQuotes => text.replace('\'', "\""),
        Malformed::TakesTrailingCommas => between_texts(text, |part| part.replace(",}", "}")),
        Malformed::TakesWord(word) => between_texts(text, |part| part.replace(word, "null")),
        Malformed::TakesComments => between_texts(text, |part| without(part, "/*", "*/")),
        Malformed::TakesLineComments => between_texts(text, |part| without(part, "//", "\n")),
        Malformed::TakesUnquotedNames => between_texts(text, quoted_names),
        Malformed::TakesTabs => text.replace('\t', "\\t"),
        Malformed::TakesLeadingZeros => between_texts(text, without_leading_zeros),
        Malformed::TakesPlusSigns => between_texts(text, |part| part.replace(":+", ":")),
        _ => text.to_owned(),
    }
}

/// Changes what stands outside of quotes.
fn between_texts(text: &str, change: impl Fn(&str) -> String) -> String {
    let (mut whole, mut outside) = (String::new(), String::new());
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        if c != '"' {
            outside.push(c);
            continue;
        }
        whole.push_str(&change(&std::mem::take(&mut outside)));
        whole.push(c);
        while let Some(c) = chars.next() {
            whole.push(c);
            match c {
                '"' => break,
                '\\' => whole.extend(chars.next()),
                _ => {}
            }
        }
    }
    whole + &change(&outside)
}

fn without(part: &str, open: &str, close: &str) -> String {
    let Some((before, rest)) = part.split_once(open) else { return part.to_owned() };
    let behind = rest.split_once(close).map_or("", |(_, behind)| behind);
    format!("{before}{behind}")
}

/// A word before a colon is a name.
fn quoted_names(part: &str) -> String {
    let Some((before, behind)) = part.split_once(':') else { return part.to_owned() };
    let start = before.rfind(|c: char| !c.is_ascii_alphanumeric()).map_or(0, |at| at + 1);
    let (front, name) = before.split_at(start);
    let name = if name.is_empty() { String::new() } else { format!("\"{name}\"") };
    format!("{front}{name}:{}", quoted_names(behind))
}

fn without_leading_zeros(part: &str) -> String {
    let Some((before, behind)) = part.split_once(":0") else { return part.to_owned() };
    let zero = if behind.starts_with(|c: char| c.is_ascii_digit()) { "" } else { "0" };
    format!("{before}:{zero}{}", without_leading_zeros(behind))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::forgiven;
    use crate::sandbox::defect::Malformed;

    #[test]
    fn each_way_forgives_its_own_mistake_only() {
        let right = json!({"a": ":01 NaN // {b:", "x": 1, "y": 0});
        let table: [(Malformed, &[u8]); 10] = [
            (Malformed::TakesTrailingCommas, br#"{"a":":01 NaN // {b:","x":1,"y":0,}"#),
            (Malformed::TakesComments, br#"/* b */{"a":":01 NaN // {b:","x":1,"y":0}"#),
            (Malformed::TakesLineComments, b"{\"a\":\":01 NaN // {b:\",\"x\":1,\"y\":0}// b\n"),
            (Malformed::TakesUnquotedNames, br#"{"a":":01 NaN // {b:",x:1,"y":0}"#),
            (Malformed::TakesLeadingZeros, br#"{"a":":01 NaN // {b:","x":01,"y":0}"#),
            (Malformed::TakesPlusSigns, br#"{"a":":01 NaN // {b:","x":+1,"y":0}"#),
            (Malformed::TakesTabs, b"{\"a\":\":01 NaN // {b:\",\"x\":1,\"y\":0,\"t\":\"\t\"}"),
            (Malformed::TakesWord("NaN"), br#"{"a":":01 NaN // {b:","x":1,"y":0,"t":NaN}"#),
            (Malformed::TakesWord("True"), br#"{"a":":01 NaN // {b:","x":1,"y":0,"t":True}"#),
            (Malformed::ReplacesBytes, b"{\"a\":\":01 NaN // {b:\",\"x\":1,\"y\":0,\"t\":\"\xC3\"}"),
        ];
        for (way, body) in table {
            for (other, _) in table {
                let read = forgiven(other, body);
                assert_eq!(read.is_some(), way == other, "{other:?}: {}", String::from_utf8_lossy(body));
                let kept =
                    read.is_none_or(|value| right.as_object().unwrap().iter().all(|(name, own)| value[name] == *own));
                assert!(kept, "{other:?}");
            }
        }
        let utf16: Vec<u8> = "\u{FEFF}{}".encode_utf16().flat_map(u16::to_le_bytes).collect();
        assert_eq!(forgiven(Malformed::ReadsUtf16, &utf16), Some(json!({})));
        assert_eq!(forgiven(Malformed::ReplacesBytes, &utf16), None);
    }
}
