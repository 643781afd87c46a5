//! The places of a request that can be named: parameters, members of the body, and members of its clear texts.

use serde_json::Value;

use crate::contract::model::{MediaKind, Operation};
use crate::contract::pointer::InstancePath;
use crate::contract::schema::Schema;
use crate::contract::security::ASSERTION;

/// One place with what it must keep. A place that several branches or media types describe is listed once for each.
pub struct Field<'o> {
    /// As suites spell it: `path.cardId`, `body/accounts/*/currencyCode`, `body/encryptedData.plaintext/pan`.
    pub slot: String,
    /// Name of the parameter or member; for the items of a list, that of the list.
    pub name: String,
    /// True for the items of a list, which only their place tells from the list.
    pub item: bool,
    schema: &'o Schema,
    node: &'o Value,
}

impl Field<'_> {
    /// True when a value may stand here.
    pub fn fits(&self, value: &Value) -> bool {
        self.schema.fits(self.node, value)
    }
}

/// All places of an operation's request, those around others first. Texts that are made and not chosen are none:
/// envelopes and signed assertions.
pub fn fields(operation: &Operation) -> Vec<Field<'_>> {
    let parameter =
        |schema, slot, name: &str| Field { slot, name: name.to_owned(), item: false, schema, node: schema.json() };
    let mut found: Vec<Field> = operation
        .parameters
        .iter()
        .map(|own| parameter(&own.schema, format!("{}.{}", own.place.name(), own.name), &own.name))
        .collect();
    for media in operation.body.iter().flat_map(|body| &body.media).filter(|media| media.kind != MediaKind::Other) {
        let made: Vec<&InstancePath> = media.sealed.iter().map(|sealed| &sealed.path).collect();
        if let Some(schema) = media.schema.as_deref() {
            let mut walk = Walk { schema, prefix: "body".to_owned(), made, open: Vec::new(), found: &mut found };
            walk.node(schema.json(), &InstancePath::root());
        }
        for sealed in &media.sealed {
            let (schema, prefix) = (sealed.plaintext.as_ref(), format!("body{}.plaintext", sealed.path));
            let mut walk = Walk { schema, prefix, made: Vec::new(), open: Vec::new(), found: &mut found };
            walk.node(schema.json(), &InstancePath::root());
        }
    }
    found
}

/// How often a schema may stand inside of itself: recursive ones have no end, and drawn values are not deep.
const RECURSIONS: usize = 3;

/// More places than this are not listed.
const MOST: usize = 5_000;

struct Walk<'o, 'f> {
    schema: &'o Schema,
    prefix: String,
    /// Places of envelopes.
    made: Vec<&'o InstancePath>,
    open: Vec<*const Value>,
    found: &'f mut Vec<Field<'o>>,
}

impl<'o> Walk<'o, '_> {
    fn node(&mut self, node: &'o Value, path: &InstancePath) {
        let node = self.schema.follow(node);
        let around = self.open.iter().filter(|open| std::ptr::eq(**open, node)).count();
        if around >= RECURSIONS || self.found.len() >= MOST {
            return;
        }
        self.open.push(node);
        for (name, member) in node.get("properties").and_then(Value::as_object).into_iter().flatten() {
            if !self.schema.flagged(member, "readOnly") {
                self.member(member, &path.key(name), name, false);
            }
        }
        if let Some(items) = node.get("items") {
            let name = path.last_name().unwrap_or_default().to_owned();
            self.member(items, &path.item(), &name, true);
        }
        for branch in ["allOf", "oneOf", "anyOf"].iter().filter_map(|key| node.get(*key)?.as_array()).flatten() {
            self.node(branch, path);
        }
        self.open.pop();
    }

    fn member(&mut self, node: &'o Value, path: &InstancePath, name: &str, item: bool) {
        if self.made.contains(&path) || self.schema.follow(node).get(ASSERTION).is_some() {
            return;
        }
        let slot = format!("{}{path}", self.prefix);
        self.found.push(Field { slot, name: name.to_owned(), item, schema: self.schema, node });
        self.node(node, path);
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use serde_json::json;

    use super::fields;
    use crate::contract::{Contract, Document};

    const SPEC: &str = "\
openapi: 3.0.3
info: {title: t, version: '1'}
paths:
  /a/{id}:
    post:
      operationId: a
      parameters: [{name: id, in: path, required: true, schema: {type: string, maxLength: 3}}]
      requestBody:
        content:
          application/json: {schema: {$ref: '#/components/schemas/Card'}}
      responses: {'200': {description: ok}}
components:
  schemas:
    Card:
      type: object
      properties:
        own: {type: string, readOnly: true}
        tags: {type: array, items: {type: string}}
        sealed: {type: string, x-jwe-plaintext: '#/components/schemas/Clear'}
        inner: {$ref: '#/components/schemas/Card'}
      oneOf:
        - {properties: {a/b: {type: integer}}}
        - {properties: {a/b: {type: boolean}}}
    Clear: {type: object, properties: {pan: {type: string}}}
";

    #[test]
    fn places_are_listed_where_a_value_can_be_chosen() {
        let contract = Contract::read("t", Document::parse(Path::new("t.yaml"), SPEC).unwrap()).unwrap();
        let all = fields(&contract.operations[0]);
        let slots: Vec<&str> = all.iter().map(|field| field.slot.as_str()).collect();
        for slot in ["path.id", "body/tags", "body/tags/*", "body/inner/a~1b", "body/sealed.plaintext/pan"] {
            assert!(slots.contains(&slot), "{slot} in {slots:?}");
        }
        assert!(!slots.contains(&"body/sealed") && !slots.contains(&"body/own"), "{slots:?}");
        let fits = |slot: &str, value| all.iter().any(|field| field.slot == slot && field.fits(&value));
        assert!(fits("path.id", json!("abc")) && !fits("path.id", json!("abcd")));
        assert!(fits("body/a~1b", json!(1)) && fits("body/a~1b", json!(true)) && !fits("body/a~1b", json!("1")));
        assert!(fits("body/tags/*", json!("x")) && !fits("body/tags", json!("x")));
    }
}
