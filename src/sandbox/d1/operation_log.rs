//! The operations that D1 can be asked about afterwards. An asynchronous one is told as pending to its caller, and has
//! ended by the time it is looked up.

use std::collections::HashMap;
use std::time::SystemTime;

use serde_json::{Value, json};

use crate::sandbox::call::{Call, Outcome, Refusal};
use crate::sandbox::defect::{Lapse, Lapses};
use crate::sandbox::moment::timestamp;

/// What the operations were done to.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Subject {
    /// A card, by its id.
    Card(String),
    /// A consumer, by its id.
    Consumer(String),
}

/// All operations by subject, oldest first.
#[derive(Debug, Default)]
pub struct OperationLog {
    /// Rules that are forgotten.
    pub lapses: Lapses,
    count: usize,
    entries: HashMap<Subject, Vec<Entry>>,
}

#[derive(Debug)]
struct Entry {
    id: String,
    operation: &'static str,
    start: SystemTime,
    reason: Option<String>,
    requestor: String,
}

impl OperationLog {
    /// Notes an operation and gives its id.
    pub fn note(&mut self, subject: Subject, operation: &'static str, call: &Call<'_>) -> String {
        self.count += 1;
        let id = format!("op-{:08}", self.count);
        self.entries.entry(subject).or_default().push(Entry {
            id: id.clone(),
            operation,
            start: call.now,
            reason: call.body_text("/reason").map(str::to_owned),
            requestor: call.text("issuerId").to_owned(),
        });
        id
    }

    /// How many operations there were.
    pub fn len(&self) -> usize {
        self.count
    }

    /// Operations of a subject, newest first, between `offset` and `limit` of the call.
    pub fn list(&self, subject: &Subject, call: &Call<'_>) -> Value {
        let entries = self.entries.get(subject).map(Vec::as_slice).unwrap_or_default();
        let mut entries: Vec<&Entry> = entries.iter().collect();
        if !self.lapses.has(Lapse::ListsOldestFirst) {
            entries.reverse();
        }
        let page = entries.into_iter().skip(call.count("offset", 0)).take(call.count("limit", 10));
        json!({"operations": page.map(|entry| self.shown(entry)).collect::<Vec<_>>()})
    }

    /// One operation of a subject.
    pub fn one(&self, subject: &Subject, call: &Call<'_>) -> Outcome {
        let wanted = call.text("operationId");
        let entries = self.entries.get(subject).map(Vec::as_slice).unwrap_or_default();
        let entry = entries.iter().find(|entry| entry.id == wanted);
        entry.map(|entry| Some(self.shown(entry))).ok_or_else(|| Refusal::not_found("unknown operation"))
    }

    fn shown(&self, entry: &Entry) -> Value {
        let mut shown = json!({
            "operationId": entry.id,
            "operation": entry.operation,
            "status": if self.lapses.has(Lapse::NeverEnds) { "PENDING" } else { "SUCCESSFUL" },
            "startTime": timestamp(entry.start),
            "endTime": timestamp(entry.start),
            "requestorType": "ISSUER",
            "requestorId": entry.requestor,
        });
        if let Some(reason) = &entry.reason {
            shown["reason"] = json!(reason);
        }
        shown
    }
}

/// The answer to an operation that has ended.
pub fn ended(operation_id: &str) -> Value {
    json!({"operationId": operation_id, "status": "SUCCESSFUL"})
}

/// The answer to an operation that ends later.
pub fn pending(operation_id: &str) -> Value {
    json!({"operationId": operation_id, "status": "PENDING"})
}
