//! Floor 8: whole runs from plain settings: the embedded sandboxes, subjects for a plan, scenarios as libtest trials, and
//! the self-test.

mod embedded;
mod selftest;
mod trials;

pub use embedded::{Embedded, EmbeddedError, resting_target};
pub use selftest::{
    Alarm, ClassScore, CleanScore, Collateral, Grounds, Hunt, Score, SelftestError, SelftestSettings, Spread, markdown,
    selftest, summary,
};
pub use trials::{TrialSettings, trials};
