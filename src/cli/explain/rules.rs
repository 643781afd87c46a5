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
    scenarios
        .extend(rule.lifecycles.iter().map(|name| format!("{suite}::lifecycles::{name}, walked through call by call")));
    scenarios.extend(rule.covered_by.iter().map(|duty| format!("covered by the obligation {duty}")));
    let because = match &rule.untestable {
        Some(reason) => format!("it cannot be tested through the API: {reason}"),
        None => "a public guide or specification of the vendor says so; no schema does".to_owned(),
    };
    let called = !rule.sequences.is_empty() || !rule.lifecycles.is_empty();
    let codes = codes().into_iter().filter(|(check, _)| called && *check == BUSINESS_RULES_CHECK);
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

/// A part of a life cycle, by the name of its scenario or of its duty, or a life cycle as a whole.
pub fn life_cycles(library: &Library, term: &str) -> anyhow::Result<Vec<Explanation>> {
    let Some((_, wanted)) = term.split_once("lifecycles::") else { return Ok(Vec::new()) };
    let (name, part) = wanted.split_once("::").map_or((wanted, None), |(name, part)| (name, Some(part)));
    let mut found = Vec::new();
    for suite in library.suite_names() {
        let suite = library.suite(&suite)?;
        for lifecycle in suite.lifecycles.iter().filter(|own| own.name == name) {
            let race = part.and_then(|part| part.strip_prefix("races::"));
            let race = race.map(|name| (name, lifecycle.races.get(name)));
            let (pointer, text) = match (part, race) {
                (_, Some((name, Some(race)))) => (format!("/races/{name}"), race.text.clone()),
                (None, _) => (String::new(), lifecycle.text.clone()),
                (Some("walks"), _) => ("/transitions".to_owned(), format!("{}: any walk through it", lifecycle.text)),
                (Some(call), None) if lifecycle.calls.contains_key(call) => {
                    let text = format!("{call} ends in every state of the life cycle {name} as its line says");
                    (format!("/calls/{call}"), text)
                }
                _ => continue,
            };
            let lines = lifecycle
                .transitions
                .iter()
                .filter(|line| part.is_none_or(|part| part == "walks" || part == line.call));
            let mut rules: Vec<&String> = match race {
                Some((_, race)) => race.iter().map(|race| &race.rule).collect(),
                None => lines.map(|line| &line.rule).collect(),
            };
            rules.sort();
            rules.dedup();
            let rules: Vec<&str> = rules.into_iter().map(String::as_str).collect();
            let codes = codes().into_iter().filter(|(check, _)| *check == BUSINESS_RULES_CHECK);
            found.push(Explanation {
                kind: "life cycle",
                name: format!("lifecycles::{wanted}"),
                means: text,
                because: Some(format!("its lines rest on the business rules {}", rules.join(", "))),
                source: Some(place(&lifecycle.source(&pointer))),
                scenarios: vec![format!("{}::lifecycles::{wanted}", suite.name)],
                codes: codes.map(|(_, code)| (code.id.to_owned(), code.means.to_owned())).collect(),
                ..Explanation::default()
            });
        }
    }
    Ok(found)
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
