//! The rows of all files as one table.

use std::sync::LazyLock;

use super::{
    answers, breakage, certificates, constraints, d1_envelopes, d1_first_version, d1_second_version, d1_state,
    d1_tokens, inferred, inferred_constraints, intermittent, issuer, issuer_security, issuer_state, messages,
    near_misses, races, tenancy, values,
};
use crate::sandbox::defect::Defect;

const PARTS: [&[Defect]; 20] = [
    &d1_second_version::ROWS,
    &d1_first_version::ROWS,
    &d1_tokens::ROWS,
    &d1_envelopes::ROWS,
    &issuer::ROWS,
    &issuer_security::ROWS,
    &certificates::ROWS,
    &d1_state::ROWS,
    &issuer_state::ROWS,
    &races::ROWS,
    &constraints::ROWS,
    &answers::ROWS,
    &breakage::ROWS,
    &messages::ROWS,
    &tenancy::ROWS,
    &intermittent::ROWS,
    &values::ROWS,
    &near_misses::ROWS,
    &inferred::ROWS,
    &inferred_constraints::ROWS,
];

static TABLE: LazyLock<Vec<Defect>> = LazyLock::new(|| PARTS.concat());

/// All defects, file by file.
pub fn defects() -> &'static [Defect] {
    &TABLE
}

/// The defect of this name.
pub fn defect(name: &str) -> Option<&'static Defect> {
    TABLE.iter().find(|defect| defect.name == name)
}

#[cfg(test)]
mod tests {
    use std::collections::{HashMap, HashSet};
    use std::path::Path;

    use super::defects;
    use crate::contract::{AssertionFlaw, Catalog, EnvelopeFlaw, Evidence, Rule, obligations, response_obligations};
    use crate::sandbox::defect::{SealFlaw, TokenCheck};
    use crate::sandbox::{Class, Effect, Malformed, Oddity, Role, Spelling, defect};

    #[test]
    fn names_are_unique_and_begin_with_their_role() {
        let names: HashSet<_> = defects().iter().map(|defect| defect.name).collect();
        assert_eq!(names.len(), defects().len());
        for planted in defects() {
            assert!(planted.name.starts_with(&format!("{}-", planted.role)), "{}", planted.name);
            assert_eq!(defect(planted.name).map(|found| found.text), Some(planted.text));
        }
        assert!(defect("unknown").is_none());
    }

    #[test]
    fn each_role_has_enough_of_them() {
        let count = |role| defects().iter().filter(|defect| defect.role == role).count();
        assert!(count(Role::D1) >= 14 && count(Role::Issuer) >= 8);
    }

    #[test]
    fn the_broken_obligations_exist_and_their_evidence_is_known() {
        let specs = Catalog::load(&Path::new(env!("CARGO_MANIFEST_DIR")).join("specs")).expect("catalogue");
        let mut known = HashMap::new();
        for entry in &specs.entries {
            let contract = specs.contract(entry).expect("contract");
            for operation in &contract.operations {
                let all =
                    obligations(&contract, operation).into_iter().chain(response_obligations(&contract, operation));
                known.extend(all.map(|obligation| (obligation.id.to_string(), obligation)));
            }
        }
        for defect in defects() {
            assert!(!defect.breaks.is_empty(), "{}", defect.name);
            if let Effect::Forget { .. } = defect.effect {
                // Rules stand in suites; tests/selftest finds them by their ids.
                assert!(defect.breaks.iter().all(|id| id.starts_with("rules::")), "{}", defect.name);
                continue;
            }
            for id in defect.breaks {
                let duty = known.get(*id).unwrap_or_else(|| panic!("{}: no obligation {id}", defect.name));
                let mut guesses = super::inferred::ROWS.iter().chain(&super::inferred_constraints::ROWS);
                let inferred = guesses.any(|row| row.name == defect.name);
                assert_eq!(duty.evidence == Evidence::Inferred, inferred, "{}: {id}", defect.name);
                assert_eq!(duty.open, None, "{}: {id}", defect.name);
                let noted = matches!(
                    duty.rule,
                    Rule::CardData
                        | Rule::Assertion(AssertionFlaw::JwtMissingSub)
                        | Rule::JsonEncoding
                        | Rule::MalformedContentType
                );
                assert_eq!(duty.noted.is_some(), noted, "{}: {id}", defect.name);
            }
        }
    }

    /// A row that acts at one place and claims to break another would prove nothing.
    #[test]
    fn effects_act_where_the_broken_obligations_are() {
        for defect in defects() {
            let operation = defect.effect.operation();
            for id in defect.breaks.iter().filter(|id| !id.starts_with("rules::")) {
                assert!(id.starts_with(&format!("{operation}::")), "{}: {id}", defect.name);
            }
            let effect = if let Effect::After { then, .. } = defect.effect { *then } else { defect.effect };
            let prefix = match effect {
                Effect::IgnoreRules { location, rules, .. } => {
                    let ids: HashSet<_> = rules.iter().map(|rule| format!("{operation}::{location}::{rule}")).collect();
                    assert_eq!(ids, defect.breaks.iter().map(ToString::to_string).collect(), "{}", defect.name);
                    continue;
                }
                Effect::Forget { .. } => continue,
                // A value with such a trait may break other rules than its own one as well.
                Effect::IgnoreRulesWhen { location, rules, .. } | Effect::BreakOn { location, rules, .. } => {
                    let rule = |id: &&str| rules.iter().any(|rule| id.ends_with(&format!("::{rule}")));
                    assert!(defect.breaks.iter().all(rule), "{}", defect.name);
                    format!("{location}::")
                }
                Effect::AnyIdentifier { location, .. } => format!("{location}::"),
                Effect::After { .. } => panic!("{} waits twice", defect.name),
                Effect::SetValue { status, pointer, .. } | Effect::RemoveMember { status, pointer, .. } => {
                    format!("response.{status}.body{pointer}::")
                }
                Effect::EmptyBody { status, .. } => format!("response.{status}::body"),
                Effect::ContentType { status, .. } | Effect::NoContentType { status, .. } => {
                    format!("response.{status}::content_type")
                }
                Effect::RefuseValid { .. } | Effect::BreakWhen { .. } | Effect::RefuseTogether { .. } => {
                    "operation::conforming".to_owned()
                }
                // A status of the wrong class is no answer to the request; one that is not declared is none at all.
                Effect::Status { .. } if defect.class == Class::WrongStatus => String::new(),
                Effect::Status { to, .. } => format!("response.{}XX::status", to / 100),
                Effect::IgnoreAuth { .. } => "auth::".to_owned(),
                Effect::MalformedJson { then: Malformed::ReadsUtf16, .. } => "body::json_encoding".to_owned(),
                Effect::MalformedJson { .. } => "body::malformed_json".to_owned(),
                Effect::GuessMediaType { .. } => "body::malformed_content_type".to_owned(),
                Effect::BreakOnMessage { oddity, .. } => match oddity {
                    Oddity::Body => "body::unexpected_body".to_owned(),
                    Oddity::RepeatedQuery(name) => format!("query.{name}::repeated_parameter"),
                    Oddity::UnreadableAccept
                    | Oddity::UnmetAccept
                    | Oddity::UnknownQuery
                    | Oddity::UnknownHeader
                    | Oddity::RepeatedHeader => "operation::unusual_message".to_owned(),
                    _ => "body::unusual_body".to_owned(),
                },
                Effect::RefuseSpelling { spelling, .. } => match spelling {
                    Spelling::MediaTypeCase => "body::content_type_case".to_owned(),
                    Spelling::Charset => "body::content_type_charset".to_owned(),
                    Spelling::AcceptAnything => "operation::accept_anything".to_owned(),
                },
                Effect::AnyMediaType { .. } => "body::wrong_content_type".to_owned(),
                Effect::PlainBase64Only { .. } => "auth::base64url_credentials".to_owned(),
                Effect::AnyMethod { .. } => "method::unsupported_method".to_owned(),
                Effect::AcceptAssertion { flaw, .. } => format!("assertion::{}", Rule::Assertion(flaw)),
                Effect::LaxToken { check: TokenCheck::IgnoresExpiry, .. } => "auth::expired_token".to_owned(),
                Effect::LaxToken { check: TokenCheck::ComparesHalf, .. } => "auth::tampered_token".to_owned(),
                Effect::LaxEnvelope { .. } => "body/encryptedData.jwe::".to_owned(),
                Effect::SealWrongly { flaw: SealFlaw::FormInside, .. } => {
                    "response.200.body/encryptedData.plaintext::plaintext_json".to_owned()
                }
                Effect::SealWrongly { .. } => "response.200.body/encryptedData.jwe::jwe".to_owned(),
                Effect::SetSealed { member, .. } => format!("response.200.body/encryptedData.plaintext/{member}::"),
                Effect::LaxClientCertificate { .. } => "tls::".to_owned(),
                Effect::Disclose { .. } => "response::card_data".to_owned(),
            };
            let wanted = format!("{operation}::{prefix}");
            assert!(defect.breaks.iter().all(|id| id.starts_with(&wanted)), "{}: {wanted}", defect.name);
        }
    }

    /// Each way of being wrong is taken somewhere, so that each check of the harness can be tried.
    #[test]
    fn every_flaw_of_assertions_and_envelopes_is_taken_by_a_defect() {
        let broken: HashSet<_> = defects().iter().flat_map(|defect| defect.breaks).copied().collect();
        let assertions = AssertionFlaw::ALL.map(|(flaw, _)| format!("::assertion::{}", Rule::Assertion(flaw)));
        let envelopes = EnvelopeFlaw::ALL.map(|(flaw, _)| format!(".jwe::{}", Rule::Envelope(flaw)));
        for tail in assertions.iter().chain(&envelopes) {
            assert!(broken.iter().any(|id| id.ends_with(tail)), "{tail}");
        }
    }

    #[test]
    fn wrong_values_are_json() {
        for defect in defects() {
            if let Effect::SetValue { value, .. } | Effect::SetSealed { value: Some(value), .. } = defect.effect {
                assert!(serde_json::from_str::<serde_json::Value>(value).is_ok(), "{}", defect.name);
            }
        }
    }
}
