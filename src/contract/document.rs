//! One specification file in memory: its value, its lines, its references.

mod position;

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Map, Value};

use self::position::Positions;
use super::error::{ContractError, Place};
use super::pointer::local_reference;
use crate::base::sha256_hex;

/// A parsed YAML or JSON file that remembers the line of every node.
#[derive(Clone, Debug)]
pub struct Document {
    /// The file as the user named it.
    pub path: PathBuf,
    /// SHA-256 of its bytes, hex.
    pub sha256: String,
    root: Value,
    positions: Positions,
    adopted: Vec<Adopted>,
}

/// A component that another file states.
#[derive(Clone, Debug)]
struct Adopted {
    /// JSON pointer here.
    to: String,
    /// JSON pointer there.
    from: String,
    path: PathBuf,
    positions: Positions,
}

impl Document {
    /// Reads and parses a file. `.json` is read as JSON, anything else as YAML.
    pub fn load(path: &Path) -> Result<Self, ContractError> {
        let text = fs::read_to_string(path).map_err(|source| ContractError::Read { path: path.to_owned(), source })?;
        Self::parse(path, &text)
    }

    /// Parses a text; `path` serves messages and the choice of the syntax.
    pub fn parse(path: &Path, text: &str) -> Result<Self, ContractError> {
        let json = path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("json"));
        let root = if json { parse_json(path, text)? } else { parse_yaml(path, text)? };
        Ok(Self {
            path: path.to_owned(),
            sha256: sha256_hex(text.as_bytes()),
            root,
            positions: Positions::read(text),
            adopted: Vec::new(),
        })
    }

    /// The whole document.
    pub fn root(&self) -> &Value {
        &self.root
    }

    /// The node at a JSON pointer.
    pub fn node(&self, pointer: &str) -> Option<&Value> {
        self.root.pointer(pointer)
    }

    /// Line of a node, or of the nearest one around it.
    pub fn line(&self, pointer: &str) -> Option<usize> {
        self.positions.line(pointer)
    }

    /// The file that states a node, and the line there, from 1.
    pub fn origin(&self, pointer: &str) -> (PathBuf, usize) {
        let inside = |one: &Adopted| pointer.strip_prefix(one.to.as_str()).map(|rest| format!("{}{rest}", one.from));
        match self.adopted.iter().find_map(|one| Some((one, inside(one)?))) {
            Some((one, pointer)) => (one.path.clone(), one.positions.line(&pointer).unwrap_or(1)),
            None => (self.path.clone(), self.line(pointer).unwrap_or(1)),
        }
    }

    /// Sets a member of the object at `pointer`.
    pub(super) fn set(&mut self, pointer: &str, name: &str, value: Value) {
        if let Some(Value::Object(members)) = self.root.pointer_mut(pointer) {
            members.insert(name.to_owned(), value);
        }
    }

    /// Takes a schema of another file in as a component; returns its pointer here.
    pub(super) fn adopt(&mut self, name: &str, schema: Value, source: &Self, from: &str) -> String {
        // No vendor names a component so.
        let name = format!("d1c-{name}");
        let to = super::pointer::join("/components/schemas", &name);
        if self.node(&to).is_none() {
            let path = source.path.clone();
            self.adopted.push(Adopted {
                to: to.clone(),
                from: from.to_owned(),
                path,
                positions: source.positions.clone(),
            });
            if let Value::Object(root) = &mut self.root {
                let components = root.entry("components").or_insert_with(|| Value::Object(Map::new()));
                if let Value::Object(components) = components {
                    let schemas = components.entry("schemas").or_insert_with(|| Value::Object(Map::new()));
                    if let Value::Object(schemas) = schemas {
                        schemas.insert(name, schema);
                    }
                }
            }
        }
        to
    }

    /// The place of a node, for messages.
    pub fn place(&self, pointer: &str) -> Place {
        Place { file: self.path.clone(), line: self.line(pointer), pointer: Some(pointer.to_owned()) }
    }

    /// An error at a node.
    pub(super) fn invalid(
        &self,
        pointer: &str,
        problem: impl Into<String>,
        remedy: impl Into<String>,
    ) -> ContractError {
        ContractError::Invalid { place: self.place(pointer), problem: problem.into(), remedy: remedy.into() }
    }

    /// Follows `$ref` from the node at `pointer` until a node without one; returns its pointer.
    pub(super) fn resolve(&self, pointer: &str) -> Result<String, ContractError> {
        let mut at = pointer.to_owned();
        for _ in 0..32 {
            let Some(reference) = self.node(&at).and_then(|node| node.get("$ref")).and_then(Value::as_str) else {
                return Ok(at);
            };
            let target = local_reference(reference).ok_or_else(|| {
                self.invalid(
                    &at,
                    format!("the reference `{reference}` leaves this file"),
                    "bundle the specification into one file first; only references that start with `#` are read",
                )
            })?;
            if self.node(&target).is_none() {
                return Err(self.invalid(
                    &at,
                    format!("the reference `{reference}` points to nothing"),
                    "define the component it names, or correct the name",
                ));
            }
            at = target;
        }
        Err(self.invalid(pointer, "the reference leads in a circle", "let one of the components be a real object"))
    }
}

fn parse_json(path: &Path, text: &str) -> Result<Value, ContractError> {
    serde_json::from_str(text).map_err(|error| ContractError::Syntax {
        place: Place { file: path.to_owned(), line: Some(error.line()), pointer: None },
        format: "JSON",
        problem: error.to_string(),
    })
}

fn parse_yaml(path: &Path, text: &str) -> Result<Value, ContractError> {
    let syntax = |line: Option<usize>, problem: String| ContractError::Syntax {
        place: Place { file: path.to_owned(), line, pointer: None },
        format: "YAML",
        problem,
    };
    let mut yaml: serde_yaml::Value = serde_yaml::from_str(text)
        .map_err(|error| syntax(error.location().map(|location| location.line()), error.to_string()))?;
    yaml.apply_merge().map_err(|error| syntax(None, error.to_string()))?;
    to_json(yaml).map_err(|problem| syntax(None, problem))
}

/// YAML to JSON: keys that are numbers or booleans become text, because `200:` is common in response lists.
fn to_json(yaml: serde_yaml::Value) -> Result<Value, String> {
    use serde_yaml::Value as Yaml;
    Ok(match yaml {
        Yaml::Null => Value::Null,
        Yaml::Bool(flag) => Value::Bool(flag),
        Yaml::Number(number) => serde_json::to_value(&number).map_err(|error| error.to_string())?,
        Yaml::String(text) => Value::String(text),
        Yaml::Sequence(items) => Value::Array(items.into_iter().map(to_json).collect::<Result<_, _>>()?),
        Yaml::Mapping(members) => Value::Object(
            members
                .into_iter()
                .map(|(key, value)| {
                    let key = match key {
                        Yaml::String(text) => text,
                        Yaml::Number(number) => number.to_string(),
                        Yaml::Bool(flag) => flag.to_string(),
                        Yaml::Null => "null".to_owned(),
                        _ => return Err("a mapping key is a list or a mapping".to_owned()),
                    };
                    Ok((key, to_json(value)?))
                })
                .collect::<Result<_, _>>()?,
        ),
        Yaml::Tagged(tagged) => to_json(tagged.value)?,
    })
}
