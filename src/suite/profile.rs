//! A profile: which operations a D1 product needs, as its public summary page lists them. It chooses what runs, and what a
//! verdict on the product rests on.

use std::path::{Path, PathBuf};

use indexmap::IndexMap;
use serde::{Deserialize, Serialize};

use super::error::SuiteError;
use super::read::Lines;
use crate::contract::{Catalog, Direction};

const KNOWN_KEYS: &str = "known keys are name, product, source, note, conditions (question, note), inbound and outbound (title, level, \
                          operations, any_of, when, untestable, note); suites/profiles/3d-secure.yaml uses most of them";

/// One product. A YAML file in `suites/profiles/`.
#[derive(Clone, Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Profile {
    /// Name on the command line.
    pub name: String,
    /// The product as its vendor calls it.
    pub product: String,
    /// The page that lists its operations.
    pub source: String,
    /// What is to be known of the list.
    #[serde(default)]
    pub note: Option<String>,
    /// Questions that the target file answers with true or false under `values:`, by name.
    #[serde(default)]
    pub conditions: IndexMap<String, Condition>,
    /// What the issuer calls.
    #[serde(default)]
    pub inbound: Vec<ProfileRow>,
    /// What the issuer serves.
    #[serde(default)]
    pub outbound: Vec<ProfileRow>,
    /// The file it was read from.
    #[serde(skip)]
    pub file: PathBuf,
}

/// A question about an integration.
#[derive(Clone, Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Condition {
    /// The question, to be answered with yes or no.
    pub question: String,
    /// What is assumed in it.
    #[serde(default)]
    pub note: Option<String>,
}

/// One line of the list.
#[derive(Clone, Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ProfileRow {
    /// Its words.
    pub title: String,
    /// How much it is needed.
    pub level: Level,
    /// Qualified names of the operations, all of which belong to it.
    #[serde(default)]
    pub operations: Vec<String>,
    /// Qualified names of operations of which one will do.
    #[serde(default)]
    pub any_of: Vec<String>,
    /// The condition under which it is needed.
    #[serde(default)]
    pub when: Option<String>,
    /// Why there is nothing to test.
    #[serde(default)]
    pub untestable: Option<String>,
    /// What is to be known of the line.
    #[serde(default)]
    pub note: Option<String>,
}

/// How much a line of a profile is needed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// Always.
    Required,
    /// When its condition holds.
    Conditional,
    /// It should be there.
    Recommended,
    /// It may be there; with a condition, it is of use only where that holds.
    Optional,
    /// The product lists it, and does not say how much it is needed.
    Listed,
}

impl Level {
    /// The name in reports.
    pub fn name(self) -> &'static str {
        match self {
            Self::Required => "required",
            Self::Conditional => "conditional",
            Self::Recommended => "recommended",
            Self::Optional => "optional",
            Self::Listed => "listed",
        }
    }
}

impl ProfileRow {
    /// Qualified names of all its operations.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.operations.iter().chain(&self.any_of).map(String::as_str)
    }
}

impl Profile {
    /// Reads a profile, and checks every name in it against the catalogue.
    pub fn load(path: &Path, catalog: &Catalog) -> Result<Self, SuiteError> {
        let text =
            std::fs::read_to_string(path).map_err(|source| SuiteError::Read { path: path.to_owned(), source })?;
        let mut profile: Self =
            serde_yaml::from_str(&text).map_err(|error| SuiteError::yaml(path, &error, KNOWN_KEYS))?;
        path.clone_into(&mut profile.file);
        profile.check(catalog)?;
        Ok(profile)
    }

    /// The lines of one direction.
    pub fn rows(&self, direction: Direction) -> &[ProfileRow] {
        match direction {
            Direction::Inbound => &self.inbound,
            Direction::Outbound => &self.outbound,
        }
    }

    /// The directions in which it has something to test.
    pub fn directions(&self) -> Vec<Direction> {
        let tested = |direction: &Direction| self.rows(*direction).iter().any(|row| row.names().next().is_some());
        [Direction::Inbound, Direction::Outbound].into_iter().filter(tested).collect()
    }

    /// True for a condition under which something is needed that nobody can test.
    pub fn needs_untestable(&self, condition: &str) -> bool {
        let mut rows = self.inbound.iter().chain(&self.outbound);
        rows.any(|row| row.untestable.is_some() && row.when.as_deref() == Some(condition))
    }

    fn check(&self, catalog: &Catalog) -> Result<(), SuiteError> {
        let lines = Lines::of(&self.file);
        for direction in [Direction::Inbound, Direction::Outbound] {
            let side = format!("{direction:?}").to_lowercase();
            let known: Vec<String> = catalog
                .entries
                .iter()
                .filter(|entry| entry.direction == direction)
                .flat_map(|entry| entry.operations.keys().map(move |name| format!("{}::{name}", entry.name)))
                .collect();
            for (index, row) in self.rows(direction).iter().enumerate() {
                let pointer = format!("/{side}/{index}");
                for (key, names) in [("operations", &row.operations), ("any_of", &row.any_of)] {
                    if let Some((place, name)) = names.iter().enumerate().find(|(_, name)| !known.contains(name)) {
                        let known = known.iter().map(String::as_str);
                        return Err(lines.unknown(&format!("{pointer}/{key}/{place}"), "operation", name, known));
                    }
                }
                if let Some(when) = row.when.as_ref().filter(|when| !self.conditions.contains_key(*when)) {
                    let known = self.conditions.keys().map(String::as_str);
                    return Err(lines.unknown(&format!("{pointer}/when"), "condition", when, known));
                }
                let forms = [!row.operations.is_empty(), !row.any_of.is_empty(), row.untestable.is_some()];
                if forms.into_iter().filter(|form| *form).count() != 1 {
                    let problem = format!("`{}` must have one of operations, any_of and untestable", row.title);
                    return Err(lines.invalid(&pointer, problem, "leave one of them".to_owned()));
                }
                if (row.level == Level::Conditional) != (row.when.is_some() && row.level != Level::Optional) {
                    let problem = format!("`{}` is {}", row.title, row.level.name());
                    let remedy = "write `when:` with `level: conditional`, or with `level: optional`";
                    return Err(lines.invalid(&pointer, problem, remedy.to_owned()));
                }
            }
        }
        Ok(())
    }
}
