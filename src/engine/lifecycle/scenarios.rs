//! The scenarios of a suite's life cycles.

use std::collections::HashMap;
use std::sync::Arc;

use crate::base::{ObligationId, ScenarioId};
use crate::contract::{Evidence, Location, Obligation, Operation, Rule};
use crate::engine::bind::missing_value;
use crate::engine::plan::{Kind, Scenario};
use crate::engine::possible::unsealable;
use crate::engine::read_only::changes;
use crate::engine::skip::Skip;
use crate::engine::subject::Subject;
use crate::generate::Generator;
use crate::suite::{Lifecycle, Move, Turn};

/// Part of a life cycle, as one scenario.
#[derive(Debug)]
pub struct Journey {
    pub(super) lifecycle: Arc<Lifecycle>,
    pub(super) course: Course,
    /// The duties that findings name, by rule.
    pub(super) duties: HashMap<String, Arc<Obligation>>,
}

/// Which part.
#[derive(Clone, Debug)]
pub enum Course {
    /// One call in every situation for which the contract says what comes of it, each by the shortest way.
    Cover(Vec<Vec<Move>>),
    /// Walks by chance.
    Chance,
    /// The race of this name.
    Race(String),
}

impl Journey {
    /// The duties that findings of its scenario name, in the order of their names.
    pub fn rules(&self) -> Vec<&ObligationId> {
        let mut rules: Vec<&ObligationId> = self.duties.values().map(|duty| &duty.id).collect();
        rules.sort();
        rules
    }

    /// Walks, or rounds of a race, of which a scenario with this budget is made.
    pub fn walks(&self, budget: u32) -> u32 {
        match &self.course {
            Course::Cover(walks) => u32::try_from(walks.len()).unwrap_or(u32::MAX),
            Course::Chance => budget,
            // What happens at once may end well by chance.
            Course::Race(_) => budget.max(1),
        }
    }
}

/// One scenario for each call, one for walks by chance, one for each race.
pub(in crate::engine) fn journeys(subject_index: usize, subject: &Subject, cases: u32) -> Vec<Scenario> {
    let mut scenarios = Vec::new();
    for lifecycle in &subject.suite.lifecycles {
        let Some(planner) = Planner::of(subject_index, subject, lifecycle) else { continue };
        let ways = lifecycle.ways();
        for (name, call) in &lifecycle.calls {
            let walks = covering(lifecycle, &ways, name);
            if !walks.is_empty() {
                let text = format!("{name} ends in every state of the life cycle {} as its line says", lifecycle.name);
                let pointer = format!("/calls/{name}");
                scenarios.extend(planner.scenario(
                    name,
                    &call.operation,
                    (&pointer, text),
                    Course::Cover(walks),
                    cases,
                ));
            }
        }
        for (name, race) in &lifecycle.races {
            let Some(call) = race.at_once.first().and_then(|made| lifecycle.calls.get(&made.call)) else { continue };
            let (pointer, course) = (format!("/races/{name}"), Course::Race(name.clone()));
            let place = format!("races::{name}");
            scenarios.extend(planner.scenario(&place, &call.operation, (&pointer, race.text.clone()), course, cases));
        }
        let first = lifecycle.calls.values().next().filter(|_| cases > 0);
        let text = format!("{}: any walk through it", lifecycle.text);
        let course = Course::Chance;
        scenarios.extend(
            first.and_then(|call| planner.scenario("walks", &call.operation, ("/transitions", text), course, cases)),
        );
    }
    scenarios
}

/// The shortest walk to each situation in which it is certain what comes of a call, with the call.
fn covering(lifecycle: &Lifecycle, ways: &[(crate::suite::Situation, Vec<Move>)], name: &str) -> Vec<Vec<Move>> {
    let moves: Vec<Move> = lifecycle.moves().into_iter().filter(|made| made.call == name).collect();
    let walks = ways.iter().flat_map(|(at, way)| moves.iter().map(move |made| (at, way, made)));
    let certain = walks.filter(|(at, _, made)| lifecycle.turn(at, made).is_some_and(|turn| Turn::is_certain(&turn)));
    certain.map(|(_, way, made)| [way.as_slice(), std::slice::from_ref(made)].concat()).collect()
}

struct Planner<'p> {
    index: usize,
    subject: &'p Subject,
    lifecycle: &'p Arc<Lifecycle>,
    duties: HashMap<String, Arc<Obligation>>,
    skip: Option<Skip>,
}

impl<'p> Planner<'p> {
    /// None where an operation of the life cycle is not in the specifications at hand: an official file may lack what the
    /// bundled one assumed.
    fn of(index: usize, subject: &'p Subject, lifecycle: &'p Arc<Lifecycle>) -> Option<Self> {
        let look = lifecycle.look.iter().map(|look| &look.operation);
        let names = lifecycle.calls.values().map(|call| &call.operation).chain(look);
        let operations: Vec<&Operation> =
            names.map(|name| subject.operation(name).map(|(_, own)| own)).collect::<Option<_>>()?;
        let mut duties = HashMap::new();
        for file in &subject.suite.rules {
            for ((id, rule), source) in file.rules.iter().zip(file.sources()) {
                let cited = lifecycle.transitions.iter().map(|line| &line.rule);
                let cited = cited.chain(lifecycle.races.values().map(|race| &race.rule));
                if cited.into_iter().any(|cited| cited == id) {
                    duties.insert(id.clone(), Arc::new(rule.obligation(id, &operations.first()?.id, source)));
                }
            }
        }
        let skip = skip(subject, lifecycle, &operations);
        Some(Self { index, subject, lifecycle, duties, skip })
    }

    fn scenario(
        &self,
        place: &str,
        operation: &str,
        (pointer, text): (&str, String),
        course: Course,
        budget: u32,
    ) -> Option<Scenario> {
        let contracts = &self.subject.contracts;
        let contract = contracts.iter().find(|one| one.operations.iter().any(|own| own.id.as_str() == operation))?;
        let operation = contract.operations.iter().find(|own| own.id.as_str() == operation)?;
        let name = &self.lifecycle.name;
        let obligation = Obligation {
            id: ObligationId::new(format!("lifecycles::{name}::{place}")),
            operation: operation.id.clone(),
            location: Location::Rules,
            rule: Rule::BusinessRule,
            text,
            limit: serde_json::Value::Null,
            source: self.lifecycle.source(pointer),
            evidence: Evidence::Documented,
            open: None,
            noted: None,
        };
        let (lifecycle, duties) = (Arc::clone(self.lifecycle), self.duties.clone());
        Some(Scenario {
            id: ScenarioId::new(format!("{}::lifecycles::{name}::{place}", self.subject.suite.name)),
            subject: self.index,
            contract: Arc::clone(contract),
            operation: Arc::clone(operation),
            obligation: Arc::new(obligation),
            budget,
            skip: self.skip.clone(),
            kind: Kind::Journey(Arc::new(Journey { lifecycle, course, duties })),
            foreseen: Arc::default(),
            generator: Arc::new(Generator::new(Vec::new(), Vec::new(), self.subject.means())),
        })
    }
}

fn skip(subject: &Subject, lifecycle: &Lifecycle, operations: &[&Operation]) -> Option<Skip> {
    if let Some(skip) = Skip::unless_true(subject, lifecycle.when.as_deref()) {
        return Some(skip);
    }
    if let Some(reason) = operations.iter().find_map(|operation| changes(subject, operation)) {
        return Some(Skip::lacking(reason));
    }
    if let Some(reason) = operations.iter().find_map(|operation| unsealable(&subject.target, operation)) {
        return Some(Skip::lacking(reason));
    }
    let planned = &subject.suite.operations;
    let own = lifecycle.calls.values().flat_map(|call| {
        let general = planned.get(call.operation.as_str()).into_iter().flat_map(|plan| &plan.values);
        let general = general.filter(|(slot, _)| !call.values.contains_key(*slot));
        call.values.values().chain(general.map(|(_, source)| source))
    });
    missing_value(subject, &lifecycle.needs, own)
}
