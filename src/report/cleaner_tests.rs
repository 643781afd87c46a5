use super::Cleaner;
use crate::base::{Redactor, Secret};
use crate::exchange::Sent;

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

#[test]
fn credentials_of_the_request_are_masked_in_its_answer() {
    let sent = Sent {
        method: "POST".into(),
        url: "https://host/".into(),
        headers: vec![("authorization".into(), "Bearer opaque-token-1".into())],
        body: b"assertion=opaque-assertion&scope=x".to_vec(),
    };
    let cleaner = Cleaner::of(&Redactor::default(), &sent);
    assert_eq!(cleaner.text("got opaque-token-1 and opaque-assertion"), "got *** and ***");
    let request = cleaner.request(&sent);
    assert_eq!(request.headers[0].value, "Bearer ***");
    assert_eq!(request.body.as_deref(), Some("assertion=***&scope=x"));
}
