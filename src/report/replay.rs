//! What became of the failed cases of a run: the record of a replay, and how it looks on a terminal.

use std::path::Path;
use std::sync::Arc;

use indexmap::IndexMap;
use serde::{Deserialize, Serialize};

use super::cleaner::Cleaner;
use super::error::ReportError;
use super::file;
use super::proof::exchange_record;
use super::record::{ExchangeRecord, FindingRecord, TargetRecord, ToolRecord};
use super::terminal::Paint;
use super::text::{one_line, shortened};
use super::words::plural;
use crate::base::{CaseId, ObligationId, OperationId, Redactor, ScenarioId};
use crate::contract::Rule;
use crate::exchange::Exchange;
use crate::oracle::{Finding, Severity, Verdict};

/// Version of the shape of [`ReplayRecord`].
pub const REPLAY_VERSION: &str = "1";

/// Characters of an answer on the terminal.
const MOST_TEXT: usize = 300;

/// One replay.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReplayRecord {
    /// Always [`REPLAY_VERSION`].
    pub replay_version: String,
    /// Who wrote it.
    pub tool: ToolRecord,
    /// The run whose cases were sent again.
    pub of_run: String,
    /// When it began, RFC 3339.
    pub started_at: String,
    /// Root of all draws, as in the run.
    pub seed: u64,
    /// How often each case was sent.
    pub times: u32,
    /// Whom they were sent to.
    pub target: Vec<TargetRecord>,
    /// Requests that it took.
    pub exchanges: u64,
    /// What should be known before the results are read.
    pub notes: Vec<String>,
    /// What the process ends with.
    pub exit_code: u8,
    /// The findings of the run, in its order.
    pub cases: Vec<ReplayedRecord>,
}

/// One finding of the run, and what became of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReplayedRecord {
    /// The case that showed it.
    pub case_id: CaseId,
    /// Its scenario.
    pub scenario: ScenarioId,
    /// The operation.
    pub operation_id: OperationId,
    /// The duty that was broken.
    pub obligation: ObligationId,
    /// The code of the finding.
    pub code: String,
    /// What became of it.
    pub result: ReplayResult,
    /// Why nothing can be said, or what else should be known.
    pub reason: Option<String>,
    /// How often the answer could be judged.
    pub judged: u32,
    /// How often the finding showed.
    pub shown: u32,
    /// What came in the run.
    pub was: String,
    /// What came now, where it is a breach.
    pub now: Option<String>,
    /// Codes and duties of other breaches that came now.
    pub others: Vec<(String, ObligationId)>,
    /// The last exchange that showed a breach, or the last of all.
    pub exchange: Option<ExchangeRecord>,
}

/// What became of a finding.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReplayResult {
    /// No breach, however often it was sent.
    Fixed,
    /// Another breach in its place.
    Different,
    /// It shows at times.
    Flaky,
    /// It shows every time.
    Failing,
    /// The case is not what it was: the specification, the suite or the tool changed.
    NotComparable,
    /// No answer could be judged.
    Inconclusive,
}

impl ReplayResult {
    /// The words in reports.
    pub fn name(self) -> &'static str {
        match self {
            Self::Fixed => "fixed",
            Self::Different => "different",
            Self::Flaky => "flaky",
            Self::Failing => "failing",
            Self::NotComparable => "not comparable",
            Self::Inconclusive => "inconclusive",
        }
    }
}

/// One sending of a case.
pub struct Round {
    /// What is wrong.
    pub findings: Vec<Finding>,
    /// Why nothing can be said.
    pub unclear: Option<String>,
    /// The exchange, where there is one.
    pub exchange: Option<Arc<Exchange>>,
}

impl ReplayedRecord {
    /// A finding of the run that was not sent again.
    pub fn unsent(
        scenario: &ScenarioId,
        operation: &OperationId,
        was: &FindingRecord,
        result: ReplayResult,
        reason: String,
    ) -> Self {
        Self {
            case_id: was.case_id.clone(),
            scenario: scenario.clone(),
            operation_id: operation.clone(),
            obligation: was.obligation.clone(),
            code: was.code.clone(),
            result,
            reason: Some(reason),
            judged: 0,
            shown: 0,
            was: was.actual.clone(),
            now: None,
            others: Vec::new(),
            exchange: None,
        }
    }

    /// A finding whose case was sent again. `rule` is that of the scenario.
    pub fn of(
        scenario: &ScenarioId,
        operation: &OperationId,
        was: &FindingRecord,
        rounds: &[Round],
        rule: Rule,
        redactor: &Redactor,
    ) -> Self {
        let same = |finding: &&Finding| finding.obligation == was.obligation && finding.code == was.code;
        let breach = |finding: &&Finding| finding.severity > Severity::Observation;
        let judged: Vec<&Round> = rounds.iter().filter(|round| round.unclear.is_none()).collect();
        let shown = judged.iter().filter(|round| round.findings.iter().any(|finding| same(&finding))).count();
        let mut others: Vec<(String, ObligationId)> = Vec::new();
        for finding in judged.iter().flat_map(|round| &round.findings).filter(breach).filter(|own| !same(own)) {
            let other = (finding.code.to_owned(), finding.obligation.clone());
            if !others.contains(&other) {
                others.push(other);
            }
        }
        let result = match (judged.len(), shown) {
            (0, _) => ReplayResult::Inconclusive,
            (all, shown) if all == shown => ReplayResult::Failing,
            (_, 1..) => ReplayResult::Flaky,
            (_, 0) if !others.is_empty() => ReplayResult::Different,
            // That it did not show where some answers could not be judged proves nothing.
            (all, 0) if all < rounds.len() => ReplayResult::Inconclusive,
            _ => ReplayResult::Fixed,
        };
        let telling = judged.iter().rev().find(|round| round.findings.iter().any(|finding| same(&finding)));
        let telling =
            telling.or_else(|| judged.iter().rev().find(|round| round.findings.iter().any(|own| breach(&own))));
        let finding =
            telling.and_then(|round| round.findings.iter().find(same).or_else(|| round.findings.iter().find(breach)));
        let exchange = telling.or(judged.last()).and_then(|round| round.exchange.as_ref());
        let cleaner = exchange.map_or_else(|| Cleaner::new(redactor), |exchange| Cleaner::of(redactor, exchange));
        let reason = rounds.iter().find_map(|round| round.unclear.as_deref()).map(|reason| cleaner.text(reason));
        Self {
            judged: u32::try_from(judged.len()).unwrap_or(u32::MAX),
            shown: u32::try_from(shown).unwrap_or(u32::MAX),
            now: finding.map(|finding| cleaner.quotation(&finding.actual)),
            others,
            exchange: exchange.map(|exchange| exchange_record(exchange, rule, &cleaner)),
            reason,
            ..Self::unsent(scenario, operation, was, result, String::new())
        }
    }
}

impl ReplayRecord {
    /// Sets the exit code: 3 where something could not be judged or compared, 1 where something still fails, 0 where all is
    /// mended.
    #[must_use]
    pub fn settled(mut self) -> Self {
        let worst = self.cases.iter().map(|case| case.result).max();
        self.exit_code = match worst {
            None | Some(ReplayResult::NotComparable | ReplayResult::Inconclusive) => 3,
            Some(ReplayResult::Fixed) => 0,
            Some(_) => 1,
        };
        self
    }
}

/// Writes the record, whole or not at all.
pub fn write_replay(path: &Path, record: &ReplayRecord) -> Result<(), ReportError> {
    let mut bytes = serde_json::to_vec_pretty(record)?;
    bytes.push(b'\n');
    file::write(path, &bytes)
}

/// The table of a replay.
pub fn replay_summary(record: &ReplayRecord, colour: bool) -> String {
    let paint = Paint::new(colour);
    let count = |result: ReplayResult| record.cases.iter().filter(|case| case.result == result).count() as u64;
    let counts: Vec<String> = [
        ReplayResult::Fixed,
        ReplayResult::Failing,
        ReplayResult::Flaky,
        ReplayResult::Different,
        ReplayResult::NotComparable,
        ReplayResult::Inconclusive,
    ]
    .into_iter()
    .filter(|result| count(*result) > 0)
    .map(|result| format!("{} {}", count(result), result.name()))
    .collect();
    let (word, verdict) = match record.exit_code {
        0 => ("FIXED", Verdict::Passed),
        1 => ("FAILING", Verdict::Failed),
        _ => ("INCONCLUSIVE", Verdict::Inconclusive),
    };
    let names: Vec<&str> = record.target.iter().map(|target| target.name.as_str()).collect();
    let all = plural(record.cases.len() as u64, "finding");
    let mut lines = vec![
        format!("{}  of {all}: {}", paint.verdict(verdict, word), counts.join(", ")),
        paint.dim(&one_line(&format!(
            "run {} again against {}, each case {}, {}",
            record.of_run,
            names.join(", "),
            plural(u64::from(record.times), "time"),
            plural(record.exchanges, "exchange")
        ))),
    ];
    lines.extend(record.notes.iter().map(|note| one_line(&format!("note: {note}"))));
    lines.push(String::new());
    // One breach that many cases show is told once.
    let mut groups: IndexMap<(ReplayResult, &str, &str), Vec<&ReplayedRecord>> = IndexMap::new();
    for case in &record.cases {
        groups.entry((case.result, &case.code, case.obligation.as_str())).or_default().push(case);
    }
    lines.extend(groups.values().filter_map(|cases| Some(row(cases.first()?, cases.len(), paint))));
    format!("{}\n", lines.join("\n"))
}

fn row(case: &ReplayedRecord, cases: usize, paint: Paint) -> String {
    let (mark, verdict) = match case.result {
        ReplayResult::Fixed => ("✓", Verdict::Passed),
        ReplayResult::Flaky => ("!", Verdict::Warned),
        ReplayResult::Failing | ReplayResult::Different => ("✗", Verdict::Failed),
        ReplayResult::NotComparable | ReplayResult::Inconclusive => ("?", Verdict::Inconclusive),
    };
    let often = if case.judged > 0 { format!("{} of {}", case.shown, case.judged) } else { String::new() };
    let title = paint.verdict(verdict, &format!("{mark} {:<14}", case.result.name()));
    let mut lines =
        vec![format!("{title} {:<7} {often:<7} {}", one_line(&case.code), one_line(case.obligation.as_str()))];
    let mut labelled = |name: &str, text: &str| {
        lines.push(format!("    {:10}{}", format!("{name}:"), shortened(&one_line(text), MOST_TEXT)));
    };
    if case.result != ReplayResult::Fixed {
        let more = if cases > 1 { format!(" and {} more, in replay.json", cases - 1) } else { String::new() };
        labelled("case", &format!("{}{more}", case.case_id));
        labelled("was", &case.was);
    }
    if let Some(now) = &case.now {
        labelled("now", now);
    }
    if case.result == ReplayResult::Different {
        let others: Vec<String> = case.others.iter().map(|(code, duty)| format!("{code} {duty}")).collect();
        labelled("instead", &others.join(", "));
    }
    if let Some(reason) = case.reason.as_ref().filter(|reason| !reason.is_empty()) {
        labelled("why", reason);
    }
    if let Some(exchange) = case.exchange.as_ref().filter(|_| case.now.is_some()) {
        // Cut, a command line would be of no use.
        lines.push(format!("    {:10}{}", "curl:", one_line(&exchange.curl)));
    }
    lines.join("\n")
}

#[cfg(test)]
#[path = "replay_tests.rs"]
mod tests;
