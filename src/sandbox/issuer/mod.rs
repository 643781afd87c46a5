//! The reference issuer: a backend that D1 asks for card data and tells what happened.

mod backend;
mod notices;

pub use backend::Backend;
