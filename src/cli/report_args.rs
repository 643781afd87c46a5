//! The command line of reports: which formats, and where to.

use std::path::PathBuf;

use clap::ValueEnum;
use clap::builder::PossibleValue;

use crate::report::Format;

pub(super) const EXAMPLES: &str = "Examples:
  d1c report reports/ci/run.json --format markdown             to standard output
  d1c report reports/ci/run.json --format sarif --out d1c.sarif
  d1c report reports/ci --format har,ndjson,wfc --out more     several, into a folder

A run.json of a run that was killed is drawn too, and marked as interrupted.
Exit codes: 0 drawn, whatever the verdict; 2 bad input.";

/// `d1c report`.
#[derive(Debug, clap::Args)]
pub(super) struct Report {
    /// The record of a run, or the folder that it lies in.
    #[arg(value_name = "RUN.JSON")]
    pub record: PathBuf,
    /// How to draw it; may be repeated, or a list with commas.
    #[arg(long, value_enum, value_name = "FORMAT", required = true, value_delimiter = ',')]
    pub format: Vec<Format>,
    /// File for one format (`-`: standard output, the default), folder for several (by default that of the record).
    #[arg(long, value_name = "FILE|DIR")]
    pub out: Option<PathBuf>,
}

/// Formats besides those that every run writes.
#[derive(Clone, Debug, Default, clap::Args)]
pub(super) struct MoreFormats {
    /// Write a further format beside run.json, junit.xml and index.html; may be repeated, or a list with commas. `github`
    /// prints its annotations, and adds the summary to the page of the job (`$GITHUB_STEP_SUMMARY`).
    #[arg(long, value_enum, value_name = "FORMAT", value_delimiter = ',')]
    pub format: Vec<Format>,
}

impl ValueEnum for Format {
    fn value_variants<'a>() -> &'a [Self] {
        &Self::ALL
    }

    fn to_possible_value(&self) -> Option<PossibleValue> {
        Some(PossibleValue::new(self.name()).help(self.purpose()))
    }
}
