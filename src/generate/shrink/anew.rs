//! The same violation of an identifier, under another identifier.

use serde_json::Value;

use super::apply::{padded, path};
use crate::contract::{Location, Obligation, Operation};
use crate::generate::binding::{Binding, Bindings};
use crate::generate::case::{Body, Case};
use crate::generate::prove::prove;

/// The same case with another identifier at the place that it breaks, where the suite wants a new one for each case: the
/// first time may have made a resource of this name.
pub fn anew(operation: &Operation, obligation: &Obligation, case: Case, bindings: &Bindings) -> Case {
    let fresh = bindings
        .iter()
        .find(|(slot, binding)| matches!(binding, Binding::Fresh(_) | Binding::FreshPan) && slot.is_at(&case.location));
    let Some((_, binding)) = fresh else { return case };
    // The first digits of a card number say whose it is.
    let kept = if matches!(binding, Binding::FreshPan) { 8 } else { 0 };
    let mut request = case.request.clone();
    let turn = |text: &mut String| *text = turned(text, kept, &bindings.nonce);
    match &case.location {
        Location::Path(name) => {
            request.path_params.get_mut(name).into_iter().for_each(turn);
            let Some(path) = path(operation, &request) else { return case };
            request.path = path;
        }
        Location::Query(name) => {
            request.query.iter_mut().filter(|(own, _)| own == name).for_each(|(_, text)| turn(text));
        }
        Location::Header(name) => {
            request
                .headers
                .iter_mut()
                .filter(|(own, _)| own.eq_ignore_ascii_case(name))
                .for_each(|(_, text)| turn(text));
        }
        Location::Body(path) => {
            if let Body::Json(body) = &mut request.body {
                path.pointers(body).iter().for_each(|pointer| turn_at(body, pointer, turn));
            }
        }
        Location::Plaintext(member, inside) => {
            for seal in request.seals.iter_mut().filter(|seal| member.covers(&seal.pointer)) {
                let Ok(mut clear) = serde_json::from_str::<Value>(&seal.plaintext) else { continue };
                inside.pointers(&clear).iter().for_each(|pointer| turn_at(&mut clear, pointer, turn));
                seal.plaintext = padded(&clear, &seal.plaintext);
            }
        }
        _ => {}
    }
    match prove(operation, &request, case.intent, obligation) {
        Ok(()) => Case { request, ..case },
        Err(_) => case,
    }
}

fn turn_at(root: &mut Value, pointer: &str, turn: impl Fn(&mut String)) {
    if let Some(Value::String(text)) = root.pointer_mut(pointer) {
        turn(text);
    }
}

/// Characters that patterns mostly treat alike: hexadecimal letters apart from the others, and those that no identifier has.
const KINDS: [&str; 6] = ["0123456789", "abcdef", "ghijklmnopqrstuvwxyz", "ABCDEF", "GHIJKLMNOPQRSTUVWXYZ", "!$+=~|"];

/// Other characters of the same kinds in the same places: what a pattern says of a text mostly holds for it still.
fn turned(text: &str, kept: usize, salt: &str) -> String {
    let steps = crate::base::sha256_hex(format!("{salt}|{text}").as_bytes());
    let turn = |(place, c): (usize, char)| {
        let kind = KINDS.iter().filter(|_| place >= kept).find_map(|kind| Some((kind, kind.find(c)?)));
        let Some((kind, at)) = kind else { return c };
        let step = usize::from(steps.as_bytes()[place % steps.len()]) % (kind.len() - 1) + 1;
        kind.as_bytes().get((at + step) % kind.len()).map_or(c, |other| char::from(*other))
    };
    text.chars().enumerate().map(turn).collect()
}
