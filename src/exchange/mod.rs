//! Floor 4: puts one case on the wire and records what happened. Never retries silently, judges, prints, or follows a
//! redirect.

mod record;

pub use record::{Answer, Exchange, Fault, FaultKind, Sent};
