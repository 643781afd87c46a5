//! One checkable duty, and the words for it.

mod rules;

use std::fmt;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::evidence::Evidence;
use super::model::StatusPattern;
use super::pointer::InstancePath;
use super::security::{AssertionFlaw, CertificateFlaw, EnvelopeFlaw};
use crate::base::{ObligationId, OperationId};

/// What kind of duty. The names are stable: filters, reports and `d1c generate` use them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Rule {
    /// A request that keeps the contract is accepted and answered as declared.
    Conforming,
    /// A parameter or property must be there.
    Required,
    /// A body must be there.
    RequiredBody,
    /// The JSON type.
    Type,
    /// `null` where the schema does not allow it.
    Nullable,
    /// One of a list.
    Enum,
    /// Characters, at least.
    MinLength,
    /// Characters, at most.
    MaxLength,
    /// ECMA-262 pattern.
    Pattern,
    /// A known `format`.
    Format,
    /// Lower bound, included.
    Minimum,
    /// Upper bound, included.
    Maximum,
    /// Lower bound, excluded.
    ExclusiveMinimum,
    /// Upper bound, excluded.
    ExclusiveMaximum,
    /// A multiple of a number.
    MultipleOf,
    /// Items, at least.
    MinItems,
    /// Items, at most.
    MaxItems,
    /// No item twice.
    UniqueItems,
    /// Members, at least.
    MinProperties,
    /// Members, at most.
    MaxProperties,
    /// No undeclared member.
    AdditionalProperties,
    /// Exactly one branch.
    OneOf,
    /// At least one branch.
    AnyOf,
    /// Not this.
    Not,
    /// A body that is no JSON (RFC 8259) must be refused.
    MalformedJson,
    /// A body that is JSON in another encoding than UTF-8 (RFC 8259 section 8.1) is not taken.
    JsonEncoding,
    /// A media type that is not declared must be refused.
    WrongContentType,
    /// A `Content-Type` that names no media type at all (RFC 9110 section 8.3.1) is not taken for a declared one.
    MalformedContentType,
    /// The case of a media type does not matter (RFC 9110 section 8.3.1).
    ContentTypeCase,
    /// `charset` beside JSON has no effect (RFC 8259 section 11).
    ContentTypeCharset,
    /// `Accept: */*` takes every declared answer (RFC 9110 section 12.5.1).
    AcceptAnything,
    /// A message whose head is unusual is answered, and does not break the server (RFC 9110 section 15.6).
    UnusualMessage,
    /// The same of a body that is unusual, and that a server may take or refuse.
    UnusualBody,
    /// The same of a body where none is declared (RFC 9110 section 9.3.1).
    UnexpectedBody,
    /// The same of a query parameter that stands there twice.
    RepeatedParameter,
    /// A method that the path does not declare must not be performed.
    UnsupportedMethod,
    /// No credentials, no service.
    MissingToken,
    /// Credentials that nobody gave out, no service.
    WrongToken,
    /// A token that was changed, no service.
    TamperedToken,
    /// A token that has run out, no service.
    ExpiredToken,
    /// HTTP Basic in base64url, as the vendor's guide has it, is taken (D1, AUTH-OUT-2).
    Base64urlCredentials,
    /// The status of an answer is declared.
    Status,
    /// The media type of an answer is declared.
    ContentType,
    /// The answer has a body, or none, as declared.
    Body,
    /// The error body names the field at fault (D1, ERR-2).
    ErrorField,
    /// A JWE in an answer has the parts and the header that the contract wants, and can be opened.
    Jwe,
    /// What is inside a JWE is JSON.
    PlaintextJson,
    /// An expiry is MMYY, not YYMM (D1, JWE-11).
    ExpiryFormat,
    /// Card data and tokens stand in no other place than the contract puts them (PCI DSS requirement 3).
    CardData,
    /// The accepted snapshot of a pinned case.
    Snapshot,
    /// A rule that no schema says, shown by a sequence of calls.
    BusinessRule,
    /// A wrong assertion must be refused.
    #[serde(untagged)]
    Assertion(AssertionFlaw),
    /// A wrong JWE must be refused.
    #[serde(untagged)]
    Envelope(EnvelopeFlaw),
    /// A wrong client certificate must be refused.
    #[serde(untagged)]
    Certificate(CertificateFlaw),
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The serialised name is the one name.
        match serde_json::to_value(self) {
            Ok(serde_json::Value::String(name)) => f.write_str(&name),
            _ => Err(fmt::Error),
        }
    }
}

impl Rule {
    /// The rule for a JSON Schema keyword.
    pub fn of_keyword(keyword: &str) -> Option<Self> {
        let snake: String = keyword.chars().fold(String::new(), |mut text, c| {
            if c.is_ascii_uppercase() {
                text.push('_');
            }
            text.push(c.to_ascii_lowercase());
            text
        });
        serde_json::from_value(serde_json::Value::String(snake)).ok()
    }

    /// True for duties that a request shows by keeping the contract: who refuses it breaks them.
    pub fn wants_acceptance(self) -> bool {
        matches!(
            self,
            Self::Conforming
                | Self::Base64urlCredentials
                | Self::ContentTypeCase
                | Self::ContentTypeCharset
                | Self::AcceptAnything
        )
    }

    /// True for duties that are kept by any answer below 500: the contract leaves open whether such a request is taken
    /// or refused.
    pub fn wants_any_answer(self) -> bool {
        matches!(self, Self::UnusualMessage | Self::UnusualBody | Self::UnexpectedBody | Self::RepeatedParameter)
    }
}

/// Where a duty applies.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Location {
    /// The operation as a whole.
    Operation,
    /// A path parameter.
    Path(String),
    /// A query parameter.
    Query(String),
    /// A request header.
    Header(String),
    /// A place in a JSON body.
    Body(InstancePath),
    /// A place in a form body.
    Form(InstancePath),
    /// The HTTP method.
    Method,
    /// The credentials.
    Auth,
    /// The signed assertion in a token request.
    Assertion,
    /// The TLS connection.
    Tls,
    /// What several calls show together.
    Rules,
    /// The JWE at a place in a JSON body.
    Jwe(InstancePath),
    /// A place in the clear text of the JWE at a place in a JSON body.
    Plaintext(InstancePath, InstancePath),
    /// Any answer.
    Answer,
    /// An answer with this status.
    Response(StatusPattern),
    /// A header of an answer.
    ResponseHeader(StatusPattern, String),
    /// A place in the body of an answer.
    ResponseBody(StatusPattern, InstancePath),
    /// The JWE at a place in the body of an answer.
    ResponseJwe(StatusPattern, InstancePath),
    /// A place in the clear text of the JWE at a place in the body of an answer.
    ResponsePlaintext(StatusPattern, InstancePath, InstancePath),
}

impl Location {
    /// The kind of place, in one word.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Operation => "operation",
            Self::Path(_) => "path",
            Self::Query(_) => "query",
            Self::Header(_) => "header",
            Self::Body(_) | Self::Form(_) => "body",
            Self::Jwe(_) | Self::Plaintext(..) => "jwe",
            Self::Method => "method",
            Self::Auth | Self::Assertion => "auth",
            Self::Tls => "tls",
            Self::Rules => "rules",
            Self::Answer
            | Self::Response(_)
            | Self::ResponseHeader(..)
            | Self::ResponseBody(..)
            | Self::ResponseJwe(..)
            | Self::ResponsePlaintext(..) => "response",
        }
    }

    /// True for duties of the answer; those are judged in passing and have no cases of their own.
    pub fn is_response(&self) -> bool {
        self.kind() == "response"
    }

    /// Name of the field that an error message would mention.
    pub fn field(&self) -> Option<&str> {
        match self {
            Self::Path(name) | Self::Query(name) | Self::Header(name) => Some(name),
            Self::Body(path) | Self::Form(path) | Self::Jwe(path) | Self::Plaintext(_, path) => path.last_name(),
            _ => None,
        }
    }
}

impl fmt::Display for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Operation | Self::Method | Self::Auth | Self::Tls | Self::Rules => f.write_str(self.kind()),
            Self::Answer => f.write_str("response"),
            Self::Assertion => f.write_str("assertion"),
            Self::Path(name) => write!(f, "path.{name}"),
            Self::Query(name) => write!(f, "query.{name}"),
            Self::Header(name) => write!(f, "header.{name}"),
            Self::Body(path) => write!(f, "body{path}"),
            Self::Form(path) => write!(f, "form{path}"),
            Self::Jwe(path) => write!(f, "body{path}.jwe"),
            Self::Plaintext(path, inside) => write!(f, "body{path}.plaintext{inside}"),
            Self::Response(status) => write!(f, "response.{status}"),
            Self::ResponseHeader(status, name) => write!(f, "response.{status}.header.{name}"),
            Self::ResponseBody(status, path) => write!(f, "response.{status}.body{path}"),
            Self::ResponseJwe(status, path) => write!(f, "response.{status}.body{path}.jwe"),
            Self::ResponsePlaintext(status, path, inside) => {
                write!(f, "response.{status}.body{path}.plaintext{inside}")
            }
        }
    }
}

/// Where a duty is written down.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Source {
    /// The specification file.
    pub file: PathBuf,
    /// JSON pointer into it.
    pub pointer: String,
    /// Line of the pointer, from 1.
    pub line: usize,
}

/// One checkable duty, derived from one place in a specification.
#[derive(Clone, Debug)]
pub struct Obligation {
    /// Stable name.
    pub id: ObligationId,
    /// Of which operation.
    pub operation: OperationId,
    /// Where it applies.
    pub location: Location,
    /// Of which kind.
    pub rule: Rule,
    /// In words.
    pub text: String,
    /// The value of the schema keyword: the bound, the list, the pattern. Null for duties without one.
    pub limit: serde_json::Value,
    /// Where it is written down.
    pub source: Source,
    /// How sure that line is.
    pub evidence: Evidence,
    /// Why breaking it proves nothing, where the specification says so itself. Such a duty is not exercised.
    pub open: Option<String>,
    /// Why a breach is worth no more than a note, although the duty is exercised: the sources disagree, or it is no part
    /// of the contract.
    pub noted: Option<&'static str>,
}

/// The id of the duty `rule` at `location` of an operation.
pub(super) fn obligation_id(operation: &OperationId, location: &Location, rule: Rule) -> ObligationId {
    ObligationId::new(format!("{operation}::{location}::{rule}"))
}

#[cfg(test)]
mod tests {
    use super::Rule;

    #[test]
    fn rules_have_snake_case_names_and_come_from_keywords() {
        assert_eq!(Rule::MaxLength.to_string(), "max_length");
        assert_eq!(Rule::of_keyword("exclusiveMinimum"), Some(Rule::ExclusiveMinimum));
        assert_eq!(Rule::of_keyword("additionalProperties"), Some(Rule::AdditionalProperties));
        assert_eq!(Rule::of_keyword("contentEncoding"), None);
    }
}
