//! Objects and arrays.

use serde_json::{Map, Value, json};

use super::parts::{Outcome, Parts, Pass, Place};
use super::{DEPTH, FUEL, Shape};
use crate::contract::{Evidence, Step};
use crate::generate::draw::Draw;

/// Keywords that say what a value looks like.
const LOOKS: &[&str] = &["type", "enum", "properties", "allOf", "oneOf", "anyOf", "items"];

impl Pass<'_, '_> {
    pub(super) fn object(&self, parts: &Parts, at: &Place, draw: &mut Draw) -> Outcome {
        let mut object = Map::new();
        let required = parts.required();
        let most = parts.bound("maxProperties", usize::min).unwrap_or(usize::MAX);
        let mut room = most.saturating_sub(required.len());
        let mut left_out = Vec::new();
        let mut complete = true;
        for part in &parts.list {
            for name in part.get("properties").and_then(Value::as_object).into_iter().flat_map(Map::keys) {
                if object.contains_key(name) || left_out.contains(&name.as_str()) {
                    continue;
                }
                let wanted = required.contains(&name.as_str()) || at.wants(name);
                let Some(all) = parts.member(name) else {
                    // A part that closes the object does not know the name.
                    complete &= !wanted;
                    continue;
                };
                let shunned = room == 0 || parts.avoid.contains(&name.as_str());
                if !wanted && (!self.include(&all, at.depth, draw) || shunned) {
                    left_out.push(name);
                    continue;
                }
                match self.member(parts, all, at, name, draw) {
                    Ok(value) => {
                        room = room.saturating_sub(usize::from(!wanted));
                        object.insert(name.clone(), value);
                    }
                    Err(missed) if wanted => {
                        object.insert(name.clone(), missed);
                        return Err(Value::Object(object));
                    }
                    // A member that cannot be drawn is one that is not sent.
                    Err(_) => {}
                }
            }
        }
        for name in required {
            if object.contains_key(name) {
                continue;
            }
            match parts.member(name).map(|all| self.member(parts, all, at, name, draw)) {
                Some(Ok(value)) => {
                    object.insert(name.to_owned(), value);
                }
                _ => complete = false,
            }
        }
        self.pad(parts, at, &mut object, &left_out, draw);
        complete &= object.len() >= parts.bound("minProperties", usize::max).unwrap_or(0) && object.len() <= most;
        if complete { Ok(Value::Object(object)) } else { Err(Value::Object(object)) }
    }

    fn member(&self, parts: &Parts, all: Vec<&Value>, at: &Place, name: &str, draw: &mut Draw) -> Outcome {
        for value in parts.discriminated(name, self.schema(), at) {
            if self.fits_all(&all, &value) {
                return Ok(value);
            }
        }
        let forced = if at.wants(name) { &at.forced[1..] } else { &[] };
        self.node(&Place { all, forced, name, depth: at.depth + 1 }, draw)
    }

    /// Whether an optional member is sent.
    fn include(&self, all: &[&Value], depth: usize, draw: &mut Draw) -> bool {
        if self.shape.get() == Shape::Minimal {
            return false;
        }
        let targets: Vec<&Value> = all.iter().map(|member| self.schema().follow(member)).collect();
        let flag = |key: &str| targets.iter().any(|target| target.get(key) == Some(&Value::Bool(true)));
        let read_only = all.iter().any(|member| self.schema().flagged(member, "readOnly"));
        let sealed = !self.own.means.seals && targets.iter().any(|target| target.get("x-jwe-plaintext").is_some());
        // A value nobody knows the list or the type of cannot be sent in good faith.
        let unknown = flag("x-enum-unknown") && targets.iter().all(|target| target.get("default").is_none());
        let shapeless = !targets.iter().any(|target| LOOKS.iter().any(|key| target.get(*key).is_some()));
        let guessed = self.shape.get().certain()
            && targets.iter().any(|target| Evidence::of_member(target) == Evidence::Inferred);
        if read_only || flag("deprecated") || sealed || unknown || shapeless || guessed || depth >= DEPTH {
            return false;
        }
        // A wide and deep schema ends here and now: most of its members say the same again.
        self.fuel.get() > FUEL / 4 && self.shape.get().includes(draw)
    }

    /// Members up to `minProperties`: declared ones first, then others. Where a schema says what others hold, some are sent
    /// now and then.
    fn pad(&self, parts: &Parts, at: &Place, object: &mut Map<String, Value>, left_out: &[&str], draw: &mut Draw) {
        let least = parts.bound("minProperties", usize::max).unwrap_or(0);
        let sent = |name: &str| {
            let all = parts.member(name)?;
            let never = all.iter().any(|member| self.schema().flagged(member, "readOnly"));
            (!never && !parts.avoid.contains(&name)).then_some(all)
        };
        for name in left_out {
            if object.len() >= least {
                break;
            }
            if let Some(Ok(value)) = sent(name).map(|all| self.member(parts, all, at, name, draw)) {
                object.insert((*name).to_owned(), value);
            }
        }
        let described = parts.list.iter().any(|part| part.get("additionalProperties").is_some_and(Value::is_object));
        let some = match self.shape.get() {
            Shape::Full if described && at.depth < DEPTH => 1,
            Shape::Random if described && at.depth < DEPTH => draw.below(3),
            _ => 0,
        };
        let most = parts.bound("maxProperties", usize::min).unwrap_or(usize::MAX);
        let wanted = least.max((object.len() + some).min(most));
        for index in 1..64 {
            if object.len() >= wanted {
                break;
            }
            let name = format!("extra{index}");
            let Some(all) = parts.member(&name).filter(|_| !object.contains_key(&name)) else { continue };
            let value = if all.is_empty() {
                Ok(json!("extra"))
            } else {
                let depth = if object.len() < least { DEPTH.max(at.depth + 1) } else { at.depth + 1 };
                self.node(&Place { all, forced: &[], name: "extra", depth }, draw)
            };
            if let Ok(value) = value {
                object.insert(name, value);
            }
        }
    }

    pub(super) fn array(&self, parts: &Parts, at: &Place, draw: &mut Draw) -> Outcome {
        let least = parts.bound("minItems", usize::max).unwrap_or(0);
        let most = parts.bound("maxItems", usize::min).unwrap_or(least + 3);
        let inner = matches!(at.forced.first(), Some(Step::Item)).then(|| &at.forced[1..]);
        let least = if inner.is_some() { least.max(1) } else { least };
        if least > most {
            return Err(json!([]));
        }
        // An empty list keeps most schemas and means nothing in most APIs: at least one item where one may be.
        let usual = least.max(1).min(most);
        let length = match self.shape.get() {
            _ if at.depth >= DEPTH => least,
            Shape::Minimal | Shape::Full | Shape::Documented => usual,
            Shape::Random | Shape::RandomDocumented => draw.between(usual, most.clamp(usual, usual + 2)),
        };
        let unique = parts.list.iter().any(|part| part.get("uniqueItems") == Some(&Value::Bool(true)));
        let all: Vec<&Value> = parts.list.iter().filter_map(|part| part.get("items")).collect();
        let mut items: Vec<Value> = Vec::with_capacity(length.min(1024));
        for _ in 0..length.saturating_mul(8) {
            if items.len() == length {
                break;
            }
            let forced = if items.is_empty() { inner.unwrap_or(&[]) } else { &[] };
            let place = Place { all: all.clone(), forced, name: at.name, depth: at.depth + 1 };
            let Ok(value) = self.node(&place, draw) else { break };
            if !unique || !items.iter().any(|known| same(known, &value)) {
                items.push(value);
            }
        }
        if items.len() < least { Err(Value::Array(items)) } else { Ok(Value::Array(items)) }
    }
}

impl Place<'_> {
    /// True when the member `name` must be there.
    fn wants(&self, name: &str) -> bool {
        matches!(self.forced.first(), Some(Step::Key(own)) if own == name)
    }
}

/// Equality of JSON values, to which 1 and 1.0 are one number.
fn same(one: &Value, other: &Value) -> bool {
    match (one, other) {
        (Value::Number(one), Value::Number(other)) => one == other || one.as_f64() == other.as_f64(),
        (Value::Array(one), Value::Array(other)) => {
            one.len() == other.len() && one.iter().zip(other).all(|(one, other)| same(one, other))
        }
        (Value::Object(one), Value::Object(other)) => {
            one.len() == other.len()
                && one.iter().all(|(name, value)| other.get(name).is_some_and(|other| same(value, other)))
        }
        _ => one == other,
    }
}
