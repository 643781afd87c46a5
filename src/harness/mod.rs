//! Floor 8: whole runs from plain settings: the embedded sandboxes, subjects for a plan, and scenarios as libtest trials.

mod embedded;
mod trials;

pub use embedded::{Embedded, EmbeddedError, resting_target};
pub use trials::{TrialSettings, trials};
