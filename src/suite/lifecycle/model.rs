//! A life cycle as it stands in its file; see `suites/lifecycles/card.yaml` for every key in use.

use std::path::PathBuf;

use indexmap::IndexMap;
use serde::Deserialize;
use serde_json::Value;

use crate::suite::model::{FixtureStep, Provided, ValueSource};
use crate::suite::rule::{AnswerExpectation, Expectation};

/// The states of one resource and what leads from one to another.
#[derive(Clone, Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Lifecycle {
    /// Name in the names of scenarios.
    pub name: String,
    /// One sentence for people.
    pub text: String,
    /// Fixtures that must stand before the first call.
    #[serde(default)]
    pub needs: Vec<String>,
    /// A value of the target that must be `true`: the life cycle holds under this condition only.
    #[serde(default)]
    pub when: Option<String>,
    /// The state before the first call.
    pub start: String,
    /// The call that shows the state.
    #[serde(default)]
    pub look: Option<Look>,
    /// The states by name.
    pub states: IndexMap<String, LifecycleState>,
    /// The calls by name.
    pub calls: IndexMap<String, LifecycleCall>,
    /// What comes of which call in which state. What no line speaks of is left alone: the contract says nothing of it.
    pub transitions: Vec<Transition>,
    /// Calls that are sent at once.
    #[serde(default)]
    pub races: IndexMap<String, Race>,
    /// Calls that remove what a walk made from a target that remembers it.
    #[serde(default)]
    pub teardown: Vec<FixtureStep>,
    /// The file it was read from.
    #[serde(skip)]
    pub path: PathBuf,
}

/// How a state is looked at.
#[derive(Clone, Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Look {
    /// Qualified name of the operation.
    pub operation: String,
    /// Values by slot.
    #[serde(default)]
    pub values: IndexMap<String, ValueSource>,
}

/// One state.
#[derive(Clone, Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct LifecycleState {
    /// In words.
    pub text: String,
    /// What is remembered in it, beside its name; everything else is forgotten on the way in.
    #[serde(default)]
    pub remembers: Vec<String>,
    /// What a look at it shows; without this it is not looked at.
    #[serde(default)]
    pub shown: Option<Shown>,
}

/// What a look shows.
#[derive(Clone, Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Shown {
    /// How the look is answered.
    pub expect: Expectation,
    /// What its answer holds, by JSON pointer.
    #[serde(default)]
    pub answer: IndexMap<String, Vec<AnswerExpectation>>,
    /// It may take its time.
    #[serde(default)]
    pub eventually: bool,
}

/// One call.
#[derive(Clone, Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct LifecycleCall {
    /// Qualified name of the operation.
    pub operation: String,
    /// It is made with each of these values, which its slots name as `each`.
    #[serde(default)]
    pub each: Vec<Value>,
    /// Values by slot, on top of the operation's in the suite.
    #[serde(default)]
    pub values: IndexMap<String, ValueSource>,
    /// Values that later calls may use, by name.
    #[serde(default)]
    pub provides: IndexMap<String, Provided>,
}

/// What comes of a call. Exactly one of `to`, `refused` and `either` is there.
#[derive(Clone, Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Transition {
    /// Name of the call.
    pub call: String,
    /// The values of the call that it speaks of; all of them without.
    #[serde(default)]
    pub with: Vec<Value>,
    /// In which states.
    pub from: Vec<String>,
    /// The guard: what must be remembered, one of these values each.
    #[serde(default, rename = "if")]
    pub guard: IndexMap<String, Vec<Value>>,
    /// It is accepted and leads to this state.
    #[serde(default)]
    pub to: Option<String>,
    /// It is refused, and the state stays.
    #[serde(default)]
    pub refused: bool,
    /// The contract leaves open whether it is refused, or accepted and leads to this state.
    #[serde(default)]
    pub either: Option<String>,
    /// What the new state remembers of it.
    #[serde(default)]
    pub remember: IndexMap<String, Remembered>,
    /// How it is answered, where the rule says more than accepted or refused.
    #[serde(default)]
    pub expect: Option<Expectation>,
    /// What its answer holds, by JSON pointer.
    #[serde(default)]
    pub answer: IndexMap<String, Vec<AnswerExpectation>>,
    /// It may take its time: the call is repeated.
    #[serde(default)]
    pub eventually: bool,
    /// The business rule that says so.
    pub rule: String,
}

/// What a state remembers of the call that led to it.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Remembered {
    /// The value that the call was made with.
    Each(bool),
    /// This value.
    Value(Value),
}

/// Calls that are sent at once: what comes of them must be what comes of some order.
#[derive(Clone, Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Race {
    /// In words.
    pub text: String,
    /// The business rule that a wrong outcome breaks.
    pub rule: String,
    /// Calls before, one after the other.
    #[serde(default)]
    pub path: Vec<Move>,
    /// The calls at once.
    pub at_once: Vec<Move>,
    /// Calls afterwards, one after the other, that tell states apart which look alike.
    #[serde(default)]
    pub then: Vec<Move>,
}

/// A call with the value that it is made with.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Move {
    /// Name of the call.
    pub call: String,
    /// The value, where the call is made with one of several.
    #[serde(default)]
    pub with: Option<Value>,
}

/// How a transition ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TransitionOutcome<'t> {
    /// Accepted; leads to this state.
    To(&'t str),
    /// Refused; the state stays.
    Refused,
    /// Refused, or accepted and leads to this state.
    Either(&'t str),
}

impl Transition {
    /// How it ends; `None` where the file says nothing, or too much.
    pub fn outcome(&self) -> Option<TransitionOutcome<'_>> {
        match (&self.to, self.refused, &self.either) {
            (Some(state), false, None) => Some(TransitionOutcome::To(state)),
            (None, true, None) => Some(TransitionOutcome::Refused),
            (None, false, Some(state)) => Some(TransitionOutcome::Either(state)),
            _ => None,
        }
    }
}

impl std::fmt::Display for Move {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.with {
            None => f.write_str(&self.call),
            Some(Value::String(text)) => write!(f, "{} {text}", self.call),
            Some(value) => write!(f, "{} {value}", self.call),
        }
    }
}
