//! What can go wrong with a bundle of evidence.

use std::path::PathBuf;

/// Why a bundle cannot be written, read or trusted; names the member at fault.
#[derive(Debug, thiserror::Error)]
pub enum EvidenceError {
    /// A file cannot be read or written.
    #[error("cannot {verb} {}\n  remedy: check the path and its permissions", path.display())]
    File {
        /// What was tried.
        verb: &'static str,
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The file is no zip archive, or a damaged one.
    #[error("{} is no bundle of evidence: {problem}\n  remedy: name a file that `d1c certify` wrote", path.display())]
    Archive {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        problem: String,
    },
    /// A member is not what the manifest says.
    #[error("{member}: {problem}\n  remedy: ask for the file as `d1c certify` wrote it")]
    Member {
        /// The name in the archive.
        member: String,
        /// What is wrong.
        problem: String,
    },
}
