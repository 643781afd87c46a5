//! For every schema of the JSON-Schema-Test-Suite that OpenAPI 3.0 can express, conforming values keep it and violating ones
//! break it, as the draft 4 validator of another project sees it.

use std::collections::BTreeMap;

use serde_json::Value;

use super::convert::{document, parsed};
use super::draws::draw;
use super::suite::{compare, groups, listed};

/// A validator that has nothing to do with the library's translation.
fn plain(schema: &Value) -> jsonschema::Validator {
    jsonschema::draft4::options().should_validate_formats(true).build(schema).expect("a draft 4 schema")
}

#[test]
fn what_is_generated_for_the_suite_is_what_it_is_meant_to_be() {
    let known = listed("not_expressible.json");
    let (mut found, mut wrong) = (BTreeMap::new(), Vec::new());
    let (mut conforming, mut violating) = (0, 0);
    for group in groups() {
        if known.contains_key(&group.name) {
            continue;
        }
        let foreign = plain(&group.schema);
        let drawn = draw(parsed(&document(&group.schema).expect("expressible")), 12, 1);
        for value in &drawn.conforming {
            if !foreign.is_valid(value) {
                wrong.push(format!("{}: conforming {value}", group.name));
            }
        }
        for (duty, value) in &drawn.violating {
            if foreign.is_valid(value) {
                wrong.push(format!("{}: violating {duty} {value}", group.name));
            }
        }
        conforming += drawn.conforming.len();
        violating += drawn.violating.len();
        if let Some(reason) = drawn.reason {
            found.insert(group.name, reason);
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    let wrong = compare(&listed("not_generated.json"), &found);
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(conforming > 1000 && violating > 500, "{conforming} conforming, {violating} violating");
}
