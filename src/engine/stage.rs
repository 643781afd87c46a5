//! Where the cases of one scenario are drawn, sent and judged: the same for the first time, for a repeat and for a smaller
//! request.

use std::sync::Arc;
use std::time::Duration;

use indexmap::IndexMap;

use super::bind::{Provided, bind, bind_general, list, maker};
use super::caller::Caller;
use super::fixture::{Broken, build};
use super::log::{Logged, Role};
use super::plan::{Kind, Plan, Scenario};
use super::run::RunOptions;
use super::subject::Subject;
use crate::base::{Redactor, Seed};
use crate::contract::Rule;
use crate::exchange::{Answer, Exchange, FaultKind, Sent};
use crate::generate::{Bindings, Boundary, Case, Drawn, Slot, anew};
use crate::oracle::{Finding, Judging, judge_all, unjudgeable};
use crate::suite::{OperationPlan, PinnedCase, ValueSource};

/// Seed of pinned cases: the accepted snapshots belong to it, whatever `--seed` says.
const PINNED_SEED: Seed = Seed::new(0xD1);

/// One scenario with all that it needs.
#[derive(Clone, Copy)]
pub(super) struct Stage<'p> {
    pub scenario: &'p Scenario,
    pub subject: &'p Subject,
    pub options: &'p RunOptions,
}

/// What stands before a case: the resources that were made for it, and the values that it takes.
pub(super) struct Scene {
    pub provided: Provided,
    pub bindings: Bindings,
}

/// A case that was sent once more.
pub(super) struct Seen {
    pub case: Case,
    pub provided: Provided,
    pub exchange: Arc<Exchange>,
    pub findings: Vec<Finding>,
}

/// What it took to send a case once more, and what it showed; the error says why that is nothing.
pub(super) struct Probe {
    pub log: Vec<Logged>,
    pub waiting: Duration,
    pub seen: Result<Seen, String>,
}

impl<'p> Stage<'p> {
    pub(super) fn of(plan: &'p Plan, index: usize, options: &'p RunOptions) -> Self {
        let scenario = &plan.scenarios[index];
        Self { scenario, subject: &plan.subjects[scenario.subject], options }
    }

    fn plan(&self) -> Option<&'p OperationPlan> {
        self.subject.suite.operations.get(self.scenario.operation.id.as_str())
    }

    fn pinned(&self) -> Option<&'p PinnedCase> {
        if let Kind::Pinned(pinned) = &self.scenario.kind { Some(pinned) } else { None }
    }

    /// The fixtures that its cases need.
    pub(super) fn needs(&self) -> &'p [String] {
        let without = self.pinned().is_some_and(|pinned| pinned.without_fixture);
        self.plan().filter(|_| !without).map_or(&[], |plan| &plan.needs)
    }

    /// Requests that one case takes, with its resources.
    pub(super) fn cost(&self) -> u32 {
        let fixtures = self.subject.suite.fixtures_for(self.needs());
        let steps: usize = fixtures.iter().map(|(_, fixture)| fixture.steps.len()).sum();
        u32::try_from(steps).unwrap_or(u32::MAX).saturating_add(1)
    }

    /// Does a call that is served use up or change what fixtures made?
    pub(super) fn consumes(&self) -> bool {
        self.plan().is_some_and(|plan| plan.consumes)
    }

    /// Does a case have resources of its own?
    pub(super) fn has_its_own(&self, index: u32) -> bool {
        let each = self.consumes() && self.scenario.obligation.rule == Rule::Conforming && self.pinned().is_none();
        each || self.wishes(index)
    }

    /// Does a case want an identifier of its resources at a boundary?
    pub(super) fn wishes(&self, index: u32) -> bool {
        self.wish(index).is_some()
    }

    /// The identifier that fixtures make, and that case `index` wants at a boundary.
    fn wish(&self, index: u32) -> Option<(String, Boundary<'p>)> {
        let Scenario { generator, operation, obligation, kind, .. } = self.scenario;
        let Kind::Drawn = kind else { return None };
        let plan = self.plan()?;
        let boundary = generator.boundary(operation, obligation, index)?;
        let name = plan.values.iter().find_map(|(slot, source)| match source {
            ValueSource::Fixture(name) if boundary.is_at(&Slot::parse(slot)?) => Some(name),
            _ => None,
        })?;
        let (_, _, prefix) = maker(&self.subject.suite, name)?;
        boundary.identifier(&Bindings::default().fresh(prefix, "")).map(|_| (name.clone(), boundary))
    }

    fn seed(&self) -> Seed {
        if self.pinned().is_some() { PINNED_SEED } else { self.options.seed }
    }

    /// Makes the resources for case `index`, with the requests that it took. Another nonce makes the same
    /// resources under other identifiers.
    pub(super) async fn scene(&self, index: u32, nonce: &str) -> (Vec<Logged>, Result<Scene, Broken>) {
        let (log, provided) = self.fixtures(index, nonce).await;
        (log, provided.map(|provided| Scene { bindings: self.bindings(&provided, nonce), provided }))
    }

    async fn fixtures(&self, index: u32, nonce: &str) -> (Vec<Logged>, Result<Provided, Broken>) {
        let needs = self.needs();
        if needs.is_empty() {
            return (Vec::new(), Ok(Provided::new()));
        }
        let name = match self.pinned() {
            Some(_) => self.scenario.id.to_string(),
            None => format!("{}#{}", self.scenario.id, if self.has_its_own(index) { index } else { 0 }),
        };
        let mut caller = Caller { wish: self.wish(index), ..Caller::new(self.subject, self.seed(), nonce) };
        let built = build(&mut caller, &name, needs).await;
        (caller.log, built.map(|()| caller.provided))
    }

    /// The values that a case takes.
    pub(super) fn bindings(&self, provided: &Provided, nonce: &str) -> Bindings {
        let (own, pinned) = (self.plan(), self.pinned());
        let grounded = own.is_some_and(|plan| !plan.ungrounded) && pinned.is_none_or(|pinned| !pinned.without_fixture);
        let mut bindings = Bindings::new(nonce, grounded);
        bindings.test_pans.clone_from(&self.subject.target.test_pans);
        list(&mut bindings, self.subject, self.scenario.operation.id.as_str());
        let empty = IndexMap::new();
        let planned = own.map_or(&empty, |plan| &plan.values);
        bind_general(&mut bindings, self.subject, provided);
        for sources in [planned, pinned.map_or(&empty, |pinned| &pinned.values)] {
            bind(&mut bindings, sources, self.subject, provided);
        }
        bindings
    }

    /// Draws case `index`: the same one every time, but for its identifiers.
    pub(super) fn draw(&self, index: u32, bindings: &Bindings) -> Drawn {
        let Scenario { generator, operation, obligation, id, .. } = self.scenario;
        generator.case(operation, obligation, bindings, self.seed(), id.as_str(), index)
    }

    /// Sends case `index` once more, with identifiers and resources that the target has not seen. `round` tells this time
    /// from all others; `made` are resources that need not be made anew; `change` makes another case of it.
    pub(super) async fn probe(
        &self,
        index: u32,
        round: &str,
        made: Option<&Provided>,
        change: impl Fn(Case) -> Option<Case>,
    ) -> Probe {
        let nonce = format!("{}~{round}", self.options.nonce);
        let mut probe = Probe { log: Vec::new(), waiting: Duration::ZERO, seen: Err(String::new()) };
        let provided = if let Some(made) = made {
            made.clone()
        } else {
            let (log, made) = self.fixtures(index, &nonce).await;
            probe.log = log;
            match made {
                Ok(provided) => provided,
                Err(broken) => return Probe { seen: Err(broken.reason), ..probe },
            }
        };
        let bindings = self.bindings(&provided, &nonce);
        let drawn = self.draw(index, &bindings).case;
        let drawn = drawn.map(|case| anew(&self.scenario.operation, &self.scenario.obligation, case, &bindings));
        let Some(case) = drawn.and_then(change) else {
            return Probe { seen: Err("the case could not be drawn again".to_owned()), ..probe };
        };
        let exchange = Arc::new(self.subject.client.send(&self.scenario.operation, &case).await);
        Logged::add(&mut probe.log, Role::Case, &case, &exchange);
        probe.waiting = exchange.elapsed;
        let findings = match &exchange.outcome {
            Ok(answer) => match self.judge(&case, &exchange, answer) {
                (Some(reason), _) => Err(reason),
                (None, findings) => Ok(findings),
            },
            Err(_) if refused_in_tls(&case, &exchange) => Ok(Vec::new()),
            Err(fault) => Err(self.redactor(&exchange).text(&fault.text)),
        };
        let seen = findings.map(|findings| Seen { case, provided, exchange, findings });
        Probe { seen, ..probe }
    }

    /// Cleans what is quoted of an exchange: quotations are cut, and half a token would not be known as one later on.
    pub(super) fn redactor(&self, exchange: &Exchange) -> Redactor {
        exchange.redactor(&self.options.redactor.with(self.subject.client.secrets()))
    }

    /// Why an answer proves nothing, and what is wrong with it.
    pub(super) fn judge(&self, case: &Case, exchange: &Exchange, answer: &Answer) -> (Option<String>, Vec<Finding>) {
        // Most answers are as they should be, and to gather all that must not be quoted takes longer than to judge them.
        let (reason, findings) = self.judged(case, &exchange.sent, answer, &self.options.redactor);
        if reason.is_none() && findings.is_empty() {
            return (None, findings);
        }
        let redactor = self.redactor(exchange);
        let (reason, findings) = self.judged(case, &exchange.sent, answer, &redactor);
        (reason.map(|reason| redactor.text(&reason)), findings)
    }

    fn judged(&self, case: &Case, sent: &Sent, answer: &Answer, redactor: &Redactor) -> (Option<String>, Vec<Finding>) {
        let Some(duties) = self.subject.duties.get(case.operation.as_str()) else { return (None, Vec::new()) };
        let judging = Judging {
            contract: &self.scenario.contract,
            operation: &self.scenario.operation,
            duties,
            case,
            duty: &self.scenario.obligation,
            answer,
            sent: Some(sent),
            key: self.subject.key.as_ref(),
            redactor,
        };
        (unjudgeable(&judging), judge_all(&judging, &self.options.checks, self.options.strict))
    }
}

/// What a duty of certificates wants: no service without the right one. Whether the alert still arrives before the
/// connection ends is a race, and one seed is to give one report.
pub(super) fn refused_in_tls(case: &Case, exchange: &Exchange) -> bool {
    let refused = exchange.outcome.as_ref().err().is_some_and(|fault| fault.kind == FaultKind::CertificateRefused);
    refused && case.request.certificate_flaw.is_some()
}
