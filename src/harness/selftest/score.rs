//! The score as data: what is written to `selftest.json`, and what the tables are drawn from. It holds no clock and no
//! path, so that one seed gives one file.

use serde::Serialize;

use super::hunt::Hunt;
use super::spread::Spread;
use crate::sandbox::Class;

/// The version of the form of `selftest.json`.
const SCHEMA_VERSION: &str = "1.0";

/// How well the suites find what was planted, and nothing else.
#[derive(Clone, Debug, Serialize)]
pub struct Score {
    /// Of the form of this record.
    pub schema_version: &'static str,
    /// Root of all drawn values.
    pub seed: u64,
    /// Cases per scenario.
    pub cases: u32,
    /// Defects that were found.
    pub found: usize,
    /// Defects that were planted.
    pub total: usize,
    /// Defects of which findings name every duty.
    pub fully_named: usize,
    /// Requests until the first finding that names a duty of the defect.
    pub exchanges_to_first: Option<Spread>,
    /// Findings that name no duty of the planted defect.
    pub collateral: usize,
    /// The same, class by class.
    pub classes: Vec<ClassScore>,
    /// The sandboxes without a defect.
    pub clean: CleanScore,
    /// Each defect, in the order of the catalogue.
    pub defects: Vec<Hunt>,
}

/// The score of one class of defects.
#[derive(Clone, Debug, Serialize)]
pub struct ClassScore {
    /// Its name.
    pub class: &'static str,
    /// Defects that were found.
    pub found: usize,
    /// Defects that were planted.
    pub total: usize,
    /// Requests until the first finding that names a duty of the defect.
    pub exchanges_to_first: Option<Spread>,
}

/// What the clean sandboxes gave.
#[derive(Clone, Debug, Default, Serialize)]
pub struct CleanScore {
    /// The seeds of the runs.
    pub seeds: Vec<u64>,
    /// Requests of all runs.
    pub exchanges: u64,
    /// Scenarios that did not pass.
    pub alarms: Vec<Alarm>,
}

/// A scenario that did not pass, although nothing is wrong.
#[derive(Clone, Debug, Serialize)]
pub struct Alarm {
    /// In the run of this seed.
    pub seed: u64,
    /// Name of the scenario.
    pub scenario: String,
    /// What is said of it.
    pub says: Vec<String>,
}

impl Score {
    /// Adds up.
    pub(super) fn of(seed: u64, cases: u32, defects: Vec<Hunt>, clean: CleanScore) -> Self {
        let class = |(_, name): &(Class, &'static str)| {
            let own: Vec<&Hunt> = defects.iter().filter(|hunt| hunt.class == *name).collect();
            (!own.is_empty()).then(|| ClassScore {
                class: name,
                found: own.iter().filter(|hunt| hunt.found).count(),
                total: own.len(),
                exchanges_to_first: Spread::of(own.iter().filter_map(|hunt| hunt.exchanges_to_first)),
            })
        };
        Self {
            schema_version: SCHEMA_VERSION,
            seed,
            cases,
            found: defects.iter().filter(|hunt| hunt.found).count(),
            total: defects.len(),
            fully_named: defects.iter().filter(|hunt| hunt.not_named.is_empty()).count(),
            exchanges_to_first: Spread::of(defects.iter().filter_map(|hunt| hunt.exchanges_to_first)),
            collateral: defects.iter().flat_map(|hunt| &hunt.collateral).map(|beside| beside.scenarios).sum(),
            classes: Class::ALL.iter().filter_map(class).collect(),
            clean,
            defects,
        }
    }

    /// Everything was found, and nothing that is not there.
    pub fn is_perfect(&self) -> bool {
        self.found == self.total && self.clean.alarms.is_empty()
    }
}
