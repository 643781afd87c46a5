//! Texts without a pattern: formats and plain words.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};

use super::draw::Draw;

/// A text of a known `format`; `None` for an unknown one. Where the bounds ask for another length than usual, and the format
/// has such texts, it has that length.
pub(super) fn formatted(format: &str, least: usize, most: Option<usize>, draw: &mut Draw) -> Option<String> {
    let text = usual(format, draw)?;
    let most = most.unwrap_or(usize::MAX);
    let length = if text.len() < least {
        least
    } else if text.len() > most {
        most
    } else {
        return Some(text);
    };
    Some(of_length(format, length, draw).unwrap_or(text))
}

fn usual(format: &str, draw: &mut Draw) -> Option<String> {
    Some(match format {
        "date" => date(draw),
        "date-time" => {
            let zone = *draw.pick(&["Z", "+00:00", "+05:30", "-11:00"]);
            let fraction = *draw.pick(&["", ".5", ".123", ".123456"]);
            format!("{}T{}{fraction}{zone}", date(draw), clock(draw))
        }
        "time" => format!("{}Z", clock(draw)),
        "uuid" => {
            let hex = crate::base::sha256_hex(&bytes(16, draw));
            format!("{}-{}-4{}-a{}-{}", &hex[..8], &hex[8..12], &hex[13..16], &hex[17..20], &hex[20..32])
        }
        "email" | "idn-email" => format!("{}@example.com", word(draw)),
        "hostname" | "idn-hostname" => format!("{}.example.com", word(draw)),
        "uri" | "iri" => format!("https://example.com/{}", word(draw)),
        "uri-reference" | "iri-reference" | "json-pointer" => format!("/{}", word(draw)),
        "uri-template" => format!("https://example.com/{{{}}}", word(draw)),
        "relative-json-pointer" => format!("{}/{}", draw.between(0, 9), word(draw)),
        "regex" => format!("^{}$", word(draw)),
        "duration" => format!("P{}D", draw.between(1, 400)),
        "ipv4" => format!("192.0.2.{}", draw.between(0, 255)),
        "ipv6" => format!("2001:db8::{:x}", draw.between(0, 0xffff)),
        "byte" => STANDARD.encode(bytes(12, draw)),
        _ => return None,
    })
}

/// A text of the format with this many characters; `None` where there is none, or none is known.
fn of_length(format: &str, length: usize, draw: &mut Draw) -> Option<String> {
    let rest = |fixed: usize| length.checked_sub(fixed).filter(|rest| *rest > 0);
    Some(match format {
        "email" | "idn-email" => {
            // At most 64 characters before the sign (RFC 5321 section 4.5.3.1.1), and labels of 63 behind it.
            let host = length.saturating_sub(65).max(1).max(length.saturating_sub(2).min(11));
            let local = length.checked_sub(host + 1).filter(|local| (1..=64).contains(local))?;
            format!("{}@{}", letters(local, draw), host_of(host, draw)?)
        }
        "hostname" | "idn-hostname" => host_of(length, draw)?,
        "uri" | "iri" => match rest(20) {
            Some(path) => format!("https://example.com/{}", letters(path, draw)),
            None => format!("a:{}", letters(rest(2)?, draw)),
        },
        "uri-reference" | "iri-reference" | "json-pointer" => format!("/{}", letters(rest(1)?, draw)),
        "regex" => letters(length, draw),
        "ipv4" => {
            let digits = length.checked_sub(3).filter(|digits| (4..=12).contains(digits))?;
            let part = |place: usize| "1".repeat((digits + place) / 4);
            format!("{}.{}.{}.{}", part(0), part(1), part(2), part(3))
        }
        "ipv6" => match length {
            2 => "::".to_owned(),
            3..=6 => format!("::{}", "a".repeat(length - 2)),
            39 => format!("2001:0db8{}", ":0a1b".repeat(6)),
            _ => return None,
        },
        // Three bytes are four characters.
        "byte" => STANDARD.encode(bytes((length / 4) * 3, draw)),
        "date-time" => match length {
            20 => format!("{}T{}Z", date(draw), clock(draw)),
            22.. => format!("{}T{}.{}Z", date(draw), clock(draw), "1".repeat((length - 21).min(9))),
            _ => return None,
        },
        _ => return None,
    })
}

/// A host name of this many characters, in labels of 63 at most (RFC 1123 section 2.1).
fn host_of(length: usize, draw: &mut Draw) -> Option<String> {
    if length == 0 || length > 253 {
        return None;
    }
    let mut text: Vec<char> = letters(length, draw).chars().collect();
    for place in (11..length.saturating_sub(1)).step_by(12) {
        text[place] = '.';
    }
    Some(text.into_iter().collect())
}

fn letters(count: usize, draw: &mut Draw) -> String {
    (0..count).map(|_| char::from(b'a' + u8::try_from(draw.below(26)).unwrap_or_default())).collect()
}

fn date(draw: &mut Draw) -> String {
    if draw.chance(20) {
        return (*draw.pick(&["2024-02-29", "2000-02-29", "1999-12-31", "2026-01-01"])).to_owned();
    }
    format!("{:04}-{:02}-{:02}", draw.between(1970, 2037), draw.between(1, 12), draw.between(1, 28))
}

fn clock(draw: &mut Draw) -> String {
    format!("{:02}:{:02}:{:02}", draw.between(0, 23), draw.between(0, 59), draw.between(0, 59))
}

fn bytes(count: usize, draw: &mut Draw) -> Vec<u8> {
    (0..count).map(|_| u8::try_from(draw.below(256)).unwrap_or_default()).collect()
}

fn word(draw: &mut Draw) -> String {
    let length = draw.between(3, 10);
    letters(length, draw)
}

/// A text that a person might have written, within the bounds; now and then exactly at one of them.
pub(super) fn plain(name: &str, least: usize, most: Option<usize>, draw: &mut Draw) -> String {
    let usual = least.max(1);
    let length = match (draw.below(8), most) {
        (0, _) => least,
        (1, Some(most)) if most <= 256 => most,
        (_, Some(most)) => draw.between(usual.min(most), most.min(usual + 15)),
        (_, None) => draw.between(usual, usual + 15),
    };
    let stem: String = name.chars().filter(char::is_ascii_alphanumeric).take(length.saturating_sub(4)).collect();
    let mut text = stem;
    while text.len() < length {
        text.push(*draw.pick(&['a', 'e', 'k', 'm', 'o', 'r', 's', 't', '0', '1', '2', '7']));
    }
    text
}

/// Five parts of base64url, the second one empty: the look of a compact JWE with direct key agreement (RFC 7516
/// section 7.1). Nobody can open it; only servers that do not look inside take it.
pub(super) fn opaque_jwe(draw: &mut Draw) -> String {
    let header = URL_SAFE_NO_PAD.encode(r#"{"alg":"ECDH-ES","enc":"A256GCM","kid":"opaque"}"#);
    let mut part = |count: usize| URL_SAFE_NO_PAD.encode(bytes(count, draw));
    format!("{header}..{}.{}.{}", part(12), part(48), part(16))
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use serde_json::json;

    use super::super::draw::Draw;
    use super::{formatted, opaque_jwe, plain};
    use crate::contract::{Document, Role, Schema};

    #[test]
    fn plain_texts_keep_their_bounds() {
        let mut draw = Draw::new(&[3; 32]);
        for _ in 0..200 {
            assert_eq!(plain("issuerId", 10, Some(10), &mut draw).len(), 10);
            assert!(plain("x", 0, Some(3), &mut draw).len() <= 3);
            assert!(plain("name", 5, None, &mut draw).len() >= 5);
        }
    }

    #[test]
    fn unknown_formats_are_left_to_others() {
        assert_eq!(formatted("iban", 0, None, &mut Draw::new(&[1; 32])), None);
    }

    #[test]
    fn formats_and_bounds_hold_together() {
        let mut draw = Draw::new(&[1; 32]);
        for (format, lengths) in [("email", 3..200), ("hostname", 1..253), ("uri", 3..300), ("ipv4", 7..16)] {
            let text = format!("s: {{type: string, format: {format}}}");
            let document = Document::parse(Path::new("t.yaml"), &text).expect("yaml");
            let schema = Schema::compile(&document, "/s", Role::Request).expect("a schema");
            for length in lengths {
                let text = formatted(format, length, Some(length), &mut draw).expect(format);
                assert!(text.len() == length && schema.accepts(&json!(text)), "{format} {length} {text}");
            }
        }
    }

    #[test]
    fn an_opaque_jwe_has_five_parts_and_no_encrypted_key() {
        let text = opaque_jwe(&mut Draw::new(&[1; 32]));
        let parts: Vec<&str> = text.split('.').collect();
        assert_eq!(parts.len(), 5);
        assert!(parts[1].is_empty());
    }
}
