//! Violations of the message as a whole: its method, credentials, certificate, media type, and the text of its body.

use super::case::{Body, Credentials, Request, placeholder};
use super::draw::Draw;
use super::generator::Attempt;
use crate::contract::Rule;

/// Methods that a path may be asked for; the safe-to-refuse ones first.
const METHODS: &[&str] = &["DELETE", "PATCH", "PUT", "POST", "GET"];

/// The number of ways to break a rule of the message as a whole; `None` for rules of values.
pub(super) fn variants(rule: Rule) -> Option<u32> {
    Some(match rule {
        Rule::MissingToken
        | Rule::WrongToken
        | Rule::TamperedToken
        | Rule::ExpiredToken
        | Rule::Certificate(_)
        | Rule::Envelope(_) => 1,
        Rule::RequiredBody => 2,
        Rule::WrongContentType => 4,
        Rule::UnsupportedMethod => 5,
        Rule::MalformedJson => 6,
        _ => return None,
    })
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
        Rule::WrongContentType => {
            // Raw, so that the proof and the wire see the bytes that a sender of that type would send.
            request.body = Body::Raw(request.body_bytes());
            let strange = ["text/plain", "application/xml", "application/octet-stream", "text/html"];
            request.content_type = Some(strange[at.round % strange.len()].to_owned());
        }
        Rule::MalformedJson => {
            let text = String::from_utf8(request.body_bytes()).ok()?;
            let broken = malformed(&text, at.round, draw);
            // Some variants leave nothing of the body: what has no place is not sealed.
            if !broken.contains(placeholder::ENVELOPE) {
                request.seals.clear();
            }
            request.body = Body::Raw(broken.into_bytes());
        }
        _ => return None,
    }
    Some(request)
}

/// Texts that RFC 8259 does not allow.
fn malformed(text: &str, round: usize, draw: &mut Draw) -> String {
    let cut = text.trim_end_matches(['}', ']']);
    match round % 6 {
        0 => cut.to_owned(),
        1 => format!("{cut},}}"),
        2 => text.replacen('"', "'", 2),
        3 => format!("{text}{}", draw.pick(&["]", "}", "x", "{}"])),
        4 => "{\"amount\": NaN}".to_owned(),
        _ => "not json".to_owned(),
    }
}
