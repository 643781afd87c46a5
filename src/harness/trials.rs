//! Scenarios as libtest trials: `cargo test`, `cargo nextest run`, and every tool around them, see each scenario by its
//! name. Listing is offline; the sandboxes start with the first trial that runs.

use std::path::PathBuf;
use std::sync::{Arc, OnceLock};

use libtest_mimic::{Completion, Failed, Trial};
use tokio::runtime::Runtime;

use super::embedded::{Embedded, EmbeddedError, resting_target};
use crate::base::Seed;
use crate::contract::{Contract, ContractError};
use crate::engine::{Outcome, Plan, PlanError, PlanOptions, RunOptions, Stop, Subject, run_scenario};
use crate::oracle::{CheckSelection, SnapshotMode, Snapshots, Verdict};
use crate::suite::{Library, LibraryError, Suite, SuiteError};

/// What to run as trials.
#[derive(Clone, Debug)]
pub struct TrialSettings {
    /// Suites by name.
    pub suites: Vec<String>,
    /// Cases per scenario.
    pub cases: u32,
    /// Root of all drawn values.
    pub seed: Seed,
    /// Treat warnings as failures.
    pub strict: bool,
}

/// Why no trials can be listed.
#[derive(Debug, thiserror::Error)]
pub enum TrialError {
    /// A suite or one of its specifications cannot be used.
    #[error(transparent)]
    Library(#[from] LibraryError),
    /// The bundled files are not there.
    #[error(transparent)]
    Suite(#[from] SuiteError),
    /// The catalogue cannot be used.
    #[error(transparent)]
    Contract(#[from] ContractError),
    /// Nothing can be planned.
    #[error(transparent)]
    Plan(#[from] PlanError),
    /// A sandbox cannot be started.
    #[error(transparent)]
    Sandbox(#[from] EmbeddedError),
    /// No runtime.
    #[error("cannot start the runtime")]
    Runtime(#[from] std::io::Error),
}

type Parts = Vec<(Arc<Suite>, Vec<Arc<Contract>>)>;

/// Everything that the trials of one process share.
struct Shared {
    parts: Parts,
    settings: TrialSettings,
    options: PlanOptions,
    snapshots: PathBuf,
    live: OnceLock<Result<Live, String>>,
}

/// The sandboxes and the plan that is bound to them.
struct Live {
    runtime: Runtime,
    plan: Arc<Plan>,
    _sandboxes: Vec<Embedded>,
}

/// One trial per scenario, in plan order, named by the scenario.
pub fn trials(settings: TrialSettings) -> Result<Vec<Trial>, TrialError> {
    let library = Library::find()?;
    let catalog = library.catalog()?;
    let parts: Parts =
        settings.suites.iter().map(|name| library.load(name, &catalog)).collect::<Result<_, LibraryError>>()?;
    let options = PlanOptions { filter: crate::engine::Filter::default(), cases: settings.cases, snapshots: true };
    let subjects = parts
        .iter()
        .map(|(suite, contracts)| {
            let target = resting_target(suite.direction)?;
            Ok(Subject::new(Arc::clone(suite), Arc::new(target), contracts.clone())?)
        })
        .collect::<Result<Vec<_>, TrialError>>()?;
    let resting = Plan::build(subjects, &options)?;
    let shared = Arc::new(Shared { parts, settings, options, snapshots: library.snapshots(), live: OnceLock::new() });
    Ok(resting
        .scenarios
        .iter()
        .enumerate()
        .map(|(index, scenario)| {
            let shared = Arc::clone(&shared);
            // Known skips are marked in the list already: runners that start a process per test would call them passed.
            // `--include-ignored` shows their reasons.
            let skipped = scenario.skip.is_some();
            Trial::ignorable_test(scenario.id.to_string(), move || shared.trial(index)).with_ignored_flag(skipped)
        })
        .collect())
}

impl Shared {
    fn trial(&self, index: usize) -> Result<Completion, Failed> {
        let live = self.live.get_or_init(|| self.start().map_err(|error| error.to_string()));
        let live = live.as_ref().map_err(|problem| Failed::from(problem.clone()))?;
        let options = self.run_options(&live.plan);
        let outcome = live.runtime.block_on(run_scenario(&live.plan, index, &options));
        let reason = outcome.reason.clone().unwrap_or_default();
        match outcome.verdict {
            Verdict::Skipped => Ok(Completion::ignored_with(reason)),
            Verdict::Passed | Verdict::Warned | Verdict::Deviating => Ok(Completion::Completed),
            Verdict::Failed | Verdict::Inconclusive => Err(Failed::from(describe(&outcome))),
        }
    }

    fn start(&self) -> Result<Live, TrialError> {
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
        let (mut subjects, mut sandboxes) = (Vec::new(), Vec::new());
        for (suite, contracts) in &self.parts {
            let embedded = runtime.block_on(Embedded::start(suite.direction, contracts.clone(), Vec::new()))?;
            let target = Arc::new(embedded.target.clone());
            sandboxes.push(embedded);
            subjects.push(Subject::new(Arc::clone(suite), target, contracts.clone())?);
        }
        let plan = Arc::new(Plan::build(subjects, &self.options)?);
        Ok(Live { runtime, plan, _sandboxes: sandboxes })
    }

    fn run_options(&self, plan: &Plan) -> RunOptions {
        RunOptions {
            seed: self.settings.seed,
            nonce: self.settings.seed.to_string(),
            jobs: 1,
            max_failures: None,
            strict: self.settings.strict,
            checks: CheckSelection::all(),
            snapshots: Snapshots::new(&self.snapshots, SnapshotMode::Compare),
            stop: Stop::default(),
            redactor: plan.redactor(),
        }
    }
}

fn describe(outcome: &Outcome) -> String {
    let mut lines: Vec<String> = outcome.reason.iter().map(|reason| format!("inconclusive: {reason}")).collect();
    for proof in &outcome.findings {
        let finding = &proof.finding;
        lines.push(format!(
            "{} {}: {}\n  at {}:{}\n  expected: {}\n  actual: {}\n  case: {} ({} time(s))",
            finding.code,
            finding.check,
            finding.text,
            finding.source.file.display(),
            finding.source.line,
            finding.expected,
            finding.actual,
            proof.case,
            proof.count,
        ));
    }
    lines.join("\n")
}
