//! Which checks run.

use std::collections::BTreeSet;

use super::business_rule::BUSINESS_RULES_CHECK;
use super::checks::checks;
use super::error::OracleError;
use super::snapshot::SNAPSHOT_CHECK;

/// A set of checks by name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CheckSelection(BTreeSet<&'static str>);

impl CheckSelection {
    /// Every check, `snapshot` too.
    pub fn all() -> Self {
        Self(names().collect())
    }

    /// These checks only; a name that does not exist is an error.
    pub fn only<'n>(wanted: impl IntoIterator<Item = &'n str>) -> Result<Self, OracleError> {
        wanted.into_iter().map(known).collect::<Result<_, _>>().map(Self)
    }

    /// The selection less one check; a name that does not exist is an error.
    pub fn without(mut self, name: &str) -> Result<Self, OracleError> {
        self.0.remove(known(name)?);
        Ok(self)
    }

    /// Does this check run?
    pub fn contains(&self, name: &str) -> bool {
        self.0.contains(name)
    }

    /// The names, sorted.
    pub fn names(&self) -> impl Iterator<Item = &'static str> + '_ {
        self.0.iter().copied()
    }
}

impl Default for CheckSelection {
    fn default() -> Self {
        Self::all()
    }
}

fn names() -> impl Iterator<Item = &'static str> {
    checks().iter().map(|check| check.name).chain([BUSINESS_RULES_CHECK, SNAPSHOT_CHECK])
}

fn known(name: &str) -> Result<&'static str, OracleError> {
    names().find(|own| *own == name).ok_or_else(|| OracleError::UnknownCheck {
        name: name.to_owned(),
        known: names().collect::<Vec<_>>().join(", "),
    })
}

#[cfg(test)]
mod tests {
    use super::CheckSelection;

    #[test]
    fn unknown_names_are_errors_that_list_the_known_ones() {
        let error = CheckSelection::only(["ignored_auth", "ignored_aut"]).unwrap_err().to_string();
        assert!(error.contains("`ignored_aut`") && error.contains("snapshot"), "{error}");
        let only = CheckSelection::only(["snapshot"]).unwrap();
        assert!(only.contains("snapshot") && !only.contains("ignored_auth"));
    }
}
