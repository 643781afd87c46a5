//! Instances that keep a schema.

use serde_json::{Map, Number, Value, json};

use super::case::placeholder;
use super::draw::Draw;
use super::generator::Means;
use super::pattern::Patterns;
use super::text::{formatted, opaque_jwe, plain};
use crate::contract::{Evidence, InstancePath, Schema, Step, is_card_number, is_expiry, pattern_matches};

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
    /// The branch that every `oneOf` and `anyOf` takes, counted round; by chance without one.
    pub branch: Option<usize>,
}

/// Depth at which only required members are drawn, so that recursive schemas end.
const DEPTH: usize = 6;

impl Instances<'_> {
    /// An instance that holds a value at `forced`, whatever the shape.
    pub(super) fn draw(&self, forced: &InstancePath, draw: &mut Draw) -> Value {
        self.node(self.schema.json(), forced.steps(), "", 0, draw)
    }

    fn node(&self, node: &Value, forced: &[Step], name: &str, depth: usize, draw: &mut Draw) -> Value {
        let parts = self.parts(node, draw);
        let find = |key: &str| parts.iter().find_map(|part| part.get(key));
        if let Some(members) = find("enum").and_then(Value::as_array).filter(|members| !members.is_empty()) {
            return draw.pick(members).clone();
        }
        if let Some(default) = find("default").filter(|_| find("x-enum-unknown") == Some(&Value::Bool(true))) {
            return default.clone();
        }
        match self.kind(&parts, forced, draw) {
            "object" => self.object(&parts, forced, depth, draw),
            "array" => self.array(&parts, forced, name, depth, draw),
            "integer" => integer(&parts, draw),
            "number" => number(&parts, draw),
            "boolean" => Value::Bool(draw.chance(50)),
            "null" => Value::Null,
            _ => Value::String(self.text(&parts, name, draw)),
        }
    }

    /// The node with all that `allOf` adds and one branch of `oneOf` and `anyOf` each.
    fn parts<'v>(&'v self, node: &'v Value, draw: &mut Draw) -> Vec<&'v Value> {
        let mut parts: Vec<&'v Value> = Vec::new();
        let mut open = vec![self.schema.follow(node)];
        while let Some(part) = open.pop() {
            if parts.iter().any(|known| std::ptr::eq(*known, part)) {
                continue;
            }
            parts.push(part);
            if let Some(branches) = part.get("allOf").and_then(Value::as_array) {
                open.extend(branches.iter().rev().map(|branch| self.schema.follow(branch)));
            }
            for key in ["oneOf", "anyOf"] {
                if let Some(branches) = part.get(key).and_then(Value::as_array).filter(|list| !list.is_empty()) {
                    let branch = match self.branch {
                        Some(index) => &branches[index % branches.len()],
                        None => draw.pick(branches),
                    };
                    open.push(self.schema.follow(branch));
                }
            }
        }
        parts
    }

    fn kind(&self, parts: &[&Value], forced: &[Step], draw: &mut Draw) -> &'static str {
        let mut kinds: Vec<&str> = Vec::new();
        for part in parts {
            match part.get("type") {
                Some(Value::String(kind)) => kinds = vec![kind],
                Some(Value::Array(list)) if kinds.is_empty() => {
                    kinds = list.iter().filter_map(Value::as_str).collect();
                }
                _ => {}
            }
        }
        let nullable = kinds.contains(&"null");
        kinds.retain(|kind| *kind != "null");
        if nullable && forced.is_empty() && (kinds.is_empty() || (self.shape == Shape::Random && draw.chance(15))) {
            return "null";
        }
        let known = ["object", "array", "integer", "number", "boolean", "string"];
        if let Some(kind) = kinds.first().and_then(|_| known.iter().find(|kind| **kind == *draw.pick(&kinds))) {
            return kind;
        }
        let has = |key: &str| parts.iter().any(|part| part.get(key).is_some());
        match forced.first() {
            Some(Step::Key(_)) => "object",
            Some(Step::Item) => "array",
            None if has("properties") || has("required") => "object",
            None if has("items") => "array",
            None => "string",
        }
    }

    fn object(&self, parts: &[&Value], forced: &[Step], depth: usize, draw: &mut Draw) -> Value {
        let mut object = Map::new();
        let required = |name: &str| {
            parts.iter().any(|part| {
                part.get("required").and_then(Value::as_array).is_some_and(|list| list.iter().any(|own| own == name))
            })
        };
        let inner = |name: &str| match forced.first() {
            Some(Step::Key(own)) if own == name => Some(&forced[1..]),
            _ => None,
        };
        for part in parts {
            let Some(properties) = part.get("properties").and_then(Value::as_object) else { continue };
            for (name, member) in properties {
                if object.contains_key(name) {
                    continue;
                }
                let wanted = required(name) || inner(name).is_some() || self.include(member, depth, draw);
                if wanted {
                    let value = self.node(member, inner(name).unwrap_or(&[]), name, depth + 1, draw);
                    object.insert(name.clone(), value);
                }
            }
        }
        self.pad(parts, &mut object, draw);
        Value::Object(object)
    }

    /// Whether an optional member is sent.
    fn include(&self, member: &Value, depth: usize, draw: &mut Draw) -> bool {
        let target = self.schema.follow(member);
        let flag = |key: &str| target.get(key) == Some(&Value::Bool(true));
        let keywords = ["type", "enum", "properties", "allOf", "oneOf", "anyOf", "items"];
        let sealed = !self.means.seals && target.get("x-jwe-plaintext").is_some();
        // A value nobody knows the list or the type of cannot be sent in good faith.
        let unknown = flag("x-enum-unknown") && target.get("default").is_none();
        let shapeless = !keywords.iter().any(|key| target.get(*key).is_some());
        let guessed = self.shape.certain() && Evidence::of_member(target) == Evidence::Inferred;
        if flag("readOnly") || flag("deprecated") || sealed || unknown || shapeless || guessed || depth >= DEPTH {
            return false;
        }
        self.shape.includes(draw)
    }

    /// Extra members up to `minProperties`.
    fn pad(&self, parts: &[&Value], object: &mut Map<String, Value>, draw: &mut Draw) {
        let least = bound(parts, "minProperties", usize::max).unwrap_or(0);
        let extra = parts.iter().find_map(|part| part.get("additionalProperties").filter(|extra| extra.is_object()));
        let mut index = 0;
        while object.len() < least && index < 64 {
            index += 1;
            let value = match extra {
                Some(schema) => self.node(schema, &[], "extra", DEPTH, draw),
                None => json!("extra"),
            };
            object.entry(format!("extra{index}")).or_insert(value);
        }
    }

    fn array(&self, parts: &[&Value], forced: &[Step], name: &str, depth: usize, draw: &mut Draw) -> Value {
        let least = bound(parts, "minItems", usize::max).unwrap_or(0);
        let most = bound(parts, "maxItems", usize::min).unwrap_or(least + 3);
        let inner = matches!(forced.first(), Some(Step::Item)).then(|| &forced[1..]);
        let least = if inner.is_some() { least.max(1) } else { least };
        // An empty list keeps most schemas and means nothing in most APIs: at least one item where one may be.
        let usual = least.max(1).min(most);
        let length = match self.shape {
            _ if depth >= DEPTH => least,
            Shape::Minimal | Shape::Full | Shape::Documented => usual,
            Shape::Random | Shape::RandomDocumented => draw.between(usual, most.clamp(usual, usual + 2)),
        };
        let unique = parts.iter().any(|part| part.get("uniqueItems") == Some(&Value::Bool(true)));
        let item = parts.iter().find_map(|part| part.get("items")).unwrap_or(&Value::Null);
        let mut items: Vec<Value> = Vec::with_capacity(length);
        for _ in 0..length * 8 {
            if items.len() == length {
                break;
            }
            let first = if items.is_empty() { inner.unwrap_or(&[]) } else { &[] };
            let value = self.node(item, first, name, depth + 1, draw);
            if !unique || !items.contains(&value) {
                items.push(value);
            }
        }
        Value::Array(items)
    }

    fn text(&self, parts: &[&Value], name: &str, draw: &mut Draw) -> String {
        let find = |key: &str| parts.iter().find_map(|part| part.get(key)).and_then(Value::as_str);
        let least = bound(parts, "minLength", usize::max).unwrap_or(0);
        let most = bound(parts, "maxLength", usize::min);
        if parts.iter().any(|part| part.get("x-jwe-plaintext").is_some()) {
            return if self.means.seals { placeholder::ENVELOPE.to_owned() } else { opaque_jwe(draw) };
        }
        let card = self.card_text(name, least, most, draw);
        // Elsewhere a member of this name may be something else: its pattern tells.
        let fits = |text: &String| self.card_data || find("pattern").is_none_or(|own| matches_pattern(own, text));
        if let Some(text) = card.filter(fits) {
            return text;
        }
        if let Some(pattern) = find("pattern") {
            // The pattern often holds the bounds itself; where it does not, draw again until the length fits.
            for _ in 0..64 {
                let Some(text) = self.patterns.text(pattern, draw) else { break };
                let length = text.chars().count();
                if length >= least && most.is_none_or(|most| length <= most) {
                    return text;
                }
            }
        }
        match find("format").and_then(|format| formatted(format, draw)) {
            Some(text) => text,
            None => plain(name, least, most, draw),
        }
    }
}

impl Instances<'_> {
    /// Card numbers come from test ranges alone, whatever a pattern would allow. Expiries lie ahead, and are no expiry
    /// when their halves are swapped (JWE-11).
    fn card_text(&self, name: &str, least: usize, most: Option<usize>, draw: &mut Draw) -> Option<String> {
        if is_card_number(name) {
            let first = draw.below(self.means.test_pans.len().max(1));
            let ranges = self.means.test_pans.iter().cycle().skip(first).take(self.means.test_pans.len());
            let number = draw.below(1_000_000) as u64;
            return ranges
                .map(|range| range.number(number))
                .find(|pan| pan.len() >= least && most.is_none_or(|most| pan.len() <= most));
        }
        let expiry = self.card_data && is_expiry(name);
        expiry.then(|| format!("{:02}{:02}", draw.between(1, 12), draw.between(30, 39)))
    }
}

fn matches_pattern(pattern: &str, text: &str) -> bool {
    pattern_matches(pattern, &[text]).is_some_and(|matched| matched == [true])
}

/// The strictest of a bound over all parts.
fn bound(parts: &[&Value], key: &str, stricter: fn(usize, usize) -> usize) -> Option<usize> {
    parts
        .iter()
        .filter_map(|part| part.get(key)?.as_u64())
        .map(|limit| usize::try_from(limit).unwrap_or(usize::MAX))
        .reduce(stricter)
}

/// The strictest numeric bounds, exclusive ones moved inside by `step`.
fn range(parts: &[&Value], step: f64) -> (Option<f64>, Option<f64>) {
    let values = |key: &str| parts.iter().filter_map(|part| part.get(key)?.as_f64()).collect::<Vec<_>>();
    let low = values("minimum").into_iter().chain(values("exclusiveMinimum").into_iter().map(|limit| limit + step));
    let high = values("maximum").into_iter().chain(values("exclusiveMaximum").into_iter().map(|limit| limit - step));
    (low.reduce(f64::max), high.reduce(f64::min))
}

#[expect(clippy::cast_possible_truncation, reason = "saturating is what the bounds of a 64-bit integer want")]
fn integer(parts: &[&Value], draw: &mut Draw) -> Value {
    let (low, high) = range(parts, 1.0);
    let (low, high) = match (low, high) {
        (Some(low), Some(high)) => (low.ceil() as i64, high.floor() as i64),
        (Some(low), None) => (low.ceil() as i64, (low.ceil() as i64).saturating_add(1000)),
        (None, Some(high)) => ((high.floor() as i64).saturating_sub(1000), high.floor() as i64),
        (None, None) => (0, 1000),
    };
    let value = match draw.below(6) {
        0 => low,
        1 => high,
        _ => draw.integer(low, high),
    };
    match parts.iter().find_map(|part| part.get("multipleOf")?.as_i64()).filter(|step| *step > 0) {
        Some(step) => {
            let down = value.div_euclid(step).saturating_mul(step);
            json!(if down < low { down.saturating_add(step) } else { down })
        }
        None => json!(value),
    }
}

fn number(parts: &[&Value], draw: &mut Draw) -> Value {
    let (low, high) = range(parts, 0.01);
    let (low, high) = match (low, high) {
        (Some(low), Some(high)) => (low, high),
        (Some(low), None) => (low, low + 1000.0),
        (None, Some(high)) => (high - 1000.0, high),
        (None, None) => (0.0, 1000.0),
    };
    let value = match draw.below(6) {
        0 => low,
        1 => high,
        _ => low + (high - low) * draw.fraction(),
    };
    let value = match parts.iter().find_map(|part| part.get("multipleOf")?.as_f64()).filter(|step| *step > 0.0) {
        Some(step) => (value / step).floor() * step,
        // Two decimals read well, and the proof catches the rare bound that they cross.
        None => (value * 100.0).round() / 100.0,
    };
    Number::from_f64(value).map_or(json!(0), Value::Number)
}
