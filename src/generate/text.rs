//! Texts without a pattern: formats and plain words.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};

use super::draw::Draw;

/// A text of a known `format`; `None` for an unknown one.
pub(super) fn formatted(format: &str, draw: &mut Draw) -> Option<String> {
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
        "email" => format!("{}@example.com", word(draw)),
        "hostname" => format!("{}.example.com", word(draw)),
        "uri" => format!("https://example.com/{}", word(draw)),
        "uri-reference" => format!("/{}", word(draw)),
        "ipv4" => format!("192.0.2.{}", draw.between(0, 255)),
        "ipv6" => format!("2001:db8::{:x}", draw.between(0, 0xffff)),
        "byte" => STANDARD.encode(bytes(12, draw)),
        _ => return None,
    })
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
    (0..length).map(|_| char::from(b'a' + u8::try_from(draw.below(26)).unwrap_or_default())).collect()
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
    use super::super::draw::Draw;
    use super::{formatted, opaque_jwe, plain};

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
        assert_eq!(formatted("iban", &mut Draw::new(&[1; 32])), None);
    }

    #[test]
    fn an_opaque_jwe_has_five_parts_and_no_encrypted_key() {
        let text = opaque_jwe(&mut Draw::new(&[1; 32]));
        let parts: Vec<&str> = text.split('.').collect();
        assert_eq!(parts.len(), 5);
        assert!(parts[1].is_empty());
    }
}
