//! What a run says about a product: each line of the profile, and whether the product's operations are ready. Only what was
//! exercised and kept counts as passed; what was skipped never does.

use std::sync::Arc;

use indexmap::IndexMap;
use serde::{Deserialize, Serialize};

use super::record::{RunRecord, RunState, ScenarioRecord};
use crate::contract::{Direction, Rule};
use crate::oracle::{Blame, Verdict};
use crate::suite::{Level, Profile, ProfileRow};

/// The profile that a run is for.
#[derive(Clone)]
pub struct ProfileScope {
    /// The profile.
    pub profile: Arc<Profile>,
    /// What the target file says to its conditions, by name; `None` where it says nothing.
    pub answers: IndexMap<String, Option<bool>>,
    /// The directions that the targets of the run belong to.
    pub directions: Vec<Direction>,
    /// What the user left out of the run, in words: what is left out is not kept.
    pub narrowed: Option<String>,
}

/// What a run says about a product.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProfileRecord {
    /// Name of the profile.
    pub name: String,
    /// The product as its vendor calls it.
    pub product: String,
    /// The page that lists its operations.
    pub source: String,
    /// What is to be known of that list.
    pub note: Option<String>,
    /// The verdict on the product.
    pub verdict: Readiness,
    /// Questions that the target file leaves open, with the names of their answers under `values:`.
    pub open_questions: IndexMap<String, String>,
    /// What the user left out of the run, so that it cannot show that the target is ready.
    pub narrowed: Option<String>,
    /// Line by line.
    pub rows: Vec<RowRecord>,
}

/// The verdict on a product.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Readiness {
    /// Every needed line was exercised and kept.
    #[serde(rename = "READY")]
    Ready,
    /// Every needed line was exercised; what broke the contract there is known and let pass. It is less than ready.
    #[serde(rename = "READY WITH DEVIATIONS")]
    ReadyWithDeviations,
    /// A needed line was broken.
    #[serde(rename = "NOT READY")]
    NotReady,
    /// Nothing was broken, and a needed line could not be judged.
    #[serde(rename = "INCONCLUSIVE")]
    Inconclusive,
}

impl Readiness {
    /// The word in reports.
    pub fn name(self) -> &'static str {
        match self {
            Self::Ready => "READY",
            Self::ReadyWithDeviations => "READY WITH DEVIATIONS",
            Self::NotReady => "NOT READY",
            Self::Inconclusive => "INCONCLUSIVE",
        }
    }
}

/// One line of a profile. The counts are scenarios, each of which is an obligation, a pinned case or a business rule.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RowRecord {
    /// Who calls whom.
    pub direction: Direction,
    /// Its words.
    pub title: String,
    /// How much the product needs it.
    pub level: Level,
    /// Does the verdict rest on it? That is the level, and the answer where there is a condition.
    pub need: Need,
    /// The condition, by the name of its answer.
    pub when: Option<String>,
    /// The operations that belong to it.
    pub operations: Vec<String>,
    /// Those that sent a case.
    pub exercised: u64,
    /// Those that passed.
    pub passed: u64,
    /// Those that failed.
    pub failed: u64,
    /// Those with warnings alone.
    pub warned: u64,
    /// Those with known, excused breaches.
    #[serde(default)]
    pub deviating: u64,
    /// Those that did not run, for a reason.
    pub skipped: u64,
    /// Those of which nothing can be said.
    pub inconclusive: u64,
    /// How the line ended.
    pub result: RowResult,
    /// Why it is not plainly kept.
    pub reason: Option<String>,
}

/// Does the verdict rest on a line?
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Need {
    /// It does.
    Needed,
    /// It would be of use, and may be missing.
    Wanted,
    /// Its condition does not hold.
    NotAsked,
    /// Its condition has no answer, so that it may be needed.
    Open,
    /// It belongs to the other side of the connection.
    OtherSide,
}

/// How a line of a profile ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RowResult {
    /// Exercised and kept.
    Kept,
    /// Exercised, and broken in known, excused ways alone.
    Deviating,
    /// Broken.
    Broken,
    /// Nothing can be said.
    Unclear,
    /// Not looked at: the verdict does not rest on it.
    LeftOut,
}

/// What the scenarios of a run say about a profile.
pub fn readiness(scope: &ProfileScope, record: &RunRecord) -> ProfileRecord {
    let profile = &scope.profile;
    let rows: Vec<RowRecord> = [Direction::Inbound, Direction::Outbound]
        .into_iter()
        .flat_map(|direction| profile.rows(direction).iter().map(move |row| (direction, row)))
        .map(|(direction, row)| judged(scope, record, direction, row))
        .collect();
    let open = |name: &&String| rows.iter().any(|row| row.need == Need::Open && row.when.as_ref() == Some(name));
    let questions = profile.conditions.iter().filter(|(name, _)| open(name));
    ProfileRecord {
        name: profile.name.clone(),
        product: profile.product.clone(),
        source: profile.source.clone(),
        note: profile.note.clone(),
        verdict: verdict(record, &rows, scope.narrowed.is_some()),
        narrowed: scope.narrowed.clone(),
        open_questions: questions.map(|(name, asked)| (name.clone(), asked.question.clone())).collect(),
        rows,
    }
}

fn verdict(record: &RunRecord, rows: &[RowRecord], narrowed: bool) -> Readiness {
    let needed = |result| rows.iter().any(|row| row.need == Need::Needed && row.result == result);
    let open = rows.iter().any(|row| row.need == Need::Open);
    let kept = rows.iter().any(|row| matches!(row.result, RowResult::Kept | RowResult::Deviating));
    if needed(RowResult::Broken) {
        Readiness::NotReady
    } else if needed(RowResult::Unclear) || open || !kept || narrowed || record.state != RunState::Finished {
        Readiness::Inconclusive
    } else if needed(RowResult::Deviating) {
        Readiness::ReadyWithDeviations
    } else {
        Readiness::Ready
    }
}

fn judged(scope: &ProfileScope, record: &RunRecord, direction: Direction, row: &ProfileRow) -> RowRecord {
    let need = need(scope, direction, row);
    let own: Vec<&ScenarioRecord> =
        record.scenarios.iter().filter(|one| row.names().any(|name| one.operation_id.as_str() == name)).collect();
    let count = |verdict: Verdict| own.iter().filter(|one| one.verdict == verdict).count() as u64;
    let (result, reason) = match need {
        Need::OtherSide | Need::NotAsked => (RowResult::LeftOut, None),
        Need::Wanted if row.untestable.is_some() => (RowResult::LeftOut, row.untestable.clone()),
        _ if row.untestable.is_some() => (RowResult::Unclear, row.untestable.clone()),
        _ => result(record, row),
    };
    RowRecord {
        direction,
        title: row.title.clone(),
        level: row.level,
        need,
        when: row.when.clone(),
        operations: row.names().map(str::to_owned).collect(),
        exercised: own.iter().filter(|one| one.cases > 0).count() as u64,
        passed: count(Verdict::Passed),
        failed: count(Verdict::Failed),
        warned: count(Verdict::Warned),
        deviating: count(Verdict::Deviating),
        skipped: count(Verdict::Skipped),
        inconclusive: count(Verdict::Inconclusive),
        result,
        reason,
    }
}

fn need(scope: &ProfileScope, direction: Direction, row: &ProfileRow) -> Need {
    if !scope.directions.contains(&direction) {
        return Need::OtherSide;
    }
    let answer = row.when.as_ref().map(|when| scope.answers.get(when).copied().flatten());
    match (row.level, answer) {
        (Level::Required, _) | (_, Some(Some(true))) => Need::Needed,
        (_, Some(Some(false))) => Need::NotAsked,
        (Level::Conditional, _) => Need::Open,
        (Level::Recommended | Level::Optional | Level::Listed, _) => Need::Wanted,
    }
}

/// All operations, or the best one.
fn result(record: &RunRecord, row: &ProfileRow) -> (RowResult, Option<String>) {
    let all = |names: &[String]| names.iter().map(|name| operation(record, name)).collect::<Vec<_>>();
    if row.any_of.is_empty() {
        return worst(all(&row.operations));
    }
    let each = all(&row.any_of);
    if each.iter().any(|(result, _)| *result == RowResult::Kept) {
        return (RowResult::Kept, None);
    }
    if let Some(excused) = each.iter().find(|(result, _)| *result == RowResult::Deviating) {
        return excused.clone();
    }
    // One that could not be judged might have been the one that is kept.
    let unclear = each.iter().find(|(result, _)| *result == RowResult::Unclear).cloned();
    unclear.unwrap_or_else(|| worst(each))
}

fn worst(results: Vec<(RowResult, Option<String>)>) -> (RowResult, Option<String>) {
    let rank = |result: RowResult| match result {
        RowResult::LeftOut => 0,
        RowResult::Kept => 1,
        RowResult::Deviating => 2,
        RowResult::Unclear => 3,
        RowResult::Broken => 4,
    };
    let none = (RowResult::Unclear, Some("it names no operation".to_owned()));
    // The first of the worst: its reason is the one to begin with.
    results.into_iter().rev().max_by_key(|(result, _)| rank(*result)).unwrap_or(none)
}

/// How the scenarios of one operation ended. It is kept where a request that keeps the contract was served as declared,
/// nothing was broken, nothing stayed open, and nothing was left out that the target file could have let in.
fn operation(record: &RunRecord, name: &str) -> (RowResult, Option<String>) {
    let own: Vec<&ScenarioRecord> = record.scenarios.iter().filter(|one| one.operation_id.as_str() == name).collect();
    let short = name.rsplit("::").next().unwrap_or(name);
    let first = |verdict: Verdict| own.iter().find(|one| one.verdict == verdict);
    let why = |one: &ScenarioRecord| one.reason.clone().unwrap_or_else(|| "no reason was given".to_owned());
    let failed = own.iter().filter(|one| one.verdict == Verdict::Failed).count();
    if failed > 0 {
        let flaky = own.iter().flat_map(|one| &one.findings).any(|finding| finding.blame == Blame::Flaky);
        let flaky = if flaky { ", some of them not every time" } else { "" };
        return (RowResult::Broken, Some(format!("{short}: {failed} of {} scenarios failed{flaky}", own.len())));
    }
    if let Some(open) = first(Verdict::Inconclusive) {
        return (RowResult::Unclear, Some(format!("{short}: {}", why(open))));
    }
    let lacking = own.iter().find(|one| one.verdict == Verdict::Skipped && one.blame.is_some());
    if let Some(lacking) = lacking {
        return (RowResult::Unclear, Some(format!("{short}: {}", why(lacking))));
    }
    let Some(served) = own.iter().find(|one| one.rule == Rule::Conforming) else {
        return (RowResult::Unclear, Some(format!("{short}: it was not selected")));
    };
    if served.cases == 0 {
        return (RowResult::Unclear, Some(format!("{short}: {}", why(served))));
    }
    if let Some(excused) = first(Verdict::Deviating) {
        return (RowResult::Deviating, Some(format!("{short}: known deviation, {}", why(excused))));
    }
    (RowResult::Kept, None)
}

#[cfg(test)]
#[path = "readiness_tests.rs"]
mod tests;

#[cfg(test)]
pub(super) use tests::product_sample;
