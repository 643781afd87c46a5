//! Known deviations in the record of a run: what they excuse, and which of them a run shows to be out of date.

use std::collections::HashSet;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::cleaner::Cleaner;
use super::record::{RunRecord, ScenarioRecord};
use crate::base::{ObligationId, Redactor};
use crate::contract::Rule;
use crate::engine::{Plan, Scenario};
use crate::oracle::{Blame, Code, Severity, Verdict, codes};
use crate::suite::{Deviation, Deviations};

/// An entry whose last day is over.
pub const EXPIRED: Code = Code {
    id: "D1C-301",
    means: "an entry of the deviations file has expired",
    because: "a deviation is let pass for a reason and until a day; the day that its owner named is over, so that it excuses \
              nothing any more",
    remedy: "mend the breach; or look at it again with its owner, and write a new reason and a new day",
    who: Blame::Config,
    breaks: |_| false,
};

/// An entry that nothing needs.
pub const STALE: Code = Code {
    id: "D1C-302",
    means: "an entry of the deviations file no longer occurs",
    because: "every scenario that could show the breach ran and was judged, and none did; an excuse that stays would hide the \
              breach when it comes back",
    remedy: "remove the entry",
    who: Blame::Config,
    breaks: |_| false,
};

/// The codes of this check.
pub const DEVIATION_CODES: &[Code] = &[EXPIRED, STALE];

/// Name of this check in reports.
pub const DEVIATIONS_CHECK: &str = "deviations";

/// The deviations that a run knows, and what else it was told.
#[derive(Clone)]
pub struct DeviationScope {
    /// The entries.
    pub known: Arc<Deviations>,
    /// Checks that were left out: what they alone find, nobody looked for.
    pub left_out: Vec<String>,
}

/// One entry, and what the run shows of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeviationRecord {
    /// The duty that is broken.
    pub obligation: ObligationId,
    /// Qualified name of the operation, where the entry names one.
    pub operation: Option<String>,
    /// The code that it is for; all codes without.
    pub code: Option<String>,
    /// Why it is let pass.
    pub reason: String,
    /// Where it is followed up.
    pub ticket: String,
    /// Who sees to it.
    pub owner: String,
    /// The last day on which it excuses anything: YYYY-MM-DD.
    pub expires: String,
    /// The file.
    pub file: String,
    /// Line in it, from 1.
    pub line: u64,
    /// What the run shows of it.
    pub state: DeviationState,
    /// Code of the failure that the entry itself is; absent where it is none.
    pub failure: Option<String>,
    /// Scenarios that met the breach.
    pub scenarios: u64,
    /// The state in words.
    pub told: String,
}

/// What a run shows of an entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DeviationState {
    /// The breach occurred, and is excused.
    Excused,
    /// Its last day is over: it excuses nothing, and fails the run.
    Expired,
    /// Everything that could show it ran, and nothing did: it fails the run.
    Stale,
    /// Not everything that could show it ran.
    NotLookedAt,
}

impl DeviationRecord {
    /// Does the entry itself fail the run?
    pub fn fails(&self) -> bool {
        self.failure.is_some()
    }
}

/// Marks the findings of a scenario that entries cover, and changes its verdict where nothing else is left. The findings
/// stay what they are.
pub(super) fn excuse(known: &Deviations, scenario: &mut ScenarioRecord, redactor: &Redactor) {
    let cleaner = Cleaner::new(redactor);
    let mut told: Vec<String> = Vec::new();
    let mut left = Verdict::Passed;
    for finding in &mut scenario.findings {
        let entry = known.excuse(finding.obligation.as_str(), scenario.operation_id.as_str(), &finding.code);
        finding.deviation = entry.map(|entry| cleaner.text(&words(entry)));
        match (&finding.deviation, finding.severity) {
            (_, Severity::Observation) => {}
            (Some(text), _) => {
                if !told.contains(text) {
                    told.push(text.clone());
                }
            }
            (None, Severity::Warning) => left = left.max(Verdict::Warned),
            (None, Severity::Failure) => left = Verdict::Failed,
        }
    }
    if told.is_empty() || !matches!(scenario.verdict, Verdict::Failed | Verdict::Warned) {
        return;
    }
    if left == Verdict::Passed {
        scenario.verdict = Verdict::Deviating;
        scenario.reason = Some(told.join("; "));
        scenario.blame = None;
    } else {
        scenario.verdict = left;
    }
}

/// The reason of an entry, with whom to ask and until when.
fn words(entry: &Deviation) -> String {
    format!("{} (ticket {}, owner {}, until {})", entry.reason.trim(), entry.ticket, entry.owner, entry.expires)
}

/// What scenarios can show, beside their own duty.
pub(super) struct Reach {
    /// Operations and business rules of which a part was selected.
    partial: HashSet<String>,
    /// Business rules by scenario.
    rules: Vec<Vec<ObligationId>>,
}

impl Reach {
    /// That of the scenarios of a plan.
    pub(super) fn of(plan: &Plan) -> Self {
        let rules = |scenario: &Scenario| scenario.rules().into_iter().cloned().collect();
        Self { partial: plan.partial.clone(), rules: plan.scenarios.iter().map(rules).collect() }
    }
}

/// What a run shows of every entry, in the order of the file.
pub(super) fn states(
    scope: &DeviationScope,
    record: &RunRecord,
    reach: &Reach,
    redactor: &Redactor,
) -> Vec<DeviationRecord> {
    let cleaner = Cleaner::new(redactor);
    scope.known.entries.iter().map(|entry| one(scope, entry, record, reach, &cleaner)).collect()
}

fn one(
    scope: &DeviationScope,
    entry: &Deviation,
    record: &RunRecord,
    reach: &Reach,
    cleaner: &Cleaner,
) -> DeviationRecord {
    let met = |scenario: &&ScenarioRecord| {
        let operation = scenario.operation_id.as_str();
        scenario.findings.iter().any(|finding| entry.covers(finding.obligation.as_str(), operation, &finding.code))
    };
    let scenarios = record.scenarios.iter().filter(met).count() as u64;
    let (state, told) = if entry.expired(scope.known.today) {
        let (day, ticket, owner) = (entry.expires, &entry.ticket, &entry.owner);
        let told = format!("expired on {day}, ticket {ticket}, owner {owner}: mend the breach, or renew the entry");
        (DeviationState::Expired, told)
    } else if scenarios > 0 {
        let plural = if scenarios == 1 { "" } else { "s" };
        (DeviationState::Excused, format!("excused in {scenarios} scenario{plural} until {}", entry.expires))
    } else {
        match looked_for(scope, entry, record, reach) {
            Ok(count) => {
                let all = if count == 1 { "the one scenario" } else { "all scenarios" };
                let told = format!("no longer occurs: {all} that could show it ran, and did not ({count}): remove it");
                (DeviationState::Stale, told)
            }
            Err(why) => (DeviationState::NotLookedAt, format!("not looked at: {why}")),
        }
    };
    let failure = match state {
        DeviationState::Expired => Some(EXPIRED.id),
        DeviationState::Stale => Some(STALE.id),
        DeviationState::Excused | DeviationState::NotLookedAt => None,
    };
    DeviationRecord {
        obligation: entry.obligation.clone(),
        operation: entry.operation.clone(),
        code: entry.code.clone(),
        reason: cleaner.text(&entry.reason),
        ticket: cleaner.text(&entry.ticket),
        owner: cleaner.text(&entry.owner),
        expires: entry.expires.to_string(),
        file: scope.known.path.display().to_string(),
        line: entry.line as u64,
        state,
        failure: failure.map(str::to_owned),
        scenarios,
        told: cleaner.text(&told),
    }
}

/// How many scenarios looked for the breach of an entry; the error says why it cannot be said that it is gone.
fn looked_for(scope: &DeviationScope, entry: &Deviation, record: &RunRecord, reach: &Reach) -> Result<usize, String> {
    if let Some(check) = scope.left_out.iter().find(|check| could_find(check, entry.code.as_deref())) {
        return Err(format!("the check {check} was left out"));
    }
    let id = entry.obligation.as_str();
    let (answer, pinned) = (answer_of(id), pinned(id));
    let could_show = |index: usize, scenario: &ScenarioRecord| {
        let operation = scenario.operation_id.as_str();
        if entry.operation.as_deref().is_some_and(|own| own != operation) {
            return false;
        }
        match (&answer, pinned) {
            (_, Some((of, name))) => scenario.id.as_str().ends_with(&format!("::{of}::pinned::{name}")),
            // Answers are judged in passing, whatever their request was for.
            (Some((of, _)), _) => {
                of == operation && !matches!(scenario.rule, Rule::UnsupportedMethod | Rule::BusinessRule)
            }
            (None, None) => {
                let shown = reach.rules.get(index).is_some_and(|rules| rules.contains(&entry.obligation));
                shown || scenario.obligation.as_str() == id && scenario.rule != Rule::Snapshot
            }
        }
    };
    let all = record.scenarios.iter().enumerate().filter(|(index, scenario)| could_show(*index, scenario));
    let own: Vec<&ScenarioRecord> = all.map(|(_, scenario)| scenario).collect();
    let open = own
        .iter()
        .find(|one| one.verdict == Verdict::Inconclusive || one.verdict == Verdict::Skipped && one.blame.is_some());
    if let Some(open) = open {
        let reason = open.reason.as_deref().unwrap_or("no reason was given");
        return Err(format!("{} is {}: {reason}", open.id, open.verdict.name()));
    }
    let ran = own.iter().filter(|one| one.verdict != Verdict::Skipped).count();
    if ran == 0 {
        let skipped = own.first().and_then(|one| one.reason.as_deref());
        return Err(skipped.map_or_else(|| "it is not among what was run".to_owned(), |why| format!("skipped, {why}")));
    }
    let whole = answer.as_ref().map_or(id, |(operation, _)| operation);
    if pinned.is_none() && reach.partial.contains(whole) && (answer.is_some() || id.starts_with("rules::")) {
        return Err(format!("only some scenarios of {whole} were run"));
    }
    if let Some((_, Some(status))) = &answer
        && !own.iter().any(|one| one.statuses.contains_key(status))
    {
        return Err("no answer with its status came".to_owned());
    }
    Ok(ran)
}

/// Could this check find it, as far as the entry says by which code?
fn could_find(check: &str, code: Option<&str>) -> bool {
    let Some(code) = code else { return true };
    codes().iter().any(|(name, own)| *name == check && own.id == code)
}

/// Operation and name of a pinned case.
fn pinned(id: &str) -> Option<(&str, &str)> {
    let (of, rest) = id.split_once("::snapshot.")?;
    Some((of, rest.strip_suffix("::snapshot")?))
}

/// The operation whose answers a duty is of, and the status that they must have for it to bite. Whoever stops sending an
/// undeclared status has mended it: that duty is looked at with any answer.
fn answer_of(id: &str) -> Option<(String, Option<u16>)> {
    let mut parts = id.splitn(3, "::");
    let (spec, operation, rest) = (parts.next()?, parts.next()?, parts.next()?);
    let behind = rest.strip_prefix("response")?;
    if !behind.starts_with(['.', ':']) {
        return None;
    }
    let status = behind.strip_prefix('.').and_then(|rest| rest.split(['.', ':', '/']).next());
    Some((format!("{spec}::{operation}"), status.and_then(|status| status.parse().ok())))
}

#[cfg(test)]
#[path = "deviations_tests.rs"]
mod tests;
