//! Holds two records against each other.

use std::collections::{BTreeSet, HashMap};

use indexmap::IndexMap;

use super::chance::{float, holm, mann_whitney};
use super::drift::drift;
use super::model::{Comparison, FindingChange, KNOWN, LatencyShift, Side, VerdictChange};
use crate::oracle::{Severity, Verdict};
use crate::report::activity::OperationRecord;
use crate::report::record::{FindingRecord, RunRecord, RunState, ScenarioRecord};

/// Answers that both runs must have timed of an operation.
const LEAST_SAMPLES: u64 = 20;

/// A shift counts if chance would bring it less often than this...
const LEVEL: f64 = 0.01;

/// ...and if the medians differ by this factor at least: with many answers every trifle is significant.
const LEAST_RATIO: f64 = 1.25;

/// Compares a later run with an earlier one.
pub fn compare(old: &RunRecord, new: &RunRecord) -> Comparison {
    let (before, now) = (breaches(old), breaches(new));
    let was: HashMap<&str, &ScenarioRecord> = by_id(old);
    let is: HashMap<&str, &ScenarioRecord> = by_id(new);
    let (timed, latency) = latency(old, new);
    let mut comparison = Comparison {
        old: side(old),
        new: side(new),
        notes: notes(old, new, &was, &is),
        new_findings: Vec::new(),
        worse_findings: Vec::new(),
        still_failing: Vec::new(),
        fixed: Vec::new(),
        not_tested: Vec::new(),
        verdicts: Vec::new(),
        drift: drift(old, new),
        latency,
        timed,
        lost: 0,
    };
    for (key, breach) in &now {
        match before.get(key) {
            Some(known) if known.severity < breach.severity || (known.known && !breach.known) => {
                comparison.worse_findings.push(breach.change(Some(known.severity)));
            }
            Some(known) => comparison.still_failing.push(breach.change(Some(known.severity))),
            None => {
                let first = breach.scenarios.iter().all(|one| !was.get(one.id.as_str()).is_some_and(|one| tested(one)));
                let mut change = breach.change(None);
                if first && change.note.is_none() {
                    change.note = Some("not tested in the earlier run".to_owned());
                }
                comparison.new_findings.push(change);
            }
        }
    }
    for (_, breach) in before.iter().filter(|(key, _)| !now.contains_key(*key)) {
        // One scenario that showed it and came to an end without it is enough: a breach is told of each that meets it.
        let again = breach.scenarios.iter().any(|one| is.get(one.id.as_str()).is_some_and(|one| tested(one)));
        let place = if again { &mut comparison.fixed } else { &mut comparison.not_tested };
        place.push(breach.change(None));
    }
    for scenario in &new.scenarios {
        let Some(before) = was.get(scenario.id.as_str()) else { continue };
        if before.verdict != scenario.verdict {
            comparison.lost += usize::from(tested(before) && scenario.verdict == Verdict::Inconclusive);
            comparison.verdicts.push(VerdictChange {
                id: scenario.id.clone(),
                old: before.verdict,
                new: scenario.verdict,
                reason: scenario.reason.clone(),
            });
        }
    }
    comparison
}

/// A breach with all scenarios that show it.
struct Breach<'r> {
    scenarios: Vec<&'r ScenarioRecord>,
    severity: Severity,
    /// The gravest that was recorded.
    finding: &'r FindingRecord,
    /// Excused in all of its scenarios.
    known: bool,
}

impl Breach<'_> {
    fn change(&self, was: Option<Severity>) -> FindingChange {
        let finding = self.finding;
        FindingChange {
            code: finding.code.clone(),
            obligation: finding.obligation.clone(),
            operation_id: self.scenarios[0].operation_id.clone(),
            text: finding.text.clone(),
            severity: self.severity,
            was,
            expected: finding.expected.clone(),
            actual: finding.actual.clone(),
            case_id: finding.case_id.to_string(),
            scenarios: self.scenarios.len(),
            note: self.known.then(|| KNOWN.to_owned()),
        }
    }
}

type Key<'r> = (&'r str, &'r str, &'r str);

/// The breaches of a run by duty, code and operation, in its order. Observations change no verdict and are none.
fn breaches(record: &RunRecord) -> IndexMap<Key<'_>, Breach<'_>> {
    let mut all: IndexMap<Key<'_>, Breach<'_>> = IndexMap::new();
    for scenario in &record.scenarios {
        for finding in scenario.findings.iter().filter(|finding| finding.severity > Severity::Observation) {
            let key = (finding.obligation.as_str(), finding.code.as_str(), scenario.operation_id.as_str());
            let known = finding.deviation.is_some() || scenario.verdict == Verdict::Deviating;
            let severity = finding.severity;
            let breach =
                all.entry(key).or_insert_with(|| Breach { scenarios: Vec::new(), severity, finding, known: true });
            breach.scenarios.push(scenario);
            breach.known &= known;
            if severity > breach.severity {
                (breach.severity, breach.finding) = (severity, finding);
            }
        }
    }
    all
}

/// Did it come to a verdict on something that was sent?
fn tested(scenario: &ScenarioRecord) -> bool {
    !matches!(scenario.verdict, Verdict::Skipped | Verdict::Inconclusive)
}

fn by_id(record: &RunRecord) -> HashMap<&str, &ScenarioRecord> {
    record.scenarios.iter().map(|scenario| (scenario.id.as_str(), scenario)).collect()
}

fn side(record: &RunRecord) -> Side {
    let mut targets: Vec<String> = record.target.iter().map(|target| target.name.clone()).collect();
    targets.dedup();
    Side {
        run_id: record.run_id.clone(),
        started_at: record.started_at.clone(),
        state: record.state,
        tool: record.tool.version.clone(),
        seed: record.seed,
        verdict: record.verdict,
        targets,
    }
}

fn notes(
    old: &RunRecord,
    new: &RunRecord,
    was: &HashMap<&str, &ScenarioRecord>,
    is: &HashMap<&str, &ScenarioRecord>,
) -> Vec<String> {
    let mut notes = Vec::new();
    for (name, record) in [("earlier", old), ("later", new)] {
        match record.state {
            RunState::Finished => {}
            RunState::Interrupted => {
                notes.push(format!("the {name} run was interrupted; what it did not reach is missing"));
            }
            RunState::Running => {
                notes.push(format!("the {name} run is under way or was killed; what it did not reach is missing"));
            }
        }
        if record.operations.is_empty() && record.totals.exchanges > 0 {
            notes.push(format!("the {name} run holds no answers by operation; shape and latency are not compared"));
        }
    }
    let mut differs = |what: &str, old: String, new: String| {
        if old != new {
            notes.push(format!("{what} differ: {old} and {new}"));
        }
    };
    differs("versions of the tool", old.tool.version.clone(), new.tool.version.clone());
    differs("seeds", old.seed.to_string(), new.seed.to_string());
    let strictness = |strict: bool| if strict { "strict" } else { "not strict" }.to_owned();
    differs("ways to judge inferred lines", strictness(old.strict), strictness(new.strict));
    let targets = |record: &RunRecord| {
        let names = record.target.iter().map(|target| format!("{} ({})", target.name, target.suite));
        names.collect::<BTreeSet<_>>().into_iter().collect::<Vec<_>>().join(", ")
    };
    differs("targets", targets(old), targets(new));
    for spec in &new.specs {
        match old.specs.iter().find(|known| known.name == spec.name) {
            Some(known) if known.sha256 != spec.sha256 => {
                notes.push(format!("the specification {} is another file than before", spec.name));
            }
            _ => {}
        }
    }
    if old.seed == new.seed && old.case_digest != new.case_digest {
        notes.push("the cases are not the same, although the seed is".to_owned());
    }
    for (name, one, other) in [("earlier", was, is), ("later", is, was)] {
        let alone = one.keys().filter(|id| !other.contains_key(*id)).count();
        if alone > 0 {
            let all = one.len();
            notes.push(format!("{alone} of {all} scenarios are in the {name} run alone"));
        }
    }
    notes
}

/// The same operation in two runs, in the order of the later one.
pub(super) fn pairs<'r>(
    old: &'r RunRecord,
    new: &'r RunRecord,
) -> impl Iterator<Item = (&'r OperationRecord, &'r OperationRecord)> {
    new.operations.iter().filter_map(|now| {
        let same = |one: &&OperationRecord| one.suite == now.suite && one.operation_id == now.operation_id;
        Some((old.operations.iter().find(same)?, now))
    })
}

/// How many operations could be compared, and those that shifted.
fn latency(old: &RunRecord, new: &RunRecord) -> (usize, Vec<LatencyShift>) {
    let enough = |operation: &OperationRecord| operation.latency.count >= LEAST_SAMPLES;
    let tested: Vec<_> = pairs(old, new).filter(|(old, new)| enough(old) && enough(new)).collect();
    let chances: Vec<f64> =
        tested.iter().map(|(old, new)| mann_whitney(&old.latency.buckets, &new.latency.buckets)).collect();
    let (count, mut shifts) = (tested.len(), Vec::new());
    for ((old, new), p_value) in tested.into_iter().zip(holm(&chances)) {
        let (before, now) = (&old.latency, &new.latency);
        let ratio = float(now.p50_us.max(1)) / float(before.p50_us.max(1));
        if p_value < LEVEL && !(1.0 / LEAST_RATIO..=LEAST_RATIO).contains(&ratio) {
            shifts.push(LatencyShift {
                suite: new.suite.clone(),
                operation_id: new.operation_id.clone(),
                old_p50_us: before.p50_us,
                new_p50_us: now.p50_us,
                old_p95_us: before.p95_us,
                new_p95_us: now.p95_us,
                samples: (before.count, now.count),
                ratio,
                p_value,
            });
        }
    }
    (count, shifts)
}
