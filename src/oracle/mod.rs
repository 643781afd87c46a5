//! Floor 5: judges one exchange. Each check is pure, has a file of its own, and a planted defect that trips it.

mod finding;
mod verdict;

pub use finding::{Blame, Finding, Severity};
pub use verdict::Verdict;
