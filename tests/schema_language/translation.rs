//! What OpenAPI 3.0 says otherwise than JSON Schema, and what it has that JSON Schema has not.

use d1_conformance::contract::{Contract, Role, Schema, obligations};
use d1_conformance::generate::Generator;
use serde_json::{Map, Value, json};

use super::convert::{described, parsed};
use super::draws::draw;

fn root(components: Value) -> Value {
    let Value::Object(components) = components else { panic!("components") };
    described(&components)
}

fn compiled(components: Value, role: Role) -> Schema {
    Schema::compile(&parsed(&root(components)), "/components/schemas/Root", role).expect("a schema")
}

fn conforming(components: Value) -> Vec<Value> {
    let drawn = draw(parsed(&root(components)), 30, 7);
    assert!(drawn.conforming.len() > 20, "{} cases, {:?}", drawn.conforming.len(), drawn.reason);
    drawn.conforming
}

#[test]
fn null_needs_a_type_and_a_place_in_the_list() {
    let listed = compiled(json!({"Root": {"type": "string", "nullable": true, "enum": ["a"]}}), Role::Request);
    assert!(!listed.accepts(&Value::Null) && listed.accepts(&json!("a")));
    let with_null = compiled(json!({"Root": {"type": "string", "nullable": true, "enum": ["a", null]}}), Role::Request);
    assert!(with_null.accepts(&Value::Null));
    let untyped = json!({
        "Root": {"nullable": true, "allOf": [{"$ref": "#/components/schemas/Name"}]},
        "Name": {"type": "string"},
    });
    assert!(!compiled(untyped, Role::Request).accepts(&Value::Null));
    let values = conforming(json!({"Root": {"type": "string", "nullable": true, "enum": ["a", null]}}));
    assert!(values.contains(&Value::Null) && values.contains(&json!("a")));
}

#[test]
fn a_null_that_may_be_meant_proves_nothing() {
    let document = root(json!({
        "Root": {"type": "object", "properties": {
            "wrapped": {"nullable": true, "allOf": [{"$ref": "#/components/schemas/Name"}]},
            "beside": {"$ref": "#/components/schemas/Name", "nullable": true},
            "plain": {"$ref": "#/components/schemas/Name"},
        }},
        "Name": {"type": "string"},
    }));
    let contract = Contract::read("nulls", parsed(&document)).expect("a description");
    let duties = obligations(&contract, &contract.operations[0]);
    let open = |place: &str| {
        let id = format!("nulls::makeThing::body/{place}::nullable");
        let duty = duties.iter().find(|duty| duty.id.as_str() == id).expect("a duty");
        Generator::exercisable(duty).is_err()
    };
    assert!(open("wrapped") && open("beside") && !open("plain"));
}

#[test]
fn read_only_members_are_not_required_of_requests_wherever_they_are_declared() {
    let whole = json!({
        "Root": {"allOf": [
            {"$ref": "#/components/schemas/Base"},
            {"type": "object", "required": ["id", "made", "name", "state"]},
        ]},
        "Base": {"type": "object", "required": ["made"], "properties": {
            "id": {"$ref": "#/components/schemas/Id"},
            "made": {"allOf": [{"$ref": "#/components/schemas/Id"}]},
            "name": {"type": "string"},
            "state": {"$ref": "#/components/schemas/State", "readOnly": true},
        }},
        "State": {"type": "string"},
        "Id": {"type": "string", "readOnly": true},
    });
    let only_name = json!({"name": "a"});
    assert!(compiled(whole.clone(), Role::Request).accepts(&only_name));
    assert!(!compiled(whole.clone(), Role::Response).accepts(&only_name));
    for value in conforming(whole) {
        assert_eq!(value.as_object().map(Map::len), Some(1), "{value}");
    }
    // The other way about: the shared part requires, the part beside it says that it is read alone.
    let other = json!({
        "Root": {"allOf": [
            {"$ref": "#/components/schemas/Base"},
            {"type": "object", "properties": {"id": {"type": "string", "readOnly": true}}},
        ]},
        "Base": {"type": "object", "required": ["id"], "properties": {"id": {"type": "string"}}},
    });
    assert!(compiled(other.clone(), Role::Request).accepts(&json!({})));
    assert!(!compiled(other, Role::Response).accepts(&json!({})));
}

#[test]
fn definitions_whose_names_look_alike_are_kept_apart() {
    let schema = compiled(
        json!({
            "Root": {"type": "object", "properties": {
                "one": {"$ref": "#/components/schemas/Part/properties/a"},
                "other": {"$ref": "#/components/schemas/Part.properties.a"},
            }},
            "Part": {"type": "object", "properties": {"a": {"type": "string"}}},
            "Part.properties.a": {"type": "integer"},
        }),
        Role::Request,
    );
    assert!(schema.accepts(&json!({"one": "a", "other": 1})));
    assert!(!schema.accepts(&json!({"one": 1})) && !schema.accepts(&json!({"other": "a"})));
}

#[test]
fn fixed_widths_narrow_wider_bounds() {
    let schema = compiled(json!({"Root": {"type": "integer", "format": "int32", "maximum": 1e12}}), Role::Request);
    assert!(schema.accepts(&json!(i32::MAX)) && !schema.accepts(&json!(i64::from(i32::MAX) + 1)));
}

#[test]
fn the_discriminator_names_the_alternative_that_was_taken() {
    let pet = |name: &str| {
        json!({"type": "object", "required": ["kind", name], "properties": {
            "kind": {"type": "string"}, name: {"type": "string"},
        }})
    };
    let values = conforming(json!({
        "Root": {
            "oneOf": [{"$ref": "#/components/schemas/Cat"}, {"$ref": "#/components/schemas/Dog"}],
            "discriminator": {"propertyName": "kind", "mapping": {"wuff": "#/components/schemas/Dog"}},
        },
        "Cat": pet("claws"),
        "Dog": pet("bark"),
    }));
    for value in &values {
        let wanted = if value.get("bark").is_some() { "wuff" } else { "Cat" };
        assert_eq!(value["kind"], wanted, "{value}");
    }
    assert!(values.iter().any(|value| value["kind"] == "wuff") && values.iter().any(|value| value["kind"] == "Cat"));
    // By inheritance: the base has the discriminator, the child is what is drawn.
    let children = conforming(json!({
        "Root": {"$ref": "#/components/schemas/Cat"},
        "Pet": {"type": "object", "required": ["kind"], "properties": {"kind": {"type": "string"}},
            "discriminator": {"propertyName": "kind"}},
        "Cat": {"allOf": [{"$ref": "#/components/schemas/Pet"}, {"type": "object", "properties": {"claws": {"type": "integer"}}}]},
    }));
    assert!(children.iter().all(|value| value["kind"] == "Cat"), "{children:?}");
}

#[test]
fn two_alternatives_at_once_and_what_must_not_be_are_tried() {
    let variant = |name: &str| json!({"type": "object", "required": [name], "properties": {name: {"type": "string"}}});
    let drawn = draw(
        parsed(&root(json!({"Root": {
            "type": "object",
            "properties": {"by": {"oneOf": [variant("cardId"), variant("accountId"), variant("token")]}},
        }}))),
        40,
        3,
    );
    let both = |one: &str, other: &str| {
        drawn.violating.iter().any(|(_, value)| value["by"].get(one).is_some() && value["by"].get(other).is_some())
    };
    assert!(both("cardId", "accountId") && both("cardId", "token") && both("accountId", "token"));
    let drawn = draw(
        parsed(&root(json!({"Root": {
            "type": "object",
            "required": ["name"],
            "properties": {"name": {"type": "string", "not": {"enum": ["root"]}}},
        }}))),
        40,
        3,
    );
    assert!(drawn.violating.iter().any(|(_, value)| value["name"] == "root"), "{:?}", drawn.violating);
}

#[test]
fn recursion_ends() {
    let tree = json!({
        "Root": {"oneOf": [{"$ref": "#/components/schemas/Leaf"}, {"$ref": "#/components/schemas/Fork"}]},
        "Leaf": {"type": "object", "required": ["value"], "additionalProperties": false, "properties": {"value": {"type": "integer"}}},
        "Fork": {"type": "object", "required": ["left", "middle", "right"], "properties": {
            "left": {"$ref": "#/components/schemas/Root"},
            "middle": {"$ref": "#/components/schemas/Root"},
            "right": {"$ref": "#/components/schemas/Root"},
        }},
    });
    conforming(tree);
    let endless = json!({"Root": {"type": "object", "required": ["a", "b"], "properties": {
        "a": {"$ref": "#/components/schemas/Root"}, "b": {"$ref": "#/components/schemas/Root"},
    }}});
    let drawn = draw(parsed(&root(endless)), 2, 1);
    assert!(drawn.conforming.is_empty() && drawn.reason.is_some());
}

#[test]
fn maps_have_members_and_lists_of_names_are_kept() {
    let values = conforming(json!({"Root": {
        "type": "object",
        "required": ["undeclared"],
        "additionalProperties": {"type": "integer", "minimum": 3},
        "maxProperties": 3,
    }}));
    assert!(values.iter().any(|value| value.as_object().is_some_and(|members| members.len() > 1)));
    assert!(values.iter().all(|value| value["undeclared"].as_i64().is_some_and(|number| number >= 3)));
}
