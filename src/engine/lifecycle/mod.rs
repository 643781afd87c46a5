//! Walks through life cycles: first every transition and every forbidden call once, each by the shortest way, then walks by
//! chance; and calls at once, whose outcome must be that of some order.

mod explore;
mod orders;
mod race;
mod scenarios;
mod shorten;
mod walk;

pub use scenarios::{Course, Journey};

pub(super) use explore::explore;
pub(super) use scenarios::journeys;
