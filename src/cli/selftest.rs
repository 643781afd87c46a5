//! `d1c selftest`: how much of what is planted is found.

use std::io::{IsTerminal as _, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context as _, bail};

use super::args::{DEFAULT_CASES, DEFAULT_SEED};
use super::output::out;
use crate::harness::{Grounds, SelftestSettings, markdown, selftest as try_all, summary};
use crate::sandbox::{Class, Defect, defect, defects};
use crate::suite::closest;

pub(super) const EXAMPLES: &str = "Examples:
  d1c selftest                                  all defects, and the clean sandboxes with five seeds
  d1c selftest --class bounds --seed 2          one class of defects, other values
  d1c selftest --defect d1-get-card-empty --clean-seeds 0
  d1c sandbox --list-defects                    what can be planted

Exit codes: 0 all found and no false alarm, 1 otherwise, 2 bad input (nothing was sent).";

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Root of all drawn values, and the first seed of the clean runs.
    #[arg(long, value_name = "N", default_value_t = DEFAULT_SEED)]
    pub seed: u64,
    /// Plant only this defect; may be repeated.
    #[arg(long, value_name = "NAME")]
    pub defect: Vec<String>,
    /// Plant only defects of this class; may be repeated.
    #[arg(long, value_name = "NAME")]
    pub class: Vec<String>,
    /// Random cases per scenario, after those that cover its duty.
    #[arg(long, value_name = "N", default_value_t = DEFAULT_CASES, value_parser = clap::value_parser!(u32).range(..=100_000))]
    pub cases: u32,
    /// Run the sandboxes without defects with so many seeds; 0 leaves that out.
    #[arg(long, value_name = "K", default_value_t = 5, value_parser = clap::value_parser!(u32).range(..=10_000))]
    pub clean_seeds: u32,
    /// Sandboxes at a time; it does not change the score.
    #[arg(long, value_name = "N", default_value_t = 4, value_parser = clap::value_parser!(u16).range(1..=64))]
    pub jobs: u16,
    /// Folder for selftest.json and selftest.md.
    #[arg(long, value_name = "DIR", default_value = "reports")]
    pub report_dir: PathBuf,
}

/// Exit code where something was missed, or found that is not there.
const IMPERFECT: u8 = 1;

pub(super) fn selftest(args: &Args) -> anyhow::Result<u8> {
    let settings = SelftestSettings {
        defects: chosen(args)?,
        seed: args.seed,
        cases: args.cases,
        clean_seeds: args.clean_seeds,
        jobs: usize::from(args.jobs),
    };
    let grounds = Arc::new(Grounds::load()?);
    let (json, table) = (args.report_dir.join("selftest.json"), args.report_dir.join("selftest.md"));
    // An unwritable folder must be known before the work, not after it.
    std::fs::create_dir_all(&args.report_dir).with_context(|| {
        format!("cannot make the report folder {}; name another with --report-dir", args.report_dir.display())
    })?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let live = std::io::stderr().is_terminal();
    let score = runtime.block_on(try_all(grounds, &settings, |done, all| {
        if live {
            let _ = write!(std::io::stderr().lock(), "\r{done} of {all} trials");
        }
    }))?;
    if live {
        let _ = write!(std::io::stderr().lock(), "\r\x1b[K");
    }
    write(&json, &format!("{}\n", serde_json::to_string_pretty(&score)?))?;
    write(&table, &markdown(&score))?;
    out(&format!("{}wrote {}, {}\n", summary(&score), json.display(), table.display()));
    Ok(if score.is_perfect() { 0 } else { IMPERFECT })
}

fn write(path: &Path, text: &str) -> anyhow::Result<()> {
    std::fs::write(path, text)
        .with_context(|| format!("cannot write {}; name another folder with --report-dir", path.display()))
}

/// What `--defect` names and what is of a `--class`; without both, everything.
fn chosen(args: &Args) -> anyhow::Result<Vec<&'static Defect>> {
    if let Some(name) = args.defect.iter().find(|name| defect(name).is_none()) {
        bail!("unknown defect `{name}`\n  remedy: {}", remedy(name, defects().iter().map(|defect| defect.name)));
    }
    if let Some(name) = args.class.iter().find(|name| Class::named(name).is_none()) {
        bail!("unknown class `{name}`\n  remedy: {}", remedy(name, Class::ALL.iter().map(|(_, name)| *name)));
    }
    let all = args.defect.is_empty() && args.class.is_empty();
    let wanted = |defect: &&Defect| {
        all || args.defect.iter().any(|name| name == defect.name)
            || args.class.iter().any(|name| name == defect.class.name())
    };
    let chosen: Vec<_> = defects().iter().filter(wanted).collect();
    if chosen.is_empty() {
        bail!("no defect is of class {}\n  remedy: `d1c sandbox --list-defects` shows all", args.class.join(", "));
    }
    Ok(chosen)
}

fn remedy<'c>(word: &str, known: impl IntoIterator<Item = &'c str>) -> String {
    closest(word, known).map_or_else(
        || "`d1c sandbox --list-defects` shows all, class by class".to_owned(),
        |near| format!("did you mean `{near}`?"),
    )
}
