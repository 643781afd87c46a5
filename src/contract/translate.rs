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
    let mut translator = Translator { document, role, sources: IndexMap::new() };
    let mut json = translator.node(pointer, &[])?;
    let mut done = Map::new();
    while let Some((name, definition)) = translator.sources.get_index(done.len()) {
        let (name, definition) = (name.clone(), definition.clone());
        done.insert(name, translator.node(&definition.pointer, &definition.unsent)?);
    }
    if let Value::Object(root) = &mut json {
        root.insert("$schema".into(), json!("https://json-schema.org/draft/2020-12/schema"));
        if !done.is_empty() {
            root.insert("$defs".into(), Value::Object(done));
        }
    }
    let definitions = translator.sources.into_iter().map(|(name, definition)| (name, definition.pointer)).collect();
    Ok(Translated { json, definitions })
}

/// What a reference leads to.
#[derive(Clone, PartialEq, Eq)]
struct Definition {
    pointer: String,
    /// Properties that schemas beside the reference say are never sent by this side, although this one requires them.
    unsent: Vec<String>,
}

struct Translator<'d> {
    document: &'d Document,
    role: Role,
    sources: IndexMap<String, Definition>,
}

/// Levels of `allOf` and references that are looked through for flags and lists.
const LEVELS: usize = 8;

impl Translator<'_> {
    /// `unsent`: properties that schemas of the same instance say are never sent by this side.
    fn node(&mut self, pointer: &str, unsent: &[String]) -> Result<Value, ContractError> {
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
            let name = self.definition(target, unsent);
            let mut node = Map::from_iter([("$ref".to_owned(), json!(format!("#/$defs/{name}")))]);
            // Files that write these there mean them. To leave a member out on their word is wrong for nobody, and `walk`
            // says where a null proves nothing.
            let flags = ["readOnly", "writeOnly", "nullable"].iter().filter_map(|key| source.get_key_value(*key));
            node.extend(flags.map(|(key, flag)| (key.clone(), flag.clone())));
            return Ok(Value::Object(node));
        }
        let mut unsent = unsent.to_vec();
        self.find_unsent(pointer, 0, &mut unsent);
        let mut node = Map::new();
        for (key, value) in source {
            let here = join(pointer, key);
            let translated = match (key.as_str(), value) {
                ("properties", Value::Object(members)) => self.members(&here, members)?,
                ("items" | "not", _) | ("additionalProperties", Value::Object(_)) => self.node(&here, &[])?,
                ("allOf" | "anyOf" | "oneOf", Value::Array(branches)) => {
                    let branch = |index: usize| self.node(&format!("{here}/{index}"), &unsent);
                    Value::Array((0..branches.len()).map(branch).collect::<Result<_, _>>()?)
                }
                ("required", Value::Array(names)) => {
                    let sent = |name: &&Value| !unsent.iter().any(|unsent| *name == unsent);
                    Value::Array(names.iter().filter(sent).cloned().collect())
                }
                ("example" | "xml" | "externalDocs", _) => continue,
                _ => value.clone(),
            };
            node.insert(key.clone(), translated);
        }
        self.adapt(&mut node);
        Ok(Value::Object(node))
    }

    /// The key of the definition at `target`: one for each way in which it is needed.
    fn definition(&mut self, target: String, unsent: &[String]) -> String {
        let mut required = Vec::new();
        if !unsent.is_empty() {
            self.find_required(&target, 0, &mut required);
        }
        let unsent = unsent.iter().filter(|name| required.contains(name)).cloned().collect();
        let wanted = Definition { pointer: target, unsent };
        let plain = definition_name(&wanted.pointer);
        let mut name = plain.clone();
        // Two places may have one readable name.
        for number in 2.. {
            match self.sources.get(&name) {
                Some(known) if *known != wanted => name = format!("{plain}.{number}"),
                _ => break,
            }
        }
        self.sources.entry(name.clone()).or_insert(wanted);
        name
    }

    /// Adds the properties that a schema, or a part of its `allOf`, says are never sent by this side.
    fn find_unsent(&self, pointer: &str, level: usize, found: &mut Vec<String>) {
        let flag = match self.role {
            Role::Request => "readOnly",
            Role::Response => "writeOnly",
        };
        self.in_parts(pointer, level, &mut |translator, pointer, node| {
            for name in node.get("properties").and_then(Value::as_object).into_iter().flat_map(Map::keys) {
                let member = join(&format!("{pointer}/properties"), name);
                if !found.contains(name) && translator.flagged(&member, flag) {
                    found.push(name.clone());
                }
            }
        });
    }

    fn find_required(&self, pointer: &str, level: usize, found: &mut Vec<String>) {
        self.in_parts(pointer, level, &mut |_, _, node| {
            let names = node.get("required").and_then(Value::as_array).into_iter().flatten();
            found.extend(names.filter_map(Value::as_str).map(str::to_owned));
        });
    }

    fn flagged(&self, pointer: &str, flag: &str) -> bool {
        let mut flagged = self.document.node(pointer).and_then(|node| node.get(flag)) == Some(&Value::Bool(true));
        self.in_parts(pointer, 0, &mut |_, _, node| flagged |= node.get(flag) == Some(&Value::Bool(true)));
        flagged
    }

    /// Shows the schema at `pointer` and the parts of its `allOf`, with their pointers, behind all references.
    fn in_parts(&self, pointer: &str, level: usize, see: &mut dyn FnMut(&Self, &str, &Value)) {
        let Ok(place) = self.document.resolve(pointer) else { return };
        let Some(node) = self.document.node(&place).filter(|_| level < LEVELS) else { return };
        see(self, &place, node);
        for index in 0..node.get("allOf").and_then(Value::as_array).map_or(0, Vec::len) {
            self.in_parts(&format!("{place}/allOf/{index}"), level + 1, see);
        }
    }

    fn members(&mut self, pointer: &str, members: &Map<String, Value>) -> Result<Value, ContractError> {
        let mut translated = Map::new();
        for name in members.keys() {
            translated.insert(name.clone(), self.node(&join(pointer, name), &[])?);
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
    let stands = |keys: [&str; 2], narrower: &dyn Fn(f64) -> bool| {
        keys.iter().any(|key| node.get(*key).and_then(Value::as_f64).is_some_and(narrower))
    };
    #[expect(clippy::cast_precision_loss, reason = "bounds near the end of the range bind as the range does")]
    let (least, most) = (low as f64, high as f64);
    let narrow_below = stands(["minimum", "exclusiveMinimum"], &|limit| limit >= least);
    let narrow_above = stands(["maximum", "exclusiveMaximum"], &|limit| limit <= most);
    if !narrow_below {
        node.insert("minimum".into(), json!(low));
    }
    if !narrow_above {
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
