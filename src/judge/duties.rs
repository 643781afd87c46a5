//! Finds the duty that a breach in a request goes against.

use std::sync::Arc;

use crate::contract::{Contract, Evidence, Location, Obligation, Operation, ParameterIn, Rule, obligations};
use crate::sandbox::callers::{Noticed, Station};

/// What one operation asks of its callers.
#[derive(Debug)]
pub struct Duties {
    contract: Arc<Contract>,
    operation: Arc<Operation>,
    found: Vec<Obligation>,
}

impl Duties {
    /// Derives them.
    pub fn of(contract: &Arc<Contract>, operation: &Arc<Operation>) -> Self {
        let found = obligations(contract, operation);
        Self { contract: Arc::clone(contract), operation: Arc::clone(operation), found }
    }

    /// The first duty of this kind at this place.
    pub fn find(&self, location: &Location, rule: Rule) -> Option<&Obligation> {
        self.found.iter().find(|duty| duty.location == *location && duty.rule == rule)
    }

    /// A duty of the specification; where it states none, one with these words.
    pub fn find_or(&self, location: Location, rule: Rule, text: &str) -> Obligation {
        self.find(&location, rule).cloned().unwrap_or_else(|| {
            let pointer = &self.operation.pointer;
            self.written(location, rule, pointer, self.operation.evidence, text.to_owned())
        })
    }

    /// The duty that a breach of a schema goes against. A place inside a variant or a recursive schema has no duty of its
    /// own; it gets one here, with the mark of its line where that is known, else with that of what it is a part of.
    pub fn of_breach(&self, noticed: &Noticed) -> Obligation {
        let Noticed { station, breach, value } = noticed;
        let rule = breach.rule(value).unwrap_or(Rule::Conforming);
        let path = breach.place(value);
        let location = match station {
            Station::Parameter(ParameterIn::Path, name) => Location::Path(name.clone()),
            Station::Parameter(ParameterIn::Query, name) => Location::Query(name.clone()),
            Station::Parameter(ParameterIn::Header, name) => Location::Header(name.clone()),
            Station::Body => Location::Body(path),
            Station::Form => Location::Form(path),
            Station::ClearText(sealed) => Location::Plaintext(sealed.clone(), path),
        };
        let written = |duty: &&Obligation| duty.is_written_at(breach);
        let mut here = self.found.iter().filter(|duty| duty.location == location && duty.rule == rule);
        if let Some(duty) = here.clone().find(written).or_else(|| here.next()) {
            return duty.clone();
        }
        let line = self.found.iter().find(|duty| duty.rule == rule && written(duty));
        let evidence = line.map_or_else(|| self.mark(station), |duty| duty.evidence);
        let text = format!("{location} keeps the rule {rule}");
        let mut duty = self.written(location, rule, &breach.pointer, evidence, text);
        duty.open = line.and_then(|line| line.open.clone());
        duty
    }

    fn mark(&self, station: &Station) -> Evidence {
        let body = self.operation.body.as_ref();
        match station {
            Station::Parameter(place, name) => {
                self.operation.parameter(*place, name).map_or(self.operation.evidence, |parameter| parameter.evidence)
            }
            Station::Body | Station::Form => body.map_or(self.operation.evidence, |body| body.evidence),
            Station::ClearText(path) => {
                let sealed = body.into_iter().flat_map(|body| &body.media).flat_map(|media| &media.sealed);
                let own = sealed.filter(|sealed| sealed.path == *path).map(|sealed| sealed.evidence);
                own.max().unwrap_or(self.operation.evidence)
            }
        }
    }

    /// A duty that no single line of the specification states.
    pub fn written(
        &self,
        location: Location,
        rule: Rule,
        pointer: &str,
        evidence: Evidence,
        text: String,
    ) -> Obligation {
        Obligation::unwritten((&self.contract, &self.operation), location, rule, pointer, evidence, text)
    }
}
