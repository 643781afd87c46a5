//! Folds the events of a run into its record.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;
use std::time::{Duration, Instant};

use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use super::activity::Activity;
use super::cleaner::Cleaner;
use super::deviations::{DeviationScope, Reach, excuse, states};
use super::excerpt::Excerpts;
use super::exit::exit_code;
use super::proof::{finding_record, logged_record, repeat_record, shrunk_record};
use super::readiness::{ProfileScope, readiness};
use super::record::{
    FindingRecord, RunRecord, RunState, SCHEMA_VERSION, ScenarioRecord, SpecRecord, TargetRecord, ToolRecord, Totals,
};
use super::totals::{count, verdict};
use crate::base::{ObligationId, Redactor, Seed};
use crate::contract::{Location, Operation, Rule, StatusPattern, obligations, response_obligations};
use crate::engine::{Kind, Logged, Outcome, Plan, RunEvent, Scenario, Shrunk, Subject};
use crate::exchange::Client;
use crate::oracle::{Blame, Verdict};

/// Reason of a scenario whose end was not seen.
const NOT_RUN: &str = "not run";

/// What the record says about a run as a whole. Not printable: the arguments are as given.
#[derive(Clone)]
pub struct RunMeta {
    /// Name of the run.
    pub run_id: String,
    /// When it began.
    pub started_at: OffsetDateTime,
    /// The arguments as given; cleaned here.
    pub command: Vec<String>,
    /// Root of all draws.
    pub seed: Seed,
    /// Treat warnings as failures?
    pub strict: bool,
    /// Cleans everything that is recorded.
    pub redactor: Redactor,
    /// SHA-256 of the bundled file by specification, as the catalogue names it.
    pub bundled: BTreeMap<String, String>,
    /// The profile that the run is for.
    pub profile: Option<ProfileScope>,
    /// Where every exchange is to be recorded, and not those alone that show something: when the run began, by the clock
    /// of the exchanges.
    pub log_since: Option<Instant>,
    /// The deviations that it knows.
    pub deviations: Option<DeviationScope>,
}

/// Holds the record of a run and keeps it true with every event.
pub struct Recorder {
    record: RunRecord,
    redactor: Redactor,
    /// Those who know how many tokens there were, and which.
    clients: Vec<Client>,
    operations: Vec<Arc<Operation>>,
    /// Index of its subject, by scenario.
    subjects: Vec<usize>,
    activity: Activity,
    log_since: Option<Instant>,
    /// Obligations of answers by operation.
    of_answers: HashMap<String, Vec<(StatusPattern, ObligationId)>>,
    obligations: usize,
    exercised: HashSet<ObligationId>,
    /// Requests that repeated a case, or looked for a smaller one.
    repeats: u64,
    profile: Option<ProfileScope>,
    excerpts: Excerpts,
    deviations: Option<DeviationScope>,
    reach: Reach,
}

impl Recorder {
    /// A record of the plan in which nothing has run.
    pub fn new(plan: &Plan, meta: RunMeta) -> Self {
        let scenarios: Vec<ScenarioRecord> = plan.scenarios.iter().map(|scenario| planned(plan, scenario)).collect();
        let mut of_answers = HashMap::new();
        let mut known: HashSet<ObligationId> = HashSet::new();
        for scenario in &plan.scenarios {
            known.insert(scenario.obligation.id.clone());
            let operation = scenario.operation.id.to_string();
            if of_answers.contains_key(&operation) {
                continue;
            }
            let answers = response_obligations(&scenario.contract, &scenario.operation);
            known.extend(obligations(&scenario.contract, &scenario.operation).into_iter().map(|duty| duty.id));
            known.extend(answers.iter().map(|duty| duty.id.clone()));
            let by_status = answers.into_iter().filter_map(|duty| Some((status_of(&duty.location)?, duty.id)));
            of_answers.insert(operation, by_status.collect());
        }
        let command = arguments(&Cleaner::new(&meta.redactor), &meta.command);
        let record = RunRecord {
            schema_version: SCHEMA_VERSION.to_owned(),
            tool: ToolRecord { name: env!("CARGO_PKG_NAME").to_owned(), version: env!("CARGO_PKG_VERSION").to_owned() },
            run_id: meta.run_id,
            state: RunState::Running,
            // Only years beyond 9999 have no RFC 3339 form.
            started_at: meta.started_at.format(&Rfc3339).unwrap_or_default(),
            elapsed_ms: 0,
            command,
            seed: meta.seed.number(),
            case_digest: None,
            strict: meta.strict,
            verdict: Verdict::Inconclusive,
            exit_code: 3,
            target: plan.subjects.iter().map(|subject| target_record(subject, &meta.redactor)).collect(),
            specs: specs(&plan.subjects, &meta.bundled),
            profile: None,
            deviations: Vec::new(),
            totals: Totals::default(),
            scenarios,
            operations: Vec::new(),
        };
        let operations = plan.scenarios.iter().map(|scenario| Arc::clone(&scenario.operation)).collect();
        Self {
            record,
            redactor: meta.redactor,
            clients: plan.subjects.iter().map(|subject| subject.client.clone()).collect(),
            operations,
            subjects: plan.scenarios.iter().map(|scenario| scenario.subject).collect(),
            activity: Activity::new(plan),
            log_since: meta.log_since,
            of_answers,
            obligations: known.len(),
            exercised: HashSet::new(),
            repeats: 0,
            profile: meta.profile,
            excerpts: Excerpts::default(),
            deviations: meta.deviations,
            reach: Reach::of(plan),
        }
    }

    /// Takes one event in. Events may come in any order; the scenarios stay in that of the plan.
    pub fn event(&mut self, event: RunEvent) {
        match event {
            RunEvent::Started(_) => {}
            RunEvent::Finished(outcome) => self.outcome(*outcome),
            RunEvent::Shrunk(shrunk) => self.shrunk(&shrunk),
        }
    }

    /// The record so far. Scenarios that have not come to their end are inconclusive.
    pub fn record(&mut self, elapsed: Duration) -> &RunRecord {
        self.settle(elapsed);
        &self.record
    }

    /// The record of the whole run.
    pub fn finish(mut self, case_digest: String, elapsed: Duration, interrupted: bool) -> RunRecord {
        self.record.state = if interrupted { RunState::Interrupted } else { RunState::Finished };
        self.record.case_digest = Some(case_digest);
        self.settle(elapsed);
        self.record
    }

    fn settle(&mut self, elapsed: Duration) {
        self.record.elapsed_ms = milliseconds(elapsed);
        self.record.totals = Totals {
            obligations: self.obligations as u64,
            obligations_exercised: self.exercised.len() as u64,
            repeats: self.repeats,
            token_calls: self.clients.iter().map(|client| client.token_calls() as u64).sum(),
            token_renewals: self.clients.iter().map(|client| client.token_renewals() as u64).sum(),
            ..count(&self.record.scenarios)
        };
        self.record.operations = self.activity.records();
        let states = |scope| states(scope, &self.record, &self.reach, &self.redactor);
        self.record.deviations = self.deviations.as_ref().map(states).unwrap_or_default();
        self.record.verdict = verdict(&self.record);
        self.record.profile = self.profile.as_ref().map(|scope| readiness(scope, &self.record));
        self.record.exit_code = exit_code(&self.record);
    }

    /// Any text may repeat a token that was obtained on the way.
    fn cleaning(&self) -> Redactor {
        self.redactor.with(self.clients.iter().flat_map(Client::secrets))
    }

    /// A smaller request belongs to the finding that it was looked for.
    fn shrunk(&mut self, shrunk: &Shrunk) {
        let redactor = self.cleaning();
        self.log(shrunk.scenario, &shrunk.log, &redactor);
        let Some(scenario) = self.record.scenarios.get_mut(shrunk.scenario) else { return };
        self.repeats += u64::from(shrunk.sends);
        scenario.exchanges += u64::from(shrunk.sends);
        let is_own = |own: &&mut FindingRecord| own.obligation == shrunk.obligation && own.code == shrunk.code;
        if let Some(finding) = scenario.findings.iter_mut().find(is_own) {
            finding.shrunk = Some(shrunk_record(shrunk, scenario.rule, &redactor));
        }
    }

    /// Takes in what a scenario sent.
    fn log(&mut self, scenario: usize, log: &[Logged], redactor: &Redactor) {
        let Some(subject) = self.subjects.get(scenario) else { return };
        for logged in log {
            self.activity.add(*subject, logged, redactor);
        }
        if let (Some(begin), Some(scenario)) = (self.log_since, self.record.scenarios.get_mut(scenario)) {
            let rule = scenario.rule;
            scenario.log.extend(log.iter().map(|logged| logged_record(logged, rule, begin, redactor)));
        }
    }

    fn outcome(&mut self, outcome: Outcome) {
        let redactor = self.cleaning();
        self.log(outcome.scenario, &outcome.log, &redactor);
        let Some(scenario) = self.record.scenarios.get_mut(outcome.scenario) else { return };
        scenario.verdict = outcome.verdict;
        scenario.reason = outcome.reason.map(|reason| redactor.text(&reason));
        scenario.blame = outcome.blame;
        scenario.cases = u64::from(outcome.cases);
        scenario.exchanges = u64::from(outcome.exchanges);
        scenario.leftovers = outcome.leftovers.iter().map(|leftover| redactor.text(leftover)).collect();
        scenario.rejected_draws = u64::from(outcome.rejected);
        scenario.elapsed_ms = milliseconds(outcome.elapsed);
        scenario.waiting_ms = milliseconds(outcome.waiting);
        scenario.statuses = outcome.statuses.iter().map(|(status, count)| (*status, u64::from(*count))).collect();
        let rule = scenario.rule;
        scenario.findings = outcome.findings.iter().map(|proof| finding_record(proof, rule, &redactor)).collect();
        for (finding, repeat) in scenario.findings.iter_mut().zip(&outcome.repeats) {
            finding.repeated = repeat.as_ref().map(|repeat| repeat_record(repeat, rule, &redactor));
        }
        for finding in &mut scenario.findings {
            self.excerpts.add(finding, &redactor);
        }
        if let Some(scope) = &self.deviations {
            excuse(&scope.known, scenario, &redactor);
        }
        self.repeats += u64::from(outcome.repeated);
        if outcome.cases == 0 {
            return;
        }
        self.exercised.insert(scenario.obligation.clone());
        if matches!(rule, Rule::UnsupportedMethod | Rule::BusinessRule) {
            // Its answers are those of another method, or of several operations: the operation's own obligations say
            // nothing about them.
            return;
        }
        let operation = &self.operations[outcome.scenario];
        let seen: HashSet<StatusPattern> =
            scenario.statuses.keys().filter_map(|status| Some(operation.response(*status)?.status)).collect();
        let of_answers = self.of_answers.get(operation.id.as_str()).into_iter().flatten();
        self.exercised.extend(of_answers.filter(|(status, _)| seen.contains(status)).map(|(_, id)| id.clone()));
    }
}

fn planned(plan: &Plan, scenario: &Scenario) -> ScenarioRecord {
    let duty = &scenario.obligation;
    let (rule, text) = match &scenario.kind {
        Kind::Drawn | Kind::Sequence(_) | Kind::Journey(_) => (duty.rule, duty.text.clone()),
        Kind::Pinned(pinned) => {
            (Rule::Snapshot, format!("the answer to the pinned case `{}` is the accepted one", pinned.name))
        }
    };
    ScenarioRecord {
        id: scenario.id.clone(),
        suite: plan.subjects[scenario.subject].suite.name.clone(),
        operation_id: scenario.operation.id.clone(),
        spec: scenario.contract.name.clone(),
        obligation: duty.id.clone(),
        rule,
        location: duty.location.to_string(),
        text,
        evidence: duty.evidence,
        spec_file: duty.source.file.display().to_string(),
        spec_line: duty.source.line as u64,
        spec_pointer: duty.source.pointer.clone(),
        verdict: Verdict::Inconclusive,
        reason: Some(NOT_RUN.to_owned()),
        blame: Some(Blame::Tool),
        cases: 0,
        exchanges: 0,
        leftovers: Vec::new(),
        rejected_draws: 0,
        elapsed_ms: 0,
        waiting_ms: 0,
        statuses: BTreeMap::new(),
        findings: Vec::new(),
        log: Vec::new(),
    }
}

/// A target, without secrets.
pub fn target_record(subject: &Subject, redactor: &Redactor) -> TargetRecord {
    let cleaner = Cleaner::new(redactor);
    let base = |name: &str, path: &str| subject.target.base_url_of(name, path).unwrap_or_default();
    TargetRecord {
        name: cleaner.url(&subject.target.name),
        suite: subject.suite.name.clone(),
        base_urls: subject
            .contracts
            .iter()
            .map(|contract| (contract.name.clone(), cleaner.url(&base(&contract.name, &contract.base_path))))
            .collect(),
    }
}

fn specs(subjects: &[Subject], bundled: &BTreeMap<String, String>) -> Vec<SpecRecord> {
    let mut seen = HashSet::new();
    let contracts = subjects.iter().flat_map(|subject| &subject.contracts);
    contracts
        .filter(|contract| seen.insert(contract.document.path.clone()))
        .map(|contract| SpecRecord::of(contract, bundled))
        .collect()
}

fn status_of(location: &Location) -> Option<StatusPattern> {
    match location {
        Location::Response(status) | Location::ResponseHeader(status, _) | Location::ResponseBody(status, _) => {
            Some(*status)
        }
        _ => None,
    }
}

/// The value of a sensitive option may be an argument of its own: `--password abc`.
fn arguments(cleaner: &Cleaner, arguments: &[String]) -> Vec<String> {
    let mut hide = false;
    let clean = |argument: &String| {
        let text = if std::mem::take(&mut hide) { "***".to_owned() } else { cleaner.argument(argument) };
        hide = argument.starts_with('-') && Redactor::hides_field(argument);
        text
    };
    arguments.iter().map(clean).collect()
}

fn milliseconds(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
#[path = "recorder_tests.rs"]
mod tests;
