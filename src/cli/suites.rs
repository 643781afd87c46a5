//! `d1c suites`: what there is to run, and a check of files.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::args::Suites;
use super::output::{note, out};
use crate::contract::{Catalog, Contract, Direction};
use crate::suite::{FileKind, Library, Profile, Suite, Target};

pub(super) fn suites(command: &Suites) -> anyhow::Result<u8> {
    let library = Library::find()?;
    let catalog = library.catalog()?;
    match command {
        Suites::List => list(&library, &catalog),
        Suites::Lint { files } => Ok(lint(&library, &catalog, files)),
    }
}

fn list(library: &Library, catalog: &Catalog) -> anyhow::Result<u8> {
    let mut text = String::new();
    for name in library.suite_names() {
        let suite = library.suite(&name)?;
        writeln!(text, "{name:<20} suite    {:<8}  {}", side(suite.direction), suite.description)?;
    }
    for name in library.profile_names() {
        if let Some(profile) = library.profile(&name, catalog)? {
            let sides: Vec<&str> = profile.directions().into_iter().map(side).collect();
            let lines = profile.inbound.len() + profile.outbound.len();
            writeln!(text, "{name:<20} profile  {}: {lines} lines, {}", profile.product, sides.join(" and "))?;
        }
    }
    out(&text);
    Ok(0)
}

fn side(direction: Direction) -> &'static str {
    match direction {
        Direction::Inbound => "inbound",
        Direction::Outbound => "outbound",
    }
}

/// Checks files, by default all of the library; every one is looked at, whatever is wrong with those before.
fn lint(library: &Library, catalog: &Catalog, files: &[PathBuf]) -> u8 {
    let all = if files.is_empty() { library.files() } else { files.to_vec() };
    let mut broken = 0;
    for file in &all {
        match one(catalog, file) {
            Ok(told) => out(&format!("{}: {told}\n", file.display())),
            Err(error) => {
                broken += 1;
                super::output::error(&error);
            }
        }
    }
    if broken > 0 {
        note(&format!("{broken} of {} file(s) cannot be used", all.len()));
        return super::BAD_INPUT;
    }
    0
}

fn one(catalog: &Catalog, file: &Path) -> anyhow::Result<String> {
    Ok(match FileKind::of(file)? {
        FileKind::Suite => {
            let suite = Suite::load(file)?;
            suite.check_specs(catalog)?;
            let entries = suite.specs.iter().filter_map(|spec| catalog.entry(spec));
            let contracts =
                entries.map(|entry| catalog.contract(entry).map(Arc::new)).collect::<Result<Vec<_>, _>>()?;
            suite.check(&contracts, catalog)?;
            let rules: usize = suite.rules.iter().map(|file| file.rules.len()).sum();
            let operations: usize = contracts.iter().map(|contract| contract.operations.len()).sum();
            let (fixtures, cycles) = (suite.fixtures.len(), suite.lifecycles.len());
            format!("suite, {operations} operation(s), {fixtures} fixture(s), {rules} rule(s), {cycles} life cycle(s)")
        }
        FileKind::Profile => {
            let profile = Profile::load(file, catalog)?;
            let lines = profile.inbound.len() + profile.outbound.len();
            format!("profile of {}, {lines} line(s), {} condition(s)", profile.product, profile.conditions.len())
        }
        FileKind::Target => {
            let target = Target::load(file)?;
            let contracts = catalog.entries.iter().map(|entry| catalog.contract(entry).map(Arc::new));
            let contracts: Vec<Arc<Contract>> = contracts.collect::<Result<_, _>>()?;
            target.check_dictionary(contracts.iter())?;
            for warning in &target.warnings {
                note(&format!("warning: {warning}"));
            }
            format!("target, {} value(s)", target.values.len())
        }
    })
}
