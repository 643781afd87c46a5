//! What belongs together in a record: breaches of one obligation, scenarios with one reason.

use std::cmp::Reverse;

use indexmap::IndexMap;

use super::record::{FindingRecord, RunRecord, ScenarioRecord};
use crate::oracle::{Blame, Severity, Verdict};

/// One distinct breach, however many scenarios met it.
pub(super) struct Group<'r> {
    /// The first of the gravest; one that is not let pass before one that is, then a steady one before one that is flaky, and that with the smallest request first.
    pub(super) worst: &'r FindingRecord,
    /// Its severity.
    pub(super) severity: Severity,
    /// Cases that show it.
    pub(super) cases: u64,
    /// The scenarios that met it, in plan order, by their number in the plan.
    pub(super) seen: Vec<(usize, &'r ScenarioRecord, &'r FindingRecord)>,
}

/// The distinct breaches of a run by code and obligation, gravest first; those that are let pass come last.
pub(super) fn groups(record: &RunRecord) -> Vec<Group<'_>> {
    let mut groups: IndexMap<(&str, &str), Group<'_>> = IndexMap::new();
    for (number, scenario) in record.scenarios.iter().enumerate() {
        for finding in &scenario.findings {
            let group = groups.entry((&finding.code, finding.obligation.as_str())).or_insert(Group {
                worst: finding,
                severity: finding.severity,
                cases: 0,
                seen: Vec::new(),
            });
            group.cases += finding.count;
            group.seen.push((number, scenario, finding));
            if rank(finding) > rank(group.worst) {
                (group.worst, group.severity) = (finding, finding.severity);
            }
        }
    }
    let mut groups: Vec<Group<'_>> = groups.into_values().collect();
    groups.sort_by_key(|group| (group.worst.deviation.is_some(), Reverse(group.severity)));
    groups
}

fn rank(finding: &FindingRecord) -> (Severity, bool, bool, bool) {
    (finding.severity, finding.deviation.is_none(), finding.blame != Blame::Flaky, finding.shrunk.is_some())
}

/// The scenarios of a verdict by their reason, the most frequent first.
pub(super) fn reasons(record: &RunRecord, verdict: Verdict) -> Vec<(&str, Vec<&ScenarioRecord>)> {
    let mut reasons: IndexMap<&str, Vec<&ScenarioRecord>> = IndexMap::new();
    for scenario in record.scenarios.iter().filter(|scenario| scenario.verdict == verdict) {
        reasons.entry(scenario.reason.as_deref().unwrap_or("no reason was given")).or_default().push(scenario);
    }
    let mut reasons: Vec<(&str, Vec<&ScenarioRecord>)> = reasons.into_iter().collect();
    reasons.sort_by_key(|(_, scenarios)| Reverse(scenarios.len()));
    reasons
}
