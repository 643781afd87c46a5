//! A small contract with cases and answers, for the tests of the checks.

use std::path::Path;
use std::sync::Arc;

use indexmap::IndexMap;

use super::duties::Duties;
use super::judge::Judging;
use crate::base::{CaseId, Redactor};
use crate::contract::{Contract, Document, Evidence, Obligation, Operation, obligations};
use crate::exchange::{Answer, Sent};
use crate::generate::{Body, Case, Credentials, Intent, Request};

const SPEC: &str = r"
openapi: 3.0.3
info: {title: t, version: '1'}
security: [{bearer: []}]
paths:
  /cards:
    post:
      operationId: createCard
      parameters:
        - {name: x-user, in: header, required: true, schema: {type: string, maxLength: 15}}
        - {name: page, in: query, schema: {type: integer}}
      requestBody:
        required: true
        content:
          application/json:
            schema:
              type: object
              required: [name]
              properties:
                name: {type: string, maxLength: 10}
                hint: {type: string, minLength: 2, x-evidence: inferred}
                kind: {type: string, enum: [A], x-enum-complete: false}
      responses:
        '201':
          description: d
          content: {application/json: {schema: {$ref: '#/components/schemas/Card'}}}
        '400':
          description: d
          content:
            application/json:
              schema: {type: object, properties: {errorCode: {type: string}, error: {type: string}}}
        '401': {description: d}
        '404':
          description: d
          x-evidence: inferred
          x-body-unknown: true
          content: {application/json: {schema: {type: object, properties: {error: {type: string}}}}}
  /cards/{cardId}:
    get:
      operationId: readCard
      parameters:
        - {name: cardId, in: path, required: true, schema: {type: string, maxLength: 5}}
      responses:
        '204':
          description: d
          headers: {X-Count: {required: true, schema: {type: integer}}}
        '400': {description: d}
        '403': {description: d}
  /guessed:
    x-evidence: inferred
    get:
      operationId: guessed
      x-evidence: inferred
      responses:
        '200': {description: d}
  /secret:
    get:
      operationId: readSecret
      responses:
        '200':
          description: d
          content:
            application/json:
              schema:
                type: object
                properties: {sealed: {type: string, x-jwe-plaintext: '#/components/schemas/Clear', x-jwe-recipient: issuer}}
        '400': {description: d}
  /token:
    post:
      operationId: getToken
      security: []
      requestBody:
        content:
          application/x-www-form-urlencoded:
            schema: {type: object, required: [assertion], properties: {assertion: {type: string}}}
      responses:
        '200': {description: d}
components:
  securitySchemes:
    bearer: {type: http, scheme: bearer}
  schemas:
    Clear:
      type: object
      required: [pan, exp]
      properties:
        pan: {type: string}
        exp: {type: string, pattern: '^(0[1-9]|1[0-2])[0-9]{2}$'}
    Card:
      type: object
      required: [cardId]
      properties:
        cardId: {type: string}
        state: {type: string, enum: [ACTIVE], x-enum-complete: false}
        guess: {type: string, x-evidence: inferred}
        items: {type: array, items: {type: object, properties: {n: {type: integer}}}}
        parent: {$ref: '#/components/schemas/Card'}
";

/// A case of the small contract with all that it takes to judge its answer.
pub(super) struct Sample {
    contract: Contract,
    pub(super) operation: Arc<Operation>,
    duties: Duties,
    duty: Obligation,
    pub(super) case: Case,
    redactor: Redactor,
}

impl Sample {
    /// The case for `<operation>::<duty>`.
    pub(super) fn of(operation: &str, duty: &str) -> Self {
        let document = Document::parse(Path::new("t.yaml"), SPEC).unwrap();
        let mut contract = Contract::read("t", document).unwrap();
        contract.direction = Some(crate::contract::Direction::Outbound);
        let operation = Arc::clone(contract.operation(operation).unwrap());
        let id = format!("{}::{duty}", operation.id);
        let known = obligations(&contract, &operation);
        let names: Vec<&str> = known.iter().map(|duty| duty.id.as_str()).collect();
        let place = names.iter().position(|name| *name == id).unwrap_or_else(|| panic!("{id} is none of {names:#?}"));
        let duty = known[place].clone();
        let conforming = duty.rule.wants_acceptance();
        let case = Case {
            id: CaseId::new(format!("s::{id}#0")),
            operation: operation.id.clone(),
            intent: if conforming { Intent::Conforming } else { Intent::Violating },
            obligation: duty.id.clone(),
            rule: duty.rule,
            location: duty.location.clone(),
            pointer: None,
            evidence: Evidence::Documented,
            grounded: true,
            request: Request {
                method: operation.method.clone(),
                path: operation.path.to_string(),
                path_params: IndexMap::new(),
                query: Vec::new(),
                headers: Vec::new(),
                content_type: None,
                body: Body::Empty,
                credentials: Credentials::Right,
                seals: Vec::new(),
                assertion_flaw: None,
                certificate_flaw: None,
            },
        };
        Self {
            duties: Duties::of(&contract, &operation),
            contract,
            operation,
            duty,
            case,
            redactor: Redactor::default(),
        }
    }

    /// This case with an answer.
    pub(super) fn judging<'a>(&'a self, answer: &'a Answer) -> Judging<'a> {
        Judging {
            contract: &self.contract,
            operation: &self.operation,
            duties: &self.duties,
            case: &self.case,
            duty: &self.duty,
            answer,
            sent: None,
            key: None,
            redactor: &self.redactor,
        }
    }

    /// A request that carried this `Authorization`.
    pub(super) fn sent(authorization: &str) -> Sent {
        Sent {
            method: "POST".to_owned(),
            url: "http://localhost/".to_owned(),
            headers: vec![("authorization".to_owned(), authorization.to_owned())],
            body: Vec::new(),
            sealed: Vec::new(),
            tls: crate::exchange::TlsUse::default(),
        }
    }
}

/// An answer without header fields and body.
pub(super) fn answer(status: u16) -> Answer {
    Answer { status, headers: Vec::new(), body: Vec::new() }
}

/// An answer that says it is JSON.
pub(super) fn json_answer(status: u16, body: &str) -> Answer {
    let headers = vec![("content-type".to_owned(), "application/json".to_owned())];
    Answer { status, headers, body: body.as_bytes().to_vec() }
}
