//! `d1c specs`: the catalogue, and a check of files.

use std::fmt::Write as _;
use std::path::PathBuf;

use super::args::Specs;
use super::output::{note, out};
use super::selection::contract_of;
use crate::contract::{Catalog, Direction, lint};
use crate::suite::Library;

pub(super) fn specs(command: &Specs) -> anyhow::Result<u8> {
    let catalog = Library::find()?.catalog()?;
    match command {
        Specs::List => list(&catalog),
        Specs::Lint { files } => lint_files(&catalog, files),
    }
}

fn list(catalog: &Catalog) -> anyhow::Result<u8> {
    let mut text = String::new();
    for entry in &catalog.entries {
        let contract = catalog.contract(entry)?;
        let direction = match entry.direction {
            Direction::Inbound => "inbound",
            Direction::Outbound => "outbound",
        };
        let origin = if contract.document.sha256 == entry.sha256 {
            format!("{}, {}", entry.provenance, entry.date)
        } else {
            "official or edited file".to_owned()
        };
        let set = if entry.core { "core" } else { "extra" };
        writeln!(
            text,
            "{:<34} {direction:<8} {set:<5} {:>2} operation(s)  {origin}",
            entry.name,
            contract.operations.len()
        )?;
    }
    out(&text);
    Ok(0)
}

/// Unreadable files are bad input; remarks are no failure.
fn lint_files(catalog: &Catalog, files: &[PathBuf]) -> anyhow::Result<u8> {
    let files: Vec<PathBuf> = if files.is_empty() {
        catalog.entries.iter().map(|entry| catalog.path(entry)).collect()
    } else {
        files.to_vec()
    };
    let mut broken = 0;
    for file in &files {
        match contract_of(catalog, file) {
            Ok(contract) => {
                let notes = lint(&contract);
                let mut text = String::new();
                for remark in &notes {
                    writeln!(text, "{}: {}", remark.place, remark.text)?;
                }
                let count = contract.operations.len();
                writeln!(text, "{}: {count} operation(s), {} remark(s)", file.display(), notes.len())?;
                out(&text);
            }
            Err(error) => {
                broken += 1;
                super::output::error(&error);
            }
        }
    }
    if broken > 0 {
        note(&format!("{broken} of {} file(s) cannot be used", files.len()));
        return Ok(super::BAD_INPUT);
    }
    Ok(0)
}
