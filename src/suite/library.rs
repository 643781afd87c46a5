//! Where the bundled specifications, suites and snapshots are.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::error::SuiteError;
use super::model::Suite;
use super::profile::Profile;
use super::suggest::closest;
use crate::contract::{Catalog, Contract, ContractError, Direction};

/// Why a suite with its contracts cannot be loaded.
#[derive(Debug, thiserror::Error)]
pub enum LibraryError {
    /// The suite cannot be used.
    #[error(transparent)]
    Suite(#[from] SuiteError),
    /// A specification cannot be used.
    #[error(transparent)]
    Contract(#[from] ContractError),
}

/// The folder that holds `specs/`, `suites/` and `snapshots/`.
#[derive(Clone, Debug)]
pub struct Library {
    home: PathBuf,
}

impl Library {
    /// Looks for the library: `D1C_HOME`, the working folder and those around it, the folders around the program, the
    /// folder that the program was built from.
    pub fn find() -> Result<Self, SuiteError> {
        if let Some(home) = std::env::var_os("D1C_HOME").map(PathBuf::from) {
            return if is_home(&home) { Ok(Self { home }) } else { Err(not_found(&home)) };
        }
        // The working folder is named as "", so that messages and reports show short paths.
        if is_home(Path::new("")) {
            return Ok(Self { home: PathBuf::new() });
        }
        let working = std::env::current_dir().unwrap_or_default();
        let program = std::env::current_exe().unwrap_or_default();
        let around = working.ancestors().chain(program.ancestors()).map(Path::to_owned);
        around
            .chain([PathBuf::from(env!("CARGO_MANIFEST_DIR"))])
            .find(|folder| is_home(folder))
            .map(|home| Self { home })
            .ok_or_else(|| not_found(&working))
    }

    /// The catalogue of specifications.
    pub fn catalog(&self) -> Result<Catalog, ContractError> {
        Catalog::load(&self.home.join("specs"))
    }

    /// A suite by its name, or by the path of its file.
    pub fn suite(&self, name: &str) -> Result<Suite, SuiteError> {
        let file = Path::new(name);
        if file.extension().is_some() || file.components().count() > 1 {
            return Suite::load(file);
        }
        let path = self.home.join("suites").join(format!("{name}.yaml"));
        if path.is_file() {
            return Suite::load(&path);
        }
        let known: Vec<String> = self.suite_names().into_iter().chain(self.profile_names()).collect();
        let remedy = match closest(name, known.iter().map(String::as_str)) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("known suites and profiles: {}; or name a file", known.join(", ")),
        };
        Err(SuiteError::Invalid { path, line: None, problem: format!("unknown suite `{name}`"), remedy })
    }

    /// The profile of this name, or in this file; `None` where there is none, and a suite may be meant.
    pub fn profile(&self, name: &str, catalog: &Catalog) -> Result<Option<Profile>, SuiteError> {
        let own = self.profiles().join(format!("{name}.yaml"));
        let file = if own.is_file() { own } else { PathBuf::from(name) };
        let among = file.parent().and_then(Path::file_name).is_some_and(|folder| folder == PROFILES);
        if among && file.is_file() { Profile::load(&file, catalog).map(Some) } else { Ok(None) }
    }

    /// The names of all profiles.
    pub fn profile_names(&self) -> Vec<String> {
        names_in(&self.profiles())
    }

    /// The suites that test a specification of these names, in the order of their names.
    pub fn suites_for(&self, direction: Direction, specs: &[&str]) -> Result<Vec<String>, SuiteError> {
        let mut found = Vec::new();
        for name in self.suite_names() {
            let suite = self.suite(&name)?;
            if suite.direction == direction && suite.specs.iter().any(|spec| specs.contains(&spec.as_str())) {
                found.push(name);
            }
        }
        Ok(found)
    }

    fn profiles(&self) -> PathBuf {
        self.home.join("suites").join(PROFILES)
    }

    /// A suite with the contracts that it names, every name in it checked.
    pub fn load(&self, name: &str, catalog: &Catalog) -> Result<(Arc<Suite>, Vec<Arc<Contract>>), LibraryError> {
        let suite = self.suite(name)?;
        suite.check_specs(catalog)?;
        let entries = suite.specs.iter().filter_map(|spec| catalog.entry(spec));
        let contracts: Vec<_> =
            entries.map(|entry| catalog.contract(entry).map(Arc::new)).collect::<Result<_, ContractError>>()?;
        suite.check(&contracts, catalog)?;
        Ok((Arc::new(suite), contracts))
    }

    /// Folder of the accepted snapshots.
    pub fn snapshots(&self) -> PathBuf {
        self.home.join("snapshots")
    }

    /// The files of all suites and profiles.
    pub fn files(&self) -> Vec<PathBuf> {
        let in_folder = |folder: PathBuf| {
            let names = names_in(&folder).into_iter();
            names.map(move |name| folder.join(format!("{name}.yaml")))
        };
        in_folder(self.home.join("suites")).chain(in_folder(self.profiles())).collect()
    }

    /// The names of all suites.
    pub fn suite_names(&self) -> Vec<String> {
        names_in(&self.home.join("suites"))
    }
}

/// Folder of the profiles, in that of the suites.
const PROFILES: &str = "profiles";

fn names_in(folder: &Path) -> Vec<String> {
    let files = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let mut names: Vec<String> = files
        .filter_map(|file| {
            let name = file.file_name().into_string().ok()?;
            name.strip_suffix(".yaml").map(str::to_owned)
        })
        .collect();
    names.sort();
    names
}

fn is_home(folder: &Path) -> bool {
    folder.join("specs/catalog.yaml").is_file()
}

fn not_found(folder: &Path) -> SuiteError {
    SuiteError::Invalid {
        path: folder.join("specs/catalog.yaml"),
        line: None,
        problem: "the bundled specifications are not there".to_owned(),
        remedy: "run in a checkout of d1-conformance, or set D1C_HOME to one".to_owned(),
    }
}
