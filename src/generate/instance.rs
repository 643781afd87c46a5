//! Instances that keep a schema. A place of an instance is drawn from all schemas that speak of it at once: the parts of
//! an `allOf`, one alternative of each `oneOf` and `anyOf`, and what several of them say of one member. Where
//! alternatives and `not` may still disagree, the value is looked at, and drawn again.

mod number;
mod object;
mod parts;
mod words;

use std::cell::Cell;

use serde_json::{Value, json};

use self::number::number;
use self::parts::{Outcome, Parts, Pass, Place, Turn};
use super::case::placeholder;
use super::draw::Draw;
use super::generator::Means;
use super::pattern::Patterns;
use crate::contract::{InstancePath, Schema, Step};

/// How much of the optional parts to include.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shape {
    /// Required members only.
    Minimal,
    /// Every member.
    Full,
    /// Every member that is documented: what such a request shows rests on no assumption.
    Documented,
    /// Each member by chance.
    Random,
    /// Each documented member by chance.
    RandomDocumented,
}

impl Shape {
    /// True when assumed parts stay out.
    pub(super) fn certain(self) -> bool {
        matches!(self, Self::Documented | Self::RandomDocumented)
    }

    /// Whether an optional part is included.
    pub(super) fn includes(self, draw: &mut Draw) -> bool {
        match self {
            Self::Minimal => false,
            Self::Full | Self::Documented => true,
            Self::Random | Self::RandomDocumented => draw.chance(50),
        }
    }

    /// What to try where this shape did not fit a number of times: fewer members meet fewer alternatives.
    fn after(self, attempts: usize) -> Self {
        match (attempts, self) {
            (4..9, Self::Full) => Self::Random,
            (4..9, Self::Documented) => Self::RandomDocumented,
            (0..9, own) => own,
            _ => Self::Minimal,
        }
    }
}

/// Draws instances of one schema.
pub(super) struct Instances<'s> {
    pub schema: &'s Schema,
    pub patterns: &'s Patterns,
    pub shape: Shape,
    /// Where nothing can be sealed, optional members whose text is a JWE are left out: an opaque text is no conforming
    /// value.
    pub means: &'s Means,
    /// This is the clear text of an encrypted member, so that `exp` is an expiry.
    pub card_data: bool,
    /// The alternative that every `oneOf` and `anyOf` takes, counted around; by chance without it.
    pub branch: Option<usize>,
    /// What is drawn wrong on purpose.
    pub wrong: Option<Wrong<'s>>,
}

/// A keyword that is broken by more than there should be: its value names the schemas that fit.
#[derive(Clone, Copy, Debug)]
pub(super) enum Wrong<'s> {
    /// The `oneOf` with these alternatives: two of them fit at once.
    Both(&'s Value, usize, usize),
    /// The `not` of this schema: it fits.
    Not(&'s Value),
}

/// Depth at which only required members are drawn, so that recursive schemas end.
const DEPTH: usize = 6;

/// Depth at which a schema is held to have no end.
const DEEPEST: usize = 40;

/// Values of one instance at most, and second attempts in it.
const FUEL: usize = 20_000;
const RETRIES: usize = 300;

/// Attempts after which a number is looked for far from where it would usually be: a `not` may refuse all that is near.
const WIDE: usize = 5;

/// Attempts at one place with alternatives.
const ATTEMPTS: usize = 14;

impl Instances<'_> {
    /// An instance that holds a value at `forced`, whatever the shape. Where none can be drawn, a near miss, which the
    /// proof refuses.
    pub(super) fn draw(&self, forced: &InstancePath, draw: &mut Draw) -> Value {
        let pass = Pass { own: self, shape: Cell::new(self.shape), fuel: Cell::new(FUEL), retries: Cell::new(RETRIES) };
        let root = Place { all: vec![self.schema.json()], forced: forced.steps(), name: "", depth: 0 };
        let (Ok(value) | Err(value)) = pass.node(&root, draw);
        value
    }
}

impl Pass<'_, '_> {
    fn node(&self, at: &Place, draw: &mut Draw) -> Outcome {
        let shape = self.shape.get();
        let mut turn = Turn { attempt: 0, first: None };
        let outcome = loop {
            if at.depth > DEEPEST || self.fuel.get() == 0 {
                break Err(json!({}));
            }
            self.fuel.set(self.fuel.get() - 1);
            let parts = self.parts(at, &mut turn, draw);
            let outcome = self.value(&parts, at, turn.attempt, draw);
            if parts.fussy.is_empty() {
                break outcome;
            }
            let missed = match outcome {
                Ok(value) if self.fits_all(&parts.fussy, &value) => break Ok(value),
                Ok(value) | Err(value) => value,
            };
            turn.attempt += 1;
            if turn.attempt == ATTEMPTS || self.retries.get() == 0 {
                break Err(missed);
            }
            self.retries.set(self.retries.get() - 1);
            self.shape.set(shape.after(turn.attempt));
        };
        self.shape.set(shape);
        outcome
    }

    /// True when a value keeps each of these schemas. What stands for an envelope has neither its length nor its look, so
    /// that only the proof can judge around it.
    fn fits_all(&self, schemas: &[&Value], value: &Value) -> bool {
        holds_envelope(value) || schemas.iter().all(|schema| self.schema().fits(schema, value))
    }

    fn value(&self, parts: &Parts, at: &Place, attempt: usize, draw: &mut Draw) -> Outcome {
        if parts.has("enum") {
            return self.listed(parts, draw);
        }
        if let Some(default) =
            parts.find("default").filter(|_| parts.find("x-enum-unknown") == Some(&Value::Bool(true)))
        {
            return Ok(default.clone());
        }
        match self.kind(parts, at, attempt, draw) {
            Some("object") => self.object(parts, at, draw),
            Some("array") => self.array(parts, at, draw),
            Some("integer") => number(&parts.list, true, attempt > WIDE, draw),
            Some("number") => number(&parts.list, false, attempt > WIDE, draw),
            Some("boolean") => Ok(Value::Bool(draw.chance(50))),
            Some("string") => self.text(parts, at.name, draw),
            Some(_) => Ok(Value::Null),
            // The proof says what is wrong with a value of another type, while a null would hide it.
            None => Err(json!({})),
        }
    }

    /// One of the values that every list has and every other part allows.
    fn listed(&self, parts: &Parts, draw: &mut Draw) -> Outcome {
        let mut lists = parts.list.iter().filter_map(|part| part.get("enum")?.as_array());
        let Some(members) = lists.next() else { return Err(Value::Null) };
        // Alone, a list says all of itself: most lists are, and need no second look.
        let alone = parts.list.len() == 1
            && parts.list.iter().all(|part| !CONSTRAINTS.iter().any(|key| part.get(key).is_some()));
        let typed =
            |member: &&Value| alone && kinds(&parts.list).is_none_or(|kinds| kinds.iter().any(|kind| is(kind, member)));
        let fitting: Vec<&Value> =
            members.iter().filter(|member| typed(member) || self.fits_all(&parts.list, member)).collect();
        if fitting.is_empty() {
            Err(members.first().cloned().unwrap_or_default())
        } else {
            Ok((*draw.pick(&fitting)).clone())
        }
    }

    /// The type to draw; `None` when the parts allow none together.
    fn kind(&self, parts: &Parts, at: &Place, attempt: usize, draw: &mut Draw) -> Option<&'static str> {
        let Some(mut kinds) = kinds(&parts.list) else {
            return Some(untyped(parts, at, attempt));
        };
        let nullable = kinds.contains(&"null");
        kinds.retain(|kind| *kind != "null");
        let by_chance = || self.shape.get() == Shape::Random;
        if nullable && at.forced.is_empty() && (kinds.is_empty() || (by_chance() && draw.chance(15))) {
            return Some("null");
        }
        // A null ends what would go on for ever.
        if nullable && at.forced.is_empty() && at.depth > DEPTH {
            return Some("null");
        }
        let wanted = match at.forced.first() {
            Some(Step::Key(_)) => "object",
            Some(Step::Item) => "array",
            None => "",
        };
        if kinds.len() > 1 && kinds.contains(&wanted) {
            kinds = vec![wanted];
        }
        if kinds.is_empty() { None } else { KINDS.iter().find(|kind| **kind == *draw.pick(&kinds)).copied() }
    }
}

const KINDS: &[&str] = &["object", "array", "integer", "number", "boolean", "string"];

/// Keywords beside a list of values that may leave out some of them.
const CONSTRAINTS: &[&str] = &[
    "minLength",
    "maxLength",
    "pattern",
    "format",
    "minimum",
    "maximum",
    "exclusiveMinimum",
    "exclusiveMaximum",
    "multipleOf",
    "items",
    "minItems",
    "maxItems",
    "uniqueItems",
    "properties",
    "required",
    "additionalProperties",
    "minProperties",
    "maxProperties",
    "not",
    "oneOf",
    "anyOf",
    "allOf",
];

/// The types that all parts allow; `None` when none of them says anything.
fn kinds<'v>(list: &[&'v Value]) -> Option<Vec<&'v str>> {
    let mut common: Option<Vec<&str>> = None;
    for part in list {
        let own: Vec<&str> = match part.get("type") {
            Some(Value::String(kind)) => vec![kind],
            Some(Value::Array(kinds)) => kinds.iter().filter_map(Value::as_str).collect(),
            _ => continue,
        };
        common = Some(match common {
            None => own,
            Some(known) => {
                let integer = |one: &[&str], other: &[&str]| one.contains(&"integer") && other.contains(&"number");
                let whole = integer(&known, &own) || integer(&own, &known);
                let mut both: Vec<&str> = known.iter().filter(|kind| own.contains(kind)).copied().collect();
                if whole && !both.contains(&"integer") && !both.contains(&"number") {
                    both.push("integer");
                }
                both
            }
        });
    }
    common
}

/// True for a value of the type.
fn is(kind: &str, value: &Value) -> bool {
    match (kind, value) {
        ("object", Value::Object(_))
        | ("array", Value::Array(_))
        | ("number", Value::Number(_))
        | ("boolean", Value::Bool(_))
        | ("string", Value::String(_))
        | ("null", Value::Null) => true,
        ("integer", Value::Number(number)) => number.as_f64().is_some_and(|number| number.fract() == 0.0),
        _ => false,
    }
}

/// A type where none is declared: what the keywords speak of, else a text. What cannot be a text by another keyword is
/// something else in a later attempt.
fn untyped(parts: &Parts, at: &Place, attempt: usize) -> &'static str {
    if attempt > 2 {
        return KINDS[(attempt + 2) % KINDS.len()];
    }
    let speaks = |keys: &[&str]| keys.iter().any(|key| parts.has(key));
    match at.forced.first() {
        Some(Step::Key(_)) => "object",
        Some(Step::Item) => "array",
        None if speaks(&["properties", "required", "additionalProperties", "minProperties", "maxProperties"]) => {
            "object"
        }
        None if speaks(&["items", "minItems", "maxItems", "uniqueItems"]) => "array",
        None if speaks(&["minLength", "maxLength", "pattern"]) => "string",
        None if speaks(&["minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"]) => "number",
        None => "string",
    }
}

fn holds_envelope(value: &Value) -> bool {
    match value {
        Value::String(text) => text == placeholder::ENVELOPE,
        Value::Array(items) => items.iter().any(holds_envelope),
        Value::Object(members) => members.values().any(holds_envelope),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use serde_json::{Value, json};

    use super::{Instances, Shape};
    use crate::contract::{Document, InstancePath, Role, Schema};
    use crate::generate::draw::Draw;
    use crate::generate::generator::Means;
    use crate::generate::pattern::Patterns;

    fn drawn(schema: &Value, shape: Shape, branch: Option<usize>) -> Vec<Value> {
        let text = json!({"s": schema}).to_string();
        let document = Document::parse(Path::new("t.json"), &text).unwrap();
        let schema = Schema::compile(&document, "/s", Role::Request).unwrap();
        let (patterns, means) = (Patterns::default(), Means::default());
        let mut draw = Draw::new(&[9; 32]);
        (0..40)
            .map(|_| {
                let instances = Instances {
                    schema: &schema,
                    patterns: &patterns,
                    shape,
                    means: &means,
                    card_data: false,
                    branch,
                    wrong: None,
                };
                let value = instances.draw(&InstancePath::root(), &mut draw);
                assert!(schema.accepts(&value), "{value}");
                value
            })
            .collect()
    }

    #[test]
    fn a_named_alternative_is_taken_everywhere() {
        let leaf = json!({"oneOf": [{"type": "integer"}, {"type": "string"}, {"type": "boolean"}]});
        let schema = json!({"type": "object", "required": ["a", "b"], "properties": {
            "a": leaf, "b": {"anyOf": [{"type": "integer"}, {"type": "string"}]},
        }});
        for value in drawn(&schema, Shape::Full, Some(4)) {
            assert!(value["a"].is_string() && value["b"].is_i64(), "{value}");
        }
        let by_chance = drawn(&schema, Shape::Full, None);
        assert!(by_chance.iter().any(|value| value["a"].is_boolean()));
    }

    #[test]
    fn alternatives_that_exclude_each_other_are_drawn_in_every_shape() {
        let schema = json!({
            "type": "object",
            "properties": {"iban": {"type": "string"}, "card": {"type": "string"}, "note": {"type": "string"}},
            "oneOf": [{"required": ["iban"]}, {"required": ["card"]}],
        });
        for shape in [Shape::Minimal, Shape::Full, Shape::Documented, Shape::Random] {
            let values = drawn(&schema, shape, None);
            assert!(values.iter().any(|value| value.get("iban").is_some()), "{shape:?}");
            assert!(values.iter().any(|value| value.get("card").is_some()), "{shape:?}");
        }
    }

    #[test]
    fn what_a_not_refuses_is_walked_around() {
        let low = json!({"type": "integer", "not": {"type": "integer", "maximum": 4711}});
        let high = json!({"type": "number", "maximum": 30, "not": {"type": "number", "minimum": -2000}});
        let other = json!({"not": {"type": "string"}});
        // Each value is judged where it is drawn.
        for schema in [low, high, other] {
            assert_eq!(drawn(&schema, Shape::Random, None).len(), 40, "{schema}");
        }
    }

    #[test]
    fn what_several_parts_say_of_one_member_holds_together() {
        let schema = json!({"allOf": [
            {"type": "object", "required": ["code"], "properties": {
                "code": {"type": "string", "minLength": 4, "pattern": "[0-9]$"},
                "kind": {"type": "string", "enum": ["A", "B", "C"]},
                "sum": {"type": "number", "minimum": 5, "multipleOf": 0.05},
            }},
            {"type": "object", "properties": {
                "code": {"type": "string", "maxLength": 9, "pattern": "^[A-Z]"},
                "kind": {"type": "string", "enum": ["B", "C", "D"]},
                "sum": {"type": "number", "maximum": 6},
            }},
        ]});
        let values = drawn(&schema, Shape::Full, None);
        assert!(values.iter().all(|value| value.as_object().is_some_and(|members| members.len() == 3)), "{values:?}");
    }
}
