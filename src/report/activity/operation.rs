//! What the operations of a run answered and how long they took, over all of its exchanges: those that a test looks at,
//! and those that only make its resources.

use std::collections::{BTreeMap, HashMap};

use serde::{Deserialize, Serialize};

use super::latency::{Latency, LatencyRecord};
use super::shape::{AnswersRecord, Shape};
use crate::base::{OperationId, Redactor};
use crate::engine::{Logged, Plan, Role};

/// One operation of one suite.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OperationRecord {
    /// Name of the suite.
    pub suite: String,
    /// Qualified name of the operation.
    pub operation_id: OperationId,
    /// How long its answers took; repeats and searches for a smaller request are left out, since they come only where
    /// something is wrong and would move the numbers.
    pub latency: LatencyRecord,
    /// What it answered, by status.
    pub answers: BTreeMap<u16, AnswersRecord>,
}

/// Operations on the way to their records, in the order of suites and specifications.
pub struct Activity {
    operations: Vec<Operation>,
    places: HashMap<(usize, OperationId), usize>,
}

struct Operation {
    suite: String,
    id: OperationId,
    method: String,
    latency: Latency,
    answers: BTreeMap<u16, Shape>,
}

impl Activity {
    /// All operations that a plan can call, of which nothing is known.
    pub fn new(plan: &Plan) -> Self {
        let mut activity = Self { operations: Vec::new(), places: HashMap::new() };
        for (index, subject) in plan.subjects.iter().enumerate() {
            for operation in subject.contracts.iter().flat_map(|contract| &contract.operations) {
                activity.places.insert((index, operation.id.clone()), activity.operations.len());
                activity.operations.push(Operation {
                    suite: subject.suite.name.clone(),
                    id: operation.id.clone(),
                    method: operation.method.clone(),
                    latency: Latency::default(),
                    answers: BTreeMap::new(),
                });
            }
        }
        activity
    }

    /// Takes one exchange of a subject in. One with another method than the operation's says nothing about it.
    pub fn add(&mut self, subject: usize, logged: &Logged, redactor: &Redactor) {
        let place = self.places.get(&(subject, logged.operation.clone()));
        let Some(operation) = place.and_then(|place| self.operations.get_mut(*place)) else { return };
        let exchange = &logged.exchange;
        let Ok(answer) = &exchange.outcome else { return };
        // Of calls at once it is chance which one is refused.
        if logged.role == Role::Race || !exchange.sent.method.eq_ignore_ascii_case(&operation.method) {
            return;
        }
        if !matches!(logged.role, Role::Repeat | Role::Shrink) {
            operation.latency.add(exchange.elapsed);
        }
        operation.answers.entry(answer.status).or_default().add(answer, exchange, redactor);
    }

    /// Those that answered at least once.
    pub fn records(&self) -> Vec<OperationRecord> {
        let answered = self.operations.iter().filter(|operation| !operation.answers.is_empty());
        let record = |operation: &Operation| OperationRecord {
            suite: operation.suite.clone(),
            operation_id: operation.id.clone(),
            latency: operation.latency.record(),
            answers: operation.answers.iter().map(|(status, shape)| (*status, shape.record())).collect(),
        };
        answered.map(record).collect()
    }
}
