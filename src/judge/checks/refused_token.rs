//! After a 401 a new token is fetched (TOKEN-IN-4).

use std::time::Duration;

use crate::contract::{Auth, Evidence, Rule};
use crate::judge::check::{Check, View};
use crate::oracle::{Finding, Severity};

/// A token that was refused is not sent again.
pub const CHECK: Check = Check {
    name: "refused_token_sent_again",
    code: "D1C-415",
    duty: "fetches a new token after a 401, and does not send the refused one again (TOKEN-IN-4)",
    remedy: "after a 401 fetch a new token before the next call",
    evidence: Evidence::Documented,
    kind: (Rule::WrongToken, "auth"),
    judge,
};

/// Calls that were on their way when the 401 came cannot be called back.
const ON_THE_WAY: Duration = Duration::from_secs(1);

fn judge(check: &Check, view: &View<'_>) -> Option<Vec<Finding>> {
    if view.operation.auth != Auth::Bearer {
        return None;
    }
    let token = view.memory.token(view.call.bearer()?)?;
    let refused = token.refused?;
    if view.call.received < refused {
        return None;
    }
    let same = view.memory.trail(view.key).filter(|trail| trail.status == Some(401) && trail.has_token_of(view.call));
    let repeated = same.is_some_and(|trail| !trail.overlaps(view.call));
    let late = view.call.received > refused + ON_THE_WAY;
    let actual = if repeated {
        "your client sent the same request again with the token that had just been answered with 401"
    } else if late {
        "your client went on with a token that had been answered with 401"
    } else {
        return Some(Vec::new());
    };
    Some(vec![check.breach(view, Severity::Failure, actual)])
}

#[cfg(test)]
mod tests {
    use crate::judge::sample::Sample;

    const CARD: &str = "/banking/v1/issuers/sandbox001/cards/demo-card";
    const OTHER: &str = "/banking/v1/issuers/sandbox001/cards/other-card";

    #[test]
    fn the_same_request_with_the_refused_token_is_found() {
        let mut sample = Sample::d1();
        assert!(sample.call("GET", CARD).token().answered(401).provoked("401-once").findings().checks().is_empty());
        let found = sample.call("GET", CARD).token().findings();
        assert_eq!(found.checks(), ["refused_token_sent_again"]);
    }

    #[test]
    fn a_new_token_and_calls_on_their_way_are_fine() {
        let mut sample = Sample::d1();
        sample.call("GET", CARD).token().answered(401).provoked("401-once").findings();
        assert!(sample.call("GET", OTHER).token().findings().checks().is_empty(), "it was on its way");
        sample.fetch_token();
        assert!(sample.call("GET", CARD).token().findings().checks().is_empty());
    }

    #[test]
    fn going_on_with_a_refused_token_is_found() {
        let mut sample = Sample::d1();
        sample.call("GET", CARD).token().answered(401).provoked("401-once").findings();
        sample.pass(5);
        assert_eq!(sample.call("GET", OTHER).token().findings().checks(), ["refused_token_sent_again"]);
    }
}
