//! The record of an earlier run, by its file or by the folder that it lies in.

use std::path::{Path, PathBuf};

use crate::report::{ReportError, RunRecord, read_run_json};

/// Reads a record; the file that it was read from comes with it.
pub(super) fn recorded(path: &Path) -> anyhow::Result<(PathBuf, RunRecord)> {
    let file = if path.is_dir() { path.join("run.json") } else { path.to_owned() };
    let record = read_run_json(&file).map_err(|error| {
        let remedy = match error {
            ReportError::Read { .. } => "name the run.json that a run wrote, or its folder",
            ReportError::Version { .. } => "use the version of d1c that wrote it",
            _ => "name a run.json as `d1c run` writes it; docs/run.schema.json describes it",
        };
        anyhow::Error::new(error).context(format!("cannot use {}\n  remedy: {remedy}", file.display()))
    })?;
    Ok((file, record))
}
