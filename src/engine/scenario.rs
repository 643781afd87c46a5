//! One scenario from the first fixture to the verdict. Strictly sequential inside, so that its cases meet the same
//! states in every run, however many scenarios run beside it.

use std::sync::Arc;
use std::time::{Duration, Instant};

use indexmap::IndexMap;
use serde_json::Value;

use super::bind::Provided;
use super::digest::add_case;
use super::event::{Outcome, Proof, Repeat};
use super::lifecycle::explore;
use super::log::{Logged, Role};
use super::plan::{Kind, Plan};
use super::repeat::{Key, Told, breaches, is_breach, key, settle};
use super::run::RunOptions;
use super::sequence::perform;
use super::stage::{Scene, Seen, Stage, refused_in_tls};
use crate::base::Digest;
use crate::contract::{Auth, Rule};
use crate::exchange::{Exchange, FaultKind};
use crate::generate::Case;
use crate::oracle::{
    Blame, Finding, Severity, SnapshotOutcome, SnapshotView, Verdict, Volatile, normalise, snapshot_finding,
};
use crate::suite::{PinnedCase, Sequence, SnapshotRule, Suite};

/// Runs scenario `index` of the plan.
pub(super) async fn execute(plan: &Plan, index: usize, options: &RunOptions) -> Outcome {
    let started = Instant::now();
    let mut work = Work {
        stage: Stage::of(plan, index, options),
        outcome: Outcome::empty(index),
        told: IndexMap::new(),
        digest: Digest::default(),
        rounds: 0,
    };
    work.run().await;
    let Work { mut outcome, told, digest, .. } = work;
    (outcome.findings, outcome.repeats) = told.into_values().map(|told| (told.proof, told.repeat)).unzip();
    outcome.verdict = outcome.verdict.max(Verdict::of(outcome.findings.iter().map(|proof| &proof.finding)));
    settle(&mut outcome);
    outcome.digest = digest.hex();
    outcome.elapsed = started.elapsed();
    outcome
}

struct Work<'p> {
    stage: Stage<'p>,
    outcome: Outcome,
    /// Distinct findings by duty and code.
    told: IndexMap<Key, Told>,
    digest: Digest,
    /// Repeats so far.
    rounds: u32,
}

impl Work<'_> {
    async fn run(&mut self) {
        match &self.stage.scenario.kind {
            Kind::Pinned(pinned) => self.pinned(pinned).await,
            Kind::Drawn => self.drawn().await,
            Kind::Sequence(sequence) => self.sequence(sequence).await,
            Kind::Journey(journey) => {
                let Stage { scenario, subject, options } = self.stage;
                self.told = explore(journey, scenario, subject, options, &mut self.outcome).await;
                self.digest.add(self.outcome.digest.as_bytes());
            }
        }
    }

    async fn drawn(&mut self) {
        let mut standing: Option<Scene> = None;
        let count = self.stage.scenario.cases();
        if count == 0 {
            let reasons = self.stage.scenario.uncovered().join("; ");
            self.inconclusive(format!("no case could be drawn: {reasons}"), Blame::Tool);
        }
        for index in 0..count {
            if self.stage.options.stop.stopped() {
                return self.inconclusive("the run was ended inside this scenario".to_owned(), Blame::Tool);
            }
            let mut own = None;
            let place = if self.stage.has_its_own(index) { &mut own } else { &mut standing };
            if place.is_none() {
                *place = self.scene(index).await;
            }
            let scene = match place {
                Some(scene) => scene,
                // Other resources can be made: what is wrong with these is a finding where they are made.
                None if self.stage.wishes(index) => continue,
                None => return,
            };
            let drawn = self.stage.draw(index, &scene.bindings);
            self.outcome.rejected += drawn.rejected;
            let Some(case) = drawn.case else {
                if self.outcome.cases == 0 && index + 1 == count {
                    let reason = format!("no case could be drawn: {}", drawn.reason.unwrap_or_default());
                    self.inconclusive(reason, Blame::Tool);
                }
                continue;
            };
            add_case(&mut self.digest, &case, &scene.bindings);
            let Some((_, news)) = self.send(&case).await else { return };
            if !news.is_empty() {
                self.repeat(index, &case, &scene.provided, &news, |_| Vec::new()).await;
            }
        }
        self.untested();
    }

    async fn pinned(&mut self, pinned: &PinnedCase) {
        let Some(Scene { provided, bindings }) = self.scene(pinned.index).await else { return };
        let drawn = self.stage.draw(pinned.index, &bindings);
        self.outcome.rejected += drawn.rejected;
        let Some(case) = drawn.case else {
            let reason = format!("no case could be drawn: {}", drawn.reason.unwrap_or_default());
            return self.inconclusive(reason, Blame::Tool);
        };
        add_case(&mut self.digest, &case, &bindings);
        let Some((exchange, mut news)) = self.send(&case).await else { return };
        let Some(view) = self.view(&case, &provided, &exchange) else { return };
        let valid = !self.told.values().any(|told| is_breach(&told.proof.finding));
        let changed = self.compare(pinned, &case, &view, valid);
        news.extend(changed.as_ref().and_then(|finding| self.tell(finding.clone(), &case, &exchange)));
        if !news.is_empty() {
            let stage = self.stage;
            // The same difference from the accepted answer, not any difference.
            let again = |seen: &Seen| {
                let same = view_of(&stage, &seen.case, &seen.provided, &seen.exchange).is_some_and(|own| own == view);
                changed.iter().filter(|_| same).cloned().collect()
            };
            self.repeat(pinned.index, &case, &provided, &news, again).await;
        }
    }

    /// The resources and values of a case, or nothing when a fixture failed. Then the scenario is blocked, unless the case
    /// alone wanted them so.
    async fn scene(&mut self, index: u32) -> Option<Scene> {
        let (log, scene) = self.stage.scene(index, &self.stage.options.nonce).await;
        self.outcome.exchanges += Logged::sends(&log);
        self.outcome.log.extend(log);
        match scene {
            Ok(scene) => Some(scene),
            Err(broken) => {
                if !self.stage.wishes(index) {
                    self.inconclusive(broken.reason, broken.blame);
                }
                None
            }
        }
    }

    async fn sequence(&mut self, sequence: &Sequence) {
        let Stage { scenario, subject, options } = self.stage;
        perform(sequence, scenario, subject, options, &mut self.outcome).await;
        self.digest.add(self.outcome.digest.as_bytes());
        let findings = std::mem::take(&mut self.outcome.findings);
        let news = breaches(findings.iter().map(|proof| &proof.finding));
        self.told.extend(findings.into_iter().map(|proof| (key(&proof.finding), Told { proof, repeat: None })));
        if news.is_empty() || options.stop.stopped() {
            return;
        }
        // The whole of it, with identifiers of its own.
        let again = RunOptions { nonce: format!("{}~{}", options.nonce, self.round()), ..options.clone() };
        let mut second = Outcome::empty(self.outcome.scenario);
        perform(sequence, scenario, subject, &again, &mut second).await;
        self.count(second.log, second.waiting);
        let shown = breaches(second.findings.iter().map(|proof| &proof.finding));
        for key in &news {
            let Some(told) = self.told.get_mut(key) else { continue };
            let ended = second.reason.clone().filter(|_| second.verdict == Verdict::Inconclusive);
            told.judge(&shown, || ended.map_or(Repeat::Other(None), Repeat::Unclear));
        }
    }

    /// Sends one case and judges the answer; tells which of the findings are to be repeated. `None` ends the scenario:
    /// nothing more can be learnt from it.
    async fn send(&mut self, case: &Case) -> Option<(Arc<Exchange>, Vec<Key>)> {
        let exchange = Arc::new(self.stage.subject.client.send(&self.stage.scenario.operation, case).await);
        Logged::add(&mut self.outcome.log, Role::Case, case, &exchange);
        self.outcome.cases += exchange.attempts.min(1);
        self.outcome.exchanges += exchange.attempts;
        self.outcome.waiting += exchange.elapsed;
        let answer = match &exchange.outcome {
            Ok(answer) => answer,
            Err(_) if refused_in_tls(case, &exchange) => {
                self.outcome.reason.get_or_insert_with(|| "refused with the TLS connection".to_owned());
                return Some((exchange, Vec::new()));
            }
            Err(fault) => {
                let blame = match fault.kind {
                    FaultKind::TimedOut | FaultKind::Cut | FaultKind::TooLarge => Blame::Target,
                    FaultKind::Unsendable => Blame::Tool,
                    _ => Blame::Config,
                };
                let reason = self.stage.redactor(&exchange).text(&fault.text);
                self.inconclusive(reason, blame);
                return None;
            }
        };
        *self.outcome.statuses.entry(answer.status).or_default() += 1;
        if answer.status == 401 && self.lacks_credentials() {
            let reason = "the target wants credentials and the target file has none; add `auth:` to it".to_owned();
            self.inconclusive(reason, Blame::Config);
            return None;
        }
        let (reason, findings) = self.stage.judge(case, &exchange, answer);
        if let Some(reason) = reason {
            self.inconclusive(reason, Blame::Config);
            return None;
        }
        if case.request.certificate_flaw.is_some() && findings.is_empty() {
            let reason = format!("refused with {} after the TLS handshake", answer.status);
            self.outcome.reason.get_or_insert(reason);
        }
        let news = findings.into_iter().filter_map(|finding| self.tell(finding, case, &exchange)).collect();
        Some((exchange, news))
    }

    /// Sends the same case once more, and tells of each of the `news` whether it shows again. `more` finds what the checks
    /// do not look for.
    async fn repeat(
        &mut self,
        index: u32,
        case: &Case,
        provided: &Provided,
        news: &[Key],
        more: impl Fn(&Seen) -> Vec<Finding>,
    ) {
        if self.stage.options.stop.stopped() {
            return;
        }
        // What only reads leaves its resources as they were; all others might have changed them, against the contract too.
        let reads = |method: &str| matches!(method, "GET" | "HEAD");
        let made =
            Some(provided).filter(|_| reads(&case.request.method) && reads(&self.stage.scenario.operation.method));
        let round = self.round().to_string();
        let probe = self.stage.probe(index, &round, made, Some).await;
        self.count(probe.log, probe.waiting);
        let shown =
            probe.seen.as_ref().map_or_else(|_| Vec::new(), |seen| breaches(seen.findings.iter().chain(&more(seen))));
        for key in news {
            let Some(told) = self.told.get_mut(key) else { continue };
            told.judge(&shown, || match &probe.seen {
                Ok(seen) => Repeat::Other(Some(Arc::clone(&seen.exchange))),
                Err(reason) => Repeat::Unclear(reason.clone()),
            });
        }
    }

    fn round(&mut self) -> u32 {
        self.rounds += 1;
        self.rounds
    }

    fn count(&mut self, log: Vec<Logged>, waiting: Duration) {
        let sends = Logged::sends(&log);
        self.outcome.log.extend(Logged::sent_for(Role::Repeat, log));
        self.outcome.exchanges += sends;
        self.outcome.repeated += sends;
        self.outcome.waiting += waiting;
    }

    /// The operation is secured, and the target file leaves the credentials out.
    fn lacks_credentials(&self) -> bool {
        self.stage.scenario.operation.auth != Auth::None && self.stage.subject.target.grant.is_none()
    }

    /// A conforming request that never got through shows nothing: neither the success nor its body was seen.
    fn untested(&mut self) {
        let accepted = self.outcome.statuses.keys().any(|status| (200..400).contains(status));
        let quiet = self.told.values().all(|told| told.proof.finding.severity == Severity::Observation);
        let silent = self.outcome.cases > 0 && !accepted && quiet;
        if self.stage.scenario.obligation.rule == Rule::Conforming && silent {
            let statuses: Vec<String> = self.outcome.statuses.keys().map(ToString::to_string).collect();
            let reason = format!(
                "no conforming request was accepted (answers: {}); the resources it names may be unknown to the target, or \
                 the base URL may lack a part",
                statuses.join(", ")
            );
            self.inconclusive(reason, Blame::Config);
        }
    }

    /// Keeps a finding. Its key, where it is a breach that has not been seen in this scenario, or not as grave.
    fn tell(&mut self, finding: Finding, case: &Case, exchange: &Arc<Exchange>) -> Option<Key> {
        let key = key(&finding);
        let mut count = 1;
        if let Some(known) = self.told.get_mut(&key) {
            known.proof.count += 1;
            // The same breach may be graver in a later case, which rests on less that is assumed.
            if finding.severity <= known.proof.finding.severity {
                return None;
            }
            count = known.proof.count;
        }
        let new = is_breach(&finding);
        let after = self.outcome.exchanges - self.outcome.repeated;
        let exchange = Arc::clone(exchange);
        let proof = Proof { finding, case: case.id.to_string(), exchange, count, after, walk: None };
        self.told.insert(key.clone(), Told { proof, repeat: None });
        new.then_some(key)
    }

    fn view(&self, case: &Case, provided: &Provided, exchange: &Exchange) -> Option<SnapshotView> {
        view_of(&self.stage, case, provided, exchange)
    }

    /// The finding for an answer that is not the accepted one.
    fn compare(&mut self, pinned: &PinnedCase, case: &Case, view: &SnapshotView, valid: bool) -> Option<Finding> {
        let suite = Arc::clone(&self.stage.subject.suite);
        let (snapshots, rules) = (&self.stage.options.snapshots, rules(&suite, case));
        let outcome = match snapshots.compare(&suite.name, &case.operation, &pinned.name, view, &rules) {
            Ok(outcome) => outcome,
            Err(error) => {
                self.inconclusive(error.to_string(), Blame::Config);
                return None;
            }
        };
        if let SnapshotOutcome::New(path) = &outcome {
            let reason = format!(
                "no accepted snapshot yet; look at {} with `d1c snapshots review`, or run with --accept-new",
                path.display()
            );
            self.inconclusive(reason, Blame::Config);
        }
        let source = self.stage.scenario.obligation.source.clone();
        snapshot_finding(&case.operation, &pinned.name, source, &outcome, suite.snapshots.severity, valid)
    }

    fn inconclusive(&mut self, reason: String, blame: Blame) {
        self.outcome.verdict = Verdict::Inconclusive;
        self.outcome.reason.get_or_insert(reason);
        self.outcome.blame.get_or_insert(blame);
    }
}

/// An answer without what differs from run to run.
fn view_of(stage: &Stage<'_>, case: &Case, provided: &Provided, exchange: &Exchange) -> Option<SnapshotView> {
    let answer = exchange.outcome.as_ref().ok()?;
    let mut volatile = Volatile::default();
    volatile.properties.extend(stage.subject.suite.volatile.iter().cloned());
    volatile.rules = rules(&stage.subject.suite, case);
    let named = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    volatile.values.extend(stage.subject.target.values.iter().map(|(name, value)| (named(value), name.clone())));
    volatile.values.extend(provided.iter().map(|(name, value)| (named(value), name.clone())));
    volatile.values.extend(case.request.path_params.iter().map(|(name, text)| (text.clone(), name.clone())));
    Some(normalise(answer, &volatile, &stage.redactor(exchange)))
}

/// What does not count in the answers of an operation.
fn rules(suite: &Suite, case: &Case) -> Vec<SnapshotRule> {
    let counts = |rule: &&SnapshotRule| rule.operation.as_deref().is_none_or(|own| own == case.operation.as_str());
    suite.snapshots.ignore.iter().filter(counts).cloned().collect()
}
