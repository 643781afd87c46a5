//! One call of a sequence or a walk: sent, judged by what is expected of it, and repeated where it may take its time.

use std::sync::Arc;
use std::time::{Duration, Instant};

use super::caller::{Called, Caller, Request};
use super::digest::add_case;
use super::event::{Outcome, Proof};
use super::fixture::build;
use super::log::Role;
use super::run::RunOptions;
use crate::base::{Digest, Redactor};
use crate::contract::{Auth, Evidence, Obligation};
use crate::exchange::{Answer, FaultKind};
use crate::oracle::{BUSINESS_RULES_CHECK, Blame, Finding, SteppedOn, token_refused};
use crate::suite::{SequenceStep, TokenUse};

/// Between two looks at what takes its time.
pub(super) const PAUSE: Duration = Duration::from_millis(200);

/// How often a notice is delivered again. How often D1 does is not public (NOTIF-7).
const DELIVERIES: u32 = 3;

/// Why the rest is left out.
pub(super) struct Ended {
    pub reason: String,
    pub blame: Blame,
}

/// What a call brought.
pub(super) struct Stepped {
    pub status: u16,
    /// What is wrong with it.
    pub proofs: Vec<Proof>,
    /// It broke what was expected of it, whether the check is on or not.
    pub right: bool,
}

/// Makes calls, one after the other, for one run of a sequence or a walk.
pub(super) struct Stepper<'r, 'p> {
    pub caller: Caller<'p>,
    pub options: &'r RunOptions,
    /// Where requests, answers and waiting are counted.
    pub outcome: &'r mut Outcome,
    /// Weakest mark of the requests so far.
    pub evidence: Evidence,
    /// Operations with their statuses.
    pub history: Vec<String>,
    pub digest: Digest,
    /// What the calls are for.
    pub role: Role,
}

impl<'r, 'p> Stepper<'r, 'p> {
    pub(super) fn new(caller: Caller<'p>, options: &'r RunOptions, outcome: &'r mut Outcome) -> Self {
        let (evidence, history, digest) = (Evidence::Documented, Vec::new(), Digest::default());
        Self { caller, options, outcome, evidence, history, digest, role: Role::Step }
    }

    /// Makes the resources that must stand before the first call.
    pub(super) async fn build(&mut self, name: &str, needs: &[String]) -> Result<(), Ended> {
        let built = build(&mut self.caller, name, needs).await;
        built.map_err(|broken| Ended { reason: broken.reason, blame: broken.blame })
    }

    /// Makes a call. `name` tells it from all others; `duty` is what a finding names.
    pub(super) async fn step(&mut self, name: &str, step: &SequenceStep, duty: &Obligation) -> Result<Stepped, Ended> {
        if self.options.stop.stopped() {
            let reason = "the run was ended inside this scenario".to_owned();
            return Err(Ended { reason, blame: Blame::Tool });
        }
        let patience = if step.eventually { self.caller.subject.target.limits.settle } else { Duration::ZERO };
        let deadline = Instant::now() + patience;
        let operation = step.operation.rsplit("::").next().unwrap_or_default();
        if step.token == Some(TokenUse::New) {
            self.caller.subject.client.forget_token().await;
        }
        loop {
            let request = Request {
                operation: &step.operation,
                values: &step.values,
                as_planned: true,
                breaks: step.breaks.as_deref(),
                role: self.role,
            };
            let mut called = self.caller.call(name, request).await.map_err(blocked)?;
            self.outcome.waiting += called.exchange.elapsed;
            if step.redeliver {
                called = self.redeliver(operation, called).await;
            }
            let redactor = self.redactor(&called);
            let answer = judgeable(operation, &called, &redactor)?.clone();
            if step.expect.is_none() && !(200..300).contains(&answer.status) {
                return Err(blocked(format!("{operation} answered {}, which the sequence builds on", answer.status)));
            }
            // What is broken on purpose rests on the line that is broken, whose mark the rule's own evidence holds.
            self.evidence = self.evidence.and(called.case.evidence);
            let history =
                self.history.iter().chain([&format!("{operation} {}", answer.status)]).cloned().collect::<Vec<_>>();
            let mut findings = self.judge(step, duty, &answer, &history, &redactor);
            // A call that is met with 401 goes out once more, with a new token.
            if step.token == Some(TokenUse::Same) && called.exchange.attempts > 1 {
                findings.push(token_refused(duty, self.evidence, self.options.strict, &history.join(", ")));
            }
            if !findings.is_empty() && Instant::now() < deadline {
                tokio::time::sleep(PAUSE).await;
                continue;
            }
            self.history = history;
            return self.taken(step, operation, &called, &answer, findings);
        }
    }

    /// Sends the very same request again while the server breaks at it.
    async fn redeliver(&mut self, operation: &str, mut called: Called<'p>) -> Called<'p> {
        for _ in 0..DELIVERIES {
            let status = called.exchange.outcome.as_ref().map(|answer| answer.status).unwrap_or_default();
            if status < 500 {
                break;
            }
            self.history.push(format!("{operation} {status}"));
            tokio::time::sleep(PAUSE).await;
            called = self.caller.again(called).await;
            self.outcome.waiting += called.exchange.elapsed;
        }
        called
    }

    /// What is wrong with an answer.
    pub(super) fn judge(
        &self,
        step: &SequenceStep,
        duty: &Obligation,
        answer: &Answer,
        history: &[String],
        redactor: &Redactor,
    ) -> Vec<Finding> {
        let evidence = self.evidence;
        let (provided, history) = (&self.caller.provided, &history.join(", "));
        SteppedOn { duty, evidence, step, answer, provided, history, redactor }.findings(self.options.strict)
    }

    fn taken(
        &mut self,
        step: &SequenceStep,
        operation: &str,
        called: &Called<'_>,
        answer: &Answer,
        findings: Vec<Finding>,
    ) -> Result<Stepped, Ended> {
        add_case(&mut self.digest, &called.case, &called.bindings);
        if step.expect.is_some() {
            self.outcome.cases += 1;
            // Which of two calls at once is refused is chance, and one seed gives one report.
            if self.role != Role::Race {
                *self.outcome.statuses.entry(answer.status).or_default() += 1;
            }
        }
        let right = findings.is_empty();
        if (200..300).contains(&answer.status) && right {
            let kept = self.caller.keep(&step.provides, &called.case, answer);
            kept.map_err(|missing| blocked(format!("{operation} {missing}")))?;
        }
        let proofs = findings.into_iter().filter_map(|finding| self.proof(finding, called)).collect();
        Ok(Stepped { status: answer.status, proofs, right })
    }

    /// A finding with the exchange that shows it, where the check is on.
    pub(super) fn proof(&self, finding: Finding, called: &Called<'_>) -> Option<Proof> {
        self.options.checks.contains(BUSINESS_RULES_CHECK).then(|| Proof {
            finding,
            case: called.case.id.to_string(),
            exchange: Arc::clone(&called.exchange),
            count: 1,
            after: self.outcome.exchanges + self.caller.exchanges,
            walk: None,
        })
    }

    pub(super) fn redactor(&self, called: &Called<'_>) -> Redactor {
        called.exchange.redactor(&self.options.redactor.with(self.caller.subject.client.secrets()))
    }
}

pub(super) fn blocked(reason: String) -> Ended {
    Ended { reason, blame: Blame::Blocked }
}

/// The answer, if it says something about the rule.
pub(super) fn judgeable<'c>(operation: &str, called: &'c Called<'_>, redactor: &Redactor) -> Result<&'c Answer, Ended> {
    let answer = called.exchange.outcome.as_ref().map_err(|fault| {
        let blame = match fault.kind {
            FaultKind::TimedOut | FaultKind::Cut | FaultKind::TooLarge => Blame::Target,
            FaultKind::Unsendable => Blame::Tool,
            _ => Blame::Config,
        };
        Ended { reason: redactor.text(&fault.text), blame }
    })?;
    let reason = match answer.status {
        429 => "the target limits the rate; run with fewer jobs or a lower rate",
        401 if called.operation.auth != Auth::None => "the target refused our credentials; check `auth` of the target",
        _ => return Ok(answer),
    };
    Err(Ended { reason: format!("{operation} answered {}: {reason}", answer.status), blame: Blame::Config })
}
