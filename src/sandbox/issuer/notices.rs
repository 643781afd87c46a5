//! Notifications: each operation with the statuses that it was told with, in the order in which they came.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use crate::sandbox::call::{Call, Refusal};
use crate::sandbox::defect::{Lapse, Lapses};
use crate::sandbox::flight::Flights;

/// Members that the contract declares for an entry.
const DECLARED: [&str; 14] = [
    "operationId",
    "operation",
    "status",
    "startTime",
    "endTime",
    "cardId",
    "details",
    "errorCode",
    "error",
    "inputFileName",
    "issuerRequestId",
    "message",
    "digitalCardIds",
    "type",
];

/// Operations that the contract declares; new ones may come at any time (POL-1).
const OPERATIONS: [&str; 17] = [
    "CREATE",
    "REGISTER",
    "ACTIVATE",
    "SUSPEND",
    "RESUME",
    "DELETE",
    "DIGITIZE",
    "RENEW",
    "REPLACE",
    "PRODUCE",
    "STANDALONE_TRACKING",
    "CLICK_TO_PAY_ENROLMENT",
    "CLICK_TO_PAY_UPDATE",
    "CLICK_TO_PAY_OPTOUT",
    "UPDATE_ORDER",
    "PURCHASE",
    "WITHDRAWAL",
];

/// What was told, by operationId. A duplicate changes nothing (NOTIF-R1); a new status is an update (NOTIF-R4), which
/// may come late (NOTIF-R8).
#[derive(Debug, Default)]
pub struct Notices {
    told: BTreeMap<String, Vec<String>>,
    /// Operations whose first delivery broke off.
    broken_off: BTreeSet<String>,
    flights: Flights,
}

impl Notices {
    /// Takes all entries of a call over, or none.
    pub fn take(&mut self, call: &Call<'_>, lapses: &Lapses) -> Result<(), Refusal> {
        let entries = call.body_value("/operations").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
        let most = if lapses.has(Lapse::TakesOneEntry) { 1 } else { 5 };
        if entries.len() > most && (lapses.has(Lapse::TakesOneEntry) || lapses.has(Lapse::TakesFiveEntries)) {
            return Err(Refusal::field("operations", "maxItems"));
        }
        for entry in entries {
            refusal(entry, lapses)?;
            self.fits(entry, lapses)?;
            self.delivery(entry, lapses)?;
        }
        for entry in entries {
            let statuses = self.told.entry(text(entry, "operationId").to_owned()).or_default();
            let status = text(entry, "status").to_owned();
            if !statuses.contains(&status) {
                statuses.push(status);
            }
        }
        Ok(())
    }

    /// The notices for people.
    pub fn shown(&self) -> Value {
        json!(self.told)
    }

    /// What only a server refuses that was not made for deliveries at once, or after it broke off.
    fn delivery(&mut self, entry: &Value, lapses: &Lapses) -> Result<(), Refusal> {
        let id = text(entry, "operationId");
        let notice = format!("{id} {}", text(entry, "status"));
        let (beside, same) = (self.flights.has("notice of", id), self.flights.has("notice", &notice));
        self.flights.take_off("notice of", id);
        self.flights.take_off("notice", &notice);
        if beside && lapses.has(Lapse::BreaksOnParallelNotices) {
            return Err(Refusal::broken());
        }
        if same && lapses.has(Lapse::RefusesParallelRepeats) {
            return Err(Refusal::forbidden("the notice is being taken in"));
        }
        if !lapses.has(Lapse::RefusesRedeliveries) {
            return Ok(());
        }
        let first = self.broken_off.insert(id.to_owned());
        Err(if first { Refusal::broken() } else { Refusal::forbidden("the operation is known") })
    }

    /// What only a server that forgets the rules of delivery refuses.
    fn fits(&self, entry: &Value, lapses: &Lapses) -> Result<(), Refusal> {
        let Some(known) = self.told.get(text(entry, "operationId")) else { return Ok(()) };
        let status = text(entry, "status");
        let again = known.iter().any(|own| own == status);
        let late = status == "PENDING" && known.iter().any(|own| own != "PENDING");
        let refused = again && lapses.has(Lapse::RefusesRepeats)
            || !again && lapses.has(Lapse::OneStatusPerId)
            || late && lapses.has(Lapse::WantsOrder);
        if refused { Err(Refusal::forbidden("the operation is known")) } else { Ok(()) }
    }
}

/// What only a server that forgets the rules of change refuses.
fn refusal(entry: &Value, lapses: &Lapses) -> Result<(), Refusal> {
    let members: Vec<&str> = entry.as_object().into_iter().flatten().map(|(name, _)| name.as_str()).collect();
    let new_operation = !OPERATIONS.contains(&text(entry, "operation"));
    let start = text(entry, "startTime");
    let broken = new_operation && lapses.has(Lapse::BreaksOnUnknownOperations)
        || start.contains("-02-29") && lapses.has(Lapse::BreaksOnLeapDays);
    if broken {
        return Err(Refusal::broken());
    }
    let new_details = entry.pointer("/details/status").is_some();
    let refused = [
        ("operation", Lapse::RefusesUnknownOperations, new_operation),
        ("operations", Lapse::RefusesUnknownFields, members.iter().any(|name| !DECLARED.contains(name))),
        ("operations", Lapse::WantsFieldOrder, members.first() != Some(&"operationId")),
        ("operationId", Lapse::RefusesLongIds, text(entry, "operationId").len() == 64),
        ("details", Lapse::RefusesNewDetails, new_details),
        ("startTime", Lapse::RefusesOffsets, !start.is_empty() && !start.ends_with('Z')),
        ("errorCode", Lapse::RefusesErrorCodes, entry.get("errorCode").is_some()),
    ];
    match refused.into_iter().find(|(_, lapse, hit)| *hit && lapses.has(*lapse)) {
        Some((name, ..)) => Err(Refusal::field(name, "format")),
        None => Ok(()),
    }
}

fn text<'e>(entry: &'e Value, name: &str) -> &'e str {
    entry.get(name).and_then(Value::as_str).unwrap_or_default()
}
