//! The secrets that are let loose, and the search for them.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE, URL_SAFE_NO_PAD};
use percent_encoding::percent_decode_str;
use regex::bytes::Regex;

pub const CLIENT_ID: &str = "canary-client";
pub const CLIENT_SECRET: &str = "kanarie/geheim+~ü?>>Vogel";
pub const STATIC_TOKEN: &str = "kanarie-static/token+Zeisig";
pub const EXPIRED_TOKEN: &str = "kanarie-expired/token+Amsel";
/// Start of every token that the stub issues.
pub const ISSUED_TOKEN: &str = "kanarie-issued-";

/// Luhn-valid, and of the range that the target files name.
pub const PAN: &str = "4111111107302195";
pub const PAN_RANGE: &str = "41111111xxxxxxxx";
/// Odd length, and no Luhn digit.
pub const AUXILIARY_PAN: &str = "9036157284913";
/// Four digits, so that no line number and hardly a time is taken for it.
pub const CVV: &str = "9873";
/// The same as a JSON number.
pub const CVC: &str = "8746";

/// Made for this test and used nowhere else.
pub const SIGNING_KEY: &str = "-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgCEndfa5Sn8sBYtkI
K8rNrfQ4DXZrRxM2Ki9yKHK8wPyhRANCAAQLwdmpdLknQF4KThDYdfSiR51hi/Fj
BAxuu99SyF0nz3VHKOGGemgd550uvIcMyDe7zEWTT36fyWr1R7Y1rhES
-----END PRIVATE KEY-----
";
pub const DECRYPTION_KEY: &str = "-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgrt1S09SEXZaTc+rX
h292yIGb0NHPA/MKoUpgDh1nLzShRANCAARnvdO5cVshZtpbDR5Cbw3uJ416heVp
gUAkaEHfQlKP4DbZGrcXtf8orR05u4Cwi5IKUDdEnHGzWdJaS+po+096
-----END PRIVATE KEY-----
";
/// Public half of the signing key: the stub's, for `encryptedData`.
pub const ENCRYPTION_KEY: &str = "-----BEGIN PUBLIC KEY-----
MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEC8HZqXS5J0BeCk4Q2HX0okedYYvx
YwQMbrvfUshdJ891RyjhhnpoHeedLryHDMg3u8xFk09+n8lq9Ue2Na4REg==
-----END PUBLIC KEY-----
";

/// What must be nowhere: its name and how it looks.
pub struct Scanner(Vec<(String, Regex)>);

impl Scanner {
    pub fn new() -> Self {
        let mut canaries = Vec::new();
        let pair = format!("{CLIENT_ID}:{CLIENT_SECRET}");
        let texts = [
            ("client secret", CLIENT_SECRET.to_owned()),
            ("static token", STATIC_TOKEN.to_owned()),
            ("expired token", EXPIRED_TOKEN.to_owned()),
            ("issued token", ISSUED_TOKEN.to_owned()),
            ("basic pair, base64", STANDARD.encode(&pair)),
            ("basic pair, base64url", URL_SAFE.encode(&pair)),
            ("basic pair, base64 without padding", STANDARD_NO_PAD.encode(&pair)),
            ("basic pair, base64url without padding", URL_SAFE_NO_PAD.encode(&pair)),
            ("auxiliary PAN", AUXILIARY_PAN.to_owned()),
        ];
        for (name, text) in &texts {
            canaries.push(((*name).to_owned(), format!("(?-u){}", bytes(text))));
            // A quotation that is cut may hold the start of a secret; a pair starts with the client id, which is none.
            let length = if name.starts_with("basic") { 24 } else { 13 };
            let start: String = text.chars().take(length).collect();
            canaries.push((format!("{name}, its start"), format!("(?-u){}", bytes(&start))));
        }
        for (name, key) in [("signing key", SIGNING_KEY), ("decryption key", DECRYPTION_KEY)] {
            for line in key.lines().filter(|line| !line.contains("-----")) {
                canaries.push((format!("line of the {name}"), format!("(?-u){}", bytes(&line[line.len() - 24..]))));
            }
        }
        // Any number of the range, in groups or not.
        canaries.push(("PAN".to_owned(), r"(?-u)4111[ +-]?1111[ +-]?\d{4}[ +-]?\d{3,4}".to_owned()));
        // A time may look like it.
        for (name, code) in [("CVV", CVV), ("CVC", CVC)] {
            canaries.push((name.to_owned(), format!(r"(?-u)(?:^|[^0-9A-Za-z.:])({code})(?:$|[^0-9A-Za-z])")));
        }
        canaries.push(("JWT or JWE".to_owned(), r"(?-u)eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{4,}".to_owned()));
        Self(canaries.into_iter().map(|(name, pattern)| (name, Regex::new(&pattern).expect("a pattern"))).collect())
    }

    /// Every canary in `text`, with what stands around it. The text is read as it is, without the escapes of HTML and
    /// JSON, and percent-decoded as well.
    pub fn find(&self, text: &[u8]) -> Vec<String> {
        let times = Regex::new(r#""\w+_[mu]s": ?\d+"#).expect("a pattern");
        let raw = times.replace_all(text, &b"_"[..]).into_owned();
        let mut bare = String::from_utf8_lossy(&raw).into_owned();
        for (escape, plain) in [
            ("&quot;", "\""),
            ("&#34;", "\""),
            ("&#39;", "'"),
            ("&apos;", "'"),
            ("&lt;", "<"),
            ("&gt;", ">"),
            ("&#60;", "<"),
            ("&#62;", ">"),
            ("&amp;", "&"),
            ("&#38;", "&"),
            ("\\/", "/"),
            ("\\\"", "\""),
        ] {
            bare = bare.replace(escape, plain);
        }
        let decoded = percent_decode_str(&bare).collect::<Vec<u8>>();
        let form = percent_decode_str(&bare.replace('+', " ")).collect::<Vec<u8>>();
        let mut found: Vec<String> = Vec::new();
        for view in [&raw, &bare.into_bytes(), &decoded, &form] {
            for (name, pattern) in &self.0 {
                if let Some(hit) = pattern.find(view) {
                    let around = &view[hit.start().saturating_sub(120)..(hit.end() + 60).min(view.len())];
                    found.push(format!("{name}: …{}…", String::from_utf8_lossy(around)));
                }
            }
        }
        found
    }
}

/// A text byte by byte, so that the search does not depend on what is around it.
fn bytes(text: &str) -> String {
    text.bytes().fold(String::new(), |pattern, byte| pattern + &format!(r"\x{byte:02x}"))
}
