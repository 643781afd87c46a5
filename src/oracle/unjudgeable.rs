//! Answers that say nothing about the duty of their case.

use super::judge::Judging;
use crate::contract::{Auth, Location};

/// Why the answer proves nothing, in words; `None` when it can be judged. The engine then calls the scenario
/// inconclusive.
pub fn unjudgeable(judging: &Judging<'_>) -> Option<String> {
    let status = judging.answer.status;
    if status == 429 {
        let wait = judging.answer.header("retry-after").map_or(String::new(), |wait| format!(" (retry-after: {wait})"));
        return Some(format!("the target limits the rate: 429{wait}; run with fewer jobs or a lower rate"));
    }
    if status != 401 || !judging.violates() {
        return None;
    }
    match &judging.case.location {
        // A 401 is the answer that is asked for, or as good as any refusal.
        Location::Auth | Location::Method | Location::Tls | Location::Assertion => None,
        // Where no credentials go with the request, they are a part of the body (AUTH-IN-2), and so of what was broken.
        Location::Body(_) | Location::Form(_) if judging.operation.auth == Auth::None => None,
        _ => Some(
            "the target refused our credentials with 401, so that it is not known whether it would have refused the \
             request; check `auth` of the target"
                .to_owned(),
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::unjudgeable;
    use crate::oracle::sample::{Sample, answer};

    #[test]
    fn refused_credentials_and_rate_limits_prove_nothing() {
        let reason = |duty: &str, status| unjudgeable(&Sample::of("createCard", duty).judging(&answer(status)));
        assert!(reason("body/name::max_length", 401).is_some());
        assert!(reason("header.x-user::required", 401).is_some());
        assert!(reason("auth::missing_token", 401).is_none());
        assert!(reason("auth::missing_token", 429).is_some());
        assert!(reason("operation::conforming", 429).is_some());
        assert!(reason("operation::conforming", 401).is_none());
        assert!(reason("body/name::max_length", 400).is_none());
        let token = Sample::of("getToken", "form/assertion::required");
        assert!(unjudgeable(&token.judging(&answer(401))).is_none());
    }
}
