//! Floor 2: what to test (suites) and whom (targets). Reads YAML, resolves secrets, and refuses what it does not know.

mod error;
mod expand;
mod target;

pub use error::SuiteError;
pub use target::{Grant, Limits, Target};
