//! What a YAML file of ours is.

use std::path::Path;

use serde_json::Value;

use super::error::SuiteError;

/// What a file is, by the keys that only such a file has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileKind {
    /// A suite.
    Suite,
    /// A profile of a product.
    Profile,
    /// A target.
    Target,
}

impl FileKind {
    /// Looks into a file.
    pub fn of(path: &Path) -> Result<Self, SuiteError> {
        let text =
            std::fs::read_to_string(path).map_err(|source| SuiteError::Read { path: path.to_owned(), source })?;
        let remedy = "correct the place; a value with a colon or a brace needs quotes";
        let value: Value = serde_yaml::from_str(&text).map_err(|error| SuiteError::yaml(path, &error, remedy))?;
        let has = |keys: &[&str]| keys.iter().any(|key| value.get(key).is_some());
        if has(&["product", "conditions"]) {
            Ok(Self::Profile)
        } else if has(&["direction", "specs", "fixtures", "operations"]) {
            Ok(Self::Suite)
        } else if has(&["base_url", "base_urls", "auth", "limits", "jwe", "tls"]) {
            Ok(Self::Target)
        } else {
            Err(SuiteError::Invalid {
                path: path.to_owned(),
                line: None,
                problem: "this is no suite, no profile and no target".to_owned(),
                remedy: "a file of rules is checked with the suite that names it".to_owned(),
            })
        }
    }
}
