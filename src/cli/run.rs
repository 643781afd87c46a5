//! `d1c run`: the main job.

use std::io::{IsTerminal as _, Write as _};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail};
use time::OffsetDateTime;
use time::macros::format_description;

use super::args::{Exchanges, Run};
use super::deviations::known;
use super::output::{note, out};
use super::report;
use super::selection::Choice;
use crate::base::Seed;
use crate::engine::{self, Plan, PlanOptions, RunEvent, RunOptions, Stop};
use crate::oracle::{CheckSelection, SnapshotMode, Snapshots};
use crate::report::{
    DeviationScope, Format, ProfileScope, Recorder, RunMeta, RunRecord, summary, write_html, write_junit,
    write_run_json,
};
use crate::suite::{Deviations, Target};

/// How often `run.json` is brought up to date during a run, so that a kill loses little: a small record after a few
/// scenarios, a large one seldom, since writing it may not take more than a twentieth of the time.
const SAVE_AT_MOST_EVERY: Duration = Duration::from_millis(50);
const TIMES_THE_COST: u32 = 20;

/// A run that came to its end.
pub(super) struct Ended {
    pub record: RunRecord,
    /// Where its reports are.
    pub folder: PathBuf,
    pub choice: Choice,
    /// The file of its known deviations.
    pub deviations: Option<PathBuf>,
}

pub(super) fn run(args: &Run) -> anyhow::Result<u8> {
    carry_out(args).map(|ended| ended.record.exit_code)
}

/// Runs, writes the reports and prints the summary.
pub(super) fn carry_out(args: &Run) -> anyhow::Result<Ended> {
    let choice = Choice::load(&args.selection, args.timeout)?;
    refuse_production(args, &choice)?;
    let checks = checks(args)?;
    let started_at = OffsetDateTime::now_utc();
    let known = known(args.deviations.as_deref(), &choice, started_at.date())?.map(Arc::new);
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let (record, folder) = runtime.block_on(conduct(args, &choice, checks, started_at, known.clone()))?;
    Ok(Ended { record, folder, choice, deviations: known.map(|known| known.path.clone()) })
}

/// D1's production host is tested on demand only.
pub(super) fn refuse_production(args: &Run, choice: &Choice) -> anyhow::Result<()> {
    if let (false, Some(host)) = (args.allow_production, choice.target.as_ref().and_then(Target::production_host)) {
        bail!(
            "{host} is a production host; nothing was sent\n  remedy: name a staging target, or add --allow-production"
        );
    }
    Ok(())
}

/// The checks that run.
pub(super) fn checks(args: &Run) -> anyhow::Result<CheckSelection> {
    let names = args.skip_check.iter();
    names.clone().try_fold(CheckSelection::all(), |selection, name| selection.without(name)).context("--skip-check")
}

async fn conduct(
    args: &Run,
    choice: &Choice,
    checks: CheckSelection,
    started_at: OffsetDateTime,
    known: Option<Arc<Deviations>>,
) -> anyhow::Result<(RunRecord, PathBuf)> {
    let (mut subjects, _sandboxes) = choice.subjects(args.timeout).await?;
    if args.shrink.is_some() {
        for subject in &mut subjects {
            Arc::make_mut(&mut subject.target).limits.shrink = args.shrink;
        }
    }
    let snapshots = snapshots(args, choice);
    let options = PlanOptions {
        filter: choice.filter(&args.selection.filter),
        cases: args.selection.cases,
        snapshots: snapshots.is_some(),
    };
    let mut plan = Plan::build(subjects, &options)?;
    plan.deviations.clone_from(&known);
    let plan = Arc::new(plan);
    let run_id = run_id(started_at, args.seed)?;
    let folder = args.report_dir.clone().unwrap_or_else(|| PathBuf::from("reports").join(&run_id));
    std::fs::create_dir_all(&folder).with_context(|| {
        format!("cannot make the report folder {}; name another with --report-dir", folder.display())
    })?;
    let redactor = plan.redactor();
    let meta = RunMeta {
        run_id,
        started_at,
        command: std::env::args().skip(1).collect(),
        seed: Seed::new(args.seed),
        strict: args.strict,
        redactor: redactor.clone(),
        deviations: known.map(|known| DeviationScope { known, left_out: args.skip_check.clone() }),
        profile: choice.profile.clone().map(|scope| without_checks(scope, &args.skip_check)),
        log_since: (args.exchanges == Exchanges::All).then(Instant::now),
        bundled: choice.catalog.entries.iter().map(|entry| (entry.name.clone(), entry.sha256.clone())).collect(),
    };
    let run_options = RunOptions {
        seed: Seed::new(args.seed),
        nonce: nonce(choice, args.seed, started_at),
        jobs: usize::from(args.jobs),
        max_failures: args.max_failures.map(|most| usize::try_from(most).unwrap_or(usize::MAX)),
        strict: args.strict,
        checks,
        snapshots: snapshots.unwrap_or_else(|| Snapshots::new("", SnapshotMode::Off)),
        redactor,
        stop: Stop::default(),
    };
    for warning in choice.target.iter().flat_map(|target| &target.warnings) {
        note(&format!("warning: {warning}"));
    }
    let record = observe(&plan, run_options, Recorder::new(&plan, meta), &folder.join("run.json"), args.quiet).await?;
    let junit = folder.join("junit.xml");
    write_junit(&junit, &record)?;
    let page = folder.join("index.html");
    write_html(&page, &record)?;
    let mut files = vec![folder.join("run.json"), junit.clone(), page.clone()];
    let (printed, written): (Vec<Format>, Vec<Format>) =
        args.more.format.iter().partition(|format| **format == Format::Github);
    let more = report::write(&written, &record, &folder)?;
    files.extend(more.into_iter().filter(|path| path != &junit && path != &page));
    out(&summary(&record, std::io::stdout().is_terminal(), &files));
    printed.first().map(|format| report::show(*format, &record, &report::root())).transpose()?;
    Ok((record, folder))
}

/// A check that is left out keeps nothing.
fn without_checks(scope: ProfileScope, left_out: &[String]) -> ProfileScope {
    let told = (!left_out.is_empty()).then(|| format!("the checks {} were left out", left_out.join(", ")));
    let narrowed: Vec<String> = scope.narrowed.into_iter().chain(told).collect();
    ProfileScope { narrowed: (!narrowed.is_empty()).then(|| narrowed.join("; ")), ..scope }
}

/// Runs the plan, keeps `run.json` current, shows progress, and minds an interrupt.
async fn observe(
    plan: &Arc<Plan>,
    options: RunOptions,
    mut recorder: Recorder,
    file: &std::path::Path,
    quiet: bool,
) -> anyhow::Result<RunRecord> {
    let begin = Instant::now();
    let stop = options.stop.clone();
    let interrupt = stop.clone();
    let listener = tokio::spawn(async move {
        if tokio::signal::ctrl_c().await.is_ok() {
            interrupt.stop();
        }
    });
    // An unwritable folder must be known before the first request, not after the last.
    write_run_json(file, recorder.record(begin.elapsed()))?;
    let mut progress = Progress::new(plan.scenarios.len(), quiet);
    let (mut saved, mut every) = (Instant::now(), SAVE_AT_MOST_EVERY);
    let digest = engine::run(Arc::clone(plan), options, |event| {
        if let RunEvent::Started(start) = &event {
            for reason in start.unusable.values() {
                progress.say(&format!("preflight: {reason}"));
            }
        }
        if matches!(event, RunEvent::Finished(_)) {
            progress.step();
        }
        recorder.event(event);
        if saved.elapsed() > every {
            let start = Instant::now();
            // The last write is the one that must succeed; it reports its error.
            let _ = write_run_json(file, recorder.record(begin.elapsed()));
            saved = Instant::now();
            // A record of every exchange grows long: what it costs to keep it true stays a small part of the run.
            every = ((saved - start) * TIMES_THE_COST).max(SAVE_AT_MOST_EVERY);
        }
    })
    .await;
    listener.abort();
    progress.clear();
    let record = recorder.finish(digest, begin.elapsed(), stop.stopped());
    write_run_json(file, &record)?;
    Ok(record)
}

/// Accepted answers: each target has a folder of its own. One without it is not compared until answers are accepted.
pub(super) fn snapshots(args: &Run, choice: &Choice) -> Option<Snapshots> {
    if args.selection.no_snapshots {
        return None;
    }
    let target = choice.target.as_ref().map(|target| target.name.as_str());
    let folder = Snapshots::folder_of(&choice.library.snapshots(), target);
    let mode = match (args.accept_snapshots, args.accept_new) {
        (true, _) => SnapshotMode::Accept,
        (_, true) => SnapshotMode::AcceptNew,
        _ if target.is_none() || folder.is_dir() => SnapshotMode::Compare,
        _ => return None,
    };
    Some(Snapshots::new(folder, mode))
}

/// Fresh identifiers must be new to a target that remembers; the embedded sandbox forgets.
fn nonce(choice: &Choice, seed: u64, now: OffsetDateTime) -> String {
    match choice.target {
        None => seed.to_string(),
        Some(_) => now.unix_timestamp_nanos().to_string(),
    }
}

fn run_id(now: OffsetDateTime, seed: u64) -> anyhow::Result<String> {
    let format = format_description!("[year][month][day]T[hour][minute][second].[subsecond digits:3]Z");
    Ok(format!("{}-seed{seed}", now.format(format)?))
}

/// One line on standard error that rewrites itself; nothing when nobody watches.
struct Progress {
    done: usize,
    all: usize,
    shown: Option<Instant>,
    live: bool,
}

impl Progress {
    fn new(all: usize, quiet: bool) -> Self {
        Self { done: 0, all, shown: None, live: !quiet && std::io::stderr().is_terminal() }
    }

    fn step(&mut self) {
        self.done += 1;
        if self.live && self.shown.is_none_or(|shown| shown.elapsed() > Duration::from_millis(100)) {
            self.shown = Some(Instant::now());
            let _ = write!(std::io::stderr().lock(), "\r{} of {} scenarios", self.done, self.all);
        }
    }

    fn say(&self, text: &str) {
        self.clear();
        note(text);
    }

    fn clear(&self) {
        if self.live {
            let _ = write!(std::io::stderr().lock(), "\r\x1b[K");
        }
    }
}
