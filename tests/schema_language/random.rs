//! Random schemas of OpenAPI 3.0: what is generated for them is judged by a plain validator.

use std::collections::BTreeMap;

use proptest::collection::{btree_map, vec};
use proptest::option;
use proptest::prelude::{BoxedStrategy, Just, Strategy, any, prop_oneof};
use proptest::strategy::ValueTree;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use serde_json::{Map, Value, json};

use super::convert::{described, parsed};
use super::draws::draw;

/// Schemas that are tried, and cases of each duty.
const SCHEMAS: usize = 160;
const CASES: u32 = 5;

/// Patterns that can be drawn from, with and without anchors.
const PATTERNS: &[&str] = &["^[a-z]{2,8}$", "^[A-Z][a-z]*$", "[0-9]", r"^\d{4}-\d{2}$", "^(a|bc|def)$", "^.{3,}$"];

const FORMATS: &[&str] =
    &["date", "date-time", "uuid", "email", "uri", "ipv4", "ipv6", "hostname", "byte", "password", "iban"];

/// The schema with these members that are there.
fn object(members: Vec<(&str, Option<Value>)>) -> Value {
    Value::Object(members.into_iter().filter_map(|(key, value)| Some((key.to_owned(), value?))).collect())
}

fn text() -> impl Strategy<Value = Value> {
    let sized = (option::of(0_u64..12), option::of(8_u64..40)).prop_map(|(least, most)| {
        object(vec![
            ("type", Some(json!("string"))),
            ("minLength", least.map(Value::from)),
            ("maxLength", most.map(Value::from)),
        ])
    });
    let pattern = proptest::sample::select(PATTERNS).prop_map(|pattern| json!({"type": "string", "pattern": pattern}));
    let format =
        (proptest::sample::select(FORMATS), option::of(0_u64..14), any::<bool>()).prop_map(|(format, least, _)| {
            object(vec![
                ("type", Some(json!("string"))),
                ("format", Some(json!(format))),
                ("minLength", least.map(Value::from)),
            ])
        });
    let listed = vec("[a-z]{1,4}", 1..4).prop_map(|words| json!({"type": "string", "enum": words}));
    prop_oneof![sized, pattern, format, listed]
}

fn number() -> impl Strategy<Value = Value> {
    let steps = proptest::sample::select(&["0.01", "0.5", "0.1", "3", "10", "0.001"][..]);
    let bounds = (option::of(-1000_i64..1000), option::of(1_i64..5000), any::<bool>(), any::<bool>());
    (any::<bool>(), bounds, option::weighted(0.4, steps)).prop_map(|(whole, (low, span, above, below), step)| {
        let high = span.map(|span| low.unwrap_or(0) + span + 25);
        let step = step.map(|step| step.parse::<Value>().expect("a number"));
        object(vec![
            ("type", Some(json!(if whole { "integer" } else { "number" }))),
            ("minimum", low.map(Value::from)),
            ("maximum", high.map(Value::from)),
            ("exclusiveMinimum", (above && low.is_some()).then_some(json!(true))),
            ("exclusiveMaximum", (below && high.is_some()).then_some(json!(true))),
            ("multipleOf", step),
        ])
    })
}

fn leaf() -> BoxedStrategy<Value> {
    let plain = prop_oneof![4 => text(), 3 => number(), 1 => Just(json!({"type": "boolean"}))];
    (plain, any::<u8>())
        .prop_map(|(mut schema, chance)| {
            if chance < 60 && schema.get("enum").is_none() {
                schema["nullable"] = json!(true);
            }
            schema
        })
        .boxed()
}

fn members(inner: &BoxedStrategy<Value>) -> BoxedStrategy<Value> {
    let closed = prop_oneof![3 => Just(None), 1 => Just(Some(json!(false))), 1 => inner.clone().prop_map(Some)];
    // Parts of an `allOf` meet at names, and seldom with another type: the name tells it.
    let named = btree_map("[a-c]", inner.clone(), 1..5).prop_map(|members| -> BTreeMap<String, Value> {
        let kind = |schema: &Value| schema["type"].as_str().unwrap_or("mixed").to_owned();
        members.into_iter().map(|(name, schema)| (format!("{}_{name}", kind(&schema)), schema)).collect()
    });
    (named, any::<u8>(), closed, option::weighted(0.2, 0_u64..4), any::<bool>())
        .prop_map(|(members, mask, closed, least, counted)| {
            let required: Vec<&String> =
                members.keys().enumerate().filter(|(index, _)| mask >> index & 1 == 1).map(|(_, name)| name).collect();
            let required = (!required.is_empty()).then(|| json!(required));
            let open = closed != Some(json!(false));
            let count = members.len() as u64;
            object(vec![
                ("type", Some(json!("object"))),
                ("required", required),
                ("properties", Some(members.iter().map(|(name, schema)| (name.clone(), schema.clone())).collect())),
                ("additionalProperties", closed),
                ("minProperties", least.filter(|least| open || *least <= count).map(Value::from)),
                ("maxProperties", counted.then(|| json!(count.max(4)))),
            ])
        })
        .boxed()
}

fn list(inner: &BoxedStrategy<Value>) -> BoxedStrategy<Value> {
    (inner.clone(), option::of(0_u64..3), option::of(3_u64..6), any::<u8>())
        .prop_map(|(items, least, most, chance)| {
            object(vec![
                ("type", Some(json!("array"))),
                ("items", Some(items)),
                ("minItems", least.map(Value::from)),
                ("maxItems", most.map(Value::from)),
                ("uniqueItems", (chance < 60).then_some(json!(true))),
            ])
        })
        .boxed()
}

fn schema() -> BoxedStrategy<Value> {
    leaf()
        .prop_recursive(3, 24, 4, |inner| {
            let objects = members(&inner);
            prop_oneof![
                4 => members(&inner),
                2 => list(&inner),
                2 => vec(objects.clone(), 1..3).prop_map(|parts| json!({"allOf": parts})),
                2 => vec(inner.clone(), 1..4).prop_map(|parts| json!({"oneOf": parts})),
                2 => vec(inner.clone(), 1..4).prop_map(|parts| json!({"anyOf": parts})),
                1 => (objects.clone(), vec(objects, 1..3)).prop_map(|(mut base, parts)| {
                    base["oneOf"] = json!(parts);
                    base
                }),
                1 => (leaf(), leaf()).prop_map(|(own, other)| json!({"allOf": [own], "not": other})),
            ]
        })
        .boxed()
}

/// The same in JSON Schema 2020-12: `nullable` and the exclusive bounds are what it says otherwise.
fn json_schema(schema: &Value) -> Value {
    match schema {
        Value::Object(members) => {
            let mut converted: Map<String, Value> =
                members.iter().map(|(key, value)| (key.clone(), json_schema(value))).collect();
            if converted.shift_remove("nullable").is_some() {
                converted["type"] = json!([converted["type"], "null"]);
            }
            for (exclusive, bound) in [("exclusiveMinimum", "minimum"), ("exclusiveMaximum", "maximum")] {
                if converted.get(exclusive).is_some_and(Value::is_boolean) {
                    converted[exclusive] = converted[bound].clone();
                }
            }
            Value::Object(converted)
        }
        Value::Array(items) => items.iter().map(json_schema).collect(),
        other => other.clone(),
    }
}

/// A validator that has nothing to do with the library's translation.
fn plain(schema: &Value) -> jsonschema::Validator {
    jsonschema::draft202012::options().should_validate_formats(true).build(schema).expect("a schema")
}

#[test]
fn values_for_random_schemas_are_what_they_are_meant_to_be() {
    let config = Config { failure_persistence: None, ..Config::default() };
    let mut runner = TestRunner::new_with_rng(config, TestRng::from_seed(RngAlgorithm::ChaCha, &[42; 32]));
    let strategy = schema();
    let (mut conforming, mut violating, mut wrong, mut empty) = (0, 0, Vec::new(), Vec::new());
    for seed in 0..SCHEMAS {
        let schema = strategy.new_tree(&mut runner).expect("a schema").current();
        let foreign = plain(&json_schema(&schema));
        let components = Map::from_iter([("Root".to_owned(), schema.clone())]);
        let drawn = draw(parsed(&described(&components)), CASES, seed as u64);
        wrong.extend(
            drawn
                .conforming
                .iter()
                .filter(|value| !foreign.is_valid(value))
                .map(|v| format!("conforming {v}: {schema}")),
        );
        let kept = drawn.violating.iter().filter(|(_, value)| foreign.is_valid(value));
        wrong.extend(kept.map(|(duty, value)| format!("violating {duty} {value}: {schema}")));
        conforming += drawn.conforming.len();
        violating += drawn.violating.len();
        if let Some(reason) = drawn.reason {
            empty.push(format!("{reason}: {schema}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    // Some of the schemas allow no value, or next to none.
    assert!(empty.len() * 8 <= SCHEMAS, "{} of {SCHEMAS} without a case\n{}", empty.len(), empty.join("\n"));
    assert!(conforming > 600 && violating > 3000, "{conforming} conforming, {violating} violating");
}
