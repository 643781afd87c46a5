//! Puts bound values into drawn parts.

use serde_json::Value;

use super::binding::{Binding, Slot, bind_body};
use super::draw::Draw;
use super::generator::Attempt;
use super::identifier::{Boundary, stretched};
use super::request::Parts;
use crate::contract::{InstancePath, Location, Schema};

/// Applies the bindings, except where they would undo the violation.
/// `boundary` is what the case is about.
pub(super) fn bind(at: &Attempt, boundary: Option<&Boundary>, parts: &mut Parts, draw: &mut Draw) {
    for (slot, binding) in at.bindings.iter() {
        if slot.is_at(&at.obligation.location) {
            beside(at, slot, binding, parts, draw);
            continue;
        }
        let demanded = at.bindings.demands_slot(slot);
        let boundary = boundary.filter(|boundary| boundary.is_at(slot));
        if let Some(pointer) = slot.body_pointer() {
            if let Some((_, body)) = parts.body.as_mut().filter(|(_, body)| demanded || slot.stands_in(body)) {
                let mut value = at.bindings.value(binding, at.name, draw);
                if let (Some(Value::String(text)), Binding::Fresh(_), Some(boundary)) = (&mut value, binding, boundary)
                {
                    *text = boundary.identifier(text).unwrap_or_else(|| text.clone());
                }
                if !lacks(at, slot, value.as_ref()) {
                    bind_body(body, pointer, value.as_ref(), demanded);
                }
            }
            continue;
        }
        if let Some((member, inside)) = slot.plaintext() {
            for part in parts.seals.iter_mut().filter(|part| part.path.to_string() == member) {
                let value = at.bindings.value(binding, at.name, draw);
                if !lacks(at, slot, value.as_ref()) {
                    bind_body(&mut part.value, inside, value.as_ref(), demanded);
                }
            }
            continue;
        }
        let operation = at.operation;
        parts.parameters.retain_mut(|(index, own)| {
            let parameter = &operation.parameters[*index];
            if !slot.names(parameter.place.name(), &parameter.name) {
                return true;
            }
            let value = at.bindings.value(binding, at.name, draw);
            match &value {
                Some(Value::String(text)) if matches!(binding, Binding::Fresh(_)) => {
                    let at_it = boundary.and_then(|boundary| boundary.identifier(text));
                    *own = Value::String(at_it.unwrap_or_else(|| sometimes_long(at, text, &parameter.schema)));
                }
                Some(value) => own.clone_from(value),
                None => return matches!(binding, Binding::OneOf(_)),
            }
            true
        });
    }
}

/// True for an object or a list of the dictionary without the place that is to be broken, which lies inside of it.
fn lacks(at: &Attempt, slot: &Slot, value: Option<&Value>) -> bool {
    let (Some(value), true) = (value, at.bindings.lists(slot)) else { return false };
    let place = at.obligation.location.to_string();
    let place = place.strip_prefix("form").map_or(place.clone(), |path| format!("body{path}"));
    let inside = place.strip_prefix(slot.as_str()).filter(|rest| rest.starts_with('/'));
    inside.is_some_and(|inside| value.pointer(&InstancePath::at(inside).first_pointer()).is_none())
}

/// Only the first item of a list is broken; those beside it keep to the dictionary.
fn beside(at: &Attempt, slot: &Slot, binding: &Binding, parts: &mut Parts, draw: &mut Draw) {
    if !at.bindings.lists(slot) || !slot.as_str().contains("/*") {
        return;
    }
    let (root, path) = match (&at.obligation.location, slot.body_pointer(), slot.plaintext()) {
        (Location::Body(path) | Location::Form(path), Some(_), _) => (parts.body.as_mut().map(|(_, body)| body), path),
        (Location::Plaintext(envelope, path), _, Some(_)) => {
            let part = parts.seals.iter_mut().find(|part| part.path == *envelope);
            (part.map(|part| &mut part.value), path)
        }
        _ => return,
    };
    let Some(root) = root else { return };
    let value = at.bindings.value(binding, at.name, draw);
    let first = path.first_pointer();
    let Some(own) = root.pointer(&first).cloned() else { return };
    bind_body(root, &path.to_string(), value.as_ref(), false);
    if let Some(place) = root.pointer_mut(&first) {
        *place = own;
    }
}

/// In every third case a new identifier is as long as it may be.
fn sometimes_long(at: &Attempt, text: &str, schema: &Schema) -> String {
    let limit = schema.follow(schema.json()).get("maxLength").and_then(Value::as_u64);
    let limit = limit.and_then(|limit| usize::try_from(limit).ok());
    match limit.filter(|limit| at.round % 3 == 2 && *limit <= 256) {
        Some(length) => stretched(text, length),
        None => text.to_owned(),
    }
}
