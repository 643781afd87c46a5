//! What was really sent and received.

use std::fmt;
use std::time::Duration;

use serde::Serialize;

use crate::base::{Redactor, Secret};

/// One request and what came of it.
#[derive(Clone, Debug)]
pub struct Exchange {
    /// What went out.
    pub sent: Sent,
    /// The answer, or why there is none to judge.
    pub outcome: Result<Answer, Fault>,
    /// From the first byte out to the last byte in.
    pub elapsed: Duration,
    /// How often the request went out: not at all where a fault came before, twice where a 401 was met with a new token.
    pub attempts: u32,
}

impl Exchange {
    /// A request that did not get as far as the wire.
    pub(super) fn unsent(sent: Sent, fault: Fault) -> Self {
        Self { sent, outcome: Err(fault), elapsed: Duration::ZERO, attempts: 0 }
    }
}

/// The request as it went out. Holds credentials: redact before recording.
#[derive(Clone)]
pub struct Sent {
    /// Upper case.
    pub method: String,
    /// Absolute URL.
    pub url: String,
    /// Header fields in order.
    pub headers: Vec<(String, String)>,
    /// Body bytes.
    pub body: Vec<u8>,
    /// The clear text of what went out encrypted.
    pub sealed: Vec<SealedMember>,
    /// What the target file adds to TLS; none of it without TLS.
    pub tls: TlsUse,
}

/// What is needed to connect in the same way again.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TlsUse {
    /// An authority of the target file was trusted.
    pub private_ca: bool,
    /// The client certificate of the target file was shown.
    pub client_certificate: bool,
}

impl fmt::Debug for Sent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sent")
            .field("method", &self.method)
            .field("url", &without_query(&self.url))
            .field("headers", &self.headers.len())
            .field("body_bytes", &self.body.len())
            .field("sealed", &self.sealed.len())
            .field("tls", &self.tls)
            .finish()
    }
}

/// A member of a body that went out encrypted.
#[derive(Clone, Debug)]
pub struct SealedMember {
    /// JSON pointer of the member.
    pub pointer: String,
    /// What was encrypted, JSON.
    pub plaintext: Secret,
}

/// A complete answer. May hold credentials: redact before recording.
#[derive(Clone)]
pub struct Answer {
    /// Status code.
    pub status: u16,
    /// Header fields in order, names in lower case; bytes that are no text are replaced.
    pub headers: Vec<(String, String)>,
    /// Body bytes, at most the target's limit.
    pub body: Vec<u8>,
}

impl fmt::Debug for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Answer")
            .field("status", &self.status)
            .field("headers", &self.headers.len())
            .field("body_bytes", &self.body.len())
            .finish()
    }
}

/// Where a request went. The query may hold credentials, the path a card number, the authority a user.
pub(super) fn without_query(url: &str) -> String {
    let place = url.split('?').next().unwrap_or_default();
    let place = match (place.split_once("://"), place.rfind('@')) {
        (Some((scheme, _)), Some(at)) => format!("{scheme}://***{}", &place[at..]),
        _ => place.to_owned(),
    };
    Redactor::default().text(&place)
}

impl Answer {
    /// First field of this name.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(own, _)| own.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }
}

/// Why no answer can be judged.
#[derive(Clone, Debug, Serialize, thiserror::Error)]
#[error("{text}")]
pub struct Fault {
    /// Of which kind.
    pub kind: FaultKind,
    /// In words, with the remedy; free of secrets.
    pub text: String,
}

/// Kinds of faults.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum FaultKind {
    /// Nothing listens there, or the name is unknown.
    Unreachable,
    /// TLS failed.
    Tls,
    /// The target refused our client certificate, or its absence.
    CertificateRefused,
    /// No complete answer in time.
    TimedOut,
    /// The connection ended in the middle.
    Cut,
    /// The answer is larger than the limit.
    TooLarge,
    /// No token could be obtained.
    NoToken,
    /// The request cannot be put on the wire, or must not.
    Unsendable,
    /// The target allows no more requests in this run.
    OverLimit,
}
