//! Smaller requests that show the same: parts that can be left out of a case, and plainer values for those that stay. Every
//! one is proved like a drawn case, so that a smaller violation is still one of the same duty and of nothing else. What
//! is bound (identifiers of resources, credentials, what is sealed) keeps its value.

mod anew;
mod apply;
mod plainer;

use serde_json::{Map, Value, json};

pub use anew::anew;
pub use apply::simplified;

use self::apply::{json_body, tokens};
use self::plainer::plainer;
use super::binding::{Bindings, Slot};
use super::case::{Body, Case, placeholder};
use super::draft::names;
use crate::contract::{
    InstancePath, Location, Media, Obligation, Operation, ParameterIn, Schema, is_card_number, is_expiry, media_matches,
};

/// Steps towards a smaller case that are looked for; the largest bodies have more members than anybody can try.
const MOST_EDITS: usize = 400;

/// One step towards a smaller case. It names its place in the case as it was drawn, so that it holds for every draw of it.
#[derive(Clone, PartialEq)]
pub struct Edit {
    place: Place,
    /// The plainer value; `None` leaves the part out.
    put: Option<Value>,
    /// Bytes that it may save.
    size: usize,
}

#[derive(Clone, PartialEq, Eq)]
enum Place {
    Path(String),
    Query(String),
    Header(String),
    /// JSON pointer into a body, or the name of a form field as one.
    Body(String),
    /// A sealed member, and a JSON pointer into its clear text.
    Plain(String, String),
}

impl Edit {
    /// True when a part is left out; otherwise a value becomes plainer.
    pub fn omits(&self) -> bool {
        self.put.is_none()
    }

    /// How deep in the request the place is: 1 for parameters and members of the body.
    pub fn depth(&self) -> usize {
        match &self.place {
            Place::Path(_) | Place::Query(_) | Place::Header(_) => 1,
            Place::Body(pointer) => tokens(pointer).len(),
            Place::Plain(member, inside) => tokens(member).len() + tokens(inside).len(),
        }
    }

    /// Bytes that it may save.
    pub fn size(&self) -> usize {
        self.size
    }

    /// True for the first item of a list: a list that had items keeps one, and mostly this one.
    pub fn is_first_item(&self) -> bool {
        match &self.place {
            Place::Body(pointer) | Place::Plain(_, pointer) => pointer.ends_with("/0"),
            _ => false,
        }
    }
}

/// All steps from a case towards smaller ones, each proved on its own.
pub fn simplifications(operation: &Operation, obligation: &Obligation, case: &Case, bindings: &Bindings) -> Vec<Edit> {
    let mut search = Search { operation, obligation, case, bindings, found: Vec::new() };
    search.parameters();
    search.body();
    search.found
}

struct Search<'s> {
    operation: &'s Operation,
    obligation: &'s Obligation,
    case: &'s Case,
    bindings: &'s Bindings,
    found: Vec<Edit>,
}

impl<'s> Search<'s> {
    /// Keeps a step, if the case after it is still proved.
    fn offer(&mut self, place: &Place, put: Option<Value>, size: usize) -> bool {
        let edit = Edit { place: place.clone(), put, size };
        let proved = self.found.len() < MOST_EDITS
            && simplified(self.operation, self.obligation, self.case, std::slice::from_ref(&edit)).is_some();
        if proved {
            self.found.push(edit);
        }
        proved
    }

    /// Offers the plainest value that can stand there, unless the one at hand is it.
    fn offer_plainer(&mut self, place: &Place, name: &str, parts: &[&Value], now: &Value) {
        for plainer in plainer(parts, name, now) {
            if plainer == *now || self.offer(place, Some(plainer), now.to_string().len()) {
                return;
            }
        }
    }

    fn parameters(&mut self) {
        let request = &self.case.request;
        for parameter in &self.operation.parameters {
            let name = parameter.name.clone();
            let (place, text) = match parameter.place {
                ParameterIn::Path => (Place::Path(name.clone()), request.path_params.get(&name)),
                ParameterIn::Query => (Place::Query(name.clone()), value_of(&request.query, |own| own == name)),
                ParameterIn::Header => {
                    let value = value_of(&request.headers, |own| own.eq_ignore_ascii_case(&name));
                    (Place::Header(name.clone()), value)
                }
            };
            let Some(text) = text else { continue };
            let kind = parameter.place.name();
            if !parameter.required && !self.bindings.demands(kind, &name) {
                self.offer(&place, None, text.len());
            }
            let bound = self.bindings.iter().any(|(slot, _)| slot.names(kind, &name));
            if !bound && !names(&self.obligation.location, parameter) {
                let parts = parts(&parameter.schema, parameter.schema.json());
                self.offer_plainer(&place, &name, &parts, &read(&parts, text));
            }
        }
    }

    fn body(&mut self) {
        let request = &self.case.request;
        let schema = self.media().and_then(|media| media.schema.as_deref());
        if let Body::Form(pairs) = &request.body {
            let members = pairs.iter().map(|(name, text)| (name.clone(), json!(text))).collect::<Map<_, _>>();
            self.walk(&Place::Body(String::new()), schema, &Value::Object(members));
            return;
        }
        let Some(body) = json_body(self.case) else { return };
        self.walk(&Place::Body(String::new()), schema, &body);
        for seal in &request.seals {
            let Ok(clear) = serde_json::from_str::<Value>(&seal.plaintext) else { continue };
            let sealed = self.media().into_iter().flat_map(|media| &media.sealed);
            let schema = sealed
                .into_iter()
                .find(|sealed| sealed.path.covers(&seal.pointer))
                .map(|sealed| sealed.plaintext.as_ref());
            self.walk(&Place::Plain(seal.pointer.clone(), String::new()), schema, &clear);
        }
    }

    fn media(&self) -> Option<&'s Media> {
        let all = &self.operation.body.as_ref()?.media;
        let sent = self.case.request.content_type.as_deref()?;
        all.iter().find(|media| media_matches(&media.media_type, sent)).or_else(|| all.first())
    }

    fn walk(&mut self, root: &Place, schema: Option<&'s Schema>, value: &Value) {
        let around = schema.map_or_else(Vec::new, |schema| parts(schema, schema.json()));
        self.inside(&Node { at: root.clone(), schema, around, name: "" }, value);
    }

    fn inside(&mut self, node: &Node<'s, '_>, value: &Value) {
        let Node { at, name, .. } = node;
        match value {
            // What the target's owner wrote down stays whole.
            Value::Object(_) | Value::Array(_) if self.is_listed(at) => {}
            Value::Object(members) => {
                for (own, member) in members {
                    let node = node.below(own, own, |part| part.get("properties")?.get(own));
                    if !self.is_demanded(&node.at) {
                        self.offer(&node.at, None, member.to_string().len());
                    }
                    self.inside(&node, member);
                }
            }
            Value::Array(items) => {
                for (index, item) in items.iter().enumerate() {
                    let node = node.below(&index.to_string(), name, |part| part.get("items"));
                    // A seal knows its place by the number of its item.
                    if items.len() > 1 && !self.holds_seal(at) {
                        self.offer(&node.at, None, item.to_string().len());
                    }
                    self.inside(&node, item);
                }
            }
            _ if self.is_fixed(at, name, value) => {}
            _ => self.offer_plainer(at, name, &node.around, value),
        }
    }

    fn is_listed(&self, place: &Place) -> bool {
        self.bindings.iter().any(|(slot, _)| self.bindings.lists(slot) && stands_at(slot, place))
    }

    fn is_demanded(&self, place: &Place) -> bool {
        self.bindings.iter().any(|(slot, _)| self.bindings.demands_slot(slot) && stands_at(slot, place))
    }

    /// What is bound, sealed, a credential or a card's keeps its value, and so does what is broken on purpose.
    fn is_fixed(&self, place: &Place, name: &str, value: &Value) -> bool {
        let text = value.as_str().unwrap_or_default();
        let broken = match (place, &self.obligation.location) {
            (Place::Body(pointer), Location::Body(path) | Location::Form(path)) => path.covers(pointer),
            (Place::Plain(member, inside), Location::Plaintext(path, own)) => path.covers(member) && own.covers(inside),
            _ => false,
        };
        broken
            || [placeholder::ENVELOPE, placeholder::CLIENT_ASSERTION].contains(&text)
            || is_card_number(name)
            || is_expiry(name)
            || self.bindings.iter().any(|(slot, _)| stands_at(slot, place))
    }

    fn holds_seal(&self, at: &Place) -> bool {
        let Place::Body(pointer) = at else { return false };
        self.case.request.seals.iter().any(|seal| seal.pointer.starts_with(&format!("{pointer}/")))
    }
}

fn stands_at(slot: &Slot, place: &Place) -> bool {
    match place {
        Place::Body(pointer) => slot.body_pointer().is_some_and(|own| InstancePath::at(own).covers(pointer)),
        Place::Plain(member, inside) => slot
            .plaintext()
            .is_some_and(|(own, at)| InstancePath::at(own).covers(member) && InstancePath::at(at).covers(inside)),
        _ => false,
    }
}

fn joined(pointer: &str, token: &str) -> String {
    format!("{pointer}/{}", token.replace('~', "~0").replace('/', "~1"))
}

fn deeper(place: &Place, token: &str) -> Place {
    match place {
        Place::Plain(member, inside) => Place::Plain(member.clone(), joined(inside, token)),
        Place::Body(pointer) => Place::Body(joined(pointer, token)),
        other => other.clone(),
    }
}

/// A place with the schemas that describe it, and the name of the member that it is, or belongs to.
struct Node<'s, 'n> {
    at: Place,
    schema: Option<&'s Schema>,
    around: Vec<&'s Value>,
    name: &'n str,
}

impl<'s> Node<'s, '_> {
    fn below<'n>(&self, token: &str, name: &'n str, step: impl Fn(&'s Value) -> Option<&'s Value>) -> Node<'s, 'n> {
        let nodes = self.around.iter().filter_map(|part| step(part));
        let around = self.schema.map_or_else(Vec::new, |schema| nodes.flat_map(|node| parts(schema, node)).collect());
        Node { at: deeper(&self.at, token), schema: self.schema, around, name }
    }
}

fn value_of(pairs: &[(String, String)], is: impl Fn(&str) -> bool) -> Option<&String> {
    pairs.iter().find(|(own, _)| is(own)).map(|(_, text)| text)
}

/// The text of a parameter as the value that it stands for.
fn read(parts: &[&Value], text: &str) -> Value {
    let is = |kind: &str| parts.iter().any(|part| part.get("type").is_some_and(|own| own == kind));
    let number = if is("integer") || is("number") { text.parse::<serde_json::Number>().ok() } else { None };
    number.map_or_else(|| json!(text), Value::Number)
}

/// A node of a schema with all that describes the same place.
fn parts<'v>(schema: &'v Schema, node: &'v Value) -> Vec<&'v Value> {
    let mut found: Vec<&Value> = Vec::new();
    let mut open = vec![schema.follow(node)];
    while let Some(part) = open.pop() {
        if !found.iter().any(|known| std::ptr::eq(*known, part)) {
            found.push(part);
            let branches = ["allOf", "oneOf", "anyOf"].iter().filter_map(|key| part.get(key)?.as_array()).flatten();
            open.extend(branches.map(|branch| schema.follow(branch)));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use serde_json::{Value, json};

    use super::{Edit, anew, simplifications, simplified};
    use crate::base::{PanRange, Seed};
    use crate::contract::{Catalog, Contract, Document, Obligation, Operation, obligations};
    use crate::generate::prove::prove;
    use crate::generate::{Binding, Bindings, Body, Case, Generator, Means, Slot};

    fn contract(name: &str) -> Contract {
        let catalog = Catalog::load(&Path::new(env!("CARGO_MANIFEST_DIR")).join("specs")).unwrap();
        catalog.contract(catalog.entry(name).unwrap()).unwrap()
    }

    fn case(operation: &Operation, duty: &Obligation, bindings: &Bindings, index: u32) -> Option<Case> {
        let generator = Generator::new(Vec::new(), vec![operation.method.clone()], Means::default());
        generator.case(operation, duty, bindings, Seed::new(1), duty.id.as_str(), index).case
    }

    fn bound(slots: &[(&str, Binding)]) -> Bindings {
        let mut bindings = Bindings::new("1", true);
        bindings.test_pans = PanRange::published();
        for (slot, binding) in slots {
            bindings.set(Slot::parse(slot).unwrap(), binding.clone());
        }
        bindings
    }

    /// A body that is made as small as it can be, one step after the other, without a target to ask.
    fn smallest(operation: &Operation, duty: &Obligation, case: &Case, bindings: &Bindings) -> Case {
        let mut taken: Vec<Edit> = Vec::new();
        for step in simplifications(operation, duty, case, bindings) {
            taken.push(step);
            if simplified(operation, duty, case, &taken).is_none() {
                taken.pop();
            }
        }
        simplified(operation, duty, case, &taken).unwrap()
    }

    #[test]
    fn every_smaller_case_is_proved_and_keeps_what_is_bound() {
        let contract = contract("D1-Public-IN-v2-Card");
        let operation = contract.operation("registerCard").unwrap();
        let bindings = bound(&[
            ("path.cardId", Binding::Fresh("card-".to_owned())),
            ("body/consumerId", Binding::Fresh("consumer-".to_owned())),
            ("body/encryptedData.plaintext/pan", Binding::FreshPan),
        ]);
        let (mut smaller, mut all) = (0, 0);
        for duty in obligations(&contract, operation) {
            for index in 0..4 {
                let Some(case) = case(operation, &duty, &bindings, index) else { continue };
                let small = smallest(operation, &duty, &case, &bindings);
                assert_eq!(prove(operation, &small.request, small.intent, &duty), Ok(()), "{}", case.id);
                assert_eq!(small.request.credentials, case.request.credentials);
                let location = duty.location.to_string();
                if location != "path.cardId" {
                    assert_eq!(small.request.path_params["cardId"], case.request.path_params["cardId"], "{}", case.id);
                }
                let pans = |case: &Case| {
                    let clear = case.request.seals.iter().map(|seal| serde_json::from_str::<Value>(&seal.plaintext));
                    clear.filter_map(|clear| clear.ok()?.get("pan").cloned()).collect::<Vec<_>>()
                };
                assert!(pans(&small).is_empty() || pans(&small) == pans(&case), "{}", case.id);
                if let (Body::Json(small), Body::Json(before)) = (&small.request.body, &case.request.body) {
                    let consumer = small.get("consumerId");
                    assert!(consumer.is_none() || consumer == before.get("consumerId"), "{}", case.id);
                }
                let size = |case: &Case| case.request.target().len() + case.request.body_bytes().len();
                assert!(size(&small) <= size(&case), "{}", case.id);
                smaller += usize::from(size(&small) < size(&case));
                all += 1;
            }
        }
        assert!(smaller * 2 > all, "{smaller} of {all}");
    }

    const LISTS: &str = "openapi: 3.0.3\ninfo: {title: t, version: '1'}\npaths:\n  /a:\n    post:\n      operationId: a\n      \
                         requestBody:\n        content:\n          application/json:\n            schema: {$ref: '#/components/schemas/a'}\n      \
                         responses:\n        '200': {description: ok}\ncomponents:\n  schemas:\n    a:\n      type: object\n      \
                         properties:\n        note: {type: string}\n        list:\n          type: array\n          maxItems: 5\n          \
                         items:\n            type: object\n            required: [at]\n            \
                         properties: {at: {type: string, format: date-time}, kind: {type: string, enum: [b, c]}, more: {type: object, properties: {x: {type: integer}}}}\n";

    fn lists() -> Contract {
        let document = Document::parse(Path::new("t.yaml"), LISTS).unwrap();
        Contract::read("t", document).unwrap()
    }

    #[test]
    fn a_list_that_is_too_long_keeps_its_length_and_nothing_else() {
        let contract = lists();
        let operation = &contract.operations[0];
        let duties = obligations(&contract, operation);
        let duty = duties.iter().find(|duty| duty.id.as_str().ends_with("body/list::max_items")).unwrap();
        let none = Bindings::default();
        let large = (0..20).filter_map(|index| case(operation, duty, &none, index));
        let large = large.max_by_key(|case| case.request.body_bytes().len()).unwrap();
        let small = smallest(operation, duty, &large, &none);
        let Body::Json(body) = &small.request.body else { panic!("a body") };
        assert_eq!(*body, json!({"list": vec![json!({"at": "2026-01-01T00:00:00Z"}); 6]}));
        assert!(large.request.body_bytes().len() > small.request.body_bytes().len() + 40);
        // A list that is as it should be loses its items but for one.
        let conforming = (0..20).filter_map(|index| case(operation, &duties[0], &none, index)).find(|case| {
            matches!(&case.request.body, Body::Json(body) if body["list"].as_array().is_some_and(|list| list.len() > 2))
        });
        let conforming = conforming.unwrap();
        let steps = simplifications(operation, &duties[0], &conforming, &none);
        let items: Vec<Edit> = steps.into_iter().filter(|step| step.omits() && step.depth() == 2).collect();
        assert!(simplified(operation, &duties[0], &conforming, &items).is_none(), "an empty list is another thing");
        let rest: Vec<Edit> = items.into_iter().filter(|step| !step.is_first_item()).collect();
        let small = simplified(operation, &duties[0], &conforming, &rest).unwrap();
        let Body::Json(body) = &small.request.body else { panic!("a body") };
        assert_eq!(body["list"].as_array().unwrap().len(), 1);
    }

    #[test]
    fn a_violation_of_an_identifier_gets_another_one_for_every_round() {
        let contract = contract("D1-Public-IN-v2-Card");
        let operation = contract.operation("registerCard").unwrap();
        let duties = obligations(&contract, operation);
        for (end, slot) in
            [("path.cardId::pattern", "path.cardId"), ("plaintext/pan::max_length", "body/encryptedData.plaintext/pan")]
        {
            let duty = duties.iter().find(|duty| duty.id.as_str().ends_with(end)).unwrap();
            let fresh = if slot.starts_with("path") { Binding::Fresh("card-".to_owned()) } else { Binding::FreshPan };
            let mut bindings = bound(&[(slot, fresh)]);
            let first = case(operation, duty, &bindings, 0).unwrap();
            let shown = |case: &Case| {
                let clear = case.request.seals.first().map(|seal| seal.plaintext.clone()).unwrap_or_default();
                format!("{} {clear}", case.request.path)
            };
            let mut seen = vec![shown(&first)];
            for round in ["1~1", "1~2"] {
                bindings.nonce = round.to_owned();
                let again = anew(operation, duty, first.clone(), &bindings);
                assert_eq!(prove(operation, &again.request, again.intent, duty), Ok(()));
                assert!(!seen.contains(&shown(&again)), "{end}: {seen:?}");
                seen.push(shown(&again));
            }
            // What is not new for every case stays as it is.
            assert_eq!(shown(&anew(operation, duty, first.clone(), &Bindings::default())), seen[0]);
        }
    }
}
