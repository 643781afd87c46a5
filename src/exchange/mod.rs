//! Floor 4: puts one case on the wire and records what happened. Never retries silently, judges, prints, or follows a
//! redirect.

mod assertion;
mod carried;
mod client;
mod connections;
mod error;
mod fault;
mod forged_assertion;
mod limits;
mod outgoing;
mod record;
mod renewal;
mod seal;
mod tls_fault;
mod token;
mod wire;
mod wrong_token;

pub use crate::tls::tls_config;
pub use client::Client;
pub use error::ExchangeError;
pub use limits::Gate;
pub use record::{Answer, Exchange, Fault, FaultKind, SealedMember, Sent, TlsUse};
