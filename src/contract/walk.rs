//! Walks a translated schema and lists each constraint with the place in the instance where it bites.

mod example;
mod field;

use serde_json::Value;

use super::evidence::Evidence;
use super::obligation::Rule;
use super::pointer::{InstancePath, join};
use super::schema::Schema;
use super::translate::Role;

pub use example::{Example, examples, shown};
pub use field::{Field, fields};

/// One constraint of a schema.
#[derive(Clone, Debug)]
pub struct Constraint {
    /// Where in the instance.
    pub path: InstancePath,
    /// Of which kind.
    pub rule: Rule,
    /// The value of the keyword.
    pub value: Value,
    /// JSON pointer of the keyword in the specification file.
    pub pointer: String,
    /// Mark of this line.
    pub evidence: Evidence,
    /// Why breaking it proves nothing, where the specification says so.
    pub open: Option<&'static str>,
}

/// All constraints of a schema. Branches of `oneOf` and `anyOf` are not entered: breaking one may keep another.
pub fn constraints(schema: &Schema, inherited: Evidence) -> Vec<Constraint> {
    let mut walk = Walk { schema, found: Vec::new(), open: Vec::new() };
    walk.node(schema.json(), "", &InstancePath::root(), inherited, false);
    walk.found
}

struct Walk<'s> {
    schema: &'s Schema,
    found: Vec<Constraint>,
    open: Vec<*const Value>,
}

/// Keywords whose value is a bound or a list, with the name of the part that carries their evidence.
const KEYWORDS: &[(&str, Rule, &[&str])] = &[
    ("enum", Rule::Enum, &["enum"]),
    ("minLength", Rule::MinLength, &["limits", "limit"]),
    ("maxLength", Rule::MaxLength, &["limits", "limit"]),
    ("pattern", Rule::Pattern, &["pattern"]),
    ("format", Rule::Format, &["format"]),
    ("minimum", Rule::Minimum, &["limits", "limit"]),
    ("maximum", Rule::Maximum, &["limits", "limit"]),
    ("exclusiveMinimum", Rule::ExclusiveMinimum, &["limits", "limit"]),
    ("exclusiveMaximum", Rule::ExclusiveMaximum, &["limits", "limit"]),
    ("multipleOf", Rule::MultipleOf, &["limits", "limit"]),
    ("minItems", Rule::MinItems, &["limits", "limit"]),
    ("maxItems", Rule::MaxItems, &["limits", "limit"]),
    ("minProperties", Rule::MinProperties, &["limits", "limit"]),
    ("maxProperties", Rule::MaxProperties, &["limits", "limit"]),
    ("not", Rule::Not, &["not"]),
];

impl<'s> Walk<'s> {
    /// `null_meant`: a schema of the same instance says `nullable` without a type.
    fn node(&mut self, node: &'s Value, pointer: &str, path: &InstancePath, inherited: Evidence, null_meant: bool) {
        let null_meant = null_meant || (node.get("nullable") == Some(&Value::Bool(true)) && node.get("type").is_none());
        if let Some(reference) = node.get("$ref").and_then(Value::as_str) {
            let target = reference.trim_start_matches('#');
            if let Some(definition) = self.schema.json().pointer(target) {
                self.node(definition, target, path, inherited, null_meant);
            }
            return;
        }
        if self.open.contains(&std::ptr::from_ref(node)) {
            return;
        }
        self.open.push(node);
        let mark = inherited.below(node);
        self.own(node, pointer, path, inherited, null_meant);
        if bites("properties", node.get("type")) {
            self.members(node, pointer, path, mark);
        }
        if let Some(items) = node.get("items").filter(|_| bites("items", node.get("type"))) {
            self.node(items, &format!("{pointer}/items"), &path.item(), mark, false);
        }
        for key in ["allOf", "oneOf", "anyOf"] {
            let Some(branches) = node.get(key).and_then(Value::as_array) else { continue };
            if key == "allOf" {
                for (index, branch) in branches.iter().enumerate() {
                    self.node(branch, &format!("{pointer}/{key}/{index}"), path, mark, null_meant);
                }
            } else {
                let rule = if key == "oneOf" { Rule::OneOf } else { Rule::AnyOf };
                self.add(path, rule, &node[key], &format!("{pointer}/{key}"), mark, None);
            }
        }
        self.open.pop();
    }

    fn own(&mut self, node: &'s Value, pointer: &str, path: &InstancePath, inherited: Evidence, null_meant: bool) {
        if let Some(kind) = node.get("type") {
            let mark = inherited.below_part(node, &["type"]);
            self.add(path, Rule::Type, kind, &format!("{pointer}/type"), mark, None);
            let null = kind.as_str() == Some("null")
                || kind.as_array().is_some_and(|kinds| kinds.iter().any(|kind| kind == "null"));
            if !null {
                // By the letter (OpenAPI 3.0.3, "Clarify Semantics of nullable") it says nothing there, but it was written.
                let open =
                    null_meant.then_some("`nullable` stands around the type, so that null may be meant to be valid");
                self.add(path, Rule::Nullable, kind, &format!("{pointer}/type"), mark, open);
            }
        }
        for (keyword, rule, parts) in KEYWORDS {
            let Some(value) = node.get(*keyword) else { continue };
            // A bound of numbers beside `type: string` binds nothing.
            if !bites(keyword, node.get("type")) {
                continue;
            }
            let open = (*rule == Rule::Enum && node.get("x-enum-complete") == Some(&Value::Bool(false)))
                .then_some("the list of values is not complete, so another value may be valid");
            self.add(path, *rule, value, &format!("{pointer}/{keyword}"), inherited.below_part(node, parts), open);
        }
        if node.get("uniqueItems") == Some(&Value::Bool(true)) {
            let mark = inherited.below_part(node, &["limits", "limit"]);
            self.add(path, Rule::UniqueItems, &node["uniqueItems"], &format!("{pointer}/uniqueItems"), mark, None);
        }
        if node.get("additionalProperties") == Some(&Value::Bool(false)) {
            let mark = inherited.below_part(node, &["additionalProperties"]);
            let place = format!("{pointer}/additionalProperties");
            self.add(path, Rule::AdditionalProperties, &node["additionalProperties"], &place, mark, None);
        }
    }

    fn members(&mut self, node: &'s Value, pointer: &str, path: &InstancePath, mark: Evidence) {
        if let Some(required) = node.get("required").and_then(Value::as_array) {
            let required_mark = mark.below_part(node, &["required"]);
            for (index, name) in required.iter().enumerate() {
                let text = name.as_str().unwrap_or_default();
                // A name that the specification only guesses cannot be demanded with certainty.
                let member = node.get("properties").and_then(|properties| properties.get(text));
                let named = member.map_or(Evidence::default(), |member| {
                    Evidence::part(self.schema.follow(member), &["name"]).unwrap_or_default()
                });
                let place = format!("{pointer}/required/{index}");
                self.add(&path.key(text), Rule::Required, name, &place, required_mark.and(named), None);
            }
        }
        let Some(properties) = node.get("properties").and_then(Value::as_object) else { return };
        for (name, member) in properties {
            let target = self.schema.follow(member);
            if self.schema.role == Role::Request && self.schema.flagged(member, "readOnly") {
                continue;
            }
            let named = Evidence::part(target, &["name"]).unwrap_or_default();
            let place = join(&format!("{pointer}/properties"), name);
            self.node(member, &place, &path.key(name), mark.and(named), false);
        }
    }

    fn add(
        &mut self,
        path: &InstancePath,
        rule: Rule,
        value: &Value,
        translated: &str,
        evidence: Evidence,
        open: Option<&'static str>,
    ) {
        // Two branches of an `allOf` may state the same thing of the same place; the first one speaks for both.
        if self.found.iter().any(|known| known.rule == rule && known.path == *path && known.value == *value) {
            return;
        }
        let pointer = self.schema.source(translated);
        self.found.push(Constraint { path: path.clone(), rule, value: value.clone(), pointer, evidence, open });
    }
}

/// Whether a keyword says anything about values of the declared type (JSON Schema validation, section 6).
fn bites(keyword: &str, kind: Option<&Value>) -> bool {
    let kinds: &[&str] = match keyword {
        "minLength" | "maxLength" | "pattern" | "format" => &["string", "integer", "number"],
        "minimum" | "maximum" | "exclusiveMinimum" | "exclusiveMaximum" | "multipleOf" => &["integer", "number"],
        "items" | "minItems" | "maxItems" | "uniqueItems" => &["array"],
        "properties" | "minProperties" | "maxProperties" => &["object"],
        _ => return true,
    };
    let fits = |kind: &Value| kind.as_str().is_some_and(|kind| kinds.contains(&kind));
    match kind {
        None => true,
        Some(Value::Array(several)) => several.iter().any(fits),
        Some(one) => fits(one),
    }
}
