//! Checks a life cycle as a whole: names, guards, and that its lines neither contradict each other nor lie idle.

use super::machine::{Situation, moves_of, speaks_of};
use super::model::{Lifecycle, LifecycleCall, Move, Race, Remembered, Transition, TransitionOutcome};
use crate::suite::error::SuiteError;
use crate::suite::read::{Checker, escape};
use crate::suite::rule::AnswerExpectation;
use crate::suite::rule_file::provided_name;

/// Orders of more calls than this would be too many to look through.
const MOST_AT_ONCE: usize = 5;

type Answer = indexmap::IndexMap<String, Vec<AnswerExpectation>>;

impl Checker<'_> {
    pub(in crate::suite) fn lifecycle(&self, cycle: &Lifecycle, rules: &[&str]) -> Result<(), SuiteError> {
        let mut own = self.clone();
        own.provided_by_steps.extend(cycle.calls.values().flat_map(|call| call.provides.keys().cloned()));
        Check { checker: own, cycle, rules }.all()
    }
}

struct Check<'c> {
    checker: Checker<'c>,
    cycle: &'c Lifecycle,
    rules: &'c [&'c str],
}

impl Check<'_> {
    fn all(&self) -> Result<(), SuiteError> {
        let Lifecycle { needs, start, look, states, calls, transitions, races, teardown, .. } = self.cycle;
        self.checker.needs("", needs)?;
        self.state("/start", start)?;
        if let Some(look) = look {
            let operation = self.checker.operation("/look/operation", &look.operation)?;
            self.checker.sources("/look/values", &look.values, operation)?;
        }
        for (name, state) in states {
            let pointer = format!("/states/{}", escape(name));
            if let Some(shown) = &state.shown {
                self.answer(&format!("{pointer}/shown"), &shown.answer)?;
                if look.is_none() {
                    let remedy = "say under `look:` which call shows the states".to_owned();
                    return Err(self.invalid(&format!("{pointer}/shown"), "nothing looks at states", remedy));
                }
            }
        }
        for (name, call) in calls {
            self.call(&format!("/calls/{}", escape(name)), call)?;
        }
        for (index, transition) in transitions.iter().enumerate() {
            self.transition(&format!("/transitions/{index}"), transition)?;
        }
        self.as_a_whole()?;
        for (name, race) in races {
            self.race(&format!("/races/{}", escape(name)), race)?;
        }
        teardown.iter().enumerate().try_for_each(|(index, step)| self.checker.step(&format!("/teardown/{index}"), step))
    }

    fn invalid(&self, pointer: &str, problem: impl Into<String>, remedy: String) -> SuiteError {
        self.checker.lines.invalid(pointer, problem.into(), remedy)
    }

    fn state(&self, pointer: &str, name: &str) -> Result<(), SuiteError> {
        let known: Vec<&str> = self.cycle.states.keys().map(String::as_str).collect();
        if known.contains(&name) { Ok(()) } else { Err(self.checker.lines.unknown(pointer, "state", name, known)) }
    }

    fn rule(&self, pointer: &str, id: &str) -> Result<(), SuiteError> {
        let known = self.rules.iter().copied();
        if self.rules.contains(&id) {
            return Ok(());
        }
        Err(self.checker.lines.unknown(pointer, "business rule", id, known))
    }

    fn answer(&self, pointer: &str, answer: &Answer) -> Result<(), SuiteError> {
        for (place, expectations) in answer {
            for name in expectations.iter().filter_map(provided_name) {
                let known: Vec<&str> = self.checker.provided().map(String::as_str).collect();
                if !known.contains(&name.as_str()) {
                    let pointer = format!("{pointer}/answer/{}", escape(place));
                    return Err(self.checker.lines.unknown(&pointer, "provided value", name, known));
                }
            }
        }
        Ok(())
    }

    fn call(&self, pointer: &str, call: &LifecycleCall) -> Result<(), SuiteError> {
        let operation = self.checker.operation(&format!("{pointer}/operation"), &call.operation)?;
        self.checker.sources(&format!("{pointer}/values"), &call.values, operation)?;
        self.checker.provides(&format!("{pointer}/provides"), &call.provides, operation)
    }

    fn named(&self, pointer: &str, name: &str) -> Result<&LifecycleCall, SuiteError> {
        let known = self.cycle.calls.keys().map(String::as_str);
        self.cycle.calls.get(name).ok_or_else(|| self.checker.lines.unknown(pointer, "call", name, known))
    }

    fn transition(&self, pointer: &str, own: &Transition) -> Result<(), SuiteError> {
        let call = self.named(&format!("{pointer}/call"), &own.call)?;
        self.rule(&format!("{pointer}/rule"), &own.rule)?;
        if let Some(value) = own.with.iter().find(|value| !call.each.contains(value)) {
            let remedy = format!("it is made with {}", words(&call.each));
            return Err(self.invalid(
                &format!("{pointer}/with"),
                format!("`{}` is never made with {value}", own.call),
                remedy,
            ));
        }
        let Some(outcome) = own.outcome() else {
            let remedy = "write one of `to: STATE`, `refused: true` and `either: STATE`".to_owned();
            return Err(self.invalid(pointer, "a transition ends in one of three ways", remedy));
        };
        for (index, from) in own.from.iter().enumerate() {
            self.state(&format!("{pointer}/from/{index}"), from)?;
            let remembers = self.cycle.states.get(from).map_or(&[][..], |state| &state.remembers);
            if let Some(name) = own.guard.keys().find(|name| !remembers.contains(name)) {
                let remedy = format!("write `remembers: [{name}]` into the state, or leave the guard out");
                return Err(self.invalid(
                    &format!("{pointer}/if"),
                    format!("the state `{from}` does not remember `{name}`"),
                    remedy,
                ));
            }
        }
        let into = match outcome {
            TransitionOutcome::To(state) | TransitionOutcome::Either(state) => Some(state),
            TransitionOutcome::Refused => None,
        };
        if let Some(state) = into {
            self.state(pointer, state)?;
        }
        let remembers = into.and_then(|state| self.cycle.states.get(state)).map_or(&[][..], |state| &state.remembers);
        for (name, source) in &own.remember {
            if !remembers.contains(name) {
                let remedy = format!("write `remembers: [{name}]` into the state that it leads to");
                return Err(self.invalid(
                    &format!("{pointer}/remember"),
                    format!("nothing remembers `{name}`"),
                    remedy,
                ));
            }
            if matches!(source, Remembered::Each(_)) && call.each.is_empty() {
                let remedy = format!("write `{name}: {{ value: … }}`");
                return Err(self.invalid(
                    &format!("{pointer}/remember"),
                    format!("`{}` is made with no value", own.call),
                    remedy,
                ));
            }
        }
        self.answer(pointer, &own.answer)
    }

    /// No two lines speak of one call in one situation, and none speaks of situations that never come.
    fn as_a_whole(&self) -> Result<(), SuiteError> {
        let situations: Vec<Situation> = self.cycle.ways().into_iter().map(|(at, _)| at).collect();
        if let Some(name) = self.cycle.states.keys().find(|name| situations.iter().all(|at| at.state != **name)) {
            let remedy = "add a transition that surely leads there, or take the state out".to_owned();
            return Err(self.invalid(
                &format!("/states/{}", escape(name)),
                format!("nothing leads to `{name}`"),
                remedy,
            ));
        }
        let mut used = vec![false; self.cycle.transitions.len()];
        for at in &situations {
            for made in self.cycle.moves() {
                let lines = self.cycle.transitions.iter().enumerate();
                let speaking: Vec<usize> =
                    lines.filter(|(_, line)| speaks_of(line, at, &made)).map(|(index, _)| index).collect();
                if let [first, second, ..] = speaking[..] {
                    let problem = format!("`{made}` in the state `{at}` has a line already, number {}", first + 1);
                    let remedy = "narrow one of them with `with` or `if`".to_owned();
                    return Err(self.invalid(&format!("/transitions/{second}"), problem, remedy));
                }
                for index in speaking {
                    used[index] = true;
                }
            }
        }
        match used.iter().position(|used| !used) {
            None => Ok(()),
            Some(index) => {
                let remedy = "correct `from`, `with` or `if`, or take it out".to_owned();
                Err(self.invalid(&format!("/transitions/{index}"), "this transition never comes to pass", remedy))
            }
        }
    }

    fn race(&self, pointer: &str, race: &Race) -> Result<(), SuiteError> {
        self.rule(&format!("{pointer}/rule"), &race.rule)?;
        for (part, moves) in [("path", &race.path), ("at_once", &race.at_once), ("then", &race.then)] {
            for (index, made) in moves.iter().enumerate() {
                let place = format!("{pointer}/{part}/{index}");
                let call = self.named(&format!("{place}/call"), &made.call)?;
                if !moves_of(&made.call, call).contains(made) {
                    let remedy = format!("write `with:` one of {}", words(&call.each));
                    let remedy = if call.each.is_empty() { "leave `with` out".to_owned() } else { remedy };
                    return Err(self.invalid(&place, format!("`{}` is not made so", made.call), remedy));
                }
            }
        }
        if !(2..=MOST_AT_ONCE).contains(&race.at_once.len()) {
            let remedy = format!("name 2 to {MOST_AT_ONCE} calls");
            return Err(self.invalid(&format!("{pointer}/at_once"), "these are no calls at once", remedy));
        }
        let mut at = self.cycle.beginning();
        for (index, made) in race.path.iter().enumerate() {
            let turn = self.cycle.turn(&at, made).filter(super::machine::Turn::is_certain);
            at = turn.and_then(|turn| turn.accepted).ok_or_else(|| {
                let remedy = "the way to a race is made of calls that are surely accepted".to_owned();
                self.invalid(&format!("{pointer}/path/{index}"), format!("`{made}` leads nowhere from `{at}`"), remedy)
            })?;
        }
        if let Some((at, made)) = self.unspoken(&at, &race.at_once) {
            let remedy = "add a transition; `either: STATE` where the contract leaves it open".to_owned();
            let problem = format!("no transition says what comes of `{made}` in the state `{at}`");
            return Err(self.invalid(&format!("{pointer}/at_once"), problem, remedy));
        }
        Ok(())
    }

    /// A situation that some order of these calls comes to, with a call of which nothing is said there.
    fn unspoken(&self, at: &Situation, left: &[Move]) -> Option<(Situation, Move)> {
        left.iter().enumerate().find_map(|(index, made)| {
            let Some(turn) = self.cycle.turn(at, made) else { return Some((at.clone(), made.clone())) };
            let rest = [&left[..index], &left[index + 1..]].concat();
            turn.accepted.iter().chain(&turn.refused).find_map(|next| self.unspoken(next, &rest))
        })
    }
}

fn words(values: &[serde_json::Value]) -> String {
    values.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}
