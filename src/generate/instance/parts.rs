//! One place of an instance and all that is said of it.

use std::cell::Cell;

use serde_json::Value;

use super::{DEPTH, Instances, Shape, Wrong};
use crate::contract::{Schema, Step};
use crate::generate::draw::Draw;

/// A value that keeps what is said of it; otherwise the nearest miss, so that the proof can name what is wrong with it.
pub(super) type Outcome = Result<Value, Value>;

/// A place of an instance: the schemas that its value must keep, all of them.
pub(super) struct Place<'v> {
    pub all: Vec<&'v Value>,
    /// What must be there below.
    pub forced: &'v [Step],
    /// The name of the member, or that of the list it is an item of.
    pub name: &'v str,
    pub depth: usize,
}

/// The schemas of a place with all that `allOf` adds and one branch of each `oneOf` and `anyOf`.
pub(super) struct Parts<'v> {
    pub list: Vec<&'v Value>,
    /// Those that the draw may break although every part is kept: alternatives and `not`.
    pub fussy: Vec<&'v Value>,
    /// Names of the definitions that were passed on the way, and that of the last alternative.
    names: Vec<&'v str>,
    branch: Option<&'v str>,
    /// Members whose presence would make another alternative fit too.
    pub avoid: Vec<&'v str>,
}

/// One draw of a whole instance.
pub(super) struct Pass<'p, 's> {
    pub own: &'p Instances<'s>,
    /// The shape here: what does not fit is tried with less.
    pub shape: Cell<Shape>,
    /// Values that may still be drawn, and second attempts that may still be made, so that every draw ends.
    pub fuel: Cell<usize>,
    pub retries: Cell<usize>,
}

/// Which attempt this is, and which alternative the first one took.
pub(super) struct Turn {
    pub attempt: usize,
    pub first: Option<usize>,
}

impl<'s> Pass<'_, 's> {
    pub(super) fn schema(&self) -> &'s Schema {
        self.own.schema
    }

    pub(super) fn parts<'v>(&self, at: &Place<'v>, turn: &mut Turn, draw: &mut Draw) -> Parts<'v>
    where
        's: 'v,
    {
        let mut parts =
            Parts { list: Vec::new(), fussy: Vec::new(), names: Vec::new(), branch: None, avoid: Vec::new() };
        let mut choices = 0;
        let mut open: Vec<&'v Value> = at.all.iter().rev().copied().collect();
        while let Some(node) = open.pop() {
            parts.names.extend(name_of(node));
            let part: &'v Value = self.schema().follow(node);
            if parts.list.iter().any(|known| std::ptr::eq(*known, part)) {
                continue;
            }
            parts.list.push(part);
            if let Some(branches) = part.get("allOf").and_then(Value::as_array) {
                open.extend(branches.iter().rev());
            }
            for key in ["oneOf", "anyOf"] {
                if let Some(branches) = part.get(key).and_then(Value::as_array).filter(|list| !list.is_empty()) {
                    if let Some((one, other)) = self.own.wrong.and_then(|wrong| wrong.both(key, &part[key])) {
                        open.extend([&branches[one], &branches[other]]);
                        continue;
                    }
                    let index = self.choose(branches, choices, turn, at.depth, draw);
                    choices += 1;
                    parts.branch = name_of(&branches[index]).or(parts.branch);
                    if turn.attempt > 1 && key == "oneOf" {
                        let others = branches.iter().enumerate().filter(|(other, _)| *other != index);
                        others.for_each(|(_, other)| parts.avoid.extend(required(self.schema().follow(other))));
                    }
                    open.push(&branches[index]);
                    parts.fussy.push(part);
                }
            }
            if let Some(not) = part.get("not") {
                if self.own.wrong.is_some_and(|wrong| wrong.meets(not)) {
                    open.push(not);
                    continue;
                }
                parts.fussy.push(part);
                if turn.attempt > 0 {
                    parts.avoid.extend(required(self.schema().follow(not)));
                }
            }
        }
        parts
    }

    fn choose(&self, branches: &[Value], choices: usize, turn: &mut Turn, depth: usize, draw: &mut Draw) -> usize {
        if depth >= DEPTH && branches.len() > 1 {
            // Down here only the alternative that ends soonest lets the instance end.
            let mut fuel = 2000;
            let heights: Vec<usize> =
                branches.iter().map(|branch| height(self.schema(), branch, &mut Vec::new(), &mut fuel)).collect();
            let least = heights.iter().min().copied().unwrap_or_default();
            let lowest: Vec<usize> = (0..heights.len()).filter(|index| heights[*index] == least).collect();
            return *draw.pick(&lowest);
        }
        if let Some(branch) = self.own.branch {
            return branch % branches.len();
        }
        let drawn = draw.below(branches.len());
        match turn.first {
            // The alternatives take turns, so that each is tried before the attempts are used up.
            Some(first) if choices == 0 => (first + turn.attempt) % branches.len(),
            _ => {
                turn.first = turn.first.or(Some(drawn));
                drawn
            }
        }
    }
}

impl Wrong<'_> {
    /// The alternatives that are to fit at once.
    fn both(self, key: &str, branches: &Value) -> Option<(usize, usize)> {
        match self {
            Self::Both(own, one, other) if key == "oneOf" && own == branches => Some((one, other)),
            _ => None,
        }
    }

    /// True for the schema that must not fit, and is to.
    fn meets(self, not: &Value) -> bool {
        matches!(self, Self::Not(own) if own == not)
    }
}

impl<'v> Parts<'v> {
    /// The strictest of a bound over all parts.
    pub(super) fn bound(&self, key: &str, stricter: fn(usize, usize) -> usize) -> Option<usize> {
        let limits = self.list.iter().filter_map(|part| size(part.get(key)?));
        limits.reduce(stricter)
    }

    /// The first value of a keyword.
    pub(super) fn find(&self, key: &str) -> Option<&'v Value> {
        self.list.iter().find_map(|part| part.get(key))
    }

    /// True when a part has the keyword.
    pub(super) fn has(&self, key: &str) -> bool {
        self.list.iter().any(|part| part.get(key).is_some())
    }

    /// Names that some part requires.
    pub(super) fn required(&self) -> Vec<&'v str> {
        let mut names: Vec<&'v str> = Vec::new();
        for name in self.list.iter().flat_map(|part| required(part)) {
            if !names.contains(&name) {
                names.push(name);
            }
        }
        names
    }

    /// All that is said of the member `name`; `None` where a part allows no such member.
    pub(super) fn member(&self, name: &str) -> Option<Vec<&'v Value>> {
        let mut all = Vec::new();
        for part in &self.list {
            match part.get("properties").and_then(|properties| properties.get(name)) {
                Some(member) => all.push(member),
                None => match part.get("additionalProperties") {
                    Some(Value::Bool(false)) => return None,
                    Some(schema @ Value::Object(_)) => all.push(schema),
                    _ => {}
                },
            }
        }
        Some(all)
    }

    /// What the discriminator `name` says for the schema that was taken: the keys that are mapped to it, else its name.
    pub(super) fn discriminated(&self, name: &str, schema: &Schema, at: &Place) -> Vec<Value> {
        let mut marks = self.list.iter().filter_map(|part| part.get("discriminator"));
        let Some(mark) = marks.find(|mark| mark.get("propertyName").and_then(Value::as_str) == Some(name)) else {
            return Vec::new();
        };
        let source = match self.branch.or(self.names.first().copied().filter(|_| at.depth > 0)) {
            Some(definition) => schema.source(&format!("/$defs/{definition}")),
            None => schema.pointer.clone(),
        };
        let Some(taken) = source.strip_prefix("/components/schemas/") else { return Vec::new() };
        let mapping = mark.get("mapping").and_then(Value::as_object);
        let meant = |target: &Value| target.as_str().and_then(|text| text.rsplit('/').next()) == Some(taken);
        let mapped = mapping.into_iter().flatten().filter(|(_, target)| meant(target)).map(|(key, _)| key.as_str());
        mapped.chain([taken]).map(Value::from).collect()
    }
}

/// The value of a bound that counts.
fn size(limit: &Value) -> Option<usize> {
    // Some serialisers write 3.0 for 3.
    let whole = limit.as_f64().filter(|limit| limit.fract() == 0.0 && (0.0..1e15).contains(limit));
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "the range was looked at")]
    let exact = limit.as_u64().or(whole.map(|limit| limit as u64));
    exact.map(|limit| usize::try_from(limit).unwrap_or(usize::MAX))
}

fn required(part: &Value) -> impl Iterator<Item = &str> {
    part.get("required").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str)
}

/// The definition that a reference names.
fn name_of(node: &Value) -> Option<&str> {
    node.get("$ref")?.as_str()?.strip_prefix("#/$defs/")
}

/// Levels that the smallest instance of a node has; very many where it does not end.
fn height(schema: &Schema, node: &Value, trail: &mut Vec<usize>, fuel: &mut usize) -> usize {
    const ENDLESS: usize = 1000;
    let node = schema.follow(node);
    let address = std::ptr::from_ref(node).addr();
    if *fuel == 0 || trail.contains(&address) {
        return ENDLESS;
    }
    *fuel -= 1;
    trail.push(address);
    let mut most = 0;
    for branch in node.get("allOf").and_then(Value::as_array).into_iter().flatten() {
        most = most.max(height(schema, branch, trail, fuel));
    }
    for branches in ["oneOf", "anyOf"].iter().filter_map(|key| node.get(key)?.as_array()) {
        let least = branches.iter().map(|branch| height(schema, branch, trail, fuel)).min();
        most = most.max(least.unwrap_or_default());
    }
    for member in required(node).filter_map(|name| node.get("properties")?.get(name)) {
        most = most.max(1 + height(schema, member, trail, fuel));
    }
    if node.get("minItems").and_then(size).is_some_and(|least| least > 0)
        && let Some(items) = node.get("items")
    {
        most = most.max(1 + height(schema, items, trail, fuel));
    }
    trail.pop();
    most.min(ENDLESS)
}
