//! The truth about a run: redacted, serialisable, the one source of every report. Its shape is published as
//! `docs/run.schema.json`; absent values are `null`, so that every field is always there.

mod exchange;

use std::collections::BTreeMap;

use indexmap::IndexMap;
use serde::{Deserialize, Serialize};

pub use exchange::{ExchangeRecord, HeaderRecord, RequestRecord, ResponseRecord, SealedRecord};

use super::activity::OperationRecord;
use super::deviations::DeviationRecord;
use super::readiness::ProfileRecord;
use crate::base::{CaseId, ObligationId, OperationId, ScenarioId};
use crate::contract::{Contract, Evidence, Rule};
use crate::engine::Role;
use crate::oracle::{Blame, Severity, Verdict};

/// Version of the shape of [`RunRecord`]. A field that goes or changes its meaning raises it; a new one does not.
pub const SCHEMA_VERSION: &str = "1";

/// One run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RunRecord {
    /// Always [`SCHEMA_VERSION`].
    pub schema_version: String,
    /// Who wrote it.
    pub tool: ToolRecord,
    /// Name of the run.
    pub run_id: String,
    /// Under way, at its end, or broken off.
    pub state: RunState,
    /// RFC 3339.
    pub started_at: String,
    /// From the start to this record.
    pub elapsed_ms: u64,
    /// The arguments as given, without secrets.
    pub command: Vec<String>,
    /// Root of all draws.
    pub seed: u64,
    /// SHA-256 over all drawn cases in plan order, hex; absent while the run is under way.
    pub case_digest: Option<String>,
    /// Were warnings treated as failures?
    pub strict: bool,
    /// Worst of all scenarios.
    pub verdict: Verdict,
    /// What the process ends with.
    pub exit_code: u8,
    /// Whom the suites were run against.
    pub target: Vec<TargetRecord>,
    /// What the targets were measured by.
    pub specs: Vec<SpecRecord>,
    /// The verdict on a product; left out where the run was for none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub profile: Option<ProfileRecord>,
    /// The entries of the deviations file, in its order; left out where there is none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub deviations: Vec<DeviationRecord>,
    /// Sums over the scenarios.
    pub totals: Totals,
    /// Every scenario of the plan, in its order, whether it ran or not.
    pub scenarios: Vec<ScenarioRecord>,
    /// What the operations answered and how long they took, in the order of suites and specifications; those that never
    /// answered are left out.
    #[serde(default)]
    pub operations: Vec<OperationRecord>,
}

/// Name and version of the tool.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ToolRecord {
    /// Package name.
    pub name: String,
    /// Package version.
    pub version: String,
}

/// How far the run got.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum RunState {
    /// Written on the way: a file that still says so belongs to a run that was killed.
    Running,
    /// The plan was worked off.
    Finished,
    /// The user ended it before.
    Interrupted,
}

/// One suite bound to one target.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TargetRecord {
    /// Name of the target.
    pub name: String,
    /// Name of the suite.
    pub suite: String,
    /// Base URL by specification.
    pub base_urls: IndexMap<String, String>,
}

/// One specification file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SpecRecord {
    /// Official name.
    pub name: String,
    /// Path as it was opened.
    pub file: String,
    /// SHA-256 of its bytes, hex.
    pub sha256: String,
    /// Is it the file that the tool brings along?
    pub provenance_note: Provenance,
}

impl SpecRecord {
    /// The record of a contract; `bundled` holds the SHA-256 of the bundled file by specification.
    pub fn of(contract: &Contract, bundled: &BTreeMap<String, String>) -> Self {
        let own = &contract.document.sha256;
        let ours = bundled.get(&contract.name).is_some_and(|digest| digest.eq_ignore_ascii_case(own));
        Self {
            name: contract.name.clone(),
            file: contract.document.path.display().to_string(),
            sha256: own.clone(),
            provenance_note: if ours { Provenance::Bundled } else { Provenance::OfficialOrEdited },
        }
    }
}

/// Where a specification file comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Provenance {
    /// Its digest is that of the catalogue.
    #[serde(rename = "bundled")]
    Bundled,
    /// It has another digest than the catalogue names, or no entry there.
    #[serde(rename = "official or edited")]
    OfficialOrEdited,
}

/// Sums over the scenarios. `scenarios` is the sum of the six verdicts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Totals {
    /// Distinct operations with a scenario.
    pub operations: u64,
    /// Distinct obligations of those operations, of requests and of answers.
    pub obligations: u64,
    /// Those whose scenario sent a case, or which an answer was judged by.
    pub obligations_exercised: u64,
    /// Scenarios.
    pub scenarios: u64,
    /// Cases sent.
    pub cases: u64,
    /// Requests sent, fixtures and repeats included.
    pub exchanges: u64,
    /// Those of them that repeated a case or looked for a smaller one, fixtures included.
    #[serde(default)]
    pub repeats: u64,
    /// Scenarios that passed.
    pub passed: u64,
    /// Scenarios with warnings alone.
    pub warned: u64,
    /// Scenarios that failed.
    pub failed: u64,
    /// Scenarios that did not run, for a reason.
    pub skipped: u64,
    /// Scenarios of which nothing can be said, for a reason.
    pub inconclusive: u64,
    /// Scenarios with known, excused breaches.
    pub deviating: u64,
    /// Draws whose proof failed, so that they were not sent.
    pub rejected_draws: u64,
    /// Calls of the token endpoint for our own use; not among the exchanges.
    pub token_calls: u64,
    /// Tokens that were replaced because the target answered 401 to one of them.
    pub token_renewals: u64,
}

/// One scenario.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ScenarioRecord {
    /// Stable name.
    pub id: ScenarioId,
    /// Name of the suite.
    pub suite: String,
    /// Qualified name of the operation.
    pub operation_id: OperationId,
    /// Name of the specification.
    pub spec: String,
    /// The duty that its cases exercise.
    pub obligation: ObligationId,
    /// Kind of that duty; `snapshot` for pinned cases.
    pub rule: Rule,
    /// Place of that duty.
    pub location: String,
    /// The duty in words.
    pub text: String,
    /// How sure the specification is of it.
    pub evidence: Evidence,
    /// File in which it is written down.
    pub spec_file: String,
    /// Line in that file, from 1.
    pub spec_line: u64,
    /// JSON pointer into that file.
    pub spec_pointer: String,
    /// How it ended; inconclusive while it has not.
    pub verdict: Verdict,
    /// Why it was skipped or is inconclusive.
    pub reason: Option<String>,
    /// Who must act on the reason.
    pub blame: Option<Blame>,
    /// Cases sent.
    pub cases: u64,
    /// Requests sent, fixtures and repeats included.
    pub exchanges: u64,
    /// What could not be removed from the target; left out where nothing was left.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub leftovers: Vec<String>,
    /// Draws whose proof failed.
    pub rejected_draws: u64,
    /// From start to end.
    pub elapsed_ms: u64,
    /// Part of it spent waiting for answers.
    pub waiting_ms: u64,
    /// Answers by status.
    pub statuses: BTreeMap<u16, u64>,
    /// Distinct breaches, each with its first proof.
    pub findings: Vec<FindingRecord>,
    /// Every exchange in order, where the run was asked for all of them; left out otherwise.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub log: Vec<LoggedRecord>,
}

/// One breach with the exchange that shows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FindingRecord {
    /// Stable code, `D1C-…`.
    pub code: String,
    /// The check.
    pub check: String,
    /// The duty that was broken; not always that of the scenario.
    pub obligation: ObligationId,
    /// The duty in words.
    pub text: String,
    /// How grave.
    pub severity: Severity,
    /// Who must act.
    pub blame: Blame,
    /// What the contract says.
    pub expected: String,
    /// What came instead.
    pub actual: String,
    /// JSON pointer into the body, where there is one.
    pub pointer: Option<String>,
    /// File in which the duty is written down.
    pub spec_file: String,
    /// Line in that file, from 1.
    pub spec_line: u64,
    /// JSON pointer into that file.
    pub spec_pointer: String,
    /// The lines around it; left out where the file could not be read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub spec_excerpt: Option<ExcerptRecord>,
    /// The case that is shown.
    pub case_id: CaseId,
    /// Cases of the scenario that show it.
    pub count: u64,
    /// What was sent.
    pub request: RequestRecord,
    /// What came back.
    pub response: Option<ResponseRecord>,
    /// A command line that sends the request again; credentials come from the environment.
    pub curl: String,
    /// The walk through a life cycle that leads to it; left out elsewhere.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub walk: Option<WalkRecord>,
    /// From the first byte of the request to the last byte of the answer, in microseconds; left out where none came.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub elapsed_us: Option<u64>,
    /// Why it is let pass, by the deviations file; left out where it is not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deviation: Option<String>,
    /// What an immediate repeat of the case showed; left out where none was sent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub repeated: Option<RepeatRecord>,
    /// The search for a smaller request that shows it; left out where there was none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shrunk: Option<ShrunkRecord>,
}

/// Calls through a life cycle, to the one that goes wrong.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WalkRecord {
    /// The calls with the values that they are made with; calls at once are one step.
    pub steps: Vec<String>,
    /// Steps of the walk as it was drawn, before it was cut down to this one.
    pub drawn: u64,
}

/// A few lines of a specification, without secrets.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExcerptRecord {
    /// Number of the first line, from 1.
    pub first_line: u64,
    /// The lines, without the indentation that all of them have.
    pub lines: Vec<String>,
}

/// What an immediate repeat of a case showed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RepeatRecord {
    /// Did the finding show again?
    pub result: RepeatResult,
    /// Why nothing can be said.
    pub reason: Option<String>,
    /// The repeat, where it did not show the finding.
    pub exchange: Option<ExchangeRecord>,
}

/// Did a finding show again?
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum RepeatResult {
    /// Yes: it counts.
    Same,
    /// No: it is flaky.
    Other,
    /// The repeat could not be judged.
    Unclear,
}

/// A search for a smaller request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShrunkRecord {
    /// Smaller requests that were tried.
    pub tries: u64,
    /// Requests that were sent for them, fixtures included.
    pub sends: u64,
    /// False where the budget, or a missing answer, ended the search.
    pub complete: bool,
    /// The smallest request that shows the finding; absent where no smaller one does.
    pub smallest: Option<SmallestRecord>,
}

/// The smallest request that shows a finding.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SmallestRecord {
    /// What came instead of what the contract says.
    pub actual: String,
    /// JSON pointer into the body, where there is one.
    pub pointer: Option<String>,
    /// The request with its answer.
    pub exchange: ExchangeRecord,
}

/// One exchange of a scenario, whether it shows something or not.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LoggedRecord {
    /// What it was sent for.
    pub role: Role,
    /// The case, or the call of a fixture or a sequence.
    pub case_id: CaseId,
    /// Which operation was called.
    pub operation_id: OperationId,
    /// From the start of the run to the start of the request, microseconds.
    pub offset_us: u64,
    /// From the request to its answer, microseconds.
    pub elapsed_us: u64,
    /// Why there is no answer.
    pub fault: Option<String>,
    /// What was sent and what came back.
    pub exchange: ExchangeRecord,
}
