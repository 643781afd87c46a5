//! One walk: its calls in order, and a look at the state after each.

use crate::base::Digest;
use crate::contract::Obligation;
use crate::engine::caller::{Caller, Request};
use crate::engine::event::{Outcome, Proof, Walk};
use crate::engine::log::Role;
use crate::engine::run::RunOptions;
use crate::engine::step::{Ended, Stepper, blocked};
use crate::engine::subject::Subject;
use crate::suite::{Expectation, Lifecycle, Move, SequenceStep, Situation, TransitionOutcome, Turn, ValueSource};

use super::scenarios::Journey;

/// What a walk is made on.
#[derive(Clone, Copy)]
pub(super) struct Ground<'p> {
    pub journey: &'p Journey,
    pub subject: &'p Subject,
}

/// What came of a walk.
pub(super) struct Walked {
    /// What is wrong, as of the last call that was made.
    pub proofs: Vec<Proof>,
    /// Calls that were made, looks left out.
    pub made: usize,
    /// Why the rest was left out.
    pub ended: Option<Ended>,
    pub digest: Digest,
}

impl Ground<'_> {
    /// Makes a walk. `name` tells it from all others. It ends at the first call that goes wrong.
    pub(super) async fn walk(&self, moves: &[Move], name: &str, options: &RunOptions, outcome: &mut Outcome) -> Walked {
        let caller = Caller::new(self.subject, options.seed, &options.nonce);
        let mut stepper = Stepper::new(caller, options, outcome);
        let (mut proofs, mut made) = (Vec::new(), 0);
        let ended = self.steps(&mut stepper, moves, name, (&mut proofs, &mut made)).await.err();
        self.tear_down(&mut stepper, name).await;
        let Stepper { caller, digest, outcome, .. } = stepper;
        caller.tell(outcome);
        let steps: Vec<String> = moves.iter().take(made).map(ToString::to_string).collect();
        for proof in &mut proofs {
            proof.walk = Some(Walk { drawn: steps.len(), steps: steps.clone() });
        }
        Walked { proofs, made, ended, digest }
    }

    async fn steps(
        &self,
        stepper: &mut Stepper<'_, '_>,
        moves: &[Move],
        name: &str,
        (proofs, count): (&mut Vec<Proof>, &mut usize),
    ) -> Result<(), Ended> {
        let lifecycle = &self.journey.lifecycle;
        stepper.build(name, &lifecycle.needs).await?;
        let mut at = lifecycle.beginning();
        for (index, made) in moves.iter().enumerate() {
            let turn = lifecycle.turn(&at, made).filter(Turn::is_certain);
            let turn = turn.ok_or_else(|| blocked(format!("nothing is said of `{made}` in the state `{at}`")))?;
            *count += 1;
            let duty = self.duty(&turn)?;
            let done = stepper.step(&format!("{name}#{index}"), &call(lifecycle, made, &turn), duty).await?;
            proofs.extend(done.proofs);
            if !done.right {
                return Ok(());
            }
            at = turn.accepted.clone().or(turn.refused.clone()).unwrap_or(at);
            if let Some(look) = look(lifecycle, &at) {
                let done = stepper.step(&format!("{name}#{index}?"), &look, duty).await?;
                proofs.extend(done.proofs);
                if !done.right {
                    return Ok(());
                }
            }
        }
        Ok(())
    }

    pub(super) fn duty(&self, turn: &Turn<'_>) -> Result<&Obligation, Ended> {
        let duty = self.journey.duties.get(&turn.transition.rule);
        duty.map(AsRef::as_ref).ok_or_else(|| blocked(format!("the rule {} is unknown", turn.transition.rule)))
    }

    /// Removes what the walk made. What is gone already is no leftover.
    pub(super) async fn tear_down(&self, stepper: &mut Stepper<'_, '_>, name: &str) {
        if !self.subject.target.limits.teardown || stepper.caller.exchanges == 0 {
            return;
        }
        for (index, step) in self.journey.lifecycle.teardown.iter().enumerate() {
            let needed = step.values.values().filter_map(|source| match source {
                ValueSource::Fixture(name) => Some(name),
                _ => None,
            });
            let values: Option<Vec<_>> = needed.map(|name| stepper.caller.provided.get(name)).collect();
            // What was never made needs no removal.
            let Some(values) = values else { continue };
            let what: Vec<String> = values.iter().map(|value| value.as_str().unwrap_or_default().to_owned()).collect();
            let request = Request {
                operation: &step.operation,
                values: &step.values,
                as_planned: false,
                breaks: None,
                role: Role::Teardown,
            };
            let problem = match stepper.caller.call(&format!("{name}<{index}"), request).await {
                Ok(called) => match &called.exchange.outcome {
                    Ok(answer) if (200..300).contains(&answer.status) || matches!(answer.status, 404 | 410) => continue,
                    // The walk removed it itself.
                    Ok(_) if stepper.caller.was_accepted(&called) => continue,
                    Ok(answer) => format!("{} answered {}", step.operation, answer.status),
                    Err(_) => format!("{} was not answered", step.operation),
                },
                Err(reason) => reason,
            };
            stepper.outcome.leftovers.push(format!("{} ({problem})", what.join(" ")));
        }
    }
}

/// A call with what is expected of it.
pub(super) fn call(lifecycle: &Lifecycle, made: &Move, turn: &Turn<'_>) -> SequenceStep {
    let expect = turn.transition.expect.clone().unwrap_or(match turn.transition.outcome() {
        Some(TransitionOutcome::To(_)) => Expectation::Accepted,
        Some(TransitionOutcome::Refused) => Expectation::Refused,
        Some(TransitionOutcome::Either(_)) | None => Expectation::Observed,
    });
    let (answer, eventually) = (turn.transition.answer.clone(), turn.transition.eventually);
    SequenceStep { expect: Some(expect), answer, eventually, ..bare(lifecycle, made) }
}

/// A call without anything expected.
pub(super) fn bare(lifecycle: &Lifecycle, made: &Move) -> SequenceStep {
    let call = lifecycle.calls.get(&made.call);
    let mut values = call.map(|call| call.values.clone()).unwrap_or_default();
    for source in values.values_mut() {
        if let (ValueSource::Each(_), Some(value)) = (&source, &made.with) {
            *source = ValueSource::Value(value.clone());
        }
    }
    SequenceStep {
        operation: call.map(|call| call.operation.clone()).unwrap_or_default(),
        values,
        provides: call.map(|call| call.provides.clone()).unwrap_or_default(),
        breaks: None,
        expect: None,
        answer: indexmap::IndexMap::new(),
        token: None,
        redeliver: false,
        eventually: false,
    }
}

/// The look at a state, where it shows.
pub(super) fn look(lifecycle: &Lifecycle, at: &Situation) -> Option<SequenceStep> {
    let look = lifecycle.look.as_ref()?;
    let shown = lifecycle.states.get(&at.state)?.shown.as_ref()?;
    Some(SequenceStep {
        operation: look.operation.clone(),
        values: look.values.clone(),
        provides: indexmap::IndexMap::new(),
        breaks: None,
        expect: Some(shown.expect.clone()),
        answer: shown.answer.clone(),
        token: None,
        redeliver: false,
        eventually: shown.eventually,
    })
}
