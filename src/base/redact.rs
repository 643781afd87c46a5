//! Masks what must not be recorded: credentials, tokens, card numbers.

use percent_encoding::percent_decode_str;
use serde_json::Value;

use super::Secret;
use super::card_number::luhn;
use super::spelling::{encoded, spellings};

/// What stands in place of a masked value.
const MASK: &str = "***";

/// Field names (lower case, letters and digits only) whose value is masked wherever it appears.
const SENSITIVE_FIELDS: &[&str] = &[
    "accesstoken",
    "assertion",
    "authorization",
    "auxiliarypan",
    "cardnumber",
    "clientassertion",
    "clientsecret",
    "cookie",
    "encrypteddata",
    "idtoken",
    "password",
    "pan",
    "primaryaccountnumber",
    "privatekey",
    "proxyauthorization",
    "refreshtoken",
    "secret",
    "setcookie",
    "track1",
    "track1data",
    "track2",
    "track2data",
];

/// As [`SENSITIVE_FIELDS`]; their values are codes of a few digits.
const CODE_FIELDS: &[&str] = &["csc", "cvc", "cvc2", "cvv", "cvv2", "otp", "pin", "securitycode"];

/// Masks known secrets by value, sensitive fields by name, and card numbers by their Luhn digit.
#[derive(Clone, Debug, Default)]
pub struct Redactor {
    secrets: Vec<Secret>,
    words: Vec<Secret>,
}

impl Redactor {
    /// A redactor that also masks these values wherever they stand, however they are escaped. Values under four
    /// characters are not searched for: they would mask half of every report.
    pub fn new(secrets: impl IntoIterator<Item = Secret>) -> Self {
        Self::default().with(secrets)
    }

    /// The same redactor with more values to mask.
    #[must_use]
    pub fn with(&self, more: impl IntoIterator<Item = Secret>) -> Self {
        let more = more.into_iter().filter(|secret| secret.expose().len() >= 4);
        let mut secrets = self.secrets.clone();
        for spelling in more.flat_map(|secret| spellings(secret.expose())) {
            if !secrets.iter().any(|known| known.expose() == spelling) {
                secrets.push(Secret::new(spelling));
            }
        }
        // A value may be a part of another; the whole must be found first.
        secrets.sort_by_key(|secret| std::cmp::Reverse(secret.expose().len()));
        Self { secrets, words: self.words.clone() }
    }

    /// The same redactor with more values that are masked where they are whole words: `987` in `cvv=987`, but not in
    /// `19870`. Values under three characters are not searched for.
    #[must_use]
    pub fn with_words(&self, more: impl IntoIterator<Item = Secret>) -> Self {
        let mut words = self.words.clone();
        for word in more.into_iter().filter(|word| word.expose().len() >= 3) {
            if !words.contains(&word) {
                words.push(word);
            }
        }
        words.sort_by_key(|word| std::cmp::Reverse(word.expose().len()));
        Self { secrets: self.secrets.clone(), words }
    }

    /// A redactor that masks what either of two masks.
    #[must_use]
    pub fn and(&self, other: &Self) -> Self {
        self.with(other.secrets.iter().cloned()).with_words(other.words.iter().cloned())
    }

    /// True when the value of a header, parameter or property of this name is masked as a whole.
    pub fn hides_field(name: &str) -> bool {
        SENSITIVE_FIELDS.contains(&plain(name).as_str()) || Self::holds_code(name)
    }

    /// True when the values of such a field are codes of a few digits, which are only to be masked as whole words.
    pub fn holds_code(name: &str) -> bool {
        CODE_FIELDS.contains(&plain(name).as_str())
    }

    /// The text of field `name`, masked as needed.
    pub fn field(&self, name: &str, text: &str) -> String {
        if Self::hides_field(name) && !text.is_empty() { mask_field(text) } else { self.text(text) }
    }

    /// Free text without known secrets, bearer tokens and card numbers.
    pub fn text(&self, text: &str) -> String {
        let clean = self.plain(text);
        if clean.contains('%') { self.encoded_runs(&clean) } else { clean }
    }

    fn plain(&self, text: &str) -> String {
        let mut clean = text.to_owned();
        for secret in &self.secrets {
            if clean.contains(secret.expose()) {
                clean = clean.replace(secret.expose(), MASK);
            }
        }
        for word in &self.words {
            clean = mask_word(&clean, word.expose());
        }
        mask_card_numbers(&mask_compact_tokens(&clean))
    }

    /// Percent-encoded pieces, whichever characters their author took for reserved: they stay as they were, unless
    /// something in the decoded text is masked.
    fn encoded_runs(&self, text: &str) -> String {
        let belongs = |c: char| c.is_ascii_alphanumeric() || matches!(c, '%' | '-' | '.' | '_' | '~' | '+' | '*');
        let mut clean = String::with_capacity(text.len());
        let mut rest = text;
        while !rest.is_empty() {
            let run = rest.find(|c| !belongs(c)).unwrap_or(rest.len());
            let other = rest[run..].find(belongs).map_or(rest.len(), |length| run + length);
            clean.push_str(&self.decoded_and_clean(&rest[..run]).unwrap_or_else(|| rest[..run].to_owned()));
            clean.push_str(&rest[run..other]);
            rest = &rest[other..];
        }
        clean
    }

    fn decoded_and_clean(&self, run: &str) -> Option<String> {
        if !run.contains('%') {
            return None;
        }
        // In a form a blank is a plus sign.
        [run.to_owned(), run.replace('+', " ")].iter().find_map(|piece| {
            let decoded = percent_decode_str(piece).decode_utf8_lossy();
            let clean = self.plain(&decoded);
            (clean != decoded).then(|| encoded(&clean))
        })
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
                let clean = self.text(&text);
                if clean == text { value.clone() } else { Value::String(clean) }
            }
            Value::Null | Value::Bool(_) => value.clone(),
        }
    }
}

fn plain(name: &str) -> String {
    name.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect()
}

/// Masks a value where neither end touches more of its kind: digits beside a digit, letters and digits beside a letter.
fn mask_word(text: &str, word: &str) -> String {
    let goes_on = |edge: Option<char>, beside: Option<char>| match (edge, beside) {
        (Some(edge), Some(beside)) if edge.is_ascii_digit() => beside.is_ascii_digit(),
        (Some(edge), Some(beside)) if edge.is_alphanumeric() => beside.is_alphanumeric(),
        _ => false,
    };
    let mut clean = String::with_capacity(text.len());
    let mut done = 0;
    while let Some(start) = text[done..].find(word).map(|offset| done + offset) {
        let end = start + word.len();
        let inside = goes_on(word.chars().next(), text[..start].chars().next_back())
            || goes_on(word.chars().next_back(), text[end..].chars().next());
        if inside {
            // The next try starts one character later: the word may overlap with itself.
            let step = start + text[start..].chars().next().map_or(1, char::len_utf8);
            clean.push_str(&text[done..step]);
            done = step;
        } else {
            clean.push_str(&text[done..start]);
            clean.push_str(MASK);
            done = end;
        }
    }
    clean.push_str(&text[done..]);
    clean
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
        clean.push_str(&mask_groups(&text[at..at + run]));
        at += run;
    }
    clean
}

/// Masks the card numbers in groups of digits: a number beside others, as in `500 4111 1111 1111 1111`, is still one. Where
/// two overlap, nobody can tell which of them is one: both go.
fn mask_groups(run: &str) -> String {
    let groups: Vec<&str> = run.split_inclusive([' ', '-']).collect();
    let mut clean = String::with_capacity(run.len());
    let mut first = 0;
    while first < groups.len() {
        let Some(mut end) = card_number_from(&groups, first) else {
            clean.push_str(groups[first]);
            first += 1;
            continue;
        };
        while first + 1 < end {
            first += 1;
            end = card_number_from(&groups, first).map_or(end, |other| other.max(end));
        }
        clean.push_str(MASK);
        clean.push_str(groups[end - 1].trim_start_matches(|c: char| c.is_ascii_digit()));
        first = end;
    }
    clean
}

/// The end of the longest card number that begins with the group `first`. Only as many groups are looked at as a card number
/// has digits: a text of thousands of them comes from a target at will.
fn card_number_from(groups: &[&str], first: usize) -> Option<usize> {
    let mut digits: Vec<u8> = Vec::with_capacity(LONGEST_CARD_NUMBER);
    let mut whole = None;
    for (place, group) in groups.iter().enumerate().skip(first) {
        digits.extend(group.bytes().filter(u8::is_ascii_digit).map(|digit| digit - b'0'));
        if digits.len() > LONGEST_CARD_NUMBER {
            break;
        }
        if digits.len() >= SHORTEST_CARD_NUMBER && luhn(&digits) {
            whole = Some(place + 1);
        }
    }
    whole
}

/// Digits of a card number (ISO/IEC 7812-1).
const SHORTEST_CARD_NUMBER: usize = 13;
const LONGEST_CARD_NUMBER: usize = 19;

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
    fn thousands_of_groups_are_read_once() {
        let many = "1-".repeat(50_000);
        assert_eq!(Redactor::default().text(&many), many);
    }

    #[test]
    fn digits_before_a_card_number_do_not_let_a_part_of_it_pass() {
        for digits in 0..30 {
            let hidden = format!("{}4111-1111-1111-1111", "1-".repeat(digits));
            let clean = Redactor::default().text(&hidden);
            assert!(!clean.contains("4111") && !clean.contains("1111"), "{digits}: {clean}");
        }
    }

    #[test]
    fn card_numbers_are_masked_in_any_text() {
        let redactor = Redactor::default();
        assert_eq!(redactor.text("card 4111111111111111."), "card ***.");
        assert_eq!(redactor.text("4111 1111-1111 1111"), "***");
        assert_eq!(redactor.text("order 4111111111111112"), "order 4111111111111112");
        assert_eq!(redactor.text("500 4111 1111 1111 1111 2026"), "500 *** 2026");
        assert_eq!(redactor.json(&json!(4_111_111_111_111_111_u64)), json!("***"));
    }

    #[test]
    fn codes_are_masked_as_whole_words() {
        let redactor = Redactor::default().with_words(["987", "12", "ab1"].map(Secret::new));
        assert_eq!(redactor.text("987, cvv987x:1987 9870 987987 (987)"), "***, cvv***x:1987 9870 987987 (***)");
        assert_eq!(redactor.text("ab1 xab1 ab12 12"), "*** xab1 ab12 12");
        assert_eq!(redactor.json(&json!([987, 9870, "ü987"])), json!(["***", 9870, "ü***"]));
        let overlapping = Redactor::default().with_words([Secret::new("1-1")]);
        assert_eq!(overlapping.text("21-1-1"), "21-***");
    }

    #[test]
    fn secrets_are_found_in_every_spelling() {
        let redactor = Redactor::new([Secret::new("sword/fish+ü")]);
        assert_eq!(redactor.text("a=sword%2Ffish%2B%C3%BC&b=sword\\/fish+ü"), "a=***&b=***");
    }

    #[test]
    fn percent_encoded_pieces_are_masked_whatever_is_encoded_in_them() {
        let redactor = Redactor::new([Secret::new("sword-fish")]).with_words([Secret::new("987")]);
        assert_eq!(redactor.text("a=x%20sword%2Dfish%2C&b=%2D"), "a=x%20***%2C&b=%2D");
        assert_eq!(redactor.text("4111%201111%201111%201111%2Ccvv%3D987%2C"), "***%2Ccvv%3D***%2C");
        assert_eq!(redactor.text("%2C4111+1111+1111+1111"), "%2C***");
        assert_eq!(redactor.text("100% + 987 %zz"), "100% + *** %zz");
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
