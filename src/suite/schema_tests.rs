//! The published schemas of suites, rules, profiles and targets are those of the types that read them.

use std::path::{Path, PathBuf};

use indexmap::IndexMap;
use schemars::{JsonSchema, schema_for};
use serde_json::{Value, json};

use super::deviation::DeviationFile;
use super::model::Suite;
use super::profile::Profile;
use super::rule::BusinessRule;
use super::target_file::TargetFile;

/// What a suite file, a file of rules or a profile is.
#[derive(JsonSchema)]
#[schemars(untagged)]
#[expect(dead_code, reason = "its schema is all that is wanted of it")]
enum SuiteFile {
    Suite(Box<Suite>),
    Profile(Box<Profile>),
    Rules(IndexMap<String, BusinessRule>),
}

fn home() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The schema of a type under its own title. With `UPDATE_SCHEMAS` it is written instead of compared.
fn published<T: JsonSchema>(name: &str, title: &str) -> Value {
    let mut schema = serde_json::to_value(schema_for!(T)).unwrap();
    schema["title"] = json!(title);
    let text = format!("{schema:#}\n");
    let path = home().join("docs").join(name);
    if std::env::var_os("UPDATE_SCHEMAS").is_some() {
        std::fs::write(&path, &text).unwrap();
    }
    let known = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(known == text, "{name} is not what the types say; run this test with UPDATE_SCHEMAS=1");
    schema
}

fn files(folder: &str) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(home().join(folder)).unwrap().map(|entry| entry.unwrap().path());
    entries.filter(|path| path.extension().is_some_and(|ending| ending == "yaml")).collect()
}

fn judged(schema: &Value, files: &[PathBuf]) {
    let validator = jsonschema::draft202012::new(schema).unwrap();
    for path in files {
        let value: Value = serde_yaml::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
        let errors: Vec<String> =
            validator.iter_errors(&value).map(|error| format!("{}: {error}", error.instance_path())).collect();
        assert!(errors.is_empty(), "{}: {errors:#?}", path.display());
    }
    assert!(!files.is_empty());
}

#[test]
fn the_schema_of_suites_holds_for_all_of_them_and_for_no_typing_error() {
    let schema = published::<SuiteFile>("suite.schema.json", "a suite, a profile or a file of business rules");
    judged(&schema, &[files("suites"), files("suites/profiles"), files("suites/rules")].concat());
    let validator = jsonschema::draft202012::new(&schema).unwrap();
    let suite = json!({"name": "s", "direction": "inbound", "specs": ["S"]});
    assert!(validator.is_valid(&suite));
    for (key, value) in [("operatons", json!({})), ("direction", json!("sideways")), ("specs", json!("S"))] {
        let mut wrong = suite.clone();
        wrong[key] = value;
        assert!(!validator.is_valid(&wrong), "{wrong}");
    }
}

#[test]
fn the_schema_of_targets_holds_for_the_examples_and_for_no_typing_error() {
    let schema = published::<TargetFile>("target.schema.json", "a target");
    judged(&schema, &files("examples/targets"));
    let validator = jsonschema::draft202012::new(&schema).unwrap();
    let target = json!({"base_url": "https://host", "auth": {"grant": "static", "token": "t"}});
    assert!(validator.is_valid(&target));
    for wrong in [
        json!({"base_uri": "https://host"}),
        json!({"auth": {"grant": "magic"}}),
        json!({"auth": {"grant": "static", "token": "t", "kid": "k"}}),
        json!({"limits": {"rate": "fast"}}),
    ] {
        assert!(!validator.is_valid(&wrong), "{wrong}");
    }
}

#[test]
fn the_schema_of_deviations_holds_for_the_example_and_for_no_typing_error() {
    let schema = published::<Vec<DeviationFile>>("deviations.schema.json", "a list of known deviations");
    judged(&schema, &[home().join("examples/deviations.yaml")]);
    let validator = jsonschema::draft202012::new(&schema).unwrap();
    let entry = json!({"obligation": "S::a::operation::conforming", "reason": "r", "ticket": "t", "owner": "o",
                       "expires": "2027-03-31"});
    assert!(validator.is_valid(&json!([entry])));
    for (key, value) in
        [("expires", json!("31.3.2027")), ("code", json!("142")), ("reason", json!("")), ("untill", json!(1))]
    {
        let mut wrong = entry.clone();
        wrong[key] = value;
        assert!(!validator.is_valid(&json!([wrong])), "{wrong}");
    }
    let mut without = entry;
    without.as_object_mut().unwrap().remove("ticket");
    assert!(!validator.is_valid(&json!([without])));
}
