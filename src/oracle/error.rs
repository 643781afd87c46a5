//! What can go wrong before and around judging; a wrong answer is a `Finding`.

use std::path::PathBuf;

/// Bad input, or a snapshot file that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum OracleError {
    /// A check that does not exist was named.
    #[error("there is no check `{name}`; the checks are {known}")]
    UnknownCheck {
        /// As the user wrote it.
        name: String,
        /// All names.
        known: String,
    },
    /// A snapshot file is there but is no text snapshot of insta.
    #[error("the snapshot {} cannot be read: {problem}; remove it and accept the answer anew", path.display())]
    Snapshot {
        /// The file.
        path: PathBuf,
        /// In words.
        problem: String,
    },
    /// A snapshot file cannot be written or removed.
    #[error("the snapshot {} cannot be written", path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
}
