//! The list of checks.

use super::{
    card_data_disclosure, client_certificate, content_type_conformance, d1_error_body, expiry_format, ignored_auth,
    jwe_conformance, missing_required_header, negative_data_rejection, not_a_server_error, plaintext_conformance,
    positive_data_acceptance, response_headers_conformance, response_schema_conformance, status_code_conformance,
    unsupported_method,
};
use crate::oracle::business_rule::{BUSINESS_RULES_CHECK, BUSINESS_RULES_CODES};
use crate::oracle::code::Code;
use crate::oracle::finding::Finding;
use crate::oracle::judge::Judging;
use crate::oracle::snapshot::{SNAPSHOT_CHECK, SNAPSHOT_CODES};

/// One way to judge an answer.
#[derive(Debug)]
pub struct Check {
    /// The field's own name for it; filters and reports use it.
    pub name: &'static str,
    /// What it looks at, in one line.
    pub about: &'static str,
    /// The codes of its findings, `D1C-1xx`, each with its words. A code is never reused.
    pub codes: &'static [Code],
    /// What it finds; pure.
    pub judge: fn(&Judging<'_>) -> Vec<Finding>,
}

static CHECKS: [Check; 16] = [
    not_a_server_error::CHECK,
    status_code_conformance::CHECK,
    content_type_conformance::CHECK,
    response_headers_conformance::CHECK,
    response_schema_conformance::CHECK,
    positive_data_acceptance::CHECK,
    negative_data_rejection::CHECK,
    missing_required_header::CHECK,
    unsupported_method::CHECK,
    ignored_auth::CHECK,
    client_certificate::CHECK,
    d1_error_body::CHECK,
    jwe_conformance::CHECK,
    plaintext_conformance::CHECK,
    expiry_format::CHECK,
    card_data_disclosure::CHECK,
];

/// All checks of answers, in the order in which they run. Snapshots have a door of their own.
pub fn checks() -> &'static [Check] {
    &CHECKS
}

/// Every code that a finding about an answer can have, with the name of its check: those of snapshots and business rules too.
pub fn codes() -> Vec<(&'static str, &'static Code)> {
    let own = checks().iter().map(|check| (check.name, check.codes));
    let all = own.chain([(BUSINESS_RULES_CHECK, BUSINESS_RULES_CODES), (SNAPSHOT_CHECK, SNAPSHOT_CODES)]);
    all.flat_map(|(check, codes)| codes.iter().map(move |code| (check, code))).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::{SNAPSHOT_CHECK, checks, codes};

    #[test]
    fn names_and_codes_are_unique() {
        let codes: Vec<&str> = codes().iter().map(|(_, code)| code.id).collect();
        assert!(codes.iter().all(|code| code.starts_with("D1C-") && code.len() == 7), "{codes:?}");
        assert_eq!(codes.iter().collect::<HashSet<_>>().len(), codes.len(), "{codes:?}");
        let names: HashSet<&str> = checks().iter().map(|check| check.name).chain([SNAPSHOT_CHECK]).collect();
        assert_eq!(names.len(), checks().len() + 1);
    }
}
