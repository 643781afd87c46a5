//! `d1c diff`: what changed between two runs.

use std::path::PathBuf;

use anyhow::bail;
use clap::ValueEnum;

use super::output::{note, out};
use super::recorded::recorded;
use crate::report::{compare, comparison_json, comparison_markdown, comparison_text};

pub(super) const EXAMPLES: &str = "Examples:
  d1c diff reports/before/run.json reports/after/run.json
  d1c diff reports/before reports/after --format markdown
  d1c diff old.json new.json --strict-drift      a field that vanished fails, too

A breach is the same by its duty, code and operation. Changed answers are told
where the cases are the same, or where chance does not explain the change; a
latency where both runs timed 20 answers, the medians differ by a factor of 1.25,
and chance does it less than once in 100 (Mann-Whitney, corrected for the number
of operations).

Exit codes: 0 nothing new broke, 1 new or graver findings (with --strict-drift
or --strict-latency those too), 2 bad input, 3 nothing new broke, but scenarios
that had a verdict are inconclusive.";

/// Exit codes besides 0 and 2.
const BROKEN: u8 = 1;
const LOST: u8 = 3;

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// run.json of the earlier run, or its folder.
    #[arg(value_name = "OLD.json")]
    pub old: PathBuf,
    /// run.json of the later run, or its folder.
    #[arg(value_name = "NEW.json")]
    pub new: PathBuf,
    /// How to print.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub format: Format,
    /// Fail where statuses, content types or fields of answers changed, even though the contract allows it.
    #[arg(long)]
    pub strict_drift: bool,
    /// Fail where an operation became slower.
    #[arg(long)]
    pub strict_latency: bool,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(super) enum Format {
    /// For a terminal.
    Text,
    /// For programs, complete.
    Json,
    /// For a pull request.
    Markdown,
}

pub(super) fn diff(args: &Args) -> anyhow::Result<u8> {
    let (old, new) = (recorded(&args.old)?.1, recorded(&args.new)?.1);
    if !old.scenarios.iter().any(|one| new.scenarios.iter().any(|other| other.id == one.id)) {
        bail!(
            "{} and {} have no scenario in common\n  remedy: compare runs of the same suite or specification",
            args.old.display(),
            args.new.display()
        );
    }
    if old.started_at > new.started_at {
        note("warning: the first run is the later one; the earlier one comes first");
    }
    let comparison = compare(&old, &new);
    out(&match args.format {
        Format::Text => comparison_text(&comparison),
        Format::Markdown => comparison_markdown(&comparison),
        Format::Json => comparison_json(&comparison)?,
    });
    let drifted = args.strict_drift && !comparison.drift.is_empty();
    let slower = args.strict_latency && comparison.is_slower();
    Ok(if comparison.is_broken() || drifted || slower {
        BROKEN
    } else if comparison.lost > 0 {
        LOST
    } else {
        0
    })
}
