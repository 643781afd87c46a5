//! The examples that a specification gives for a request: of parameters, of whole bodies, and of members.

use serde_json::Value;

use crate::contract::document::Document;
use crate::contract::model::{Media, MediaKind, Parameter, RequestBody};
use crate::contract::obligation::Location;
use crate::contract::pointer::{InstancePath, join};
use crate::contract::schema::Schema;
use crate::contract::security::ASSERTION;

/// A value that the specification shows. Nobody checked that it keeps its schema.
#[derive(Clone, Debug)]
pub struct Example {
    /// Where it may stand; the root of a body for a whole one.
    pub location: Location,
    /// The media type that it is an example of, for a whole body.
    pub media: Option<String>,
    /// The value.
    pub value: Value,
}

/// The values of `example` and `examples` of a node, each with its pointer and, where it has one, its name.
pub fn shown<'d>(document: &'d Document, pointer: &str) -> Vec<(String, Option<&'d str>, &'d Value)> {
    let Some(node) = document.node(pointer) else { return Vec::new() };
    let one = node.get("example").map(|value| (format!("{pointer}/example"), None, value));
    let several = node.get("examples").and_then(Value::as_object).into_iter().flatten().filter_map(|(name, _)| {
        let place = document.resolve(&join(&format!("{pointer}/examples"), name)).ok()?;
        let place = format!("{place}/value");
        Some((place.clone(), Some(name.as_str()), document.node(&place)?))
    });
    one.into_iter().chain(several).collect()
}

/// All examples of a request, whole bodies first. Those of envelopes and signed assertions are left out: they are made.
pub fn examples(document: &Document, parameters: &[Parameter], body: Option<&RequestBody>) -> Vec<Example> {
    let mut found = Vec::new();
    let media = || body.into_iter().flat_map(|body| &body.media).filter(|media| media.kind != MediaKind::Other);
    for media in media() {
        let root = Location::Body(InstancePath::root());
        let own = shown(document, &media.pointer).into_iter().map(|(_, _, value)| value);
        let inside = media.schema.iter().filter_map(|schema| document.node(&format!("{}/example", schema.pointer)));
        for value in own.chain(inside) {
            add(&mut found, &root, Some(&media.media_type), value);
        }
    }
    for parameter in parameters {
        let content = parameter.schema.pointer.strip_suffix("/schema").filter(|at| at.contains("/content/"));
        for pointer in
            [Some(parameter.pointer.as_str()), content, Some(&parameter.schema.pointer)].into_iter().flatten()
        {
            for (_, _, value) in shown(document, pointer) {
                add(&mut found, &parameter.location(), None, value);
            }
        }
    }
    for media in media() {
        members(document, media, &mut found);
    }
    found
}

fn add(found: &mut Vec<Example>, location: &Location, media: Option<&str>, value: &Value) {
    let known = |one: &Example| one.location == *location && one.media.as_deref() == media && one.value == *value;
    if !found.iter().any(known) {
        found.push(Example { location: location.clone(), media: media.map(str::to_owned), value: value.clone() });
    }
}

fn members(document: &Document, media: &Media, found: &mut Vec<Example>) {
    if let Some(schema) = media.schema.as_deref() {
        let made = media.sealed.iter().map(|sealed| &sealed.path).collect();
        let place =
            |path: InstancePath| if media.kind.has_fields() { Location::Form(path) } else { Location::Body(path) };
        let mut walk = Walk { document, schema, made, place: &place, open: Vec::new(), found };
        walk.node(schema.json(), String::new(), &InstancePath::root());
    }
    for sealed in &media.sealed {
        let place = |path: InstancePath| Location::Plaintext(sealed.path.clone(), path);
        let schema = sealed.plaintext.as_ref();
        let mut walk = Walk { document, schema, made: Vec::new(), place: &place, open: Vec::new(), found };
        walk.node(schema.json(), String::new(), &InstancePath::root());
    }
}

struct Walk<'s, 'f> {
    document: &'s Document,
    schema: &'s Schema,
    /// Places of envelopes.
    made: Vec<&'s InstancePath>,
    place: &'f dyn Fn(InstancePath) -> Location,
    open: Vec<*const Value>,
    found: &'f mut Vec<Example>,
}

impl<'s> Walk<'s, '_> {
    /// `pointer`: of the node in the translated schema. The translation leaves examples out, so that the file is asked.
    fn node(&mut self, node: &'s Value, mut pointer: String, path: &InstancePath) {
        let (mut node, mut hops) = (node, 0);
        while let (Some(reference), true) = (node.get("$ref").and_then(Value::as_str), hops < 32) {
            reference.trim_start_matches('#').clone_into(&mut pointer);
            let Some(target) = self.schema.json().pointer(&pointer) else { return };
            (node, hops) = (target, hops + 1);
        }
        if self.open.contains(&std::ptr::from_ref(node)) || self.made.contains(&path) || node.get(ASSERTION).is_some() {
            return;
        }
        self.open.push(node);
        let example = format!("{}/example", self.schema.source(&pointer));
        // The example of the root is one of a whole body.
        if let Some(value) = self.document.node(&example).filter(|_| !path.steps().is_empty()) {
            let place = (self.place)(path.clone());
            add(self.found, &place, None, value);
        }
        for (name, member) in node.get("properties").and_then(Value::as_object).into_iter().flatten() {
            if !self.schema.flagged(member, "readOnly") {
                self.node(member, join(&format!("{pointer}/properties"), name), &path.key(name));
            }
        }
        if let Some(items) = node.get("items") {
            self.node(items, format!("{pointer}/items"), &path.item());
        }
        for key in ["allOf", "oneOf", "anyOf"] {
            for (index, branch) in node.get(key).and_then(Value::as_array).into_iter().flatten().enumerate() {
                self.node(branch, format!("{pointer}/{key}/{index}"), path);
            }
        }
        self.open.pop();
    }
}
