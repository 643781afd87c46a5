//! Card data stand in envelopes and nowhere else. What is found is never quoted.

use crate::base::{PanRange, Redactor, Secret, named_values};
use crate::contract::{Evidence, MediaKind, ParameterIn, Rule, is_card_number};
use crate::judge::check::{Check, View};
use crate::oracle::{Finding, Severity};
use crate::sandbox::demo;

/// No card data in clear. That they never travel so is inferred (CRED-4), hence a warning.
pub const IN_CLEAR: Check = Check {
    name: "card_data_in_clear",
    code: "D1C-431",
    duty: "sends card data in envelopes only (CRED-4; PCI DSS requirement 3)",
    remedy: "move the data into an envelope, and see that they stand in no log",
    evidence: Evidence::Inferred,
    kind: (Rule::CardData, "client"),
    judge: in_clear,
};

/// No card number in an identifier; that is written (CARD-REG-10, CORR-3).
pub const IN_IDENTIFIER: Check = Check {
    name: "card_number_in_identifier",
    code: "D1C-432",
    duty: "makes identifiers that hold no card number (CARD-REG-10, CORR-3)",
    remedy: "make identifiers at random",
    evidence: Evidence::Documented,
    kind: (Rule::CardData, "client"),
    judge: in_identifier,
};

/// Header fields that hold an identifier.
const IDENTIFYING: [&str; 2] = ["x-correlation-id", "x-user-id"];

/// Header fields that hold credentials, which may be any text.
const CREDENTIALS: [&str; 3] = ["authorization", "cookie", "assertion"];

#[expect(clippy::unnecessary_wraps, reason = "the signature of all checks")]
fn in_clear(check: &Check, view: &View<'_>) -> Option<Vec<Finding>> {
    let numbers = Numbers::of(view);
    let mut places = Vec::new();
    for (name, text) in queries(view) {
        if !is_identifier(&name) && (is_card_field(&name) || numbers.stand_in(&text)) {
            places.push(format!("the query parameter `{name}`"));
        }
    }
    for (name, text) in &view.call.headers {
        let other = !IDENTIFYING.contains(&name.as_str()) && !CREDENTIALS.contains(&name.as_str());
        if other && numbers.stand_in(text) {
            places.push(format!("the header `{name}`"));
        }
    }
    for (name, text) in members(view) {
        let named = is_card_field(&name) && !is_declared(view, &name) && !text.is_empty();
        if !is_identifier(&name) && (named || numbers.stand_in(&text)) {
            places.push(format!("the member `{name}` of the body"));
        }
    }
    places.sort();
    places.dedup();
    let found = places.first().map(|_| {
        let actual = format!("your client sent card data in clear in {}", places.join(", "));
        check.breach(view, Severity::Warning, actual)
    });
    Some(found.into_iter().collect())
}

#[expect(clippy::unnecessary_wraps, reason = "the signature of all checks")]
fn in_identifier(check: &Check, view: &View<'_>) -> Option<Vec<Finding>> {
    let numbers = Numbers::of(view);
    let parameters = view.call.reading.parameters.iter().filter(|(place, name, _)| {
        *place == ParameterIn::Path || is_identifier(name) || IDENTIFYING.contains(&name.as_str())
    });
    let parameters =
        parameters.map(|(place, name, value)| (format!("the {} parameter `{name}`", place.name()), text_of(value)));
    let members = members(view).into_iter().filter(|(name, _)| is_identifier(name));
    let members = members.map(|(name, text)| (format!("the member `{name}` of the body"), text));
    let places: Vec<String> =
        parameters.chain(members).filter(|(_, text)| numbers.stand_in(text)).map(|(place, _)| place).collect();
    let found = places.first().map(|_| {
        let actual = format!("your client put a card number into {}", places.join(", "));
        check.breach(view, Severity::Failure, actual)
    });
    Some(found.into_iter().collect())
}

fn text_of(value: &serde_json::Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

fn queries(view: &View<'_>) -> Vec<(String, String)> {
    let query = view.call.target.split_once('?').map_or("", |(_, query)| query);
    url::form_urlencoded::parse(query.as_bytes()).map(|(name, text)| (name.into_owned(), text.into_owned())).collect()
}

/// Members of the body, without those that the contract seals: what is wrong with an envelope is another matter.
fn members(view: &View<'_>) -> Vec<(String, String)> {
    let Ok(text) = std::str::from_utf8(&view.call.body) else { return Vec::new() };
    let media = view.operation.body.iter().flat_map(|body| &body.media);
    let sealed: Vec<&str> =
        media.flat_map(|media| &media.sealed).filter_map(|sealed| sealed.path.last_name()).collect();
    let found = if text.trim_start().starts_with(['{', '[']) {
        named_values(text)
    } else {
        let pairs = url::form_urlencoded::parse(text.as_bytes());
        pairs.map(|(name, text)| (name.into_owned(), text.into_owned())).collect()
    };
    found.into_iter().filter(|(name, _)| !sealed.contains(&name.as_str()) && name != "assertion").collect()
}

fn is_identifier(name: &str) -> bool {
    name.ends_with("Id") || name.ends_with("_id") || name == "id"
}

/// True for the names of card numbers and verification values.
fn is_card_field(name: &str) -> bool {
    let lower = name.to_ascii_lowercase();
    is_card_number(name) || ["cvv", "cvv2", "cvc", "cvc2", "csc"].contains(&lower.as_str())
}

/// True where the contract itself wants a member of this name in clear.
fn is_declared(view: &View<'_>, name: &str) -> bool {
    let media = view.operation.body.iter().flat_map(|body| &body.media).filter(|media| media.kind == MediaKind::Json);
    let wanted = format!("\"{name}\":");
    media.filter_map(|media| media.schema.as_ref()).any(|schema| schema.json().to_string().contains(&wanted))
}

/// How card numbers are recognised: those that are known, and those of published test ranges. A run of digits whose check
/// digit happens to be right is none: every tenth one is.
struct Numbers {
    known: Vec<Secret>,
    ranges: Vec<(String, usize)>,
}

impl Numbers {
    fn of(view: &View<'_>) -> Self {
        let known = view.memory.card_numbers().iter().cloned().chain([demo().pan]).collect();
        let ranges = PanRange::published().into_iter().map(|range| range.to_string());
        let ranges = ranges.map(|range| (range.trim_end_matches('x').to_owned(), range.len())).collect();
        Self { known, ranges }
    }

    fn stand_in(&self, text: &str) -> bool {
        let digits: String = text.chars().filter(|c| !matches!(c, ' ' | '-')).collect();
        let known = self.known.iter().any(|number| digits.contains(number.expose()));
        known || runs(text).chain(runs(&digits)).any(|run| self.is_published(run))
    }

    fn is_published(&self, run: &str) -> bool {
        let fits = |(prefix, length): &(String, usize)| run.len() == *length && run.starts_with(prefix);
        // The redactor masks a run of digits when its check digit is right.
        self.ranges.iter().any(fits) && Redactor::default().text(run) != run
    }
}

fn runs(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !c.is_ascii_digit()).filter(|run| run.len() >= 13)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::judge::sample::Sample;

    const PAN: &str = "4111111111111111";

    #[test]
    fn card_numbers_in_identifiers_are_found_and_not_quoted() {
        let mut sample = Sample::d1();
        let path = format!("/banking/v1/issuers/sandbox001/cards/card-{PAN}");
        let found = sample.call("GET", &path).token().findings();
        assert_eq!(found.checks(), ["card_number_in_identifier"]);
        assert!(found.fails() && !found.shown().contains(PAN), "{}", found.shown());
        let card = "/banking/v1/issuers/sandbox001/cards/demo-card";
        let found = Sample::d1().call("GET", card).token().header("x-correlation-id", "5555555555554444").findings();
        assert_eq!(found.checks(), ["card_number_in_identifier"]);
    }

    #[test]
    fn a_number_that_was_sealed_before_is_known_afterwards() {
        let mut sample = Sample::d1();
        let path = "/banking/v1/issuers/sandbox001/cards/c-9876543210123456";
        assert!(sample.call("GET", path).token().findings().checks().is_empty());
        sample.register("x", Ok(json!({"pan": "9876543210123456", "exp": "1230"}))).findings();
        assert_eq!(sample.call("GET", path).token().findings().checks(), ["card_number_in_identifier"]);
    }

    #[test]
    fn card_data_beside_the_envelope_are_a_warning() {
        let mut sample = Sample::d1();
        let path = "/banking/v2/issuers/sandbox001/cards/card-1";
        let body = json!({"consumerId": "c", "cardProductId": "p", "pan": "4111 1111 1111 1111"}).to_string();
        let found = sample.call("PUT", path).token().json(&body).findings();
        assert!(found.checks().contains(&"card_data_in_clear"), "{:?}", found.checks());
        assert!(!found.shown().contains("4111"), "{}", found.shown());
        let found = sample.call("GET", &format!("/banking/v1/issuers/sandbox001/cards/demo-card?q={PAN}")).token();
        assert!(found.findings().checks().contains(&"card_data_in_clear"));
    }

    #[test]
    fn long_numbers_that_are_no_card_numbers_are_fine() {
        let mut sample = Sample::d1();
        // A moment in milliseconds and a long order number, both with a right check digit.
        for id in ["1732262635124", "order-1234567812345670", "4242424242424242"] {
            let path = format!("/banking/v1/issuers/sandbox001/cards/{id}");
            assert!(sample.call("GET", &path).token().findings().checks().is_empty(), "{id}");
        }
    }
}
