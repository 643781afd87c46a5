//! Reads files of business rules, and checks every name in them before any traffic.

use std::path::Path;
use std::sync::Arc;

use super::error::SuiteError;
use super::read::{Checker, escape};
use super::rule::{AnswerExpectation, BusinessRule, RuleFile, SequenceStep};
use crate::base::ObligationId;
use crate::contract::{Contract, Document, Source, obligations};

const KNOWN_KEYS: &str = "a rule has text, evidence, and sequences or lifecycles, covered_by or untestable; \
                          suites/rules/cards.yaml uses every key";

impl RuleFile {
    /// Reads a file. Names are checked with the suite that uses it.
    pub(super) fn load(path: &Path) -> Result<Self, SuiteError> {
        let text =
            std::fs::read_to_string(path).map_err(|source| SuiteError::Read { path: path.to_owned(), source })?;
        let rules = serde_yaml::from_str(&text).map_err(|error| SuiteError::yaml(path, &error, KNOWN_KEYS))?;
        Ok(Self { path: path.to_owned(), rules })
    }

    /// Where each rule is written down, in the order of the file.
    pub fn sources(&self) -> Vec<Source> {
        let document = Document::load(&self.path).ok();
        let source = |id: &String| {
            let pointer = format!("/{}", escape(id));
            let line = document.as_ref().and_then(|document| document.line(&pointer)).unwrap_or(1);
            Source { file: self.path.clone(), pointer, line }
        };
        self.rules.keys().map(source).collect()
    }
}

impl Checker<'_> {
    pub(super) fn rules(&self, file: &RuleFile, contracts: &[Arc<Contract>]) -> Result<(), SuiteError> {
        let all = contracts.iter().flat_map(|contract| {
            contract.operations.iter().flat_map(|operation| obligations(contract, operation)).map(|duty| duty.id)
        });
        let covered = file.rules.values().any(|rule| !rule.covered_by.is_empty());
        let duties: Vec<ObligationId> = if covered { all.collect() } else { Vec::new() };
        for (id, rule) in &file.rules {
            self.rule(&format!("/{}", escape(id)), rule, contracts, &duties)?;
        }
        Ok(())
    }

    fn rule(
        &self,
        pointer: &str,
        rule: &BusinessRule,
        contracts: &[Arc<Contract>],
        duties: &[ObligationId],
    ) -> Result<(), SuiteError> {
        let called = !rule.sequences.is_empty() || !rule.lifecycles.is_empty();
        let ways = [called, !rule.covered_by.is_empty(), rule.untestable.is_some()];
        if ways.into_iter().filter(|way| *way).count() != 1 {
            let problem = "a rule is shown in one of three ways".to_owned();
            return Err(self.lines.invalid(pointer, problem, KNOWN_KEYS.to_owned()));
        }
        for (index, end) in rule.covered_by.iter().enumerate() {
            if !duties.iter().any(|duty| duty.as_str().ends_with(end.as_str())) {
                let problem = format!("no duty of the suite's specifications ends with `{end}`");
                let remedy = "`d1c list` shows them all".to_owned();
                return Err(self.lines.invalid(&format!("{pointer}/covered_by/{index}"), problem, remedy));
            }
        }
        for (index, name) in rule.lifecycles.iter().enumerate() {
            self.cited(&format!("{pointer}/lifecycles/{index}"), name, pointer.trim_start_matches('/'))?;
        }
        for (name, sequence) in &rule.sequences {
            let place = format!("{pointer}/sequences/{}", escape(name));
            self.needs(&place, &sequence.needs)?;
            if sequence.judged().is_none() {
                let remedy = "write `expect: accepted`, refused, observed or `{status: [404]}` into a step".to_owned();
                return Err(self.lines.invalid(&place, format!("the sequence `{name}` expects nothing"), remedy));
            }
            let mut checker = self.clone();
            for (index, step) in sequence.steps.iter().enumerate() {
                checker.sequence_step(&format!("{place}/steps/{index}"), step, contracts)?;
                checker.provided_by_steps.extend(step.provides.keys().cloned());
            }
        }
        Ok(())
    }

    /// The life cycle must be there, and one of its lines must name the rule.
    fn cited(&self, pointer: &str, name: &str, id: &str) -> Result<(), SuiteError> {
        let cycles = &self.suite.lifecycles;
        let Some(cycle) = cycles.iter().find(|cycle| cycle.name == name) else {
            let known: Vec<&str> = cycles.iter().map(|cycle| cycle.name.as_str()).collect();
            return Err(self.lines.unknown(pointer, "life cycle", name, known));
        };
        if cycle.transitions.iter().any(|line| line.rule == id) || cycle.races.values().any(|race| race.rule == id) {
            return Ok(());
        }
        let problem = format!("no transition of the life cycle `{name}` names {id}");
        Err(self.lines.invalid(pointer, problem, format!("write `rule: {id}` into one of its lines")))
    }

    fn sequence_step(&self, pointer: &str, step: &SequenceStep, contracts: &[Arc<Contract>]) -> Result<(), SuiteError> {
        let Some(operation) = self.operation(&format!("{pointer}/operation"), &step.operation)? else { return Ok(()) };
        self.sources(&format!("{pointer}/values"), &step.values, Some(operation))?;
        self.provides(&format!("{pointer}/provides"), &step.provides, Some(operation))?;
        for (place, expectations) in &step.answer {
            let place = format!("{pointer}/answer/{}", escape(place));
            for name in expectations.iter().filter_map(provided_name) {
                if !self.provided().any(|known| known == name) && !step.provides.contains_key(name) {
                    let known: Vec<&str> = self.provided().map(String::as_str).collect();
                    return Err(self.lines.unknown(&place, "provided value", name, known));
                }
            }
        }
        let Some(end) = &step.breaks else { return Ok(()) };
        let known = contracts.iter().filter(|contract| contract.operations.iter().any(|own| own.id == operation.id));
        let mut duties = known.flat_map(|contract| obligations(contract, operation));
        if duties.any(|duty| duty.id.as_str().ends_with(end.as_str())) {
            return Ok(());
        }
        let problem = format!("no duty of {} ends with `{end}`", operation.id);
        Err(self.lines.invalid(
            &format!("{pointer}/breaks"),
            problem,
            format!("`d1c list {}` shows them", operation.id),
        ))
    }
}

/// The provided value that an expectation speaks of.
pub(super) fn provided_name(expectation: &AnswerExpectation) -> Option<&String> {
    match expectation {
        AnswerExpectation::Same(name)
        | AnswerExpectation::Other(name)
        | AnswerExpectation::Holds(name)
        | AnswerExpectation::Lacks(name) => Some(name),
        AnswerExpectation::OneOf(_)
        | AnswerExpectation::NoneOf(_)
        | AnswerExpectation::Present(_)
        | AnswerExpectation::Count(_) => None,
    }
}
