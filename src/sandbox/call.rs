//! One request as the business sees it, and what the business makes of it.

use std::time::SystemTime;

use serde_json::Value;

use super::unsealing::ClearTexts;
use crate::base::OperationId;

/// A request that was read and judged.
#[derive(Debug)]
pub struct Call<'r> {
    /// Which operation.
    pub operation: &'r OperationId,
    /// The parameters that were sent, decoded.
    pub parameters: Vec<(String, Value)>,
    /// The body, decoded; `None` when none was sent.
    pub body: Option<Value>,
    /// What was sealed in the body.
    pub clear: ClearTexts,
    /// When it came in.
    pub now: SystemTime,
}

impl Call<'_> {
    /// A parameter as text; empty when it is absent. Path parameters are always there.
    pub fn text(&self, name: &str) -> &str {
        self.parameter(name).and_then(Value::as_str).unwrap_or_default()
    }

    /// A parameter as a count; negative and absent ones count as `default`.
    pub fn count(&self, name: &str, default: usize) -> usize {
        self.parameter(name).and_then(Value::as_u64).and_then(|n| usize::try_from(n).ok()).unwrap_or(default)
    }

    /// A text in the body.
    pub fn body_text(&self, pointer: &str) -> Option<&str> {
        self.body_value(pointer)?.as_str()
    }

    /// A value in the body.
    pub fn body_value(&self, pointer: &str) -> Option<&Value> {
        self.body.as_ref()?.pointer(pointer)
    }

    fn parameter(&self, name: &str) -> Option<&Value> {
        self.parameters.iter().find(|(own, _)| own == name).map(|(_, value)| value)
    }
}

/// Success carries the body of the answer, where the operation has one.
pub type Outcome = Result<Option<Value>, Refusal>;

/// Why a request is not performed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// Of which kind.
    pub kind: RefusalKind,
    /// The code that D1 documents for it, if any.
    pub code: Option<&'static str>,
    /// Text for people; for a wrong field its name.
    pub error: String,
}

/// The kinds of refusal, by the status that they ask for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RefusalKind {
    /// 400.
    BadRequest,
    /// 401.
    Unauthorized,
    /// 403.
    Forbidden,
    /// 404.
    NotFound,
    /// 500: only a defect asks for it.
    Broken,
}

impl Refusal {
    /// The first wrong field, with the keyword that it breaks.
    pub fn field(name: &str, keyword: &str) -> Self {
        let code = if keyword == "enum" { "FIELD_INVALID_VALUE" } else { "FIELD_INVALID_FORMAT" };
        Self { kind: RefusalKind::BadRequest, code: Some(code), error: name.to_owned() }
    }

    /// A body that cannot be read, or is missing.
    pub fn body() -> Self {
        Self::field("body", "format")
    }

    /// A token request that is wrong, in the words of RFC 6749 section 5.2.
    pub fn token(error: &str) -> Self {
        Self { kind: RefusalKind::BadRequest, code: None, error: error.to_owned() }
    }

    /// No credentials, or wrong ones.
    pub fn unauthorized(error: &str) -> Self {
        Self { kind: RefusalKind::Unauthorized, code: Some("AUTHORIZER_UNAUTHORIZED"), error: error.to_owned() }
    }

    /// The state of the object forbids it.
    pub fn forbidden(error: &str) -> Self {
        Self { kind: RefusalKind::Forbidden, code: None, error: error.to_owned() }
    }

    /// The object is unknown.
    pub fn not_found(error: &str) -> Self {
        Self { kind: RefusalKind::NotFound, code: None, error: error.to_owned() }
    }

    /// The server broke.
    pub fn broken() -> Self {
        Self { kind: RefusalKind::Broken, code: None, error: "internal error".to_owned() }
    }
}
