//! Finds the duty that an answer breaks.

use std::collections::HashMap;

use serde_json::Value;

use crate::contract::{
    Breach, Contract, Evidence, InstancePath, Location, Obligation, Operation, Response, Rule, StatusPattern,
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
        let rule = breach.rule(body).unwrap_or(Rule::Body);
        let location = Location::ResponseBody(response.status, breach.place(body));
        let written = |duty: &&Obligation| duty.is_written_at(breach);
        if let Some(duty) = self.at(&location, rule).find(written).or_else(|| self.find(&location, rule)) {
            return duty.clone();
        }
        let line = self.found.iter().find(|duty| duty.rule == rule && written(duty));
        let text = format!("{location} keeps the rule {rule}");
        let evidence = line.map_or(response.body_evidence, |duty| duty.evidence);
        let mut duty = Obligation::unwritten((contract, operation), location, rule, &breach.pointer, evidence, text);
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
        let rule = breach.rule(clear).unwrap_or(Rule::Body);
        let location = at(breach.place(clear));
        let written = |duty: &&Obligation| duty.is_written_at(breach);
        if let Some(duty) = self.at(&location, rule).find(written).or_else(|| self.find(&location, rule)) {
            return duty.clone();
        }
        let text = format!("{location} keeps the rule {rule}");
        Obligation::unwritten((contract, operation), location, rule, &breach.pointer, evidence, text)
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
            Obligation::unwritten((contract, operation), location, rule, &breach.pointer, evidence, text)
        })
    }

    /// The duty that an undeclared status goes against: that of its class, or of all statuses where the class has none.
    pub(super) fn of_undeclared(&self, contract: &Contract, operation: &Operation, status: u16) -> Obligation {
        let class = Location::Response(StatusPattern::Range(status / 100));
        let known = self.find(&class, Rule::Status).or_else(|| self.find(&Location::Answer, Rule::Status));
        known.cloned().unwrap_or_else(|| {
            let pointer = format!("{}/responses", operation.pointer);
            let text = "the status of an answer is declared".to_owned();
            Obligation::unwritten(
                (contract, operation),
                Location::Answer,
                Rule::Status,
                &pointer,
                operation.evidence,
                text,
            )
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
            Obligation::unwritten(
                (contract, operation),
                location,
                rule,
                &response.pointer,
                response.body_evidence,
                text.to_owned(),
            )
        })
    }
}
