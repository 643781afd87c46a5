//! Floor 8: judges those who call. A sandbox tells of every call (`sandbox::Witness`); the book writes down what it
//! says of the caller, check by check, and the record of it is drawn into the same reports as that of a run.
//!
//! A check is a file in `checks/`. It sees one call, what was before it (`memory`) and the duties of the operation
//! (`duties`). Only what the contract or the vendor's guides say is a failure; anything else is worth a note.

mod book;
mod check;
mod checks;
mod duties;
mod entry;
mod evidence;
mod memory;
mod record;
mod request;
#[cfg(test)]
mod sample;
mod summary;
mod verdict;

pub use book::{Judge, JudgeSettings, OnFinding};
pub use check::Check;
pub use checks::checks;
pub use summary::{line, summary};
