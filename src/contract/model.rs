//! Our own model of a contract: what an operation takes and what it may answer.

use std::fmt;
use std::sync::Arc;

use super::catalog::Direction;
use super::document::Document;
use super::evidence::Evidence;
use super::obligation::Location;
use super::pointer::InstancePath;
use super::schema::Schema;
use super::walk::Example;
use crate::base::OperationId;

/// One OpenAPI file as promised.
#[derive(Debug)]
pub struct Contract {
    /// Official name of the specification, or the file name without its ending.
    pub name: String,
    /// Who calls whom; unknown for a file that is not in the catalogue.
    pub direction: Option<Direction>,
    /// Put between a target's base URL and the path templates.
    pub base_path: String,
    /// The file itself, for lines and excerpts.
    pub document: Document,
    /// The operations in the order of the file.
    pub operations: Vec<Arc<Operation>>,
}

impl Contract {
    /// The operation with this name.
    pub fn operation(&self, name: &str) -> Option<&Arc<Operation>> {
        self.operations.iter().find(|operation| operation.id.name() == name)
    }
}

/// One method on one path.
#[derive(Debug)]
pub struct Operation {
    /// Qualified name. An operation without operationId is named `<method> <path>`.
    pub id: OperationId,
    /// Upper case.
    pub method: String,
    /// The path below the base URL.
    pub path: PathTemplate,
    /// JSON pointer of the operation object.
    pub pointer: String,
    /// Mark of the operation, of its path too: a call to a guessed path proves nothing.
    pub evidence: Evidence,
    /// Mark of the path alone.
    pub path_evidence: Evidence,
    /// Parameters of path, query and header.
    pub parameters: Vec<Parameter>,
    /// The request body, if the operation takes one.
    pub body: Option<RequestBody>,
    /// The declared answers.
    pub responses: Vec<Response>,
    /// How the caller proves itself.
    pub auth: Auth,
    /// JSON pointer of the mark that a member of the request is a signed assertion (`x-jws-content`; D1, AUTH-IN-2).
    pub assertion: Option<String>,
    /// The values that the specification shows.
    pub examples: Vec<Example>,
}

impl Operation {
    /// The declared answer for a status: the exact code, then its range, then the default.
    pub fn response(&self, status: u16) -> Option<&Response> {
        let find = |pattern: StatusPattern| self.responses.iter().find(|response| response.status == pattern);
        find(StatusPattern::Code(status))
            .or_else(|| find(StatusPattern::Range(status / 100)))
            .or_else(|| find(StatusPattern::Default))
    }

    /// The parameter of this name and place; header names without regard to case.
    pub fn parameter(&self, place: ParameterIn, name: &str) -> Option<&Parameter> {
        self.parameters.iter().find(|parameter| {
            parameter.place == place
                && if place == ParameterIn::Header {
                    parameter.name.eq_ignore_ascii_case(name)
                } else {
                    parameter.name == name
                }
        })
    }
}

/// A path with `{name}` parts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PathTemplate(String);

impl PathTemplate {
    /// Takes the text of a `paths` key. Anything behind a `?` is cut: some pages print query parameters there.
    pub fn new(text: &str) -> Self {
        Self(text.split('?').next().unwrap_or_default().to_owned())
    }

    /// The text with its braces.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The template with the names taken out, so that templates that meet the same URLs are equal.
    pub fn shape(&self) -> String {
        self.fill(|_| Some("{}".to_owned())).unwrap_or_default()
    }

    /// Puts a text in place of each `{name}`; `None` when `value` has none for a name.
    pub fn fill(&self, value: impl Fn(&str) -> Option<String>) -> Option<String> {
        let mut filled = String::with_capacity(self.0.len() + 32);
        let mut rest = self.0.as_str();
        while let Some(open) = rest.find('{') {
            let close = open + rest[open..].find('}')?;
            filled.push_str(&rest[..open]);
            filled.push_str(&value(&rest[open + 1..close])?);
            rest = &rest[close + 1..];
        }
        filled.push_str(rest);
        Some(filled)
    }

    /// Reads the raw (still percent-encoded) values out of a path. Whole segments only; an empty one never matches.
    pub fn capture<'p>(&self, path: &'p str) -> Option<Vec<(String, &'p str)>> {
        let mut captured = Vec::new();
        let (mut mine, mut theirs) = (self.0.split('/'), path.split('/'));
        loop {
            match (mine.next(), theirs.next()) {
                (None, None) => return Some(captured),
                (Some(template), Some(segment)) => match (template.find('{'), template.rfind('}')) {
                    (Some(open), Some(close)) if open < close => {
                        let value = segment.strip_prefix(&template[..open])?.strip_suffix(&template[close + 1..])?;
                        if value.is_empty() {
                            return None;
                        }
                        captured.push((template[open + 1..close].to_owned(), value));
                    }
                    _ if template == segment => {}
                    _ => return None,
                },
                _ => return None,
            }
        }
    }
}

impl fmt::Display for PathTemplate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// How the caller of an operation proves itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Auth {
    /// Not at all, or outside the contract.
    None,
    /// `Authorization: Bearer` (RFC 6750).
    Bearer,
    /// `Authorization: Basic` (RFC 7617), declared as a required header parameter.
    Basic,
}

/// Where a parameter stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ParameterIn {
    /// In the path template.
    Path,
    /// Behind the question mark.
    Query,
    /// A request header.
    Header,
}

impl ParameterIn {
    /// The word that OpenAPI uses after `in:`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Path => "path",
            Self::Query => "query",
            Self::Header => "header",
        }
    }
}

/// How values with parts are written (OpenAPI 3.0 "Style Values").
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Style {
    /// `a,b`; in paths and headers.
    Simple,
    /// `a,b`, or the name repeated when exploded; in queries.
    Form,
    /// `a%20b`.
    SpaceDelimited,
    /// `a|b`.
    PipeDelimited,
    /// `name[key]=value`; in queries.
    DeepObject,
    /// `.a.b`; in paths.
    Label,
    /// `;name=a,b`; in paths.
    Matrix,
    /// JSON, where the parameter has `content` in place of `schema`.
    Json,
    /// Content of another type: read as text, not generated.
    Other,
}

/// One declared parameter. `Accept`, `Content-Type` and `Authorization` are none (OpenAPI 3.0 "Parameter Object").
#[derive(Debug)]
pub struct Parameter {
    /// Its name.
    pub name: String,
    /// Where it stands.
    pub place: ParameterIn,
    /// Must it be there?
    pub required: bool,
    /// How it is written.
    pub style: Style,
    /// One occurrence per item?
    pub explode: bool,
    /// What it may hold.
    pub schema: Arc<Schema>,
    /// JSON pointer of the parameter object.
    pub pointer: String,
    /// Mark of the parameter.
    pub evidence: Evidence,
}

impl Parameter {
    /// The place of its value.
    pub fn location(&self) -> Location {
        let name = self.name.clone();
        match self.place {
            ParameterIn::Path => Location::Path(name),
            ParameterIn::Query => Location::Query(name),
            ParameterIn::Header => Location::Header(name),
        }
    }
}

/// The request body of an operation.
#[derive(Debug)]
pub struct RequestBody {
    /// Must it be there?
    pub required: bool,
    /// Mark of the `required` flag.
    pub required_evidence: Evidence,
    /// The accepted media types.
    pub media: Vec<Media>,
    /// JSON pointer of the body object.
    pub pointer: String,
    /// Mark of the body.
    pub evidence: Evidence,
}

impl RequestBody {
    /// The entry for a media type.
    pub fn media(&self, media_type: &str) -> Option<&Media> {
        self.media.iter().find(|media| media.media_type == media_type)
    }
}

/// What we can do with a media type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MediaKind {
    /// `application/json` and `+json`.
    Json,
    /// `application/x-www-form-urlencoded`.
    Form,
    /// `multipart/form-data`.
    Multipart,
    /// Anything else: neither generated nor judged inside.
    Other,
}

impl MediaKind {
    /// True when the body is a list of named texts.
    pub fn has_fields(self) -> bool {
        matches!(self, Self::Form | Self::Multipart)
    }

    /// Reads the kind off a media type.
    pub fn of(media_type: &str) -> Self {
        let essence = media_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
        if essence == "application/json" || essence.ends_with("+json") {
            Self::Json
        } else if essence == "application/x-www-form-urlencoded" {
            Self::Form
        } else if essence == "multipart/form-data" {
            Self::Multipart
        } else {
            Self::Other
        }
    }
}

/// A body in one media type.
#[derive(Debug)]
pub struct Media {
    /// As declared.
    pub media_type: String,
    /// What it means to us.
    pub kind: MediaKind,
    /// The schema, if declared.
    pub schema: Option<Arc<Schema>>,
    /// JSON pointer of the media type object.
    pub pointer: String,
    /// Members that hold a JWE.
    pub sealed: Vec<Sealed>,
}

/// A member of a JSON body whose text is a compact JWE (`x-jwe-plaintext`; D1, JWE-1).
#[derive(Clone, Debug)]
pub struct Sealed {
    /// Where it stands.
    pub path: InstancePath,
    /// What the clear text must keep.
    pub plaintext: Arc<Schema>,
    /// JSON pointer of the mark.
    pub pointer: String,
    /// Mark of the member.
    pub evidence: Evidence,
    /// True when D1 is the recipient: it finds its key by `kid` (JWE-3), while of issuers that is not said.
    pub for_d1: bool,
}

/// The key of a declared answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum StatusPattern {
    /// Exactly this status.
    Code(u16),
    /// `2XX` holds 2.
    Range(u16),
    /// Whatever is not declared.
    Default,
}

impl StatusPattern {
    /// First digit, where there is one.
    pub fn class(self) -> Option<u16> {
        match self {
            Self::Code(code) => Some(code / 100),
            Self::Range(class) => Some(class),
            Self::Default => None,
        }
    }
}

impl fmt::Display for StatusPattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Code(code) => write!(f, "{code}"),
            Self::Range(class) => write!(f, "{class}XX"),
            Self::Default => f.write_str("default"),
        }
    }
}

/// One declared answer.
#[derive(Debug)]
pub struct Response {
    /// For which statuses.
    pub status: StatusPattern,
    /// Mark of the status (`x-code-evidence` before `x-evidence`).
    pub evidence: Evidence,
    /// Mark of the body.
    pub body_evidence: Evidence,
    /// `x-body-unknown`: presence and absence of a body prove nothing.
    pub body_unknown: bool,
    /// The declared bodies.
    pub media: Vec<Media>,
    /// The declared headers.
    pub headers: Vec<ResponseHeader>,
    /// JSON pointer of the response object.
    pub pointer: String,
}

/// A declared response header.
#[derive(Debug)]
pub struct ResponseHeader {
    /// Its name.
    pub name: String,
    /// Must it be there?
    pub required: bool,
    /// What it may hold.
    pub schema: Option<Arc<Schema>>,
    /// JSON pointer of the header object.
    pub pointer: String,
    /// Mark of the header.
    pub evidence: Evidence,
}

#[cfg(test)]
mod tests {
    use super::PathTemplate;

    #[test]
    fn templates_fill_and_capture() {
        let template = PathTemplate::new("/cards/{cardId}/operations:suspend?x=<y>");
        assert_eq!(template.as_str(), "/cards/{cardId}/operations:suspend");
        assert_eq!(template.fill(|_| Some("c1".into())).as_deref(), Some("/cards/c1/operations:suspend"));
        assert_eq!(template.capture("/cards/c1/operations:suspend"), Some(vec![("cardId".into(), "c1")]));
        assert_eq!(template.capture("/cards//operations:suspend"), None);
        assert_eq!(template.capture("/cards/c1/operations:resume"), None);
        assert_eq!(template.shape(), "/cards/{}/operations:suspend");
    }
}
