//! `d1c report`: draws the record of a run again. Sends nothing.

use std::io::Write as _;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};

use super::output::{note, out};
use super::recorded::recorded;
use super::report_args::Report;
use crate::report::{Format, RunRecord, RunState, draw, write_report};

/// Where GitHub Actions shows Markdown on the page of a job.
const STEP_SUMMARY: &str = "GITHUB_STEP_SUMMARY";

pub(super) fn report(args: &Report) -> anyhow::Result<u8> {
    let (file, mut record) = recorded(&args.record)?;
    if record.state == RunState::Running {
        note("note: the run did not reach its end: it was killed, or it is still under way");
        record.state = RunState::Interrupted;
    }
    let mut formats = args.format.clone();
    formats.dedup();
    let root = root();
    match (formats.as_slice(), &args.out) {
        ([format], None) => show(*format, &record, &root)?,
        ([format], Some(path)) if path == Path::new("-") => show(*format, &record, &root)?,
        ([format], Some(path)) if !path.is_dir() => {
            let text = draw(*format, &record, &root)?;
            std::fs::write(path, text)
                .with_context(|| format!("cannot write {}\n  remedy: name another place with --out", path.display()))?;
            out(&format!("wrote {}\n", path.display()));
        }
        (_, Some(path)) if path == Path::new("-") => {
            bail!(
                "several formats have no place on one standard output\n  remedy: name a folder with --out, or one --format"
            )
        }
        (several, path) => {
            let beside = file.parent().unwrap_or(Path::new("")).to_owned();
            let folder = path.clone().unwrap_or(beside);
            for written in write(several, &record, &folder)? {
                out(&format!("wrote {}\n", written.display()));
            }
        }
    }
    Ok(0)
}

/// Writes formats into a folder.
pub(super) fn write(formats: &[Format], record: &RunRecord, folder: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let root = root();
    formats
        .iter()
        .map(|format| {
            write_report(*format, record, &root, folder)
                .with_context(|| format!("cannot write into {}\n  remedy: name another folder", folder.display()))
        })
        .collect()
}

/// Prints one format; with annotations goes the summary for the page of the job, where there is one.
pub(super) fn show(format: Format, record: &RunRecord, root: &Path) -> anyhow::Result<()> {
    out(&draw(format, record, root)?);
    if let (Format::Github, Some(page)) = (format, std::env::var_os(STEP_SUMMARY).filter(|page| !page.is_empty())) {
        let text = draw(Format::Markdown, record, root)?;
        let added = std::fs::File::options().append(true).create(true).open(&page);
        added
            .and_then(|mut page| page.write_all(text.as_bytes()))
            .with_context(|| format!("cannot add the summary to {STEP_SUMMARY}={}", Path::new(&page).display()))?;
    }
    Ok(())
}

/// Paths are told relative to the folder that `d1c` was started in: in CI, the working copy.
pub(super) fn root() -> PathBuf {
    std::env::current_dir().unwrap_or_default()
}
