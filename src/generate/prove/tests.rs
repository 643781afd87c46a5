use std::path::Path;
use std::sync::Arc;

use super::prove;
use crate::base::Seed;
use crate::contract::{Contract, Document, Obligation, Operation, Rule, obligations};
use crate::generate::case::{Body, Intent, Request};
use crate::generate::{Bindings, Generator, Means};

const SPEC: &str = r"
openapi: 3.0.3
info: {title: t, version: '1'}
paths:
  /a:
    post:
      operationId: writeA
      parameters:
        - {name: page, in: query, required: true, schema: {type: integer}}
        - {name: many, in: query, schema: {type: array, items: {type: string}}}
      requestBody:
        required: true
        content:
          application/json:
            schema: {type: object, required: [name], properties: {name: {type: string, maxLength: 5}}}
      responses: {'200': {description: d}}
";

struct Ground {
    operation: Arc<Operation>,
    duties: Vec<Obligation>,
}

impl Ground {
    fn new() -> Self {
        let contract = Contract::read("t", Document::parse(Path::new("t.yaml"), SPEC).unwrap()).unwrap();
        let operation = Arc::clone(contract.operation("writeA").unwrap());
        let duties = obligations(&contract, &operation);
        Self { operation, duties }
    }

    fn duty(&self, rule: Rule) -> &Obligation {
        self.duties.iter().find(|duty| duty.rule == rule).unwrap()
    }

    /// A conforming request with this body.
    fn request(&self, body: &[u8]) -> Request {
        let generator = Generator::new(Vec::new(), vec!["POST".to_owned()], Means::default());
        let duty = self.duty(Rule::Conforming);
        let drawn = generator.case(&self.operation, duty, &Bindings::default(), Seed::new(1), "s", 0);
        Request { body: Body::Raw(body.to_vec()), ..drawn.case.unwrap().request }
    }

    fn proof(&self, rule: Rule, request: &Request) -> Result<(), String> {
        let intent = if rule.wants_acceptance() { Intent::Conforming } else { Intent::Violating };
        prove(&self.operation, request, intent, self.duty(rule))
    }
}

#[test]
fn a_body_that_is_merely_unusual_keeps_everything_else() {
    let ground = Ground::new();
    let bodies: [(&[u8], &[u8]); 2] = [
        (b"\xEF\xBB\xBF{\"name\":\"a\"}", b"\xEF\xBB\xBF{\"name\":\"too long\"}"),
        (b"{\"name\":\"b\",\"name\":\"a\"}", b"{\"name\":\"a\",\"name\":1}"),
    ];
    for (right, broken) in bodies {
        assert_eq!(ground.proof(Rule::UnusualBody, &ground.request(right)), Ok(()));
        assert!(ground.proof(Rule::UnusualBody, &ground.request(broken)).unwrap_err().contains("as well"));
        // Whoever may refuse it must not be blamed for it.
        assert!(ground.proof(Rule::Conforming, &ground.request(right)).is_err());
    }
    let ordinary = ground.request(b"{\"name\":\"a\"}");
    for rule in [Rule::UnusualBody, Rule::MalformedJson, Rule::JsonEncoding, Rule::MalformedContentType] {
        assert!(ground.proof(rule, &ordinary).unwrap_err().contains("does not break"), "{rule}");
    }
}

#[test]
fn labels_are_read_as_http_has_them() {
    let ground = Ground::new();
    let labelled =
        |label: Option<&str>| Request { content_type: label.map(str::to_owned), ..ground.request(b"{\"name\":\"a\"}") };
    for (label, rule) in [
        (None, Rule::UnusualBody),
        (Some("application/json; charset=latin1"), Rule::UnusualBody),
        (Some("json"), Rule::MalformedContentType),
        (Some("application/json; charset"), Rule::MalformedContentType),
        (Some("text/plain"), Rule::WrongContentType),
        (Some("APPLICATION/json"), Rule::ContentTypeCase),
        (Some("application/json; charset=\"utf-8\""), Rule::ContentTypeCharset),
    ] {
        for other in [
            Rule::UnusualBody,
            Rule::MalformedContentType,
            Rule::WrongContentType,
            Rule::ContentTypeCase,
            Rule::ContentTypeCharset,
        ] {
            assert_eq!(ground.proof(other, &labelled(label)).is_ok(), other == rule, "{label:?} {other}");
        }
    }
    let unsendable = ground.proof(Rule::MalformedContentType, &labelled(Some("a\nb")));
    assert_eq!(unsendable, Err("no header can carry the value".to_owned()));
}

#[test]
fn heads_are_unusual_by_what_arrives() {
    let ground = Ground::new();
    let ordinary = ground.request(b"{\"name\":\"a\"}");
    let with = |change: &dyn Fn(&mut Request)| {
        let mut request = ordinary.clone();
        change(&mut request);
        request
    };
    let header =
        |name: &str, value: &str| with(&|it: &mut Request| it.headers.push((name.to_owned(), value.to_owned())));
    for unusual in [
        header("x-unexpected", "1"),
        header("accept", "text/html"),
        header("accept", "*/*;q=high"),
        with(&|it: &mut Request| it.query.push(("unexpected".to_owned(), "1".to_owned()))),
    ] {
        assert_eq!(ground.proof(Rule::UnusualMessage, &unusual), Ok(()), "{:?}", unusual.headers);
        assert!(ground.proof(Rule::Conforming, &unusual).is_err());
    }
    let anything = header("accept", "*/*");
    assert_eq!(ground.proof(Rule::AcceptAnything, &anything), Ok(()));
    assert!(ground.proof(Rule::UnusualMessage, &anything).is_err());
    assert!(ground.proof(Rule::AcceptAnything, &ordinary).is_err());
    let twice = |name: &'static str| {
        with(&move |it: &mut Request| {
            it.query.retain(|(own, _)| own != name);
            it.query.extend([(name.to_owned(), "1".to_owned()), (name.to_owned(), "1".to_owned())]);
        })
    };
    assert_eq!(ground.proof(Rule::RepeatedParameter, &twice("page")), Ok(()));
    assert!(ground.proof(Rule::RepeatedParameter, &twice("many")).is_err(), "two items of an array");
}
