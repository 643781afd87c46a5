//! Why a scenario does not run, and whether anybody can change that.

use super::subject::Subject;
use crate::oracle::Blame;
use crate::suite::{Repeated, ValueSource};

/// Why a scenario does not run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Skip {
    /// In words.
    pub reason: String,
    /// Who must act so that it runs; nobody where the contract or the target leaves nothing to test.
    pub blame: Option<Blame>,
}

impl Skip {
    /// There is nothing to test.
    pub(super) fn settled(reason: impl Into<String>) -> Self {
        Self { reason: reason.into(), blame: None }
    }

    /// It holds under a condition only, and the target does not say that it is met.
    pub(super) fn unless_true(subject: &Subject, condition: Option<&str>) -> Option<Self> {
        let condition = condition.filter(|name| subject.target.values.get(*name) != Some(&true.into()))?;
        let remedy = format!(
            "it holds where `{condition}: true` only; if it does, write that under `values:` in the target file"
        );
        Some(Self::settled(remedy))
    }

    /// It takes a number that may not have been agreed.
    pub(super) fn unless_agreed(subject: &Subject, source: &ValueSource) -> Option<Self> {
        let ValueSource::Repeat(Repeated { times, .. }) = source else { return None };
        match subject.target.values.get(times).map(serde_json::Value::as_u64) {
            Some(Some(1..)) => None,
            Some(_) => Some(Self::lacking(format!("`{times}` of the target is no number of 1 or more"))),
            None => Some(Self::settled(format!(
                "it takes the number that was agreed; write `{times}: NUMBER` under `values:` in the target file"
            ))),
        }
    }

    /// The target file lacks what the scenario needs, or forbids it.
    pub(super) fn lacking(reason: impl Into<String>) -> Self {
        Self { reason: reason.into(), blame: Some(Blame::Config) }
    }
}
