//! What the engine tells while it runs.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::exchange::Exchange;
use crate::oracle::{Blame, Finding, Verdict};

/// One thing that happened.
pub enum RunEvent {
    /// The preflight is over and cases begin, or everything is inconclusive because it failed.
    Started(RunStart),
    /// A scenario came to its end. They arrive in any order.
    Finished(Box<Outcome>),
}

/// What is known before the first case.
pub struct RunStart {
    /// Scenarios in the plan.
    pub scenarios: usize,
    /// Why a target cannot be tested at all, by index of its subject.
    pub unusable: BTreeMap<usize, String>,
}

/// How a scenario ended.
pub struct Outcome {
    /// Index in the plan.
    pub scenario: usize,
    /// Worst of its cases.
    pub verdict: Verdict,
    /// Why it was skipped or is inconclusive.
    pub reason: Option<String>,
    /// Who must act on the reason.
    pub blame: Option<Blame>,
    /// Cases that were sent.
    pub cases: u32,
    /// Requests that were sent, fixtures and repeats included.
    pub exchanges: u32,
    /// Draws whose proof failed.
    pub rejected: u32,
    /// Distinct findings with their first proof.
    pub findings: Vec<Proof>,
    /// Answers by status.
    pub statuses: BTreeMap<u16, u32>,
    /// Digest of the drawn cases.
    pub digest: String,
    /// Time spent waiting for answers.
    pub waiting: Duration,
    /// From start to end.
    pub elapsed: Duration,
}

/// A finding with the exchange that shows it. Not redacted yet.
pub struct Proof {
    /// What is wrong.
    pub finding: Finding,
    /// Name of the case.
    pub case: String,
    /// The exchange.
    pub exchange: Exchange,
    /// How many cases of the scenario showed it.
    pub count: u32,
}
