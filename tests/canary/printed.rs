//! A panic prints what it was about: no public type that can hold a secret may show it.

use std::panic::catch_unwind;
use std::path::Path;
use std::time::Duration;

use d1_conformance::base::{CaseId, ObligationId, OperationId, PanRange, Redactor, Secret};
use d1_conformance::contract::{Evidence, Location, Rule};
use d1_conformance::exchange::{Answer, Exchange, SealedMember, Sent};
use d1_conformance::generate::{Binding, Bindings, Body, Case, Credentials, Intent, Request, Seal, Slot};
use d1_conformance::oracle::Volatile;
use d1_conformance::suite::Target;
use serde_json::json;

use super::secrets::{AUXILIARY_PAN, CLIENT_SECRET, CVC, CVV, PAN, PAN_RANGE, SIGNING_KEY, STATIC_TOKEN, Scanner};

fn request() -> Request {
    let card = json!({"pan": PAN, "auxiliaryPan": AUXILIARY_PAN, "cvv": CVV, "cvc": CVC});
    let pairs = |name: &str| vec![(name.to_owned(), format!("{STATIC_TOKEN} {AUXILIARY_PAN} {CVV}"))];
    Request {
        method: "PUT".into(),
        path: format!("/cards/{PAN}"),
        path_params: [("cardId".to_owned(), PAN.to_owned())].into(),
        query: pairs("access_token"),
        headers: pairs("x-token"),
        content_type: None,
        body: Body::Json(card.clone()),
        credentials: Credentials::Right,
        seals: vec![Seal { pointer: "/encryptedData".into(), plaintext: card.to_string(), flaw: None }],
        assertion_flaw: None,
        certificate_flaw: None,
    }
}

fn exchange() -> Exchange {
    let headers = vec![("authorization".to_owned(), format!("Bearer {STATIC_TOKEN}"))];
    let body = format!("{{\"pan\": \"{AUXILIARY_PAN}\", \"cvv\": {CVV}}}").into_bytes();
    Exchange {
        sent: Sent {
            method: "PUT".into(),
            url: format!("http://u:{STATIC_TOKEN}@127.0.0.1/cards/{PAN}?access_token={STATIC_TOKEN}&cvv={CVV}"),
            headers: headers.clone(),
            body: body.clone(),
            sealed: vec![SealedMember { pointer: "/encryptedData".into(), plaintext: Secret::new(AUXILIARY_PAN) }],
            tls: d1_conformance::exchange::TlsUse::default(),
        },
        outcome: Ok(Answer { status: 200, headers, body }),
        elapsed: Duration::ZERO,
        attempts: 1,
    }
}

fn target(grant: &str) -> Target {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("t.yaml");
    std::fs::write(folder.path().join("key.pem"), SIGNING_KEY).unwrap();
    let text = format!(
        "name: 'http://u:{STATIC_TOKEN}@h'\nauth: {grant}\nexpired_token: '{STATIC_TOKEN}'\ntest_pans: [{PAN_RANGE}]\n\
         jwe: {{ decrypt_with: {{ private_key: '${{file:key.pem}}' }} }}\n\
         values: {{ pan: '{PAN}', auxiliaryPan: '{AUXILIARY_PAN}', cvv: '{CVV}', cvc: {CVC}, other: {PAN} }}\n"
    );
    std::fs::write(&path, text).unwrap();
    Target::load(Path::new(&path)).unwrap()
}

#[test]
fn no_panic_shows_a_secret() {
    let case = Case {
        id: CaseId::new("s::t::a::operation::conforming#0"),
        operation: OperationId::new("t::a"),
        intent: Intent::Conforming,
        obligation: ObligationId::new("t::a::operation::conforming"),
        rule: Rule::Conforming,
        location: Location::Operation,
        pointer: None,
        evidence: Evidence::Documented,
        grounded: true,
        request: request(),
    };
    let mut bindings = Bindings::new("nonce", true);
    for value in [json!(PAN), json!({"cvv": CVV})] {
        bindings.set(Slot::parse("body/cvv").unwrap(), Binding::Value(value.clone()));
        bindings.set(Slot::parse("body/pan").unwrap(), Binding::OneOf(vec![value]));
    }
    let mut volatile = Volatile::default();
    volatile.values.insert(PAN.to_owned(), "cardId".to_owned());
    let signed = target("{ grant: jwt_bearer, issuer: i, kid: k, private_key: '${file:key.pem}' }");
    let given = target(&format!("{{ grant: static, token: '{STATIC_TOKEN}' }}"));
    let client = target(&format!("{{ grant: client_credentials, client_id: a, client_secret: '{CLIENT_SECRET}' }}"));
    let printed = [
        ("secret", format!("{:?}", Secret::new(CLIENT_SECRET))),
        ("redactor", format!("{:?}", signed.redactor().with_words([Secret::new(CVV)]))),
        ("empty redactor", format!("{:?}", Redactor::default())),
        ("range", format!("{:?}", PAN_RANGE.parse::<PanRange>())),
        ("signed", format!("{signed:#?}")),
        ("grant", format!("{:?} {:?} {:?}", signed.grant, given.grant, client.grant)),
        ("given", format!("{given:?}")),
        ("client", format!("{client:?}")),
        ("keys", format!("{:?}", signed.jwe)),
        ("secrets", format!("{:?}", client.secrets())),
        ("case", format!("{case:#?}")),
        ("request", format!("{:?}", case.request)),
        ("form", format!("{:?}", Body::Form(vec![("pan".into(), PAN.into())]))),
        ("raw", format!("{:?}", Body::Raw(AUXILIARY_PAN.into()))),
        ("bindings", format!("{bindings:?}")),
        ("volatile", format!("{volatile:?}")),
        ("exchange", format!("{:#?}", exchange())),
        ("sent", format!("{:?}", exchange().sent)),
        ("answer", format!("{:?}", exchange().outcome)),
    ];
    let scanner = Scanner::new();
    for (name, text) in printed {
        let payload = catch_unwind(|| panic!("what is wrong with {text}?")).unwrap_err();
        let message = payload.downcast_ref::<String>().expect("a text");
        let found = scanner.find(message.as_bytes());
        assert!(message.contains("what is wrong") && found.is_empty(), "{name}: {found:?}");
    }
}
