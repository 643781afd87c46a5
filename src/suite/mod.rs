//! Floor 2: what to test (suites) and whom (targets). Reads YAML, resolves secrets, and refuses what it does not know.

mod credential;
mod deviation;
mod dictionary;
mod error;
mod expand;
mod kind;
mod library;
mod lifecycle;
mod model;
mod profile;
mod published;
mod read;
mod rule;
mod rule_file;
#[cfg(test)]
mod schema_tests;
mod snapshot_plan;
mod suggest;
mod target;
mod target_file;

pub use deviation::{Added, Deviation, Deviations, NewDeviation, Vocabulary, add_deviations, day};
pub use dictionary::Dictionary;
pub use error::SuiteError;
pub use kind::FileKind;
pub use library::{Library, LibraryError};
pub use lifecycle::{
    Lifecycle, LifecycleCall, LifecycleState, Look, Move, Race, Remembered, Shown, Situation, Transition,
    TransitionOutcome, Turn,
};
pub use model::{Fixture, FixtureStep, OperationPlan, PinnedCase, Provided, Repeated, Suite, Tolerance, ValueSource};
pub use profile::{Condition, Level, Profile, ProfileRow};
pub use published::published;
pub use rule::{AnswerExpectation, BusinessRule, Expectation, RuleFile, Sequence, SequenceStep, TokenUse};
pub use snapshot_plan::{Ignored, SnapshotPlan, SnapshotRule, SnapshotSeverity};
pub use suggest::{closest, closest_end};
pub use target::{ClientCertificate, Grant, Jwe, Limits, OwnKey, RecipientKey, Target, Tls};
