//! The operations that D1 can be asked about afterwards. An asynchronous one is told as pending to its caller, and has
//! ended by the time it is looked up.

use std::collections::HashMap;
use std::time::SystemTime;

use serde_json::{Value, json};

use crate::sandbox::call::{Call, Outcome, Refusal};
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
        let page = entries.iter().rev().skip(call.count("offset", 0)).take(call.count("limit", 10));
        json!({"operations": page.map(Entry::shown).collect::<Vec<_>>()})
    }

    /// One operation of a subject.
    pub fn one(&self, subject: &Subject, call: &Call<'_>) -> Outcome {
        let wanted = call.text("operationId");
        let entries = self.entries.get(subject).map(Vec::as_slice).unwrap_or_default();
        let entry = entries.iter().find(|entry| entry.id == wanted);
        entry.map(|entry| Some(entry.shown())).ok_or_else(|| Refusal::not_found("unknown operation"))
    }
}

impl Entry {
    fn shown(&self) -> Value {
        let mut shown = json!({
            "operationId": self.id,
            "operation": self.operation,
            "status": "SUCCESSFUL",
            "startTime": timestamp(self.start),
            "endTime": timestamp(self.start),
            "requestorType": "ISSUER",
            "requestorId": self.requestor,
        });
        if let Some(reason) = &self.reason {
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
