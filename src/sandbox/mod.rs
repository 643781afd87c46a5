//! The reference servers: a D1 and an issuer's backend that keep the contract, on a loopback port, with a catalogue of
//! defects that can be switched on. They are what the harness is tried against, and what a newcomer can point it at.
//!
//! A request runs through stations: `route` finds the operation, `credentials` asks who calls, `intake` judges parameters and
//! body, `unsealing` opens, `d1` or `issuer` does the business, `envelope` seals, `answer` puts it into a declared form.

mod answer;
mod assertion;
mod call;
pub mod callers;
mod catalogue;
mod credentials;
mod d1;
mod defect;
mod demo;
mod envelope;
mod fault;
mod flight;
mod grant;
mod intake;
mod issuer;
mod key_folder;
mod keys;
mod moment;
mod pipeline;
mod role;
mod route;
mod sample;
mod server;
mod tls_listener;
mod token;
mod unsealing;

pub use catalogue::{defect, defects};
pub use defect::{Class, Defect, Effect, Malformed, Oddity, Spelling, Trait};
pub use demo::{Demo, demo};
pub use key_folder::{KeyFile, KeyFolder, KeyFolderError, key_file};
pub use keys::Keys;
pub use role::{Role, UnknownRole};
pub use server::{Sandbox, SandboxError, SandboxOptions};
