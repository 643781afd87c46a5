//! Masks what must not be recorded: credentials, tokens, card numbers.

use serde_json::Value;

use super::Secret;
use super::card_number::luhn;

/// What stands in place of a masked value.
const MASK: &str = "***";

/// Field names (lower case, letters and digits only) whose value is masked wherever it appears.
const SENSITIVE_FIELDS: &[&str] = &[
    "accesstoken",
    "assertion",
    "authorization",
    "clientassertion",
    "clientsecret",
    "cvv",
    "cvv2",
    "encrypteddata",
    "otp",
    "pan",
    "password",
    "pin",
    "proxyauthorization",
    "refreshtoken",
    "secret",
    "setcookie",
    "cookie",
];

/// Masks known secrets by value, sensitive fields by name, and card numbers by their Luhn digit.
#[derive(Clone, Debug, Default)]
pub struct Redactor {
    secrets: Vec<Secret>,
}

impl Redactor {
    /// A redactor that also masks these values wherever they stand. Values under four characters are not searched for:
    /// they would mask half of every report.
    pub fn new(secrets: impl IntoIterator<Item = Secret>) -> Self {
        let mut secrets: Vec<Secret> = secrets.into_iter().filter(|secret| secret.expose().len() >= 4).collect();
        secrets.sort_by_key(|secret| std::cmp::Reverse(secret.expose().len()));
        Self { secrets }
    }

    /// The same redactor with more values to mask.
    #[must_use]
    pub fn with(&self, more: impl IntoIterator<Item = Secret>) -> Self {
        Self::new(self.secrets.iter().cloned().chain(more))
    }

    /// True when the value of a header, parameter or property of this name is masked as a whole.
    pub fn hides_field(name: &str) -> bool {
        let plain: String = name.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect();
        SENSITIVE_FIELDS.contains(&plain.as_str())
    }

    /// The text of field `name`, masked as needed.
    pub fn field(&self, name: &str, text: &str) -> String {
        if Self::hides_field(name) && !text.is_empty() { mask_field(text) } else { self.text(text) }
    }

    /// Free text without known secrets, bearer tokens and card numbers.
    pub fn text(&self, text: &str) -> String {
        let mut clean = text.to_owned();
        for secret in &self.secrets {
            if clean.contains(secret.expose()) {
                clean = clean.replace(secret.expose(), MASK);
            }
        }
        mask_card_numbers(&mask_compact_tokens(&clean))
    }

    /// A JSON value with sensitive members masked, at any depth.
    pub fn json(&self, value: &Value) -> Value {
        match value {
            Value::String(text) => Value::String(self.text(text)),
            Value::Array(items) => Value::Array(items.iter().map(|item| self.json(item)).collect()),
            Value::Object(members) => Value::Object(
                members
                    .iter()
                    .map(|(name, member)| {
                        let clean = match member {
                            Value::String(text) => Value::String(self.field(name, text)),
                            Value::Number(_) if Self::hides_field(name) => Value::String(MASK.to_owned()),
                            other => self.json(other),
                        };
                        (self.text(name), clean)
                    })
                    .collect(),
            ),
            Value::Number(number) => {
                let text = number.to_string();
                let clean = mask_card_numbers(&text);
                if clean == text { value.clone() } else { Value::String(clean) }
            }
            Value::Null | Value::Bool(_) => value.clone(),
        }
    }
}

/// Keeps the scheme of `Bearer xyz`, so that a reader sees what kind of credential was sent.
fn mask_field(text: &str) -> String {
    match text.split_once(' ') {
        Some((scheme @ ("Bearer" | "Basic"), _)) => format!("{scheme} {MASK}"),
        _ => MASK.to_owned(),
    }
}

/// Masks compact JOSE serialisations (RFC 7515 section 3.1, RFC 7516 section 3.1): they start with the base64url of
/// `{"`, which is `eyJ`, and hold at least one dot.
fn mask_compact_tokens(text: &str) -> String {
    let mut clean = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find("eyJ") {
        let end = rest[start..]
            .find(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.')))
            .map_or(rest.len(), |length| start + length);
        clean.push_str(&rest[..start]);
        clean.push_str(if rest[start..end].contains('.') { MASK } else { &rest[start..end] });
        rest = &rest[end..];
    }
    clean.push_str(rest);
    clean
}

/// Masks runs of 13 to 19 digits with a valid Luhn digit (ISO/IEC 7812-1), blanks and hyphens between digits allowed.
fn mask_card_numbers(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut clean = String::with_capacity(text.len());
    let mut at = 0;
    while at < bytes.len() {
        let run = digit_run(&bytes[at..]);
        if run == 0 {
            let width = text[at..].chars().next().map_or(1, char::len_utf8);
            clean.push_str(&text[at..at + width]);
            at += width;
            continue;
        }
        let piece = &text[at..at + run];
        let digits: Vec<u8> = piece.bytes().filter(u8::is_ascii_digit).map(|digit| digit - b'0').collect();
        if (13..=19).contains(&digits.len()) && luhn(&digits) {
            clean.push_str(MASK);
        } else {
            clean.push_str(piece);
        }
        at += run;
    }
    clean
}

/// Length in bytes of the run of digits at the start; single separators inside it count.
fn digit_run(bytes: &[u8]) -> usize {
    let mut end = 0;
    while end < bytes.len() {
        let separator =
            end > 0 && matches!(bytes[end], b' ' | b'-') && bytes.get(end + 1).is_some_and(u8::is_ascii_digit);
        if !bytes[end].is_ascii_digit() && !separator {
            break;
        }
        end += 1;
    }
    end
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::Redactor;
    use crate::base::Secret;

    #[test]
    fn card_numbers_are_masked_in_any_text() {
        let redactor = Redactor::default();
        assert_eq!(redactor.text("card 4111111111111111."), "card ***.");
        assert_eq!(redactor.text("4111 1111-1111 1111"), "***");
        assert_eq!(redactor.text("order 4111111111111112"), "order 4111111111111112");
        assert_eq!(redactor.json(&json!(4_111_111_111_111_111_u64)), json!("***"));
    }

    #[test]
    fn sensitive_members_are_masked_at_any_depth() {
        let value = json!({"a": [{"access_token": "abc", "cvv": 123, "state": "ACTIVE"}]});
        assert_eq!(
            Redactor::default().json(&value),
            json!({"a": [{"access_token": "***", "cvv": "***", "state": "ACTIVE"}]})
        );
    }

    #[test]
    fn known_secrets_and_tokens_are_masked_by_value() {
        let redactor = Redactor::new([Secret::new("swordfish")]);
        assert_eq!(redactor.text("echo swordfish!"), "echo ***!");
        assert_eq!(redactor.text("t=eyJhbGciOiJub25lIn0.e30.x;"), "t=***;");
        assert_eq!(redactor.field("Authorization", "Bearer abc"), "Bearer ***");
        assert_eq!(redactor.text("Zürich"), "Zürich");
        assert_eq!(redactor.with([Secret::new("plugh")]).text("plugh swordfish"), "*** ***");
    }
}
