//! The state machine behind a life cycle: pure, so that what it says can be looked through before anything is sent.

use std::collections::VecDeque;
use std::fmt;

use indexmap::IndexMap;
use serde_json::Value;

use super::model::{Lifecycle, LifecycleCall, Move, Remembered, Transition, TransitionOutcome};

/// A state with what it remembers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Situation {
    /// Name of the state.
    pub state: String,
    /// What it remembers, by name.
    pub memory: IndexMap<String, Value>,
}

/// What a call leads to.
#[derive(Clone, Debug)]
pub struct Turn<'l> {
    /// The line that says so.
    pub transition: &'l Transition,
    /// Where it leads when it is accepted; `None` where it must not be.
    pub accepted: Option<Situation>,
    /// Where it leads when it is refused; `None` where it must not be.
    pub refused: Option<Situation>,
}

impl Turn<'_> {
    /// Does the contract say how it ends?
    pub fn is_certain(&self) -> bool {
        self.accepted.is_none() || self.refused.is_none()
    }
}

impl Lifecycle {
    /// Where every walk begins.
    pub fn beginning(&self) -> Situation {
        Situation { state: self.start.clone(), memory: IndexMap::new() }
    }

    /// Every call with every value that it is made with.
    pub fn moves(&self) -> Vec<Move> {
        self.calls.iter().flat_map(|(name, call)| moves_of(name, call)).collect()
    }

    /// What a call leads to; `None` where the contract does not say.
    pub fn turn(&self, at: &Situation, made: &Move) -> Option<Turn<'_>> {
        let transition = self.transitions.iter().find(|transition| speaks_of(transition, at, made))?;
        let into = |state: &str| self.enter(state, at, made, transition);
        let (accepted, refused) = match transition.outcome()? {
            TransitionOutcome::To(state) => (Some(into(state)), None),
            TransitionOutcome::Refused => (None, Some(at.clone())),
            TransitionOutcome::Either(state) => (Some(into(state)), Some(at.clone())),
        };
        Some(Turn { transition, accepted, refused })
    }

    /// Every situation that calls lead to whose outcome is certain, each with the shortest way to it.
    pub fn ways(&self) -> Vec<(Situation, Vec<Move>)> {
        let moves = self.moves();
        let mut found: Vec<(Situation, Vec<Move>)> = vec![(self.beginning(), Vec::new())];
        let mut waiting = VecDeque::from([0]);
        while let Some(index) = waiting.pop_front() {
            let (at, way) = found[index].clone();
            for made in &moves {
                let Some(next) = self.turn(&at, made).filter(Turn::is_certain).and_then(|turn| turn.accepted) else {
                    continue;
                };
                if found.iter().all(|(known, _)| *known != next) {
                    waiting.push_back(found.len());
                    found.push((next, [way.as_slice(), std::slice::from_ref(made)].concat()));
                }
            }
        }
        found
    }

    fn enter(&self, state: &str, at: &Situation, made: &Move, transition: &Transition) -> Situation {
        let known = self.states.get(state).map_or(&[][..], |state| &state.remembers);
        let remembered = |name: &String| match transition.remember.get(name) {
            Some(Remembered::Each(_)) => made.with.clone(),
            Some(Remembered::Value(value)) => Some(value.clone()),
            None => at.memory.get(name).cloned(),
        };
        let memory = known.iter().filter_map(|name| Some((name.clone(), remembered(name)?))).collect();
        Situation { state: state.to_owned(), memory }
    }
}

/// A call with every value that it is made with.
pub(super) fn moves_of(name: &str, call: &LifecycleCall) -> Vec<Move> {
    if call.each.is_empty() {
        return vec![Move { call: name.to_owned(), with: None }];
    }
    call.each.iter().map(|value| Move { call: name.to_owned(), with: Some(value.clone()) }).collect()
}

/// Is this the line for a call in a situation?
pub(super) fn speaks_of(transition: &Transition, at: &Situation, made: &Move) -> bool {
    let with = transition.with.is_empty() || made.with.as_ref().is_some_and(|value| transition.with.contains(value));
    let guarded = |(name, values): (&String, &Vec<Value>)| at.memory.get(name).is_some_and(|own| values.contains(own));
    transition.call == made.call && with && transition.from.contains(&at.state) && transition.guard.iter().all(guarded)
}

impl fmt::Display for Situation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.state)?;
        for (name, value) in &self.memory {
            let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            write!(f, " ({name} {text})")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::super::model::{Lifecycle, Move};
    use super::Situation;

    const DOOR: &str = "\
name: door
text: a door
start: open
states:
  open: { text: open }
  shut: { text: shut, remembers: [key] }
  gone: { text: gone }
calls:
  shut: { operation: 'S::shut', each: [IRON, GOLD] }
  open: { operation: 'S::open', each: [IRON, GOLD] }
  burn: { operation: 'S::burn' }
transitions:
  - { call: shut, from: [open], to: shut, remember: { key: { each: true } }, rule: R }
  - { call: open, with: [IRON], from: [shut], if: { key: [IRON] }, to: open, rule: R }
  - { call: open, with: [GOLD], from: [shut], if: { key: [IRON] }, refused: true, rule: R }
  - { call: open, from: [shut], if: { key: [GOLD] }, either: open, rule: R }
  - { call: burn, from: [open, shut], to: gone, rule: R }
";

    fn door() -> Lifecycle {
        serde_yaml::with::singleton_map_recursive::deserialize(serde_yaml::Deserializer::from_str(DOOR)).unwrap()
    }

    fn made(call: &str, with: &str) -> Move {
        Move { call: call.to_owned(), with: (!with.is_empty()).then(|| with.into()) }
    }

    fn after(moves: &[Move]) -> Situation {
        let door = door();
        moves.iter().fold(door.beginning(), |at, made| door.turn(&at, made).unwrap().accepted.unwrap())
    }

    #[test]
    fn guards_look_at_what_the_state_remembers() {
        let door = door();
        let iron = after(&[made("shut", "IRON")]);
        assert_eq!(iron.to_string(), "shut (key IRON)");
        assert_eq!(door.turn(&iron, &made("open", "GOLD")).unwrap().accepted, None);
        let opened = door.turn(&iron, &made("open", "IRON")).unwrap();
        assert!(opened.is_certain());
        assert_eq!(opened.accepted, Some(door.beginning()), "an open door remembers no key");
        let gold = after(&[made("shut", "GOLD")]);
        assert!(!door.turn(&gold, &made("open", "IRON")).unwrap().is_certain());
        assert!(door.turn(&gold, &made("shut", "IRON")).is_none(), "nothing is said of it");
    }

    #[test]
    fn every_situation_has_its_shortest_way() {
        let ways = door().ways();
        let shown: Vec<String> = ways.iter().map(|(at, way)| format!("{at} {}", way.len())).collect();
        assert_eq!(shown, ["open 0", "shut (key IRON) 1", "shut (key GOLD) 1", "gone 1"]);
    }
}
