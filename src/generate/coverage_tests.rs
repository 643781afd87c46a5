//! What the coverage of the bundled specifications meets, whatever chance adds.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;

use serde_json::Value;

use super::draw::Draw;
use super::edge::{Edge, EdgeValue};
use super::pattern::Patterns;
use super::request::Parts;
use super::{Bindings, Body, Case, Generator, Means};
use crate::base::Seed;
use crate::contract::{Catalog, Contract, InstancePath, Location, Obligation, Operation, Rule, obligations};

fn contracts() -> Vec<Arc<Contract>> {
    let catalog = Catalog::load(&Path::new(env!("CARGO_MANIFEST_DIR")).join("specs")).unwrap();
    catalog.entries.iter().map(|entry| Arc::new(catalog.contract(entry).unwrap())).collect()
}

fn operation(name: &str) -> (Arc<Contract>, Arc<Operation>) {
    let all = contracts();
    let found = all.iter().find_map(|contract| Some((Arc::clone(contract), Arc::clone(contract.operation(name)?))));
    found.unwrap()
}

fn duties(contract: &Contract, operation: &Operation) -> (Vec<Arc<Obligation>>, Generator) {
    let duties: Vec<_> = obligations(contract, operation).into_iter().map(Arc::new).collect();
    (duties.clone(), Generator::new(duties, vec![operation.method.clone()], Means::default()))
}

/// The cases of the coverage of one duty.
fn cases(generator: &Generator, operation: &Operation, duty: &Obligation) -> Vec<Case> {
    (0..generator.cases(operation, duty, 0))
        .map(|index| {
            let drawn = generator.case(operation, duty, &Bindings::default(), Seed::new(3), duty.id.as_str(), index);
            drawn.case.unwrap_or_else(|| panic!("{}#{index}: {:?}", duty.id, drawn.reason))
        })
        .collect()
}

fn json(case: &Case) -> &Value {
    match &case.request.body {
        Body::Json(value) => value,
        other => panic!("{other:?}"),
    }
}

#[test]
fn every_duty_of_every_specification_is_met_on_both_sides_or_says_why_not() {
    let reasons = [
        "card numbers come from test ranges alone",
        "an envelope is as long as its clear text makes it",
        "the expiry of a card lies ahead",
        "an empty path segment addresses another resource",
        "the list of values is not complete, so another value may be valid",
    ];
    for contract in contracts() {
        for operation in &contract.operations {
            let (duties, generator) = duties(&contract, operation);
            for duty in &duties {
                let edge = generator.without_edge(operation, duty, &Bindings::default());
                for reason in edge.map(str::to_owned).into_iter().chain(generator.never_broken(operation, duty)) {
                    assert!(reasons.contains(&reason.as_str()), "{}: {reason}", duty.id);
                }
            }
        }
    }
}

#[test]
fn lengths_are_met_at_the_bound_and_one_beyond() {
    let (contract, operation) = operation("createCard");
    let (duties, generator) = duties(&contract, &operation);
    let conforming = duties.iter().find(|duty| duty.rule == Rule::Conforming).unwrap();
    let lengths: BTreeSet<usize> = cases(&generator, &operation, conforming)
        .iter()
        .filter_map(|case| json(case).get("cardProductId")?.as_str().map(|text| text.chars().count()))
        .collect();
    let limit = |rule: Rule| {
        let wanted = |duty: &&Arc<Obligation>| duty.rule == rule && duty.location.to_string() == "body/cardProductId";
        let duty = duties.iter().find(wanted).unwrap();
        (duty, usize::try_from(duty.limit.as_u64().unwrap()).unwrap())
    };
    let ((shortest, least), (longest, most)) = (limit(Rule::MinLength), limit(Rule::MaxLength));
    assert!([least, least + 1, most - 1, most].iter().all(|length| lengths.contains(length)), "{lengths:?}");
    let broken = |duty: &Obligation| {
        let texts = cases(&generator, &operation, duty);
        texts.iter().map(|case| json(case)["cardProductId"].as_str().unwrap().chars().count()).collect::<Vec<_>>()
    };
    assert_eq!(broken(shortest)[0], least - 1);
    assert_eq!(broken(longest)[..2], [most + 1, most * 2]);
}

#[test]
fn members_of_lists_are_met_and_missed_in_every_way() {
    let (contract, operation) = operation("createCard");
    let (duties, generator) = duties(&contract, &operation);
    let duty = duties.iter().find(|duty| duty.location.to_string() == "body/state" && duty.rule == Rule::Enum).unwrap();
    let members: BTreeSet<&str> = duty.limit.as_array().unwrap().iter().filter_map(Value::as_str).collect();
    let conforming = cases(&generator, &operation, &duties[0]);
    let met: BTreeSet<&str> = conforming.iter().filter_map(|case| json(case).get("state")?.as_str()).collect();
    assert_eq!(met, members);
    let missed: BTreeSet<String> = cases(&generator, &operation, duty)
        .iter()
        .map(|case| json(case)["state"].as_str().unwrap().to_owned())
        .collect();
    let first = duty.limit[0].as_str().unwrap();
    for near in
        [first.to_lowercase(), format!("{first} "), format!(" {first}"), format!("{first}_X"), first[1..].to_owned()]
    {
        assert!(missed.contains(&near), "{near:?} is not among {missed:?}");
    }
}

#[test]
fn optional_members_meet_in_pairs() {
    let (contract, operation) = operation("registerCard");
    let (duties, generator) = duties(&contract, &operation);
    let bodies: Vec<Value> = cases(&generator, &operation, &duties[0]).iter().map(|case| json(case).clone()).collect();
    let all: BTreeSet<&String> = bodies.iter().flat_map(|body| body.as_object().unwrap().keys()).collect();
    let required = |name: &str| bodies.iter().all(|body| body.get(name).is_some());
    let optional: Vec<&&String> = all.iter().filter(|name| !required(name)).collect();
    assert!(optional.len() > 3, "{optional:?}");
    for one in &optional {
        for other in optional.iter().filter(|other| other != &one) {
            for (there, too) in [(true, true), (true, false), (false, true), (false, false)] {
                let met = |body: &Value| {
                    body.get(one.as_str()).is_some() == there && body.get(other.as_str()).is_some() == too
                };
                assert!(bodies.iter().any(met), "{one} {there}, {other} {too}");
            }
        }
    }
}

#[test]
fn a_required_member_is_left_out_beside_all_others_and_beside_none() {
    let (contract, operation) = operation("registerConsumer");
    let (duties, generator) = duties(&contract, &operation);
    for duty in duties.iter().filter(|duty| duty.rule == Rule::Required && duty.location.kind() == "body") {
        let sizes: Vec<usize> =
            cases(&generator, &operation, duty).iter().map(|case| case.request.body_bytes().len()).collect();
        assert!(sizes.len() == 2 && sizes[0] >= sizes[1], "{}: {sizes:?}", duty.id);
    }
}

#[test]
fn an_empty_list_is_not_filled_for_ever() {
    let (_, operation) = operation("registerConsumer");
    let location = Location::Body(InstancePath::at("/list"));
    let list = |count| Edge { location: location.clone(), value: EdgeValue::Items(count), pattern: None, most: None };
    let apply = |edge: &Edge| {
        let body = Some(("application/json".to_owned(), serde_json::json!({"list": []})));
        let mut parts = Parts { parameters: Vec::new(), body, seals: Vec::new() };
        edge.apply(&Patterns::default(), &mut parts, &operation, &mut Draw::new(&[1; 32]))
    };
    assert_eq!(apply(&list(2)), None);
    assert_eq!(apply(&list(0)), Some(()));
}
