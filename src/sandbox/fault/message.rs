//! The seam for messages as a whole, before any value of them is read.

use axum::http::HeaderMap;
use axum::http::header::{ACCEPT, CONTENT_TYPE, HeaderName};

use super::plan::FaultPlan;
use crate::base::OperationId;
use crate::contract::{Operation, ParameterIn, accepts, charset, decode_utf16, depth, is_media_type, repeats_a_member};
use crate::sandbox::call::Refusal;
use crate::sandbox::defect::{Effect, Oddity, Spelling};
use crate::sandbox::intake::Raw;

/// Deeper bodies overflow the stack of a careless parser.
const STACK: usize = 5_000;

impl FaultPlan {
    /// The refusal of a message that a defect trips over, whatever its values.
    pub fn trips_over(&self, operation: &Operation, raw: &Raw<'_>) -> Option<Refusal> {
        let mut here = self.effects().filter(|effect| effect.operation() == operation.id.as_str());
        here.find_map(|effect| match effect {
            Effect::BreakOnMessage { oddity, .. } => shows(oddity, operation, raw).then(Refusal::broken),
            Effect::RefuseSpelling { spelling, .. } => is_spelled(spelling, raw.headers).then(Refusal::body),
            _ => None,
        })
    }

    /// Does a `Content-Type` that names no media type stand for JSON?
    pub fn guesses_media_type(&self, at: &OperationId, sent: &str) -> bool {
        let guesses = |effect| matches!(effect, Effect::GuessMediaType { operation } if operation == at.as_str());
        !sent.is_empty() && !is_media_type(sent) && self.effects().any(guesses)
    }
}

fn shows(oddity: Oddity, operation: &Operation, raw: &Raw<'_>) -> bool {
    let accept = || field(raw.headers, &ACCEPT).map(|text| accepts(text, "application/json"));
    let queried = |name: &str| url::form_urlencoded::parse(raw.query.as_bytes()).filter(|(own, _)| own == name).count();
    let holds = |part: &[u8]| raw.body.windows(part.len()).any(|own| own == part);
    match oddity {
        Oddity::DeepNesting => depth(raw.body) > STACK,
        Oddity::ByteOrderMark => raw.body.starts_with(b"\xEF\xBB\xBF"),
        Oddity::RepeatedMember => repeats_a_member(raw.body),
        Oddity::HalfSurrogate => holds(b"\\ud8"),
        Oddity::NoMediaType => !raw.body.is_empty() && !raw.headers.contains_key(CONTENT_TYPE),
        Oddity::OtherCharset => {
            let named = field(raw.headers, &CONTENT_TYPE).and_then(charset);
            named.is_some_and(|name| name != "utf-8") && decode_utf16(raw.body).is_none()
        }
        Oddity::UnreadableAccept => accept() == Some(None),
        Oddity::UnmetAccept => accept() == Some(Some(false)),
        Oddity::UnknownQuery => url::form_urlencoded::parse(raw.query.as_bytes())
            .any(|(name, _)| operation.parameter(ParameterIn::Query, &name).is_none()),
        Oddity::UnknownHeader => raw.headers.keys().any(|name| {
            let known = operation.parameters.iter().any(|own| own.name.eq_ignore_ascii_case(name.as_str()));
            name.as_str().starts_with("x-") && !known
        }),
        Oddity::RepeatedHeader => raw.headers.keys().any(|name| raw.headers.get_all(name).iter().count() > 1),
        Oddity::RepeatedQuery(name) => queried(name) > 1,
        Oddity::Body => !raw.body.is_empty(),
    }
}

fn is_spelled(spelling: Spelling, headers: &HeaderMap) -> bool {
    let sent = field(headers, &CONTENT_TYPE).unwrap_or_default();
    match spelling {
        Spelling::MediaTypeCase => sent.chars().any(|c| c.is_ascii_uppercase()),
        Spelling::Charset => charset(sent).is_some(),
        Spelling::AcceptAnything => field(headers, &ACCEPT) == Some("*/*"),
    }
}

fn field<'h>(headers: &'h HeaderMap, name: &HeaderName) -> Option<&'h str> {
    headers.get(name)?.to_str().ok()
}
