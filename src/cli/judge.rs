//! `d1c sandbox --judge`: the judge of those who call, from the arguments to the exit code.

use std::collections::HashSet;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use anyhow::Context as _;
use time::OffsetDateTime;
use time::macros::format_description;

use super::args::Sandbox as Args;
use super::output::out;
use crate::contract::Contract;
use crate::judge::{Judge, JudgeSettings, line, summary};
use crate::oracle::Severity;
use crate::sandbox::Role;
use crate::suite::Library;

/// A judge whose folder is there and can be written.
pub(super) fn judge(args: &Args, role: Role, contracts: &[Arc<Contract>]) -> anyhow::Result<Judge> {
    let started_at = OffsetDateTime::now_utc();
    let format = format_description!("[year][month][day]T[hour][minute][second].[subsecond digits:3]Z");
    let run_id = format!("{}-judge", started_at.format(format)?);
    let folder = args.report_dir.clone().unwrap_or_else(|| PathBuf::from("reports").join(&run_id));
    let wrong =
        || format!("cannot write to the report folder {}\n  remedy: name another with --report-dir", folder.display());
    std::fs::create_dir_all(&folder).with_context(wrong)?;
    let catalog = Library::find()?.catalog()?;
    let noted = Mutex::new(HashSet::new());
    let judge = Judge::new(JudgeSettings {
        run_id,
        started_at,
        command: std::env::args().skip(1).collect(),
        seed: args.seed,
        role,
        contracts: contracts.to_vec(),
        bundled: catalog.entries.iter().map(|entry| (entry.name.clone(), entry.sha256.clone())).collect(),
        folder: folder.clone(),
        on_finding: Box::new(move |operation, finding| {
            // What is only noted is told once, not at every operation.
            let mut noted = noted.lock().unwrap_or_else(PoisonError::into_inner);
            if finding.severity > Severity::Observation || noted.insert(finding.code.clone()) {
                out(&format!("{}\n", line(operation, finding)));
            }
        }),
    });
    judge.begin().with_context(wrong)?;
    Ok(judge)
}

/// Writes the reports, shows the summary, and gives the exit code of a run.
pub(super) fn conclude(judge: &Judge) -> anyhow::Result<u8> {
    let record = judge.conclude()?;
    out(&format!("\n{}", summary(&record, &judge.files())));
    Ok(record.exit_code)
}
