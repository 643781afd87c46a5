//! What was really sent and received.

use std::time::Duration;

use serde::Serialize;

/// One request and what came of it.
#[derive(Clone, Debug)]
pub struct Exchange {
    /// What went out.
    pub sent: Sent,
    /// The answer, or why there is none to judge.
    pub outcome: Result<Answer, Fault>,
    /// From the first byte out to the last byte in.
    pub elapsed: Duration,
}

/// The request as it went out. Holds credentials: redact before recording.
#[derive(Clone, Debug)]
pub struct Sent {
    /// Upper case.
    pub method: String,
    /// Absolute URL.
    pub url: String,
    /// Header fields in order.
    pub headers: Vec<(String, String)>,
    /// Body bytes.
    pub body: Vec<u8>,
}

/// A complete answer.
#[derive(Clone, Debug)]
pub struct Answer {
    /// Status code.
    pub status: u16,
    /// Header fields in order, names in lower case; bytes that are no text are replaced.
    pub headers: Vec<(String, String)>,
    /// Body bytes, at most the target's limit.
    pub body: Vec<u8>,
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
    /// No complete answer in time.
    TimedOut,
    /// The connection ended in the middle.
    Cut,
    /// The answer is larger than the limit.
    TooLarge,
    /// No token could be obtained.
    NoToken,
    /// The request cannot be put on the wire.
    Unsendable,
}
