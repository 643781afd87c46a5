//! What can be wrong with a suite or target file.

use std::path::PathBuf;

use super::suggest::closest;

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

/// The name nearest to an unknown one, in the words of the parser: "unknown field `a`, expected one of `b`, `c`".
fn meant(problem: &str) -> Option<&str> {
    let mut names = problem.split('`').skip(1).step_by(2);
    let unknown = ["unknown field `", "unknown variant `"].iter().any(|words| problem.contains(words));
    let word = names.next().filter(|_| unknown)?;
    closest(word, names)
}

impl SuiteError {
    /// From a parser error.
    pub(super) fn yaml(path: &std::path::Path, error: &serde_yaml::Error, remedy: &str) -> Self {
        let problem = error.to_string();
        let remedy = meant(&problem).map_or_else(|| remedy.to_owned(), |near| format!("did you mean `{near}`?"));
        Self::Invalid { path: path.to_owned(), line: error.location().map(|place| place.line()), problem, remedy }
    }
}
