//! What no schema says: tokens, signed assertions, client certificates, and members that are encrypted.

mod derive;
mod flaw;
mod graft;
mod sealed;

pub use derive::{is_card_number, is_expiry, is_swapped_expiry};
pub use flaw::{AssertionFlaw, CertificateFlaw, EnvelopeFlaw};
pub(super) use graft::{ClearTexts, Mark, graft};
pub(super) use sealed::{ASSERTION, assertion_mark, marked_members};
