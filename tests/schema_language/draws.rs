//! The cases of the one operation of a description, as values of its body.

use d1_conformance::base::Seed;
use d1_conformance::contract::{Contract, Document, Location, Rule, obligations};
use d1_conformance::generate::{Bindings, Body, Generator, Means};
use serde_json::Value;

/// What was drawn for a description.
#[derive(Default)]
pub struct Drawn {
    pub conforming: Vec<Value>,
    /// Values with the duty that they break.
    pub violating: Vec<(String, Value)>,
    /// Why there is no conforming case, where there is none.
    pub reason: Option<String>,
}

/// Draws `cases` bodies for the conforming duty and for every duty of the body that can be exercised.
pub fn draw(document: Document, cases: u32, seed: u64) -> Drawn {
    let contract = Contract::read("things", document).expect("a description");
    let operation = &contract.operations[0];
    let generator = Generator::new(Vec::new(), vec!["POST".to_owned()], Means::default());
    let mut drawn = Drawn::default();
    for obligation in obligations(&contract, operation) {
        let conforming = obligation.rule == Rule::Conforming;
        // Duties of a message as a whole say nothing of its schema.
        let of_schema = |limit: &serde_json::Value| obligation.rule == Rule::Required || !limit.is_null();
        let in_body = matches!(obligation.location, Location::Body(_)) && of_schema(&obligation.limit);
        if !(conforming || in_body) || Generator::exercisable(&obligation).is_err() {
            continue;
        }
        for index in 0..cases {
            let name = obligation.id.as_str();
            let one = generator.case(operation, &obligation, &Bindings::default(), Seed::new(seed), name, index);
            match one.case.map(|case| case.request.body) {
                Some(Body::Json(value)) if conforming => drawn.conforming.push(value),
                Some(Body::Json(value)) => drawn.violating.push((name.to_owned(), value)),
                Some(other) => panic!("{name}: a body of another kind: {other:?}"),
                None if conforming => drawn.reason = one.reason,
                None => {}
            }
        }
    }
    if !drawn.conforming.is_empty() {
        drawn.reason = None;
    }
    drawn
}
