//! Card data and credentials of the request do not come back in clear (PCI DSS requirement 3; D1, CRED-4). The contract does
//! not speak of it, so that a breach is an observation.

use std::borrow::Cow;

use serde_json::Value;

use super::{Check, Code};
use crate::base::Redactor;
use crate::contract::{Location, Rule, is_card_number};
use crate::oracle::finding::Finding;
use crate::oracle::judge::Judging;
use crate::oracle::opened::opened;

const CARD_NUMBER: &str = "D1C-231";
const VERIFICATION_VALUE: &str = "D1C-232";
const CREDENTIAL: &str = "D1C-233";

pub(super) const CHECK: Check = Check {
    name: "card_data_disclosure",
    about: "card data and credentials of the request do not come back in clear",
    codes: CODES,
    judge,
};

const CODES: &[Code] = &[
    Code::of(
        CARD_NUMBER,
        "an answer repeats the card number of its request in clear",
        "card data and credentials have one place in the contract, and PCI DSS requirement 3 keeps them out of all others; \
         the contract itself does not forbid it, so that it is worth knowing and no breach",
        "leave it out; log files and error texts that quote the request are the usual cause",
        |duty| duty.rule == Rule::CardData,
    ),
    Code::of(
        VERIFICATION_VALUE,
        "an answer repeats the card verification value of its request in clear",
        "card data and credentials have one place in the contract, and PCI DSS requirement 3 keeps them out of all others; \
         the contract itself does not forbid it, so that it is worth knowing and no breach",
        "leave it out, and see that it is stored nowhere (PCI DSS requirement 3.3)",
        |duty| duty.rule == Rule::CardData,
    ),
    Code::of(
        CREDENTIAL,
        "an answer repeats a credential of its request",
        "card data and credentials have one place in the contract, and PCI DSS requirement 3 keeps them out of all others; \
         the contract itself does not forbid it, so that it is worth knowing and no breach",
        "leave it out; error texts that quote headers are the usual cause",
        |duty| duty.rule == Rule::CardData,
    ),
];

/// Shorter values could stand in any text by chance.
const SHORTEST: usize = 10;

fn judge(judging: &Judging<'_>) -> Vec<Finding> {
    let Some(duty) = judging.duties.find(&Location::Answer, Rule::CardData) else { return Vec::new() };
    let known = Known::of(judging);
    let mut found = Vec::new();
    for (header, text) in places(judging) {
        let mut add = |code, what: &str| {
            let place = header.map_or_else(|| "the body".to_owned(), |name| format!("the header `{name}`"));
            let expected = "an answer without card data and credentials in clear";
            let actual = format!("{what} of the request stands in {place}");
            found.push(Finding::of(CHECK.name, code, duty, expected, actual));
        };
        if !known.numbers.is_empty() && contains_any(&squeezed(&text), &known.numbers) {
            add(CARD_NUMBER, "the card number");
        }
        if known.verification_values.iter().any(|value| shows_verification_value(&text, value)) {
            add(VERIFICATION_VALUE, "the card verification value");
        }
        if contains_any(&text, &known.credentials) {
            add(CREDENTIAL, "a credential");
        }
    }
    found
}

/// What must not come back.
struct Known {
    numbers: Vec<String>,
    verification_values: Vec<String>,
    credentials: Vec<String>,
}

impl Known {
    fn of(judging: &Judging<'_>) -> Self {
        let sent = judging.case.request.seals.iter().map(|seal| seal.plaintext.as_bytes().to_vec());
        let received = opened(judging).into_iter().filter_map(|one| one.outcome.ok().flatten());
        let mut known =
            Self { numbers: Vec::new(), verification_values: Vec::new(), credentials: credentials(judging) };
        for clear in sent.chain(received) {
            let Ok(Value::Object(members)) = serde_json::from_slice::<Value>(&clear) else { continue };
            for (name, value) in members {
                let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
                let digits = text.bytes().all(|byte| byte.is_ascii_digit());
                if is_card_number(&name) && digits && text.len() >= SHORTEST {
                    known.numbers.push(text);
                } else if name == "cvv" && digits && (3..=4).contains(&text.len()) {
                    known.verification_values.push(text);
                }
            }
        }
        known
    }
}

/// Bearer token, client credentials and assertion that went out.
fn credentials(judging: &Judging<'_>) -> Vec<String> {
    let Some(sent) = judging.sent else { return Vec::new() };
    let headers = sent.headers.iter().filter(|(name, _)| name.eq_ignore_ascii_case("authorization"));
    let bare = headers.map(|(_, value)| value.split_once(' ').map_or(value.as_str(), |(_, bare)| bare).to_owned());
    let body = std::str::from_utf8(&sent.body).ok().filter(|text| text.contains("assertion")).unwrap_or_default();
    let form = url::form_urlencoded::parse(body.as_bytes()).filter(|(name, _)| name == "assertion");
    let form = form.map(|(_, value)| value.into_owned());
    let json = serde_json::from_str::<Value>(body).ok();
    let json = json.as_ref().and_then(|body| body.get("assertion")?.as_str()).map(str::to_owned);
    bare.chain(form).chain(json).filter(|text| text.len() >= SHORTEST).collect()
}

/// Body and header fields; the name is that of the header.
fn places<'a>(judging: &Judging<'a>) -> impl Iterator<Item = (Option<&'a str>, Cow<'a, str>)> {
    let headers = judging.answer.headers.iter().map(|(name, value)| (Some(name.as_str()), Cow::from(value.as_str())));
    std::iter::once((None, String::from_utf8_lossy(&judging.answer.body))).chain(headers)
}

fn contains_any(text: &str, values: &[String]) -> bool {
    values.iter().any(|value| text.contains(value.as_str()))
}

/// The text without the blanks and hyphens that group digits.
fn squeezed(text: &str) -> String {
    let bytes = text.as_bytes();
    let digit = |at: Option<&u8>| at.is_some_and(u8::is_ascii_digit);
    let keep = |at: usize, c: char| {
        !(matches!(c, ' ' | '-') && at > 0 && digit(bytes.get(at - 1)) && digit(bytes.get(at + 1)))
    };
    text.char_indices().filter(|(at, c)| keep(*at, *c)).map(|(_, c)| c).collect()
}

/// Three digits stand in many texts by chance: only as the value of a member of such a name, or behind such a word.
fn shows_verification_value(text: &str, value: &str) -> bool {
    let lower = text.to_ascii_lowercase();
    let near = |word: &str| {
        lower.match_indices(word).any(|(at, _)| {
            let rest = &lower[at + word.len()..];
            let behind: String = rest.chars().take(24).collect();
            words(&behind).any(|own| own == value)
        })
    };
    match serde_json::from_str::<Value>(text) {
        Ok(body) => holds(&body, value),
        Err(_) => ["cvv", "cvc", "verification value"].into_iter().any(near),
    }
}

fn holds(node: &Value, value: &str) -> bool {
    match node {
        Value::Object(members) => members.iter().any(|(name, member)| {
            let named = ["cvv", "cvv2", "cvc", "cvc2"].contains(&name.to_ascii_lowercase().as_str());
            let same = member.as_str() == Some(value)
                || member.as_u64().map(|number| number.to_string()).as_deref() == Some(value);
            (named && same && Redactor::hides_field(name)) || holds(member, value)
        }),
        Value::Array(items) => items.iter().any(|item| holds(item, value)),
        Value::String(text) if !text.starts_with('{') && !text.starts_with('[') => {
            shows_verification_value(text, value)
        }
        _ => false,
    }
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty())
}

#[cfg(test)]
mod tests {
    use super::judge;
    use crate::generate::Seal;
    use crate::oracle::finding::Severity;
    use crate::oracle::judge::Judging;
    use crate::oracle::sample::{Sample, json_answer};

    fn codes(body: &str, header: Option<(&str, &str)>) -> Vec<&'static str> {
        let mut sample = Sample::of("readSecret", "operation::conforming");
        let plaintext = r#"{"pan":"4111111111111111","cvv":"987"}"#.to_owned();
        sample.case.request.seals = vec![Seal { pointer: "/sealed".into(), plaintext, flaw: None }];
        let sent = Sample::sent("Bearer secret-token-of-the-request");
        let mut answer = json_answer(400, body);
        answer.headers.extend(header.map(|(name, value)| (name.to_owned(), value.to_owned())));
        let found = judge(&Judging { sent: Some(&sent), ..sample.judging(&answer) });
        assert!(found.iter().all(|one| one.severity == Severity::Observation && !one.actual.contains("4111")));
        found.iter().map(|one| one.code).collect()
    }

    #[test]
    fn what_was_sent_must_not_come_back() {
        assert_eq!(codes(r#"{"error": "card 4111 1111 1111 1111 unknown"}"#, None), ["D1C-231"]);
        assert_eq!(codes(r#"{"pan": 4111111111111111}"#, None), ["D1C-231"]);
        assert_eq!(codes(r#"{"error": "wrong CVV: 987"}"#, None), ["D1C-232"]);
        assert_eq!(codes(r#"{"cvv": "987"}"#, None), ["D1C-232"]);
        assert_eq!(codes("{}", Some(("x-debug", "token secret-token-of-the-request"))), ["D1C-233"]);
    }

    #[test]
    fn what_stands_there_by_chance_is_none() {
        assert!(codes(r#"{"error": "987 requests", "retries": 987, "last4": "1111"}"#, None).is_empty());
        assert!(codes(r#"{"panSuffix": "411111******1111"}"#, None).is_empty());
        assert!(codes("", Some(("x-request", "987"))).is_empty());
    }
}
