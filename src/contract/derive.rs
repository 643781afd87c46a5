//! Derives the obligations of an operation from what its specification says.

use std::collections::HashMap;

use serde_json::Value;

use super::document::Document;
use super::evidence::Evidence;
use super::model::{Contract, Media, MediaKind, Operation, ParameterIn, Response, StatusPattern};
use super::obligation::{Location, Obligation, Rule, Source, obligation_id};
use super::pointer::InstancePath;
use super::walk::{Constraint, constraints};

/// The obligations that requests can exercise, in a stable order: the conforming request first, then parameters, body,
/// credentials, method.
pub fn obligations(contract: &Contract, operation: &Operation) -> Vec<Obligation> {
    let mut list = List::new(&contract.document, operation);
    list.add(
        Location::Operation,
        Rule::Conforming,
        &operation.pointer,
        operation.evidence,
        "a request that keeps the contract is accepted and answered as declared".to_owned(),
    );
    list.parameters();
    list.body();
    list.message();
    list.auth();
    list.assertion();
    list.method(contract);
    list.tls(contract);
    list.found
}

/// The obligations that any answer of the operation is judged by.
pub fn response_obligations(contract: &Contract, operation: &Operation) -> Vec<Obligation> {
    let mut list = List::new(&contract.document, operation);
    list.answer();
    list.disclosure(contract);
    for response in &operation.responses {
        list.response(response);
    }
    list.found
}

pub(super) struct List<'c> {
    document: &'c Document,
    pub(super) operation: &'c Operation,
    pub(super) found: Vec<Obligation>,
    seen: HashMap<String, usize>,
}

impl<'c> List<'c> {
    fn new(document: &'c Document, operation: &'c Operation) -> Self {
        Self { document, operation, found: Vec::new(), seen: HashMap::new() }
    }

    pub(super) fn add(&mut self, location: Location, rule: Rule, pointer: &str, evidence: Evidence, text: String) {
        let mut id = obligation_id(&self.operation.id, &location, rule);
        let times = self.seen.entry(id.to_string()).or_insert(0);
        *times += 1;
        if *times > 1 {
            // Two patterns on one place (through `allOf`) are two duties.
            id = crate::base::ObligationId::new(format!("{id}.{times}"));
        }
        let (file, line) = self.document.origin(pointer);
        self.found.push(Obligation {
            id,
            operation: self.operation.id.clone(),
            location,
            rule,
            text,
            limit: Value::Null,
            source: Source { file, pointer: pointer.to_owned(), line },
            evidence,
            open: None,
            noted: None,
        });
    }

    pub(super) fn constraint(&mut self, location: Location, constraint: &Constraint) {
        let text = words(&location, constraint);
        self.add(location, constraint.rule, &constraint.pointer, constraint.evidence, text);
        if let Some(last) = self.found.last_mut() {
            last.limit.clone_from(&constraint.value);
            last.open = constraint.open.map(str::to_owned);
        }
    }

    fn parameters(&mut self) {
        let operation = self.operation;
        for parameter in &operation.parameters {
            let location = || parameter.location();
            if parameter.required && parameter.place != ParameterIn::Path {
                let text = format!("{} `{}` is required", location().kind(), parameter.name);
                let pointer = format!("{}/required", parameter.pointer);
                self.add(location(), Rule::Required, &pointer, parameter.evidence, text);
            }
            // Only duties of the value as a whole: a parameter's parts have no place of their own on the wire.
            for constraint in constraints(&parameter.schema, parameter.evidence) {
                if constraint.path == InstancePath::root() && bites_on_text(&constraint) {
                    self.constraint(location(), &constraint);
                }
            }
        }
    }

    fn body(&mut self) {
        let operation = self.operation;
        let Some(body) = &operation.body else { return };
        if body.required {
            let pointer = format!("{}/required", body.pointer);
            let evidence = body.required_evidence;
            let location = Location::Body(InstancePath::root());
            self.add(location, Rule::RequiredBody, &pointer, evidence, "a body is required".to_owned());
        }
        let names: Vec<&str> = body.media.iter().map(|media| media.media_type.as_str()).collect();
        for media in &body.media {
            self.media(media, body.evidence);
        }
        if !names.is_empty() {
            let pointer = format!("{}/content", body.pointer);
            let text = format!("a body in a media type other than {} is refused", names.join(", "));
            let location = Location::Body(InstancePath::root());
            self.add(location, Rule::WrongContentType, &pointer, body.evidence, text);
        }
        self.envelopes(body);
    }

    fn media(&mut self, media: &Media, evidence: Evidence) {
        let at = |path: InstancePath| {
            if media.kind.has_fields() { Location::Form(path) } else { Location::Body(path) }
        };
        if media.kind == MediaKind::Json {
            let text = "a body that is no JSON is refused".to_owned();
            self.add(at(InstancePath::root()), Rule::MalformedJson, &media.pointer, evidence, text);
        }
        if let (Some(schema), true) = (&media.schema, media.kind != MediaKind::Other) {
            for constraint in constraints(schema, evidence) {
                if media.kind == MediaKind::Json || bites_on_text(&constraint) {
                    self.constraint(at(constraint.path.clone()), &constraint);
                }
            }
        }
    }

    /// The path's duty, carried by the first operation on the path.
    fn method(&mut self, contract: &Contract) {
        let shape = self.operation.path.shape();
        let on_path: Vec<_> = contract.operations.iter().filter(|other| other.path.shape() == shape).collect();
        if on_path.first().is_some_and(|first| first.id == self.operation.id) {
            let declared: Vec<&str> = on_path.iter().map(|other| other.method.as_str()).collect();
            let text = format!("a method other than {} is not performed on this path", declared.join(", "));
            let evidence = self.operation.path_evidence;
            let pointer = self.operation.pointer.clone();
            self.add(Location::Method, Rule::UnsupportedMethod, &pointer, evidence, text);
        }
    }

    /// The duty to answer with a declared status, class by class: where one number of a class is a guess, another may
    /// be the right one, but that says nothing of the other classes.
    fn answer(&mut self) {
        let responses = &self.operation.responses;
        let pointer = format!("{}/responses", self.operation.pointer);
        let listed = |of: &dyn Fn(&Response) -> bool| {
            let some: Vec<&Response> = responses.iter().filter(|response| of(response)).collect();
            let names: Vec<String> = some.iter().map(|response| response.status.to_string()).collect();
            (names.join(", "), some.iter().map(|response| response.evidence).max())
        };
        let (names, evidence) = listed(&|_| true);
        let text = format!("the status of an answer is one of {names}");
        self.add(Location::Answer, Rule::Status, &pointer, evidence.unwrap_or(self.operation.evidence), text);
        for class in 1..=5 {
            let (names, evidence) = listed(&|response| response.status.class() == Some(class));
            let range = StatusPattern::Range(class);
            let Some(evidence) = evidence.filter(|_| responses.iter().all(|response| response.status != range)) else {
                continue;
            };
            let text = format!("the status of an answer with {range} is one of {names}");
            self.add(Location::Response(range), Rule::Status, &pointer, evidence, text);
        }
    }

    fn response(&mut self, response: &Response) {
        let status = response.status;
        self.add(
            Location::Response(status),
            Rule::Status,
            &response.pointer,
            response.evidence,
            format!("{status} is a declared status of this operation"),
        );
        if !response.media.is_empty() {
            let names: Vec<&str> = response.media.iter().map(|media| media.media_type.as_str()).collect();
            let pointer = format!("{}/content", response.pointer);
            let text = format!("an answer with status {status} is {}", names.join(" or "));
            self.add(Location::Response(status), Rule::ContentType, &pointer, response.body_evidence, text);
        }
        self.body_of(response);
        for header in &response.headers {
            let location = || Location::ResponseHeader(status, header.name.clone());
            if header.required {
                let text = format!("an answer with status {status} has the header `{}`", header.name);
                self.add(location(), Rule::Required, &header.pointer, header.evidence, text);
            }
            for constraint in header.schema.iter().flat_map(|schema| constraints(schema, header.evidence)) {
                if constraint.path == InstancePath::root() {
                    self.constraint(location(), &constraint);
                }
            }
        }
        for media in &response.media {
            for constraint in media.schema.iter().flat_map(|schema| constraints(schema, response.body_evidence)) {
                self.constraint(Location::ResponseBody(status, constraint.path.clone()), &constraint);
            }
        }
        self.sealed_answers(response);
    }
}

impl List<'_> {
    /// The duty to send a declared body, or none with a 204 (RFC 9110 section 15.3.5).
    fn body_of(&mut self, response: &Response) {
        let status = response.status;
        let declared = response.media.iter().any(|media| media.schema.is_some());
        let text = if status == StatusPattern::Code(204) {
            "an answer with status 204 has no body".to_owned()
        } else if declared && !response.body_unknown {
            format!("an answer with status {status} has a body")
        } else {
            return;
        };
        self.add(Location::Response(status), Rule::Body, &response.pointer, response.body_evidence, text);
    }
}

/// In paths, queries, headers and forms everything is text: there is no null, and no text is not a string.
fn bites_on_text(constraint: &Constraint) -> bool {
    let textual = |kind: &Value| matches!(kind.as_str(), Some("string" | "object" | "array"));
    match constraint.rule {
        Rule::Nullable => false,
        Rule::Type => {
            !textual(&constraint.value) && !constraint.value.as_array().is_some_and(|k| k.iter().any(textual))
        }
        _ => true,
    }
}

/// The duty in words.
fn words(location: &Location, constraint: &Constraint) -> String {
    let value = &constraint.value;
    let plain = match value {
        Value::String(text) => text.clone(),
        Value::Array(items) => {
            let items: Vec<String> =
                items.iter().map(|item| item.as_str().map_or(item.to_string(), str::to_owned)).collect();
            items.join(", ")
        }
        other => other.to_string(),
    };
    let duty = match constraint.rule {
        Rule::Required => "is required".to_owned(),
        Rule::Type => format!("is of type {plain}"),
        Rule::Nullable => "is not null".to_owned(),
        Rule::Enum => format!("is one of {plain}"),
        Rule::MinLength => format!("has at least {plain} character(s)"),
        Rule::MaxLength => format!("has at most {plain} character(s)"),
        Rule::Pattern => format!("matches {plain}"),
        Rule::Format => format!("has the format {plain}"),
        Rule::Minimum => format!("is at least {plain}"),
        Rule::Maximum => format!("is at most {plain}"),
        Rule::ExclusiveMinimum => format!("is greater than {plain}"),
        Rule::ExclusiveMaximum => format!("is less than {plain}"),
        Rule::MultipleOf => format!("is a multiple of {plain}"),
        Rule::MinItems => format!("has at least {plain} items"),
        Rule::MaxItems => format!("has at most {plain} items"),
        Rule::UniqueItems => "holds no item twice".to_owned(),
        Rule::MinProperties => format!("has at least {plain} properties"),
        Rule::MaxProperties => format!("has at most {plain} properties"),
        Rule::AdditionalProperties => "has no property that is not declared".to_owned(),
        Rule::OneOf => "fits exactly one of the declared variants".to_owned(),
        Rule::AnyOf => "fits at least one of the declared variants".to_owned(),
        _ => format!("keeps the rule {}", constraint.rule),
    };
    format!("{location} {duty}")
}
