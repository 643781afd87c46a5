//! Puts steps towards a smaller case into effect.

use serde_json::Value;

use super::{Edit, Place};
use crate::contract::{MediaKind, Obligation, Operation, Rule};
use crate::generate::case::{Body, Case, Intent, Request, placeholder};
use crate::generate::footing::footing;
use crate::generate::prove::{breaks_no_more, prove};

/// The case after these steps; `None` where it would not show the same thing any more.
pub fn simplified(operation: &Operation, obligation: &Obligation, case: &Case, edits: &[Edit]) -> Option<Case> {
    let mut request = case.request.clone();
    let mut body = json_body(case);
    for edit in edits.iter().filter(|edit| !edit.omits()) {
        change(operation, &mut request, body.as_mut(), edit)?;
    }
    // From behind, so that the items before keep their places.
    let mut omitted: Vec<&Edit> = edits.iter().filter(|edit| edit.omits()).collect();
    omitted.sort_by_key(|edit| std::cmp::Reverse(order(edit)));
    for edit in omitted {
        change(operation, &mut request, body.as_mut(), edit)?;
    }
    if let Some(value) = body {
        request
            .seals
            .retain(|seal| value.pointer(&seal.pointer).and_then(Value::as_str) == Some(placeholder::ENVELOPE));
        let raw = matches!(request.body, Body::Raw(_));
        request.body = Body::Json(value);
        if raw {
            // The proof reads nothing of a body whose media type is wrong: it has to be right under its own.
            let of_its_own = operation.body.as_ref()?.media.iter().find(|media| media.kind == MediaKind::Json)?;
            let strange = request.content_type.replace(of_its_own.media_type.clone());
            prove(operation, &request, Intent::Conforming, obligation).ok()?;
            request.content_type = strange;
            request.body = Body::Raw(request.body_bytes());
        }
    }
    prove(operation, &request, case.intent, obligation).ok()?;
    if case.intent == Intent::Violating && !breaks_no_more(operation, &request, &case.request) {
        return None;
    }
    Some(Case { evidence: footing(operation, &request), request, ..case.clone() })
}

/// The body as JSON, as far as it is.
pub(super) fn json_body(case: &Case) -> Option<Value> {
    match &case.request.body {
        Body::Json(value) => Some(value.clone()),
        Body::Raw(bytes) if case.rule == Rule::WrongContentType => serde_json::from_slice(bytes).ok(),
        _ => None,
    }
}

/// The path with the values of its parameters.
pub(super) fn path(operation: &Operation, request: &Request) -> Option<String> {
    operation.path.fill(|name| request.path_params.get(name).map(|text| Request::encode(text)))
}

/// A clear text, with as many blanks behind it as there were.
pub(super) fn padded(clear: &Value, before: &str) -> String {
    format!("{clear}{}", " ".repeat(before.len() - before.trim_end().len()))
}

/// Later items come later, and what is inside comes after what holds it.
fn order(edit: &Edit) -> (String, Vec<(usize, String)>) {
    let steps = |pointer: &str| {
        tokens(pointer).into_iter().map(|token| (token.parse().unwrap_or_default(), token)).collect::<Vec<_>>()
    };
    match &edit.place {
        Place::Body(pointer) => (String::new(), steps(pointer)),
        Place::Plain(member, inside) => (member.clone(), steps(inside)),
        Place::Path(name) | Place::Query(name) | Place::Header(name) => (name.clone(), Vec::new()),
    }
}

fn change(operation: &Operation, request: &mut Request, body: Option<&mut Value>, edit: &Edit) -> Option<()> {
    let put = edit.put.as_ref();
    match &edit.place {
        Place::Path(name) => {
            let text = request.path_params.get_mut(name)?;
            *text = plain_text(put?)?;
            request.path = path(operation, request)?;
        }
        Place::Query(name) => set(&mut request.query, |own| own == name, put)?,
        Place::Header(name) => set(&mut request.headers, |own| own.eq_ignore_ascii_case(name), put)?,
        Place::Body(pointer) => match (&mut request.body, body) {
            (Body::Form(pairs), _) => set(pairs, |own| pointer.get(1..) == Some(own), put)?,
            (_, body) => edit_at(body?, pointer, put)?,
        },
        Place::Plain(member, inside) => {
            let Some(seal) = request.seals.iter_mut().find(|seal| seal.pointer == *member) else { return Some(()) };
            let mut clear: Value = serde_json::from_str(&seal.plaintext).ok()?;
            edit_at(&mut clear, inside, put)?;
            seal.plaintext = padded(&clear, &seal.plaintext);
        }
    }
    Some(())
}

fn set(pairs: &mut Vec<(String, String)>, is: impl Fn(&str) -> bool, put: Option<&Value>) -> Option<()> {
    let Some(value) = put else {
        pairs.retain(|(own, _)| !is(own));
        return Some(());
    };
    let text = plain_text(value)?;
    pairs.iter_mut().filter(|(own, _)| is(own)).for_each(|(_, own)| own.clone_from(&text));
    Some(())
}

/// What is gone with its parent is gone. A list that had items keeps one: an empty one is another thing.
fn edit_at(root: &mut Value, pointer: &str, put: Option<&Value>) -> Option<()> {
    if let Some(value) = put {
        if let Some(place) = root.pointer_mut(pointer) {
            place.clone_from(value);
        }
        return Some(());
    }
    let (parent, _) = pointer.rsplit_once('/')?;
    let last = tokens(pointer).pop()?;
    match root.pointer_mut(parent) {
        Some(Value::Object(members)) => {
            members.shift_remove(&last);
        }
        Some(Value::Array(items)) => {
            let index = last.parse::<usize>().ok().filter(|index| *index < items.len() && items.len() > 1)?;
            items.remove(index);
        }
        _ => {}
    }
    Some(())
}

pub(super) fn tokens(pointer: &str) -> Vec<String> {
    pointer.split('/').skip(1).map(|token| token.replace("~1", "/").replace("~0", "~")).collect()
}

fn plain_text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(_) | Value::Bool(_) => Some(value.to_string()),
        _ => None,
    }
}
