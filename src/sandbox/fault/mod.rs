//! The seams: each station of the pipeline asks here whether a defect is switched on at its place.

mod disclosure;
mod input;
mod lenient_json;
mod message;
mod opening;
mod plan;
mod sealing;
mod security;

pub use opening::Opened;
pub use plan::FaultPlan;
