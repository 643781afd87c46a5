//! Reads a life cycle.

use std::path::Path;

use serde::de::Error as _;

use super::model::Lifecycle;
use crate::contract::{Document, Source};
use crate::suite::error::SuiteError;

pub(super) const KNOWN_KEYS: &str = "a life cycle has name, text, needs, when, start, look, states, calls, transitions, races and teardown; \
                          suites/lifecycles/card.yaml uses most of them";

impl Lifecycle {
    /// Reads a file. Names are checked with the suite that uses it.
    pub(in crate::suite) fn load(path: &Path) -> Result<Self, SuiteError> {
        let text =
            std::fs::read_to_string(path).map_err(|source| SuiteError::Read { path: path.to_owned(), source })?;
        let read = || {
            let value: serde_yaml::Value = serde_yaml::from_str(&text)?;
            if !value.is_mapping() {
                return Err(serde_yaml::Error::custom("a life cycle is a mapping"));
            }
            let document = serde_yaml::Deserializer::from_str(&text);
            serde_yaml::with::singleton_map_recursive::deserialize(document)
        };
        let mut lifecycle: Self = read().map_err(|error| SuiteError::yaml(path, &error, KNOWN_KEYS))?;
        path.clone_into(&mut lifecycle.path);
        Ok(lifecycle)
    }

    /// Where a part of it is written down.
    pub fn source(&self, pointer: &str) -> Source {
        let line = Document::load(&self.path).ok().and_then(|document| document.line(pointer)).unwrap_or(1);
        Source { file: self.path.clone(), pointer: pointer.to_owned(), line }
    }
}
