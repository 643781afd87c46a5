use std::collections::HashSet;
use std::path::Path;

use super::variants;
use crate::base::Seed;
use crate::contract::{
    Catalog, Obligation, Operation, Rule, accepts, decode_utf16, depth, is_json, is_media_type, obligations,
};
use crate::generate::{Bindings, Body, Case, Generator, Intent, Means, placeholder};

/// Every variant of a rule at one operation.
fn cases(spec: &str, operation: &str, rule: Rule) -> Vec<Case> {
    let catalog = Catalog::load(&Path::new(env!("CARGO_MANIFEST_DIR")).join("specs")).unwrap();
    let contract = catalog.contract(catalog.entry(spec).unwrap()).unwrap();
    let operation = contract.operation(operation).unwrap();
    let duty = obligations(&contract, operation).into_iter().find(|duty| duty.rule == rule).unwrap();
    (0..variants(rule).unwrap()).map(|index| case(operation, &duty, index)).collect()
}

fn case(operation: &Operation, duty: &Obligation, index: u32) -> Case {
    let generator = Generator::new(Vec::new(), vec![operation.method.clone()], Means::default());
    let name = duty.id.as_str();
    let drawn = generator.case(operation, duty, &Bindings::default(), Seed::new(1), name, index);
    drawn.case.unwrap_or_else(|| panic!("{name}#{index}: {:?}", drawn.reason))
}

fn create(rule: Rule) -> Vec<Case> {
    cases("D1-Public-IN-v2-Card", "createCard", rule)
}

fn bodies(cases: &[Case]) -> Vec<Vec<u8>> {
    cases.iter().map(|case| case.request.body_bytes()).collect()
}

/// What a request says beside its values.
fn look(case: &Case) -> String {
    let request = &case.request;
    let body = String::from_utf8_lossy(&request.body_bytes()).into_owned();
    format!("{} {:?} {:?} {:?} {body}", request.method, request.query, request.headers, request.content_type)
}

/// Every rule of whole messages has as many messages as it says, and every one of them is proved at once.
#[test]
fn each_variant_is_a_message_of_its_own() {
    let rules = [
        Rule::MalformedJson,
        Rule::JsonEncoding,
        Rule::WrongContentType,
        Rule::MalformedContentType,
        Rule::UnusualBody,
        Rule::UnusualMessage,
        Rule::AcceptAnything,
        Rule::ContentTypeCase,
        Rule::ContentTypeCharset,
    ];
    for rule in rules {
        let cases = create(rule);
        let looks: HashSet<String> = cases.iter().map(look).collect();
        assert_eq!(looks.len(), cases.len(), "{rule}");
        let conforming = cases.iter().all(|case| case.intent == Intent::Conforming);
        assert_eq!(conforming, rule.wants_acceptance(), "{rule}");
    }
    assert_eq!(variants(Rule::MaxLength), None);
}

#[test]
fn malformed_texts_are_no_json() {
    let bodies = bodies(&create(Rule::MalformedJson));
    assert!(bodies.iter().all(|body| !is_json(body)), "{bodies:?}");
    let holds = |part: &[u8]| bodies.iter().filter(|body| body.windows(part.len()).any(|own| own == part)).count();
    let marks: [&[u8]; 10] =
        [b"NaN", b"Infinity", b"/*", b"//", b"{unexpected:", b"a\tb", b":01", b":+1", b":True", b"a\xC3b"];
    for mark in marks {
        assert_eq!(holds(mark), 1, "{mark:?}");
    }
}

#[test]
fn unusual_bodies_are_json_but_for_their_mark() {
    let cases = create(Rule::UnusualBody);
    let bodies = bodies(&cases);
    let texts = bodies.iter().filter(|body| is_json(body)).count();
    assert_eq!(texts, bodies.len() - 1, "all but the one with a byte order mark");
    assert_eq!(bodies.iter().filter(|body| depth(body) > 10_000).count(), 2);
    assert!(cases[0].request.content_type.is_none());
    let types: Vec<_> = cases.iter().filter_map(|case| case.request.content_type.as_deref()).collect();
    assert!(types.iter().all(|sent| is_media_type(sent)), "{types:?}");
}

#[test]
fn unreadable_labels_are_unreadable() {
    for case in create(Rule::MalformedContentType) {
        let sent = case.request.content_type.unwrap();
        assert!(!is_media_type(&sent), "{sent}");
    }
    let accept =
        |case: &Case| case.request.headers.iter().find(|(name, _)| name == "accept").map(|(_, text)| text.clone());
    let taken: Vec<_> =
        create(Rule::UnusualMessage).iter().filter_map(accept).map(|text| accepts(&text, "application/json")).collect();
    assert_eq!(taken, [None, None, Some(false)]);
}

#[test]
fn another_encoding_is_put_on_at_the_very_end() {
    let case = create(Rule::JsonEncoding).remove(0);
    let text = case.request.body_bytes();
    assert!(is_json(&text));
    let bytes = case.request.encoded(text.clone());
    assert!(std::str::from_utf8(&bytes).is_err());
    assert_eq!(decode_utf16(&bytes).map(String::into_bytes), Some(text));
}

/// The envelope is put into bytes that are no text, and a member that stands twice is not the sealed one.
#[test]
fn sealed_bodies_keep_one_placeholder_for_each_seal() {
    for rule in [Rule::MalformedJson, Rule::UnusualBody, Rule::MalformedContentType] {
        for case in cases("D1-Public-IN-v2-Card", "registerCard", rule) {
            let body = String::from_utf8_lossy(&case.request.body_bytes()).into_owned();
            assert_eq!(body.matches(placeholder::ENVELOPE).count(), case.request.seals.len(), "{rule}: {body}");
        }
    }
}

#[test]
fn a_body_comes_where_none_is_declared_and_a_parameter_twice() {
    for case in cases("D1-Public-IN-v1-Card", "getCard", Rule::UnexpectedBody) {
        assert!(matches!(&case.request.body, Body::Raw(bytes) if !bytes.is_empty()));
        assert_eq!((case.request.method.as_str(), case.request.content_type.is_some()), ("GET", true));
    }
    for case in cases("D1-Public-OUT-v1-Consumer", "getConsumerInformation", Rule::RepeatedParameter) {
        let names: Vec<&str> = case.request.query.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(names.iter().filter(|name| **name == "cardId").count(), 2, "{names:?}");
    }
}
