//! One short look before the first counted case: does the target answer, and does it give a token? What fails here is
//! a matter of configuration and must not look like a broken contract.

use std::collections::{BTreeMap, BTreeSet};

use super::plan::Plan;

/// Why a subject cannot be tested, by its index; subjects without scenarios to run are not looked at.
pub(super) async fn preflight(plan: &Plan) -> BTreeMap<usize, String> {
    let mut unusable = BTreeMap::new();
    for (index, subject) in plan.subjects.iter().enumerate() {
        let specs = looked_at(plan, index);
        for spec in &specs {
            if let Err(fault) = subject.client.reach(spec).await {
                unusable.insert(index, fault.text);
                break;
            }
        }
        if !specs.is_empty()
            && !unusable.contains_key(&index)
            && subject.target.grant.is_some()
            && let Err(fault) = subject.client.check().await
        {
            unusable.insert(index, fault.text);
        }
    }
    unusable
}

/// The specifications of a subject that something will be sent to, each once.
fn looked_at(plan: &Plan, subject: usize) -> BTreeSet<&str> {
    let scenarios = plan.scenarios.iter().filter(|scenario| scenario.subject == subject && scenario.skip.is_none());
    scenarios.map(|scenario| scenario.operation.id.spec()).collect()
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::looked_at;
    use crate::engine::{Filter, Plan, PlanOptions, Subject};
    use crate::suite::{Library, Target};

    #[test]
    fn each_specification_is_looked_at_once() {
        let library = Library::find().unwrap();
        let (suite, contracts) = library.load("inbound", &library.catalog().unwrap()).unwrap();
        let mut target = Target::named("t");
        target.base_url = Some("http://127.0.0.1:1".to_owned());
        for name in ["issuerId", "cardProductId"] {
            target.values.insert(name.to_owned(), "x".into());
        }
        let subject = Subject::new(Arc::clone(&suite), Arc::new(target), contracts).unwrap();
        let options = PlanOptions { filter: Filter::default(), cases: 1, snapshots: false };
        let plan = Plan::build(vec![subject], &options).unwrap();
        // Rules come behind the operations and go back and forth between specifications.
        let mut specs = suite.specs.clone();
        specs.sort();
        assert_eq!(looked_at(&plan, 0).into_iter().collect::<Vec<_>>(), specs);
        assert!(looked_at(&plan, 1).is_empty());
    }
}
