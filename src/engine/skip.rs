//! Why a scenario does not run, and whether anybody can change that.

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

    /// The target file lacks what the scenario needs, or forbids it.
    pub(super) fn lacking(reason: impl Into<String>) -> Self {
        Self { reason: reason.into(), blame: Some(Blame::Config) }
    }
}
