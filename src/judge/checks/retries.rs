//! Repeats after 429 and 5xx. How the vendor wants them is not public (NOTIF-7), a sibling product backs off (NOTIF-8), so
//! that all of this is worth a note and no more.

use std::time::Duration;

use crate::contract::{Evidence, Rule};
use crate::judge::check::{Check, View};
use crate::judge::memory::HASTE;
use crate::oracle::{Finding, Severity};

/// Repeats pause.
pub const STORM: Check = Check {
    name: "retry_storm",
    code: "D1C-452",
    duty: "pauses before it repeats a request after 429 or 5xx, longer each time",
    remedy: "pause before a repeat, twice as long each time, with some chance in it",
    evidence: Evidence::Inferred,
    kind: (Rule::Conforming, "client"),
    judge: storm,
};

/// `Retry-After` is kept (RFC 9110 section 10.2.3).
pub const RETRY_AFTER: Check = Check {
    name: "retry_after_ignored",
    code: "D1C-453",
    duty: "waits for as long as Retry-After says (RFC 9110 section 10.2.3)",
    remedy: "read `Retry-After`, and wait",
    evidence: Evidence::Inferred,
    kind: (Rule::Conforming, "client"),
    judge: retry_after,
};

/// Hasty repeats that are still no storm.
const TOLERATED: u32 = 3;

/// Clocks are not that exact.
const SLACK: Duration = Duration::from_millis(100);

fn storm(check: &Check, view: &View<'_>) -> Option<Vec<Finding>> {
    let trail = view.memory.trail(view.key).filter(|trail| trail.may_be_repeated() && !trail.overlaps(view.call))?;
    let hasty = trail.gap(view.call) < HASTE;
    let repeats = trail.hasty + 1;
    let actual =
        format!("your client sent the same request {repeats} times more, each within half a second of a 429 or 5xx");
    let found = (hasty && repeats > TOLERATED).then(|| check.breach(view, Severity::Observation, actual));
    Some(found.into_iter().collect())
}

fn retry_after(check: &Check, view: &View<'_>) -> Option<Vec<Finding>> {
    let trail = view.memory.trail(view.key).filter(|trail| trail.may_be_repeated() && !trail.overlaps(view.call))?;
    let wanted = trail.retry_after?;
    let early = trail.gap(view.call) + SLACK < wanted;
    let actual =
        format!("your client sent the request again before the {} s of Retry-After were over", wanted.as_secs());
    let found = early.then(|| check.breach(view, Severity::Observation, actual));
    Some(found.into_iter().collect())
}

#[cfg(test)]
mod tests {
    use crate::judge::sample::Sample;

    const CARD: &str = "/banking/v1/issuers/sandbox001/cards/demo-card";

    #[test]
    fn more_than_three_hasty_repeats_are_a_storm() {
        let mut sample = Sample::d1();
        let send = |sample: &mut Sample| sample.call("GET", CARD).token().answered(500).findings().checks();
        for _ in 0..4 {
            assert!(send(&mut sample).is_empty());
        }
        assert_eq!(send(&mut sample), ["retry_storm"]);
    }

    #[test]
    fn repeats_with_a_pause_are_fine() {
        let mut sample = Sample::d1();
        for _ in 0..8 {
            assert!(sample.call("GET", CARD).token().answered(503).findings().checks().is_empty());
            sample.pass(1);
        }
    }

    #[test]
    fn retry_after_is_kept_or_noted() {
        let mut sample = Sample::d1();
        sample.call("GET", CARD).token().answered(429).answer_header("retry-after", "2").findings();
        assert_eq!(sample.call("GET", CARD).token().findings().checks(), ["retry_after_ignored"]);
        sample.call("GET", CARD).token().answered(429).answer_header("retry-after", "2").findings();
        sample.pass(2);
        assert!(sample.call("GET", CARD).token().findings().checks().is_empty());
    }
}
