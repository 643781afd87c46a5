//! The list of checks.

use super::{
    assertion, body, card_data, clear_text, correlation_id, credentials, departure, envelope, parameters,
    refused_token, repeats, retries, silence, token_reuse, undeclared,
};
use crate::judge::check::Check;

static CHECKS: [Check; 27] = [
    undeclared::PATH,
    undeclared::METHOD,
    parameters::SCHEMA,
    parameters::UNDECLARED,
    body::MEDIA_TYPE,
    body::MALFORMED,
    body::SCHEMA,
    body::UNWANTED,
    credentials::MISSING,
    credentials::UNKNOWN,
    credentials::EXPIRED,
    credentials::CLIENT,
    token_reuse::CHECK,
    refused_token::CHECK,
    assertion::CHECK,
    envelope::CHECK,
    clear_text::CHECK,
    clear_text::SWAPPED,
    card_data::IN_CLEAR,
    card_data::IN_IDENTIFIER,
    correlation_id::CHECK,
    repeats::AFTER_SUCCESS,
    repeats::AFTER_REFUSAL,
    retries::STORM,
    retries::RETRY_AFTER,
    silence::CHECK,
    departure::CHECK,
];

/// All checks, in the order of the report.
pub fn checks() -> &'static [Check] {
    &CHECKS
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::checks;
    use crate::sandbox::callers::provocations;

    #[test]
    fn names_and_codes_are_unique_and_in_the_range() {
        let names: HashSet<_> = checks().iter().map(|check| check.name).collect();
        let codes: HashSet<_> = checks().iter().map(|check| check.code).collect();
        assert_eq!((names.len(), codes.len()), (checks().len(), checks().len()));
        assert!(codes.iter().all(|code| code.starts_with("D1C-4") && code.len() == 7), "{codes:?}");
    }

    #[test]
    fn every_provocation_names_a_check_that_exists() {
        for provocation in provocations() {
            assert!(checks().iter().any(|check| check.name == provocation.seen_by), "{}", provocation.name);
        }
    }
}
