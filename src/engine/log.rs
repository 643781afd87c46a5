//! What went over the wire, all of it, whether it shows something or not: statistics and logs are drawn from it.

use std::sync::Arc;
use std::time::Instant;

use serde::{Deserialize, Serialize};

use crate::base::{CaseId, OperationId};
use crate::exchange::Exchange;
use crate::generate::Case;

/// One exchange of a scenario. Not redacted yet.
#[derive(Clone, Debug)]
pub struct Logged {
    /// What it was sent for.
    pub role: Role,
    /// The case, or the call of a fixture or a sequence.
    pub case: CaseId,
    /// Which operation was called.
    pub operation: OperationId,
    /// The exchange; a finding may share it.
    pub exchange: Arc<Exchange>,
    /// When the answer, or what stands for it, was there.
    pub ended: Instant,
}

/// What an exchange was sent for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// A case of the scenario.
    Case,
    /// Makes a resource that a case needs.
    Fixture,
    /// A call of a sequence.
    Step,
    /// A second look at a finding, fixtures and steps included.
    Repeat,
    /// The search for a smaller request, fixtures included.
    Shrink,
    /// A round of calls at once: what it answers is chance, and no statistics are made of it.
    Race,
    /// Removes what a walk through a life cycle made.
    Teardown,
}

impl Logged {
    /// Adds what was sent to a log. What never reached the wire is not an exchange, and is left out.
    pub(super) fn add(log: &mut Vec<Self>, role: Role, case: &Case, exchange: &Arc<Exchange>) {
        if exchange.attempts > 0 {
            let (operation, exchange) = (case.operation.clone(), Arc::clone(exchange));
            log.push(Self { role, case: case.id.clone(), operation, exchange, ended: Instant::now() });
        }
    }

    /// Requests of a log: one that was met with a new token went out twice.
    pub(super) fn sends(log: &[Self]) -> u32 {
        log.iter().map(|logged| logged.exchange.attempts).sum()
    }

    /// The same log, sent for something else.
    pub(super) fn sent_for(role: Role, log: Vec<Self>) -> impl Iterator<Item = Self> {
        log.into_iter().map(move |logged| Self { role, ..logged })
    }
}
