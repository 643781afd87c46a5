//! Why there is no score.

use crate::contract::ContractError;
use crate::engine::PlanError;
use crate::harness::embedded::EmbeddedError;
use crate::suite::{LibraryError, SuiteError};

/// What keeps a self-test from its end. That a defect is not found is a result, and none of these.
#[derive(Debug, thiserror::Error)]
pub enum SelftestError {
    /// A suite or one of its specifications cannot be used.
    #[error(transparent)]
    Library(#[from] LibraryError),
    /// The bundled files are not there.
    #[error(transparent)]
    Suite(#[from] SuiteError),
    /// The catalogue of specifications cannot be used.
    #[error(transparent)]
    Contract(#[from] ContractError),
    /// Nothing can be planned.
    #[error(transparent)]
    Plan(#[from] PlanError),
    /// A sandbox cannot be started.
    #[error(transparent)]
    Sandbox(#[from] EmbeddedError),
    /// No suite tests what a defect breaks.
    #[error("no suite tests what the defect `{defect}` breaks\n  remedy: add its specification to a suite in suites/")]
    NoSuite {
        /// Name of the defect.
        defect: &'static str,
    },
    /// A trial panicked.
    #[error("a trial broke off; this is a mistake of d1c")]
    Broken(#[from] tokio::task::JoinError),
}
