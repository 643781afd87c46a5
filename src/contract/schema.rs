//! One schema, translated and compiled once; generation and judging share it.

use indexmap::IndexMap;
use jsonschema::error::ValidationErrorKind;
use serde_json::Value;

use super::document::Document;
use super::error::ContractError;
use super::evidence::Evidence;
use super::fitting::Fitting;
use super::translate::{Role, translate};

/// A compiled schema that knows where it stands in its file.
pub struct Schema {
    json: Value,
    validator: jsonschema::Validator,
    definitions: IndexMap<String, String>,
    parts: Fitting,
    /// JSON pointer of the schema in its file.
    pub pointer: String,
    /// Request or response.
    pub role: Role,
}

impl std::fmt::Debug for Schema {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Schema").field("pointer", &self.pointer).field("role", &self.role).finish_non_exhaustive()
    }
}

/// One way in which an instance breaks a schema.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Breach {
    /// JSON pointer into the instance. For a missing property: of the property itself.
    pub instance: String,
    /// The schema keyword, as JSON Schema spells it (`maxLength`).
    pub keyword: String,
    /// JSON pointer of the keyword in the specification file.
    pub pointer: String,
    /// What is wrong, without the value.
    pub message: String,
}

impl Schema {
    /// Translates and compiles the schema at `pointer` of a document.
    pub fn compile(document: &Document, pointer: &str, role: Role) -> Result<Self, ContractError> {
        let mut translated = translate(document, pointer, role)?;
        let mut built = build(&translated.json);
        if built.is_err() {
            // A pattern that the engine cannot read is not judged; `lint` tells. Anything else stays an error.
            drop_unreadable_patterns(&mut translated.json);
            built = build(&translated.json);
        }
        let validator = built.map_err(|error| {
            let place = locate(&translated.definitions, pointer, error.instance_path().as_str());
            document.invalid(
                &place,
                format!("the schema cannot be compiled: {}", error.masked()),
                "correct the keyword there",
            )
        })?;
        Ok(Self {
            json: translated.json,
            validator,
            definitions: translated.definitions,
            parts: Fitting::default(),
            pointer: pointer.to_owned(),
            role,
        })
    }

    /// The translated schema, with `$defs`.
    pub fn json(&self) -> &Value {
        &self.json
    }

    /// Follows `$ref` inside the translated schema.
    pub fn follow<'s>(&'s self, node: &'s Value) -> &'s Value {
        let mut node = node;
        // References that lead in a circle say nothing, and must not be followed for ever.
        for _ in 0..64 {
            let Some(reference) = node.get("$ref").and_then(Value::as_str) else { break };
            match self.target(reference.trim_start_matches('#')) {
                Some(target) => node = target,
                None => break,
            }
        }
        node
    }

    /// The node at a pointer. Nearly all lead to a definition, and are followed so often that a general pointer, which is
    /// taken apart into texts first, would cost too much.
    fn target(&self, pointer: &str) -> Option<&Value> {
        match pointer.strip_prefix("/$defs/") {
            Some(name) if !name.contains(['/', '~']) => self.json.get("$defs")?.get(name),
            _ => self.json.pointer(pointer),
        }
    }

    /// True when the instance keeps one node of this schema.
    pub fn fits(&self, node: &Value, instance: &Value) -> bool {
        if std::ptr::eq(node, &raw const self.json) {
            return self.accepts(instance);
        }
        self.parts.fits(&self.json, self.follow(node), instance)
    }

    /// True when a node carries a flag such as `readOnly`: itself, beside or behind its reference, or in a
    /// part of its `allOf`.
    pub fn flagged(&self, node: &Value, flag: &str) -> bool {
        self.flagged_at(node, flag, 0)
    }

    fn flagged_at(&self, node: &Value, flag: &str, depth: usize) -> bool {
        if node.get(flag) == Some(&Value::Bool(true)) {
            return true;
        }
        let node = self.follow(node);
        let parts = || node.get("allOf").and_then(Value::as_array).into_iter().flatten();
        node.get(flag) == Some(&Value::Bool(true))
            || (depth < 8 && parts().any(|part| self.flagged_at(part, flag, depth + 1)))
    }

    /// Pointer in the specification file for a pointer into the translated schema.
    pub fn source(&self, translated: &str) -> String {
        locate(&self.definitions, &self.pointer, translated)
    }

    /// True when the instance keeps the schema.
    pub fn accepts(&self, instance: &Value) -> bool {
        self.validator.is_valid(instance)
    }

    /// All breaches, in the validator's order.
    pub fn judge(&self, instance: &Value) -> Vec<Breach> {
        let mut breaches = Vec::new();
        for error in self.validator.iter_errors(instance) {
            let at = error.instance_path().as_str();
            let breach = |instance: String| Breach {
                instance,
                keyword: error.kind().keyword().to_owned(),
                pointer: self.source(error.schema_path().as_str()),
                message: error.masked().to_string(),
            };
            match error.kind() {
                ValidationErrorKind::Required { property } => {
                    breaches.push(breach(super::pointer::join(at, property.as_str().unwrap_or_default())));
                }
                _ => breaches.push(breach(at.to_owned())),
            }
        }
        breaches
    }

    /// The weakest mark among the properties that an instance uses: an answer to a request that rests on an assumed
    /// field proves less than one that rests on documented fields alone.
    pub fn evidence_of(&self, instance: &Value) -> Evidence {
        self.weakest(&self.json, instance, 0)
    }

    fn weakest(&self, node: &Value, instance: &Value, depth: usize) -> Evidence {
        let node = self.follow(node);
        let mut mark = Evidence::default().below(node);
        if depth > 32 || mark == Evidence::Inferred {
            return mark;
        }
        for branch in ["allOf", "oneOf", "anyOf"].iter().filter_map(|key| node.get(key)?.as_array()).flatten() {
            mark = mark.and(self.weakest(branch, instance, depth + 1));
        }
        match instance {
            Value::Object(members) => {
                for (name, member) in members {
                    if let Some(property) = node.get("properties").and_then(|properties| properties.get(name)) {
                        let name_mark = Evidence::part(self.follow(property), &["name"]).unwrap_or_default();
                        mark = mark.and(name_mark).and(self.weakest(property, member, depth + 1));
                    }
                }
            }
            Value::Array(items) => {
                if let Some(schema) = node.get("items") {
                    for item in items {
                        mark = mark.and(self.weakest(schema, item, depth + 1));
                    }
                }
            }
            _ => {}
        }
        mark
    }
}

pub(super) fn build(json: &Value) -> Result<jsonschema::Validator, jsonschema::ValidationError<'static>> {
    jsonschema::options()
        .with_draft(jsonschema::Draft::Draft202012)
        .should_validate_formats(true)
        .should_ignore_unknown_formats(true)
        .build(json)
}

/// Whether a text matches an ECMA-262 pattern, as judging understands it; `None` when the pattern cannot be read.
pub fn pattern_matches(pattern: &str, texts: &[&str]) -> Option<Vec<bool>> {
    let validator = build(&serde_json::json!({ "pattern": pattern })).ok()?;
    Some(texts.iter().map(|text| validator.is_valid(&Value::from(*text))).collect())
}

/// Takes out the patterns that cannot be read. They stay visible under a key that means nothing.
fn drop_unreadable_patterns(node: &mut Value) {
    match node {
        Value::Object(members) => {
            let pattern = members.get("pattern").and_then(Value::as_str).map(str::to_owned);
            if let Some(pattern) = pattern.filter(|pattern| pattern_matches(pattern, &[]).is_none()) {
                members.shift_remove("pattern");
                members.insert("x-unreadable-pattern".to_owned(), Value::String(pattern));
            }
            members.values_mut().for_each(drop_unreadable_patterns);
        }
        Value::Array(items) => items.iter_mut().for_each(drop_unreadable_patterns),
        _ => {}
    }
}

fn locate(definitions: &IndexMap<String, String>, root: &str, translated: &str) -> String {
    if let Some(rest) = translated.strip_prefix("/$defs/") {
        let (name, rest) = rest.split_once('/').map_or((rest, String::new()), |(n, r)| (n, format!("/{r}")));
        if let Some(source) = definitions.get(name) {
            return format!("{source}{rest}");
        }
    }
    format!("{root}{translated}")
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use serde_json::{Value, json};

    use super::super::{Document, Role};
    use super::Schema;

    fn schema(yaml: &str, role: Role) -> Schema {
        let document = Document::parse(Path::new("t.yaml"), yaml).expect("yaml");
        Schema::compile(&document, "/s", role).expect("schema")
    }

    fn keywords(schema: &Schema, instance: &Value) -> Vec<(String, String)> {
        schema.judge(instance).into_iter().map(|breach| (breach.keyword, breach.pointer)).collect()
    }

    #[test]
    fn nullable_and_exclusive_bounds_are_those_of_openapi() {
        let schema = schema("s: {type: integer, nullable: true, minimum: 3, exclusiveMinimum: true}", Role::Request);
        assert!(schema.accepts(&Value::Null));
        assert!(schema.accepts(&json!(4)));
        assert!(!schema.accepts(&json!(3)));
        assert!(!schema.accepts(&json!("4")));
    }

    #[test]
    fn read_only_properties_are_required_of_responses_only() {
        let yaml = "s:\n  type: object\n  required: [id, name]\n  properties:\n    id: {type: string, readOnly: true}\n    name: {type: string}\n";
        assert!(schema(yaml, Role::Request).accepts(&json!({"name": "a"})));
        assert!(!schema(yaml, Role::Response).accepts(&json!({"name": "a"})));
    }

    #[test]
    fn breaches_name_their_place_in_the_file_through_references() {
        let yaml = "s:\n  type: object\n  required: [a]\n  properties:\n    a: {$ref: '#/d'}\nd: {type: string, maxLength: 2}\n";
        let schema = schema(yaml, Role::Request);
        assert_eq!(keywords(&schema, &json!({"a": "abc"})), [("maxLength".into(), "/d/maxLength".into())]);
        assert_eq!(keywords(&schema, &json!({})), [("required".into(), "/s/required".into())]);
        assert_eq!(schema.judge(&json!({}))[0].instance, "/a");
    }

    #[test]
    fn recursive_schemas_compile() {
        let yaml = "s:\n  $ref: '#/n'\nn:\n  type: object\n  properties:\n    next: {$ref: '#/n'}\n    v: {type: integer, format: int32}\n";
        let schema = schema(yaml, Role::Request);
        assert!(schema.accepts(&json!({"next": {"next": {"v": 1}}})));
        assert!(!schema.accepts(&json!({"next": {"next": {"v": 2_147_483_648_i64}}})));
    }

    #[test]
    fn unknown_formats_are_never_violated_and_known_ones_are() {
        assert!(schema("s: {type: string, format: iban}", Role::Request).accepts(&json!("x")));
        assert!(!schema("s: {type: string, format: date-time}", Role::Request).accepts(&json!("x")));
    }
}
