//! The scenarios of a suite's business rules.

use std::sync::Arc;

use super::bind::missing_value;
use super::plan::{Kind, Scenario};
use super::possible::unsealable;
use super::read_only::changes;
use super::skip::Skip;
use super::subject::Subject;
use crate::base::ScenarioId;
use crate::contract::{Operation, Source};
use crate::generate::Generator;
use crate::suite::{BusinessRule, Sequence};

/// One scenario for each sequence, in the order of the files. A rule whose operations are not all in the specifications
/// at hand has none: an official file may lack what the bundled one assumed.
pub(super) fn sequences(subject_index: usize, subject: &Subject) -> Vec<Scenario> {
    let mut scenarios = Vec::new();
    for file in &subject.suite.rules {
        for ((id, rule), source) in file.rules.iter().zip(file.sources()) {
            for (name, sequence) in &rule.sequences {
                for (variant, sequence) in sequence.variants() {
                    let name = format!("{}::rules::{id}::{name}{variant}", subject.suite.name);
                    scenarios.extend(scenario(subject_index, subject, (id, rule, &source), name, sequence));
                }
            }
        }
    }
    scenarios
}

fn scenario(
    index: usize,
    subject: &Subject,
    (id, rule, source): (&str, &BusinessRule, &Source),
    name: String,
    sequence: Sequence,
) -> Option<Scenario> {
    let operations: Vec<&Operation> = sequence
        .steps
        .iter()
        .map(|step| subject.operation(&step.operation).map(|(_, own)| own))
        .collect::<Option<_>>()?;
    let judged = sequence.judged()?.operation.clone();
    let contract =
        subject.contracts.iter().find(|contract| contract.operations.iter().any(|own| own.id.as_str() == judged))?;
    let operation = contract.operations.iter().find(|own| own.id.as_str() == judged)?;
    let obligation = rule.obligation(id, &operation.id, source.clone());
    Some(Scenario {
        id: ScenarioId::new(name),
        subject: index,
        contract: Arc::clone(contract),
        operation: Arc::clone(operation),
        obligation: Arc::new(obligation),
        budget: 1,
        skip: skip(subject, &sequence, &operations),
        kind: Kind::Sequence(sequence),
        foreseen: Arc::default(),
        generator: Arc::new(Generator::new(Vec::new(), Vec::new(), subject.means())),
    })
}

fn skip(subject: &Subject, sequence: &Sequence, operations: &[&Operation]) -> Option<Skip> {
    if let Some(skip) = Skip::unless_true(subject, sequence.when.as_deref()) {
        return Some(skip);
    }
    let sources = || sequence.steps.iter().flat_map(|step| step.values.values());
    if let Some(skip) = sources().find_map(|source| Skip::unless_agreed(subject, source)) {
        return Some(skip);
    }
    if let Some(reason) = operations.iter().find_map(|operation| changes(subject, operation)) {
        return Some(Skip::lacking(reason));
    }
    if let Some(reason) = operations.iter().find_map(|operation| unsealable(&subject.target, operation)) {
        return Some(Skip::lacking(reason));
    }
    // A step's own value comes before the one that the suite gives the operation.
    let operations = &subject.suite.operations;
    let values = sequence.steps.iter().flat_map(|step| {
        let planned = operations.get(step.operation.as_str()).into_iter().flat_map(|plan| &plan.values);
        let planned = planned.filter(|(slot, _)| !step.values.contains_key(*slot));
        step.values.values().chain(planned.map(|(_, source)| source))
    });
    missing_value(subject, &sequence.needs, values)
}
