//! The yardstick of the harness itself: every defect of the catalogue is planted in an embedded sandbox and looked for
//! with the suites that a user runs, and the clean sandboxes are run to see whether anything is found that is not there.

mod error;
mod ground;
mod hunt;
mod markdown;
mod score;
mod spread;
mod summary;
mod trials;

pub use error::SelftestError;
pub use ground::Grounds;
pub use hunt::{Collateral, Hunt};
pub use markdown::markdown;
pub use score::{Alarm, ClassScore, CleanScore, Score};
pub use spread::Spread;
pub use summary::summary;
pub use trials::{SelftestSettings, selftest};
