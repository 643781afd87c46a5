//! One scenario from the first fixture to the verdict. Strictly sequential inside, so that its cases meet the same
//! states in every run, however many scenarios run beside it.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use indexmap::IndexMap;
use serde_json::Value;

use super::bind::{Provided, bind};
use super::caller::Caller;
use super::digest::add_case;
use super::event::{Outcome, Proof};
use super::fixture::build;
use super::plan::{Kind, Plan, Scenario};
use super::run::RunOptions;
use super::sequence::perform;
use super::subject::Subject;
use crate::base::{Digest, Redactor, Seed};
use crate::contract::{Auth, Rule};
use crate::exchange::{Answer, Exchange, FaultKind, Sent};
use crate::generate::{Bindings, Case};
use crate::oracle::{
    Blame, Finding, Judging, Severity, SnapshotOutcome, Verdict, Volatile, judge_all, normalise, snapshot_finding,
    unjudgeable,
};
use crate::suite::{OperationPlan, PinnedCase, Sequence, ValueSource};

/// Seed of pinned cases: the accepted snapshots belong to it, whatever `--seed` says.
const PINNED_SEED: Seed = Seed::new(0xD1);

/// Runs scenario `index` of the plan.
pub(super) async fn execute(plan: &Plan, index: usize, options: &RunOptions) -> Outcome {
    let scenario = &plan.scenarios[index];
    let started = Instant::now();
    let mut work = Work {
        scenario,
        subject: &plan.subjects[scenario.subject],
        options,
        outcome: Outcome { verdict: Verdict::Passed, reason: None, ..Outcome::empty(index) },
        proofs: IndexMap::new(),
        digest: Digest::default(),
    };
    work.run().await;
    let mut outcome = work.outcome;
    outcome.findings = work.proofs.into_values().collect();
    outcome.verdict = outcome.verdict.max(Verdict::of(outcome.findings.iter().map(|proof| &proof.finding)));
    outcome.digest = work.digest.hex();
    outcome.elapsed = started.elapsed();
    outcome
}

struct Work<'p> {
    scenario: &'p Scenario,
    subject: &'p Subject,
    options: &'p RunOptions,
    outcome: Outcome,
    proofs: IndexMap<(String, &'static str), Proof>,
    digest: Digest,
}

impl Work<'_> {
    async fn run(&mut self) {
        let suite = &self.subject.suite;
        let plan = suite.operations.get(self.scenario.operation.id.as_str()).cloned().unwrap_or_default();
        match &self.scenario.kind {
            Kind::Pinned(pinned) => self.pinned(&plan, pinned).await,
            Kind::Drawn => self.drawn(&plan).await,
            Kind::Sequence(sequence) => self.sequence(sequence).await,
        }
    }

    async fn drawn(&mut self, plan: &OperationPlan) {
        let needs = &plan.needs;
        let each = plan.consumes && self.scenario.obligation.rule == Rule::Conforming;
        let mut bindings = self.bindings(plan, &IndexMap::new(), &Provided::new());
        let count = self.scenario.cases();
        if count == 0 {
            let reasons = self.scenario.uncovered().join("; ");
            self.inconclusive(format!("no case could be drawn: {reasons}"), Blame::Tool);
        }
        for index in 0..count {
            if self.options.stop.stopped() {
                return self.inconclusive("the run was ended inside this scenario".to_owned(), Blame::Tool);
            }
            if index == 0 || each {
                let name = format!("{}#{index}", self.scenario.id);
                match self.fixtures(needs, self.options.seed, &name).await {
                    Some(provided) => bindings = self.bindings(plan, &IndexMap::new(), &provided),
                    None => return,
                }
            }
            let drawn = self.scenario.generator.case(
                &self.scenario.operation,
                &self.scenario.obligation,
                &bindings,
                self.options.seed,
                self.scenario.id.as_str(),
                index,
            );
            self.outcome.rejected += drawn.rejected;
            let Some(case) = drawn.case else {
                if self.outcome.cases == 0 && index + 1 == count {
                    let reason = format!("no case could be drawn: {}", drawn.reason.unwrap_or_default());
                    self.inconclusive(reason, Blame::Tool);
                }
                continue;
            };
            add_case(&mut self.digest, &case, &bindings);
            if self.send(&case).await.is_none() {
                return;
            }
        }
        self.untested();
    }

    async fn pinned(&mut self, plan: &OperationPlan, pinned: &PinnedCase) {
        let needs: &[String] = if pinned.without_fixture { &[] } else { &plan.needs };
        let Some(provided) = self.fixtures(needs, PINNED_SEED, self.scenario.id.as_str()).await else { return };
        let mut bindings = self.bindings(plan, &pinned.values, &provided);
        bindings.grounded &= !pinned.without_fixture;
        let drawn = self.scenario.generator.case(
            &self.scenario.operation,
            &self.scenario.obligation,
            &bindings,
            PINNED_SEED,
            self.scenario.id.as_str(),
            pinned.index,
        );
        self.outcome.rejected += drawn.rejected;
        let Some(case) = drawn.case else {
            let reason = format!("no case could be drawn: {}", drawn.reason.unwrap_or_default());
            return self.inconclusive(reason, Blame::Tool);
        };
        add_case(&mut self.digest, &case, &bindings);
        if let Some(exchange) = self.send(&case).await {
            self.compare(pinned, &case, &provided, &exchange);
        }
    }

    /// The fixture values, or nothing when a fixture failed and the scenario is blocked.
    async fn fixtures(&mut self, needs: &[String], seed: Seed, name: &str) -> Option<Provided> {
        if needs.is_empty() {
            return Some(Provided::new());
        }
        let mut caller = Caller::new(self.subject, seed, &self.options.nonce);
        let built = build(&mut caller, name, needs).await;
        self.outcome.exchanges += caller.exchanges;
        match built {
            Ok(()) => Some(caller.provided),
            Err(broken) => {
                self.inconclusive(broken.reason, broken.blame);
                None
            }
        }
    }

    async fn sequence(&mut self, sequence: &Sequence) {
        perform(sequence, self.scenario, self.subject, self.options, &mut self.outcome).await;
        self.digest.add(self.outcome.digest.as_bytes());
        for proof in std::mem::take(&mut self.outcome.findings) {
            self.proofs.insert((proof.finding.obligation.to_string(), proof.finding.code), proof);
        }
    }

    fn bindings(&self, plan: &OperationPlan, extra: &IndexMap<String, ValueSource>, provided: &Provided) -> Bindings {
        let suite = &self.subject.suite;
        let known = suite.operations.contains_key(self.scenario.operation.id.as_str());
        let mut bindings = Bindings::new(&self.options.nonce, known && !plan.ungrounded);
        bindings.test_pans.clone_from(&self.subject.target.test_pans);
        for sources in [&suite.values, &plan.values, extra] {
            bind(&mut bindings, sources, self.subject, provided);
        }
        bindings
    }

    /// Sends one case and judges the answer. `None` ends the scenario: nothing more can be learnt from it.
    async fn send(&mut self, case: &Case) -> Option<Exchange> {
        let exchange = self.subject.client.send(&self.scenario.operation, case).await;
        self.outcome.cases += exchange.attempts.min(1);
        self.outcome.exchanges += exchange.attempts;
        self.outcome.waiting += exchange.elapsed;
        let answer = match &exchange.outcome {
            Ok(answer) => answer,
            Err(fault) if case.request.certificate_flaw.is_some() && fault.kind == FaultKind::CertificateRefused => {
                // What the duty wants: no service without the right certificate. Whether the alert still arrives before
                // the connection ends is a race, and one seed is to give one report.
                self.outcome.reason.get_or_insert_with(|| "refused with the TLS connection".to_owned());
                return Some(exchange);
            }
            Err(fault) => {
                let blame = match fault.kind {
                    FaultKind::TimedOut | FaultKind::Cut | FaultKind::TooLarge => Blame::Target,
                    FaultKind::Unsendable => Blame::Tool,
                    _ => Blame::Config,
                };
                let reason = self.redactor(&exchange).text(&fault.text);
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
        // Most answers are as they should be, and to gather all that must not be quoted takes longer than to judge them.
        let (mut reason, mut findings) = self.judge(case, &exchange.sent, answer, &self.options.redactor);
        if reason.is_some() || !findings.is_empty() {
            let redactor = self.redactor(&exchange);
            (reason, findings) = self.judge(case, &exchange.sent, answer, &redactor);
            reason = reason.map(|reason| redactor.text(&reason));
        }
        if let Some(reason) = reason {
            self.inconclusive(reason, Blame::Config);
            return None;
        }
        if case.request.certificate_flaw.is_some() && findings.is_empty() {
            let reason = format!("refused with {} after the TLS handshake", answer.status);
            self.outcome.reason.get_or_insert(reason);
        }
        for finding in findings {
            self.prove(finding, case, &exchange);
        }
        Some(exchange)
    }

    /// The operation is secured, and the target file leaves the credentials out.
    fn lacks_credentials(&self) -> bool {
        self.scenario.operation.auth != Auth::None && self.subject.target.grant.is_none()
    }

    /// A conforming request that never got through shows nothing: neither the success nor its body was seen.
    fn untested(&mut self) {
        let accepted = self.outcome.statuses.keys().any(|status| (200..400).contains(status));
        let silent = self.outcome.cases > 0 && !accepted && self.proofs.values().all(is_observation);
        if self.scenario.obligation.rule == Rule::Conforming && silent {
            let statuses: Vec<String> = self.outcome.statuses.keys().map(ToString::to_string).collect();
            let reason = format!(
                "no conforming request was accepted (answers: {}); the resources it names may be unknown to the target, or \
                 the base URL may lack a part",
                statuses.join(", ")
            );
            self.inconclusive(reason, Blame::Config);
        }
    }

    /// Cleans what is quoted of an exchange: quotations are cut, and half a token would not be known as one later on.
    fn redactor(&self, exchange: &Exchange) -> Redactor {
        exchange.redactor(&self.options.redactor.with(self.subject.client.secrets()))
    }

    fn judge(&self, case: &Case, sent: &Sent, answer: &Answer, redactor: &Redactor) -> (Option<String>, Vec<Finding>) {
        let Some(duties) = self.subject.duties.get(case.operation.as_str()) else { return (None, Vec::new()) };
        let judging = Judging {
            contract: &self.scenario.contract,
            operation: &self.scenario.operation,
            duties,
            case,
            duty: &self.scenario.obligation,
            answer,
            sent: Some(sent),
            key: self.subject.key.as_ref(),
            redactor,
        };
        (unjudgeable(&judging), judge_all(&judging, &self.options.checks, self.options.strict))
    }

    fn prove(&mut self, finding: Finding, case: &Case, exchange: &Exchange) {
        let key = (finding.obligation.to_string(), finding.code);
        if let Some(known) = self.proofs.get_mut(&key) {
            known.count += 1;
            // The same breach may be graver in a later case, which rests on less that is assumed.
            if finding.severity > known.finding.severity {
                let count = known.count;
                *known = Proof { finding, case: case.id.to_string(), exchange: exchange.clone(), count };
            }
        } else {
            let proof = Proof { finding, case: case.id.to_string(), exchange: exchange.clone(), count: 1 };
            self.proofs.insert(key, proof);
        }
    }

    fn compare(&mut self, pinned: &PinnedCase, case: &Case, provided: &Provided, exchange: &Exchange) {
        let Ok(answer) = &exchange.outcome else { return };
        let suite = &self.subject.suite;
        let mut volatile = Volatile::default();
        volatile.properties.extend(suite.volatile.iter().cloned());
        let named = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        volatile.values.extend(self.subject.target.values.iter().map(|(name, value)| (named(value), name.clone())));
        volatile.values.extend(provided.iter().map(|(name, value)| (named(value), name.clone())));
        volatile.values.extend(case.request.path_params.iter().map(|(name, text)| (text.clone(), name.clone())));
        let view = normalise(answer, &volatile, &self.redactor(exchange));
        let outcome = match self.options.snapshots.compare(&suite.name, &case.operation, &pinned.name, &view) {
            Ok(outcome) => outcome,
            Err(error) => return self.inconclusive(error.to_string(), Blame::Config),
        };
        if let SnapshotOutcome::New(path) = &outcome {
            let reason = format!(
                "no accepted snapshot yet; read {} and accept it with `--accept-snapshots` or `cargo insta review`",
                path.display()
            );
            self.inconclusive(reason, Blame::Config);
        }
        let source = self.scenario.obligation.source.clone();
        if let Some(finding) = snapshot_finding(&case.operation, &pinned.name, source, &outcome) {
            self.prove(finding, case, exchange);
        }
    }

    fn inconclusive(&mut self, reason: String, blame: Blame) {
        self.outcome.verdict = Verdict::Inconclusive;
        self.outcome.reason.get_or_insert(reason);
        self.outcome.blame.get_or_insert(blame);
    }
}

fn is_observation(proof: &Proof) -> bool {
    proof.finding.severity == Severity::Observation
}

impl Outcome {
    fn empty(scenario: usize) -> Self {
        Self {
            scenario,
            verdict: Verdict::Passed,
            reason: None,
            blame: None,
            cases: 0,
            exchanges: 0,
            rejected: 0,
            findings: Vec::new(),
            statuses: BTreeMap::new(),
            digest: String::new(),
            waiting: Duration::ZERO,
            elapsed: Duration::ZERO,
        }
    }

    /// An outcome without any exchange.
    pub(super) fn silent(scenario: usize, verdict: Verdict, reason: String, blame: Option<Blame>) -> Self {
        Self { verdict, reason: Some(reason), blame, ..Self::empty(scenario) }
    }
}
