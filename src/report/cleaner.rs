//! Takes out of one exchange what must not be recorded.

use percent_encoding::percent_decode_str;
use serde_json::Value;

use super::record::{HeaderRecord, RequestRecord, ResponseRecord, SealedRecord};
use crate::base::{Redactor, member_spans};
use crate::exchange::{Answer, Exchange, SealedMember, Sent};
use crate::generate::Request;

/// Bytes of a body that are recorded.
const MOST_BODY: usize = 16 * 1024;

/// What stands in place of a masked value.
const MASK: &str = "***";

/// Cleans the texts of one exchange: of the secrets of the target, and of what this very exchange carried.
pub(super) struct Cleaner(Redactor);

impl Cleaner {
    /// A cleaner for texts that belong to no exchange.
    pub(super) fn new(redactor: &Redactor) -> Self {
        Self(redactor.clone())
    }

    /// A cleaner for one exchange: of what it carried too, wherever either side repeats it.
    pub(super) fn of(redactor: &Redactor, exchange: &Exchange) -> Self {
        Self(exchange.redactor(redactor))
    }

    /// Free text.
    pub(super) fn text(&self, text: &str) -> String {
        self.0.text(text)
    }

    /// Text that may quote a piece of a body.
    pub(super) fn quotation(&self, text: &str) -> String {
        self.members(text)
    }

    /// One argument of a command line, `--name=value` or an address or anything.
    pub(super) fn argument(&self, text: &str) -> String {
        match text.split_once('=') {
            Some((name, value)) if name.starts_with('-') => format!("{name}={}", self.0.field(name, &self.url(value))),
            _ => self.url(text),
        }
    }

    /// An absolute URL: user information, path segments and query values.
    pub(super) fn url(&self, text: &str) -> String {
        let text = hide_user(&self.text(text));
        let (path, query) = text.split_once('?').map_or((text.as_str(), None), |(path, query)| (path, Some(query)));
        let segments: Vec<String> = path.split('/').map(|segment| self.encoded(segment)).collect();
        let path = segments.join("/");
        query.map_or(path.clone(), |query| format!("{path}?{}", self.pairs(query)))
    }

    /// The request.
    pub(super) fn request(&self, sent: &Sent) -> RequestRecord {
        let (body, body_complete) = self.body(&sent.headers, &sent.body);
        RequestRecord {
            method: sent.method.clone(),
            url: self.url(&sent.url),
            headers: self.headers(&sent.headers),
            body,
            body_complete,
            sealed: sent.sealed.iter().map(|member| self.sealed(member)).collect(),
            private_ca: sent.tls.private_ca,
            client_certificate: sent.tls.client_certificate,
        }
    }

    /// The clear text of a sealed member, masked by its own members: as a whole it is unknown to nobody here.
    fn sealed(&self, member: &SealedMember) -> SealedRecord {
        let text = member.plaintext.expose();
        let plaintext = match serde_json::from_str::<Value>(text) {
            Ok(value @ (Value::Object(_) | Value::Array(_))) => self.0.json(&value).to_string(),
            _ => MASK.to_owned(),
        };
        SealedRecord { pointer: self.text(&member.pointer), plaintext }
    }

    /// The answer.
    pub(super) fn response(&self, answer: &Answer) -> ResponseRecord {
        let (body, body_complete) = self.body(&answer.headers, &answer.body);
        ResponseRecord { status: answer.status, headers: self.headers(&answer.headers), body, body_complete }
    }

    fn headers(&self, fields: &[(String, String)]) -> Vec<HeaderRecord> {
        let clean = |name: &str, value: &str| {
            if name.eq_ignore_ascii_case("location") { self.url(value) } else { self.0.field(name, value) }
        };
        fields.iter().map(|(name, value)| HeaderRecord { name: self.text(name), value: clean(name, value) }).collect()
    }

    /// The text to record, and whether it is the whole of the body.
    fn body(&self, headers: &[(String, String)], bytes: &[u8]) -> (Option<String>, bool) {
        if bytes.is_empty() {
            return (None, true);
        }
        let Ok(text) = std::str::from_utf8(bytes) else {
            return (Some(format!("<{} bytes, not UTF-8>", bytes.len())), false);
        };
        let form = headers.iter().any(|(name, value)| {
            name.eq_ignore_ascii_case("content-type") && value.starts_with("application/x-www-form-urlencoded")
        });
        let clean = match serde_json::from_str::<Value>(text) {
            _ if form => self.pairs(text),
            Ok(value) => self.json(text, &value),
            Err(_) => self.members(&pairs(text, str::to_owned)),
        };
        if clean.len() <= MOST_BODY {
            return (Some(clean), true);
        }
        let end = (0..=MOST_BODY).rev().find(|at| clean.is_char_boundary(*at)).unwrap_or_default();
        (Some(format!("{}… cut here; {} bytes in all", &clean[..end], bytes.len())), false)
    }

    /// Keeps the bytes as they were where nothing is to be masked: blanks, number formats and members that stand there
    /// twice may be the very point of a finding.
    fn json(&self, text: &str, value: &Value) -> String {
        let clean = self.0.json(value);
        if clean == *value && self.members(text) == text { text.to_owned() } else { self.text(&clean.to_string()) }
    }

    /// Name and value pairs of a form or a query, masked by name and by decoded value.
    fn pairs(&self, text: &str) -> String {
        pairs(text, |piece| self.encoded(piece))
    }

    /// A percent-encoded piece: as it was, unless something in the decoded text is masked.
    fn encoded(&self, piece: &str) -> String {
        let plain = decode(piece);
        let clean = self.text(&plain);
        if clean == plain { self.text(piece) } else { Request::encode(&clean).replace("%2A", "*") }
    }

    /// Text that is not quite JSON, as a case that breaks the syntax sends it: what looks like a sensitive member with
    /// a text or a number is masked.
    fn members(&self, text: &str) -> String {
        let mut clean = String::with_capacity(text.len());
        let mut done = 0;
        for (name, range) in member_spans(text) {
            if Redactor::hides_field(name) {
                clean.push_str(&text[done..range.start]);
                clean.push_str("\"***\"");
                done = range.end;
            }
        }
        clean.push_str(&text[done..]);
        self.text(&clean)
    }
}

/// Masks the values of sensitive names; `rest` cleans everything else.
fn pairs(text: &str, rest: impl Fn(&str) -> String) -> String {
    let clean = |pair: &str| match pair.split_once('=') {
        Some((name, value)) if !value.is_empty() && Redactor::hides_field(&decode(name)) => format!("{name}={MASK}"),
        Some((name, value)) => format!("{}={}", rest(name), rest(value)),
        None => rest(pair),
    };
    text.split('&').map(clean).collect::<Vec<_>>().join("&")
}

fn decode(text: &str) -> String {
    percent_decode_str(&text.replace('+', " ")).decode_utf8_lossy().into_owned()
}

/// `//user:password@host` without the user.
fn hide_user(url: &str) -> String {
    let Some((scheme, rest)) = url.split_once("://") else { return url.to_owned() };
    let authority = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    match rest[..authority].rfind('@') {
        Some(at) => format!("{scheme}://{MASK}{}", &rest[at..]),
        None => url.to_owned(),
    }
}

#[cfg(test)]
#[path = "cleaner_tests.rs"]
mod tests;
