//! One short look before the first counted case: does the target answer, and does it give a token? What fails here is
//! a matter of configuration and must not look like a broken contract.

use std::collections::BTreeMap;

use super::plan::Plan;

/// Why a subject cannot be tested, by its index; subjects without scenarios to run are not looked at.
pub(super) async fn preflight(plan: &Plan) -> BTreeMap<usize, String> {
    let mut unusable = BTreeMap::new();
    for (index, subject) in plan.subjects.iter().enumerate() {
        let mut specs: Vec<&str> = plan
            .scenarios
            .iter()
            .filter(|scenario| scenario.subject == index && scenario.skip.is_none())
            .map(|scenario| scenario.operation.id.spec())
            .collect();
        specs.dedup();
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
