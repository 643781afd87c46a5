//! Floor 3: an obligation and a seed become cases. Every case is proved on the bytes that would go out before it
//! leaves: a conforming one keeps every schema, a violating one breaks the obligation it names and nothing elsewhere.

mod binding;
mod bound;
mod break_value;
mod case;
mod combine;
mod course;
#[cfg(test)]
mod coverage_tests;
mod draft;
mod draw;
mod edge;
mod example;
mod footing;
mod generator;
mod identifier;
mod instance;
mod message;
mod pairwise;
mod pattern;
mod plot;
mod prove;
mod request;
mod sealing;
mod shrink;
mod text;
mod violate;

pub use binding::{Binding, Bindings, Slot};
pub use case::{Body, Case, Credentials, Intent, Request, Seal, placeholder};
pub use draw::Draw;
pub use generator::{Drawn, Generator, Means};
pub use identifier::Boundary;
pub use shrink::{Edit, anew, simplifications, simplified};
