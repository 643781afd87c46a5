//! Why a report cannot be written or read.

use std::path::PathBuf;

/// Errors of this floor.
#[derive(Debug, thiserror::Error)]
pub enum ReportError {
    /// A file cannot be written.
    #[error("cannot write {}", path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A file cannot be read.
    #[error("cannot read {}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A file is no record of a run.
    #[error("{} is no record of a run", path.display())]
    Syntax {
        /// The file.
        path: PathBuf,
        /// Why.
        source: serde_json::Error,
    },
    /// A record of another version of the tool.
    #[error("{} has schema_version {found}, this tool reads {known}", path.display())]
    Version {
        /// The file.
        path: PathBuf,
        /// What it says.
        found: String,
        /// What is needed.
        known: &'static str,
    },
    /// The record cannot be put into JSON.
    #[error("cannot put the record into JSON")]
    Json(#[from] serde_json::Error),
    /// The record cannot be put into HTML.
    #[error("cannot put the record into HTML")]
    Html(#[from] askama::Error),
    /// The record cannot be put into XML.
    #[error("cannot put the record into JUnit XML")]
    Junit(#[from] quick_junit::SerializeError),
}
