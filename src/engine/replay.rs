//! Sends a case of an earlier run again: the same draw, under identifiers that the target has not seen.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::log::Logged;
use super::plan::{Kind, Plan};
use super::preflight::preflight;
use super::run::RunOptions;
use super::scenario::execute;
use super::skip::Skip;
use super::stage::Stage;
use crate::exchange::Exchange;
use crate::oracle::{Finding, Verdict};

/// What one sending of a case showed.
pub struct Again {
    /// The exchange of the case, or, for a sequence and a pinned case, that of its first finding.
    pub exchange: Option<Arc<Exchange>>,
    /// What is wrong.
    pub findings: Vec<Finding>,
    /// Why nothing can be said.
    pub unclear: Option<String>,
    /// Requests that it took, those for resources included.
    pub sends: u32,
}

/// Why a subject of the plan cannot be tested at all, by its index: the look that a run takes before its first case.
pub async fn unusable(plan: &Plan) -> BTreeMap<usize, String> {
    preflight(plan).await
}

/// Sends case `index` of a scenario once; `round` tells this time from all others. A business rule, a walk through a
/// life cycle and a pinned case are repeated as a whole.
pub async fn send_again(plan: &Plan, scenario: usize, index: u32, round: u32, options: &RunOptions) -> Again {
    let nothing = |reason: String| Again { exchange: None, findings: Vec::new(), unclear: Some(reason), sends: 0 };
    let Some(own) = plan.scenarios.get(scenario) else { return nothing("there is no such scenario".to_owned()) };
    if let Some(Skip { reason, .. }) = &own.skip {
        return nothing(format!("it would be skipped now: {reason}"));
    }
    let round = format!("again{round}");
    if matches!(own.kind, Kind::Drawn) {
        let probe = Stage::of(plan, scenario, options).probe(index, &round, None, Some).await;
        let sends = Logged::sends(&probe.log);
        return match probe.seen {
            Ok(seen) => Again { exchange: Some(seen.exchange), findings: seen.findings, unclear: None, sends },
            Err(reason) => Again { sends, ..nothing(reason) },
        };
    }
    let options = RunOptions { nonce: format!("{}~{round}", options.nonce), ..options.clone() };
    let outcome = execute(plan, scenario, &options).await;
    let unclear = outcome.reason.clone().filter(|_| outcome.verdict == Verdict::Inconclusive);
    Again {
        exchange: outcome.findings.first().map(|proof| Arc::clone(&proof.exchange)),
        findings: outcome.findings.into_iter().map(|proof| proof.finding).collect(),
        unclear,
        sends: outcome.exchanges,
    }
}
