//! Each distinct breach with one exchange that proves it.

use std::collections::HashMap;

use indexmap::IndexSet;

use super::coverage::Kind;
use super::escape::size;
use super::pretty::pretty;
use super::scenarios::evidence;
use super::sign::{Sign, turn};
use crate::base::{ObligationId, OperationId};
use crate::contract::Evidence;
use crate::oracle::{Blame, Severity};
use crate::report::group::{Group, groups};
use crate::report::record::{
    ExchangeRecord, FindingRecord, HeaderRecord, RequestRecord, ResponseRecord, RunRecord, SealedRecord,
};
use crate::report::text::shortened;
use crate::report::words::{plural, repeated, searched};

/// Bytes of the page that proofs may take together; what is left out is in `run.json`.
const MOST_PROOFS: usize = 1_500_000;

/// Characters of one body.
const MOST_BODY: usize = 8_000;

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
    pub(super) operation: &'r str,
    /// Who must act.
    pub(super) turn: &'static str,
    pub(super) evidence: &'static str,
    pub(super) expected: String,
    pub(super) actual: String,
    /// Places in the map, as `operation:kind`; what the filters compare.
    pub(super) cells: String,
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

/// The request and its answer.
pub(super) struct Exchange<'r> {
    /// Method and URL.
    pub(super) request_line: String,
    pub(super) request: Message<'r>,
    pub(super) sealed: &'r [SealedRecord],
    pub(super) response: Option<(u16, Message<'r>)>,
    pub(super) curl: &'r str,
}

/// Headers and body.
pub(super) struct Message<'r> {
    pub(super) headers: &'r [HeaderRecord],
    pub(super) body: Option<String>,
    pub(super) complete: bool,
}

/// The breaches and observations of a run, gravest first. `numbers` are those of its operations.
pub(super) fn findings<'r>(record: &'r RunRecord, numbers: &HashMap<(&str, &str), usize>) -> Vec<Finding<'r>> {
    let known: HashMap<&ObligationId, Evidence> =
        record.scenarios.iter().map(|scenario| (&scenario.obligation, scenario.evidence)).collect();
    let mut left = MOST_PROOFS;
    let groups = groups(record).into_iter().enumerate();
    groups.map(|(index, group)| one(index + 1, &group, &known, numbers, &mut left)).collect()
}

fn one<'r>(
    number: usize,
    group: &Group<'r>,
    known: &HashMap<&ObligationId, Evidence>,
    numbers: &HashMap<(&str, &str), usize>,
    left: &mut usize,
) -> Finding<'r> {
    let finding = group.worst;
    let cells: IndexSet<String> = group
        .seen
        .iter()
        .filter_map(|(_, scenario, _)| {
            let operation = numbers.get(&(scenario.suite.as_str(), scenario.operation_id.as_str()))?;
            Some(format!("{operation}:{}", Kind::of(scenario).name()))
        })
        .collect();
    let seen = group.seen.iter().take(MOST_SEEN);
    let smallest = finding.shrunk.as_ref().and_then(|shrunk| shrunk.smallest.as_ref());
    let texts = [&finding.expected, &finding.actual].map(|text| size(&shortened(text, MOST_TEXT)));
    let original = Exchange::of(&finding.request, finding.response.as_ref(), &finding.curl);
    let (exchange, original) = match smallest {
        Some(smallest) => (fitting(Exchange::of_record(&smallest.exchange), texts.iter().sum(), left), Some(original)),
        None => (fitting(original, texts.iter().sum(), left), None),
    };
    let original = original.filter(|_| exchange.is_some()).and_then(|original| fitting(original, 0, left));
    let repeat = finding.repeated.as_ref().and_then(|repeat| repeat.exchange.as_ref()).map(Exchange::of_record);
    let repeat = repeat.and_then(|repeat| fitting(repeat, 0, left));
    let most = if exchange.is_some() { MOST_TEXT } else { SHORT_TEXT };
    Finding {
        number,
        proof: finding,
        sign: Sign::of_severity(group.severity),
        breach: group.severity > Severity::Observation,
        operation: group.seen.first().map_or("", |(_, scenario, _)| OperationId::name(&scenario.operation_id)),
        turn: turn(finding.blame).0,
        evidence: said(finding, known.get(&finding.obligation).copied()),
        expected: shortened(&finding.expected, most),
        actual: shortened(&finding.actual, most),
        cells: cells.into_iter().collect::<Vec<_>>().join(" "),
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

/// The evidence of the duty. Duties of answers have no scenario that says it; there the severity does.
fn said(finding: &FindingRecord, known: Option<Evidence>) -> &'static str {
    match (known, finding.severity) {
        (Some(known), _) => evidence(known),
        (None, Severity::Failure) => evidence(Evidence::Documented),
        (None, Severity::Warning) => evidence(Evidence::Inferred),
        (None, Severity::Observation) => "open: the specification does not decide it",
    }
}

/// The exchange, if the page has room for it and for `beside`.
fn fitting<'r>(exchange: Exchange<'r>, beside: usize, left: &mut usize) -> Option<Exchange<'r>> {
    let takes = exchange.size() + beside;
    (takes <= *left).then(|| {
        *left -= takes;
        exchange
    })
}

fn message<'r>(headers: &'r [HeaderRecord], body: Option<&str>, complete: bool) -> Message<'r> {
    let body = body.map(pretty);
    let cut = body.as_deref().is_some_and(|body| body.chars().nth(MOST_BODY).is_some());
    Message { headers, body: body.map(|body| shortened(&body, MOST_BODY)), complete: complete && !cut }
}

impl<'r> Exchange<'r> {
    fn of(request: &'r RequestRecord, response: Option<&'r ResponseRecord>, curl: &'r str) -> Self {
        Self {
            request_line: format!("{} {}", request.method, request.url),
            request: message(&request.headers, request.body.as_deref(), request.body_complete),
            sealed: &request.sealed,
            response: response.map(|response| {
                (response.status, message(&response.headers, response.body.as_deref(), response.body_complete))
            }),
            curl,
        }
    }

    fn of_record(record: &'r ExchangeRecord) -> Self {
        Self::of(&record.request, record.response.as_ref(), &record.curl)
    }

    fn size(&self) -> usize {
        let response = self.response.as_ref().map_or(0, |(_, message)| message.size());
        let sealed = self.sealed.iter().map(|member| size(&member.pointer) + size(&member.plaintext));
        size(&self.request_line) + self.request.size() + sealed.sum::<usize>() + response + size(self.curl)
    }
}

impl Message<'_> {
    fn size(&self) -> usize {
        let headers = self.headers.iter().map(|header| size(&header.name) + size(&header.value) + 3);
        headers.sum::<usize>() + self.body.as_deref().map_or(0, size)
    }
}
