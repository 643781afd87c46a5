//! Contract-conformance testing for the Thales D1 payment API.
//!
//! Specs and suites become obligations, obligations become cases, cases become exchanges, exchanges are judged into
//! findings, and findings into a verdict. The modules are floors: imports only point down (`tests/floors.rs`).

pub mod base;
pub mod cli;
pub mod contract;
pub mod engine;
pub mod evidence;
pub mod exchange;
pub mod generate;
pub mod harness;
pub mod jose;
pub mod judge;
pub mod oracle;
pub mod report;
pub mod sandbox;
pub mod suite;
pub mod tls;
