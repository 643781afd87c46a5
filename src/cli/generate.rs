//! `d1c generate`: the requests of a specification, one JSON object a line. Sends nothing.

use std::sync::Arc;

use anyhow::bail;
use serde_json::{Map, Value, json};

use super::args::{Generate, IntentChoice};
use super::output::{note, out};
use super::selection::contract_of;
use crate::base::Seed;
use crate::contract::{Contract, Obligation, Operation, obligations};
use crate::generate::{Bindings, Body, Case, Generator, Intent, Means, Seal};
use crate::suite::{Library, closest};

pub(super) fn generate(args: &Generate) -> anyhow::Result<u8> {
    let contract = contract_of(&Library::find()?.catalog()?, &args.spec)?;
    let operations: Vec<_> = contract
        .operations
        .iter()
        .filter(|operation| args.operation.as_ref().is_none_or(|name| operation.id.name() == name))
        .collect();
    if let (true, Some(name)) = (operations.is_empty(), &args.operation) {
        let known: Vec<&str> = contract.operations.iter().map(|operation| operation.id.name()).collect();
        let near = closest(name, known.iter().copied())
            .map_or_else(|| format!("known: {}", known.join(", ")), |near| format!("did you mean `{near}`?"));
        bail!("{} has no operation `{name}`\n  remedy: {near}", args.spec.display());
    }
    if operations.is_empty() {
        bail!("{} has no operations\n  remedy: name a specification with `paths`", args.spec.display());
    }
    let mut complete = true;
    for operation in operations {
        complete &= one(&contract, operation, args);
    }
    Ok(if complete { 0 } else { 3 })
}

/// Prints the cases of one operation; false when a duty that should have cases got none.
fn one(contract: &Contract, operation: &Operation, args: &Generate) -> bool {
    let shape = operation.path.shape();
    let on_path = contract.operations.iter().filter(|other| other.path.shape() == shape);
    let methods = on_path.map(|other| other.method.clone()).collect();
    let duties: Vec<_> = obligations(contract, operation).into_iter().map(Arc::new).collect();
    let generator = Generator::new(duties.clone(), methods, Means::default());
    let mut complete = true;
    for obligation in duties {
        let conforming = obligation.rule.wants_acceptance();
        let wanted = match args.intent {
            IntentChoice::Conforming => conforming,
            IntentChoice::Violating => !conforming,
            IntentChoice::All => true,
        };
        if !wanted || Generator::exercisable(&obligation).is_err() {
            continue;
        }
        let (mut printed, mut reason) = (0, None);
        for index in 0..generator.cases(operation, &obligation, args.cases) {
            let scenario = obligation.id.as_str();
            let drawn =
                generator.case(operation, &obligation, &Bindings::default(), Seed::new(args.seed), scenario, index);
            reason = drawn.reason.or(reason);
            if let Some(case) = drawn.case {
                out(&format!("{}\n", one_line(&line(&case, &obligation))));
                printed += 1;
            }
        }
        if printed == 0 && args.cases > 0 {
            let reason = reason.or_else(|| generator.never_broken(operation, &obligation));
            note(&format!("no case for {}: {}", obligation.id, reason.unwrap_or_default()));
            complete = false;
        }
    }
    complete
}

fn line(case: &Case, obligation: &Obligation) -> Value {
    let request = &case.request;
    let mut object = json!({
        "case_id": case.id,
        "operation_id": case.operation.name(),
        "method": request.method,
        "path": request.path,
        "path_params": request.path_params,
        "query": pairs(&request.query),
        "headers": pairs(&request.headers),
        "content_type": request.content_type,
        "url": request.target(),
        "credentials": request.credentials,
        "intent": case.intent,
        "obligation": (case.intent == Intent::Violating).then_some(&case.obligation),
        "rule": (case.intent == Intent::Violating).then_some(case.rule),
        "location": obligation.location.kind(),
        "pointer": case.pointer,
        "sealed": sealed(&request.seals),
    });
    let (key, body) = match &request.body {
        Body::Empty => ("body", Value::Null),
        Body::Json(value) => ("body", with_stand_ins(value, &request.seals)),
        Body::Form(_) | Body::Raw(_) => {
            ("body_text", Value::String(String::from_utf8_lossy(&request.body_bytes()).into_owned()))
        }
    };
    if let Value::Object(members) = &mut object {
        members.insert(key.to_owned(), body);
    }
    object
}

/// The body with a text of the right length in the place of each envelope, which is made on the way out.
fn with_stand_ins(body: &Value, seals: &[Seal]) -> Value {
    let mut body = body.clone();
    for seal in seals {
        if let Some(place) = body.pointer_mut(&seal.pointer) {
            *place = Value::String(seal.stand_in());
        }
    }
    body
}

/// What will be sealed, and where.
fn sealed(seals: &[Seal]) -> Value {
    let one = |seal: &Seal| {
        let clear: Value = serde_json::from_str(&seal.plaintext).unwrap_or_default();
        json!({"pointer": seal.pointer, "plaintext": clear, "flaw": seal.flaw})
    };
    seals.iter().map(one).collect()
}

/// JSON in one line for every reader: some take these three for line breaks too, and JSON may hold them unescaped. They
/// can only stand inside of strings.
fn one_line(value: &Value) -> String {
    let text = value.to_string();
    if text.contains(['\u{85}', '\u{2028}', '\u{2029}']) {
        text.replace('\u{85}', "\\u0085").replace('\u{2028}', "\\u2028").replace('\u{2029}', "\\u2029")
    } else {
        text
    }
}

/// Names to texts; a list where a name repeats.
fn pairs(pairs: &[(String, String)]) -> Value {
    let mut object = Map::new();
    for (name, text) in pairs {
        let text = Value::String(text.clone());
        match object.get_mut(name) {
            None => {
                object.insert(name.clone(), text);
            }
            Some(Value::Array(texts)) => texts.push(text),
            Some(first) => *first = Value::Array(vec![first.take(), text]),
        }
    }
    Value::Object(object)
}
