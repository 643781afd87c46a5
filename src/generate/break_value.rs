//! Violations of one value: a parameter, a member of the body, or a member of a clear text inside it.

use serde_json::{Value, json};

use super::draft::names;
use super::draw::Draw;
use super::generator::Attempt;
use super::request::{Parts, arrives_broken};
use super::violate::violate;
use crate::contract::{InstancePath, Location, Rule, Step, is_expiry};

/// Breaks the value at the duty's location; `None` when this rule knows no such value.
pub(super) fn break_value(at: &Attempt, parts: &mut Parts, draw: &mut Draw) -> Option<()> {
    match &at.obligation.location {
        Location::Body(path) | Location::Form(path) => {
            if parts.seals.iter().any(|part| part.path == *path) {
                return break_sealed_member(at, parts, path, draw);
            }
            let (_, body) = parts.body.as_mut()?;
            break_member(at, body, path, draw)
        }
        Location::Plaintext(envelope, inside) => {
            let part = parts.seals.iter_mut().find(|part| part.path == *envelope)?;
            if at.obligation.rule == Rule::Pattern && is_expiry_at(inside) && at.round.is_multiple_of(2) {
                return swap_expiry(&mut part.value, inside);
            }
            break_member(at, &mut part.value, inside, draw)
        }
        Location::Jwe(envelope) => {
            let Rule::Envelope(flaw) = at.obligation.rule else { return None };
            let part = parts.seals.iter_mut().find(|part| part.path == *envelope)?;
            part.flaw = Some(flaw);
            Some(())
        }
        location => break_parameter(at, parts, location, draw),
    }
}

fn break_member(at: &Attempt, root: &mut Value, path: &InstancePath, draw: &mut Draw) -> Option<()> {
    if at.obligation.rule == Rule::Required {
        return remove(root, path);
    }
    let place = root.pointer_mut(&path.first_pointer())?;
    *place = violate(at.obligation.rule, &at.obligation.limit, place, at.round, draw)?;
    Some(())
}

/// The member whose text is a JWE. Too long: the clear text is, by blanks behind it. Another type: the clear text itself,
/// as an object, comes first.
fn break_sealed_member(at: &Attempt, parts: &mut Parts, path: &InstancePath, draw: &mut Draw) -> Option<()> {
    let part = parts.seals.iter_mut().find(|part| part.path == *path)?;
    match at.obligation.rule {
        Rule::MaxLength => {
            part.padding = at.obligation.limit.as_u64().and_then(|limit| usize::try_from(limit).ok())?;
            return Some(());
        }
        Rule::Type => {
            let clear = part.value.clone();
            let place = parts.body.as_mut()?.1.pointer_mut(&path.first_pointer())?;
            *place = match at.round.checked_sub(1) {
                None => clear,
                // Not the placeholder itself: what stands inside of a list is not sealed.
                Some(round) => violate(Rule::Type, &at.obligation.limit, &json!("sealed"), round, draw)?,
            };
            return Some(());
        }
        _ => {}
    }
    let (_, body) = parts.body.as_mut()?;
    break_member(at, body, path, draw)
}

fn break_parameter(at: &Attempt, parts: &mut Parts, location: &Location, draw: &mut Draw) -> Option<()> {
    let place = parts.parameters.iter().position(|(index, _)| names(location, &at.operation.parameters[*index]))?;
    if at.obligation.rule == Rule::Required {
        parts.parameters.remove(place);
        return Some(());
    }
    let (index, value) = &mut parts.parameters[place];
    let parameter = &at.operation.parameters[*index];
    *value = violate(at.obligation.rule, &at.obligation.limit, value, at.round, draw)
        .filter(|broken| arrives_broken(parameter, broken))?;
    Some(())
}

fn is_expiry_at(path: &InstancePath) -> bool {
    matches!(path.steps(), [Step::Key(name)] if is_expiry(name))
}

/// YYMM in place of MMYY, the trap that card systems set (JWE-11).
fn swap_expiry(root: &mut Value, path: &InstancePath) -> Option<()> {
    let place = root.pointer_mut(&path.first_pointer())?;
    let text = place.as_str().filter(|text| text.len() == 4 && text.is_ascii())?;
    *place = json!(format!("{}{}", &text[2..], &text[..2]));
    Some(())
}

fn remove(root: &mut Value, path: &InstancePath) -> Option<()> {
    let (parent, last) = path.split_last()?;
    let Step::Key(name) = last else { return None };
    root.pointer_mut(&parent.first_pointer())?.as_object_mut()?.shift_remove(name).map(|_| ())
}
