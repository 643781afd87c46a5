//! What a defect is, and the kinds of effect that it can have. All of it is data.

mod class;
mod effect;
mod input;
mod lapse;
mod message;
mod security;

pub use class::Class;
pub use effect::{Defect, Effect};
pub use input::{Malformed, Spot, Trait};
pub use lapse::{Lapse, Lapses};
pub use message::{Oddity, Spelling};
pub use security::{Confidential, EnvelopeCheck, Leak, SealFlaw, TokenCheck};
