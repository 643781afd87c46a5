//! Puts the catalogue's marks into a file that lacks them. OpenAPI cannot say that a member is a JWE or a signed assertion,
//! and the vendor's files do not; without the marks a card number would be sent in clear, and refused for it.

use std::collections::HashMap;

use serde::Deserialize;
use serde_json::Value;

use super::sealed::{ASSERTION, ENVELOPE, RECIPIENT};
use crate::contract::document::Document;
use crate::contract::model::{MediaKind, PathTemplate};
use crate::contract::pointer::join;

/// Where a member of an operation is more than its schema says.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Mark {
    /// Name of the operation in the catalogue.
    pub operation: String,
    /// `request`, or the status of an answer.
    pub place: String,
    /// Name of the member of the JSON or form body.
    pub member: String,
    /// Name of the clear text's schema in the catalogue, for a JWE.
    pub jwe: Option<String>,
    /// Whose key it is encrypted for: `d1` or `issuer`.
    pub recipient: Option<String>,
    /// True for a signed assertion.
    #[serde(default)]
    pub assertion: bool,
}

/// Schemas of clear texts, from the catalogue.
pub struct ClearTexts<'c> {
    /// The catalogue itself, so that findings name the line.
    pub document: &'c Document,
    /// JSON pointer of their list.
    pub pointer: &'c str,
}

/// Marks the members that are not marked. `places` holds `METHOD /path` by the name of the operation.
pub fn graft(
    document: &mut Document,
    marks: &[Mark],
    places: impl Fn(&str) -> Option<String>,
    clear_texts: &ClearTexts<'_>,
) {
    let operations = operations(document);
    for mark in marks {
        let Some(operation) = places(&mark.operation).and_then(|place| operations.get(&shape(&place)).cloned()) else {
            continue;
        };
        for member in members(document, &operation, mark) {
            let own = document.node(&member);
            if own.is_some_and(|node| node.get(ENVELOPE).is_some() || node.get(ASSERTION).is_some()) {
                continue;
            }
            if mark.assertion {
                document.set(&member, ASSERTION, Value::Bool(true));
            }
            let Some(name) = &mark.jwe else { continue };
            let from = join(clear_texts.pointer, name);
            let Some(schema) = clear_texts.document.node(&from).cloned() else { continue };
            let to = document.adopt(name, schema, clear_texts.document, &from);
            document.set(&member, ENVELOPE, Value::String(format!("#{to}")));
            if let Some(recipient) = &mark.recipient {
                document.set(&member, RECIPIENT, Value::String(recipient.clone()));
            }
        }
    }
}

/// JSON pointers of all operations by the shape of their place.
fn operations(document: &Document) -> HashMap<String, String> {
    let paths = document.node("/paths").and_then(Value::as_object).into_iter().flatten();
    paths
        .flat_map(|(path, item)| {
            let methods = item.as_object().into_iter().flat_map(|methods| methods.keys());
            methods.map(move |method| (shape(&format!("{method} {path}")), join(&join("/paths", path), method)))
        })
        .collect()
}

fn shape(place: &str) -> String {
    let (method, path) = place.split_once(' ').unwrap_or(("", place));
    format!("{} {}", method.to_ascii_uppercase(), PathTemplate::new(path).shape())
}

/// JSON pointers of the member in every media type of the body.
fn members(document: &Document, operation: &str, mark: &Mark) -> Vec<String> {
    let body = match mark.place.as_str() {
        "request" => format!("{operation}/requestBody"),
        status => format!("{operation}/responses/{status}"),
    };
    let Ok(body) = document.resolve(&body) else { return Vec::new() };
    let content = format!("{body}/content");
    let types = document.node(&content).and_then(Value::as_object).into_iter().flat_map(|types| types.keys());
    types
        .filter(|media| MediaKind::of(media) != MediaKind::Other)
        .filter_map(|media| member(document, &format!("{}/schema", join(&content, media)), &mark.member, 0))
        .collect()
}

/// JSON pointer of a property of the schema at `pointer`, also behind references and inside `allOf`.
fn member(document: &Document, pointer: &str, name: &str, depth: usize) -> Option<String> {
    let pointer = document.resolve(pointer).ok().filter(|_| depth < 8)?;
    let own = join(&format!("{pointer}/properties"), name);
    if document.node(&own).is_some() {
        return document.resolve(&own).ok();
    }
    let branches = document.node(&pointer)?.get("allOf")?.as_array()?.len();
    (0..branches).find_map(|index| member(document, &format!("{pointer}/allOf/{index}"), name, depth + 1))
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use crate::contract::{Catalog, obligations};

    /// The bundled files carry the marks themselves; the catalogue must say the same.
    #[test]
    fn marks_of_the_catalogue_are_those_of_the_bundled_files() {
        let specs = Path::new(env!("CARGO_MANIFEST_DIR")).join("specs");
        let catalog = Catalog::load(&specs).unwrap();
        for entry in catalog.entries.iter().filter(|entry| entry.core) {
            let bundled = ids(&catalog, &entry.name);
            let folder = tempfile::tempdir().unwrap();
            let strip = |text: &str| {
                let marks = ["x-jwe-plaintext", "x-jwe-recipient", "x-jws-content"];
                let lines = text.lines().filter(|line| !marks.iter().any(|mark| line.trim().starts_with(mark)));
                lines.collect::<Vec<_>>().join("\n")
            };
            std::fs::copy(specs.join("catalog.yaml"), folder.path().join("catalog.yaml")).unwrap();
            let text = std::fs::read_to_string(catalog.path(entry)).unwrap();
            std::fs::write(folder.path().join(&entry.file), strip(&text)).unwrap();
            let stripped = ids(&Catalog::load(folder.path()).unwrap(), &entry.name);
            assert_eq!(bundled, stripped, "{}", entry.name);
        }
    }

    /// Duties with their evidence.
    fn ids(catalog: &Catalog, name: &str) -> Vec<String> {
        let contract = catalog.contract(catalog.entry(name).unwrap()).unwrap();
        let all = contract.operations.iter().flat_map(|operation| {
            [obligations(&contract, operation), crate::contract::response_obligations(&contract, operation)].concat()
        });
        all.map(|duty| format!("{} {:?}", duty.id, duty.evidence)).collect()
    }

    #[test]
    fn a_grafted_duty_names_its_line_in_the_catalogue() {
        let specs = Path::new(env!("CARGO_MANIFEST_DIR")).join("specs");
        let folder = tempfile::tempdir().unwrap();
        let name = "D1-Public-IN-v2-Card";
        std::fs::copy(specs.join("catalog.yaml"), folder.path().join("catalog.yaml")).unwrap();
        let text = std::fs::read_to_string(specs.join(format!("{name}.yaml"))).unwrap();
        std::fs::write(folder.path().join(format!("{name}.yaml")), text.replace("x-jwe-plaintext", "x-gone")).unwrap();
        let catalog = Catalog::load(folder.path()).unwrap();
        let contract = catalog.contract(catalog.entry(name).unwrap()).unwrap();
        let duties = obligations(&contract, contract.operation("registerCard").unwrap());
        let duty = duties.iter().find(|duty| duty.id.as_str().ends_with("plaintext/pan::pattern")).unwrap();
        assert!(duty.source.file.ends_with("catalog.yaml"), "{:?}", duty.source);
        let catalogue = std::fs::read_to_string(specs.join("catalog.yaml")).unwrap();
        assert!(catalogue.lines().nth(duty.source.line - 1).unwrap().contains("pattern"), "{:?}", duty.source);
    }
}
