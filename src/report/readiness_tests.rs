use std::path::Path;
use std::sync::Arc;

use super::{Need, ProfileRecord, ProfileScope, Readiness, RowResult, readiness};
use crate::contract::{Catalog, Direction, Rule};
use crate::oracle::{Blame, Verdict};
use crate::report::record::{RunRecord, ScenarioRecord};
use crate::report::sample::{sample, scenario};
use crate::suite::{Profile, ProfileRow};

const CARD: &str = "D1-Public-IN-v2-Card";

fn profile(name: &str) -> Arc<Profile> {
    let home = Path::new(env!("CARGO_MANIFEST_DIR"));
    let catalog = Catalog::load(&home.join("specs")).unwrap();
    Arc::new(Profile::load(&home.join(format!("suites/profiles/{name}.yaml")), &catalog).unwrap())
}

fn scope(name: &str, answer: Option<bool>, directions: &[Direction]) -> ProfileScope {
    let profile = profile(name);
    let answers = profile.conditions.keys().map(|name| (name.clone(), answer)).collect();
    ProfileScope { profile, answers, directions: directions.to_vec(), narrowed: None }
}

/// A run in which every operation of the profile was served.
fn clean(scope: &ProfileScope) -> RunRecord {
    let rows = [Direction::Inbound, Direction::Outbound].into_iter().flat_map(|side| scope.profile.rows(side));
    let names: Vec<String> = rows.flat_map(ProfileRow::names).map(str::to_owned).collect();
    let served = |name: &String| scenario(name, "operation", Rule::Conforming, Verdict::Passed);
    RunRecord { scenarios: names.iter().map(served).collect(), ..sample() }
}

/// A verdict with lines of all kinds and an open question.
pub(in crate::report) fn product_sample() -> ProfileRecord {
    let open = scope("3d-secure", None, &[Direction::Outbound]);
    let mut record = clean(&open);
    record.scenarios[0].verdict = Verdict::Failed;
    readiness(&open, &record)
}

fn verdict(scope: &ProfileScope, change: impl Fn(&mut Vec<ScenarioRecord>)) -> Readiness {
    let mut record = clean(scope);
    change(&mut record.scenarios);
    readiness(scope, &record).verdict
}

fn of<'s>(scenarios: &'s mut [ScenarioRecord], name: &str) -> &'s mut ScenarioRecord {
    scenarios.iter_mut().find(|one| one.operation_id.as_str() == format!("{CARD}::{name}")).unwrap()
}

#[test]
fn a_product_is_ready_when_all_that_it_needs_was_kept() {
    for name in
        ["pin-management", "nfc-payment", "push-provisioning", "click-to-pay", "tokenization", "transaction-control"]
    {
        let scope = scope(name, Some(true), &[Direction::Inbound, Direction::Outbound]);
        assert_eq!(verdict(&scope, |_| ()), Readiness::Ready, "{name}");
    }
}

#[test]
fn a_needed_operation_that_failed_or_was_not_judged_is_never_ready() {
    let scope = scope("pin-management", Some(false), &[Direction::Inbound]);
    assert_eq!(verdict(&scope, |_| ()), Readiness::Ready);
    assert_eq!(verdict(&scope, |all| of(all, "renewCard").verdict = Verdict::Failed), Readiness::NotReady);
    assert_eq!(verdict(&scope, |all| of(all, "renewCard").verdict = Verdict::Inconclusive), Readiness::Inconclusive);
    // The request was never sent.
    assert_eq!(verdict(&scope, |all| of(all, "renewCard").cases = 0), Readiness::Inconclusive);
    let gone = |all: &mut Vec<ScenarioRecord>| all.retain(|one| one.operation_id.name() != "renewCard");
    assert_eq!(verdict(&scope, gone), Readiness::Inconclusive);
    // A duty that the target file keeps from being tested, beside one that nobody can test.
    let beside = |blame| {
        move |all: &mut Vec<ScenarioRecord>| {
            let skipped = scenario(&format!("{CARD}::renewCard"), "auth", Rule::ExpiredToken, Verdict::Skipped);
            all.push(ScenarioRecord { blame, cases: 0, ..skipped });
        }
    };
    assert_eq!(verdict(&scope, beside(Some(Blame::Config))), Readiness::Inconclusive);
    assert_eq!(verdict(&scope, beside(None)), Readiness::Ready);
    // What failed outweighs what was not judged.
    let both = |all: &mut Vec<ScenarioRecord>| {
        of(all, "renewCard").verdict = Verdict::Inconclusive;
        of(all, "deleteCard").verdict = Verdict::Failed;
    };
    assert_eq!(verdict(&scope, both), Readiness::NotReady);
}

#[test]
fn one_of_two_will_do() {
    let scope = scope("pin-management", Some(false), &[Direction::Inbound]);
    let one = |verdict| move |all: &mut Vec<ScenarioRecord>| of(all, "createCard").verdict = verdict;
    assert_eq!(verdict(&scope, one(Verdict::Failed)), Readiness::Ready);
    let both = |all: &mut Vec<ScenarioRecord>| {
        of(all, "createCard").verdict = Verdict::Failed;
        of(all, "registerCard").verdict = Verdict::Failed;
    };
    assert_eq!(verdict(&scope, both), Readiness::NotReady);
    let unclear = |all: &mut Vec<ScenarioRecord>| {
        of(all, "createCard").verdict = Verdict::Failed;
        of(all, "registerCard").verdict = Verdict::Inconclusive;
    };
    assert_eq!(verdict(&scope, unclear), Readiness::Inconclusive);
}

#[test]
fn a_condition_without_an_answer_leaves_the_verdict_open() {
    let both = [Direction::Inbound, Direction::Outbound];
    let open = scope("push-provisioning", None, &both);
    let record = readiness(&open, &clean(&open));
    assert_eq!(record.verdict, Readiness::Inconclusive);
    assert_eq!(
        record.open_questions.keys().collect::<Vec<_>>(),
        ["suspendsCards", "storesPersonalData", "asksForConsumers"]
    );
    // What is not asked for may fail.
    let no = scope("push-provisioning", Some(false), &both);
    assert_eq!(verdict(&no, |all| of(all, "suspendCard").verdict = Verdict::Failed), Readiness::Ready);
    let yes = scope("push-provisioning", Some(true), &both);
    assert_eq!(verdict(&yes, |all| of(all, "suspendCard").verdict = Verdict::Failed), Readiness::NotReady);
}

#[test]
fn the_other_side_is_left_out_and_what_has_no_path_is_open_where_it_is_needed() {
    let inbound = scope("pin-management", None, &[Direction::Inbound]);
    let record = readiness(&inbound, &clean(&inbound));
    let outbound: Vec<_> = record.rows.iter().filter(|row| row.direction == Direction::Outbound).collect();
    assert!(outbound.iter().all(|row| row.need == Need::OtherSide && row.result == RowResult::LeftOut));
    let secure = scope("3d-secure", Some(true), &[Direction::Inbound, Direction::Outbound]);
    let record = readiness(&secure, &clean(&secure));
    assert_eq!(record.verdict, Readiness::Inconclusive);
    let unclear = record.rows.iter().filter(|row| row.need == Need::Needed && row.result == RowResult::Unclear);
    assert!(unclear.clone().count() > 2 && unclear.clone().all(|row| row.operations.is_empty()));
}

#[test]
fn a_run_of_which_something_was_left_out_shows_no_readiness() {
    let whole = scope("pin-management", Some(false), &[Direction::Inbound]);
    let narrowed = ProfileScope { narrowed: Some("a filter".to_owned()), ..whole };
    assert_eq!(verdict(&narrowed, |_| ()), Readiness::Inconclusive);
    assert_eq!(verdict(&narrowed, |all| of(all, "renewCard").verdict = Verdict::Failed), Readiness::NotReady);
}

#[test]
fn a_needed_operation_with_a_known_deviation_makes_the_product_less_than_ready() {
    let scope = scope("pin-management", Some(true), &[Direction::Inbound, Direction::Outbound]);
    let mut record = clean(&scope);
    let needed = readiness(&scope, &record);
    let row = needed.rows.iter().position(|row| row.need == Need::Needed && !row.operations.is_empty()).unwrap();
    let name = needed.rows[row].operations[0].clone();
    let extra = ScenarioRecord {
        reason: Some("known (ticket T-1)".into()),
        ..scenario(&name, "body", Rule::Type, Verdict::Deviating)
    };
    record.scenarios.push(extra);
    let judged = readiness(&scope, &record);
    assert_eq!(judged.verdict, Readiness::ReadyWithDeviations);
    assert_eq!(
        (judged.rows[row].result, judged.rows[row].deviating, judged.rows[row].warned),
        (RowResult::Deviating, 1, 0)
    );
    assert!(judged.rows[row].reason.as_ref().unwrap().contains("ticket T-1"));
    // What cannot be judged, or is broken, still outranks it.
    record.scenarios.push(scenario(&name, "body", Rule::Enum, Verdict::Inconclusive));
    assert_eq!(readiness(&scope, &record).verdict, Readiness::Inconclusive);
    record.scenarios.push(scenario(&name, "body", Rule::Enum, Verdict::Failed));
    assert_eq!(readiness(&scope, &record).verdict, Readiness::NotReady);
}
