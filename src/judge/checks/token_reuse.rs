//! One token serves many calls (TOKEN-IN-3, AUTH-IN-8).

use crate::contract::{Evidence, Rule};
use crate::judge::check::{Check, View};
use crate::oracle::{Finding, Severity};
use crate::sandbox::Role;

/// A token is used until it runs out.
pub const CHECK: Check = Check {
    name: "token_not_reused",
    code: "D1C-414",
    duty: "uses a token for many calls, until shortly before it runs out (TOKEN-IN-3, AUTH-IN-8)",
    remedy: "keep the token for all workers until shortly before it runs out",
    evidence: Evidence::Documented,
    kind: (Rule::Conforming, "auth"),
    judge,
};

/// Tokens that are good and were used for one call each, before it shows that there is one for every call. Workers that
/// start together may each fetch one, and so may a person who tries things out.
const TOLERATED: usize = 5;

fn judge(check: &Check, view: &View<'_>) -> Option<Vec<Finding>> {
    let answer = view.call.answer.as_ref().filter(|answer| answer.is_success());
    if !view.is_token_call() || answer.is_none() {
        return None;
    }
    // A token that still waits for its first call belongs to a worker that has just begun.
    let good: Vec<u32> = view.memory.good_tokens(view.call.received).map(|token| token.calls).collect();
    let once_each = good.len() >= TOLERATED && good.iter().all(|calls| *calls == 1);
    if !once_each {
        return Some(Vec::new());
    }
    // Of issuers it is not said how long their tokens are to be used.
    let severity = if view.role == Role::D1 { Severity::Failure } else { Severity::Observation };
    let actual = format!(
        "your client fetched another token, although {} earlier ones were good for minutes, each used for a single call",
        good.len()
    );
    Some(vec![check.breach(view, severity, actual)])
}

#[cfg(test)]
mod tests {
    use crate::judge::sample::Sample;

    const CARD: &str = "/banking/v1/issuers/sandbox001/cards/demo-card";

    fn one_each(sample: &mut Sample, times: usize) -> Vec<&'static str> {
        let mut found = Vec::new();
        for _ in 0..times {
            found.extend(sample.fetch_token().checks());
            found.extend(sample.call("GET", CARD).token().findings().checks());
        }
        found
    }

    #[test]
    fn a_token_for_every_call_is_found_at_the_sixth() {
        assert!(one_each(&mut Sample::d1(), 5).is_empty());
        assert_eq!(one_each(&mut Sample::d1(), 6), ["token_not_reused"]);
    }

    #[test]
    fn parallel_first_calls_and_a_token_of_many_calls_are_fine() {
        let mut sample = Sample::d1();
        for _ in 0..8 {
            assert!(sample.fetch_token().checks().is_empty());
        }
        let mut sample = Sample::d1();
        for _ in 0..8 {
            assert!(sample.fetch_token().checks().is_empty());
            for _ in 0..2 {
                assert!(sample.call("GET", CARD).token().findings().checks().is_empty());
            }
        }
    }

    #[test]
    fn a_new_token_shortly_before_the_old_one_runs_out_is_fine() {
        let mut sample = Sample::d1();
        for _ in 0..12 {
            assert!(one_each(&mut sample, 1).is_empty());
            sample.pass(13 * 60);
        }
    }
}
