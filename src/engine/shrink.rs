//! Looks for the smallest request that shows a finding, when all scenarios are over: once for each distinct finding of the
//! run, so that a breach that a hundred scenarios met costs no more than one, and no scenario meets what another one's
//! search left behind.
//!
//! Greedy halving: all steps at once, then all parts of one depth that can be left out, then the plainer values. What does
//! not show the finding any more is halved and tried again. The order depends on the case alone, so one seed gives one
//! smallest request, for any number of jobs.

use std::collections::BTreeMap;
use std::sync::Arc;

use tokio::task::JoinSet;

use super::bind::Provided;
use super::event::{Outcome, Repeat, Shrunk};
use super::log::{Logged, Role};
use super::plan::{Kind, Plan, Scenario};
use super::repeat::{Key, is_breach, key};
use super::run::RunOptions;
use super::stage::Stage;
use super::subject::Subject;
use crate::contract::Rule;
use crate::exchange::Exchange;
use crate::generate::{Case, Edit, simplifications, simplified};
use crate::oracle::{Finding, Severity};

/// Requests for one finding, unless the target file or the user says otherwise.
const SENDS: u32 = 40;

/// A finding to look for a smaller request of.
struct Wanted {
    scenario: usize,
    severity: Severity,
    /// The case that shows it.
    index: u32,
    /// The status that came with it.
    status: Option<u16>,
}

/// The findings that count, each at the first scenario of those that show it at its gravest.
#[derive(Default)]
pub(super) struct Wish(BTreeMap<Key, Wanted>);

impl Wish {
    /// Takes in what a scenario found. They may come in any order.
    pub(super) fn add(&mut self, plan: &Plan, outcome: &Outcome) {
        let Some(scenario) = plan.scenarios.get(outcome.scenario) else { return };
        if !matches!(scenario.kind, Kind::Drawn) {
            return;
        }
        for (proof, repeat) in outcome.findings.iter().zip(&outcome.repeats) {
            let Some((_, index)) = proof.case.rsplit_once('#') else { continue };
            let Ok(index) = index.parse() else { continue };
            if !is_breach(&proof.finding) || !matches!(repeat, Some(Repeat::Same)) {
                continue;
            }
            let (scenario, severity) = (outcome.scenario, proof.finding.severity);
            let own = Wanted { scenario, severity, index, status: status(&proof.exchange) };
            let key = key(&proof.finding);
            let better = |known: &Wanted| (severity, known.scenario) > (known.severity, scenario);
            if self.0.get(&key).is_none_or(better) {
                self.0.insert(key, own);
            }
        }
    }

    /// Looks for them, scenario by scenario, some at a time, and hands on what came of each.
    pub(super) async fn fulfil(self, plan: &Arc<Plan>, options: &RunOptions, mut sink: impl FnMut(Shrunk)) {
        let mut by_scenario: BTreeMap<usize, Vec<(Key, Wanted)>> = BTreeMap::new();
        for (key, wanted) in self.0 {
            by_scenario.entry(wanted.scenario).or_default().push((key, wanted));
        }
        let mut waiting = by_scenario.into_iter();
        let mut running = JoinSet::new();
        loop {
            while running.len() < options.jobs.clamp(1, 256) && !options.stop.stopped() {
                let Some((scenario, wanted)) = waiting.next() else { break };
                let (plan, options) = (Arc::clone(plan), options.clone());
                running.spawn(async move { search(&plan, scenario, wanted, &options).await });
            }
            let Some(joined) = running.join_next().await else { return };
            joined.into_iter().flatten().for_each(&mut sink);
        }
    }
}

async fn search(plan: &Plan, scenario: usize, wanted: Vec<(Key, Wanted)>, options: &RunOptions) -> Vec<Shrunk> {
    let stage = Stage::of(plan, scenario, options);
    let mut tried = Vec::new();
    let mut all = Vec::new();
    for (round, (key, Wanted { index, status, .. })) in wanted.into_iter().enumerate() {
        let made = stage.bindings(&Provided::new(), &options.nonce);
        let Some(case) = stage.draw(index, &made).case else { continue };
        let budget = budget(stage.subject, stage.scenario, &case, stage.needs());
        if budget == 0 {
            continue;
        }
        let steps = simplifications(&stage.scenario.operation, &stage.scenario.obligation, &case, &made);
        let mut hunt = Hunt {
            stage,
            case,
            index,
            key,
            status,
            round,
            budget,
            tried: &mut tried,
            smallest: None,
            taken: Vec::new(),
            provided: None,
            tries: 0,
            sends: 0,
            log: Vec::new(),
            spent: false,
        };
        hunt.run(steps).await;
        all.extend(hunt.end(scenario));
    }
    all
}

/// How many requests a search may take. What changes a target that is not on this machine is not repeated at will.
fn budget(subject: &Subject, scenario: &Scenario, case: &Case, needs: &[String]) -> u32 {
    let reads = |method: &str| matches!(method, "GET" | "HEAD" | "OPTIONS");
    let harmless = reads(&case.request.method) && reads(&scenario.operation.method) && needs.is_empty();
    match subject.target.limits.shrink {
        Some(sends) => sends,
        None if harmless || subject.target.is_local() => SENDS,
        None => 0,
    }
}

fn status(exchange: &Exchange) -> Option<u16> {
    exchange.outcome.as_ref().ok().map(|answer| answer.status)
}

/// A candidate that was sent, and what it showed.
struct Tried {
    index: u32,
    steps: Vec<Edit>,
    findings: Vec<Finding>,
    exchange: Arc<Exchange>,
}

struct Hunt<'p, 't> {
    stage: Stage<'p>,
    case: Case,
    index: u32,
    key: Key,
    status: Option<u16>,
    round: usize,
    budget: u32,
    /// What the searches in this scenario sent so far.
    tried: &'t mut Vec<Tried>,
    smallest: Option<(Finding, Arc<Exchange>)>,
    /// The steps that led there.
    taken: Vec<Edit>,
    /// Resources that need not be made anew for each candidate.
    provided: Option<Provided>,
    tries: u32,
    sends: u32,
    log: Vec<Logged>,
    spent: bool,
}

impl Hunt<'_, '_> {
    async fn run(&mut self, steps: Vec<Edit>) {
        if steps.is_empty() {
            return;
        }
        let most = steps.iter().filter(|step| !step.omits() || !step.is_first_item()).cloned().collect::<Vec<_>>();
        if self.shows(&most).await {
            self.taken = most;
            return;
        }
        let (mut omissions, values): (Vec<Edit>, Vec<Edit>) = steps.into_iter().partition(Edit::omits);
        // The biggest parts first; what is inside of a part comes after it.
        omissions.sort_by_key(|step| (step.depth(), std::cmp::Reverse(step.size())));
        while let Some(depth) = omissions.first().map(Edit::depth) {
            let rest = omissions.split_off(omissions.partition_point(|step| step.depth() == depth));
            self.reduce(std::mem::replace(&mut omissions, rest)).await;
        }
        self.reduce(values).await;
    }

    /// Takes as many of these steps as the finding survives.
    async fn reduce(&mut self, steps: Vec<Edit>) {
        // With how many steps taken a part is known to fail: when its other half was taken whole, and both fail.
        let mut open = vec![(steps, None)];
        while let Some((part, fails)) = open.pop() {
            if part.is_empty() || self.spent {
                continue;
            }
            if fails != Some(self.taken.len()) {
                let all: Vec<Edit> = self.taken.iter().chain(&part).cloned().collect();
                if self.shows(&all).await {
                    self.taken = all;
                    continue;
                }
            }
            if part.len() > 1 {
                let (first, second) = part.split_at(part.len().div_ceil(2));
                open.push((second.to_vec(), Some(self.taken.len() + first.len())));
                open.push((first.to_vec(), None));
            }
        }
    }

    /// Sends the case after these steps; true when the same finding shows.
    async fn shows(&mut self, steps: &[Edit]) -> bool {
        let (operation, obligation) = (&self.stage.scenario.operation, &self.stage.scenario.obligation);
        let known = simplified(operation, obligation, &self.case, steps);
        if known.is_none_or(|smaller| smaller.request == self.case.request) {
            return false;
        }
        if let Some(before) = self.tried.iter().position(|tried| tried.index == self.index && tried.steps == steps) {
            self.tries += 1;
            return self.take(before);
        }
        let cost = if self.provided.is_some() { 1 } else { self.stage.cost() };
        if self.spent || self.sends.saturating_add(cost) > self.budget || self.stage.options.stop.stopped() {
            self.spent = true;
            return false;
        }
        let name = format!("{}.{}", self.round, self.tries);
        let change = |case: Case| simplified(operation, obligation, &case, steps);
        let probe = self.stage.probe(self.index, &name, self.provided.as_ref(), change).await;
        self.tries += 1;
        self.sends += Logged::sends(&probe.log);
        self.log.extend(Logged::sent_for(Role::Shrink, probe.log));
        let Ok(seen) = probe.seen else {
            // A target that cannot answer is not asked again and again.
            self.spent = true;
            return false;
        };
        if !self.stage.consumes() && self.stage.scenario.obligation.rule != Rule::UnsupportedMethod {
            self.provided = Some(seen.provided);
        }
        let (index, steps) = (self.index, steps.to_vec());
        self.tried.push(Tried { index, steps, findings: seen.findings, exchange: seen.exchange });
        self.take(self.tried.len() - 1)
    }

    fn take(&mut self, place: usize) -> bool {
        let tried = &self.tried[place];
        // Another status means another reason: what is refused as a duplicate is not what was refused as invalid.
        if status(&tried.exchange) != self.status {
            return false;
        }
        let Some(finding) = tried.findings.iter().find(|finding| is_breach(finding) && key(finding) == self.key) else {
            return false;
        };
        self.smallest = Some((finding.clone(), tried.exchange.clone()));
        true
    }

    fn end(self, scenario: usize) -> Option<Shrunk> {
        let shrunk = Shrunk {
            scenario,
            obligation: crate::base::ObligationId::new(self.key.0.as_str()),
            code: self.key.1,
            smallest: self.smallest,
            tries: self.tries,
            sends: self.sends,
            log: self.log,
            complete: !self.spent,
        };
        (shrunk.tries > 0).then_some(shrunk)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::{SENDS, budget};
    use crate::base::Seed;
    use crate::engine::{Filter, Plan, PlanOptions, Subject};
    use crate::generate::Bindings;
    use crate::suite::{Grant, Library, Target};

    /// What a search in the scenario of this name may send to a target at this address.
    fn allowed(suite: &str, url: &str, name: &str, limit: Option<u32>) -> u32 {
        let library = Library::find().unwrap();
        let (suite, contracts) = library.load(suite, &library.catalog().unwrap()).unwrap();
        let mut target = Target::named("t");
        target.base_url = Some(url.to_owned());
        target.grant = Some(Grant::Static { token: crate::base::Secret::new("t0ken") });
        target.limits.shrink = limit;
        for name in ["issuerId", "cardProductId", "cardId", "consumerId"] {
            target.values.insert(name.to_owned(), "x".into());
        }
        let subject = Subject::new(suite, Arc::new(target), contracts).unwrap();
        let options = PlanOptions { filter: Filter::default(), cases: 1, snapshots: false };
        let plan = Plan::build(vec![subject], &options).unwrap();
        let scenario = plan.scenarios.iter().find(|one| one.id.as_str().ends_with(name)).unwrap();
        let (operation, duty) = (&scenario.operation, &scenario.obligation);
        let drawn = scenario.generator.case(operation, duty, &Bindings::default(), Seed::new(1), name, 0);
        let case = drawn.case.unwrap();
        let suite = &plan.subjects[0].suite;
        let needs = suite.operations.get(operation.id.as_str()).map_or(&[][..], |plan| &plan.needs);
        budget(&plan.subjects[0], scenario, &case, needs)
    }

    #[test]
    fn what_may_change_a_target_elsewhere_is_not_sent_again_and_again() {
        let (here, there) = ("http://127.0.0.1:1", "https://d1.example.com");
        let reading = "getConsumerInformation::operation::conforming";
        let notice = "notifyCardOperations::operation::conforming";
        assert_eq!(allowed("outbound", there, reading, None), SENDS);
        assert_eq!(allowed("outbound", there, notice, None), 0);
        assert_eq!(allowed("outbound", here, notice, None), SENDS);
        // It reads, but what it reads would have to be made.
        assert_eq!(allowed("inbound", there, "v1-Card::getCard::operation::conforming", None), 0);
        // Another method than GET is sent here.
        assert_eq!(allowed("outbound", there, "getConsumerInformation::method::unsupported_method", None), 0);
        for (limit, url) in [(Some(7), there), (Some(0), here)] {
            assert_eq!(allowed("outbound", url, notice, limit), limit.unwrap());
        }
    }
}
