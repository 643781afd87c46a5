//! One secret, many spellings: what a server repeats may be escaped by the rules of the place where it puts it.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

/// Everything but the unreserved characters of RFC 3986 section 2.3.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// The same without the characters that `encodeURI` leaves alone.
const INSIDE_URL: &AsciiSet = &RESERVED
    .remove(b';')
    .remove(b'/')
    .remove(b'?')
    .remove(b':')
    .remove(b'@')
    .remove(b'&')
    .remove(b'=')
    .remove(b'+')
    .remove(b'$')
    .remove(b',')
    .remove(b'!')
    .remove(b'*')
    .remove(b'\'')
    .remove(b'(')
    .remove(b')')
    .remove(b'#');

/// The text itself, percent-encoded, as a form field, inside a JSON text, and inside HTML; each spelling once.
pub(super) fn spellings(text: &str) -> Vec<String> {
    let mut all = vec![text.to_owned()];
    if text.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        return all;
    }
    let json = serde_json::Value::from(text).to_string();
    let json = json[1..json.len() - 1].to_owned();
    let form: String = url::form_urlencoded::byte_serialize(text.as_bytes()).collect();
    for encoded in [percent_encoded(text), utf8_percent_encode(text, INSIDE_URL).to_string(), form] {
        all.push(lower(&encoded));
        all.push(encoded);
    }
    let html = text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;");
    all.push(html.replace('\'', "&#39;"));
    all.push(html);
    all.push(json.replace('/', "\\/"));
    all.push(json);
    all.sort();
    all.dedup();
    all
}

/// Percent-encodes one path segment or query text: everything but the unreserved characters.
pub fn percent_encoded(text: &str) -> String {
    utf8_percent_encode(text, RESERVED).to_string()
}

/// The unreserved characters and the mask as they are, everything else percent-encoded.
pub(super) fn encoded(text: &str) -> String {
    const SET: &AsciiSet = &RESERVED.remove(b'*');
    utf8_percent_encode(text, SET).to_string()
}

/// Percent escapes with small letters.
fn lower(encoded: &str) -> String {
    let mut left = 0_u8;
    encoded
        .chars()
        .map(|c| {
            if c == '%' {
                left = 2;
                return c;
            }
            let small = if left > 0 { c.to_ascii_lowercase() } else { c };
            left = left.saturating_sub(1);
            small
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::spellings;

    #[test]
    fn plain_texts_have_one_spelling() {
        assert_eq!(spellings("swordfish1"), ["swordfish1"]);
    }

    #[test]
    fn others_have_one_for_each_place() {
        let all = spellings("a B/\"+ü");
        for wanted in [
            "a B/\"+ü",
            "a%20B%2F%22%2B%C3%BC",
            "a%20B%2f%22%2b%c3%bc",
            "a%20B/%22+%C3%BC",
            "a+B%2F%22%2B%C3%BC",
            "a B/\\\"+ü",
            "a B\\/\\\"+ü",
        ] {
            assert!(all.iter().any(|one| one == wanted), "{wanted} is not among {all:?}");
        }
    }
}
