//! Why a scenario does not run, and whether anybody can change that.

use super::subject::Subject;
use crate::oracle::Blame;

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
        let remedy = format!("it holds where `{condition}: true` only; if it does, write that under `values:` in the target file");
        Some(Self::settled(remedy))
    }

    /// The target file lacks what the scenario needs, or forbids it.
    pub(super) fn lacking(reason: impl Into<String>) -> Self {
        Self { reason: reason.into(), blame: Some(Blame::Config) }
    }
}
