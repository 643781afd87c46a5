//! Every rule with what it means, for those who read a report.

use super::Rule;
use crate::contract::security::{AssertionFlaw, CertificateFlaw, EnvelopeFlaw};

/// The rules that are none of security's flaws, in the order of the enumeration.
const PLAIN: [Rule; 50] = [
    Rule::Conforming,
    Rule::Required,
    Rule::RequiredBody,
    Rule::Type,
    Rule::Nullable,
    Rule::Enum,
    Rule::MinLength,
    Rule::MaxLength,
    Rule::Pattern,
    Rule::Format,
    Rule::Minimum,
    Rule::Maximum,
    Rule::ExclusiveMinimum,
    Rule::ExclusiveMaximum,
    Rule::MultipleOf,
    Rule::MinItems,
    Rule::MaxItems,
    Rule::UniqueItems,
    Rule::MinProperties,
    Rule::MaxProperties,
    Rule::AdditionalProperties,
    Rule::OneOf,
    Rule::AnyOf,
    Rule::Not,
    Rule::MalformedJson,
    Rule::JsonEncoding,
    Rule::WrongContentType,
    Rule::MalformedContentType,
    Rule::ContentTypeCase,
    Rule::ContentTypeCharset,
    Rule::AcceptAnything,
    Rule::UnusualMessage,
    Rule::UnusualBody,
    Rule::UnexpectedBody,
    Rule::RepeatedParameter,
    Rule::UnsupportedMethod,
    Rule::MissingToken,
    Rule::WrongToken,
    Rule::TamperedToken,
    Rule::ExpiredToken,
    Rule::Base64urlCredentials,
    Rule::Status,
    Rule::ContentType,
    Rule::Body,
    Rule::ErrorField,
    Rule::Jwe,
    Rule::PlaintextJson,
    Rule::ExpiryFormat,
    Rule::CardData,
    Rule::Snapshot,
];

impl Rule {
    /// All rules.
    pub fn all() -> impl Iterator<Item = Self> {
        PLAIN
            .into_iter()
            .chain([Self::BusinessRule])
            .chain(AssertionFlaw::ALL.map(|(flaw, _)| Self::Assertion(flaw)))
            .chain(EnvelopeFlaw::ALL.map(|(flaw, _)| Self::Envelope(flaw)))
            .chain(CertificateFlaw::ALL.map(|(flaw, _)| Self::Certificate(flaw)))
    }

    /// The rule of this name.
    pub fn named(name: &str) -> Option<Self> {
        serde_json::from_value(name.into()).ok()
    }

    /// What it asks for, and what is sent to see whether it is kept.
    pub fn meaning(self) -> &'static str {
        match self {
            Self::Conforming => {
                "a request that keeps the whole contract is accepted and answered as declared: with the least and the most that \
                 may be sent, values just inside of every boundary, every pair of optional parts, the examples of the specification"
            }
            Self::Required => "a parameter or member must be there (`required`): it is left out",
            Self::RequiredBody => "a body must be there (`requestBody.required`): it is left out",
            Self::Type => {
                "a value has the declared JSON type (`type`): each other type is sent, a number in quotes too"
            }
            Self::Nullable => "`null` is refused where the schema has no `nullable: true`: `null` is sent",
            Self::Enum => "a value is one of the list (`enum`): others and near misses of each member are sent",
            Self::MinLength => "a text has at least so many characters (`minLength`): one fewer is sent",
            Self::MaxLength => "a text has at most so many characters (`maxLength`): one more is sent",
            Self::Pattern => {
                "a text matches the pattern (`pattern`, ECMA-262): texts that miss it by one character are sent"
            }
            Self::Format => "a text has the declared `format`: texts that miss it by a little are sent",
            Self::Minimum => "a number is not below the bound (`minimum`): one below it is sent",
            Self::Maximum => "a number is not above the bound (`maximum`): one above it is sent",
            Self::ExclusiveMinimum => "a number is above the bound (`exclusiveMinimum`): the bound itself is sent",
            Self::ExclusiveMaximum => "a number is below the bound (`exclusiveMaximum`): the bound itself is sent",
            Self::MultipleOf => "a number is a multiple (`multipleOf`): one between two multiples is sent",
            Self::MinItems => "a list has at least so many items (`minItems`): one fewer is sent",
            Self::MaxItems => "a list has at most so many items (`maxItems`): one more is sent",
            Self::UniqueItems => "a list holds nothing twice (`uniqueItems`): an item is repeated",
            Self::MinProperties => "an object has at least so many members (`minProperties`): one fewer is sent",
            Self::MaxProperties => "an object has at most so many members (`maxProperties`): one more is sent",
            Self::AdditionalProperties => {
                "an object has no member that is not declared (`additionalProperties: false`): one is added"
            }
            Self::OneOf => "a value fits exactly one variant (`oneOf`): one that fits none or two is sent",
            Self::AnyOf => "a value fits one variant at least (`anyOf`): one that fits none is sent",
            Self::Not => "a value does not fit what is ruled out (`not`): one that fits it is sent",
            Self::MalformedJson => {
                "a body that is no JSON (RFC 8259) is refused: texts that miss JSON by a little are sent"
            }
            Self::JsonEncoding => "JSON is UTF-8 (RFC 8259 section 8.1): the body is sent in UTF-16",
            Self::WrongContentType => {
                "a media type that is not declared is refused: the body is sent under another one"
            }
            Self::MalformedContentType => {
                "a `Content-Type` that names no media type (RFC 9110 section 8.3.1) is not taken for a declared one"
            }
            Self::ContentTypeCase => {
                "the case of a media type does not matter (RFC 9110 section 8.3.1): it is sent in capitals"
            }
            Self::ContentTypeCharset => "`charset=utf-8` beside JSON changes nothing (RFC 8259 section 11): it is sent",
            Self::AcceptAnything => "`Accept: */*` takes every declared answer (RFC 9110 section 12.5.1): it is sent",
            Self::UnusualMessage => {
                "an unusual head does not break the server: unknown and repeated headers, unknown query parameters are sent"
            }
            Self::UnusualBody => {
                "an unusual body does not break the server: a byte order mark, deep nesting, a member twice are sent"
            }
            Self::UnexpectedBody => "a body where none is declared does not break the server (RFC 9110 section 9.3.1)",
            Self::RepeatedParameter => "a query parameter that stands there twice does not break the server",
            Self::UnsupportedMethod => {
                "a method that the path does not declare is not performed: such methods are sent"
            }
            Self::MissingToken => "no credentials, no service: they are left out",
            Self::WrongToken => "wrong credentials, no service: some that nobody gave out are sent",
            Self::TamperedToken => "a changed token, no service: one character of a good token is changed",
            Self::ExpiredToken => {
                "a token that has run out, no service: the `expired_token` of the target file is sent"
            }
            Self::Base64urlCredentials => {
                "HTTP Basic in base64url, as the vendor's guide has it (AUTH-OUT-2), is taken"
            }
            Self::Status => "the status of an answer is declared; seen on every answer",
            Self::ContentType => "the media type of an answer is declared; seen on every answer",
            Self::Body => "an answer has a body, or none, as declared; seen on every answer",
            Self::ErrorField => {
                "a 400 with FIELD_INVALID_FORMAT names the field at fault (ERR-2); seen on every such answer"
            }
            Self::Jwe => {
                "an encrypted member is a compact JWE with the right header that opens; seen on every such answer"
            }
            Self::PlaintextJson => "what is inside a JWE is a JSON object",
            Self::ExpiryFormat => "an expiry is MMYY, not YYMM (JWE-11)",
            Self::CardData => {
                "card data and credentials do not come back in clear (PCI DSS requirement 3); seen on every answer"
            }
            Self::Snapshot => "the answer to a pinned case is the accepted one",
            Self::BusinessRule => "what no schema says, shown by a sequence of calls (suites/rules/)",
            Self::Assertion(flaw) => of(&AssertionFlaw::ALL, flaw),
            Self::Envelope(flaw) => of(&EnvelopeFlaw::ALL, flaw),
            Self::Certificate(flaw) => of(&CertificateFlaw::ALL, flaw),
        }
    }
}

fn of<F: Copy + PartialEq>(all: &[(F, &'static str)], flaw: F) -> &'static str {
    all.iter().find(|(own, _)| *own == flaw).map_or("", |(_, words)| *words)
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;
    use std::path::Path;

    use crate::contract::{Catalog, Rule, obligations, response_obligations};

    #[test]
    fn every_rule_of_the_catalogue_is_listed_has_a_meaning_and_is_found_by_its_name() {
        let all: Vec<Rule> = Rule::all().collect();
        let names: HashSet<String> = all.iter().map(ToString::to_string).collect();
        assert_eq!(names.len(), all.len());
        for rule in &all {
            assert_eq!(Rule::named(&rule.to_string()), Some(*rule));
            assert!(rule.meaning().len() > 15, "{rule}");
        }
        assert_eq!(Rule::named("max_lenght"), None);
        let catalog = Catalog::load(&Path::new(env!("CARGO_MANIFEST_DIR")).join("specs")).unwrap();
        for entry in &catalog.entries {
            let contract = catalog.contract(entry).unwrap();
            for operation in &contract.operations {
                let duties = obligations(&contract, operation);
                for duty in duties.into_iter().chain(response_obligations(&contract, operation)) {
                    assert!(all.contains(&duty.rule), "{}", duty.id);
                }
            }
        }
    }
}
