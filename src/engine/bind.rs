//! From the value sources of a suite to the bindings of a case.

use indexmap::IndexMap;
use serde_json::Value;

use super::subject::Subject;
use crate::generate::{Binding, Bindings, Slot, placeholder};
use crate::suite::ValueSource;

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
    for (slot, binding) in bound(sources, subject, provided) {
        bindings.set(slot, binding);
    }
}

/// Adds sources to bindings, and has them sent whatever the draw leaves out.
pub(super) fn demand(
    bindings: &mut Bindings,
    sources: &IndexMap<String, ValueSource>,
    subject: &Subject,
    provided: &Provided,
) {
    for (slot, binding) in bound(sources, subject, provided) {
        bindings.demand(slot, binding);
    }
}

fn bound(
    sources: &IndexMap<String, ValueSource>,
    subject: &Subject,
    provided: &Provided,
) -> impl Iterator<Item = (Slot, Binding)> {
    sources.iter().filter_map(|(slot, source)| {
        let binding = match source {
            ValueSource::Target(name) => Binding::Value(subject.target.values.get(name)?.clone()),
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
            // Each variant of a sequence has its value in this place.
            ValueSource::Each(_) => return None,
        };
        Some((Slot::parse(slot)?, binding))
    })
}

/// The first value that a scenario would need, for its own `sources` or for a fixture, and the target does not name.
pub(super) fn missing_value<'s>(
    subject: &Subject,
    needs: &[String],
    sources: impl IntoIterator<Item = &'s ValueSource>,
) -> Option<String> {
    let suite = &subject.suite;
    let steps = suite.fixtures_for(needs).into_iter().flat_map(|(_, fixture)| &fixture.steps);
    let missing = |source: &ValueSource| match source {
        ValueSource::Target(name) if !subject.target.values.contains_key(name) => Some(name.clone()),
        _ => None,
    };
    let own = sources.into_iter().find_map(missing);
    own.or_else(|| steps.flat_map(|step| step.values.values()).find_map(missing))
}
