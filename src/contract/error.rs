//! What can be wrong with a contract, always with the place and the remedy.

use std::fmt;
use std::path::PathBuf;

/// A place in a file. Lines count from 1; the pointer is a JSON pointer (RFC 6901) into the document.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Place {
    /// The file as the user named it.
    pub file: PathBuf,
    /// Line, when known.
    pub line: Option<usize>,
    /// JSON pointer, when the file could be parsed.
    pub pointer: Option<String>,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.file.display())?;
        if let Some(line) = self.line {
            write!(f, ":{line}")?;
        }
        if let Some(pointer) = &self.pointer {
            write!(f, " at #{pointer}")?;
        }
        Ok(())
    }
}

/// Why a specification cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ContractError {
    /// The file cannot be read.
    #[error("cannot read the specification {}\n  remedy: check the path and its permissions", path.display())]
    Read {
        /// The file as named.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The file is no YAML or JSON.
    #[error("{place}: not readable as {format}: {problem}\n  remedy: mend the syntax there")]
    Syntax {
        /// Where.
        place: Place,
        /// `YAML` or `JSON`.
        format: &'static str,
        /// The parser's words.
        problem: String,
    },
    /// The file is readable, but not a valid OpenAPI 3.0 description.
    #[error("{place}: {problem}\n  remedy: {remedy}")]
    Invalid {
        /// Where.
        place: Place,
        /// What is wrong.
        problem: String,
        /// What to do.
        remedy: String,
    },
}
