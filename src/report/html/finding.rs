//! Each distinct breach with one exchange that proves it.

use std::collections::HashMap;

use indexmap::IndexSet;

use super::coverage::Kind;
use super::escape::size;
use super::exchange::Exchange;
use super::marks::{Piece, difference};
use super::scenarios::evidence;
use super::sign::{Sign, turn};
use crate::base::{ObligationId, OperationId};
use crate::contract::Evidence;
use crate::oracle::{Blame, Severity, Verdict};
use crate::report::group::Group;
use crate::report::record::{ExcerptRecord, FindingRecord, RunRecord};
use crate::report::text::shortened;
use crate::report::words::{plural, repeated, searched};

/// Bytes of the page that proofs may take together; what is left out is in `run.json`.
const MOST_PROOFS: usize = 2_000_000;

/// Characters of an expected or actual text, and of one without its exchange.
const MOST_TEXT: usize = 2_000;
const SHORT_TEXT: usize = 200;

/// Scenarios that are named under a breach.
const MOST_SEEN: usize = 50;

/// One breach.
pub(super) struct Finding<'r> {
    /// On the page, from 1.
    pub(super) number: usize,
    pub(super) proof: &'r FindingRecord,
    pub(super) sign: Sign,
    pub(super) breach: bool,
    pub(super) suite: &'r str,
    pub(super) operation: &'r str,
    /// Who must act.
    pub(super) turn: &'static str,
    pub(super) evidence: &'static str,
    pub(super) expected: Vec<Piece>,
    pub(super) actual: Vec<Piece>,
    /// The lines of the specification.
    pub(super) excerpt: Vec<Line<'r>>,
    /// Places in the map, as `operation:kind`; what the filters compare.
    pub(super) cells: String,
    /// Cases that show it.
    pub(super) cases: u64,
    /// `5 cases in 2 scenarios`.
    pub(super) count: String,
    pub(super) seen: Vec<Seen<'r>>,
    pub(super) unseen: usize,
    /// The smallest request that shows it, or the one that did first. Absent where the page would grow too large.
    pub(super) exchange: Option<Exchange<'r>>,
    /// The first one, where a smaller one is shown.
    pub(super) original: Option<Exchange<'r>>,
    /// The repeat that did not show it.
    pub(super) repeat: Option<Exchange<'r>>,
    /// What the repeat says of the finding, where that is something.
    pub(super) repeated: Option<String>,
    pub(super) flaky: bool,
    /// How the search for a smaller request ended.
    pub(super) searched: Option<String>,
    /// What the smallest request brought, where it is not what the first one did.
    pub(super) actual_of_smallest: Option<String>,
}

/// One scenario that met the breach.
pub(super) struct Seen<'r> {
    pub(super) scenario: usize,
    pub(super) id: &'r str,
    pub(super) case: &'r str,
}

/// A line of a specification.
pub(super) struct Line<'r> {
    pub(super) number: u64,
    /// Blanks before the text, which are not marked.
    pub(super) indent: &'r str,
    pub(super) text: &'r str,
    /// The one that is meant.
    pub(super) marked: bool,
}

/// What is known of the whole run.
pub(super) struct Known<'r> {
    evidence: HashMap<&'r ObligationId, Evidence>,
    /// Of the operations.
    numbers: HashMap<(&'r str, &'r str), usize>,
    /// Bytes that proofs may still take.
    left: usize,
}

impl<'r> Known<'r> {
    /// `numbers` are those of the operations.
    pub(super) fn of(record: &'r RunRecord, numbers: HashMap<(&'r str, &'r str), usize>) -> Self {
        let evidence = record.scenarios.iter().map(|scenario| (&scenario.obligation, scenario.evidence)).collect();
        Self { evidence, numbers, left: MOST_PROOFS }
    }

    /// The value, if the page has room for it.
    fn fitting<T>(&mut self, value: T, takes: usize) -> Option<T> {
        (takes <= self.left).then(|| {
            self.left -= takes;
            value
        })
    }

    fn exchange(&mut self, exchange: Exchange<'r>, beside: usize) -> Option<Exchange<'r>> {
        let takes = exchange.size() + beside;
        self.fitting(exchange, takes)
    }
}

/// One breach on the page.
pub(super) fn one<'r>(number: usize, group: &Group<'r>, known: &mut Known<'r>) -> Finding<'r> {
    let finding = group.worst;
    let cells: IndexSet<String> = group
        .seen
        .iter()
        .filter_map(|(_, scenario, _)| {
            let operation = known.numbers.get(&(scenario.suite.as_str(), scenario.operation_id.as_str()))?;
            Some(format!("{operation}:{}", Kind::of(scenario).name()))
        })
        .collect();
    let seen = group.seen.iter().take(MOST_SEEN);
    let first = group.seen.first().map(|(_, scenario, _)| *scenario);
    let smallest = finding.shrunk.as_ref().and_then(|shrunk| shrunk.smallest.as_ref());
    let texts = [&finding.expected, &finding.actual].map(|text| size(&shortened(text, MOST_TEXT)));
    let walk = finding.walk.iter().flat_map(|walk| &walk.steps).map(|step| size(step) + 30);
    let beside = texts.iter().sum::<usize>() + walk.sum::<usize>();
    let original = Exchange::of_finding(finding);
    let (exchange, original) = match smallest {
        Some(smallest) => (known.exchange(Exchange::of_smallest(finding, smallest), beside), Some(original)),
        None => (known.exchange(original, beside), None),
    };
    let original = original.filter(|_| exchange.is_some()).and_then(|original| known.exchange(original, 0));
    let repeat = finding.repeated.as_ref().and_then(|repeat| repeat.exchange.as_ref()).map(Exchange::of_repeat);
    let repeat = repeat.and_then(|repeat| known.exchange(repeat, 0));
    let excerpt = finding.spec_excerpt.as_ref().map(|excerpt| lines(excerpt, finding.spec_line));
    let excerpt = excerpt.and_then(|lines| {
        let takes = lines.iter().map(|line| line.indent.len() + size(line.text) + 40).sum();
        known.fitting(lines, takes)
    });
    let most = if exchange.is_some() { MOST_TEXT } else { SHORT_TEXT };
    let [expected, actual] = difference(&shortened(&finding.expected, most), &shortened(&finding.actual, most));
    Finding {
        number,
        proof: finding,
        sign: match finding.deviation {
            Some(_) => Sign { word: "let pass", ..Sign::of(Verdict::Deviating) },
            None => Sign::of_severity(group.severity),
        },
        breach: group.severity > Severity::Observation && finding.deviation.is_none(),
        suite: first.map_or("", |scenario| &scenario.suite),
        operation: first.map_or("", |scenario| OperationId::name(&scenario.operation_id)),
        turn: turn(finding.blame).0,
        evidence: said(finding, known.evidence.get(&finding.obligation).copied()),
        expected,
        actual,
        excerpt: excerpt.unwrap_or_default(),
        cells: cells.into_iter().collect::<Vec<_>>().join(" "),
        cases: group.cases,
        count: format!("{} in {}", plural(group.cases, "case"), plural(group.seen.len() as u64, "scenario")),
        seen: seen
            .map(|(scenario, record, finding)| Seen {
                scenario: *scenario,
                id: record.id.as_str(),
                case: finding.case_id.as_str(),
            })
            .collect(),
        unseen: group.seen.len().saturating_sub(MOST_SEEN),
        exchange,
        original,
        repeat,
        repeated: repeated(finding),
        flaky: finding.blame == Blame::Flaky,
        searched: finding.shrunk.as_ref().map(searched),
        actual_of_smallest: smallest
            .filter(|smallest| smallest.actual != finding.actual)
            .map(|smallest| shortened(&smallest.actual, SHORT_TEXT)),
    }
}

fn lines<'r>(excerpt: &'r ExcerptRecord, meant: u64) -> Vec<Line<'r>> {
    let numbered = excerpt.lines.iter().zip(excerpt.first_line..);
    let line = |(text, number): (&'r String, u64)| {
        let (indent, text) = text.split_at(text.len() - text.trim_start_matches(' ').len());
        Line { number, indent, text, marked: number == meant }
    };
    numbered.map(line).collect()
}

/// The evidence of the duty. Duties of answers have no scenario that says it; there the severity does.
fn said(finding: &FindingRecord, known: Option<Evidence>) -> &'static str {
    match (known, finding.severity) {
        (Some(known), _) => evidence(known),
        (None, Severity::Failure) => evidence(Evidence::Documented),
        (None, Severity::Warning) => evidence(Evidence::Inferred),
        (None, Severity::Observation) => "open: the specification does not decide it",
    }
}
