//! Which optional parts and which members of lists are sent together: every pair of them once.

use std::sync::Arc;

use indexmap::IndexMap;
use serde_json::Value;

use super::draft::names;
use super::edge::place;
use super::pairwise::{Factor, pairwise};
use super::request::Parts;
use crate::contract::{InstancePath, Location, Obligation, Operation, Rule, Step};

/// More parts than this are not combined: the first ones are, which stand nearest to the root.
const MOST_FACTORS: usize = 64;

/// More members of a list than this are not combined: some from all over it are. Each has a case of its own besides.
const MOST_MEMBERS: usize = 16;

/// One part that varies.
#[derive(Debug, PartialEq)]
pub(super) struct Part {
    location: Location,
    optional: bool,
    members: Vec<Value>,
}

/// One combination: what is left out of a full request, and what stands in the rest.
#[derive(Debug)]
pub(super) struct Row {
    /// What varies, in all rows of a request.
    parts: Arc<[Part]>,
    /// What each of them is: the number of a member of its list, and behind them all that it is left out.
    levels: Vec<usize>,
}

/// The combinations of parts.
pub(super) fn rows(parts: &Arc<[Part]>) -> impl Iterator<Item = Row> {
    let factors: Vec<Factor> = parts
        .iter()
        .map(|part| Factor {
            levels: part.levels(),
            under: parts.iter().rposition(|above| above.holds(&part.location)),
        })
        .collect();
    pairwise(&factors).into_iter().map(|levels| Row { parts: Arc::clone(parts), levels })
}

/// What varies in a full request. `holds` tells whether it holds a place.
pub(super) fn parts(
    operation: &Operation,
    obligations: &[Arc<Obligation>],
    mut holds: impl FnMut(&Location) -> bool,
) -> Arc<[Part]> {
    let mut parts: IndexMap<Location, Part> = IndexMap::new();
    let mut add = |location: Location, optional: bool| {
        let part = Part { location: location.clone(), optional, members: Vec::new() };
        parts.entry(location).or_insert(part);
    };
    for parameter in &operation.parameters {
        add(parameter.location(), !parameter.required);
    }
    for obligation in obligations {
        let member = |path: &InstancePath| matches!(path.steps().last(), Some(Step::Key(_)));
        if path(&obligation.location).is_some_and(member) {
            add(obligation.location.clone(), true);
        }
    }
    for obligation in obligations {
        let Some(part) = parts.get_mut(&obligation.location) else { continue };
        match (obligation.rule, &obligation.limit) {
            (Rule::Required, _) => part.optional = false,
            (Rule::Enum, Value::Array(members)) => part.members = spread(members),
            _ => {}
        }
    }
    let mut parts: Vec<Part> = parts.into_values().filter(|part| part.levels() > 1 && holds(&part.location)).collect();
    parts.sort_by_key(Part::depth);
    parts.truncate(MOST_FACTORS);
    parts.into()
}

/// Some members from all over a list.
fn spread(members: &[Value]) -> Vec<Value> {
    let count = members.len().min(MOST_MEMBERS);
    (0..count).map(|index| members[index * members.len() / count].clone()).collect()
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
        let mut absent = Vec::new();
        for (part, level) in self.parts.iter().zip(&self.levels) {
            if part.optional && level + 1 == part.levels() {
                absent.push(&part.location);
            } else if let (Some(value), Some(place)) =
                (part.members.get(*level), place(parts, operation, &part.location))
            {
                place.clone_from(value);
            }
        }
        // The innermost first: what holds them may go as well.
        absent.into_iter().rev().for_each(|location| leave_out(parts, operation, location));
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
