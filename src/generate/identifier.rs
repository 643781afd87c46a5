//! Identifiers that lie at a boundary. A new one must differ from all others, so that it begins as new ones do; one that a
//! fixture made is as good as the boundary that it was made for.

use std::sync::Arc;

use serde_json::Value;

use super::binding::{Binding, Bindings, Slot};
use super::course::Turn;
use super::draw::Draw;
use super::edge::{Edge, EdgeValue};
use super::generator::Generator;
use super::pattern::Patterns;
use crate::base::Seed;
use crate::contract::{Obligation, Operation, pattern_matches};

/// Attempts at an end of an identifier, and the characters that it has at most: there must be room for it.
const ATTEMPTS: u64 = 16;
const LONGEST_END: usize = 12;

/// The boundary that a case is about.
pub struct Boundary<'g> {
    edge: Arc<Edge>,
    patterns: &'g Patterns,
}

impl Generator {
    /// The boundary that case `index` of a duty is about, if it is about one.
    pub fn boundary(&self, operation: &Operation, obligation: &Obligation, index: u32) -> Option<Boundary<'_>> {
        self.boundary_of(&self.course(operation, obligation).turn(index as usize))
    }

    pub(super) fn boundary_of(&self, turn: &Turn) -> Option<Boundary<'_>> {
        let (Turn::Edge(edge) | Turn::Example(edge)) = turn else { return None };
        Some(Boundary { edge: Arc::clone(edge), patterns: &self.patterns })
    }
}

impl Boundary<'_> {
    /// True when a value that is bound to the place would have it give way.
    pub(super) fn gives_way(&self, bindings: &Bindings) -> bool {
        let lies = |binding: &Binding| match binding {
            Binding::Fresh(prefix) => self.identifier(&bindings.fresh(prefix, "")).is_some(),
            Binding::Value(value) => self.is_met_by(value),
            Binding::OneOf(_) | Binding::FreshPan | Binding::Omit => false,
        };
        bindings.iter().any(|(slot, binding)| self.is_at(slot) && !lies(binding))
    }

    /// True when a value that is bound to the place lies at it, in whatever case.
    pub(super) fn is_met(&self, bindings: &Bindings) -> bool {
        let listed = |binding: &Binding| match binding {
            Binding::OneOf(values) => values.iter().any(|value| self.is_met_by(value)),
            Binding::Value(value) => self.is_met_by(value),
            Binding::Fresh(_) | Binding::FreshPan | Binding::Omit => false,
        };
        bindings.iter().any(|(slot, binding)| self.is_at(slot) && listed(binding))
    }

    /// True when it lies in the values of this slot.
    pub fn is_at(&self, slot: &Slot) -> bool {
        slot.is_at(&self.edge.location)
    }

    /// A new identifier at the boundary, out of one that is anywhere; `None` where none is.
    pub fn identifier(&self, fresh: &str) -> Option<String> {
        let text = match &self.edge.value {
            EdgeValue::Length(length) => (fresh.len() <= *length).then(|| stretched(fresh, *length)),
            EdgeValue::Pattern(_) => Some(format!("{fresh}{}", self.end()?)),
            EdgeValue::Just(_) | EdgeValue::Date(_) | EdgeValue::Items(_) => None,
        }?;
        let kept = |pattern| pattern_matches(pattern, &[&text]).is_some_and(|matched| matched == [true]);
        let short = self.edge.most.is_none_or(|most| text.len() <= most);
        (short && self.edge.pattern.as_deref().is_none_or(kept)).then_some(text)
    }

    fn is_met_by(&self, value: &Value) -> bool {
        match (&self.edge.value, value) {
            (EdgeValue::Just(own), value) => own == value,
            (EdgeValue::Length(length), Value::String(text)) => text.chars().count() == *length,
            (EdgeValue::Pattern(_), Value::String(text)) => self.end().is_some_and(|end| text.ends_with(&end)),
            (EdgeValue::Items(count), Value::Array(items)) => items.len() == *count,
            _ => false,
        }
    }

    /// What the pattern wants, behind what makes an identifier new; always the same.
    fn end(&self) -> Option<String> {
        let (EdgeValue::Pattern(wish), Some(pattern)) = (&self.edge.value, self.edge.pattern.as_deref()) else {
            return None;
        };
        let sample = |attempt| {
            let mut draw = Draw::new(&Seed::new(0).derive(pattern, attempt));
            self.patterns.sample(pattern, *wish, &mut draw).filter(|text| (1..=LONGEST_END).contains(&text.len()))
        };
        (0..ATTEMPTS).filter_map(sample).max_by_key(String::len)
    }
}

/// The text, longer by its own characters.
pub(super) fn stretched(text: &str, length: usize) -> String {
    text.chars().chain(text.chars().rev().cycle()).take(length.max(text.len())).collect()
}
