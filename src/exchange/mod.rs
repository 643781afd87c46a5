//! Floor 4: puts one case on the wire and records what happened. Never retries silently, judges, prints, or follows a
//! redirect.

mod assertion;
mod client;
mod error;
mod fault;
mod forged_assertion;
mod outgoing;
mod record;
mod seal;
mod tls;
mod token;
mod wire;

pub use client::Client;
pub use error::ExchangeError;
pub use record::{Answer, Exchange, Fault, FaultKind, Sent};
pub use tls::tls_config;
