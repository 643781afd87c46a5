//! Floor 5: judges one exchange. Each check is pure, has a file of its own, and a planted defect that trips it.

mod business_rule;
mod checks;
mod code;
mod diff;
mod difference;
mod duties;
mod error;
mod excerpt;
mod finding;
mod judge;
mod normalise;
mod opened;
#[cfg(test)]
mod sample;
mod selection;
mod shelf;
mod snapshot;
mod unjudgeable;
mod verdict;

pub use business_rule::{BUSINESS_RULES_CHECK, SteppedOn, raced, token_refused};
pub use checks::{Check, checks, codes};
pub use code::Code;
pub use duties::Duties;
pub use error::OracleError;
pub use finding::{Blame, Finding, Severity};
pub use judge::{Judging, judge_all};
pub use normalise::{SnapshotView, Volatile, normalise};
pub use selection::CheckSelection;
pub use shelf::{Shelf, Shelved, Standing};
pub use snapshot::{SNAPSHOT_CHECK, SnapshotMode, SnapshotOutcome, Snapshots, snapshot_finding};
pub use unjudgeable::unjudgeable;
pub use verdict::Verdict;
