//! What the specification shows as an example, as cases: what it promises to take is sent as it is written there.

use std::sync::Arc;

use serde_json::Value;

use super::case::placeholder;
use super::course::Turn;
use super::edge::{Edge, EdgeValue, bound_by_nature};
use super::generator::Means;
use crate::base::PanRange;
use crate::contract::{Example, Location, Media, Operation, is_card_number};

/// The examples of an operation's request, whole bodies first. The proof sorts out those that break their schema.
pub(super) fn examples(operation: &Operation, means: &Means) -> Vec<Turn> {
    let free = |example: &&Example| {
        bound_by_nature(operation, &example.location).is_none()
            && (means.seals || !holds_envelope(operation, example))
            // Nobody knows whose the number in an example is.
            && !holds_card(&example.value, &means.test_pans)
    };
    let turn = |example: &Example| {
        if example.media.is_some() {
            return Turn::Whole(Arc::new(example.clone()));
        }
        let value = EdgeValue::Just(example.value.clone());
        Turn::Example(Arc::new(Edge { location: example.location.clone(), value, pattern: None, most: None }))
    };
    operation.examples.iter().filter(free).map(turn).collect()
}

/// True when an example cannot be sent without a key to seal with.
fn holds_envelope(operation: &Operation, example: &Example) -> bool {
    let mut sealed = operation.body.iter().flat_map(|body| &body.media).flat_map(|media| &media.sealed);
    matches!(example.location, Location::Plaintext(..))
        || example.media.is_some() && sealed.any(|sealed| !sealed.path.pointers(&example.value).is_empty())
}

/// True when a card number stands in a value that is none of the test ranges.
fn holds_card(value: &Value, test_pans: &[PanRange]) -> bool {
    let in_range =
        |value: &Value| value.as_str().is_some_and(|number| test_pans.iter().any(|range| range.contains(number)));
    match value {
        Value::Object(members) => members
            .iter()
            .any(|(name, member)| is_card_number(name) && !in_range(member) || holds_card(member, test_pans)),
        Value::Array(items) => items.iter().any(|item| holds_card(item, test_pans)),
        _ => false,
    }
}

/// The body of an example. An envelope in it is for somebody else's key; ours is made on the way out.
pub(super) fn with_envelopes(media: &Media, example: &Value) -> Value {
    let mut body = example.clone();
    for pointer in media.sealed.iter().flat_map(|sealed| sealed.path.pointers(example)) {
        if let Some(place) = body.pointer_mut(&pointer) {
            *place = Value::from(placeholder::ENVELOPE);
        }
    }
    body
}

#[cfg(test)]
mod tests {
    use std::path::Path;
    use std::sync::Arc;

    use serde_json::{Value, json};

    use crate::base::Seed;
    use crate::contract::{Contract, Document, Rule, obligations};
    use crate::generate::{Binding, Bindings, Body, Case, Generator, Means, Slot};

    const SPEC: &str = "\
openapi: 3.0.3
info: {title: t, version: '1'}
paths:
  /a/{id}:
    post:
      operationId: a
      parameters:
        - {name: id, in: path, required: true, example: shown-1, schema: {type: string, maxLength: 9}}
        - name: page
          in: query
          schema: {type: integer, maximum: 99, example: 42}
          examples: {first: {value: 17}, wrong: {value: 100}}
      requestBody:
        required: true
        content:
          application/json:
            schema: {$ref: '#/components/schemas/Card'}
            examples:
              whole: {$ref: '#/components/examples/Whole'}
              broken: {value: {name: 7}}
              charged: {value: {name: a, cardNumber: '4000056655665556'}}
      responses: {'200': {description: ok}}
components:
  examples:
    Whole: {value: {name: Whole Name, list: [{code: Q1}], sealed: aaaa.b.c.d.e}}
  schemas:
    Card:
      type: object
      required: [name]
      example: {name: Root}
      properties:
        name: {type: string}
        own: {type: string, readOnly: true, example: never}
        cardNumber: {type: string, example: '4000056655665556'}
        list: {type: array, items: {type: object, properties: {code: {$ref: '#/components/schemas/Code'}}}}
        sealed: {type: string, example: never.a.b.c.d, x-jwe-plaintext: '#/components/schemas/Clear', x-jwe-recipient: d1}
    Code: {type: string, pattern: '^[A-Z][0-9]$', example: Z7}
    Clear: {type: object, properties: {holder: {type: string, example: Ann Example}, n: {type: integer, example: x}}}
";

    /// All cases of the coverage.
    fn cases(means: Means, bindings: &Bindings) -> Vec<Case> {
        let contract = Contract::read("t", Document::parse(Path::new("t.yaml"), SPEC).unwrap()).unwrap();
        let operation = &contract.operations[0];
        let duties: Vec<_> = obligations(&contract, operation).into_iter().map(Arc::new).collect();
        let generator = Generator::new(duties.clone(), vec!["POST".to_owned()], means);
        let duty = duties.iter().find(|duty| duty.rule == Rule::Conforming).unwrap();
        let count = generator.cases(operation, duty, 0);
        let draw = |index| generator.case(operation, duty, bindings, Seed::new(1), "a", index).case;
        (0..count).filter_map(draw).collect()
    }

    fn bodies(cases: &[Case]) -> Vec<&Value> {
        fn json(case: &Case) -> Option<&Value> {
            if let Body::Json(body) = &case.request.body { Some(body) } else { None }
        }
        cases.iter().filter_map(json).collect()
    }

    #[test]
    fn what_the_specification_shows_is_sent_as_it_is() {
        let cases = cases(Means::default(), &Bindings::default());
        let bodies = bodies(&cases);
        let whole = json!({"name": "Whole Name", "list": [{"code": "Q1"}], "sealed": "${jwe}"});
        let root = json!({"name": "Root"});
        assert!(bodies.contains(&&whole) && bodies.contains(&&root), "{bodies:?}");
        // After the three shapes, whole bodies come first.
        assert_eq!(bodies[3], &whole);
        assert!(bodies.iter().any(|body| body["list"][0]["code"] == "Z7"));
        assert!(cases.iter().any(|case| case.request.path == "/a/shown-1"));
        let pages: Vec<&str> =
            cases.iter().flat_map(|case| &case.request.query).map(|(_, text)| text.as_str()).collect();
        assert!(pages.contains(&"42") && pages.contains(&"17"), "{pages:?}");
        let clear =
            |text: &str| cases.iter().flat_map(|case| &case.request.seals).any(|seal| seal.plaintext.contains(text));
        assert!(clear("Ann Example"));
    }

    #[test]
    fn what_breaks_its_schema_and_what_is_made_is_not_sent() {
        let cases = cases(Means::default(), &Bindings::default());
        for case in &cases {
            let shown = format!("{:?}{}", case.request.query, String::from_utf8(case.request.body_bytes()).unwrap());
            for text in ["\"100\"", "never", "4000056655665556", "aaaa.b"] {
                assert!(!shown.contains(text), "{}: {shown}", case.id);
            }
        }
        let without = Means { seals: false, ..Means::default() };
        assert!(bodies(&self::cases(without, &Bindings::default())).iter().all(|body| body["name"] != "Whole Name"));
    }

    #[test]
    fn bound_values_stand_on_top_of_examples() {
        let mut bindings = Bindings::default();
        bindings.set(Slot::parse("path.id").unwrap(), Binding::Value("mine".into()));
        bindings.set(Slot::parse("body/name").unwrap(), Binding::Value("Bound".into()));
        let cases = cases(Means::default(), &bindings);
        assert!(cases.iter().all(|case| case.request.path == "/a/mine"));
        let bodies = bodies(&cases);
        assert!(bodies.iter().all(|body| body["name"] == "Bound"));
        assert!(bodies.iter().any(|body| body["list"] == json!([{"code": "Q1"}])), "the rest of the example stays");
    }
}
