//! What a sandbox does for those who call it: practice with unusual answers, and somebody who is told of every call. What
//! a call is worth is not decided here: the witness gets everything that was read of it, and the answer.

mod practice;
mod provocation;
mod reading;
mod witness;
#[cfg(test)]
mod witness_sample;

pub use practice::{ErrorRate, Exercise, Latency, Practice, UnknownSetting};
pub use provocation::{Novelty, Provocation, ProvocationKind, provocation, provocations};
pub use reading::{AssertionReading, BodyReading, EnvelopeReading, Noticed, Reader, Reading, Station, Unopened};
pub use witness::{Answered, Departure, Reached, Standing, Witness, WitnessedCall};
#[cfg(test)]
pub use witness_sample::WitnessSample;
