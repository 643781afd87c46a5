//! What a sandbox tells of the calls that it gets, to somebody who listens. It only tells; what a call is worth is not
//! decided here.

use std::fmt;
use std::sync::Arc;
use std::time::Instant;

use serde_json::Value;

use super::reading::Reading;
use crate::contract::Operation;

/// Somebody who is told of every call.
pub trait Witness: fmt::Debug + Send + Sync {
    /// Takes one call in, as soon as it was answered.
    fn saw(&self, call: WitnessedCall);

    /// What a `POST /__sandbox/report` is answered with; an error says what went wrong, and what to do.
    fn report(&self) -> Result<Value, String>;
}

/// One call. It holds credentials and card data, so it cannot be printed.
#[derive(Clone)]
pub struct WitnessedCall {
    /// When it came in.
    pub received: Instant,
    /// When the answer went out, or the caller went away.
    pub answered: Instant,
    /// As it was sent.
    pub method: String,
    /// Path and query, as they were sent.
    pub target: String,
    /// Header fields in order; bytes that are no text are replaced.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Vec<u8>,
    /// What it was meant for.
    pub route: Reached,
    /// How its credentials stand.
    pub standing: Standing,
    /// Everything that was read of it.
    pub reading: Reading,
    /// What it was answered with; `None` when the caller did not wait for it.
    pub answer: Option<Answered>,
    /// Why the answer is not the ordinary one: names of provocations, `latency` or `error-rate`.
    pub provoked: Vec<&'static str>,
}

/// What a path and a method lead to.
#[derive(Clone, Debug)]
pub enum Reached {
    /// An operation.
    Operation(Arc<Operation>),
    /// A path that declares other methods; those.
    OtherMethods(Vec<Arc<Operation>>),
    /// No path of any contract.
    Nothing,
}

/// How the credentials of a call stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// None are needed.
    NotNeeded,
    /// None were sent.
    Missing,
    /// Some of another scheme, or in another form.
    OtherScheme,
    /// The right ones.
    Right,
    /// A token that was good once.
    Expired,
    /// A token that nobody gave out, or the wrong client credentials.
    Unknown,
}

/// An answer as it went out. It may hold a token.
#[derive(Clone)]
pub struct Answered {
    /// The status.
    pub status: u16,
    /// Header fields in order, names in lower case.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Option<Value>,
}

impl Answered {
    /// First field of this name.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(own, _)| own == name).map(|(_, value)| value.as_str())
    }

    /// True for 2xx.
    pub fn is_success(&self) -> bool {
        self.status / 100 == 2
    }
}

impl WitnessedCall {
    /// First field of this name.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(own, _)| own.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }

    /// The bearer token, if one was sent.
    pub fn bearer(&self) -> Option<&str> {
        let (scheme, token) = self.header("authorization")?.split_once(' ')?;
        scheme.eq_ignore_ascii_case("bearer").then(|| token.trim_matches(' '))
    }

    /// The operation, when it reached one.
    pub fn operation(&self) -> Option<&Arc<Operation>> {
        match &self.route {
            Reached::Operation(operation) => Some(operation),
            _ => None,
        }
    }
}

/// Tells the witness of a call when it is over, also when the caller goes away before.
pub struct Departure {
    witness: Arc<dyn Witness>,
    call: Option<WitnessedCall>,
}

impl Departure {
    /// Takes a call that waits for its answer.
    pub fn new(witness: Arc<dyn Witness>, call: WitnessedCall) -> Self {
        Self { witness, call: Some(call) }
    }

    /// The answer goes out now.
    pub fn answered(mut self, answer: Answered) {
        if let Some(call) = &mut self.call {
            call.answer = Some(answer);
        }
    }
}

impl Drop for Departure {
    fn drop(&mut self) {
        if let Some(mut call) = self.call.take() {
            call.answered = Instant::now();
            self.witness.saw(call);
        }
    }
}
