//! The record of a book, in the shape of that of a run.

use std::collections::BTreeMap;

use time::format_description::well_known::Rfc3339;

use super::book::{Book, JudgeSettings, Page};
use super::checks::{PATH, checks};
use super::entry::{Entry, SUITE, milliseconds, never_called};
use crate::base::{ObligationId, OperationId, Redactor};
use crate::contract::{Contract, Location, Obligation, Rule, Source};
use crate::oracle::Verdict;
use crate::report::{
    Excerpts, RunRecord, RunState, SCHEMA_VERSION, ScenarioRecord, SpecRecord, TargetRecord, ToolRecord, count,
    exit_code, worst,
};

/// Whom the reports are about.
const CLIENT: &str = "your client";

/// Puts the record together. `endings` are entries that can only be made at the end, by operation.
pub fn record(
    settings: &JudgeSettings,
    base_url: &str,
    book: &Book,
    endings: &BTreeMap<usize, Entry>,
    state: RunState,
) -> RunRecord {
    let mut scenarios: Vec<ScenarioRecord> =
        book.pages.iter().enumerate().flat_map(|(number, page)| of_page(page, endings.get(&number))).collect();
    for contract in &settings.contracts {
        let entry = book.undeclared.get(&contract.name);
        scenarios.extend(entry.map(|entry| entry.scenario(&PATH, &duty_of_paths(contract))));
    }
    let redactor = Redactor::default();
    let mut record = RunRecord {
        schema_version: SCHEMA_VERSION.to_owned(),
        tool: ToolRecord { name: env!("CARGO_PKG_NAME").to_owned(), version: env!("CARGO_PKG_VERSION").to_owned() },
        run_id: settings.run_id.clone(),
        state,
        // Only years beyond 9999 have no RFC 3339 form.
        started_at: settings.started_at.format(&Rfc3339).unwrap_or_default(),
        elapsed_ms: milliseconds(book.begin.elapsed()),
        command: settings.command.iter().map(|argument| redactor.text(argument)).collect(),
        seed: settings.seed,
        case_digest: None,
        strict: false,
        verdict: worst(&scenarios),
        exit_code: 3,
        target: vec![TargetRecord {
            name: CLIENT.to_owned(),
            suite: SUITE.to_owned(),
            base_urls: settings
                .contracts
                .iter()
                .map(|contract| (contract.name.clone(), format!("{base_url}{}", contract.base_path)))
                .collect(),
        }],
        specs: settings.contracts.iter().map(|contract| SpecRecord::of(contract, &settings.bundled)).collect(),
        profile: None,
        deviations: Vec::new(),
        totals: count(&scenarios),
        scenarios,
        operations: Vec::new(),
    };
    // Every check looks at every call; the calls are counted once.
    record.totals.cases = book.memory.calls;
    record.totals.exchanges = book.memory.calls;
    record.totals.obligations = record.totals.scenarios;
    record.totals.obligations_exercised = record.totals.scenarios - record.totals.skipped;
    record.exit_code = exit_code(&record);
    let mut excerpts = Excerpts::default();
    for finding in record.scenarios.iter_mut().flat_map(|scenario| &mut scenario.findings) {
        excerpts.add(finding, &redactor);
    }
    record
}

fn of_page(page: &Page, ending: Option<&Entry>) -> Vec<ScenarioRecord> {
    let mut found = Vec::new();
    for (index, check) in checks().iter().enumerate() {
        let ours = page.entries.get(&index).or_else(|| ending.filter(|_| check.code == "D1C-461"));
        let duty = check.obligation(&page.duties, &page.operation);
        found.extend(ours.map(|entry| entry.scenario(check, &duty)));
    }
    if found.is_empty() {
        let text = "a request that keeps the contract is accepted and answered as declared";
        found.push(never_called(&page.duties.find_or(Location::Operation, Rule::Conforming, text)));
    }
    found
}

/// The duty to call the paths that a contract declares.
pub fn duty_of_paths(contract: &Contract) -> Obligation {
    let (file, line) = contract.document.origin("/paths");
    let operation = OperationId::of(&contract.name, "undeclared path");
    Obligation {
        id: ObligationId::new(format!("{operation}::client::{}", PATH.name)),
        operation,
        location: Location::Method,
        rule: PATH.kind.0,
        text: PATH.duty.to_owned(),
        limit: serde_json::Value::Null,
        source: Source { file, pointer: "/paths".to_owned(), line },
        evidence: PATH.evidence,
        open: None,
        noted: None,
    }
}

/// True for a record of no calls at all.
pub fn is_empty(record: &RunRecord) -> bool {
    record.verdict == Verdict::Skipped
}
