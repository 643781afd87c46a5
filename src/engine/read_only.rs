//! What a target that must not be changed leaves out.

use super::subject::Subject;
use crate::contract::{Obligation, Operation, Rule};
use crate::suite::{OperationPlan, Suite};

/// Why a scenario would change a target with `limits.read_only`; `None` where it would not, or may.
pub(super) fn read_only_reason(
    subject: &Subject,
    suite: &Suite,
    needs: &[String],
    operation: &Operation,
    obligation: &Obligation,
) -> Option<String> {
    if !subject.target.limits.read_only {
        return None;
    }
    if obligation.rule == Rule::UnsupportedMethod {
        return Some("limits.read_only: it would send other methods than GET, HEAD and OPTIONS".to_owned());
    }
    if let Some(reason) = changes(subject, operation) {
        return Some(reason);
    }
    changing_step(subject, suite, needs)
        .map(|(fixture, step)| format!("limits.read_only: its fixture `{fixture}` would call {step}"))
}

/// Why calling the operation would change a target with `limits.read_only`.
pub(super) fn changes(subject: &Subject, operation: &Operation) -> Option<String> {
    let allowed = !subject.target.limits.read_only || subject.client.allows(operation, &operation.method);
    (!allowed).then(|| format!("limits.read_only: it would send {}", operation.method))
}

/// The fixtures of a scenario; a pinned case may go without.
pub(super) fn needs_of(plan: &OperationPlan, without_fixture: bool) -> &[String] {
    if without_fixture { &[] } else { &plan.needs }
}

/// The first step of these fixtures, and of those that they need themselves, that may not be sent.
fn changing_step(subject: &Subject, suite: &Suite, needs: &[String]) -> Option<(String, String)> {
    let forbidden = |name: &str| {
        !subject.operation(name).is_some_and(|(_, operation)| subject.client.allows(operation, &operation.method))
    };
    suite.fixtures_for(needs).into_iter().find_map(|(name, fixture)| {
        let step = fixture.steps.iter().find(|step| forbidden(&step.operation))?;
        Some((name.to_owned(), step.operation.clone()))
    })
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use crate::engine::{Filter, Plan, PlanOptions, Subject};
    use crate::suite::{Grant, Library, Target};

    fn plan(suite: &str, read_only: bool) -> Plan {
        let library = Library::find().unwrap();
        let (suite, contracts) = library.load(suite, &library.catalog().unwrap()).unwrap();
        let mut target = Target::named("t");
        target.base_url = Some("http://127.0.0.1:1".to_owned());
        target.grant = Some(Grant::Static { token: crate::base::Secret::new("t0ken") });
        target.limits.read_only = read_only;
        for name in ["issuerId", "cardProductId", "cardId", "consumerId"] {
            target.values.insert(name.to_owned(), "x".into());
        }
        let subject = Subject::new(suite, Arc::new(target), contracts).unwrap();
        let options = PlanOptions { filter: Filter::default(), cases: 1, snapshots: true };
        Plan::build(vec![subject], &options).unwrap()
    }

    #[test]
    fn only_what_changes_nothing_is_left() {
        for suite in ["inbound", "outbound"] {
            let (all, some) = (plan(suite, false), plan(suite, true));
            assert_eq!(all.scenarios.len(), some.scenarios.len(), "skipped with a reason, not left out");
            let runs: Vec<_> = some.scenarios.iter().filter(|scenario| scenario.skip.is_none()).collect();
            for scenario in &runs {
                let method = scenario.operation.method.as_str();
                let safe = matches!(method, "GET" | "HEAD" | "OPTIONS");
                assert!(safe || scenario.operation.id.name() == "getToken", "{}: {method}", scenario.id);
                assert_ne!(scenario.obligation.rule, crate::contract::Rule::UnsupportedMethod, "{}", scenario.id);
            }
            assert!(runs.iter().any(|scenario| scenario.operation.id.name() == "getToken"), "{suite}");
            let reasons =
                some.scenarios.iter().filter_map(|scenario| scenario.skip.as_ref().map(|skip| skip.reason.as_str()));
            assert!(reasons.filter(|reason| reason.starts_with("limits.read_only: it would send")).count() > 10);
        }
        // The resources that the inbound suite reads are made by fixtures.
        let inbound = plan("inbound", true);
        let blocked = inbound.scenarios.iter().filter(|one| one.operation.id.name() == "getCard" && one.skip.is_some());
        assert!(blocked.filter_map(|one| one.skip.as_ref()).any(|skip| skip.reason.contains("its fixture `")));
        // The outbound ones are there already.
        let outbound = plan("outbound", true);
        assert!(outbound.scenarios.iter().any(|one| one.operation.method == "GET" && one.skip.is_none()));
    }
}
