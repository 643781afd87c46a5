//! Floor 3: an obligation and a seed become cases. Every case is proved on the bytes that would go out before it
//! leaves: a conforming one keeps every schema, a violating one breaks the obligation it names and nothing elsewhere.

mod case;

pub use case::{Body, Case, Credentials, Intent, Request, placeholder};
