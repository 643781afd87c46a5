//! OpenAPI 3.0 schemas to JSON Schema 2020-12, once. OpenAPI 3.0 is not JSON Schema: `nullable`, boolean exclusive
//! bounds, `readOnly`/`writeOnly` and siblings of `$ref` mean something else there.
//!
//! The translation keeps the shape of the source: every node stays where it was, so that a JSON pointer into the
//! translated schema is a pointer into the source behind a known prefix.

use indexmap::IndexMap;
use serde_json::{Map, Value, json};

use super::document::Document;
use super::error::ContractError;
use super::pointer::{join, unescape};

/// Which side of a message a schema describes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Role {
    /// `readOnly` properties are not required, and not sent.
    Request,
    /// `writeOnly` properties are not required.
    Response,
}

/// A translated schema with the definitions that it reaches.
pub(super) struct Translated {
    /// JSON Schema with `$defs`.
    pub json: Value,
    /// Source pointer of each definition.
    pub definitions: IndexMap<String, String>,
}

/// Translates the schema at `pointer`.
pub(super) fn translate(document: &Document, pointer: &str, role: Role) -> Result<Translated, ContractError> {
    let mut translator = Translator { document, role, sources: IndexMap::new(), done: Map::new() };
    let mut json = translator.node(pointer)?;
    let mut next = 0;
    while let Some((name, source)) = translator.sources.get_index(next).map(|(n, s)| (n.clone(), s.clone())) {
        let definition = translator.node(&source)?;
        translator.done.insert(name, definition);
        next += 1;
    }
    if let Value::Object(root) = &mut json {
        root.insert("$schema".into(), json!("https://json-schema.org/draft/2020-12/schema"));
        if !translator.done.is_empty() {
            root.insert("$defs".into(), Value::Object(translator.done));
        }
    }
    Ok(Translated { json, definitions: translator.sources })
}

struct Translator<'d> {
    document: &'d Document,
    role: Role,
    sources: IndexMap<String, String>,
    done: Map<String, Value>,
}

impl Translator<'_> {
    fn node(&mut self, pointer: &str) -> Result<Value, ContractError> {
        let Some(Value::Object(source)) = self.document.node(pointer) else {
            return Err(self.document.invalid(
                pointer,
                "a schema must be a mapping",
                "write `type:`, `$ref:` or another schema keyword here",
            ));
        };
        if source.contains_key("$ref") {
            // Siblings of a reference are ignored in OpenAPI 3.0 ("Reference Object").
            let target = self.document.resolve(pointer)?;
            let name = definition_name(&target);
            self.sources.entry(name.clone()).or_insert(target);
            return Ok(json!({ "$ref": format!("#/$defs/{name}") }));
        }
        let mut node = Map::new();
        for (key, value) in source {
            let here = join(pointer, key);
            let translated = match (key.as_str(), value) {
                ("properties", Value::Object(members)) => self.members(&here, members)?,
                ("items" | "not", _) | ("additionalProperties", Value::Object(_)) => self.node(&here)?,
                ("allOf" | "anyOf" | "oneOf", Value::Array(branches)) => Value::Array(
                    (0..branches.len()).map(|index| self.node(&format!("{here}/{index}"))).collect::<Result<_, _>>()?,
                ),
                ("example" | "xml" | "externalDocs", _) => continue,
                _ => value.clone(),
            };
            node.insert(key.clone(), translated);
        }
        self.adapt(&mut node);
        Ok(Value::Object(node))
    }

    fn members(&mut self, pointer: &str, members: &Map<String, Value>) -> Result<Value, ContractError> {
        let mut translated = Map::new();
        for name in members.keys() {
            translated.insert(name.clone(), self.node(&join(pointer, name))?);
        }
        Ok(Value::Object(translated))
    }

    fn adapt(&self, node: &mut Map<String, Value>) {
        self.adapt_type(node);
        adapt_exclusive(node, "exclusiveMinimum", "minimum");
        adapt_exclusive(node, "exclusiveMaximum", "maximum");
        match node.get("format").and_then(Value::as_str) {
            Some("int32") => clamp(node, i64::from(i32::MIN), i64::from(i32::MAX)),
            Some("int64") => clamp(node, i64::MIN, i64::MAX),
            _ => {}
        }
        // An open list of values binds the sender, who may use the known ones; of a receiver it proves nothing.
        if self.role == Role::Response && node.get("x-enum-complete") == Some(&Value::Bool(false)) {
            node.shift_remove("enum");
        }
        self.adapt_required(node);
    }

    fn adapt_type(&self, node: &mut Map<String, Value>) {
        if self.role == Role::Response
            && let Some(tolerated) = node.get("x-tolerated-types").filter(|types| types.is_array()).cloned()
        {
            node.insert("type".into(), tolerated);
        }
        if node.get("nullable") == Some(&Value::Bool(true))
            && let Some(Value::String(kind)) = node.get("type")
        {
            let kinds = json!([kind, "null"]);
            node.insert("type".into(), kinds);
        }
    }

    /// A property that this side never sends cannot be required of it.
    fn adapt_required(&self, node: &mut Map<String, Value>) {
        let flag = match self.role {
            Role::Request => "readOnly",
            Role::Response => "writeOnly",
        };
        let Some(Value::Array(required)) = node.get("required") else { return };
        let kept: Vec<Value> = required
            .iter()
            .filter(|name| {
                let property = name.as_str().and_then(|name| node.get("properties")?.get(name));
                !property.is_some_and(|property| self.flagged(property, flag))
            })
            .cloned()
            .collect();
        if kept.len() < required.len() {
            node.insert("required".into(), Value::Array(kept));
        }
    }

    fn flagged(&self, property: &Value, flag: &str) -> bool {
        let target = property
            .get("$ref")
            .and_then(Value::as_str)
            .and_then(|reference| self.sources.get(reference.trim_start_matches("#/$defs/")))
            .and_then(|source| self.document.node(source));
        target.unwrap_or(property).get(flag) == Some(&Value::Bool(true))
    }
}

/// `exclusiveMinimum: true` beside `minimum: 3` becomes `exclusiveMinimum: 3`.
fn adapt_exclusive(node: &mut Map<String, Value>, exclusive: &str, bound: &str) {
    match node.get(exclusive) {
        Some(Value::Bool(true)) => {
            if let Some(limit) = node.shift_remove(bound) {
                node.insert(exclusive.into(), limit);
            } else {
                node.shift_remove(exclusive);
            }
        }
        Some(Value::Bool(false)) => {
            node.shift_remove(exclusive);
        }
        _ => {}
    }
}

/// The range of a fixed-width integer, where no narrower bound stands.
fn clamp(node: &mut Map<String, Value>, low: i64, high: i64) {
    if !node.contains_key("minimum") && !node.contains_key("exclusiveMinimum") {
        node.insert("minimum".into(), json!(low));
    }
    if !node.contains_key("maximum") && !node.contains_key("exclusiveMaximum") {
        node.insert("maximum".into(), json!(high));
    }
}

/// A definition key without slashes, readable for components.
fn definition_name(pointer: &str) -> String {
    let plain = pointer.strip_prefix("/components/schemas/").unwrap_or(pointer);
    plain
        .split('/')
        .filter(|token| !token.is_empty())
        .map(unescape)
        .collect::<Vec<_>>()
        .join(".")
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_') { c } else { '_' })
        .collect()
}
