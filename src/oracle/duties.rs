//! Finds the duty that an answer breaks.

use std::collections::HashMap;

use serde_json::Value;

use crate::base::ObligationId;
use crate::contract::{
    Breach, Contract, Evidence, InstancePath, Location, Obligation, Operation, Response, Rule, Source, StatusPattern,
    response_obligations,
};

/// The duties of one operation as to its answers.
#[derive(Debug)]
pub struct Duties {
    found: Vec<Obligation>,
    index: HashMap<(Location, Rule), Vec<usize>>,
}

impl Duties {
    /// Derives and indexes them.
    pub fn of(contract: &Contract, operation: &Operation) -> Self {
        let found = response_obligations(contract, operation);
        let mut index: HashMap<_, Vec<usize>> = HashMap::new();
        for (place, duty) in found.iter().enumerate() {
            index.entry((duty.location.clone(), duty.rule)).or_default().push(place);
        }
        Self { found, index }
    }

    /// The first duty of this kind at this place.
    pub fn find(&self, location: &Location, rule: Rule) -> Option<&Obligation> {
        self.at(location, rule).next()
    }

    fn at(&self, location: &Location, rule: Rule) -> impl Iterator<Item = &Obligation> {
        let places = self.index.get(&(location.clone(), rule)).map_or(&[][..], Vec::as_slice);
        places.iter().map(|&place| &self.found[place])
    }

    /// The duty that a breach in the body of an answer goes against. A place inside a variant or a recursive schema has
    /// no duty of its own; it gets one here, with the mark of its line where that is known, else with that of the body.
    pub(super) fn of_body(
        &self,
        contract: &Contract,
        operation: &Operation,
        response: &Response,
        breach: &Breach,
        body: &Value,
    ) -> Obligation {
        let rule = rule_of(breach, body);
        let path = instance_path(&breach.instance, body);
        let location = Location::ResponseBody(response.status, path);
        let written = |duty: &&Obligation| same_line(&duty.source.pointer, &breach.pointer);
        if let Some(duty) = self.at(&location, rule).find(written).or_else(|| self.find(&location, rule)) {
            return duty.clone();
        }
        let line = self.found.iter().find(|duty| duty.rule == rule && written(duty));
        let text = format!("{location} keeps the rule {rule}");
        let evidence = line.map_or(response.body_evidence, |duty| duty.evidence);
        let mut duty = write(contract, operation, location, rule, &breach.pointer, evidence, text);
        duty.open = line.and_then(|line| line.open.clone());
        duty
    }

    /// The duty that a breach in a clear text goes against; `at` makes its location.
    pub(super) fn of_plaintext(
        &self,
        contract: &Contract,
        operation: &Operation,
        at: impl Fn(InstancePath) -> Location,
        breach: &Breach,
        clear: &Value,
        evidence: Evidence,
    ) -> Obligation {
        let rule = rule_of(breach, clear);
        let location = at(instance_path(&breach.instance, clear));
        let written = |duty: &&Obligation| same_line(&duty.source.pointer, &breach.pointer);
        if let Some(duty) = self.at(&location, rule).find(written).or_else(|| self.find(&location, rule)) {
            return duty.clone();
        }
        let text = format!("{location} keeps the rule {rule}");
        write(contract, operation, location, rule, &breach.pointer, evidence, text)
    }

    /// The duty that a breach in a header of an answer goes against.
    pub(super) fn of_header(
        &self,
        contract: &Contract,
        operation: &Operation,
        location: Location,
        breach: &Breach,
        evidence: Evidence,
    ) -> Obligation {
        let rule = Rule::of_keyword(&breach.keyword).unwrap_or(Rule::Type);
        self.find(&location, rule).cloned().unwrap_or_else(|| {
            let text = format!("{location} keeps the rule {rule}");
            write(contract, operation, location, rule, &breach.pointer, evidence, text)
        })
    }

    /// The duty that an undeclared status goes against: that of its class, or of all statuses where the class has none.
    pub(super) fn of_undeclared(&self, contract: &Contract, operation: &Operation, status: u16) -> Obligation {
        let class = Location::Response(StatusPattern::Range(status / 100));
        let known = self.find(&class, Rule::Status).or_else(|| self.find(&Location::Answer, Rule::Status));
        known.cloned().unwrap_or_else(|| {
            let pointer = format!("{}/responses", operation.pointer);
            let text = "the status of an answer is declared".to_owned();
            write(contract, operation, Location::Answer, Rule::Status, &pointer, operation.evidence, text)
        })
    }

    /// A duty as to the status or the body as a whole; where the specification does not state it, `text` does.
    pub(super) fn of_status(
        &self,
        contract: &Contract,
        operation: &Operation,
        response: &Response,
        rule: Rule,
        text: &str,
    ) -> Obligation {
        let location = Location::Response(response.status);
        self.find(&location, rule).cloned().unwrap_or_else(|| {
            write(contract, operation, location, rule, &response.pointer, response.body_evidence, text.to_owned())
        })
    }
}

/// A duty that no single line of the specification states.
pub(super) fn write(
    contract: &Contract,
    operation: &Operation,
    location: Location,
    rule: Rule,
    pointer: &str,
    evidence: Evidence,
    text: String,
) -> Obligation {
    let (file, line) = contract.document.origin(pointer);
    Obligation {
        id: ObligationId::new(format!("{}::{location}::{rule}", operation.id)),
        operation: operation.id.clone(),
        location,
        rule,
        text,
        limit: Value::Null,
        source: Source { file, pointer: pointer.to_owned(), line },
        evidence,
        open: None,
        noted: None,
    }
}

/// A null where no null may stand breaks the keyword `type`, but the duty `nullable`.
fn rule_of(breach: &Breach, body: &Value) -> Rule {
    match Rule::of_keyword(&breach.keyword) {
        Some(Rule::Type) if body.pointer(&breach.instance) == Some(&Value::Null) => Rule::Nullable,
        Some(rule) => rule,
        None => Rule::Body,
    }
}

/// The duty to have a property stands at its place in the list, a breach of it at the list.
fn same_line(duty: &str, breach: &str) -> bool {
    duty.strip_prefix(breach).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// The path of a concrete pointer: a step into an array stands for every item.
fn instance_path(pointer: &str, body: &Value) -> InstancePath {
    let mut path = InstancePath::root();
    let mut node = Some(body);
    for token in pointer.split('/').skip(1) {
        let name = token.replace("~1", "/").replace("~0", "~");
        if let Some(Value::Array(items)) = node {
            path = path.item();
            node = name.parse().ok().and_then(|index: usize| items.get(index));
        } else {
            path = path.key(&name);
            node = node.and_then(|node| node.get(name.as_str()));
        }
    }
    path
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::instance_path;

    #[test]
    fn numbers_are_items_in_arrays_only() {
        let body = json!({"a": [{"0": {}}]});
        assert_eq!(instance_path("/a/0/0/x~1y", &body).to_string(), "/a/*/0/x~1y");
    }
}
