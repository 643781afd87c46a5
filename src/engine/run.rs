//! The run: preflight, workers, order.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use tokio::sync::mpsc;

use super::event::{Outcome, RunEvent, RunStart};
use super::plan::Plan;
use super::preflight::preflight;
use super::scenario::execute;
use super::shrink::Wish;
use super::skip::Skip;
use super::stop::Stop;
use crate::base::{Digest, Redactor, Seed};
use crate::oracle::{Blame, CheckSelection, Severity, Snapshots, Verdict};

/// Settings of one run.
#[derive(Clone)]
pub struct RunOptions {
    /// Root of all draws.
    pub seed: Seed,
    /// Makes fresh identifiers differ between runs against one target.
    pub nonce: String,
    /// Scenarios at a time.
    pub jobs: usize,
    /// Stop after this many failed scenarios.
    pub max_failures: Option<usize>,
    /// Treat warnings as failures.
    pub strict: bool,
    /// Which checks run.
    pub checks: CheckSelection,
    /// Accepted answers of pinned cases.
    pub snapshots: Snapshots,
    /// Cleans what findings quote.
    pub redactor: Redactor,
    /// Ends the run early when asked.
    pub stop: Stop,
}

/// Runs the plan and hands every event to `sink`, one at a time. Returns the digest of all drawn cases in plan order:
/// the same for every number of jobs.
pub async fn run(plan: Arc<Plan>, options: RunOptions, mut sink: impl FnMut(RunEvent)) -> String {
    let minder = tokio::spawn(mind(Arc::clone(&plan), options.stop.clone()));
    let unusable = preflight(&plan).await;
    sink(RunEvent::Started(RunStart { scenarios: plan.scenarios.len(), unusable: unusable.clone() }));
    let (sender, mut outcomes) = mpsc::channel::<Outcome>(256);
    let work = Arc::new(Work { plan, options, unusable, full: AtomicBool::new(false), next: AtomicUsize::new(0) });
    let jobs = work.options.jobs.clamp(1, 256);
    for _ in 0..jobs {
        tokio::spawn(worker(Arc::clone(&work), sender.clone()));
    }
    drop(sender);
    let mut digests = vec![String::new(); work.plan.scenarios.len()];
    let mut failures = 0;
    let mut wish = Wish::default();
    while let Some(mut outcome) = outcomes.recv().await {
        digests[outcome.scenario] = std::mem::take(&mut outcome.digest);
        if outcome.verdict == Verdict::Failed && !excused(&work.plan, &outcome) {
            failures += 1;
            if work.options.max_failures.is_some_and(|most| failures >= most) {
                work.full.store(true, Ordering::Relaxed);
            }
        }
        wish.add(&work.plan, &outcome);
        sink(RunEvent::Finished(Box::new(outcome)));
    }
    wish.fulfil(&work.plan, &work.options, |shrunk| sink(RunEvent::Shrunk(Box::new(shrunk)))).await;
    minder.abort();
    let mut digest = Digest::default();
    for part in &digests {
        digest.add(part.as_bytes());
    }
    digest.hex()
}

/// Is every breach of a scenario known and let pass? Whoever stops after some failures does not mean those.
fn excused(plan: &Plan, outcome: &Outcome) -> bool {
    let Some(deviations) = &plan.deviations else { return false };
    let operation = plan.scenarios[outcome.scenario].operation.id.as_str();
    let findings = outcome.findings.iter().map(|proof| &proof.finding);
    let mut breaches = findings.filter(|finding| finding.severity > Severity::Observation);
    breaches.all(|finding| deviations.excuse(finding.obligation.as_str(), operation, finding.code).is_some())
}

/// Requests may wait for their turn for longer than a user who ends the run wants to.
async fn mind(plan: Arc<Plan>, stop: Stop) {
    stop.asked().await;
    for subject in &plan.subjects {
        subject.client.close();
    }
}

struct Work {
    plan: Arc<Plan>,
    options: RunOptions,
    unusable: std::collections::BTreeMap<usize, String>,
    /// As many scenarios failed as the user wants to see.
    full: AtomicBool,
    next: AtomicUsize,
}

/// Runs one scenario by its index in the plan, without preflight: for runners that bring their own loop.
pub async fn run_scenario(plan: &Plan, index: usize, options: &RunOptions) -> Outcome {
    match plan.scenarios.get(index).and_then(|scenario| scenario.skip.clone()) {
        Some(Skip { reason, blame }) => Outcome::silent(index, Verdict::Skipped, reason, blame),
        None => execute(plan, index, options).await,
    }
}

async fn worker(work: Arc<Work>, sender: mpsc::Sender<Outcome>) {
    loop {
        let index = work.next.fetch_add(1, Ordering::Relaxed);
        let Some(scenario) = work.plan.scenarios.get(index) else { return };
        let outcome = if scenario.skip.is_some() {
            run_scenario(&work.plan, index, &work.options).await
        } else if let Some(reason) = work.unusable.get(&scenario.subject) {
            Outcome::silent(index, Verdict::Inconclusive, reason.clone(), Some(Blame::Config))
        } else if work.full.load(Ordering::Relaxed) {
            let reason = "not run: the limit of failures was reached".to_owned();
            // What was not run because of it cannot count as kept.
            Outcome::silent(index, Verdict::Skipped, reason, Some(Blame::Config))
        } else if work.options.stop.stopped() {
            let reason = "the run was ended before this scenario".to_owned();
            Outcome::silent(index, Verdict::Inconclusive, reason, Some(Blame::Tool))
        } else {
            run_scenario(&work.plan, index, &work.options).await
        };
        if sender.send(outcome).await.is_err() {
            return;
        }
    }
}
