//! Callers that go away before the answer.

use crate::contract::{Evidence, Rule};
use crate::judge::check::{Check, View};
use crate::oracle::{Finding, Severity};

/// A caller waits. How long it must is not public (NOTIF-7).
pub const CHECK: Check = Check {
    name: "gone_before_answer",
    code: "D1C-462",
    duty: "waits for the answer",
    remedy: "raise the timeout of the client, 30 seconds at least",
    evidence: Evidence::Inferred,
    kind: (Rule::Conforming, "client"),
    judge,
};

fn judge(check: &Check, view: &View<'_>) -> Option<Vec<Finding>> {
    let waited = view.call.answered.saturating_duration_since(view.call.received);
    let gone = view.call.answer.is_none();
    // Where nothing was slow, an answer that was waited for says nothing.
    if !gone && !view.call.provoked.contains(&"slow") {
        return None;
    }
    let actual = format!("your client closed the connection after {} ms; the call was performed", waited.as_millis());
    let found = gone.then(|| check.breach(view, Severity::Observation, actual));
    Some(found.into_iter().collect())
}

#[cfg(test)]
mod tests {
    use crate::judge::sample::Sample;

    #[test]
    fn a_caller_that_goes_away_is_noted() {
        let mut sample = Sample::d1();
        let card = "/banking/v1/issuers/sandbox001/cards/demo-card";
        let found = sample.call("GET", card).token().provoked("slow").with(|call| call.answer = None).findings();
        assert_eq!(found.checks(), ["gone_before_answer"]);
        assert!(sample.call("GET", card).token().provoked("slow").findings().checks().is_empty());
    }
}
