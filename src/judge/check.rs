//! One way to judge a call.

use std::sync::Arc;

use super::duties::Duties;
use super::memory::Memory;
use super::request::RequestKey;
use crate::contract::{Evidence, Location, Obligation, Operation, Rule};
use crate::oracle::{Blame, Finding, Severity};
use crate::sandbox::Role;
use crate::sandbox::callers::WitnessedCall;

/// One way to judge a call.
#[derive(Debug)]
pub struct Check {
    /// Its name in plain words; reports use it.
    pub name: &'static str,
    /// The code of its findings, `D1C-4xx`; never reused.
    pub code: &'static str,
    /// What a client must do.
    pub duty: &'static str,
    /// What to do where a client does not.
    pub remedy: &'static str,
    /// How sure that is.
    pub evidence: Evidence,
    /// The kind of the duty, and its place: `body`, `auth`, `client`.
    pub kind: (Rule, &'static str),
    /// `None` where the call says nothing about the duty.
    pub judge: fn(&Check, &View<'_>) -> Option<Vec<Finding>>,
}

/// One call of an operation, and what is known besides. Not printable: the call is not.
#[derive(Clone, Copy)]
pub struct View<'v> {
    /// The call.
    pub call: &'v WitnessedCall,
    /// What distinguishes it from others.
    pub key: &'v RequestKey,
    /// The operation that it reached.
    pub operation: &'v Arc<Operation>,
    /// What the operation asks of its callers.
    pub duties: &'v Duties,
    /// What was before this call.
    pub memory: &'v Memory,
    /// Whom the sandbox plays.
    pub role: Role,
}

impl View<'_> {
    /// True for the operation that gives tokens.
    pub fn is_token_call(&self) -> bool {
        self.operation.id.name() == "getToken"
    }

    /// True when the answer is not the one that the call would have had by itself.
    pub fn is_provoked(&self) -> bool {
        self.call.provoked.iter().any(|name| *name != "latency")
    }
}

impl Check {
    /// A breach of a duty that the specification states.
    pub fn against(&self, duty: &Obligation, expected: impl Into<String>, actual: impl Into<String>) -> Finding {
        Finding {
            code: self.code,
            check: self.name,
            obligation: duty.id.clone(),
            text: duty.text.clone(),
            severity: severity(duty),
            blame: Blame::Target,
            expected: expected.into(),
            actual: actual.into(),
            pointer: None,
            source: duty.source.clone(),
        }
    }

    /// A breach of the duty of this check, which a guide states and no line of a specification.
    pub fn breach(&self, view: &View<'_>, severity: Severity, actual: impl Into<String>) -> Finding {
        let duty = self.obligation(view.duties, view.operation);
        Finding { severity, ..self.against(&duty, self.duty, actual) }
    }

    /// The duty of this check, of one operation.
    pub fn obligation(&self, duties: &Duties, operation: &Operation) -> Obligation {
        let mut duty =
            duties.written(Location::Operation, self.kind.0, &operation.pointer, self.evidence, self.duty.to_owned());
        duty.id = crate::base::ObligationId::new(format!("{}::client::{}", operation.id, self.name));
        duty
    }
}

/// What breaking a duty amounts to. Where the specification says that a breach proves nothing, it is worth a note.
pub fn severity(duty: &Obligation) -> Severity {
    match duty.evidence {
        _ if duty.open.is_some() || duty.noted.is_some() => Severity::Observation,
        Evidence::Documented => Severity::Failure,
        Evidence::Inferred => Severity::Warning,
    }
}
