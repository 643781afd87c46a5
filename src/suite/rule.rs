//! Business rules: what no schema says, shown by sequences of calls.

use std::path::PathBuf;

use indexmap::IndexMap;
use serde::Deserialize;
use serde_json::Value;

use super::model::{Provided, ValueSource};
use crate::base::{ObligationId, OperationId};
use crate::contract::{Evidence, Location, Obligation, Rule, Source};

/// A file of business rules by id; see `suites/rules/cards.yaml` for every key in use.
#[derive(Clone, Debug)]
pub struct RuleFile {
    /// Where it was read from.
    pub path: PathBuf,
    /// The rules.
    pub rules: IndexMap<String, BusinessRule>,
}

/// One rule. It is shown by sequences or life cycles, or covered by duties of the specifications, or cannot be tested through the API.
#[derive(Clone, Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct BusinessRule {
    /// In words.
    pub text: String,
    /// How sure it is.
    #[cfg_attr(test, schemars(with = "String"))]
    pub evidence: Evidence,
    /// Sequences of calls that show it, by name.
    #[serde(default)]
    pub sequences: IndexMap<String, Sequence>,
    /// Names of life cycles whose lines show it.
    #[serde(default)]
    pub lifecycles: Vec<String>,
    /// Ends of the ids of duties that show it.
    #[serde(default)]
    pub covered_by: Vec<String>,
    /// Why it cannot be tested through the API.
    #[serde(default)]
    pub untestable: Option<String>,
}

/// Calls in order, on resources of their own.
#[derive(Clone, Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Sequence {
    /// Fixtures that must stand before the first step.
    #[serde(default)]
    pub needs: Vec<String>,
    /// A value of the target that must be `true`: the rule holds under this condition only.
    #[serde(default)]
    pub when: Option<String>,
    /// One run of the sequence for each of these values, which its steps name as `each`.
    #[serde(default)]
    pub each: Vec<Value>,
    /// The calls.
    #[serde(deserialize_with = "serde_yaml::with::singleton_map_recursive::deserialize")]
    pub steps: Vec<SequenceStep>,
}

/// One call of a sequence.
#[derive(Clone, Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct SequenceStep {
    /// Qualified name of the operation.
    pub operation: String,
    /// Values by slot, on top of the operation's in the suite; they are sent even where the drawn request lacks them.
    #[serde(default)]
    pub values: IndexMap<String, ValueSource>,
    /// Values that later steps may use, by name.
    #[serde(default)]
    pub provides: IndexMap<String, Provided>,
    /// A duty that the request breaks on purpose, by the end of its id: what the receiver must bear all the same.
    #[serde(default)]
    pub breaks: Option<String>,
    /// What must come of it; without this the step only prepares, and a refusal blocks the sequence.
    #[serde(default)]
    pub expect: Option<Expectation>,
    /// What the body of the answer must hold, by JSON pointer; an empty pointer is the whole body.
    #[serde(default)]
    pub answer: IndexMap<String, Vec<AnswerExpectation>>,
    /// Where its token comes from, and whether it must serve.
    #[serde(default)]
    pub token: Option<TokenUse>,
    /// After a server error the same request is sent again, as D1 does with notifications (NOTIF-1).
    #[serde(default)]
    pub redeliver: bool,
    /// It may take its time: the call is repeated until it comes true, for as long as the target's limits allow.
    #[serde(default)]
    pub eventually: bool,
}

/// The token of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum TokenUse {
    /// One that was granted for it.
    New,
    /// That of the call before, which must serve this one too: what was granted just now has not run out.
    Same,
}

/// What must come of a call.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Expectation {
    /// Any 2xx.
    Accepted,
    /// Any 4xx but 401 and 429: the numbers of refusals are not public.
    Refused,
    /// Anything but a server error; the rule says what D1 or an issuer may do, not what it must.
    Observed,
    /// One of these numbers, which the rule names.
    Status(Vec<u16>),
}

/// What must stand at a place of an answer.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum AnswerExpectation {
    /// One of these values.
    OneOf(Vec<Value>),
    /// None of these values.
    NoneOf(Vec<Value>),
    /// Something, or nothing.
    Present(bool),
    /// The value that was provided under this name.
    Same(String),
    /// Another value than the one that was provided under this name.
    Other(String),
    /// The provided value anywhere below.
    Holds(String),
    /// The provided value nowhere below.
    Lacks(String),
    /// As many items or members.
    Count(usize),
}

impl BusinessRule {
    /// The duty that findings name.
    pub fn obligation(&self, id: &str, operation: &OperationId, source: Source) -> Obligation {
        Obligation {
            id: ObligationId::new(format!("rules::{id}")),
            operation: operation.clone(),
            location: Location::Rules,
            rule: Rule::BusinessRule,
            text: format!("{id}: {}", self.text),
            limit: Value::Null,
            source,
            evidence: self.evidence,
            open: None,
            noted: None,
        }
    }
}

impl Sequence {
    /// The sequences to run, each with the end of its name: one for each value, or the one as it stands.
    pub fn variants(&self) -> Vec<(String, Self)> {
        if self.each.is_empty() {
            return vec![(String::new(), self.clone())];
        }
        let named = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_lowercase);
        self.each.iter().map(|value| (format!("::{}", named(value)), self.with(value))).collect()
    }

    fn with(&self, value: &Value) -> Self {
        let mut own = self.clone();
        for source in own.steps.iter_mut().flat_map(|step| step.values.values_mut()) {
            if matches!(source, ValueSource::Each(_)) {
                *source = ValueSource::Value(value.clone());
            }
        }
        own
    }

    /// The step that is judged last: the scenario bears the name of its operation.
    pub fn judged(&self) -> Option<&SequenceStep> {
        self.steps.iter().rev().find(|step| step.expect.is_some())
    }
}
