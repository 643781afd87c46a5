//! From the value sources of a suite to the bindings of a case.

use std::collections::HashMap;
use std::sync::Arc;

use indexmap::IndexMap;
use serde_json::Value;

use super::skip::Skip;
use super::subject::Subject;
use crate::contract::{Contract, Operation};
use crate::generate::{Binding, Bindings, Slot, placeholder};
use crate::suite::{Dictionary, FixtureStep, OperationPlan, Provided as Source, Suite, ValueSource};

/// Values that fixtures provided, by name.
pub(super) type Provided = IndexMap<String, Value>;

/// The values that a target's dictionary has for the places of each operation.
pub(super) fn listed(dictionary: &Dictionary, contracts: &[Arc<Contract>]) -> HashMap<String, Vec<(Slot, Binding)>> {
    let operations = contracts.iter().flat_map(|contract| &contract.operations);
    let of = |operation: &Operation| {
        let values = dictionary.values_of(operation).into_iter();
        values.filter_map(|(slot, values)| Some((Slot::parse(&slot)?, Binding::OneOf(values)))).collect()
    };
    operations.map(|operation| (operation.id.to_string(), of(operation))).collect()
}

/// Adds what the dictionary has for an operation; what is bound afterwards wins.
pub(super) fn list(bindings: &mut Bindings, subject: &Subject, operation: &str) {
    for (slot, binding) in subject.listed.get(operation).into_iter().flatten() {
        bindings.list(slot.clone(), binding.clone());
    }
}

/// Adds what the suite binds in all operations. Values that it writes down there (`value`, `one_of`) are the dictionary's to
/// choose: the target's owner knows better which currencies it takes. Identifiers win over it.
pub(super) fn bind_general(bindings: &mut Bindings, subject: &Subject, provided: &Provided) {
    for (slot, source, binding) in bound(&subject.suite.values, subject, provided) {
        let open = matches!(source, ValueSource::OneOf(_) | ValueSource::Value(_));
        if !(open && bindings.lists(&slot)) {
            bindings.set(slot, binding);
        }
    }
}

/// Adds sources of an operation or a step to bindings. A fixture value that is not there (the scenario goes without fixtures)
/// becomes a fresh identifier: well-formed, and unknown to the target. Only what is left open (`one_of`) is the dictionary's
/// to choose; the rest is needed to mean what the operation or the step means.
pub(super) fn bind(
    bindings: &mut Bindings,
    sources: &IndexMap<String, ValueSource>,
    subject: &Subject,
    provided: &Provided,
) {
    for (slot, source, binding) in bound(sources, subject, provided) {
        if !(matches!(source, ValueSource::OneOf(_)) && bindings.lists(&slot)) {
            bindings.set(slot, binding);
        }
    }
}

/// What is known of the values of an operation before any fixture gave one.
#[derive(Debug, Default)]
pub(super) struct Foreseen {
    pub bindings: Bindings,
    /// Places for which the target has one value, and no other is valid.
    pub only: Vec<Slot>,
}

/// What a suite will bind in an operation.
pub(super) fn foresee(subject: &Subject, plan: &OperationPlan) -> Foreseen {
    let mut foreseen = Foreseen::default();
    for (slot, source) in subject.suite.values.iter().chain(&plan.values) {
        let Some(slot) = Slot::parse(slot) else { continue };
        let binding = match source {
            ValueSource::Target(_) => {
                foreseen.only.push(slot.clone());
                Binding::Omit
            }
            ValueSource::Fixture(name) => match maker(&subject.suite, name) {
                Some((_, _, prefix)) => Binding::Fresh(prefix.to_owned()),
                None => Binding::Omit,
            },
            ValueSource::Fresh(prefix) => Binding::Fresh(prefix.clone()),
            ValueSource::Value(value) => Binding::Value(value.clone()),
            ValueSource::OneOf(values) => Binding::OneOf(values.clone()),
            ValueSource::FreshPan(_) => Binding::FreshPan,
            ValueSource::Omit(_) | ValueSource::Credential(_) | ValueSource::Each(_) | ValueSource::Repeat(_) => {
                Binding::Omit
            }
        };
        foreseen.bindings.set(slot, binding);
    }
    foreseen
}

/// The step of a fixture that makes the identifier `name`, the slot of it, and what it begins with.
pub(super) fn maker<'s>(suite: &'s Suite, name: &str) -> Option<(&'s FixtureStep, &'s str, &'s str)> {
    suite.fixtures.values().flat_map(|fixture| &fixture.steps).find_map(|step| {
        let Source::Request(slot) = step.provides.get(name)? else { return None };
        let Some(ValueSource::Fresh(prefix)) = step.values.get(slot) else { return None };
        Some((step, slot.as_str(), prefix.as_str()))
    })
}

/// Adds sources to bindings, and has them sent whatever the draw leaves out.
pub(super) fn demand(
    bindings: &mut Bindings,
    sources: &IndexMap<String, ValueSource>,
    subject: &Subject,
    provided: &Provided,
) {
    for (slot, _, binding) in bound(sources, subject, provided) {
        bindings.demand(slot, binding);
    }
}

fn bound<'s>(
    sources: &'s IndexMap<String, ValueSource>,
    subject: &Subject,
    provided: &Provided,
) -> impl Iterator<Item = (Slot, &'s ValueSource, Binding)> {
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
            ValueSource::Repeat(repeated) => {
                Binding::Value(repeated.list(subject.target.values.get(&repeated.times)?.as_u64()?))
            }
            // Each variant of a sequence has its value in this place.
            ValueSource::Each(_) => return None,
        };
        Some((Slot::parse(slot)?, source, binding))
    })
}

/// The first value that a scenario would need, for its own `sources` or for a fixture, and the target does not name: no
/// scenario without it.
pub(super) fn missing_value<'s>(
    subject: &Subject,
    needs: &[String],
    sources: impl IntoIterator<Item = &'s ValueSource>,
) -> Option<Skip> {
    let suite = &subject.suite;
    let steps = suite.fixtures_for(needs).into_iter().flat_map(|(_, fixture)| &fixture.steps);
    let missing = |source: &ValueSource| match source {
        ValueSource::Target(name) if !subject.target.values.contains_key(name) => Some(name.clone()),
        _ => None,
    };
    let own = sources.into_iter().find_map(missing);
    let name = own.or_else(|| steps.flat_map(|step| step.values.values()).find_map(missing))?;
    let remedy = "add it under `values:` in the target file";
    Some(Skip::lacking(format!("the target does not name a value `{name}`; {remedy}")))
}

#[cfg(test)]
mod tests {
    use std::path::Path;
    use std::sync::Arc;

    use serde_json::Value;

    use super::Provided;
    use crate::base::{Secret, Seed};
    use crate::engine::stage::Stage;
    use crate::engine::{Filter, Plan, PlanOptions, RunOptions, Stop, Subject};
    use crate::generate::{Body, Request};
    use crate::oracle::{CheckSelection, SnapshotMode, Snapshots};
    use crate::suite::{Grant, Library, RecipientKey, Target};

    const DICTIONARY: &str = "\
dictionary:
  currencyCode: [CHF, NOK]
  phoneNumber: '555'
  exp: ['0533', '0634']
  cardId: not-a-card-of-the-run
  D1-Public-IN-v2-Card::registerCard: {exp: '0735'}
";

    fn plan(filter: &str) -> Plan {
        let library = Library::find().unwrap();
        let (suite, contracts) = library.load("inbound", &library.catalog().unwrap()).unwrap();
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("t.yaml");
        std::fs::write(&path, DICTIONARY).unwrap();
        let mut target = Target::load(&path).unwrap();
        target.check_dictionary(contracts.iter()).unwrap();
        target.base_url = Some("http://127.0.0.1:1".to_owned());
        target.grant = Some(Grant::Static { token: Secret::new("t0ken") });
        target.values.insert("cardProductId".to_owned(), "product".into());
        let key = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/sandbox/demo-d1-encryption-public.pem");
        let public_key = std::fs::read_to_string(key).unwrap();
        target.jwe.encrypt_for = Some(RecipientKey { kid: None, public_key });
        let subject = Subject::new(suite, Arc::new(target), contracts).unwrap();
        let options = PlanOptions { filter: Filter::new(vec![filter.to_owned()]), cases: 3, snapshots: false };
        Plan::build(vec![subject], &options).unwrap()
    }

    /// All values of a name in a body, however deep.
    fn named<'v>(name: &str, value: &'v Value, found: &mut Vec<&'v Value>) {
        match value {
            Value::Object(members) => members.iter().for_each(|(own, member)| {
                found.extend(Some(member).filter(|_| own == name));
                named(name, member, found);
            }),
            Value::Array(items) => items.iter().for_each(|item| named(name, item, found)),
            _ => {}
        }
    }

    fn texts(name: &str, request: &Request) -> Vec<String> {
        let clear = request.seals.iter().filter_map(|seal| serde_json::from_str(&seal.plaintext).ok());
        let body = if let Body::Json(body) = &request.body { Some(body.clone()) } else { None };
        let roots: Vec<Value> = clear.chain(body).collect();
        let mut found = Vec::new();
        for root in &roots {
            named(name, root, &mut found);
        }
        found.into_iter().map(|value| value.as_str().unwrap_or_default().to_owned()).collect()
    }

    #[test]
    fn the_dictionary_reaches_clear_texts_and_leaves_identifiers_alone() {
        let options = RunOptions {
            seed: Seed::new(1),
            nonce: "n".to_owned(),
            jobs: 1,
            max_failures: None,
            strict: false,
            checks: CheckSelection::all(),
            snapshots: Snapshots::new("", SnapshotMode::Off),
            redactor: crate::base::Redactor::default(),
            stop: Stop::default(),
        };
        let plan = plan("D1-Public-IN-v2-Card::");
        let (mut currencies, mut expiries) = (0, 0);
        for (index, scenario) in plan.scenarios.iter().enumerate() {
            let place = scenario.obligation.location.to_string();
            // What is wrong around the fields of this test may be wrong with them too.
            if scenario.skip.is_some() || !(place.contains("/encryptedData.plaintext/pan") || place == "operation") {
                continue;
            }
            let stage = Stage::of(&plan, index, &options);
            let bindings = stage.bindings(&Provided::new(), "n");
            for number in 0..scenario.cases() {
                let Some(case) = stage.draw(number, &bindings).case else { continue };
                for code in texts("currencyCode", &case.request) {
                    assert!(["CHF", "NOK"].contains(&code.as_str()), "{}: {code}", case.id);
                    currencies += 1;
                }
                let registers = case.operation.name() == "registerCard";
                for expiry in texts("exp", &case.request) {
                    let listed = if registers { expiry == "0735" } else { ["0533", "0634"].contains(&expiry.as_str()) };
                    assert!(listed, "{}: {expiry}", case.id);
                    expiries += 1;
                }
                assert!(!case.request.path.contains("not-a-card-of-the-run"), "{}", case.id);
            }
        }
        assert!(currencies > 5 && expiries > 10, "{currencies} {expiries}");
    }
}
