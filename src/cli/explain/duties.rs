//! Obligations: those of requests, which have scenarios of their own, and those that answers are judged by in passing.

use std::path::Path;
use std::sync::Arc;

use anyhow::bail;

use super::Explanation;
use super::rules::{evidence, place, severity};
use crate::base::{ObligationId, OperationId};
use crate::cli::selection::contract_of;
use crate::contract::{
    Contract, Evidence, InstancePath, Location, Obligation, Operation, Rule, Source, StatusPattern, obligations,
    response_obligations,
};
use crate::generate::Generator;
use crate::oracle::codes;
use crate::suite::{Library, Suite};

/// Names that are shown where several fit.
const MOST_NAMES: usize = 8;

/// The obligations of some specifications.
pub struct Duties {
    contracts: Vec<Arc<Contract>>,
    suites: Vec<Suite>,
    found: Vec<Obligation>,
}

impl Duties {
    /// Derives them: of the file, or of the catalogue, and of that only the specification which the term names, if any.
    pub fn load(library: &Library, spec: Option<&Path>, term: &str) -> anyhow::Result<Self> {
        let catalog = library.catalog()?;
        let contracts: Vec<Arc<Contract>> = if let Some(file) = spec {
            vec![Arc::new(contract_of(&catalog, file)?)]
        } else {
            let named = |name: &str| term.starts_with(&format!("{name}::"));
            let any = catalog.entries.iter().any(|entry| named(&entry.name));
            let wanted = catalog.entries.iter().filter(|entry| !any || named(&entry.name));
            wanted.map(|entry| catalog.contract(entry).map(Arc::new)).collect::<Result<_, _>>()?
        };
        let suites = library.suite_names().iter().map(|name| library.suite(name)).collect::<Result<_, _>>()?;
        let operations =
            contracts.iter().flat_map(|contract| contract.operations.iter().map(move |own| (contract, own)));
        let found = operations
            .flat_map(|(contract, own)| {
                obligations(contract, own).into_iter().chain(response_obligations(contract, own))
            })
            .collect();
        Ok(Self { contracts, suites, found })
    }

    /// The names of all of them.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.found.iter().map(|duty| duty.id.as_str())
    }

    /// The obligation of this name, or that whose name alone ends so.
    pub fn explain(&self, term: &str) -> anyhow::Result<Option<Explanation>> {
        if let Some(exact) = self.found.iter().find(|duty| duty.id.as_str() == term) {
            return Ok(Some(self.of(exact)));
        }
        let end = format!("::{term}");
        let ending: Vec<&Obligation> = self.found.iter().filter(|duty| duty.id.as_str().ends_with(&end)).collect();
        match ending.as_slice() {
            [] => Ok(self.without_line(term).map(|duty| self.of(&duty))),
            [one] => Ok(Some(self.of(one))),
            several => {
                let names: Vec<&str> = several.iter().take(MOST_NAMES).map(|duty| duty.id.as_str()).collect();
                let more = several.len().saturating_sub(MOST_NAMES);
                let more = if more > 0 { format!("\n    … and {more} more") } else { String::new() };
                bail!(
                    "`{term}` is the end of {} obligations\n  remedy: write more of one of\n    {}{more}",
                    several.len(),
                    names.join("\n    ")
                )
            }
        }
    }

    fn of(&self, duty: &Obligation) -> Explanation {
        let graded = match (&duty.open, duty.noted) {
            (Some(why), _) => format!("proves nothing, so that it is not exercised: {why}"),
            (None, Some(why)) => format!("observation, which never fails a run: {why}"),
            (None, None) => severity(duty.evidence).to_owned(),
        };
        let breaking = codes().into_iter().filter(|(_, code)| (code.breaks)(duty));
        Explanation {
            kind: "obligation",
            name: duty.id.to_string(),
            means: duty.text.clone(),
            because: Some(format!("rule {}: {}", duty.rule, meaning(duty))),
            evidence: Some(evidence(duty.evidence).to_owned()),
            severity: Some(graded),
            source: Some(place(&duty.source)),
            scenarios: self.scenarios(duty),
            codes: breaking.map(|(_, code)| (code.id.to_owned(), code.means.to_owned())).collect(),
            ..Explanation::default()
        }
    }

    /// What shows it, in the words of `d1c list`.
    fn scenarios(&self, duty: &Obligation) -> Vec<String> {
        let spec = duty.operation.spec();
        let mut found = Vec::new();
        for suite in self.suites.iter().filter(|suite| suite.specs.iter().any(|own| own == spec)) {
            let plan = suite.operations.get(duty.operation.as_str());
            if duty.rule == Rule::Snapshot {
                let name = duty.id.as_str().rsplit("::snapshot.").next().unwrap_or_default();
                let name = name.trim_end_matches("::snapshot");
                found.push(format!("{}::{}::pinned::{name}", suite.name, duty.operation));
            } else if duty.location.is_response() {
                found.push(format!(
                    "every answer of {}, in all its scenarios of the suite {}",
                    duty.operation, suite.name
                ));
            } else {
                let tolerated = suite.tolerate.iter().find(|one| {
                    one.rule == duty.rule && one.operation.as_ref().is_none_or(|own| own == duty.operation.as_str())
                });
                let skip = plan.and_then(|plan| plan.skip.clone());
                let skip = skip.or_else(|| Generator::exercisable(duty).err());
                let skip = skip.or_else(|| tolerated.map(|one| one.reason.clone()));
                let skip = skip.map_or_else(String::new, |why| format!(" (skipped: {why})"));
                found.push(format!("{}::{}{skip}", suite.name, duty.id));
            }
        }
        if found.is_empty() && !duty.location.is_response() {
            found.push(format!("generic::{}", duty.id));
        }
        found
    }

    /// A duty that has no line of its own: an answer is judged at such places too, and by what HTTP and JSON say.
    fn without_line(&self, term: &str) -> Option<Obligation> {
        let (place, rule) = term.rsplit_once("::")?;
        let rule = Rule::named(rule.split('.').next().unwrap_or(rule))?;
        let (contract, operation, place) = self.operation(place)?;
        let mut evidence = operation.evidence;
        let mut text =
            format!("{place} keeps the rule {rule}; it has no line of its own: shown is that of the operation");
        let location = if let Some(name) = place.strip_prefix("snapshot.") {
            let pinned = self.suites.iter().filter_map(|suite| suite.operations.get(operation.id.as_str()));
            pinned.flat_map(|plan| &plan.pinned).find(|case| case.name == name)?;
            text = format!("the answer to the pinned case {name} of the suite is the accepted one");
            evidence = Evidence::Documented;
            Location::Operation
        } else {
            answered(operation, place)?
        };
        let (file, line) = contract.document.origin(&operation.pointer);
        Some(Obligation {
            id: ObligationId::new(format!("{}::{place}::{rule}", operation.id)),
            operation: OperationId::new(operation.id.as_str()),
            location,
            rule,
            text,
            limit: serde_json::Value::Null,
            source: Source { file, pointer: operation.pointer.clone(), line },
            evidence,
            open: None,
            noted: None,
        })
    }

    /// The operation that a place names, and what is left of the place.
    fn operation<'t>(&self, place: &'t str) -> Option<(&Contract, &Operation, &'t str)> {
        self.contracts.iter().find_map(|contract| {
            contract.operations.iter().find_map(|own| {
                let left = place
                    .strip_prefix(&format!("{}::", own.id))
                    .or_else(|| place.strip_prefix(&format!("{}::", own.id.name())))?;
                Some((contract.as_ref(), own.as_ref(), left))
            })
        })
    }
}

/// What the rule asks for. Of an answer, nothing is sent to see whether it is kept.
fn meaning(duty: &Obligation) -> &'static str {
    let meaning = duty.rule.meaning();
    if duty.location.is_response() { meaning.split(": ").next().unwrap_or(meaning) } else { meaning }
}

/// The place of an answer that an operation declares.
fn answered(operation: &Operation, place: &str) -> Option<Location> {
    let rest = place.strip_prefix("response")?;
    let rest = rest.strip_prefix('.')?;
    let response = operation.responses.iter().find(|one| {
        let own = one.status.to_string();
        rest == own || rest.strip_prefix(own.as_str()).is_some_and(|rest| rest.starts_with(['.', '/']))
    });
    // A status that is not declared has a duty of its class, and no parts.
    let class = || Some(StatusPattern::Range(u16::try_from(rest.strip_suffix("XX")?.parse::<u32>().ok()?).ok()?));
    let status = response.map(|one| one.status).or_else(class)?;
    let inside = rest.split_once('.').map_or("", |(_, inside)| inside);
    if let Some(name) = inside.strip_prefix("header.") {
        return Some(Location::ResponseHeader(status, name.to_owned()));
    }
    match inside.strip_prefix("body") {
        Some(path) => match path.split_once(".plaintext") {
            Some((path, inside)) => {
                Some(Location::ResponsePlaintext(status, InstancePath::at(path), InstancePath::at(inside)))
            }
            None => Some(Location::ResponseBody(status, InstancePath::at(path))),
        },
        None => Some(Location::Response(status)),
    }
}
