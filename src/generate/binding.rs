//! Values that a suite puts into requests: known to the target's owner, made by a fixture, or demanded by a rule.

use std::fmt;

use serde_json::Value;

use super::draw::Draw;
use crate::base::PanRange;
use crate::contract::Location;

/// A place in a request that can be bound: `path.cardId`, `query.limit`, `header.x-user-id`, `body/a/*/b`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Slot(String);

impl Slot {
    /// Takes the text of a slot; `None` when it names no place.
    pub fn parse(text: &str) -> Option<Self> {
        let known =
            ["path.", "query.", "header."].iter().any(|prefix| text.len() > prefix.len() && text.starts_with(prefix));
        (known || text.strip_prefix("body").is_some_and(|rest| rest.starts_with('/'))).then(|| Self(text.to_owned()))
    }

    /// True for the slot of this parameter.
    pub(super) fn names(&self, kind: &str, name: &str) -> bool {
        self.0.strip_prefix(kind).and_then(|rest| rest.strip_prefix('.')) == Some(name)
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The place in the body, if it is one there.
    pub fn body_pointer(&self) -> Option<&str> {
        self.0.strip_prefix("body").filter(|_| self.plaintext().is_none())
    }

    /// True when a body has the place, so that something can be bound there. Most slots of a suite belong to other
    /// operations, and this is asked for each of them in every case.
    pub fn stands_in(&self, body: &Value) -> bool {
        self.0.strip_prefix("body/").is_some_and(|pointer| reaches(body, pointer))
    }

    /// The place of an encrypted member in the body, and the place in its clear text: `body/encryptedData.plaintext/pan`.
    pub fn plaintext(&self) -> Option<(&str, &str)> {
        let (member, inside) = self.0.strip_prefix("body")?.split_once(".plaintext")?;
        inside.starts_with('/').then_some((member, inside))
    }

    /// True when a violation at `location` is a violation of this slot, so that the binding must give way.
    pub fn is_at(&self, location: &Location) -> bool {
        match location {
            Location::Path(name) => self.names("path", name),
            Location::Query(name) => self.names("query", name),
            Location::Header(name) => self.names("header", name),
            Location::Plaintext(..) => self.plaintext().is_some() && location.to_string() == self.0,
            Location::Body(path) | Location::Form(path) => {
                self.body_pointer().is_some_and(|pointer| pointer == path.to_string())
            }
            _ => false,
        }
    }
}

fn reaches(node: &Value, pointer: &str) -> bool {
    let (token, rest) = pointer.split_once('/').map_or((pointer, None), |(token, rest)| (token, Some(rest)));
    let below = |next: &Value| rest.is_none_or(|rest| reaches(next, rest));
    match node {
        Value::Array(items) if token == "*" => items.iter().any(below),
        Value::Object(members) if token.contains('~') => {
            members.get(&token.replace("~1", "/").replace("~0", "~")).is_some_and(below)
        }
        Value::Object(members) => members.get(token).is_some_and(below),
        _ => false,
    }
}

/// What a slot is bound to. May hold card data.
#[derive(Clone)]
pub enum Binding {
    /// Always this.
    Value(Value),
    /// One of these.
    OneOf(Vec<Value>),
    /// An identifier that the target has never seen: the text with a part that is unique to the case.
    Fresh(String),
    /// A test card number that the target has never seen.
    FreshPan,
    /// Never sent.
    Omit,
}

/// The kind alone: a value may belong to a slot that must not be seen, and knows nothing of it.
impl fmt::Debug for Binding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Value(_) => "Value",
            Self::OneOf(_) => "OneOf",
            Self::Fresh(_) => "Fresh",
            Self::FreshPan => "FreshPan",
            Self::Omit => "Omit",
        })
    }
}

/// All bindings of a scenario.
#[derive(Clone, Debug, Default)]
pub struct Bindings {
    slots: Vec<(Slot, Binding)>,
    /// Makes fresh identifiers differ between runs against one target; never part of the case digest.
    pub nonce: String,
    /// See [`super::Case::grounded`].
    pub grounded: bool,
    /// Sent even where the draw leaves them out.
    demanded: Vec<Slot>,
    /// Bound by the target's dictionary.
    listed: Vec<Slot>,
    /// Where test card numbers are taken from.
    pub test_pans: Vec<PanRange>,
}

impl Bindings {
    /// No bindings yet.
    pub fn new(nonce: &str, grounded: bool) -> Self {
        Self { nonce: nonce.to_owned(), grounded, ..Self::default() }
    }

    /// Adds a binding; the last one of a slot wins.
    pub fn set(&mut self, slot: Slot, binding: Binding) {
        self.slots.retain(|(known, _)| *known != slot);
        self.slots.push((slot, binding));
    }

    /// Adds a binding whose slot is sent even where it is optional, and the draw leaves it out.
    pub fn demand(&mut self, slot: Slot, binding: Binding) {
        if !matches!(binding, Binding::Omit) {
            self.demanded.push(slot.clone());
        }
        self.set(slot, binding);
    }

    /// Adds a binding of the target's dictionary.
    pub fn list(&mut self, slot: Slot, binding: Binding) {
        self.listed.push(slot.clone());
        self.set(slot, binding);
    }

    /// True when the target's dictionary has values for this slot.
    pub fn lists(&self, slot: &Slot) -> bool {
        self.listed.contains(slot)
    }

    /// All bindings in order.
    pub fn iter(&self) -> impl Iterator<Item = &(Slot, Binding)> {
        self.slots.iter()
    }

    /// The binding of a slot.
    pub fn get(&self, slot: &Slot) -> Option<&Binding> {
        self.slots.iter().find(|(known, _)| known == slot).map(|(_, binding)| binding)
    }

    /// True when this parameter must be sent because it is bound.
    pub(super) fn demands(&self, kind: &str, name: &str) -> bool {
        self.demanded.iter().any(|slot| slot.names(kind, name))
    }

    /// The first demanded place that is inside of a clear text: the encrypted member, and the place in it.
    pub(super) fn demanded_plaintext(&self) -> Option<(&str, &str)> {
        self.demanded.iter().find_map(Slot::plaintext)
    }

    /// True when this slot must be sent.
    pub(super) fn demands_slot(&self, slot: &Slot) -> bool {
        self.demanded.contains(slot)
    }

    /// The new identifier of a case.
    pub fn fresh(&self, prefix: &str, case: &str) -> String {
        let unique = crate::base::sha256_hex(format!("{}|{case}|{prefix}", self.nonce).as_bytes());
        format!("{prefix}{}", &unique[..20])
    }

    /// The new card number of a case, in one of the test ranges.
    pub fn fresh_pan(&self, case: &str) -> Option<String> {
        let unique = crate::base::sha256_hex(format!("{}|{case}|pan", self.nonce).as_bytes());
        let number = u64::from_str_radix(&unique[..15], 16).unwrap_or_default();
        let count = self.test_pans.len().max(1) as u64;
        let range = usize::try_from(number % count).ok().and_then(|place| self.test_pans.get(place))?;
        Some(range.number(number / count))
    }

    /// The value for one case; `None` for an omitted slot.
    pub(super) fn value(&self, binding: &Binding, case: &str, draw: &mut Draw) -> Option<Value> {
        match binding {
            Binding::Value(value) => Some(value.clone()),
            Binding::OneOf(values) if values.is_empty() => None,
            Binding::OneOf(values) => Some(draw.pick(values).clone()),
            Binding::Fresh(prefix) => Some(Value::String(self.fresh(prefix, case))),
            Binding::FreshPan => self.fresh_pan(case).map(Value::String),
            Binding::Omit => None,
        }
    }
}

/// Replaces or removes what stands at a pointer, `*` meaning every item. A member that the drawn body leaves out stays
/// out, unless it is demanded.
pub(super) fn bind_body(body: &mut Value, pointer: &str, value: Option<&Value>, demanded: bool) {
    let mut tokens: Vec<String> =
        pointer.split('/').skip(1).map(|token| token.replace("~1", "/").replace("~0", "~")).collect();
    let Some(last) = tokens.pop() else { return };
    bind_at(body, &tokens, &last, value, demanded);
}

fn bind_at(node: &mut Value, tokens: &[String], last: &str, value: Option<&Value>, demanded: bool) {
    match (tokens.split_first(), node) {
        (Some((token, rest)), Value::Array(items)) if token == "*" => {
            for item in items {
                bind_at(item, rest, last, value, demanded);
            }
        }
        (Some((token, rest)), Value::Object(members)) => {
            if demanded && !members.contains_key(token) {
                members.insert(token.clone(), Value::Object(serde_json::Map::new()));
            }
            if let Some(member) = members.get_mut(token) {
                bind_at(member, rest, last, value, demanded);
            }
        }
        (None, Value::Array(items)) if last == "*" => {
            if let Some(value) = value {
                items.fill(value.clone());
            }
        }
        (None, Value::Object(members)) if demanded || members.contains_key(last) => {
            match value {
                Some(value) => members.insert(last.to_owned(), value.clone()),
                None => members.shift_remove(last),
            };
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{Slot, bind_body};

    #[test]
    fn only_places_are_slots() {
        assert!(Slot::parse("path.cardId").is_some());
        assert!(Slot::parse("body/a/*/b").is_some());
        assert!(Slot::parse("cardId").is_none());
        assert!(Slot::parse("path.").is_none());
        assert!(Slot::parse("bodywork").is_none());
        let inside = Slot::parse("body/encryptedData.plaintext/pan").unwrap();
        assert_eq!(inside.plaintext(), Some(("/encryptedData", "/pan")));
        assert_eq!(inside.body_pointer(), None);
    }

    #[test]
    fn slots_are_found_where_a_body_has_them() {
        let body = json!({"a": [{"b": 1}], "c/d": null});
        let stands = |slot: &str| Slot::parse(slot).unwrap().stands_in(&body);
        assert!(stands("body/a/*/b") && stands("body/c~1d") && stands("body/a"));
        assert!(!stands("body/a/*/c") && !stands("body/b") && !stands("path.a"));
    }

    #[test]
    fn present_members_are_bound_and_absent_ones_stay_absent() {
        let mut body = json!({"a": [{"b": 1}, {"c": 2}]});
        bind_body(&mut body, "/a/*/b", Some(&json!(9)), false);
        assert_eq!(body, json!({"a": [{"b": 9}, {"c": 2}]}));
        bind_body(&mut body, "/a/*/c", None, false);
        assert_eq!(body, json!({"a": [{"b": 9}, {}]}));
        bind_body(&mut body, "/a/*/d", Some(&json!(7)), true);
        bind_body(&mut body, "/e/f", Some(&json!(8)), true);
        assert_eq!(body, json!({"a": [{"b": 9, "d": 7}, {"d": 7}], "e": {"f": 8}}));
    }
}
