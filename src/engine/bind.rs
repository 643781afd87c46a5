//! From the value sources of a suite to the bindings of a case.

use indexmap::IndexMap;
use serde_json::Value;

use super::subject::Subject;
use crate::generate::{Binding, Bindings, Slot, placeholder};
use crate::suite::{OperationPlan, Suite, ValueSource};

/// Values that fixtures provided, by name.
pub(super) type Provided = IndexMap<String, Value>;

/// Adds sources to bindings. A fixture value that is not there (the scenario goes without fixtures) becomes a fresh
/// identifier: well-formed, and unknown to the target.
pub(super) fn bind(
    bindings: &mut Bindings,
    sources: &IndexMap<String, ValueSource>,
    subject: &Subject,
    provided: &Provided,
) {
    for (slot, source) in sources {
        let Some(slot) = Slot::parse(slot) else { continue };
        let binding = match source {
            ValueSource::Target(name) => match subject.target.values.get(name) {
                Some(value) => Binding::Value(value.clone()),
                None => continue,
            },
            ValueSource::Fixture(name) => match provided.get(name) {
                Some(value) => Binding::Value(value.clone()),
                None => Binding::Fresh("unknown-".to_owned()),
            },
            ValueSource::Fresh(prefix) => Binding::Fresh(prefix.clone()),
            ValueSource::Value(value) => Binding::Value(value.clone()),
            ValueSource::OneOf(values) => Binding::OneOf(values.clone()),
            ValueSource::FreshPan(_) => Binding::FreshPan,
            ValueSource::Omit(_) => Binding::Omit,
            ValueSource::Credential(_) => Binding::Value(Value::from(placeholder::CLIENT_ASSERTION)),
        };
        bindings.set(slot, binding);
    }
}

/// The first value that a scenario of this operation would need and the target does not name.
pub(super) fn missing_value(subject: &Subject, suite: &Suite, plan: &OperationPlan) -> Option<String> {
    let steps = suite.fixtures_for(&plan.needs).into_iter().flat_map(|(_, fixture)| &fixture.steps);
    let mut sources = plan.values.values().chain(steps.flat_map(|step| step.values.values()));
    sources.find_map(|source| match source {
        ValueSource::Target(name) if !subject.target.values.contains_key(name) => Some(name.clone()),
        _ => None,
    })
}
