//! The book of calls: every call is judged as it comes in, and what it showed is kept.

use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Instant;

use serde_json::{Value, json};
use time::OffsetDateTime;

use super::check::{Check, View};
use super::checks::{METHOD, PATH, checks, silence};
use super::duties::Duties;
use super::entry::Entry;
use super::evidence::proof;
use super::memory::Memory;
use super::record;
use super::request::RequestKey;
use crate::base::Redactor;
use crate::contract::{Contract, Location, Operation, PathTemplate};
use crate::oracle::Finding;
use crate::report::{FindingRecord, ReportError, RunRecord, RunState, finding_record};
use crate::report::{write_html, write_junit, write_run_json};
use crate::sandbox::callers::{Reached, Witness, WitnessedCall};
use crate::sandbox::{Role, demo};

/// Is told of a new finding: the name of the operation and the finding.
pub type OnFinding = Box<dyn Fn(&str, &FindingRecord) + Send + Sync>;

/// What a judge is told at the start.
pub struct JudgeSettings {
    /// Name of the run.
    pub run_id: String,
    /// When it began.
    pub started_at: OffsetDateTime,
    /// The arguments as given.
    pub command: Vec<String>,
    /// Root of the sandbox's draws.
    pub seed: u64,
    /// Whom the sandbox plays.
    pub role: Role,
    /// What it serves.
    pub contracts: Vec<Arc<Contract>>,
    /// SHA-256 of the bundled file by specification.
    pub bundled: BTreeMap<String, String>,
    /// Where the reports go; it must be there.
    pub folder: PathBuf,
    /// Is told of every new finding, cleaned: the operation and the finding.
    pub on_finding: OnFinding,
}

/// Judges those who call a sandbox.
pub struct Judge {
    settings: JudgeSettings,
    base_url: OnceLock<String>,
    book: Mutex<Book>,
}

/// What was seen so far.
pub(super) struct Book {
    pub(super) begin: Instant,
    pub(super) memory: Memory,
    pub(super) pages: Vec<Page>,
    /// Calls that reached no operation, by contract.
    pub(super) undeclared: BTreeMap<String, Entry>,
}

/// What was seen of one operation.
pub(super) struct Page {
    pub(super) contract: Arc<Contract>,
    pub(super) operation: Arc<Operation>,
    pub(super) duties: Duties,
    /// By the number of the check.
    pub(super) entries: BTreeMap<usize, Entry>,
}

impl fmt::Debug for Judge {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Judge").field("run_id", &self.settings.run_id).finish_non_exhaustive()
    }
}

impl Judge {
    /// An empty book.
    pub fn new(settings: JudgeSettings) -> Self {
        let operations = settings.contracts.iter().flat_map(|contract| {
            contract.operations.iter().map(move |operation| Page {
                contract: Arc::clone(contract),
                operation: Arc::clone(operation),
                duties: Duties::of(contract, operation),
                entries: BTreeMap::new(),
            })
        });
        let book = Book {
            begin: Instant::now(),
            memory: Memory::default(),
            pages: operations.collect(),
            undeclared: BTreeMap::new(),
        };
        Self { settings, base_url: OnceLock::new(), book: Mutex::new(book) }
    }

    /// Tells where the sandbox is served, once it is.
    pub fn serves(&self, base_url: String) {
        // A second address would be one of the same sandbox.
        let _ = self.base_url.set(base_url);
    }

    /// The reports.
    pub fn files(&self) -> [PathBuf; 3] {
        ["run.json", "junit.xml", "index.html"].map(|name| self.settings.folder.join(name))
    }

    /// Writes the record of an empty book, so that a folder that cannot be written is known at once.
    pub fn begin(&self) -> Result<(), ReportError> {
        let [run_json, ..] = self.files();
        write_run_json(&run_json, &self.record(RunState::Running))
    }

    /// Writes the reports, and returns what they were drawn from.
    pub fn conclude(&self) -> Result<RunRecord, ReportError> {
        let record = self.record(RunState::Finished);
        let [run_json, junit, page] = self.files();
        write_run_json(&run_json, &record)?;
        write_junit(&junit, &record)?;
        write_html(&page, &record)?;
        Ok(record)
    }

    /// The record of everything so far.
    fn record(&self, state: RunState) -> RunRecord {
        let book = self.book();
        record::record(&self.settings, self.url(), &book, &self.endings(&book), state)
    }

    /// What can only be said at the end, by the number of the operation.
    fn endings(&self, book: &Book) -> BTreeMap<usize, Entry> {
        let check = &checks()[checks().iter().position(|check| check.code == "D1C-461").unwrap_or_default()];
        let mut endings: BTreeMap<usize, Entry> = BTreeMap::new();
        for (call, name, silent) in silence(&book.memory) {
            let Some(number) = call.operation().and_then(|operation| book.page(operation)) else { continue };
            let page = &book.pages[number];
            let view = self.view(call, &RequestKey::of(call), page, &book.memory, |view| check.silent(view, name));
            let entry = endings.entry(number).or_default();
            entry.count(call);
            if silent {
                entry.add(self.cleaned(view, call, book, check));
            }
        }
        endings
    }

    fn view<T>(
        &self,
        call: &WitnessedCall,
        key: &RequestKey,
        page: &Page,
        memory: &Memory,
        then: impl FnOnce(&View<'_>) -> T,
    ) -> T {
        let (operation, duties) = (&page.operation, &page.duties);
        then(&View { call, key, operation, duties, memory, role: self.settings.role })
    }

    fn take(&self, call: &WitnessedCall) {
        let mut book = self.book();
        book.memory.learn(call);
        let key = RequestKey::of(call);
        match &call.route {
            Reached::Operation(operation) => {
                if let Some(number) = book.page(operation) {
                    self.judge(&mut book, number, call, &key);
                }
            }
            Reached::OtherMethods(operations) => {
                if let Some(number) = operations.first().and_then(|operation| book.page(operation)) {
                    self.undeclared_method(&mut book, number, call);
                }
            }
            Reached::Nothing => self.undeclared_path(&mut book, call),
        }
        book.memory.take(&key, call);
    }

    fn judge(&self, book: &mut Book, number: usize, call: &WitnessedCall, key: &RequestKey) {
        for (index, check) in checks().iter().enumerate() {
            let page = &book.pages[number];
            let Some(found) = self.view(call, key, page, &book.memory, |view| (check.judge)(check, view)) else {
                continue;
            };
            book.pages[number].entries.entry(index).or_default().count(call);
            for finding in found {
                let entry = book.pages[number].entries.entry(index).or_default();
                if !entry.knows(&finding, false) {
                    let finding = self.announced(finding, call, book, check);
                    book.pages[number].entries.entry(index).or_default().add(finding);
                }
            }
        }
    }

    fn undeclared_method(&self, book: &mut Book, number: usize, call: &WitnessedCall) {
        let Some(index) = checks().iter().position(|check| check.code == METHOD.code) else { return };
        let page = &book.pages[number];
        let rule = METHOD.kind.0;
        let duty = page.duties.find_or(Location::Method, rule, "a path is called with a method that it declares");
        let actual = format!("your client called it with {}", call.method);
        let finding = METHOD.against(&duty, duty.text.clone(), actual);
        let entry = book.pages[number].entries.entry(index).or_default();
        entry.count(call);
        if !entry.knows(&finding, true) {
            let finding = self.announced(finding, call, book, &METHOD);
            book.pages[number].entries.entry(index).or_default().add(finding);
        }
    }

    fn undeclared_path(&self, book: &mut Book, call: &WitnessedCall) {
        let path = call.target.split('?').next().unwrap_or_default();
        // What browsers and supervisors look at by themselves is no call of a client, and neither is a look whether
        // somebody answers at the address of a specification.
        let bare = path.trim_end_matches('/');
        let root = self.settings.contracts.iter().any(|contract| contract.base_path == bare);
        if root || matches!(bare, "" | "/favicon.ico" | "/health" | "/healthz") {
            return;
        }
        let Some(contract) = self.settings.contracts.iter().max_by_key(|contract| {
            if path.starts_with(&contract.base_path) { contract.base_path.len() + 1 } else { 0 }
        }) else {
            return;
        };
        let duty = record::duty_of_paths(contract);
        let near = book.nearest(path).map(|near| format!("; the nearest that is declared is {near}"));
        let actual = format!("your client called {} {path}{}", call.method, near.unwrap_or_default());
        let finding = PATH.against(&duty, PATH.duty, actual);
        let spec = contract.name.clone();
        let entry = book.undeclared.entry(spec.clone()).or_default();
        entry.count(call);
        if !entry.knows(&finding, true) {
            let finding = self.announced(finding, call, book, &PATH);
            book.undeclared.entry(spec).or_default().add(finding);
        }
    }

    fn announced(&self, finding: Finding, call: &WitnessedCall, book: &Book, check: &Check) -> FindingRecord {
        let finding = self.cleaned(finding, call, book, check);
        let place = call.operation().map_or("", |operation| operation.id.name());
        (self.settings.on_finding)(place, &finding);
        finding
    }

    fn cleaned(&self, finding: Finding, call: &WitnessedCall, book: &Book, check: &Check) -> FindingRecord {
        let known = demo();
        let secrets = [known.client_secret, known.pan, known.expired_token];
        let redactor = Redactor::new(secrets).with(book.memory.secrets());
        let case = format!("{}::{}#{}", super::entry::SUITE, finding.obligation, book.memory.calls + 1);
        finding_record(&proof(finding, call, self.url(), case), check.kind.0, &redactor)
    }

    fn url(&self) -> &str {
        self.base_url.get().map_or("http://localhost", String::as_str)
    }

    fn book(&self) -> MutexGuard<'_, Book> {
        // A panic while the lock was held leaves a book that is as good as any other.
        self.book.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Book {
    fn page(&self, operation: &Operation) -> Option<usize> {
        self.pages.iter().position(|page| page.operation.id == operation.id)
    }

    /// The declared path that has the most segments in common with one that is not.
    fn nearest(&self, path: &str) -> Option<String> {
        let templates = self.pages.iter().map(|page| format!("{}{}", page.contract.base_path, page.operation.path));
        let alike = |template: &String| {
            let pairs = template.split('/').zip(path.split('/'));
            let same = pairs.filter(|(own, other)| own == other || own.contains('{')).count();
            let lengths = template.split('/').count().abs_diff(path.split('/').count());
            same.saturating_sub(lengths)
        };
        let best = templates.max_by_key(alike)?;
        (alike(&best) > 2).then(|| PathTemplate::new(&best).to_string())
    }
}

impl Witness for Judge {
    fn saw(&self, call: WitnessedCall) {
        self.take(&call);
    }

    fn report(&self) -> Result<Value, String> {
        let record = self.conclude().map_err(|error| error.to_string())?;
        let folder = self.settings.folder.display().to_string();
        let findings: Vec<Value> = record
            .scenarios
            .iter()
            .flat_map(|scenario| &scenario.findings)
            .map(|finding| {
                json!({
                    "code": finding.code,
                    "check": finding.check,
                    "severity": finding.severity,
                    "obligation": finding.obligation,
                    "count": finding.count,
                    "actual": finding.actual,
                })
            })
            .collect();
        Ok(json!({
            "verdict": record.verdict,
            "exit_code": record.exit_code,
            "totals": record.totals,
            "findings": findings,
            "folder": folder,
        }))
    }
}
