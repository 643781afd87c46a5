//! Calls at once. Which of them comes first is the target's affair; that they end as if one had is not.

use futures_util::future::join_all;

use super::explore::AllTold;
use super::orders::{Made, after, explained};
use super::walk::{Ground, bare, call, look};
use crate::base::Digest;
use crate::contract::Obligation;
use crate::engine::caller::{Called, Caller, Request};
use crate::engine::digest::add_case;
use crate::engine::event::{Outcome, Proof, Repeat, Walk};
use crate::engine::log::Role;
use crate::engine::repeat::{Told, is_breach, key};
use crate::engine::run::RunOptions;
use crate::engine::step::{Ended, Stepper, blocked, judgeable};
use crate::exchange::Answer;
use crate::oracle::{Blame, raced};
use crate::suite::{Expectation, Move, Race, SequenceStep, Situation, Turn};

/// Times that a finding is looked for again: what happens at once may end well by chance.
const AGAIN: u32 = 5;

/// One round of a race, and what becomes of what it found.
pub(super) async fn race(
    ground: &Ground<'_>,
    race_name: &str,
    name: &str,
    (options, outcome): (&RunOptions, &mut Outcome),
    (told, digest): (&mut AllTold, &mut Digest),
) -> Option<Ended> {
    let race = ground.journey.lifecycle.races.get(race_name)?;
    let (proofs, ended, own) = round(ground, race, name, options, outcome).await;
    digest.add(own.hex().as_bytes());
    for proof in proofs {
        let key = key(&proof.finding);
        if let Some(known) = told.get_mut(&key) {
            known.proof.count += 1;
            continue;
        }
        let new = is_breach(&proof.finding);
        told.insert(key.clone(), Told { proof, repeat: None });
        for again in 0..if new { AGAIN } else { 0 } {
            let nonce = format!("{}~{}.{again}", options.nonce, told.len());
            let mut second = Outcome::empty(outcome.scenario);
            let options = RunOptions { nonce, ..options.clone() };
            let (proofs, ended, _) = round(ground, race, name, &options, &mut second).await;
            second.add_to(outcome);
            let shown: Vec<_> = proofs.iter().map(|proof| self::key(&proof.finding)).collect();
            let Some(one) = told.get_mut(&key) else { break };
            one.judge(&shown, || ended.map_or(Repeat::Other(None), |ended| Repeat::Unclear(ended.reason)));
            if matches!(one.repeat, Some(Repeat::Same)) {
                one.proof.finding.blame = Blame::Target;
                break;
            }
        }
    }
    ended
}

async fn round(
    ground: &Ground<'_>,
    race: &Race,
    name: &str,
    options: &RunOptions,
    outcome: &mut Outcome,
) -> (Vec<Proof>, Option<Ended>, Digest) {
    let caller = Caller::new(ground.subject, options.seed, &options.nonce);
    let stepper = Stepper { role: Role::Race, ..Stepper::new(caller, options, outcome) };
    let mut round = Round { ground, race, name, stepper, proofs: Vec::new() };
    let ended = round.whole().await.err();
    ground.tear_down(&mut round.stepper, name).await;
    let Round { stepper: Stepper { caller, digest, outcome, .. }, mut proofs, .. } = round;
    caller.tell(outcome);
    let at_once: Vec<String> = race.at_once.iter().map(ToString::to_string).collect();
    let mut steps: Vec<String> = race.path.iter().map(ToString::to_string).collect();
    steps.push(at_once.join(" | "));
    for proof in &mut proofs {
        proof.walk = Some(Walk { drawn: steps.len(), steps: steps.clone() });
    }
    (proofs, ended, digest)
}

struct Round<'r, 'p> {
    ground: &'r Ground<'p>,
    race: &'r Race,
    name: &'r str,
    stepper: Stepper<'r, 'p>,
    proofs: Vec<Proof>,
}

impl<'p> Round<'_, 'p> {
    async fn whole(&mut self) -> Result<(), Ended> {
        let lifecycle = &self.ground.journey.lifecycle;
        self.stepper.build(self.name, &lifecycle.needs).await?;
        let mut at = lifecycle.beginning();
        for (index, made) in self.race.path.iter().enumerate() {
            let turn = lifecycle.turn(&at, made).ok_or_else(|| blocked(format!("nothing is said of `{made}`")))?;
            let duty = self.ground.duty(&turn)?;
            let done =
                self.stepper.step(&format!("{}#{index}", self.name), &call(lifecycle, made, &turn), duty).await?;
            if !done.right {
                self.proofs.extend(done.proofs);
                return Ok(());
            }
            at = turn.accepted.unwrap_or(at);
        }
        let possible = self.at_once(&at).await?;
        let possible = self.shown(possible).await?;
        self.then(possible).await
    }

    fn duty(&self) -> Result<&'p Obligation, Ended> {
        let duty = self.ground.journey.duties.get(&self.race.rule);
        duty.map(AsRef::as_ref).ok_or_else(|| blocked(format!("the rule {} is unknown", self.race.rule)))
    }

    /// The situations that explain what came of the calls at once; none where that is a finding.
    async fn at_once(&mut self, at: &Situation) -> Result<Vec<Situation>, Ended> {
        let lifecycle = &self.ground.journey.lifecycle;
        let steps: Vec<SequenceStep> = self.race.at_once.iter().map(|made| bare(lifecycle, made)).collect();
        let mut ready = Vec::new();
        for (index, step) in steps.iter().enumerate() {
            let request = Request {
                operation: &step.operation,
                values: &step.values,
                as_planned: true,
                breaks: None,
                role: Role::Race,
            };
            ready.push(self.stepper.caller.prepare(&format!("{}|{index}", self.name), request).map_err(blocked)?);
        }
        let client = &self.ground.subject.client;
        let exchanges = join_all(ready.iter().map(|ready| client.send(ready.operation, &ready.case))).await;
        let sent = ready.into_iter().zip(exchanges);
        let called: Vec<Called<'p>> = sent.map(|(ready, exchange)| self.stepper.caller.sent(ready, exchange)).collect();
        let (mut made, mut words) = (Vec::new(), Vec::new());
        for ((one, step), call) in called.iter().zip(&steps).zip(&self.race.at_once) {
            let answer = self.answered(one, call)?;
            words.push(format!("{call} {}", answer.status));
            if answer.status >= 500 {
                self.finding(one, "each call is answered without a server error", &words.join(", "))?;
                return Ok(Vec::new());
            }
            let accepted = self.accepts(at, call, answer.status);
            if (200..300).contains(&answer.status) {
                let kept = self.stepper.caller.keep(&step.provides, &one.case, &answer);
                kept.map_err(|missing| blocked(format!("{call} {missing}")))?;
            }
            made.push(Made { call: call.clone(), accepted });
        }
        self.stepper.history.push(words.join(" | "));
        let possible = explained(lifecycle, at, &made);
        let Some(last) = called.last() else { return Ok(Vec::new()) };
        if possible.is_empty() {
            let names: Vec<String> = self.race.at_once.iter().map(ToString::to_string).collect();
            let expected = format!("what comes of `{}` one after the other, in some order", names.join("` and `"));
            self.finding(last, &expected, &format!("in the state `{at}`, at once: {}", words.join(", ")))?;
            return Ok(possible);
        }
        self.contents(at, &called, &steps)?;
        Ok(possible)
    }

    /// Is the status one of acceptance? Some rules name others than 2xx.
    fn accepts(&self, at: &Situation, made: &Move, status: u16) -> bool {
        let turn = self.ground.journey.lifecycle.turn(at, made);
        let listed = turn.filter(|turn| turn.accepted.is_some()).and_then(|turn| turn.transition.expect.clone());
        match listed {
            Some(Expectation::Status(listed)) => listed.contains(&status),
            _ => (200..300).contains(&status),
        }
    }

    /// What an answer must hold whatever came before it.
    fn contents(&mut self, at: &Situation, called: &[Called<'p>], steps: &[SequenceStep]) -> Result<(), Ended> {
        let lifecycle = &self.ground.journey.lifecycle;
        for ((one, made), step) in called.iter().zip(&self.race.at_once).zip(steps) {
            let Some(turn) = lifecycle.turn(at, made).filter(Turn::is_certain) else { continue };
            // Elsewhere the call may have met another state.
            if self
                .race
                .at_once
                .iter()
                .any(|other| lifecycle.turn(at, other).is_none_or(|turn| turn.accepted.as_ref() != Some(at)))
            {
                continue;
            }
            let wanted = SequenceStep { values: step.values.clone(), ..call(lifecycle, made, &turn) };
            let answer = self.answered(one, made)?;
            let redactor = self.stepper.redactor(one);
            let history = self.stepper.history.clone();
            let findings = self.stepper.judge(&wanted, self.duty()?, &answer, &history, &redactor);
            let stepper = &self.stepper;
            self.proofs.extend(findings.into_iter().filter_map(|finding| stepper.proof(finding, one)));
        }
        Ok(())
    }

    fn answered(&mut self, called: &Called<'p>, made: &Move) -> Result<Answer, Ended> {
        add_case(&mut self.stepper.digest, &called.case, &called.bindings);
        let redactor = self.stepper.redactor(called);
        let answer = judgeable(&made.call, called, &redactor)?.clone();
        self.stepper.evidence = self.stepper.evidence.and(called.case.evidence);
        self.stepper.outcome.cases += 1;
        Ok(answer)
    }

    /// Those of the situations that a look agrees with.
    async fn shown(&mut self, possible: Vec<Situation>) -> Result<Vec<Situation>, Ended> {
        let lifecycle = &self.ground.journey.lifecycle;
        let mut agreed: Vec<Situation> = Vec::new();
        let mut first = None;
        for (index, at) in possible.into_iter().enumerate() {
            // What a state remembers does not show.
            let known = agreed.iter().any(|other| other.state == at.state);
            let Some(look) = look(lifecycle, &at).filter(|_| !known) else {
                agreed.push(at);
                continue;
            };
            let before = self.stepper.history.len();
            let duty = self.duty()?;
            let done = self.stepper.step(&format!("{}?{index}", self.name), &look, duty).await?;
            self.stepper.history.truncate(before);
            if done.right {
                agreed.push(at);
            } else {
                first.get_or_insert(done.proofs);
            }
        }
        if agreed.is_empty() {
            self.proofs.extend(first.unwrap_or_default());
        }
        Ok(agreed)
    }

    /// Calls that tell the situations apart.
    async fn then(&mut self, mut possible: Vec<Situation>) -> Result<(), Ended> {
        let lifecycle = &self.ground.journey.lifecycle;
        for (index, made) in self.race.then.iter().enumerate() {
            if possible.is_empty() {
                return Ok(());
            }
            let step = bare(lifecycle, made);
            let request = Request {
                operation: &step.operation,
                values: &step.values,
                as_planned: true,
                breaks: None,
                role: Role::Race,
            };
            let called = self.stepper.caller.call(&format!("{}~{index}", self.name), request).await.map_err(blocked)?;
            let answer = self.answered(&called, made)?;
            let outcome = Made { call: made.clone(), accepted: (200..300).contains(&answer.status) };
            // Where nothing is said of the call, it tells nothing.
            if possible.iter().any(|at| lifecycle.turn(at, made).is_none()) {
                return Ok(());
            }
            let next: Vec<Situation> = possible.iter().flat_map(|at| after(lifecycle, at, &outcome)).collect();
            if next.is_empty() {
                let states: Vec<String> = possible.iter().map(ToString::to_string).collect();
                let expected = format!("what comes of `{made}` in the state `{}`", states.join("` or `"));
                let history = self.stepper.history.join(", ");
                self.finding(&called, &expected, &format!("{made} {}; the calls: {history}", answer.status))?;
            }
            possible = next;
        }
        Ok(())
    }

    fn finding(&mut self, called: &Called<'p>, expected: &str, actual: &str) -> Result<(), Ended> {
        let (evidence, strict) = (self.stepper.evidence, self.stepper.options.strict);
        let finding = raced(self.duty()?, evidence, strict, expected, actual);
        self.proofs.extend(self.stepper.proof(finding, called));
        Ok(())
    }
}
