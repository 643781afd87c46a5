//! Reads and judges the parameters and the body of a request by the schemas of its contract.

use axum::http::HeaderMap;
use axum::http::header::CONTENT_TYPE;
use percent_encoding::percent_decode_str;
use serde_json::Value;

use super::call::Refusal;
use super::fault::FaultPlan;
use super::role::Role;
use crate::contract::{
    Breach, Media, MediaKind, Operation, Parameter, ParameterIn, RequestBody, Schema, decode_form, decode_parameter,
    media_matches,
};

/// A request as it came in, taken apart.
#[derive(Debug)]
pub struct Raw<'r> {
    /// Raw values of the path.
    pub captured: Vec<(String, &'r str)>,
    /// Behind the question mark, raw.
    pub query: &'r str,
    /// All header fields.
    pub headers: &'r HeaderMap,
    /// The body.
    pub body: &'r [u8],
}

/// Reads requests for one operation.
#[derive(Clone, Copy, Debug)]
pub struct Intake<'s> {
    /// Which operation.
    pub operation: &'s Operation,
    /// The issuer is tolerant, D1 is not (POL-7).
    pub role: Role,
    /// The defects.
    pub faults: &'s FaultPlan,
}

impl<'s> Intake<'s> {
    /// The declared parameters that were sent. Undeclared ones are ignored (POL-1).
    pub fn parameters(&self, raw: &Raw<'_>) -> Result<Vec<(String, Value)>, Refusal> {
        let mut read = Vec::new();
        for parameter in &self.operation.parameters {
            let occurrences = occurrences(parameter, raw).ok_or_else(|| Refusal::field(&parameter.name, "format"))?;
            let texts: Vec<&str> = occurrences.iter().map(String::as_str).collect();
            let prefix = match parameter.place {
                ParameterIn::Path => "path.",
                ParameterIn::Query => "query.",
                ParameterIn::Header => "header.",
            };
            let place = format!("{prefix}{}", parameter.name);
            match decode_parameter(parameter, &texts) {
                Some(value) => {
                    self.judge(&parameter.schema, &value, &place, &parameter.name)?;
                    read.push((parameter.name.clone(), value));
                }
                None if parameter.required => {
                    let breach = Breach {
                        instance: String::new(),
                        keyword: "required".to_owned(),
                        pointer: String::new(),
                        message: String::new(),
                    };
                    if !self.faults.ignores(&self.operation.id, &place, &breach, &Value::Null) {
                        return Err(Refusal::field(&parameter.name, "required"));
                    }
                }
                None => {}
            }
        }
        Ok(read)
    }

    /// The body in its media type; `None` when none was sent and none is needed.
    pub fn body(&self, raw: &Raw<'_>) -> Result<Option<(&'s Media, Value)>, Refusal> {
        let Some(declared) = &self.operation.body else { return Ok(None) };
        if raw.body.is_empty() {
            let needed = declared.required && !self.faults.needs_no_body(&self.operation.id);
            return if needed { Err(Refusal::body()) } else { Ok(None) };
        }
        let Some(media) = self.media(declared, raw) else { return Err(Refusal::body()) };
        let (value, root) = match (media.kind, &media.schema) {
            (MediaKind::Form, Some(schema)) => (self.form(schema, raw.body), "form"),
            (MediaKind::Json, _) => (self.json(raw.body)?, "body"),
            _ => return Ok(None),
        };
        if let Some(schema) = &media.schema {
            self.judge(schema, &value, root, "body")?;
        }
        Ok(Some((media, value)))
    }

    fn media<'m>(&self, declared: &'m RequestBody, raw: &Raw<'_>) -> Option<&'m Media> {
        let sent = raw.headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let stated = declared.media.iter().find(|media| media_matches(&media.media_type, sent));
        if self.faults.guesses_media_type(&self.operation.id, sent) {
            return declared.media.iter().find(|media| media.kind == MediaKind::Json);
        }
        if stated.is_some() || !self.faults.any_media_type(&self.operation.id) {
            return stated;
        }
        let json = serde_json::from_slice::<Value>(raw.body).is_ok();
        let guessed = declared.media.iter().find(|media| json && media.kind == MediaKind::Json);
        guessed.or_else(|| declared.media.first())
    }

    fn form(&self, schema: &Schema, body: &[u8]) -> Value {
        // Who reads any media type reads JSON for a form as well.
        let json = || serde_json::from_slice(body).ok().filter(Value::is_object);
        let read = if self.faults.any_media_type(&self.operation.id) { json() } else { None };
        read.unwrap_or_else(|| decode_form(schema, body))
    }

    fn json(&self, body: &[u8]) -> Result<Value, Refusal> {
        // The reader keeps RFC 8259: no byte order mark, no NaN, nothing behind the value.
        serde_json::from_slice(body).or_else(|_| self.faults.malformed(&self.operation.id, body))
    }

    /// The first breach decides. `root` is the place of the value in obligation ids, `name` the field's own name.
    pub(super) fn judge(&self, schema: &Schema, value: &Value, root: &str, name: &str) -> Result<(), Refusal> {
        for breach in schema.judge(value) {
            let tolerated =
                self.role == Role::Issuer && matches!(breach.keyword.as_str(), "enum" | "additionalProperties");
            let place = format!("{root}{}", starred(&breach.instance));
            if !tolerated && !self.faults.ignores(&self.operation.id, &place, &breach, value) {
                if self.faults.breaks_on(&self.operation.id, &place, &breach, value) {
                    return Err(Refusal::broken());
                }
                return Err(Refusal::field(field(&breach.instance).unwrap_or(name), &breach.keyword));
            }
        }
        Ok(())
    }
}

/// The decoded values of a parameter; `None` when one is no text at all.
pub(super) fn occurrences(parameter: &Parameter, raw: &Raw<'_>) -> Option<Vec<String>> {
    match parameter.place {
        ParameterIn::Path => {
            let own = raw.captured.iter().filter(|(name, _)| *name == parameter.name);
            own.map(|(_, text)| Some(percent_decode_str(text).decode_utf8().ok()?.into_owned())).collect()
        }
        ParameterIn::Query => {
            let pairs = url::form_urlencoded::parse(raw.query.as_bytes());
            Some(pairs.filter(|(name, _)| *name == parameter.name).map(|(_, text)| text.into_owned()).collect())
        }
        ParameterIn::Header => raw
            .headers
            .get_all(parameter.name.as_str())
            .iter()
            .map(|value| String::from_utf8(value.as_bytes().to_vec()).ok())
            .collect(),
    }
}

/// Array indices become `*`, as in obligation ids.
fn starred(pointer: &str) -> String {
    let steps = pointer.split('/').skip(1);
    steps.fold(String::new(), |text, step| {
        let index = !step.is_empty() && step.bytes().all(|byte| byte.is_ascii_digit());
        text + "/" + if index { "*" } else { step }
    })
}

/// The last member's name on the way.
fn field(pointer: &str) -> Option<&str> {
    let index = |step: &&str| !step.bytes().all(|byte| byte.is_ascii_digit());
    pointer.split('/').skip(1).filter(index).last()
}

#[cfg(test)]
mod tests {
    use super::{field, starred};

    #[test]
    fn places_are_spelled_as_in_obligation_ids() {
        assert_eq!(starred("/operations/0/cardId"), "/operations/*/cardId");
        assert_eq!(starred(""), "");
        assert_eq!(field("/operations/0"), Some("operations"));
        assert_eq!(field(""), None);
    }
}
