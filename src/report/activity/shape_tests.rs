use std::time::Duration;

use serde_json::{Value, json};

use super::{AnswersRecord, JsonType, MOST_FIELDS, Shape};
use crate::base::{Redactor, Secret};
use crate::exchange::{Answer, Exchange, Sent, TlsUse};

fn of(bodies: &[Value]) -> AnswersRecord {
    let texts: Vec<(&str, String)> = bodies.iter().map(|body| ("application/json", body.to_string())).collect();
    of_texts(&texts)
}

fn of_texts(answers: &[(&str, String)]) -> AnswersRecord {
    let redactor = Redactor::new([Secret::new("swordfish")]);
    let mut shape = Shape::default();
    for (media, body) in answers {
        let headers = vec![("content-type".to_owned(), (*media).to_owned())];
        let answer = Answer { status: 200, headers, body: body.clone().into_bytes() };
        let sent = Sent {
            method: "GET".into(),
            url: "https://host/a".into(),
            headers: vec![("authorization".into(), "Bearer opaque-token-1".into())],
            body: Vec::new(),
            sealed: Vec::new(),
            tls: TlsUse::default(),
        };
        let exchange = Exchange { sent, outcome: Ok(answer.clone()), elapsed: Duration::ZERO, attempts: 1 };
        shape.add(&answer, &exchange, &redactor);
    }
    shape.record()
}

#[test]
fn fields_are_counted_by_answer_and_by_occurrence() {
    let record =
        of(&[json!({"cards": [{"id": "a", "a/b~": 1}, {"id": null}]}), json!({"cards": []}), json!({"x": true})]);
    assert_eq!((record.count, record.shape_complete), (3, true));
    let field = |pointer: &str| {
        let field = record.shape.get(pointer).unwrap_or_else(|| panic!("no {pointer}: {record:#?}"));
        (field.answers, field.types.iter().map(|(kind, count)| (*kind, *count)).collect::<Vec<_>>())
    };
    assert_eq!(field(""), (3, vec![(JsonType::Object, 3)]));
    assert_eq!(field("/cards"), (2, vec![(JsonType::Array, 2)]));
    assert_eq!(field("/cards/*"), (1, vec![(JsonType::Object, 2)]));
    assert_eq!(field("/cards/*/id"), (1, vec![(JsonType::Null, 1), (JsonType::String, 1)]));
    assert_eq!(field("/cards/*/a~1b~0"), (1, vec![(JsonType::Number, 1)]));
    assert_eq!(field("/x"), (1, vec![(JsonType::Boolean, 1)]));
    assert_eq!(record.shape.len(), 6);
}

#[test]
fn no_value_and_no_secret_name_is_kept() {
    let body = json!({"swordfish": {"4111111111111111": "value-1"}, "opaque-token-1": 7, "long": "value-2"});
    let record = of(&[body]);
    let text = serde_json::to_string(&record).unwrap();
    for secret in ["swordfish", "4111", "opaque", "value"] {
        assert!(!text.contains(secret), "{secret} in {text}");
    }
    assert!(record.shape.contains_key("/***/***") && record.shape.contains_key("/long"), "{text}");
}

#[test]
fn a_hostile_server_does_not_fill_the_record() {
    let many: Value = (0..10_000).map(|n| (format!("f{n}"), json!(1))).collect::<serde_json::Map<_, _>>().into();
    let record = of(&[many]);
    assert_eq!((record.shape.len(), record.shape_complete), (MOST_FIELDS, false));
    let deep = (0..100).fold(json!(1), |inner, _| json!([inner]));
    let record = of(&[deep]);
    assert!(record.shape.len() < 20 && !record.shape_complete);
    let long = json!({"n".repeat(5000): 1, "short": 1});
    let record = of(&[long]);
    assert_eq!((record.shape.len(), record.shape_complete), (2, false));
    let kinds: Vec<(String, String)> = (0..100).map(|n| (format!("a/b{n}"), String::new())).collect();
    let kinds: Vec<(&str, String)> = kinds.iter().map(|(media, body)| (media.as_str(), body.clone())).collect();
    let record = of_texts(&kinds);
    assert_eq!((record.content_types.len(), record.content_types["other"]), (17, 84));
}

#[test]
fn content_types_stand_without_parameters() {
    let record = of_texts(&[
        ("application/json; charset=utf-8", "{}".into()),
        ("Application/JSON", "[]".into()),
        ("", String::new()),
        ("text/html", "<p>".into()),
    ]);
    let counts: Vec<(&str, u64)> = record.content_types.iter().map(|(media, count)| (media.as_str(), *count)).collect();
    assert_eq!(counts, [("application/json", 2), ("none", 1), ("text/html", 1)]);
    assert_eq!(record.shape[""].answers, 2);
}
