//! Binds suites to contracts: the list of scenarios, in a stable order, with a reason for each that cannot run.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use super::bind::{Foreseen, foresee, missing_value};
use super::lifecycle::{Journey, journeys};
use super::possible::impossible;
use super::read_only::{needs_of, read_only_reason};
use super::rules::sequences;
use super::skip::Skip;
use super::subject::Subject;
use crate::base::{ObligationId, Redactor, ScenarioId};
use crate::contract::{Contract, Obligation, Operation, obligations};
use crate::exchange::ExchangeError;
use crate::generate::Generator;
use crate::jose::JoseError;
use crate::suite::{Deviations, OperationPlan, PinnedCase, Sequence, Suite, closest};

/// Why nothing can be planned.
#[derive(Debug, thiserror::Error)]
pub enum PlanError {
    /// The target does not say where a specification is served.
    #[error(
        "the target `{target}` has no base URL for {spec}\n  remedy: add `base_url:` or, under `base_urls:`, `{spec}: https://…`"
    )]
    NoBaseUrl {
        /// Name of the target.
        target: String,
        /// Name of the specification.
        spec: String,
    },
    /// No scenario matches the selection.
    #[error("no scenario matches {filters}\n  remedy: {remedy}")]
    NothingSelected {
        /// The filters as given.
        filters: String,
        /// What to do.
        remedy: String,
    },
    /// Our key for what is encrypted for us cannot be read.
    #[error("jwe.decrypt_with of the target cannot be used: {0}")]
    Key(#[from] JoseError),
    /// The way out cannot be built.
    #[error(transparent)]
    Exchange(#[from] ExchangeError),
}

/// Which scenarios to keep: those whose id contains one of the texts, all without texts; and of them those of some
/// operations.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    words: Vec<String>,
    operations: Option<HashSet<String>>,
}

impl Filter {
    /// A filter from the words of a command line.
    pub fn new(words: Vec<String>) -> Self {
        Self { words, operations: None }
    }

    /// Keeps scenarios of these operations alone, by their qualified names.
    #[must_use]
    pub fn among(self, operations: HashSet<String>) -> Self {
        Self { operations: Some(operations), ..self }
    }

    fn keeps(&self, scenario: &Scenario) -> bool {
        let named = self.words.is_empty() || self.words.iter().any(|word| scenario.id.as_str().contains(word.as_str()));
        named && self.operations.as_ref().is_none_or(|list| list.contains(scenario.operation.id.as_str()))
    }
}

/// Settings that shape the plan.
#[derive(Clone, Debug)]
pub struct PlanOptions {
    /// Which scenarios.
    pub filter: Filter,
    /// Random cases per scenario.
    pub cases: u32,
    /// Compare pinned cases with their snapshots?
    pub snapshots: bool,
}

/// What a scenario does.
#[derive(Clone, Debug)]
pub enum Kind {
    /// Draws cases for its obligation.
    Drawn,
    /// Sends one fixed case and compares the answer with a snapshot.
    Pinned(PinnedCase),
    /// Shows a business rule by several calls.
    Sequence(Sequence),
    /// Walks through a life cycle.
    Journey(Arc<Journey>),
}

/// Operation and obligation, or a pinned case: the unit that is listed, run, filtered and reported.
pub struct Scenario {
    /// Stable name.
    pub id: ScenarioId,
    /// Index into [`Plan::subjects`].
    pub subject: usize,
    /// The contract of the operation.
    pub contract: Arc<Contract>,
    /// The operation.
    pub operation: Arc<Operation>,
    /// The duty that the cases exercise.
    pub obligation: Arc<Obligation>,
    /// Drawn or pinned.
    pub kind: Kind,
    /// Cases by chance, beside those of the coverage.
    pub budget: u32,
    /// Why it does not run.
    pub skip: Option<Skip>,
    pub(super) foreseen: Arc<Foreseen>,
    pub(super) generator: Arc<Generator>,
}

impl Scenario {
    /// Cases to send.
    pub fn cases(&self) -> u32 {
        match &self.kind {
            Kind::Drawn => self.generator.cases(&self.operation, &self.obligation, self.budget),
            Kind::Pinned(_) | Kind::Sequence(_) => 1,
            Kind::Journey(journey) => journey.walks(self.budget),
        }
    }

    /// The business rules that it can show to be broken.
    pub fn rules(&self) -> Vec<&ObligationId> {
        match &self.kind {
            Kind::Drawn | Kind::Pinned(_) => Vec::new(),
            Kind::Sequence(_) => vec![&self.obligation.id],
            Kind::Journey(journey) => journey.rules(),
        }
    }

    /// What its answers are judged by: the duties of the operation, or those of business rules alone.
    fn judged_by(&self) -> Vec<String> {
        match &self.kind {
            Kind::Drawn | Kind::Pinned(_) => vec![self.operation.id.to_string()],
            Kind::Sequence(_) | Kind::Journey(_) => self.rules().into_iter().map(ToString::to_string).collect(),
        }
    }

    /// Why the duty is not exercised, or on one side of its boundary alone.
    pub fn uncovered(&self) -> Vec<String> {
        match (&self.kind, &self.skip) {
            (Kind::Drawn, Some(skip)) => vec![skip.reason.clone()],
            (Kind::Drawn, None) => {
                let (operation, duty, foreseen) = (&self.operation, &self.obligation, &self.foreseen);
                let broken =
                    self.generator.never_broken(operation, duty).map(|reason| format!("never broken: {reason}"));
                let only = foreseen.only.iter().any(|slot| slot.is_at(&duty.location));
                let edge = || self.generator.without_edge(operation, duty, &foreseen.bindings);
                let edge = if only { None } else { edge() };
                broken.into_iter().chain(edge.map(|reason| format!("no case at the boundary: {reason}"))).collect()
            }
            (Kind::Pinned(_) | Kind::Sequence(_) | Kind::Journey(_), _) => Vec::new(),
        }
    }
}

/// Everything that a run will do.
pub struct Plan {
    /// Suites bound to targets.
    pub subjects: Vec<Subject>,
    /// All scenarios, suite by suite, operation by operation.
    pub scenarios: Vec<Scenario>,
    /// Operations and business rules of which the filter left scenarios out, by their names.
    pub partial: HashSet<String>,
    /// Breaches that are known and let pass.
    pub deviations: Option<Arc<Deviations>>,
}

impl Plan {
    /// Lists the scenarios of all subjects.
    pub fn build(subjects: Vec<Subject>, options: &PlanOptions) -> Result<Self, PlanError> {
        let mut scenarios = Vec::new();
        for (index, subject) in subjects.iter().enumerate() {
            for contract in &subject.contracts {
                for operation in &contract.operations {
                    let mut planner =
                        Planner { index, subject, contract, operation, options, scenarios: &mut scenarios };
                    planner.operation();
                }
            }
            scenarios.extend(sequences(index, subject));
            scenarios.extend(journeys(index, subject, options.cases));
        }
        let mut plan = Self { subjects, scenarios, partial: HashSet::new(), deviations: None };
        if plan.scenarios.iter().any(|scenario| options.filter.keeps(scenario)) {
            let left = plan.scenarios.iter().filter(|scenario| !options.filter.keeps(scenario));
            plan.partial = left.flat_map(Scenario::judged_by).collect();
            plan.scenarios.retain(|scenario| options.filter.keeps(scenario));
            return Ok(plan);
        }
        Err(plan.nothing_selected(&options.filter))
    }

    /// A redactor that knows the secrets of all targets.
    pub fn redactor(&self) -> Redactor {
        let targets = self.subjects.iter().map(|subject| subject.target.redactor());
        targets.fold(Redactor::default(), |all, one| all.and(&one))
    }

    fn nothing_selected(&self, filter: &Filter) -> PlanError {
        let operations = self.scenarios.iter().map(|scenario| scenario.operation.id.as_str());
        let near = filter.words.iter().find_map(|word| closest(word, operations.clone()));
        PlanError::NothingSelected {
            filters: filter.words.iter().map(|word| format!("`{word}`")).collect::<Vec<_>>().join(", "),
            remedy: match near {
                Some(near) => format!("did you mean `{near}`? `d1c list` shows all"),
                None => "a filter is a part of a scenario's name; `d1c list` shows all".to_owned(),
            },
        }
    }
}

struct Planner<'p> {
    index: usize,
    subject: &'p Subject,
    contract: &'p Arc<Contract>,
    operation: &'p Arc<Operation>,
    options: &'p PlanOptions,
    scenarios: &'p mut Vec<Scenario>,
}

impl Planner<'_> {
    fn operation(&mut self) {
        let suite = Arc::clone(&self.subject.suite);
        let plan = suite.operations.get(self.operation.id.as_str()).cloned().unwrap_or_default();
        let all: Vec<Arc<Obligation>> = obligations(self.contract, self.operation).into_iter().map(Arc::new).collect();
        let generator = Arc::new(Generator::new(all.clone(), self.declared_methods(), self.subject.means()));
        let means = (&generator, &Arc::new(foresee(self.subject, &plan)));
        let conforming = all.first().map(Arc::clone);
        for obligation in all {
            let skip = self.skip(&suite, &plan, &obligation, false);
            let id = ScenarioId::new(format!("{}::{}", suite.name, obligation.id));
            self.push(id, obligation, Kind::Drawn, self.options.cases, skip, means);
        }
        let Some(conforming) = conforming.filter(|_| self.options.snapshots) else { return };
        for pinned in plan.pinned.clone() {
            let skip = self.skip(&suite, &plan, &conforming, pinned.without_fixture);
            let id = ScenarioId::new(format!("{}::{}::pinned::{}", suite.name, self.operation.id, pinned.name));
            self.push(id, Arc::clone(&conforming), Kind::Pinned(pinned), 1, skip, means);
        }
    }

    fn push(
        &mut self,
        id: ScenarioId,
        obligation: Arc<Obligation>,
        kind: Kind,
        budget: u32,
        skip: Option<Skip>,
        (generator, foreseen): (&Arc<Generator>, &Arc<Foreseen>),
    ) {
        self.scenarios.push(Scenario {
            id,
            subject: self.index,
            contract: Arc::clone(self.contract),
            operation: Arc::clone(self.operation),
            obligation,
            kind,
            budget,
            skip,
            foreseen: Arc::clone(foreseen),
            generator: Arc::clone(generator),
        });
    }

    /// Methods that any specification of the suite serves at this URL: two files may share one base.
    fn declared_methods(&self) -> Vec<String> {
        let place = |contract: &Contract, operation: &Operation| {
            let base = self.subject.target.base_url_of(&contract.name, &contract.base_path).unwrap_or_default();
            format!("{base}{}", operation.path.shape())
        };
        let own = place(self.contract, self.operation);
        let served = self.subject.contracts.iter().flat_map(|contract| {
            contract.operations.iter().map(move |operation| (place(contract, operation), operation.method.clone()))
        });
        let by_place = served.fold(HashMap::<String, Vec<String>>::new(), |mut map, (place, method)| {
            map.entry(place).or_default().push(method);
            map
        });
        by_place.get(&own).cloned().unwrap_or_default()
    }

    fn skip(
        &self,
        suite: &Suite,
        plan: &OperationPlan,
        obligation: &Obligation,
        without_fixture: bool,
    ) -> Option<Skip> {
        if let Some(reason) = &plan.skip {
            return Some(Skip::settled(reason));
        }
        if let Err(reason) = Generator::exercisable(obligation) {
            return Some(Skip::settled(reason));
        }
        let tolerated = suite.tolerate.iter().find(|tolerance| {
            tolerance.rule == obligation.rule
                && tolerance.operation.as_ref().is_none_or(|operation| operation == self.operation.id.as_str())
        });
        if let Some(tolerance) = tolerated {
            return Some(Skip::settled(&tolerance.reason));
        }
        let needs = needs_of(plan, without_fixture);
        if let Some(reason) = read_only_reason(self.subject, suite, needs, self.operation, obligation) {
            return Some(Skip::lacking(reason));
        }
        impossible(&self.subject.target, self.operation, obligation)
            .or_else(|| missing_value(self.subject, &plan.needs, plan.values.values()))
    }
}
