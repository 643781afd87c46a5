//! Findings that are alike: one check, one operation, one weight, one who must act. They often have one cause.

use std::collections::HashMap;

use indexmap::IndexMap;

use super::finding::{Finding, Known, one};
use super::sign::Sign;
use crate::oracle::Severity;
use crate::report::group::{Group, groups};
use crate::report::record::RunRecord;
use crate::report::words::plural;

/// Findings of a page; those behind them, the lightest, are in `run.json`.
const MOST_FINDINGS: usize = 1_000;

/// Findings up to which all of them are open when the page is.
const MOST_OPEN: usize = 10;

/// Findings that are alike.
pub(super) struct Family<'r> {
    /// On the page, from 1.
    pub(super) number: usize,
    pub(super) sign: Sign,
    pub(super) breach: bool,
    pub(super) suite: &'r str,
    pub(super) operation: &'r str,
    pub(super) check: &'r str,
    /// The check with blanks, for people.
    pub(super) check_words: String,
    pub(super) code: &'r str,
    /// Who must act.
    pub(super) turn: &'static str,
    pub(super) flaky: bool,
    /// `3 duties, 40 cases`.
    pub(super) count: String,
    /// The duty of the first one.
    pub(super) first: &'r str,
    pub(super) findings: Vec<Finding<'r>>,
}

/// All findings of a page.
pub(super) struct Families<'r> {
    pub(super) list: Vec<Family<'r>>,
    pub(super) breaches: usize,
    pub(super) observations: usize,
    /// Findings that have no place on the page.
    pub(super) unshown: usize,
    /// Few enough to be read one after the other.
    pub(super) open: bool,
}

/// The findings of a run, gravest first. `numbers` are those of its operations.
pub(super) fn families<'r>(record: &'r RunRecord, numbers: HashMap<(&'r str, &'r str), usize>) -> Families<'r> {
    let all = groups(record);
    let breaches = all.iter().filter(|group| group.severity > Severity::Observation).count();
    let (observations, count) = (all.len() - breaches, all.len());
    let mut alike: IndexMap<Key<'_>, Vec<Group<'r>>> = IndexMap::new();
    for group in all.into_iter().take(MOST_FINDINGS) {
        alike.entry(Key::of(&group)).or_default().push(group);
    }
    let mut known = Known::of(record, numbers);
    let mut number = 0;
    let families = alike.into_values().enumerate().filter_map(|(index, groups)| {
        let findings: Vec<Finding<'r>> = groups
            .iter()
            .map(|group| {
                number += 1;
                one(number, group, &mut known)
            })
            .collect();
        family(index + 1, findings)
    });
    Families {
        list: families.collect(),
        breaches,
        observations,
        unshown: count.saturating_sub(MOST_FINDINGS),
        open: count <= MOST_OPEN,
    }
}

/// What is the same in all of a family.
#[derive(PartialEq, Eq, Hash)]
struct Key<'r> {
    severity: &'static str,
    blame: &'static str,
    code: &'r str,
    operation: (&'r str, &'r str),
}

impl<'r> Key<'r> {
    fn of(group: &Group<'r>) -> Self {
        let first = group.seen.first().map(|(_, scenario, _)| *scenario);
        Self {
            severity: group.severity.name(),
            blame: group.worst.blame.name(),
            code: &group.worst.code,
            operation: first.map_or(("", ""), |scenario| (&scenario.suite, scenario.operation_id.as_str())),
        }
    }
}

fn family(number: usize, findings: Vec<Finding<'_>>) -> Option<Family<'_>> {
    let first = findings.first()?;
    let cases = findings.iter().map(|finding| finding.cases).sum();
    let duties = match findings.len() {
        1 => "1 duty".to_owned(),
        count => format!("{count} duties"),
    };
    Some(Family {
        number,
        sign: first.sign,
        breach: first.breach,
        suite: first.suite,
        operation: first.operation,
        check: &first.proof.check,
        check_words: first.proof.check.replace('_', " "),
        code: &first.proof.code,
        turn: first.turn,
        flaky: first.flaky,
        count: format!("{duties}, {}", plural(cases, "case")),
        first: &first.proof.text,
        findings,
    })
}
