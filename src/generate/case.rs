//! One concrete request, as data.

use std::fmt;

use indexmap::IndexMap;
use serde::Serialize;
use serde_json::Value;

use crate::base::{CaseId, ObligationId, OperationId, Redactor, percent_encoded};
use crate::contract::{AssertionFlaw, CertificateFlaw, EnvelopeFlaw, Evidence, Location, Rule, charset};

/// Texts in a request that stand for a credential; the exchange puts the real one in their place, so that no case, digest
/// or report ever holds it.
pub mod placeholder {
    /// A fresh JWT assertion (RFC 7523 section 3) of the target's issuer.
    pub const CLIENT_ASSERTION: &str = "${client_assertion}";

    /// A JWE (RFC 7516) of the clear text that the request's [`Seal`](super::Seal) of the same place holds.
    pub const ENVELOPE: &str = "${jwe}";

    /// What every placeholder begins with.
    pub const MARK: &str = "${";
}

/// What a case is meant to show.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Intent {
    /// It keeps the contract.
    Conforming,
    /// It breaks exactly the obligation it names.
    Violating,
}

/// One concrete request with its purpose. Reproducible from seed, scenario and index.
#[derive(Clone, Debug)]
pub struct Case {
    /// `<scenario>#<index>`.
    pub id: CaseId,
    /// Of which operation.
    pub operation: OperationId,
    /// Conforming or violating.
    pub intent: Intent,
    /// The duty that the case exercises: the violated one, or the operation's `conforming`.
    pub obligation: ObligationId,
    /// Kind of that duty.
    pub rule: Rule,
    /// Place of that duty.
    pub location: Location,
    /// JSON pointer of the violated place inside a body.
    pub pointer: Option<String>,
    /// Weakest mark of what the request uses: a refused conforming request proves only as much.
    pub evidence: Evidence,
    /// True when the suite made sure that the resources the request names exist, so that 403, 404 and 409 are wrong
    /// answers to a conforming request.
    pub grounded: bool,
    /// The request.
    pub request: Request,
}

/// How the request proves itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Credentials {
    /// As the operation demands.
    Right,
    /// The operation demands them; they are left out.
    Missing,
    /// Well-formed, but not those of the target.
    Wrong,
    /// A token of the target, changed.
    Tampered,
    /// A token of the target that has run out.
    Expired,
    /// The right client credentials, in base64url instead of base64 (AUTH-OUT-2).
    Base64url,
    /// The operation demands none.
    None,
}

/// A request body. May hold card data.
#[derive(Clone, PartialEq)]
pub enum Body {
    /// None.
    Empty,
    /// Serialised compactly, members in order.
    Json(Value),
    /// Name and value pairs, percent-encoded on the wire.
    Form(Vec<(String, String)>),
    /// Sent as it is.
    Raw(Vec<u8>),
}

impl fmt::Debug for Body {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => f.write_str("Empty"),
            Self::Json(value) => write!(f, "Json({} bytes)", value.to_string().len()),
            Self::Form(pairs) => write!(f, "Form({} pairs)", pairs.len()),
            Self::Raw(bytes) => write!(f, "Raw({} bytes)", bytes.len()),
        }
    }
}

/// A request without its base URL and credentials. All texts are decoded, as a server would see them. May hold card data.
#[derive(Clone, PartialEq)]
pub struct Request {
    /// Upper case.
    pub method: String,
    /// Path below the base URL, percent-encoded.
    pub path: String,
    /// Values of the path parameters.
    pub path_params: IndexMap<String, String>,
    /// Query pairs in order.
    pub query: Vec<(String, String)>,
    /// Header fields, without `Content-Type` and `Authorization`.
    pub headers: Vec<(String, String)>,
    /// `Content-Type`, if sent.
    pub content_type: Option<String>,
    /// The body.
    pub body: Body,
    /// Credentials to add on the way out.
    pub credentials: Credentials,
    /// Members of the body that are sealed on the way out; [`placeholder::ENVELOPE`] stands there until then.
    pub seals: Vec<Seal>,
    /// What is wrong with the signed assertion, if anything.
    pub assertion_flaw: Option<AssertionFlaw>,
    /// What is wrong with the client certificate, if anything.
    pub certificate_flaw: Option<CertificateFlaw>,
}

/// A member of the body that goes out as a JWE.
#[derive(Clone, PartialEq, Eq)]
pub struct Seal {
    /// JSON pointer of the member.
    pub pointer: String,
    /// The clear text, JSON. Holds card data.
    pub plaintext: String,
    /// What is wrong with the envelope, if anything.
    pub flaw: Option<EnvelopeFlaw>,
}

impl fmt::Debug for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Request")
            .field("method", &self.method)
            .field("path", &Redactor::default().text(&self.path))
            .field("query", &self.query.len())
            .field("headers", &self.headers.len())
            .field("body", &self.body)
            .field("credentials", &self.credentials)
            .field("seals", &self.seals)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for Seal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Seal").field("pointer", &self.pointer).field("flaw", &self.flaw).finish_non_exhaustive()
    }
}

impl Request {
    /// Percent-encodes one path segment or query text.
    pub fn encode(text: &str) -> String {
        percent_encoded(text)
    }

    /// Path and query as they go out.
    pub fn target(&self) -> String {
        let mut target = self.path.clone();
        for (index, (name, value)) in self.query.iter().enumerate() {
            target.push(if index == 0 { '?' } else { '&' });
            target.push_str(&Self::encode(name));
            target.push('=');
            target.push_str(&Self::encode(value));
        }
        target
    }

    /// The bytes of the body; placeholders still in place, and JSON in UTF-8, whatever it goes out in.
    pub fn body_bytes(&self) -> Vec<u8> {
        match &self.body {
            Body::Empty => Vec::new(),
            Body::Json(value) => value.to_string().into_bytes(),
            Body::Form(pairs) => {
                let mut form = url::form_urlencoded::Serializer::new(String::new());
                form.extend_pairs(pairs);
                form.finish().into_bytes()
            }
            Body::Raw(bytes) => bytes.clone(),
        }
    }
    /// The bytes of a body as they go out. JSON goes out in the encoding that its label names; the only other one is
    /// UTF-16, which no JSON text may have (RFC 8259 section 8.1). Its byte order mark keeps it from being read as UTF-8,
    /// so that nobody takes it for a text that can be recorded.
    pub fn encoded(&self, bytes: Vec<u8>) -> Vec<u8> {
        let label = self.content_type.as_deref().and_then(charset);
        match (&self.body, label.as_deref(), std::str::from_utf8(&bytes)) {
            (Body::Json(_), Some("utf-16"), Ok(text)) => {
                std::iter::once(0xFEFF).chain(text.encode_utf16()).flat_map(u16::to_be_bytes).collect()
            }
            _ => bytes,
        }
    }
}
