//! `d1c deviations`: known breaches that are let pass; and what a run reads of them.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context as _, bail};
use clap::Subcommand;
use time::{Date, OffsetDateTime};

use super::output::{note, out};
use super::recorded::recorded;
use super::selection::{Choice, contract_of};
use crate::contract::{Catalog, Contract};
use crate::oracle::{Severity, codes};
use crate::report::{FindingRecord, RunRecord, ScenarioRecord, printable};
use crate::suite::{
    Deviation, Deviations as Known, Library, NewDeviation, Suite, Vocabulary, add_deviations, closest_end, day,
};

/// Exit code where an entry has expired.
const EXPIRED: u8 = 1;

/// Days before its end from which an entry is said to end soon.
const SOON: i64 = 30;

#[derive(Debug, Subcommand)]
pub(super) enum Deviations {
    /// Write entries for findings of a run. What the file holds already stays as it is.
    #[command(
        after_help = "Examples:\n  d1c deviations add reports/ci/run.json --obligation getCard::response.200.body/state::enum --reason \"old cards\" --ticket D1-7 --owner me --expires 2027-03-31\n  d1c deviations add reports/ci/run.json --all --reason \"before release 7\" --ticket D1-8 --owner me --expires 2027-01-31"
    )]
    Add(Add),
    /// Show the entries of a file, and how long each still holds.
    #[command(after_help = "Example:\n  d1c deviations list deviations.yaml")]
    List {
        /// The file.
        #[arg(value_name = "FILE", default_value = "deviations.yaml")]
        file: PathBuf,
    },
    /// The same, with every name in it checked; ends with 1 where an entry has expired.
    #[command(
        after_help = "Example:\n  d1c deviations check deviations.yaml\n\nEditors: docs/deviations.schema.json is the JSON Schema of the file."
    )]
    Check {
        /// The file.
        #[arg(value_name = "FILE", default_value = "deviations.yaml")]
        file: PathBuf,
        /// An OpenAPI file beside those of the catalogue, whose operations may be named; may be repeated.
        #[arg(long, value_name = "FILE")]
        spec: Vec<PathBuf>,
        /// A suite beside those that are bundled; may be repeated.
        #[arg(long, value_name = "FILE")]
        suite: Vec<String>,
    },
}

#[derive(Debug, clap::Args)]
pub(super) struct Add {
    /// The run.json of a run.
    #[arg(value_name = "RUN.json")]
    pub run: PathBuf,
    /// The obligation as in reports, or an end of its name that no other finding of the run has.
    #[arg(long, value_name = "ID", required_unless_present = "all", conflicts_with = "all")]
    pub obligation: Option<String>,
    /// Only the findings with this code.
    #[arg(long, value_name = "CODE")]
    pub code: Option<String>,
    /// All findings of the run that fail it or are warnings.
    #[arg(long)]
    pub all: bool,
    /// Why it is let pass.
    #[arg(long, value_name = "TEXT")]
    pub reason: String,
    /// Where it is followed up.
    #[arg(long, value_name = "ID")]
    pub ticket: String,
    /// Who sees to it.
    #[arg(long, value_name = "NAME")]
    pub owner: String,
    /// The last day on which it may pass: YYYY-MM-DD.
    #[arg(long, value_name = "DATE")]
    pub expires: String,
    /// The file to write to.
    #[arg(long, value_name = "FILE", default_value = "deviations.yaml")]
    pub file: PathBuf,
}

pub(super) fn deviations(command: &Deviations) -> anyhow::Result<u8> {
    let today = OffsetDateTime::now_utc().date();
    match command {
        Deviations::Add(args) => add(args, today),
        Deviations::List { file } => {
            let known = Known::load(file, today)?;
            out(&table(&known));
            Ok(0)
        }
        Deviations::Check { file, spec, suite } => check(file, spec, suite, today),
    }
}

/// The deviations that a run knows: of the command line, or else of the target file; every name in them checked.
pub(super) fn known(file: Option<&Path>, choice: &Choice, today: Date) -> anyhow::Result<Option<Known>> {
    let of_target = choice.target.as_ref().and_then(|target| target.deviations.as_deref());
    let Some(path) = file.or(of_target) else { return Ok(None) };
    let known = Known::load(path, today)?;
    let contracts = choice.chosen.iter().flat_map(|chosen| chosen.contracts.iter().cloned()).collect();
    let suites = choice.chosen.iter().map(|chosen| Arc::clone(&chosen.suite)).collect();
    names(&known, &choice.library, &choice.catalog, contracts, suites)?;
    Ok(Some(known))
}

/// Checks the names of a file. Entries may be for more than what is run: the whole catalogue and all suites are known.
fn names(
    known: &Known,
    library: &Library,
    catalog: &Catalog,
    mut contracts: Vec<Arc<Contract>>,
    mut suites: Vec<Arc<Suite>>,
) -> anyhow::Result<()> {
    for spec in known.specs() {
        if let Some(entry) = catalog.entry(&spec).filter(|_| contracts.iter().all(|own| own.name != spec)) {
            contracts.push(Arc::new(catalog.contract(entry)?));
        }
    }
    for name in library.suite_names() {
        if suites.iter().all(|own| own.name != name) {
            suites.push(Arc::new(library.suite(&name)?));
        }
    }
    // A mistyped specification has a neighbour in the catalogue.
    if known.specs().iter().any(|spec| contracts.iter().all(|own| own.name != *spec)) {
        for entry in &catalog.entries {
            if contracts.iter().all(|own| own.name != entry.name) {
                contracts.push(Arc::new(catalog.contract(entry)?));
            }
        }
    }
    let codes: Vec<&'static str> = codes().iter().map(|(_, code)| code.id).collect();
    Ok(known.check(&Vocabulary { contracts: &contracts, suites: &suites, codes: &codes })?)
}

fn check(file: &Path, specs: &[PathBuf], suites: &[String], today: Date) -> anyhow::Result<u8> {
    let known = Known::load(file, today)?;
    let library = Library::find()?;
    let catalog = library.catalog()?;
    let contracts = specs.iter().map(|file| contract_of(&catalog, file).map(Arc::new)).collect::<Result<_, _>>()?;
    let suites = suites.iter().map(|name| library.suite(name).map(Arc::new)).collect::<Result<_, _>>()?;
    names(&known, &library, &catalog, contracts, suites)?;
    out(&table(&known));
    Ok(if known.entries.iter().any(|entry| entry.expired(today)) { EXPIRED } else { 0 })
}

/// The entries, one that ends first before the others.
fn table(known: &Known) -> String {
    let mut entries: Vec<&Deviation> = known.entries.iter().collect();
    entries.sort_by_key(|entry| entry.expires);
    let mut text = String::new();
    for entry in entries {
        let code = entry.code.as_ref().map_or_else(String::new, |code| format!(" {code}"));
        let of = entry.operation.as_ref().filter(|own| !entry.obligation.as_str().starts_with(own.as_str()));
        let of = of.map_or_else(String::new, |own| format!(" of {own}"));
        text.push_str(&printable(&format!(
            "{:<28} {}{code}{of}\n    {}\n    ticket {}, owner {}, line {}\n",
            state(entry, known.today),
            entry.obligation,
            entry.reason.trim(),
            entry.ticket,
            entry.owner,
            entry.line
        )));
    }
    let count = |wanted: bool| known.entries.iter().filter(|entry| entry.expired(known.today) == wanted).count();
    let file = known.path.display();
    format!("{text}{file}: {} in force on {}, {} expired\n", count(false), known.today, count(true))
}

fn state(entry: &Deviation, today: Date) -> String {
    let left = (entry.expires - today).whole_days();
    match left {
        ..0 => format!("EXPIRED on {}", entry.expires),
        0 => "ends today".to_owned(),
        1..=SOON => format!("ends in {left} day{}", if left == 1 { "" } else { "s" }),
        _ => format!("until {}", entry.expires),
    }
}

fn add(args: &Add, today: Date) -> anyhow::Result<u8> {
    let (_, record) = recorded(&args.run)?;
    let expires = day(&args.expires).with_context(|| {
        format!("--expires {} is no day\n  remedy: write YYYY-MM-DD, such as 2027-03-31", args.expires)
    })?;
    if expires < today {
        bail!(
            "--expires {expires} is over, so that the entry would excuse nothing\n  remedy: name a day that lies ahead"
        );
    }
    for (name, text) in [("--reason", &args.reason), ("--ticket", &args.ticket), ("--owner", &args.owner)] {
        if text.trim().is_empty() {
            bail!("{name} is empty\n  remedy: say why it is let pass, where it is followed up, and who sees to it");
        }
    }
    let entry = |finding: &FindingRecord| NewDeviation {
        obligation: finding.obligation.to_string(),
        code: finding.code.clone(),
        reason: args.reason.clone(),
        ticket: args.ticket.clone(),
        owner: args.owner.clone(),
        expires,
    };
    let chosen = chosen(args, &record)?;
    let added = add_deviations(&args.file, &chosen.into_iter().map(entry).collect::<Vec<_>>(), today)?;
    for (obligation, code, line) in &added.known {
        note(&format!("line {line} of {} is for {obligation} {code} already", args.file.display()));
    }
    if added.written.is_empty() {
        bail!("nothing was written to {}\n  remedy: change the entry that is there", args.file.display());
    }
    for (obligation, code) in &added.written {
        out(&printable(&format!("let pass until {expires}: {obligation} {code}\n")));
    }
    let file = args.file.display();
    out(&format!(
        "wrote {} to {file}; use it with --deviations {file}, or `deviations: {file}` in the target file\n",
        if added.written.len() == 1 { "1 entry".to_owned() } else { format!("{} entries", added.written.len()) }
    ));
    Ok(0)
}

/// The breaches of a run that are asked for.
fn chosen<'r>(args: &Add, record: &'r RunRecord) -> anyhow::Result<Vec<&'r FindingRecord>> {
    let findings = |scenario: &'r ScenarioRecord| scenario.findings.iter();
    let all: Vec<&FindingRecord> = record
        .scenarios
        .iter()
        .flat_map(findings)
        .filter(|finding| finding.severity > Severity::Observation)
        .filter(|finding| args.code.as_ref().is_none_or(|code| *code == finding.code))
        .collect();
    if all.is_empty() {
        let code = args.code.as_ref().map_or_else(String::new, |code| format!(" with the code {code}"));
        bail!(
            "{} has no failure and no warning{code}\n  remedy: name the run.json of a run that has",
            args.run.display()
        );
    }
    let Some(wanted) = &args.obligation else { return Ok(all) };
    let mut names: Vec<&str> = all.iter().map(|finding| finding.obligation.as_str()).collect();
    names.sort_unstable();
    names.dedup();
    let ends = |name: &&&str| **name == wanted || name.ends_with(&format!("::{wanted}"));
    let matching: Vec<&str> = match names.iter().find(|name| **name == wanted) {
        Some(exact) => vec![exact],
        None => names.iter().filter(ends).copied().collect(),
    };
    match matching.as_slice() {
        [one] => Ok(all.into_iter().filter(|finding| finding.obligation.as_str() == *one).collect()),
        [] => {
            let near = closest_end(wanted, names.iter().copied()).map_or_else(
                || format!("the findings are of {}", names.join(", ")),
                |near| format!("did you mean `{near}`?"),
            );
            bail!("the run has no finding of `{wanted}`\n  remedy: {near}")
        }
        several => bail!("`{wanted}` is the end of several obligations\n  remedy: write one of {}", several.join(", ")),
    }
}
