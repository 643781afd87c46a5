//! Without the right client certificate there is no service (D1, TLS-1). A refusal in the TLS handshake never gets here: it
//! is no answer, and what the duty wants.

use super::{Check, Code};
use crate::contract::{Location, Rule};
use crate::oracle::excerpt::status_and_body;
use crate::oracle::finding::{Finding, Severity};
use crate::oracle::judge::Judging;

const SERVED: &str = "D1C-186";
const OTHER_ANSWER: &str = "D1C-187";

pub(super) const CHECK: Check = Check {
    name: "client_certificate",
    about: "without the right client certificate there is no service",
    codes: CODES,
    judge,
};

const CODES: &[Code] = &[
    Code::of(
        SERVED,
        "a connection without the right client certificate was served",
        "D1 and issuers meet over mutual TLS only (TLS-1); who cannot show a certificate of a known authority is a stranger",
        "demand client certificates at the server that ends TLS, for every path, with your list of authorities and their \
         dates",
        |duty| matches!(duty.rule, Rule::Certificate(_)),
    ),
    Code::of(
        OTHER_ANSWER,
        "a connection without the right client certificate was refused in an unusual way",
        "the handshake, 401 or 403 say what is wrong; another answer leaves a caller in the dark",
        "refuse in the TLS handshake, or with 401 or 403",
        |duty| matches!(duty.rule, Rule::Certificate(_)),
    ),
];

fn judge(judging: &Judging<'_>) -> Vec<Finding> {
    if judging.case.location != Location::Tls || !matches!(judging.case.rule, Rule::Certificate(_)) {
        return Vec::new();
    }
    let actual = status_and_body(judging.answer, judging.redactor);
    let found = |code| {
        let expected = "a refusal in the TLS handshake, or with 401 or 403";
        Finding::of(CHECK.name, code, judging.duty, expected, actual.clone())
    };
    match judging.answer.status {
        401 | 403 | 429 => Vec::new(),
        // Nothing was served; some servers say 400 where they miss a certificate.
        400..=499 => vec![found(OTHER_ANSWER).graded(Severity::Observation)],
        200..=299 => vec![found(SERVED)],
        _ => vec![found(OTHER_ANSWER).graded(Severity::Warning)],
    }
}

#[cfg(test)]
mod tests {
    use super::judge;
    use crate::contract::{CertificateFlaw, Location, Rule};
    use crate::oracle::finding::Severity;
    use crate::oracle::sample::{Sample, answer};

    #[test]
    fn only_service_is_a_failure() {
        let found = |status| {
            let mut sample = Sample::of("createCard", "auth::missing_token");
            sample.case.location = Location::Tls;
            sample.case.rule = Rule::Certificate(CertificateFlaw::MissingCertificate);
            judge(&sample.judging(&answer(status))).first().map(|one| (one.code, one.severity))
        };
        assert_eq!(found(201), Some(("D1C-186", Severity::Failure)));
        assert_eq!(found(401), None);
        assert_eq!(found(403), None);
        assert_eq!(found(400), Some(("D1C-187", Severity::Observation)));
        assert_eq!(found(302), Some(("D1C-187", Severity::Warning)), "a way to somewhere else is no service");
        assert_eq!(found(500), Some(("D1C-187", Severity::Warning)));
    }
}
