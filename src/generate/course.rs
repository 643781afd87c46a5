//! The cases of a duty, in their order: first those that its coverage wants, the same in every run, then as many by
//! chance as the budget allows.

use std::sync::Arc;

use super::case::Intent;
use super::combine::Row;
use super::edge::Edge;
use super::instance::Shape;
use super::{message, violate};
use crate::contract::{Example, Obligation, Operation, Rule};

/// One case of the coverage, or one by chance.
#[derive(Clone, Debug)]
pub(super) enum Turn {
    /// Conforming: a media type and a shape.
    Shape(usize),
    /// Conforming: this branch wherever there is a choice, counted round.
    Branch(usize),
    /// Conforming: a value just inside of a boundary.
    Edge(Arc<Edge>),
    /// Conforming: a value that the specification shows.
    Example(Arc<Edge>),
    /// Conforming: a whole body that the specification shows.
    Whole(Arc<Example>),
    /// Conforming: a combination of what is optional, out of the shape with this number.
    Row(Arc<Row>, usize),
    /// Violating: the way in which it is broken.
    Round(usize),
    /// Conforming or violating: by chance, from this number on.
    Chance(usize),
}

impl Turn {
    /// The one value that the request is about.
    pub(super) fn edge(&self) -> Option<&Edge> {
        match self {
            Self::Edge(edge) | Self::Example(edge) => Some(edge),
            _ => None,
        }
    }
}

/// The coverage of a duty.
#[derive(Debug, Default)]
pub(super) struct Course {
    pub turns: Vec<Turn>,
    /// Where there is none, and none by chance: why.
    pub reason: Option<String>,
}

impl Course {
    /// What case `index` is to be.
    pub(super) fn turn(&self, index: usize) -> Turn {
        self.turns.get(index).cloned().unwrap_or_else(|| Turn::Chance(index - self.turns.len()))
    }

    /// The ways to break that this place knows.
    pub(super) fn rounds(&self) -> Vec<usize> {
        let round = |turn: &Turn| if let Turn::Round(round) = turn { Some(*round) } else { None };
        self.turns.iter().filter_map(round).collect()
    }
}

/// The number of ways in which a duty may be broken, before anybody tried.
pub(super) fn rounds(operation: &Operation, obligation: &Obligation) -> usize {
    match obligation.rule {
        Rule::Assertion(_) => operation.body.as_ref().map_or(0, |body| body.media.len()),
        // Left out beside all others, and beside none that need not be there.
        Rule::Required => 2,
        rule => {
            message::variants(rule).map_or_else(|| violate::rounds(rule, &obligation.limit), |rounds| rounds as usize)
        }
    }
}

/// How much of the optional parts stands beside what is broken in this way: little, so that a person sees at once what it
/// is; but a member that is left out alone is missed beside all others.
pub(super) fn shape_beside(obligation: &Obligation, round: usize) -> Shape {
    let alone = obligation.rule == Rule::Required && round == 0;
    if alone || message::breaks_whole(obligation) { Shape::Documented } else { Shape::Minimal }
}

/// True for duties that a random value around the violation says something more of.
pub(super) fn gains_by_chance(rule: Rule) -> bool {
    message::variants(rule).is_none()
}

/// A duty that is kept by doing something, or by refusing its breach.
pub(super) fn intent_of(rule: Rule) -> Intent {
    if rule.wants_acceptance() { Intent::Conforming } else { Intent::Violating }
}

/// A number for a turn that varies what is bound, and the way in which a duty is broken.
pub(super) fn round_of(turn: &Turn) -> usize {
    match turn {
        Turn::Shape(number) | Turn::Chance(number) | Turn::Round(number) | Turn::Row(_, number) => *number,
        Turn::Branch(_) | Turn::Edge(_) | Turn::Example(_) | Turn::Whole(_) => 0,
    }
}
