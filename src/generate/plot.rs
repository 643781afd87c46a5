//! Finds out what a duty is covered by.

use std::sync::Arc;

use serde_json::Value;

use super::binding::Bindings;
use super::case::Intent;
use super::combine::{parts, rows};
use super::course::{Course, Turn, intent_of, round_of, rounds};
use super::draft::{SHAPES, choose, kinds, usable};
use super::draw::Draw;
use super::edge::{Edge, bound_by_nature, edges, has_edges, place};
use super::example::examples;
use super::generator::{Attempt, Generator};
use super::prove::prove;
use crate::base::Seed;
use crate::contract::{Obligation, Operation, Rule};

/// Attempts that find out whether a part of the coverage is possible at its place.
const TRIALS: u64 = 4;

impl Generator {
    /// Lists what a duty is covered by, and leaves out what is not possible at its place: a text of no characters in a path,
    /// a wrong character that a pattern takes.
    pub(super) fn plotted(&self, operation: &Operation, obligation: &Obligation) -> Course {
        let intent = intent_of(obligation.rule);
        let mut reason = None;
        let mut possible = |turn: &Turn, steady: bool| match self.trial(operation, obligation, intent, turn, steady) {
            Ok(()) => true,
            Err(problem) => {
                reason.get_or_insert(problem);
                false
            }
        };
        let mut turns = Vec::new();
        if intent == Intent::Violating {
            // What breaks a pattern or a type in one value may not do it in the next: such ways are taken where there is
            // no other.
            let moody = matches!(obligation.rule, Rule::Pattern | Rule::Type);
            let all = || (0..rounds(operation, obligation)).map(Turn::Round);
            turns.extend(all().filter(|turn| possible(turn, moody)));
            if moody && turns.is_empty() {
                turns.extend(all().filter(|turn| possible(turn, false)));
            }
        } else if obligation.rule != Rule::Conforming {
            // What is spelled otherwise is the message, not what it says.
            turns.push(Turn::Shape(0));
        } else {
            turns.extend((0..SHAPES.len() * kinds(operation)).map(Turn::Shape));
        }
        // A generator without duties makes the calls of fixtures: one request each, which has nothing to cover.
        if obligation.rule == Rule::Conforming && !self.duties.is_empty() {
            turns.extend(examples(operation, &self.means).into_iter().filter(|turn| possible(turn, false)));
            let branches = (0..most_branches(operation)).map(Turn::Branch);
            let edges = edges(operation, &self.duties, &self.patterns).into_iter();
            let rest = branches
                .chain(self.combinations(operation, obligation))
                .chain(edges.map(|edge| Turn::Edge(Arc::new(edge))));
            turns.extend(rest.filter(|turn| possible(turn, false)));
        }
        let reason = reason.filter(|_| turns.is_empty());
        Course { turns, reason }
    }

    /// Why no conforming case lies just inside of the boundary of a duty that has one, when these values are bound.
    pub fn without_edge(
        &self,
        operation: &Operation,
        obligation: &Obligation,
        bindings: &Bindings,
    ) -> Option<&'static str> {
        if !has_edges(obligation.rule) {
            return None;
        }
        if let Some(reason) = bound_by_nature(operation, &obligation.location) {
            return Some(reason);
        }
        let conforming = self.duties.iter().find(|duty| duty.rule == Rule::Conforming)?;
        let course = self.course(operation, conforming);
        let at_it = |turn: &&Turn| {
            turn.edge().is_some_and(|edge| edge.location == obligation.location && edge.shows(obligation.rule))
        };
        let mut edges: Vec<&Turn> = course.turns.iter().filter(at_it).collect();
        edges.sort_by_key(|turn| turn.edge().map_or(0, Edge::size));
        // Of the sizes, the one that the bound is about.
        match obligation.rule {
            Rule::MinLength | Rule::MinItems => edges.truncate(1),
            Rule::MaxLength | Rule::MaxItems => drop(edges.drain(..edges.len().saturating_sub(1))),
            _ => {}
        }
        if edges.is_empty() {
            return Some("no such value could be drawn");
        }
        let met = |turn: &&Turn| {
            self.boundary_of(turn).is_some_and(|boundary| boundary.is_met(bindings) || !boundary.gives_way(bindings))
        };
        (!edges.iter().any(met)).then_some("the suite binds the value")
    }

    /// Combinations of what is optional: of all there is, and of all that is documented.
    fn combinations(&self, operation: &Operation, obligation: &Obligation) -> Vec<Turn> {
        let mut turns = Vec::new();
        let mut known = Vec::new();
        let bindings = Bindings::default();
        for index in kinds(operation)..SHAPES.len() * kinds(operation) {
            let turn = Turn::Shape(index);
            let at = Attempt { operation, obligation, bindings: &bindings, name: "trial", turn: &turn, round: index };
            let (media, shape) = choose(operation, index);
            let mut draw = Draw::new(&Seed::new(0).derive(obligation.id.as_str(), 0));
            let mut full = self.parts(&at, media, shape, &mut draw);
            let varying = parts(operation, &self.duties, |location| place(&mut full, operation, location).is_some());
            // Where all is documented, the second request is the first one.
            if !known.contains(&varying) {
                turns.extend(rows(&varying).map(|row| Turn::Row(Arc::new(row), index)));
                known.push(varying);
            }
        }
        turns
    }

    /// Tries a part of the coverage with values of nobody's; `steady` where one success does not mean much.
    fn trial(
        &self,
        operation: &Operation,
        obligation: &Obligation,
        intent: Intent,
        turn: &Turn,
        steady: bool,
    ) -> Result<(), String> {
        let bindings = Bindings::default();
        let at = Attempt { operation, obligation, bindings: &bindings, name: "trial", turn, round: round_of(turn) };
        let one = |attempt: u64| {
            let mut draw = Draw::new(&Seed::new(0).derive(obligation.id.as_str(), attempt));
            let request = self.request(&at, intent, &mut draw).ok_or("no such value could be drawn")?;
            prove(operation, &request, intent, obligation)
        };
        if steady {
            return (0..TRIALS).try_for_each(one);
        }
        let mut last = Ok(());
        for attempt in 0..TRIALS {
            last = one(attempt);
            if last.is_ok() {
                break;
            }
        }
        last
    }
}

/// The most branches that a choice in the body has; 0 without any.
fn most_branches(operation: &Operation) -> usize {
    fn most(node: &Value) -> usize {
        match node {
            Value::Object(members) => members
                .iter()
                .map(|(key, member)| match (key.as_str(), member) {
                    ("oneOf" | "anyOf", Value::Array(branches)) => branches.len().max(most(member)),
                    _ => most(member),
                })
                .max()
                .unwrap_or_default(),
            Value::Array(items) => items.iter().map(most).max().unwrap_or_default(),
            _ => 0,
        }
    }
    usable(operation)
        .filter_map(|media| media.schema.as_ref())
        .map(|schema| most(schema.json()))
        .max()
        .unwrap_or_default()
}
