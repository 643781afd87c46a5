//! What the engine tells while it runs.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use super::log::{Logged, Role};
use crate::base::ObligationId;
use crate::exchange::Exchange;
use crate::oracle::{Blame, Finding, Verdict};

/// One thing that happened.
pub enum RunEvent {
    /// The preflight is over and cases begin, or everything is inconclusive because it failed.
    Started(RunStart),
    /// A scenario came to its end. They arrive in any order.
    Finished(Box<Outcome>),
    /// A smaller request was looked for. These come after all scenarios.
    Shrunk(Box<Shrunk>),
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
    /// Those of them that repeated a case, fixtures included.
    pub repeated: u32,
    /// Draws whose proof failed.
    pub rejected: u32,
    /// Distinct findings with their first proof.
    pub findings: Vec<Proof>,
    /// What the repeats showed, in the order of the findings; `None` where none was sent.
    pub repeats: Vec<Option<Repeat>>,
    /// Every exchange, fixtures and repeats included, in the order in which they went out.
    pub log: Vec<Logged>,
    /// Answers by status.
    pub statuses: BTreeMap<u16, u32>,
    /// Digest of the drawn cases.
    pub digest: String,
    /// What could not be removed from the target.
    pub leftovers: Vec<String>,
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
    pub exchange: Arc<Exchange>,
    /// How many cases of the scenario showed it.
    pub count: u32,
    /// Requests of the scenario until this one: those for resources are counted, repeats of other cases are not.
    pub after: u32,
    /// The walk through a life cycle that leads to it.
    pub walk: Option<Walk>,
}

/// Calls through a life cycle; the last one is that which went wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Walk {
    /// The calls with the values that they were made with; calls at once are one step.
    pub steps: Vec<String>,
    /// Calls of the walk as it was drawn, before it was cut down to this one.
    pub drawn: usize,
}

/// What an immediate repeat of the case showed, with identifiers of its own.
#[derive(Debug)]
pub enum Repeat {
    /// The same finding: it counts.
    Same,
    /// Not this finding, so that it is flaky; with the exchange, where it is a single one.
    Other(Option<Arc<Exchange>>),
    /// Nothing that could be judged, for this reason.
    Unclear(String),
}

/// What the search for a smaller request brought.
pub struct Shrunk {
    /// Index in the plan.
    pub scenario: usize,
    /// The duty of the finding.
    pub obligation: ObligationId,
    /// Its code.
    pub code: &'static str,
    /// The smallest request that shows it, and the finding as it shows there; `None` where no smaller one does.
    pub smallest: Option<(Finding, Arc<Exchange>)>,
    /// Smaller requests that were tried.
    pub tries: u32,
    /// Requests that were sent for them, fixtures included.
    pub sends: u32,
    /// Their exchanges in order.
    pub log: Vec<Logged>,
    /// Every candidate was tried: the budget was not what ended the search.
    pub complete: bool,
}

impl Outcome {
    /// An outcome of which nothing is known yet.
    pub(super) fn empty(scenario: usize) -> Self {
        Self {
            scenario,
            verdict: Verdict::Passed,
            reason: None,
            blame: None,
            cases: 0,
            exchanges: 0,
            repeated: 0,
            rejected: 0,
            findings: Vec::new(),
            repeats: Vec::new(),
            log: Vec::new(),
            statuses: BTreeMap::new(),
            digest: String::new(),
            leftovers: Vec::new(),
            waiting: Duration::ZERO,
            elapsed: Duration::ZERO,
        }
    }

    /// Adds what was sent for it to another one, as a repeat.
    pub(super) fn add_to(self, other: &mut Self) {
        other.exchanges += self.exchanges;
        other.repeated += self.exchanges;
        other.waiting += self.waiting;
        other.leftovers.extend(self.leftovers);
        other.log.extend(Logged::sent_for(Role::Repeat, self.log));
    }

    /// An outcome without any exchange.
    pub(super) fn silent(scenario: usize, verdict: Verdict, reason: String, blame: Option<Blame>) -> Self {
        Self { verdict, reason: Some(reason), blame, ..Self::empty(scenario) }
    }
}
