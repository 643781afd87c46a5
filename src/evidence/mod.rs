//! Floor 8: the evidence of a run in one file: what was found, with what it was measured by, and a digest of every byte of it.

mod bundle;
mod check;
mod error;
mod manifest;

pub use bundle::{Contents, DEVIATIONS_MEMBER, write_bundle};
pub use check::{Checked, verify};
pub use error::EvidenceError;
pub use manifest::{Arguments, Manifest, Member};
