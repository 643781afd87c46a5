//! What the codes of findings mean, for readers that show rules beside results.

use serde_json::{Value, json};

use crate::oracle::BUSINESS_RULES_CHECK;
use crate::oracle::SNAPSHOT_CHECK;
use crate::report::record::FindingRecord;

/// What each check of answers wants.
const CHECKS: &[(&str, &str)] = &[
    ("not_a_server_error", "Whatever is sent, the server does not break (RFC 9110 section 15.6)."),
    ("status_code_conformance", "The status of an answer is one that the specification declares."),
    ("content_type_conformance", "The media type of an answer is one that the specification declares for its status."),
    ("response_headers_conformance", "The headers of an answer are there and hold what the specification declares."),
    ("response_schema_conformance", "The body of an answer keeps its schema."),
    ("positive_data_acceptance", "A request that keeps the contract is accepted."),
    ("negative_data_rejection", "A request whose data break the contract is refused."),
    ("missing_required_header", "A request without a required header is refused."),
    ("unsupported_method", "A method that a path does not declare is not performed."),
    (
        "ignored_auth",
        "Without the right credentials there is no service (RFC 9110 section 15.5.2, RFC 6750 section 3.1).",
    ),
    ("client_certificate", "Without the right client certificate there is no service."),
    ("d1_error_body", "A refusal for a malformed field names the field."),
    ("jwe_conformance", "An encrypted member of an answer is a JWE as the contract wants it, and our key opens it."),
    ("plaintext_conformance", "What is inside an encrypted member of an answer keeps its schema."),
    ("expiry_format", "An expiry inside an encrypted member is MMYY."),
    (
        "card_data_disclosure",
        "Card data and credentials of the request do not come back in clear (PCI DSS requirement 3).",
    ),
    (SNAPSHOT_CHECK, "The answer to a pinned case is the accepted one."),
    (BUSINESS_RULES_CHECK, "A sequence of calls keeps a business rule."),
];

/// The rule behind the code of a finding.
pub(super) fn rule(finding: &FindingRecord) -> Value {
    let short = meaning(&finding.check);
    let help = "The message says what the contract wants and what came instead; the location is the line of the \
                specification that it rests on. The property `curl` of a result repeats the request; index.html and run.json, \
                written by the same run, show it whole.";
    json!({
        "id": finding.code,
        "name": finding.check,
        "shortDescription": { "text": short },
        "fullDescription": { "text": format!("{short} Code {} of the check {}.", finding.code, finding.check) },
        "help": { "text": help },
        "properties": { "tags": ["contract", "api"] },
    })
}

/// What a check wants; those of clients (D1C-4xx) have their names in plain words.
fn meaning(check: &str) -> String {
    let known = CHECKS.iter().find(|(name, _)| *name == check);
    known.map_or_else(|| format!("{check}."), |(_, text)| (*text).to_owned())
}

#[cfg(test)]
mod tests {
    use super::{CHECKS, meaning};
    use crate::oracle::checks;

    #[test]
    fn every_check_of_answers_has_a_meaning() {
        for check in checks() {
            assert!(meaning(check.name).len() > check.name.len() + 1, "{}", check.name);
        }
        assert_eq!(CHECKS.len(), checks().len() + 2);
    }
}
