//! The correlation id is optional everywhere (CORR-1), and support asks for it.

use crate::contract::{Evidence, ParameterIn, Rule};
use crate::judge::check::{Check, View};
use crate::oracle::{Finding, Severity};

/// A call has one. Its form is judged with the other headers.
pub const CHECK: Check = Check {
    name: "correlation_id",
    code: "D1C-441",
    duty: "sends a correlation id, so that a call can be found in the logs of both sides (CORR-1, CORR-4)",
    remedy: "send a new `x-correlation-id` with every call, and log it",
    evidence: Evidence::Inferred,
    kind: (Rule::Conforming, "header.x-correlation-id"),
    judge,
};

const NAME: &str = "x-correlation-id";

fn judge(check: &Check, view: &View<'_>) -> Option<Vec<Finding>> {
    view.operation.parameter(ParameterIn::Header, NAME)?;
    let missing = view.call.header(NAME).is_none();
    let actual = "your client sent no x-correlation-id; it is optional, and support can find a call by it";
    let found = missing.then(|| check.breach(view, Severity::Observation, actual));
    Some(found.into_iter().collect())
}

#[cfg(test)]
mod tests {
    use crate::judge::sample::Sample;

    #[test]
    fn its_absence_is_worth_a_note() {
        let mut sample = Sample::d1();
        let card = "/banking/v1/issuers/sandbox001/cards/demo-card";
        let found = sample.call("GET", card).token().without("x-correlation-id").findings();
        assert_eq!(found.checks(), ["correlation_id"]);
        assert!(!found.fails());
    }
}
