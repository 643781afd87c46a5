//! Finds the duty that a breach in a request goes against.

use std::sync::Arc;

use serde_json::Value;

use crate::base::ObligationId;
use crate::contract::{
    Breach, Contract, Evidence, InstancePath, Location, Obligation, Operation, ParameterIn, Rule, Source, obligations,
};
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
        let rule = rule_of(breach, value);
        let path = instance_path(&breach.instance, value);
        let location = match station {
            Station::Parameter(ParameterIn::Path, name) => Location::Path(name.clone()),
            Station::Parameter(ParameterIn::Query, name) => Location::Query(name.clone()),
            Station::Parameter(ParameterIn::Header, name) => Location::Header(name.clone()),
            Station::Body => Location::Body(path),
            Station::Form => Location::Form(path),
            Station::ClearText(sealed) => Location::Plaintext(sealed.clone(), path),
        };
        let written = |duty: &&Obligation| same_line(&duty.source.pointer, &breach.pointer);
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
        let (file, line) = self.contract.document.origin(pointer);
        Obligation {
            id: ObligationId::new(format!("{}::{location}::{rule}", self.operation.id)),
            operation: self.operation.id.clone(),
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
}

/// A null where no null may stand breaks the keyword `type`, but the duty `nullable`.
fn rule_of(breach: &Breach, value: &Value) -> Rule {
    match Rule::of_keyword(&breach.keyword) {
        Some(Rule::Type) if value.pointer(&breach.instance) == Some(&Value::Null) => Rule::Nullable,
        Some(rule) => rule,
        None => Rule::Conforming,
    }
}

/// The duty to have a property stands at its place in the list, a breach of it at the list.
fn same_line(duty: &str, breach: &str) -> bool {
    duty.strip_prefix(breach).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// The path of a concrete pointer: a step into an array stands for every item.
fn instance_path(pointer: &str, value: &Value) -> InstancePath {
    let (mut path, mut node) = (InstancePath::root(), Some(value));
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
