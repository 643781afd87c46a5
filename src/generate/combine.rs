//! Which optional parts and which members of lists are sent together: every pair of them once.

use std::sync::Arc;

use serde_json::Value;

use super::draft::names;
use super::edge::place;
use super::pairwise::{Factor, pairwise};
use super::request::Parts;
use crate::contract::{InstancePath, Location, Obligation, Operation, Rule, Step};

/// More parts than this are not combined: the first ones are, which stand nearest to the root.
const MOST_FACTORS: usize = 64;

/// One part that varies.
struct Part {
    location: Location,
    optional: bool,
    members: Vec<Value>,
}

/// One combination: what is left out of a full request, and what stands in the rest.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Row {
    absent: Vec<Location>,
    values: Vec<(Location, Value)>,
}

/// The combinations of the parts that a full request holds. `holds` tells whether it does.
pub(super) fn rows(
    operation: &Operation,
    obligations: &[Arc<Obligation>],
    holds: impl FnMut(&Location) -> bool,
) -> Vec<Row> {
    let parts = parts(operation, obligations, holds);
    let factors: Vec<Factor> = parts
        .iter()
        .map(|part| Factor {
            levels: part.levels(),
            under: parts.iter().rposition(|above| above.holds(&part.location)),
        })
        .collect();
    pairwise(&factors).into_iter().map(|levels| row(&parts, &levels)).collect()
}

fn row(parts: &[Part], levels: &[usize]) -> Row {
    let mut row = Row::default();
    for (part, level) in parts.iter().zip(levels) {
        if part.optional && level + 1 == part.levels() {
            row.absent.push(part.location.clone());
        } else if let Some(value) = part.members.get(*level) {
            row.values.push((part.location.clone(), value.clone()));
        }
    }
    row
}

fn parts(
    operation: &Operation,
    obligations: &[Arc<Obligation>],
    mut holds: impl FnMut(&Location) -> bool,
) -> Vec<Part> {
    let mut parts: Vec<Part> = Vec::new();
    for parameter in &operation.parameters {
        parts.push(Part { location: parameter.location(), optional: !parameter.required, members: Vec::new() });
    }
    for obligation in obligations {
        let (Location::Body(path) | Location::Form(path) | Location::Plaintext(_, path)) = &obligation.location else {
            continue;
        };
        let member = matches!(path.steps().last(), Some(Step::Key(_)));
        if member && parts.iter().all(|part| part.location != obligation.location) {
            parts.push(Part { location: obligation.location.clone(), optional: true, members: Vec::new() });
        }
    }
    for part in &mut parts {
        for obligation in obligations.iter().filter(|obligation| obligation.location == part.location) {
            match (obligation.rule, &obligation.limit) {
                (Rule::Required, _) => part.optional = false,
                (Rule::Enum, Value::Array(members)) => part.members.clone_from(members),
                _ => {}
            }
        }
    }
    parts.retain(|part| part.levels() > 1 && holds(&part.location));
    parts.sort_by_key(Part::depth);
    parts.truncate(MOST_FACTORS);
    parts
}

impl Part {
    fn levels(&self) -> usize {
        self.members.len().max(1) + usize::from(self.optional)
    }

    fn path(&self) -> Option<&InstancePath> {
        path(&self.location)
    }

    fn depth(&self) -> usize {
        self.path().map_or(0, |path| path.steps().len())
    }

    /// True when the part is optional and the other place is inside of it.
    fn holds(&self, other: &Location) -> bool {
        let inside = |own: &InstancePath, other: &InstancePath| {
            own.steps().len() < other.steps().len() && other.steps().starts_with(own.steps())
        };
        self.optional
            && match (&self.location, other) {
                (Location::Body(own), Location::Body(other)) | (Location::Form(own), Location::Form(other)) => {
                    inside(own, other)
                }
                (Location::Body(own), Location::Plaintext(envelope, _)) => own == envelope || inside(own, envelope),
                (Location::Plaintext(one, own), Location::Plaintext(another, other)) => {
                    one == another && inside(own, other)
                }
                _ => false,
            }
    }
}

fn path(location: &Location) -> Option<&InstancePath> {
    match location {
        Location::Body(path) | Location::Form(path) | Location::Plaintext(_, path) => Some(path),
        _ => None,
    }
}

impl Row {
    /// Turns a full request into this one.
    pub(super) fn apply(&self, parts: &mut Parts, operation: &Operation) {
        for (location, value) in &self.values {
            if let Some(place) = place(parts, operation, location) {
                place.clone_from(value);
            }
        }
        // The innermost first: what holds them may go as well.
        self.absent.iter().rev().for_each(|location| leave_out(parts, operation, location));
    }
}

fn leave_out(parts: &mut Parts, operation: &Operation, location: &Location) {
    let root = match location {
        Location::Body(_) | Location::Form(_) => parts.body.as_mut().map(|(_, body)| body),
        Location::Plaintext(envelope, _) => {
            parts.seals.iter_mut().find(|part| part.path == *envelope).map(|part| &mut part.value)
        }
        _ => {
            parts.parameters.retain(|(index, _)| !names(location, &operation.parameters[*index]));
            return;
        }
    };
    let (Some(root), Some((above, Step::Key(name)))) = (root, path(location).and_then(InstancePath::split_last)) else {
        return;
    };
    for pointer in above.pointers(root) {
        if let Some(Value::Object(members)) = root.pointer_mut(&pointer) {
            members.shift_remove(name);
        }
    }
}
