//! The JSON-Schema-Test-Suite, draft 4: every group whose schema OpenAPI 3.0 can express is judged here as it is there.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use d1_conformance::contract::{Role, Schema};
use serde_json::Value;

use super::convert::{document, parsed};

/// One group of the suite.
pub struct Group {
    /// `file: description`.
    pub name: String,
    pub schema: Value,
    pub tests: Vec<Value>,
}

/// All groups of the vendored files.
pub fn groups() -> Vec<Group> {
    let mut files: Vec<_> = fs::read_dir(folder().join("draft4"))
        .expect("the folder of the suite")
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "json"))
        .collect();
    files.sort();
    let mut groups = Vec::new();
    for file in files {
        let stem = file.file_stem().expect("a name").to_string_lossy().into_owned();
        let list: Vec<Value> = serde_json::from_slice(&fs::read(&file).expect("readable")).expect("JSON");
        for group in list {
            let text = group["description"].as_str().expect("a description");
            groups.push(Group {
                name: format!("{stem}: {text}"),
                schema: group["schema"].clone(),
                tests: group["tests"].as_array().expect("tests").clone(),
            });
        }
    }
    assert!(groups.len() > 150, "the suite was not found");
    groups
}

/// A list of groups with the reason why each is on it.
pub fn listed(list: &str) -> BTreeMap<String, String> {
    let path = folder().join(list);
    serde_json::from_slice(&fs::read(path).expect("the list")).expect("names and reasons")
}

fn folder() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/schema_language"))
}

/// What is wrong with the list, given what really does not work, and why.
pub fn compare(list: &BTreeMap<String, String>, found: &BTreeMap<String, String>) -> Vec<String> {
    let names: BTreeSet<&String> = list.keys().chain(found.keys()).collect();
    names
        .into_iter()
        .filter_map(|name| match (list.get(name), found.get(name)) {
            (Some(_), None) => Some(format!("{name}: is listed, and need not be")),
            (None, Some(reason)) => Some(format!("{name}: {reason}")),
            // More may be said behind the reason.
            (Some(listed), Some(reason)) if !listed.starts_with(reason.as_str()) => {
                Some(format!("{name}: {reason}; listed for: {listed}"))
            }
            _ => None,
        })
        .collect()
}

fn disagreement(group: &Group) -> Result<usize, String> {
    let document = document(&group.schema).map_err(|what| format!("OpenAPI 3.0 has no {what}"))?;
    let schema = Schema::compile(&parsed(&document), "/components/schemas/Root", Role::Request)
        .map_err(|error| format!("not read: {error}"))?;
    for test in &group.tests {
        if schema.accepts(&test["data"]) != test["valid"].as_bool().expect("a verdict") {
            return Err(format!("disagrees on: {}", test["description"].as_str().unwrap_or_default()));
        }
    }
    Ok(group.tests.len())
}

#[test]
fn every_group_is_judged_as_in_the_suite_or_listed_with_the_reason() {
    let (mut agreed, mut tests, mut found) = (0, 0, BTreeMap::new());
    for group in groups() {
        match disagreement(&group) {
            Ok(count) => {
                agreed += 1;
                tests += count;
            }
            Err(reason) => {
                found.insert(group.name, reason);
            }
        }
    }
    let wrong = compare(&listed("not_expressible.json"), &found);
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(agreed > 120 && tests > 400, "{agreed} groups, {tests} tests");
}
