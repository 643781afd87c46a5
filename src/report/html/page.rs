//! Puts the page together.

use std::collections::HashMap;
use std::path::Path;

use askama::Template;
use indexmap::IndexSet;

use super::charts::{ByCheck, by_check};
use super::coverage::{Coverage, coverage};
use super::family::{Families, Family, families};
use super::latency::{Latencies, latencies};
use super::marks::Look;
use super::overview::{Part, Turn, Unsettled, parts, turns, unsettled};
use super::readiness::{Product, product};
use super::scenarios::{Operation, operations};
use super::sign::Sign;
use crate::base::sha256_base64;
use crate::report::error::ReportError;
use crate::report::file;
use crate::report::record::{Provenance, RunRecord, RunState, SpecRecord};
use crate::report::terminal::meaning;
use crate::report::words::{duration, outcome};

/// The style sheet and the script; neither holds anything of a record.
const STYLE: &str = include_str!("style.css");
const SCRIPT: &str = include_str!("script.js");

/// Lines in the list of page one; all findings follow below.
const MOST_TO_FIX: usize = 20;

/// What the templates draw.
#[derive(Template)]
#[template(path = "page.html")]
struct Page<'r> {
    record: &'r RunRecord,
    style: &'static str,
    script: &'static str,
    policy: String,
    sign: Sign,
    outcome: String,
    /// How far the run got, where that is not to its end.
    state: &'static str,
    /// To the second; the facts have it whole.
    started: String,
    elapsed: String,
    meaning: &'static str,
    parts: Vec<Part>,
    turns: Vec<Turn>,
    to_fix: Vec<&'r Family<'r>>,
    /// Those that the list has no room for.
    more_to_fix: usize,
    unsettled: Vec<Unsettled>,
    product: Option<Product<'r>>,
    coverage: Coverage<'r>,
    findings: &'r Families<'r>,
    by_check: Vec<ByCheck<'r>>,
    latencies: Latencies<'r>,
    checks: IndexSet<&'r str>,
    operations: &'r [Operation<'r>],
    /// With where each comes from, in words.
    specs: Vec<(&'r SpecRecord, &'static str)>,
}

/// The page.
pub fn html(record: &RunRecord) -> Result<String, ReportError> {
    let operations = operations(record);
    let numbers: HashMap<(&str, &str), usize> = operations
        .iter()
        .filter_map(|operation| {
            let scenario = operation.rows.first()?.scenario;
            Some(((scenario.suite.as_str(), scenario.operation_id.as_str()), operation.number))
        })
        .collect();
    let latencies = latencies(record, |suite, operation| numbers.get(&(suite, operation)).copied());
    let findings = families(record, numbers);
    let breaches = findings.list.iter().filter(|family| family.breach);
    let page = Page {
        record,
        style: STYLE,
        script: SCRIPT,
        policy: policy(),
        sign: Sign::of(record.verdict),
        outcome: outcome(record),
        state: match record.state {
            RunState::Finished => "",
            RunState::Interrupted => "The run was interrupted: what follows is not all of the plan.",
            RunState::Running => "The run had not finished when this was written.",
        },
        started: started(&record.started_at),
        elapsed: duration(record.elapsed_ms),
        meaning: meaning(record).0,
        parts: parts(&record.totals),
        turns: turns(record),
        to_fix: breaches.clone().take(MOST_TO_FIX).collect(),
        more_to_fix: breaches.count().saturating_sub(MOST_TO_FIX),
        unsettled: unsettled(record),
        product: record.profile.as_ref().map(product),
        coverage: coverage(&operations),
        by_check: by_check(record),
        latencies,
        checks: findings.list.iter().map(|family| family.check).collect(),
        findings: &findings,
        operations: &operations,
        specs: record.specs.iter().map(|spec| (spec, provenance(spec.provenance_note))).collect(),
    };
    Ok(format!("{}\n", page.render()?.trim_end()))
}

/// Writes the page, whole or not at all.
pub fn write_html(path: &Path, record: &RunRecord) -> Result<(), ReportError> {
    file::write(path, html(record)?.as_bytes())
}

fn provenance(note: Provenance) -> &'static str {
    match note {
        Provenance::Bundled => "bundled with the tool",
        Provenance::OfficialOrEdited => "official or edited",
    }
}

fn started(time: &str) -> String {
    let whole = time.split('.').next().unwrap_or_default().trim_end_matches('Z').replace('T', " ");
    if time.ends_with('Z') { format!("{whole} UTC") } else { time.to_owned() }
}

/// Nothing is loaded, and nothing runs but what has these digests.
fn policy() -> String {
    format!(
        "default-src 'none'; style-src 'sha256-{}'; script-src 'sha256-{}'; base-uri 'none'; form-action 'none'",
        sha256_base64(STYLE.as_bytes()),
        sha256_base64(SCRIPT.as_bytes())
    )
}
