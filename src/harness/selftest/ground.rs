//! The suites with their contracts, and one run of one of them against a sandbox of its own.

use std::collections::HashMap;
use std::sync::Arc;

use super::error::SelftestError;
use crate::base::{Redactor, Seed};
use crate::contract::{Contract, Evidence, obligations, response_obligations};
use crate::engine::{self, Filter, Outcome, Plan, PlanOptions, RunEvent, RunOptions, Stop, Subject};
use crate::harness::embedded::Embedded;
use crate::oracle::{CheckSelection, SnapshotMode, Snapshots};
use crate::sandbox::Defect;
use crate::suite::{Library, Suite};

/// The suites that are run, each against the sandbox of its direction.
const SUITES: [&str; 3] = ["inbound", "outbound", "outbound-extra"];

/// All that runs need, read once.
pub struct Grounds {
    pub(super) all: Vec<Ground>,
    /// How sure the duties are, by id, and whether a breach is worth a note only.
    duties: HashMap<String, (Evidence, bool)>,
}

/// One suite with its contracts.
pub(super) struct Ground {
    suite: Arc<Suite>,
    contracts: Vec<Arc<Contract>>,
}

/// What of a suite is run, and how.
pub(super) struct Course<'c> {
    pub planted: Option<&'static Defect>,
    /// Scenarios whose name holds one of these; all without.
    pub filter: &'c [&'c str],
    pub seed: u64,
    pub cases: u32,
    pub strict: bool,
    /// Look for the shortest of walks that go wrong.
    pub shortens: bool,
}

/// An outcome with the name of its scenario.
pub(super) struct Named {
    pub scenario: String,
    pub outcome: Outcome,
}

impl Grounds {
    /// Reads suites and specifications.
    pub fn load() -> Result<Self, SelftestError> {
        let library = Library::find()?;
        let catalog = library.catalog()?;
        let mut all = Vec::new();
        let mut duties = HashMap::new();
        for name in SUITES {
            let (suite, contracts) = library.load(name, &catalog)?;
            for contract in &contracts {
                for operation in &contract.operations {
                    let own = obligations(contract, operation);
                    let own = own.into_iter().chain(response_obligations(contract, operation));
                    duties.extend(own.map(|duty| (duty.id.to_string(), (duty.evidence, duty.noted.is_some()))));
                }
            }
            for (id, rule) in suite.rules.iter().flat_map(|file| &file.rules) {
                duties.insert(format!("rules::{id}"), (rule.evidence, false));
            }
            all.push(Ground { suite, contracts });
        }
        Ok(Self { all, duties })
    }

    /// The suite that tests what a defect breaks.
    pub(super) fn of(&self, defect: &'static Defect) -> Result<&Ground, SelftestError> {
        let shows = |ground: &Ground, id: &str| match id.strip_prefix("rules::") {
            Some(rule) => ground.suite.rules.iter().any(|file| file.rules.contains_key(rule)),
            None => ground.suite.specs.iter().any(|spec| id.starts_with(&format!("{spec}::"))),
        };
        let tests = |ground: &&Ground| defect.breaks.iter().any(|id| shows(ground, id));
        self.all.iter().find(tests).ok_or(SelftestError::NoSuite { defect: defect.name })
    }

    /// Are all duties only inferred, so that a breach counts under `--strict` alone?
    pub(super) fn inferred(&self, defect: &Defect) -> bool {
        let inferred = |id: &str| self.duties.get(id).is_some_and(|(evidence, _)| *evidence == Evidence::Inferred);
        defect.breaks.iter().all(|id| inferred(id))
    }

    /// Is a breach of the duty worth no more than a note?
    pub(super) fn noted(&self, id: &str) -> bool {
        self.duties.get(id).is_some_and(|(_, noted)| *noted)
    }
}

impl Ground {
    /// One run against a fresh sandbox; outcomes in the order of the plan. One scenario at a time: what a defect does may
    /// depend on what was sent before, and one seed is to give one score.
    pub(super) async fn run(&self, course: &Course<'_>) -> Result<Vec<Named>, SelftestError> {
        let planted: Vec<&'static Defect> = course.planted.into_iter().collect();
        let embedded = Embedded::start(self.suite.direction, self.contracts.clone(), planted).await?;
        let mut target = embedded.target.clone();
        // What is found is what counts, not how small it can be made; but for walks, which are short or say little.
        target.limits.shrink = Some(0).filter(|_| !course.shortens);
        let target = Arc::new(target);
        let subject = Subject::new(Arc::clone(&self.suite), target, self.contracts.clone())?;
        let filter = Filter::new(course.filter.iter().map(|word| (*word).to_owned()).collect());
        let options = PlanOptions { filter, cases: course.cases, snapshots: false };
        let plan = Arc::new(Plan::build(vec![subject], &options)?);
        let run = RunOptions {
            seed: Seed::new(course.seed),
            nonce: course.seed.to_string(),
            jobs: 1,
            max_failures: None,
            strict: course.strict,
            checks: CheckSelection::all(),
            snapshots: Snapshots::new("", SnapshotMode::Off),
            redactor: Redactor::default(),
            stop: Stop::default(),
        };
        let mut outcomes = Vec::with_capacity(plan.scenarios.len());
        engine::run(Arc::clone(&plan), run, |event| {
            if let RunEvent::Finished(outcome) = event {
                outcomes.push(*outcome);
            }
        })
        .await;
        outcomes.sort_by_key(|outcome| outcome.scenario);
        let named = |outcome: Outcome| Named { scenario: plan.scenarios[outcome.scenario].id.to_string(), outcome };
        Ok(outcomes.into_iter().map(named).collect())
    }
}
