//! Business rules and the rules of the generator.

use super::text::excerpt;
use super::{Explanation, Place};
use crate::contract::{Evidence, Rule, Source};
use crate::oracle::{BUSINESS_RULES_CHECK, codes};
use crate::suite::{BusinessRule, Library};

/// The business rules of this id, of all suites.
pub fn business_rules(library: &Library, term: &str) -> anyhow::Result<Vec<Explanation>> {
    let wanted = term.strip_prefix("rules::").unwrap_or(term);
    let mut found: Vec<Explanation> = Vec::new();
    for name in library.suite_names() {
        let suite = library.suite(&name)?;
        for file in &suite.rules {
            for ((id, rule), source) in file.rules.iter().zip(file.sources()) {
                if id.eq_ignore_ascii_case(wanted) {
                    found.push(of(&suite.name, id, rule, &source));
                }
            }
        }
    }
    Ok(found)
}

/// The ids of all business rules.
pub fn names(library: &Library) -> anyhow::Result<Vec<String>> {
    let mut names = Vec::new();
    for name in library.suite_names() {
        let suite = library.suite(&name)?;
        names.extend(suite.rules.iter().flat_map(|file| file.rules.keys().cloned()));
    }
    Ok(names)
}

fn of(suite: &str, id: &str, rule: &BusinessRule, source: &Source) -> Explanation {
    let mut scenarios = Vec::new();
    for (name, sequence) in &rule.sequences {
        let when = sequence.when.as_ref().map_or_else(String::new, |when| format!(" (where `{when}: true`)"));
        let calls: Vec<&str> =
            sequence.steps.iter().map(|step| step.operation.rsplit("::").next().unwrap_or_default()).collect();
        scenarios.extend(
            sequence
                .variants()
                .into_iter()
                .map(|(variant, _)| format!("{suite}::rules::{id}::{name}{variant}{when}: {}", calls.join(", "))),
        );
    }
    scenarios.extend(rule.covered_by.iter().map(|duty| format!("covered by the obligation {duty}")));
    let because = match &rule.untestable {
        Some(reason) => format!("it cannot be tested through the API: {reason}"),
        None => "a public guide or specification of the vendor says so; no schema does".to_owned(),
    };
    let codes = codes().into_iter().filter(|(check, _)| *check == BUSINESS_RULES_CHECK && !rule.sequences.is_empty());
    Explanation {
        kind: "business rule",
        name: id.to_owned(),
        means: rule.text.clone(),
        because: Some(because),
        evidence: Some(evidence(rule.evidence).to_owned()),
        severity: Some(severity(rule.evidence).to_owned()),
        source: Some(place(source)),
        scenarios,
        codes: codes.map(|(_, code)| (code.id.to_owned(), code.means.to_owned())).collect(),
        ..Explanation::default()
    }
}

/// A kind of obligations.
pub fn of_generator(rule: Rule) -> Explanation {
    Explanation {
        kind: "rule",
        name: rule.to_string(),
        means: rule.meaning().to_owned(),
        remedy: Some(format!(
            "`d1c list ::{rule}` shows its scenarios; `d1c explain` and an obligation says where it is written"
        )),
        ..Explanation::default()
    }
}

pub fn evidence(evidence: Evidence) -> &'static str {
    match evidence {
        Evidence::Documented => "documented",
        Evidence::Inferred => "inferred",
    }
}

pub fn severity(evidence: Evidence) -> &'static str {
    match evidence {
        Evidence::Documented => "failure",
        Evidence::Inferred => "warning, and a failure under --strict",
    }
}

pub fn place(source: &Source) -> Place {
    Place {
        file: source.file.display().to_string(),
        line: source.line,
        pointer: source.pointer.clone(),
        excerpt: excerpt(&source.file, source.line),
    }
}
