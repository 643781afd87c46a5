//! The kept side of boundaries: for each duty the conforming values that lie just inside of it.

use std::sync::Arc;

use indexmap::IndexMap;
use serde_json::{Value, json};

use super::draft::names;
use super::draw::Draw;
use super::pattern::{Patterns, Wish};
use super::request::Parts;
use super::text::plain;
use crate::contract::{Location, Obligation, Operation, Rule, is_card_number, is_expiry};

/// A conforming value at one place that is worth a request of its own.
#[derive(Clone, Debug)]
pub(super) struct Edge {
    /// Where.
    pub location: Location,
    /// Which value.
    pub value: EdgeValue,
    /// The pattern of the place.
    pub pattern: Option<Arc<str>>,
    /// Characters that a text there may have at most.
    pub most: Option<usize>,
}

impl Edge {
    /// True when it lies at the boundary of this rule.
    pub(super) fn shows(&self, rule: Rule) -> bool {
        match rule {
            Rule::MinLength | Rule::MaxLength => matches!(self.value, EdgeValue::Length(_)),
            Rule::MinItems | Rule::MaxItems => matches!(self.value, EdgeValue::Items(_)),
            Rule::Pattern => matches!(self.value, EdgeValue::Pattern(_) | EdgeValue::Date(_)),
            _ => matches!(self.value, EdgeValue::Just(_)),
        }
    }

    /// How long, or how many; 0 of other values.
    pub(super) fn size(&self) -> usize {
        if let EdgeValue::Length(size) | EdgeValue::Items(size) = self.value { size } else { 0 }
    }
}

/// How the value comes about.
#[derive(Clone, Debug)]
pub(super) enum EdgeValue {
    /// As it is.
    Just(Value),
    /// A text of so many characters.
    Length(usize),
    /// A text of the pattern that is like this.
    Pattern(Wish),
    /// A text of the pattern with this date in the place of its own.
    Date(&'static str),
    /// A list of so many items.
    Items(usize),
}

/// Longer lists and texts say nothing more, and make a run long.
const MOST_ITEMS: usize = 100;
const MOST_CHARACTERS: usize = 10_000;

/// Days that calendars stumble over, for patterns that begin with one (RFC 3339 section 5.6).
const DATES: [&str; 3] = ["2024-02-29", "2000-02-29", "2023-12-31"];

/// What is known of one place.
struct Place<'o> {
    location: &'o Location,
    rules: Vec<(Rule, &'o Value)>,
}

/// The edges of all duties of an operation, in their order.
pub(super) fn edges(operation: &Operation, obligations: &[Arc<Obligation>], patterns: &Patterns) -> Vec<Edge> {
    places(operation, obligations).iter().flat_map(|place| place.edges(patterns)).collect()
}

/// Duties with a boundary that a conforming value can lie at.
pub(super) fn has_edges(rule: Rule) -> bool {
    matches!(
        rule,
        Rule::Enum
            | Rule::MinLength
            | Rule::MaxLength
            | Rule::Pattern
            | Rule::Format
            | Rule::Minimum
            | Rule::Maximum
            | Rule::ExclusiveMinimum
            | Rule::ExclusiveMaximum
            | Rule::MinItems
            | Rule::MaxItems
    )
}

/// Why the values at a place are not free to lie at a boundary.
pub(super) fn bound_by_nature(operation: &Operation, location: &Location) -> Option<&'static str> {
    let name = location.field().unwrap_or_default();
    let mut sealed = operation.body.iter().flat_map(|body| &body.media).flat_map(|media| &media.sealed);
    match location {
        _ if is_card_number(name) => Some("card numbers come from test ranges alone"),
        Location::Plaintext(..) if is_expiry(name) => Some("the expiry of a card lies ahead"),
        Location::Body(path) if sealed.any(|sealed| *path == sealed.path) => {
            Some("an envelope is as long as its clear text makes it")
        }
        _ => None,
    }
}

/// The places of an operation that values are free at.
fn places<'o>(operation: &Operation, obligations: &'o [Arc<Obligation>]) -> Vec<Place<'o>> {
    let mut places: IndexMap<&Location, Place> = IndexMap::new();
    for obligation in obligations {
        let location = &obligation.location;
        if has_edges(obligation.rule) || obligation.rule == Rule::Type {
            let place = places.entry(location).or_insert_with(|| Place { location, rules: Vec::new() });
            place.rules.push((obligation.rule, &obligation.limit));
        }
    }
    places.into_values().filter(|place| bound_by_nature(operation, place.location).is_none()).collect()
}

impl Place<'_> {
    fn limit(&self, rule: Rule) -> Option<&Value> {
        self.rules.iter().find(|(own, _)| *own == rule).map(|(_, limit)| *limit)
    }

    fn size(&self, rule: Rule) -> Option<usize> {
        self.limit(rule)?.as_u64().and_then(|size| usize::try_from(size).ok())
    }

    fn edges(&self, patterns: &Patterns) -> Vec<Edge> {
        let mut values = Vec::new();
        if let Some(members) = self.limit(Rule::Enum).and_then(Value::as_array) {
            values.extend(members.iter().cloned().map(EdgeValue::Just));
        } else {
            self.texts(patterns, &mut values);
            self.numbers(&mut values);
            self.lists(&mut values);
        }
        let nullable = |kinds: &Value| kinds.as_array().is_some_and(|kinds| kinds.iter().any(|kind| kind == "null"));
        if self.limit(Rule::Type).is_some_and(nullable) {
            values.push(EdgeValue::Just(Value::Null));
        }
        let pattern: Option<Arc<str>> = self.limit(Rule::Pattern).and_then(Value::as_str).map(Arc::from);
        let most = self.size(Rule::MaxLength);
        let edge = |value| Edge { location: self.location.clone(), value, pattern: pattern.clone(), most };
        values.into_iter().map(edge).collect()
    }

    fn texts(&self, patterns: &Patterns, values: &mut Vec<EdgeValue>) {
        if let Some(known) = self.limit(Rule::Format).and_then(Value::as_str).and_then(edges_of) {
            values.extend(known.iter().map(|text| EdgeValue::Just(json!(text))));
            return;
        }
        let pattern = self.limit(Rule::Pattern).and_then(Value::as_str);
        let (least, most) = pattern.and_then(|pattern| patterns.lengths(pattern)).unwrap_or((0, None));
        let least = self.size(Rule::MinLength).map_or(least, |own| own.max(least));
        let most = match (self.size(Rule::MaxLength), most) {
            (Some(own), Some(other)) => Some(own.min(other)),
            (own, other) => own.or(other),
        };
        let bounded = pattern.is_some() || self.size(Rule::MinLength).or(self.size(Rule::MaxLength)).is_some();
        if !bounded {
            return;
        }
        let mut lengths = vec![least, least + 1];
        lengths.extend(
            most.filter(|most| *most <= MOST_CHARACTERS).into_iter().flat_map(|most| [most.saturating_sub(1), most]),
        );
        lengths.retain(|length| *length >= least && most.is_none_or(|most| *length <= most));
        lengths.dedup();
        values.extend(lengths.into_iter().map(EdgeValue::Length));
        match pattern {
            Some(pattern) => {
                let branches = patterns.branches(pattern);
                values.extend(
                    (0..branches).filter(|_| branches > 1).map(|index| EdgeValue::Pattern(Wish::Branch(index))),
                );
                values.extend([Wish::Signs, Wish::First, Wish::Last].map(EdgeValue::Pattern));
                values.extend(DATES.iter().map(|date| EdgeValue::Date(date)));
            }
            // No pattern: letters beyond ASCII are letters.
            None => values.push(EdgeValue::Just(json!("Zoë"))),
        }
    }

    fn numbers(&self, values: &mut Vec<EdgeValue>) {
        let step = if self.limit(Rule::Type).is_some_and(|kind| kind == "number") { 0.01 } else { 1.0 };
        let bounds = [
            (Rule::Minimum, 0.0),
            (Rule::ExclusiveMinimum, step),
            (Rule::Maximum, 0.0),
            (Rule::ExclusiveMaximum, -step),
        ];
        for (rule, inside) in bounds {
            let Some(limit) = self.limit(rule) else { continue };
            match (limit.as_i64(), limit.as_f64()) {
                (Some(whole), _) if step > 0.5 => {
                    values.push(EdgeValue::Just(json!(whole.saturating_add(whole_step(inside)))));
                }
                (_, Some(limit)) => values.push(EdgeValue::Just(json!(limit + inside))),
                _ => {}
            }
        }
    }

    fn lists(&self, values: &mut Vec<EdgeValue>) {
        for size in [self.size(Rule::MinItems), self.size(Rule::MaxItems)].into_iter().flatten() {
            if size <= MOST_ITEMS {
                values.push(EdgeValue::Items(size));
            }
        }
    }
}

/// Values of a format that are valid and rare: leap days and seconds, offsets, fractions, the least and the greatest.
fn edges_of(format: &str) -> Option<&'static [&'static str]> {
    Some(match format {
        "date" => &["2024-02-29", "2000-02-29", "1999-12-31", "9999-12-31"],
        "date-time" => &[
            "2024-02-29T12:00:00Z",
            "2023-12-31T23:59:59Z",
            // RFC 3339 section 5.8.
            "1990-12-31T23:59:60Z",
            "2024-03-01T00:00:00+05:30",
            "2024-03-01T00:00:00-11:00",
            "2024-03-01T00:00:00.5Z",
            "2024-03-01T00:00:00.123456789Z",
        ],
        "time" => &["00:00:00Z", "23:59:59.999+05:30"],
        "uuid" => &["00000000-0000-0000-0000-000000000000", "123E4567-E89B-12D3-A456-426614174000"],
        "email" => &["a@example.com", "first.last+tag@example.com"],
        "hostname" => &["a.example", "xn--bcher-kva.example"],
        "uri" => &["https://example.com", "urn:isbn:0451450523"],
        "ipv4" => &["0.0.0.0", "255.255.255.255"],
        "ipv6" => &["::", "2001:db8:0:0:0:0:0:1"],
        _ => return None,
    })
}

/// The text with another date in the place of the one that it begins with; `None` where it begins with none.
fn dated(text: &str, date: &str) -> Option<String> {
    let head = text.get(..date.len())?;
    let alike = |(own, other): (u8, u8)| if other == b'-' { own == b'-' } else { own.is_ascii_digit() };
    head.bytes().zip(date.bytes()).all(alike).then(|| format!("{date}{}", &text[date.len()..]))
}

fn whole_step(step: f64) -> i64 {
    if step > 0.5 {
        1
    } else if step < -0.5 {
        -1
    } else {
        0
    }
}

impl Edge {
    /// Puts the value into its place; `None` where there is none, or no such value.
    pub(super) fn apply(
        &self,
        patterns: &Patterns,
        parts: &mut Parts,
        operation: &Operation,
        draw: &mut Draw,
    ) -> Option<()> {
        let place = place(parts, operation, &self.location)?;
        let pattern = self.pattern.as_deref();
        *place = match &self.value {
            EdgeValue::Just(value) => value.clone(),
            EdgeValue::Length(length) => json!(self.text(pattern, *length, patterns, draw)?),
            EdgeValue::Pattern(wish) => {
                let text = patterns.sample(pattern?, *wish, draw)?;
                // The year 0 fits many patterns, and is no year that anybody means.
                if *wish == Wish::First && dated(&text, DATES[0]).is_some() {
                    return None;
                }
                json!(text)
            }
            EdgeValue::Date(date) => json!(dated(&patterns.text(pattern?, draw)?, date)?),
            EdgeValue::Items(count) => {
                // Where no item could be drawn, there is nothing to make more of.
                let items = place.as_array().filter(|items| *count == 0 || !items.is_empty())?;
                let own = items.iter().take(*count).cloned();
                let filler = items.first().cloned();
                Value::Array(own.chain(std::iter::repeat_with(move || filler.clone()).flatten()).take(*count).collect())
            }
        };
        Some(())
    }

    fn text(&self, pattern: Option<&str>, length: usize, patterns: &Patterns, draw: &mut Draw) -> Option<String> {
        match pattern {
            Some(pattern) => patterns.sample(pattern, Wish::Length(length), draw),
            None => Some(plain(self.location.field().unwrap_or_default(), length, Some(length), draw)),
        }
    }
}

/// The value at a place, if the parts hold it.
pub(super) fn place<'p>(parts: &'p mut Parts, operation: &Operation, location: &Location) -> Option<&'p mut Value> {
    match location {
        Location::Body(path) | Location::Form(path) => parts.body.as_mut()?.1.pointer_mut(&path.first_pointer()),
        Location::Plaintext(envelope, inside) => {
            let part = parts.seals.iter_mut().find(|part| part.path == *envelope)?;
            part.value.pointer_mut(&inside.first_pointer())
        }
        _ => {
            let own = parts.parameters.iter_mut().find(|(index, _)| names(location, &operation.parameters[*index]))?;
            Some(&mut own.1)
        }
    }
}
