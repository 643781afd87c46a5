//! The record in the languages of others: each file draws one format from the record alone. What a server sent is data in
//! every one of them: no markup, no command, no control character of it comes through.

mod format;
mod github;
mod har;
mod markdown;
mod ndjson;
mod sarif;
mod source;
mod wfc;

#[cfg(test)]
mod hostile_tests;
#[cfg(test)]
mod totals_tests;

pub use super::html::{html, write_html};
pub use super::junit::{junit, write_junit};
pub use format::{Format, draw, write_report};
