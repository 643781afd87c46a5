use std::time::Duration;

use super::Cleaner;
use crate::base::{Redactor, Secret};
use crate::exchange::{Answer, Exchange, Fault, FaultKind, SealedMember, Sent};

fn plain() -> Cleaner {
    Cleaner::new(&Redactor::new([Secret::new("sword/fish")]))
}

fn body(content_type: &str, text: &str) -> String {
    plain().body(&[("Content-Type".into(), content_type.into())], text.as_bytes()).0.unwrap()
}

#[test]
fn urls_lose_users_card_numbers_and_sensitive_parameters() {
    let clean = |url| plain().url(url);
    assert_eq!(clean("https://me:pw@host/a?b=c%20d"), "https://***@host/a?b=c%20d");
    assert_eq!(clean("https://host/cards/4111111111111111/x"), "https://host/cards/***/x");
    assert_eq!(clean("https://host/sword%2Ffish?access_token=abc&n=1"), "https://host/***?access_token=***&n=1");
    assert_eq!(clean("https://host?q=4111%201111%201111%201111"), "https://host?q=***");
    assert_eq!(clean("https://host/a%2Fb/?x"), "https://host/a%2Fb/?x");
}

#[test]
fn arguments_of_a_command_are_masked_by_name_and_value() {
    let clean = |text| plain().argument(text);
    assert_eq!(clean("--password=abc"), "--password=***");
    assert_eq!(clean("--base-url=http://u:p@h/x"), "--base-url=http://***@h/x");
    assert_eq!(clean("http://h/x"), "http://h/x");
    assert_eq!(clean("--seed=7"), "--seed=7");
}

#[test]
fn bodies_are_masked_whatever_their_form() {
    assert_eq!(body("application/json", r#"{"pan": "4111111111111111", "n": 1.50}"#), r#"{"pan":"***","n":1.5}"#);
    assert_eq!(body("application/json", r#"{"pan": "secret-1", "pan": "***"}"#), r#"{"pan":"***"}"#);
    assert_eq!(body("application/json", r#"{"cvv": 123, "password":"abc"#), r#"{"cvv": "***", "password":"***""#);
    assert_eq!(
        body("application/x-www-form-urlencoded", "grant_type=x&assertion=abc&a=4111+1111+1111+1111"),
        "grant_type=x&assertion=***&a=***"
    );
    assert_eq!(body("text/plain", "client_secret=abc&x"), "client_secret=***&x");
    assert_eq!(body("text/plain", "card 4111111111111111 sword/fish"), "card *** ***");
}

#[test]
fn a_body_without_secrets_keeps_its_bytes() {
    let text = "{ \"a\" : 1.0e2,\n \"a\" : 12345678901234567890123 }";
    assert_eq!(body("application/json", text), text);
    assert_eq!(body("text/html", "<a href=\"/x?y=1&z\">50% + 1</a>"), "<a href=\"/x?y=1&z\">50% + 1</a>");
}

#[test]
fn long_bodies_are_cut_and_bytes_are_counted() {
    let (text, complete) = plain().body(&[], "ü".repeat(9_000).as_bytes());
    let text = text.unwrap();
    assert!(!complete && text.ends_with("… cut here; 18000 bytes in all") && text.len() < 16_500, "{}", text.len());
    assert_eq!(plain().body(&[], &[0xff, 0xfe]), (Some("<2 bytes, not UTF-8>".into()), false));
    assert_eq!(plain().body(&[], b""), (None, true));
}

fn exchange(body: &str, sealed: Vec<SealedMember>) -> Exchange {
    let sent = Sent {
        method: "POST".into(),
        url: "https://host/".into(),
        headers: vec![("authorization".into(), "Bearer opaque-token-1".into())],
        body: body.as_bytes().to_vec(),
        sealed,
        tls: crate::exchange::TlsUse::default(),
    };
    let fault = Fault { kind: FaultKind::Cut, text: "cut".into() };
    Exchange { sent, outcome: Err(fault), elapsed: Duration::ZERO, attempts: 1 }
}

#[test]
fn credentials_of_the_request_are_masked_in_its_answer() {
    let exchange = exchange("assertion=opaque-assertion&scope=x", Vec::new());
    let cleaner = Cleaner::of(&Redactor::default(), &exchange);
    assert_eq!(cleaner.text("got opaque-token-1 and opaque-assertion"), "got *** and ***");
    let request = cleaner.request(&exchange.sent);
    assert_eq!(request.headers[0].value, "Bearer ***");
    assert_eq!(request.body.as_deref(), Some("assertion=***&scope=x"));
    assert!(request.sealed.is_empty());
}

#[test]
fn sealed_members_are_shown_without_card_data_and_nobody_repeats_them() {
    let plaintext = r#"{"pan":"123456789012","cvv":987,"exp":"1228","name":"A CUSTOMER"}"#;
    let member = SealedMember { pointer: "/encryptedData".into(), plaintext: Secret::new(plaintext) };
    let exchange = exchange(r#"{"encryptedData":"e.y.J.h.bGciOiJ"}"#, vec![member]);
    let cleaner = Cleaner::of(&Redactor::default(), &exchange);
    let request = cleaner.request(&exchange.sent);
    assert_eq!(request.sealed[0].pointer, "/encryptedData");
    assert_eq!(request.sealed[0].plaintext, r#"{"pan":"***","cvv":"***","exp":"1228","name":"A CUSTOMER"}"#);
    let answer = Answer {
        status: 400,
        headers: vec![
            ("location".into(), "/cards/123456789012?c=987".into()),
            ("x-echo".into(), format!("no: {plaintext}")),
        ],
        body: format!(r#"{{"number": 123456789012, "text": "cvv=987 of {}"}}"#, plaintext.replace('"', "\\\""))
            .into_bytes(),
    };
    let record = cleaner.response(&answer);
    let shown = format!("{record:?}");
    assert!(!shown.contains("123456789012") && !shown.contains("987"), "{shown}");
    assert_eq!(record.headers[0].value, "/cards/***?c=***");
    assert_eq!(record.headers[1].value, "no: ***");
    assert_eq!(record.body.as_deref(), Some(r#"{"number":"***","text":"cvv=*** of ***"}"#));
}
