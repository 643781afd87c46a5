//! Reads a suite and checks every name in it against the contracts, before any traffic.

use std::collections::{HashMap, HashSet};
use std::path::Path;
use std::sync::Arc;

use indexmap::IndexMap;

use super::error::SuiteError;
use super::lifecycle::Lifecycle;
use super::model::{Fixture, FixtureStep, OperationPlan, PinnedCase, Provided, Suite, ValueSource};
use super::rule::RuleFile;
use super::snapshot_plan::SnapshotPlan;
use super::suggest::closest;
use crate::contract::{Catalog, CatalogEntry, Contract, Document, Operation, ParameterIn};

const KNOWN_KEYS: &str = "known keys are name, direction, description, specs, values, step_values, fixtures, operations, tolerate, \
                          volatile, snapshots, rules and lifecycles; suites/inbound.yaml uses them all";

/// Name of the suite that stands in where a specification is tested on its own.
const GENERIC: &str = "generic";

impl Suite {
    /// Reads a suite file. Names are checked by [`Suite::check`].
    pub fn load(path: &Path) -> Result<Self, SuiteError> {
        let text =
            std::fs::read_to_string(path).map_err(|source| SuiteError::Read { path: path.to_owned(), source })?;
        let mut suite: Self =
            serde_yaml::from_str(&text).map_err(|error| SuiteError::yaml(path, &error, KNOWN_KEYS))?;
        path.clone_into(&mut suite.file);
        let folder = path.parent().unwrap_or(Path::new(""));
        for (index, file) in suite.rule_paths.iter().enumerate() {
            let loaded = RuleFile::load(&folder.join(file));
            suite.rules.push(loaded.map_err(|error| Lines::of(path).unread("rules", index, file, error))?);
        }
        for (index, file) in suite.lifecycle_paths.iter().enumerate() {
            let loaded = Lifecycle::load(&folder.join(file));
            let loaded = loaded.map_err(|error| Lines::of(path).unread("lifecycles", index, file, error))?;
            suite.lifecycles.push(Arc::new(loaded));
        }
        Ok(suite)
    }

    /// A suite that tests all operations of one contract and knows nothing special about them.
    pub fn generic(contract: &Contract) -> Self {
        Self {
            name: GENERIC.to_owned(),
            direction: contract.direction.unwrap_or(crate::contract::Direction::Inbound),
            description: format!("every operation of {}", contract.name),
            specs: vec![contract.name.clone()],
            values: IndexMap::new(),
            step_values: IndexMap::new(),
            fixtures: IndexMap::new(),
            operations: IndexMap::new(),
            tolerate: Vec::new(),
            volatile: Vec::new(),
            snapshots: SnapshotPlan::default(),
            rule_paths: Vec::new(),
            rules: Vec::new(),
            lifecycle_paths: Vec::new(),
            lifecycles: Vec::new(),
            file: contract.document.path.clone(),
        }
    }

    /// True for a suite of [`Suite::generic`]: no embedded sandbox serves what it tests.
    pub fn is_generic(&self) -> bool {
        self.name == GENERIC
    }

    /// Checks that every specification of the suite is in the catalogue.
    pub fn check_specs(&self, catalog: &Catalog) -> Result<(), SuiteError> {
        let lines = Lines::of(&self.file);
        for (index, spec) in self.specs.iter().enumerate() {
            if catalog.entry(spec).is_none() {
                let known = catalog.entries.iter().map(|entry| entry.name.as_str());
                return Err(lines.unknown(&format!("/specs/{index}"), "specification", spec, known));
            }
        }
        Ok(())
    }

    /// Checks every operation, fixture, slot and reference of the suite against its contracts.
    /// Operations that the catalogue knows and the file at hand does not have are passed over: an official file may lack
    /// what the bundled one assumed.
    pub fn check(&self, contracts: &[Arc<Contract>], catalog: &Catalog) -> Result<(), SuiteError> {
        let operations: HashMap<&str, &Operation> = contracts
            .iter()
            .flat_map(|contract| &contract.operations)
            .map(|operation| (operation.id.as_str(), operation.as_ref()))
            .collect();
        let named = |entry: &CatalogEntry| {
            let spec = entry.name.clone();
            entry.operations.keys().map(move |name| format!("{spec}::{name}")).collect::<Vec<_>>()
        };
        let listed = catalog.entries.iter().filter(|entry| self.specs.contains(&entry.name)).flat_map(named).collect();
        let checker =
            Checker { suite: self, lines: Lines::of(&self.file), operations, listed, provided_by_steps: Vec::new() };
        checker.sources("/values", &self.values, None)?;
        checker.sources("/step_values", &self.step_values, None)?;
        for (name, fixture) in &self.fixtures {
            checker.fixture(name, fixture)?;
        }
        for (name, plan) in &self.operations {
            checker.plan(name, plan)?;
        }
        for (index, tolerance) in self.tolerate.iter().enumerate() {
            if let Some(operation) = &tolerance.operation {
                checker.operation(&format!("/tolerate/{index}/operation"), operation)?;
            }
        }
        for (index, rule) in self.snapshots.ignore.iter().enumerate() {
            let place = format!("/snapshots/ignore/{index}");
            if let Some(operation) = &rule.operation {
                checker.operation(&format!("{place}/operation"), operation)?;
            }
            if !rule.at.starts_with('/') {
                let problem = format!("`{}` is no JSON pointer", rule.at);
                let remedy = "write /NAME/NAME, with `*` for every item of an array".to_owned();
                return Err(checker.lines.invalid(&format!("{place}/at"), problem, remedy));
            }
        }
        for file in &self.rules {
            let checker = Checker { lines: Lines::of(&file.path), ..checker.clone() };
            checker.rules(file, contracts)?;
        }
        let rules: Vec<&str> = self.rules.iter().flat_map(|file| file.rules.keys().map(String::as_str)).collect();
        for cycle in &self.lifecycles {
            let checker = Checker { lines: Lines::of(&cycle.path), ..checker.clone() };
            checker.lifecycle(cycle, &rules)?;
        }
        Ok(())
    }
}

/// Line numbers of a suite file, read again only when something is wrong in it.
#[derive(Clone)]
pub(super) struct Lines<'p>(&'p Path);

impl<'p> Lines<'p> {
    pub(super) fn of(path: &'p Path) -> Self {
        Self(path)
    }

    /// Line of a node, from 1.
    pub(super) fn line(&self, pointer: &str) -> Option<usize> {
        Document::load(self.0).ok().and_then(|document| document.line(pointer))
    }

    pub(super) fn invalid(&self, pointer: &str, problem: String, remedy: String) -> SuiteError {
        let line = self.line(pointer);
        SuiteError::Invalid { path: self.0.to_owned(), line, problem, remedy }
    }

    /// A file that the suite names at `/key/index` and that cannot be read.
    fn unread(&self, key: &str, index: usize, file: &Path, error: SuiteError) -> SuiteError {
        match error {
            SuiteError::Read { source, .. } => self.invalid(
                &format!("/{key}/{index}"),
                format!("{} cannot be read: {source}", file.display()),
                format!("name a file of {key}, relative to the suite's"),
            ),
            error @ SuiteError::Invalid { .. } => error,
        }
    }

    pub(super) fn unknown<'c>(
        &self,
        pointer: &str,
        what: &str,
        name: &str,
        known: impl IntoIterator<Item = &'c str> + Clone,
    ) -> SuiteError {
        let remedy = match closest(name, known.clone()) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("known: {}", known.into_iter().collect::<Vec<_>>().join(", ")),
        };
        self.invalid(pointer, format!("unknown {what} `{name}`"), remedy)
    }
}

#[derive(Clone)]
pub(super) struct Checker<'s> {
    pub(super) suite: &'s Suite,
    pub(super) lines: Lines<'s>,
    operations: HashMap<&'s str, &'s Operation>,
    /// Names in the catalogue.
    listed: HashSet<String>,
    /// Names of values that steps of the sequence at hand provided so far.
    pub(super) provided_by_steps: Vec<String>,
}

impl Checker<'_> {
    /// The operation, or nothing when only the catalogue knows it.
    pub(super) fn operation(&self, pointer: &str, name: &str) -> Result<Option<&Operation>, SuiteError> {
        match self.operations.get(name) {
            Some(operation) => Ok(Some(operation)),
            None if self.listed.contains(name) => Ok(None),
            None => {
                let mut known: Vec<&str> = self.operations.keys().copied().collect();
                known.sort_unstable();
                Err(self.lines.unknown(pointer, "operation", name, known))
            }
        }
    }

    fn fixture(&self, name: &str, fixture: &Fixture) -> Result<(), SuiteError> {
        let pointer = format!("/fixtures/{}", escape(name));
        self.needs(&pointer, &fixture.needs)?;
        for (index, step) in fixture.steps.iter().enumerate() {
            self.step(&format!("{pointer}/steps/{index}"), step)?;
        }
        Ok(())
    }

    pub(super) fn step(&self, pointer: &str, step: &FixtureStep) -> Result<(), SuiteError> {
        let operation = self.operation(&format!("{pointer}/operation"), &step.operation)?;
        self.sources(&format!("{pointer}/values"), &step.values, operation)?;
        self.provides(&format!("{pointer}/provides"), &step.provides, operation)
    }

    pub(super) fn provides(
        &self,
        pointer: &str,
        provides: &IndexMap<String, Provided>,
        operation: Option<&Operation>,
    ) -> Result<(), SuiteError> {
        for (name, provided) in provides {
            if let Provided::Request(slot) = provided {
                self.slot(&format!("{pointer}/{}", escape(name)), slot, operation)?;
            }
        }
        Ok(())
    }

    fn plan(&self, name: &str, plan: &OperationPlan) -> Result<(), SuiteError> {
        let pointer = format!("/operations/{}", escape(name));
        let Some(operation) = self.operation(&pointer, name)? else { return Ok(()) };
        self.needs(&pointer, &plan.needs)?;
        self.sources(&format!("{pointer}/values"), &plan.values, Some(operation))?;
        for (index, PinnedCase { values, .. }) in plan.pinned.iter().enumerate() {
            self.sources(&format!("{pointer}/pinned/{index}/values"), values, Some(operation))?;
        }
        Ok(())
    }

    pub(super) fn needs(&self, pointer: &str, needs: &[String]) -> Result<(), SuiteError> {
        for (index, need) in needs.iter().enumerate() {
            if !self.suite.fixtures.contains_key(need) {
                let known: Vec<&str> = self.suite.fixtures.keys().map(String::as_str).collect();
                return Err(self.lines.unknown(&format!("{pointer}/needs/{index}"), "fixture", need, known));
            }
        }
        Ok(())
    }

    pub(super) fn sources(
        &self,
        pointer: &str,
        values: &IndexMap<String, ValueSource>,
        operation: Option<&Operation>,
    ) -> Result<(), SuiteError> {
        for (slot, source) in values {
            let place = format!("{pointer}/{}", escape(slot));
            self.slot(&place, slot, operation)?;
            match source {
                ValueSource::Fixture(name) if !self.provided().any(|known| known == name) => {
                    let known: Vec<&str> = self.provided().map(String::as_str).collect();
                    return Err(self.lines.unknown(&place, "fixture value", name, known));
                }
                ValueSource::Credential(name) if name != "client_assertion" => {
                    return Err(self.lines.unknown(&place, "credential", name, ["client_assertion"]));
                }
                _ => {}
            }
        }
        Ok(())
    }

    pub(super) fn provided(&self) -> impl Iterator<Item = &String> {
        let steps = self.suite.fixtures.values().flat_map(|fixture| &fixture.steps);
        steps.flat_map(|step| step.provides.keys()).chain(&self.provided_by_steps)
    }

    /// A slot must have a known form, and for one operation name a parameter that it has.
    pub(super) fn slot(&self, pointer: &str, slot: &str, operation: Option<&Operation>) -> Result<(), SuiteError> {
        let form = || {
            self.lines.invalid(
                pointer,
                format!("`{slot}` names no place in a request"),
                "write path.NAME, query.NAME, header.NAME or body/POINTER".to_owned(),
            )
        };
        if slot.strip_prefix("body").is_some_and(|rest| rest.starts_with('/')) {
            return Ok(());
        }
        let (kind, name) = slot.split_once('.').ok_or_else(form)?;
        let place = match kind {
            "path" => ParameterIn::Path,
            "query" => ParameterIn::Query,
            "header" => ParameterIn::Header,
            _ => return Err(form()),
        };
        match operation {
            Some(operation) if operation.parameter(place, name).is_none() => {
                let known: Vec<&str> = operation
                    .parameters
                    .iter()
                    .filter(|parameter| parameter.place == place)
                    .map(|parameter| parameter.name.as_str())
                    .collect();
                Err(self.lines.unknown(pointer, &format!("{kind} parameter of {}", operation.id), name, known))
            }
            _ => Ok(()),
        }
    }
}

/// `~` and `/` as RFC 6901 section 3 wants them.
pub(super) fn escape(token: &str) -> String {
    token.replace('~', "~0").replace('/', "~1")
}
