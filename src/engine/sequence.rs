//! A business rule in action: the calls of one sequence, in order, each judged by what the rule expects of it.

use std::time::{Duration, Instant};

use super::caller::{Called, Caller, Request};
use super::digest::add_case;
use super::event::{Outcome, Proof};
use super::fixture::build;
use super::log::Role;
use super::plan::Scenario;
use super::run::RunOptions;
use super::subject::Subject;
use crate::base::{Digest, Redactor};
use crate::contract::{Auth, Evidence};
use crate::exchange::{Answer, FaultKind};
use crate::oracle::{BUSINESS_RULES_CHECK, Blame, Finding, SteppedOn, Verdict};
use crate::suite::{Expectation, Sequence, SequenceStep};

/// Between two looks at what takes its time.
const PAUSE: Duration = Duration::from_millis(200);

/// Why the rest of a sequence is left out.
struct Ended {
    reason: String,
    blame: Blame,
}

/// Runs a sequence and adds what came of it.
pub(super) async fn perform(
    sequence: &Sequence,
    scenario: &Scenario,
    subject: &Subject,
    options: &RunOptions,
    outcome: &mut Outcome,
) {
    let caller = Caller::new(subject, options.seed, &options.nonce);
    let run = Run {
        scenario,
        options,
        caller,
        outcome,
        evidence: Evidence::Documented,
        history: Vec::new(),
        digest: Digest::default(),
    };
    run.whole(sequence).await;
}

struct Run<'r, 'p> {
    scenario: &'r Scenario,
    options: &'r RunOptions,
    caller: Caller<'p>,
    outcome: &'r mut Outcome,
    /// Weakest mark of the requests so far.
    evidence: Evidence,
    /// Operations with their statuses.
    history: Vec<String>,
    digest: Digest,
}

impl Run<'_, '_> {
    async fn whole(mut self, sequence: &Sequence) {
        let ended = self.steps(sequence).await;
        self.outcome.exchanges += self.caller.exchanges;
        self.outcome.log.append(&mut self.caller.log);
        self.outcome.digest = self.digest.hex();
        if let Err(Ended { reason, blame }) = ended {
            self.outcome.verdict = Verdict::Inconclusive;
            self.outcome.reason.get_or_insert(reason);
            self.outcome.blame.get_or_insert(blame);
        }
    }

    async fn steps(&mut self, sequence: &Sequence) -> Result<(), Ended> {
        let name = self.scenario.id.to_string();
        let built = build(&mut self.caller, &name, &sequence.needs).await;
        built.map_err(|broken| Ended { reason: broken.reason, blame: broken.blame })?;
        for (index, step) in sequence.steps.iter().enumerate() {
            if self.options.stop.stopped() {
                let reason = "the run was ended inside this scenario".to_owned();
                return Err(Ended { reason, blame: Blame::Tool });
            }
            if !self.step(&format!("{name}#{index}"), step).await? {
                break;
            }
        }
        Ok(())
    }

    /// False when the rule is broken, so that what follows would show nothing more.
    async fn step(&mut self, name: &str, step: &SequenceStep) -> Result<bool, Ended> {
        let patience = if step.eventually { self.caller.subject.target.limits.settle } else { Duration::ZERO };
        let deadline = Instant::now() + patience;
        let operation = step.operation.rsplit("::").next().unwrap_or_default();
        loop {
            let request = Request {
                operation: &step.operation,
                values: &step.values,
                as_planned: true,
                breaks: step.breaks.as_deref(),
                role: Role::Step,
            };
            let blocked = |reason| Ended { reason, blame: Blame::Blocked };
            let called = self.caller.call(name, request).await.map_err(blocked)?;
            self.outcome.waiting += called.exchange.elapsed;
            let redactor = called.exchange.redactor(&self.options.redactor.with(self.caller.subject.client.secrets()));
            let answer = judgeable(operation, &called, &redactor)?.clone();
            if step.expect.is_none() && !(200..300).contains(&answer.status) {
                return Err(blocked(format!("{operation} answered {}, which the sequence builds on", answer.status)));
            }
            // What is broken on purpose rests on the line that is broken, whose mark the rule's own evidence holds.
            self.evidence = self.evidence.and(called.case.evidence);
            let history =
                self.history.iter().chain([&format!("{operation} {}", answer.status)]).cloned().collect::<Vec<_>>();
            let findings = SteppedOn {
                duty: &self.scenario.obligation,
                evidence: self.evidence,
                step,
                answer: &answer,
                provided: &self.caller.provided,
                history: &history.join(", "),
                redactor: &redactor,
            }
            .findings(self.options.strict);
            if !findings.is_empty() && Instant::now() < deadline {
                tokio::time::sleep(PAUSE).await;
                continue;
            }
            self.history = history;
            return self.taken(step, operation, &called, &answer, findings);
        }
    }

    fn taken(
        &mut self,
        step: &SequenceStep,
        operation: &str,
        called: &Called<'_>,
        answer: &Answer,
        findings: Vec<Finding>,
    ) -> Result<bool, Ended> {
        add_case(&mut self.digest, &called.case, &called.bindings);
        if let Some(expected) = &step.expect {
            self.outcome.cases += 1;
            *self.outcome.statuses.entry(answer.status).or_default() += 1;
            if *expected == Expectation::Observed {
                let seen = format!("observed: {operation} answered {}", answer.status);
                self.outcome.reason.get_or_insert(seen);
            }
        }
        let right = findings.is_empty();
        if (200..300).contains(&answer.status) && right {
            let kept = self.caller.keep(&step.provides, &called.case, answer);
            kept.map_err(|missing| Ended { reason: format!("{operation} {missing}"), blame: Blame::Blocked })?;
        }
        if self.options.checks.contains(BUSINESS_RULES_CHECK) {
            let case = called.case.id.to_string();
            let (exchange, after) = (&called.exchange, self.outcome.exchanges + self.caller.exchanges);
            let proof = |finding| Proof { finding, case: case.clone(), exchange: exchange.clone(), count: 1, after };
            self.outcome.findings.extend(findings.into_iter().map(proof));
        }
        Ok(right)
    }
}

/// The answer, if it says something about the rule.
fn judgeable<'c>(operation: &str, called: &'c Called<'_>, redactor: &Redactor) -> Result<&'c Answer, Ended> {
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
