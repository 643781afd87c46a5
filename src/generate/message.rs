//! Violations of the message as a whole: its method, credentials, certificate, media type, and the text of its body. Beside
//! them messages that are right and spelled otherwise, and such that are merely unusual.

mod bodies;

use super::case::{Body, Credentials, Request, placeholder};
use super::draw::Draw;
use super::generator::Attempt;
use crate::contract::{Location, Obligation, Rule};
use bodies::{MALFORMED, UNUSUAL, malformed, unusual};

pub(super) use bodies::{DEEPER, LONE_SURROGATE, deep_values};

/// Methods that a path may be asked for; the safe-to-refuse ones first.
const METHODS: &[&str] = &["DELETE", "PATCH", "PUT", "POST", "GET"];

/// Media types that no operation declares for its body.
const STRANGE: &[&str] = &["text/plain", "application/xml", "application/octet-stream", "text/html"];

/// What names no media type (RFC 9110 section 8.3.1).
const NO_MEDIA_TYPES: &[&str] = &["application/", ";;", "json"];

/// What cannot be read as `Accept`, and what takes no declared answer (RFC 9110 section 12.5.1).
const UNUSUAL_ACCEPT: &[&str] = &["application/", "*/*;q=high", "application/x-unexpected"];

/// Bodies for operations that declare none.
const UNEXPECTED: &[(&str, &str)] = &[("application/json", "{\"unexpected\":true}"), ("text/plain", "unexpected")];

/// Name of a header field and of a query parameter that nobody declares.
const UNKNOWN: (&str, &str) = ("x-unexpected", "unexpected");

/// How many different messages a rule knows; the round walks through them. `None` for rules of one value, whose
/// violations are drawn.
pub(super) fn variants(rule: Rule) -> Option<u32> {
    let count = match rule {
        Rule::MissingToken
        | Rule::WrongToken
        | Rule::TamperedToken
        | Rule::ExpiredToken
        | Rule::Base64urlCredentials
        | Rule::Assertion(_)
        | Rule::Certificate(_)
        | Rule::ContentTypeCase
        | Rule::ContentTypeCharset
        | Rule::AcceptAnything
        | Rule::JsonEncoding
        | Rule::RepeatedParameter => 1,
        Rule::RequiredBody => 2,
        Rule::UnsupportedMethod => METHODS.len() - 1,
        Rule::WrongContentType => STRANGE.len(),
        Rule::MalformedContentType => NO_MEDIA_TYPES.len(),
        Rule::UnexpectedBody => UNEXPECTED.len(),
        Rule::UnusualMessage => UNUSUAL_ACCEPT.len() + 3,
        Rule::MalformedJson => MALFORMED,
        Rule::UnusualBody => UNUSUAL + 2,
        _ => return None,
    };
    u32::try_from(count).ok()
}

/// True for duties that are broken in the finished message, and not in one of its values.
pub(super) fn breaks_whole(obligation: &Obligation) -> bool {
    matches!(obligation.location, Location::Method | Location::Auth | Location::Assertion | Location::Tls)
        || variants(obligation.rule).is_some()
}

/// Spells a conforming message in the way that the duty is about; it stays conforming.
pub(super) fn spell(at: &Attempt, mut request: Request) -> Request {
    match at.obligation.rule {
        Rule::Base64urlCredentials => request.credentials = Credentials::Base64url,
        Rule::ContentTypeCase => request.content_type = request.content_type.map(|text| other_case(&text)),
        Rule::ContentTypeCharset => {
            request.content_type = request.content_type.map(|text| format!("{text}; charset=utf-8"));
        }
        Rule::AcceptAnything => request.headers.push(("accept".to_owned(), "*/*".to_owned())),
        _ => {}
    }
    request
}

/// `application/json` becomes `Application/JSON`; parameters stay as they are.
fn other_case(media_type: &str) -> String {
    let (essence, parameters) = media_type.split_at(media_type.find(';').unwrap_or(media_type.len()));
    let (kind, subtype) = essence.split_once('/').unwrap_or((essence, ""));
    let (first, rest) = kind.split_at(kind.len().min(1));
    format!("{}{rest}/{}{parameters}", first.to_ascii_uppercase(), subtype.to_ascii_uppercase())
}

/// Breaks the message; `None` when this rule knows no such message.
pub(super) fn break_message(
    at: &Attempt,
    mut request: Request,
    declared_methods: &[String],
    draw: &mut Draw,
) -> Option<Request> {
    match at.obligation.rule {
        Rule::MissingToken => request.credentials = Credentials::Missing,
        Rule::WrongToken => request.credentials = Credentials::Wrong,
        Rule::TamperedToken => request.credentials = Credentials::Tampered,
        Rule::ExpiredToken => request.credentials = Credentials::Expired,
        Rule::Assertion(flaw) => request.assertion_flaw = Some(flaw),
        Rule::Certificate(flaw) => request.certificate_flaw = Some(flaw),
        Rule::UnsupportedMethod => {
            let free: Vec<&str> =
                METHODS.iter().filter(|method| !declared_methods.iter().any(|own| own == *method)).copied().collect();
            let method: &str = free.get(at.round % free.len().max(1))?;
            method.clone_into(&mut request.method);
        }
        Rule::RequiredBody => {
            request.body = Body::Empty;
            request.seals.clear();
            if at.round.is_multiple_of(2) {
                request.content_type = None;
            }
        }
        Rule::WrongContentType => label(&mut request, Some(pick(STRANGE, at.round))),
        Rule::MalformedContentType => label(&mut request, Some(pick(NO_MEDIA_TYPES, at.round))),
        Rule::MalformedJson => {
            let text = String::from_utf8(request.body_bytes()).ok()?;
            put(&mut request, malformed(&text, at.round, draw));
        }
        Rule::JsonEncoding => {
            let declared = request.content_type?;
            request.content_type = Some(format!("{declared}; charset=utf-16"));
        }
        Rule::UnusualBody => match at.round % (UNUSUAL + 2) {
            0 => label(&mut request, None),
            1 => {
                let declared = request.content_type.clone()?;
                label(&mut request, Some(&format!("{declared}; charset=utf-16")));
            }
            round => {
                let Body::Json(value) = &request.body else { return None };
                let bytes = unusual(value, round - 2);
                put(&mut request, bytes);
            }
        },
        Rule::UnexpectedBody => {
            let (media_type, text) = pick(UNEXPECTED, at.round);
            request.body = Body::Raw(text.as_bytes().to_vec());
            request.content_type = Some(media_type.to_owned());
        }
        Rule::UnusualMessage => unusual_head(&mut request, at.round),
        Rule::RepeatedParameter => {
            let name = at.obligation.location.field()?;
            let pair = request.query.iter().find(|(own, _)| own == name)?.clone();
            request.query.push(pair);
        }
        _ => return None,
    }
    Some(request)
}

/// Header fields and a query that nobody declares, or nobody can read.
fn unusual_head(request: &mut Request, round: usize) {
    let field = || (UNKNOWN.0.to_owned(), UNKNOWN.1.to_owned());
    match round % (UNUSUAL_ACCEPT.len() + 3) {
        0 => request.query.push((UNKNOWN.1.to_owned(), "1".to_owned())),
        1 => request.headers.push(field()),
        2 => {
            // A declared field, where one is sent: a server looks at no other.
            let again = request.headers.first().cloned().unwrap_or_else(|| {
                request.headers.push(field());
                field()
            });
            request.headers.push(again);
        }
        other => request.headers.push(("accept".to_owned(), UNUSUAL_ACCEPT[other - 3].to_owned())),
    }
}

/// Keeps the body and says something else about it. Raw, so that the proof and the wire see the bytes that a sender of
/// that type would send.
fn label(request: &mut Request, media_type: Option<&str>) {
    request.body = Body::Raw(request.body_bytes());
    request.content_type = media_type.map(str::to_owned);
}

/// Puts a text into the place of the body. Some variants leave nothing of it: what has no place is not sealed.
fn put(request: &mut Request, bytes: Vec<u8>) {
    let envelope = placeholder::ENVELOPE.as_bytes();
    if !bytes.windows(envelope.len()).any(|part| part == envelope) {
        request.seals.clear();
    }
    request.body = Body::Raw(bytes);
}

fn pick<T: Copy>(list: &[T], round: usize) -> T {
    list[round % list.len()]
}

#[cfg(test)]
mod tests;
