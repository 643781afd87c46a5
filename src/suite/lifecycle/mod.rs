//! Life cycles: the states of a resource, what leads from one to another, and what must be refused where. Data in
//! `suites/lifecycles/`, checked here as a whole before any traffic.

mod check;
mod machine;
mod model;
mod read;

pub use machine::{Situation, Turn};
pub use model::{
    Lifecycle, LifecycleCall, LifecycleState, Look, Move, Race, Remembered, Shown, Transition, TransitionOutcome,
};
