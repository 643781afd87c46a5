//! Requests that are sent again although the answer did not ask for it.

use std::time::Duration;

use crate::contract::{Evidence, Rule};
use crate::judge::check::{Check, View};
use crate::oracle::{Finding, Severity};
use crate::sandbox::Role;

/// What was done is not asked for twice. No text of the vendor forbids it, so it is worth a note.
pub const AFTER_SUCCESS: Check = Check {
    name: "repeated_after_success",
    code: "D1C-451",
    duty: "does not send a request that was performed a second time",
    remedy: "remember what was performed; look at retries of proxies and queues",
    evidence: Evidence::Inferred,
    kind: (Rule::Conforming, "client"),
    judge: after_success,
};

/// What cannot succeed is not tried again: the vendor's table of errors says so (ERR-2).
pub const AFTER_REFUSAL: Check = Check {
    name: "repeated_after_refusal",
    code: "D1C-454",
    duty: "does not send a request again, unchanged, after 400 with FIELD_INVALID_FORMAT or FIELD_INVALID_VALUE (ERR-2)",
    remedy: "correct the request before it is sent again",
    evidence: Evidence::Documented,
    kind: (Rule::Conforming, "client"),
    judge: after_refusal,
};

/// A repeat that comes later is another wish.
const A_MOMENT: Duration = Duration::from_secs(2);

fn after_success(check: &Check, view: &View<'_>) -> Option<Vec<Finding>> {
    let name = view.operation.id.name();
    let asks = ["get", "list", "verify", "search"].iter().any(|verb| name.starts_with(verb));
    // D1 delivers at least once (NOTIF-4), so whoever plays D1 may repeat.
    if view.operation.method != "POST" || asks || view.role == Role::Issuer {
        return None;
    }
    let done = view.memory.trail(view.key).filter(|trail| trail.status.is_some_and(|status| status / 100 == 2));
    let again =
        done.is_some_and(|trail| !trail.provoked && !trail.overlaps(view.call) && trail.gap(view.call) < A_MOMENT);
    let actual = "your client sent the same request again within two seconds, although it had succeeded";
    let found = again.then(|| check.breach(view, Severity::Observation, actual));
    Some(found.into_iter().collect())
}

fn after_refusal(check: &Check, view: &View<'_>) -> Option<Vec<Finding>> {
    if view.role == Role::Issuer {
        return None;
    }
    let trail = view.memory.trail(view.key)?;
    let final_code = trail.code.as_deref().is_some_and(|code| code.starts_with("FIELD_INVALID_"));
    if trail.status != Some(400) || !final_code || trail.overlaps(view.call) || trail.gap(view.call) > A_MOMENT {
        return None;
    }
    let actual = "your client sent the same wrong request again within two seconds";
    Some(vec![check.breach(view, Severity::Failure, actual)])
}

#[cfg(test)]
mod tests {
    use crate::judge::sample::Sample;

    const SUSPEND: &str = "/banking/v2/issuers/sandbox001/cards/demo-card/operations:suspend";
    const LOST: &str = r#"{"reasonCode":"CARD_LOST"}"#;

    #[test]
    fn a_repeat_of_what_was_done_is_noted() {
        let mut sample = Sample::d1();
        assert!(sample.call("POST", SUSPEND).token().json(LOST).findings().checks().is_empty());
        let found = sample.call("POST", SUSPEND).token().json(LOST).findings();
        assert_eq!(found.checks(), ["repeated_after_success"]);
        assert!(!found.fails());
        sample.pass(3);
        assert!(sample.call("POST", SUSPEND).token().json(LOST).findings().checks().is_empty(), "another wish");
    }

    #[test]
    fn repeats_of_reads_and_of_lost_answers_are_fine() {
        let mut sample = Sample::d1();
        for _ in 0..3 {
            let card = "/banking/v1/issuers/sandbox001/cards/demo-card";
            assert!(sample.call("GET", card).token().findings().checks().is_empty());
        }
        sample.call("POST", SUSPEND).token().json(LOST).answered(500).provoked("lost-answer").findings();
        assert!(sample.call("POST", SUSPEND).token().json(LOST).findings().checks().is_empty());
    }

    #[test]
    fn a_wrong_request_is_not_sent_twice() {
        let mut sample = Sample::d1();
        let wrong = r#"{"reasonCode":7}"#;
        let send = |sample: &mut Sample| {
            let call = sample.call("POST", SUSPEND).token().json(wrong);
            call.refused(400, "FIELD_INVALID_FORMAT").findings().checks()
        };
        assert!(send(&mut sample).iter().all(|check| *check == "body_schema"));
        assert_eq!(send(&mut sample), ["repeated_after_refusal"], "what is known already is not told again");
    }
}
