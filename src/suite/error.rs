//! What can be wrong with a suite or target file.

use std::path::PathBuf;

/// Why a suite or a target cannot be used; always names the file and the remedy.
#[derive(Debug, thiserror::Error)]
pub enum SuiteError {
    /// The file cannot be read.
    #[error("cannot read {}\n  remedy: check the path and its permissions", path.display())]
    Read {
        /// The file as named.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The file is no YAML, or holds something unknown or of a wrong type.
    #[error("{}{}: {problem}\n  remedy: {remedy}", path.display(), line.map(|line| format!(":{line}")).unwrap_or_default())]
    Invalid {
        /// The file.
        path: PathBuf,
        /// Line, when known.
        line: Option<usize>,
        /// What is wrong.
        problem: String,
        /// What to do.
        remedy: String,
    },
}

impl SuiteError {
    /// From a parser error.
    pub(super) fn yaml(path: &std::path::Path, error: &serde_yaml::Error, remedy: &str) -> Self {
        Self::Invalid {
            path: path.to_owned(),
            line: error.location().map(|place| place.line()),
            problem: error.to_string(),
            remedy: remedy.to_owned(),
        }
    }
}
