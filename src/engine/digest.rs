//! The digest of a case: what was drawn, without what depends on the target or the moment.

use serde_json::Value;

use crate::base::Digest;
use crate::generate::{Binding, Bindings, Body, Case};

/// Adds a case. Bound values are replaced by their slot, so that one seed gives one digest against every target.
pub(super) fn add_case(digest: &mut Digest, case: &Case, bindings: &Bindings) {
    let request = &case.request;
    let body_value = if let Body::Json(value) = &request.body { Some(value) } else { None };
    let bound: Vec<(&str, &Binding)> = bindings
        .iter()
        .filter(|(_, binding)| !matches!(binding, Binding::OneOf(_) | Binding::Omit))
        // Of a JSON body only the members that it has are masked.
        .filter(|(slot, _)| {
            let stands = |body: &Value| body.is_array() || slot.stands_in(body);
            slot.body_pointer().is_none() || body_value.is_none_or(stands)
        })
        .filter(|(slot, _)| !slot.is_at(&case.location))
        .map(|(slot, binding)| (slot.as_str(), binding))
        .collect();
    digest.add(case.id.as_str().as_bytes());
    digest.add(request.method.as_bytes());
    digest.add(format!("{:?}", request.credentials).as_bytes());
    digest.add(request.content_type.as_deref().unwrap_or_default().as_bytes());
    let mut named = |kind: &str, name: &str, text: &str| {
        let is_bound = bound.iter().any(|(slot, _)| slot.strip_prefix(kind) == Some(name));
        digest.add(kind.as_bytes());
        digest.add(name.as_bytes());
        digest.add(if is_bound { b"*" } else { text.as_bytes() });
    };
    request.path_params.iter().for_each(|(name, text)| named("path.", name, text));
    request.query.iter().for_each(|(name, text)| named("query.", name, text));
    request.headers.iter().for_each(|(name, text)| named("header.", name, text));
    digest.add(body(case, bindings, &bound).as_bytes());
    for seal in &request.seals {
        let clear = clear_text(&seal.pointer, &seal.plaintext, &bound);
        digest.add(format!("{}{:?}{clear}", seal.pointer, seal.flaw).as_bytes());
    }
    digest.add(format!("{:?}{:?}", request.assertion_flaw, request.certificate_flaw).as_bytes());
}

/// The clear text of a seal, bound members masked.
fn clear_text(pointer: &str, plaintext: &str, bound: &[(&str, &Binding)]) -> String {
    let Ok(mut value) = serde_json::from_str::<Value>(plaintext) else { return plaintext.to_owned() };
    let prefix = format!("body{pointer}.plaintext");
    for inside in bound.iter().filter_map(|(slot, _)| slot.strip_prefix(prefix.as_str())) {
        mask(&mut value, &inside.split('/').skip(1).collect::<Vec<_>>());
    }
    format!("{value}{}", plaintext.len() - plaintext.trim_end().len())
}

fn body(case: &Case, bindings: &Bindings, bound: &[(&str, &Binding)]) -> String {
    match &case.request.body {
        Body::Empty => String::new(),
        Body::Json(value) => {
            // A clear text may stand in the body as it is, where its envelope is what the case leaves out.
            let pointers: Vec<String> = bound
                .iter()
                .filter_map(|(slot, _)| slot.strip_prefix("body"))
                .map(|pointer| pointer.replacen(".plaintext/", "/", 1))
                .collect();
            if pointers.is_empty() {
                return value.to_string();
            }
            let mut value = value.clone();
            for pointer in pointers {
                mask(&mut value, &pointer.split('/').skip(1).collect::<Vec<_>>());
            }
            value.to_string()
        }
        Body::Form(pairs) => format!("{pairs:?}"),
        Body::Raw(bytes) => {
            // A broken text has no members to find the bound values by; they are found by their value.
            let mut text = String::from_utf8_lossy(bytes).into_owned();
            for value in bound_texts(case, bindings, bound) {
                text = text.replace(&value, "*");
            }
            text
        }
    }
}

fn bound_texts(case: &Case, bindings: &Bindings, bound: &[(&str, &Binding)]) -> Vec<String> {
    let mut texts: Vec<String> = bound
        .iter()
        .filter_map(|(_, binding)| match binding {
            Binding::Value(Value::String(text)) => Some(text.clone()),
            Binding::Fresh(prefix) => Some(bindings.fresh(prefix, case.id.as_str())),
            _ => None,
        })
        .chain(case.request.path_params.values().cloned())
        .filter(|text| text.len() >= 4)
        .collect();
    texts.sort_by_key(|text| std::cmp::Reverse(text.len()));
    texts
}

fn mask(node: &mut Value, tokens: &[&str]) {
    match (tokens.split_first(), node) {
        (Some((token, rest)), Value::Array(items)) if *token == "*" => {
            for item in items {
                mask(item, rest);
            }
        }
        // An object whose type was to be broken may stand in a list.
        (Some(_), Value::Array(items)) => items.iter_mut().for_each(|item| mask(item, tokens)),
        (Some((token, rest)), Value::Object(members)) => {
            if let Some(member) = members.get_mut(*token) {
                mask(member, rest);
            }
        }
        (None, node) => *node = Value::String("*".to_owned()),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::add_case;
    use crate::base::{Digest, PanRange, Seed};
    use crate::contract::{Catalog, obligations};
    use crate::generate::{Binding, Bindings, Generator, Means, Slot};

    /// Identifiers and card numbers are new in every run against a target that remembers; the digest is not.
    #[test]
    fn fresh_values_leave_the_digest_alone() {
        let catalog = Catalog::load(&Path::new(env!("CARGO_MANIFEST_DIR")).join("specs")).unwrap();
        let contract = catalog.contract(catalog.entry("D1-Public-IN-v2-Card").unwrap()).unwrap();
        let operation = contract.operation("registerCard").unwrap();
        let generator = Generator::new(Vec::new(), vec!["PUT".to_owned()], Means::default());
        let bindings = |nonce: &str| {
            let mut bindings = Bindings::new(nonce, true);
            bindings.test_pans = PanRange::published();
            for (slot, binding) in [
                ("path.cardId", Binding::Fresh("card-".to_owned())),
                ("body/consumerId", Binding::Fresh("consumer-".to_owned())),
                ("body/encryptedData.plaintext/pan", Binding::FreshPan),
            ] {
                bindings.set(Slot::parse(slot).unwrap(), binding);
            }
            bindings
        };
        let (one, other) = (bindings("1"), bindings("2"));
        for obligation in obligations(&contract, operation) {
            for index in 0..16 {
                let digest = |bindings: &Bindings| {
                    let name = obligation.id.as_str();
                    let case = generator.case(operation, &obligation, bindings, Seed::new(1), name, index).case?;
                    let mut digest = Digest::default();
                    add_case(&mut digest, &case, bindings);
                    Some(digest.hex())
                };
                assert_eq!(digest(&one), digest(&other), "{} {index}", obligation.id);
            }
        }
    }
}
