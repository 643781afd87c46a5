//! Opens the encrypted members of an answer.

use serde_json::Value;

use super::judge::Judging;
use crate::contract::{MediaKind, Response, Sealed};
use crate::jose::{EnvelopeFault, inspect};

/// An encrypted member of an answer.
pub(super) struct Opened<'a> {
    /// The declared answer.
    pub response: &'a Response,
    /// What the contract says of the member.
    pub sealed: &'a Sealed,
    /// JSON pointer of the member.
    pub pointer: String,
    /// The clear text; none where we have no key and the outside is right.
    pub outcome: Result<Option<Vec<u8>>, EnvelopeFault>,
}

/// All encrypted members that are texts; what is none is the business of the body's schema.
pub(super) fn opened<'a>(judging: &Judging<'a>) -> Vec<Opened<'a>> {
    let operation = judging.operation;
    let Some(response) = operation.response(judging.answer.status).filter(|_| judging.is_own_answer()) else {
        return Vec::new();
    };
    let declared = response.media.iter().filter(|media| media.kind == MediaKind::Json && !media.sealed.is_empty());
    let Some((media, body)) = declared
        .into_iter()
        .find_map(|media| Some((media, serde_json::from_slice::<Value>(&judging.answer.body).ok()?)))
    else {
        return Vec::new();
    };
    let mut found = Vec::new();
    for sealed in &media.sealed {
        for pointer in sealed.path.pointers(&body) {
            if let Some(text) = body.pointer(&pointer).and_then(Value::as_str) {
                found.push(Opened { response, sealed, pointer, outcome: open(judging, text) });
            }
        }
    }
    found
}

fn open(judging: &Judging<'_>, text: &str) -> Result<Option<Vec<u8>>, EnvelopeFault> {
    match judging.key {
        Some(key) => key.open(text).map(Some),
        None => inspect(text).map(|()| None),
    }
}
