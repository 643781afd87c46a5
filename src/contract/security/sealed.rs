//! Finds the members of a body whose text is a JWE. OpenAPI 3.0 cannot say it; the extension `x-jwe-plaintext` does, and
//! names the schema of the clear text.

use serde_json::Value;

use crate::contract::evidence::Evidence;
use crate::contract::pointer::{InstancePath, join};
use crate::contract::schema::Schema;

/// The mark of a JWE: names the schema of the clear text.
pub(super) const ENVELOPE: &str = "x-jwe-plaintext";

/// Whose key it is encrypted for.
pub(super) const RECIPIENT: &str = "x-jwe-recipient";

/// The mark of a signed assertion.
pub const ASSERTION: &str = "x-jws-content";

/// A marked member of a schema.
pub struct Marked {
    /// Where it stands in an instance.
    pub path: InstancePath,
    /// JSON pointer of the mark in the specification file.
    pub pointer: String,
    /// What the mark says: a reference to a schema of the same file.
    pub reference: String,
    /// `x-jwe-recipient`.
    pub recipient: String,
    /// Mark of the member.
    pub evidence: Evidence,
}

/// Depth at which the search ends, so that recursive schemas do.
const DEPTH: usize = 12;

/// All marked members, in the order of the schema. Branches of `oneOf` and `anyOf` are not entered.
pub fn marked_members(schema: &Schema) -> Vec<Marked> {
    let mut found = Vec::new();
    visit(schema, schema.json(), "", &InstancePath::root(), Evidence::default(), &mut found, 0);
    found
}

fn visit(
    schema: &Schema,
    node: &Value,
    pointer: &str,
    path: &InstancePath,
    inherited: Evidence,
    found: &mut Vec<Marked>,
    depth: usize,
) {
    if depth > DEPTH {
        return;
    }
    if let Some(reference) = node.get("$ref").and_then(Value::as_str) {
        let target = reference.trim_start_matches('#');
        if let Some(definition) = schema.json().pointer(target) {
            visit(schema, definition, target, path, inherited, found, depth + 1);
        }
        return;
    }
    let mark = inherited.below(node);
    if let Some(reference) = node.get(ENVELOPE).and_then(Value::as_str)
        && found.iter().all(|known| known.path != *path)
    {
        found.push(Marked {
            path: path.clone(),
            pointer: schema.source(&format!("{pointer}/{ENVELOPE}")),
            reference: reference.to_owned(),
            recipient: node.get(RECIPIENT).and_then(Value::as_str).unwrap_or_default().to_owned(),
            evidence: mark,
        });
    }
    for (name, member) in node.get("properties").and_then(Value::as_object).into_iter().flatten() {
        let place = join(&format!("{pointer}/properties"), name);
        visit(schema, member, &place, &path.key(name), mark, found, depth + 1);
    }
    if let Some(items) = node.get("items") {
        visit(schema, items, &format!("{pointer}/items"), &path.item(), mark, found, depth + 1);
    }
    for (index, branch) in node.get("allOf").and_then(Value::as_array).into_iter().flatten().enumerate() {
        visit(schema, branch, &format!("{pointer}/allOf/{index}"), path, mark, found, depth + 1);
    }
}

/// JSON pointer of the mark that some member is a signed assertion (`x-jws-content`), if there is one.
pub fn assertion_mark(schema: &Schema) -> Option<String> {
    let node = schema.follow(schema.json());
    let members = node.get("properties").and_then(Value::as_object)?;
    let (name, _) = members.iter().find(|(_, member)| schema.follow(member).get(ASSERTION).is_some())?;
    Some(join(&format!("{}/properties", schema.pointer), name))
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use crate::contract::{Contract, Document};

    const SPEC: &str = r"
openapi: 3.0.3
info: {title: t, version: '1'}
paths:
  /a:
    post:
      operationId: a
      requestBody:
        content:
          application/json:
            schema:
              allOf:
                - $ref: '#/components/schemas/Card'
      responses: {'200': {description: d}}
components:
  schemas:
    Card:
      type: object
      properties:
        sealed:
          type: string
          x-evidence: inferred
          x-jwe-plaintext: '#/components/schemas/Clear'
          x-jwe-recipient: d1
        list:
          type: array
          items: {type: string, x-jwe-plaintext: 'PLACE'}
    Clear: {type: object, required: [pan], properties: {pan: {type: string}}}
";

    #[test]
    fn marked_members_are_found_with_their_clear_text() {
        let text = SPEC.replace("PLACE", "#/components/schemas/Clear");
        let contract = Contract::read("t", Document::parse(Path::new("t.yaml"), &text).unwrap()).unwrap();
        let sealed = &contract.operations[0].body.as_ref().unwrap().media[0].sealed;
        let places: Vec<String> = sealed.iter().map(|one| one.path.to_string()).collect();
        assert_eq!(places, ["/sealed", "/list/*"]);
        assert!(sealed[0].for_d1 && !sealed[1].for_d1);
        assert_eq!(sealed[0].pointer, "/components/schemas/Card/properties/sealed/x-jwe-plaintext");
        assert!(!sealed[0].plaintext.accepts(&serde_json::json!({})));
    }

    #[test]
    fn a_mark_that_names_nothing_is_an_error_with_its_place() {
        let text = SPEC.replace("PLACE", "#/components/schemas/Nothing");
        let error = Contract::read("t", Document::parse(Path::new("t.yaml"), &text).unwrap()).unwrap_err();
        assert!(error.to_string().contains("Nothing"), "{error}");
    }
}
