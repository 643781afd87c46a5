use std::path::{Path, PathBuf};
use std::sync::Arc;

use time::Date;
use time::macros::date;

use super::{DeviationRecord, DeviationScope, DeviationState, Reach, excuse, states};
use crate::base::{ObligationId, Redactor, Secret};
use crate::contract::Rule;
use crate::oracle::{Blame, Severity, Verdict};
use crate::report::record::{FindingRecord, RunRecord, ScenarioRecord};
use crate::report::sample::{finding, sample, scenario};
use crate::report::totals::{count, verdict};
use crate::report::{Format, draw, exit_code, html, junit, summary};
use crate::suite::{Deviation, Deviations};

const TODAY: Date = date!(2027 - 01 - 01);
const DUTY: &str = "Spec-A::createCard::body.name::max_length";

fn entry(obligation: &str, expires: Date) -> Deviation {
    Deviation {
        obligation: ObligationId::new(obligation),
        operation: None,
        code: None,
        reason: "old <cards> \u{1b}[31m of swordfish".into(),
        ticket: "D1-7".into(),
        owner: "me".into(),
        expires,
        line: 4,
    }
}

fn scope(entries: Vec<Deviation>) -> DeviationScope {
    let known = Deviations { path: PathBuf::from("known.yaml"), today: TODAY, entries };
    DeviationScope { known: Arc::new(known), left_out: Vec::new() }
}

/// Of scenarios that show no business rule.
fn reach(partial: &[&str]) -> Reach {
    Reach { partial: partial.iter().map(|name| (*name).to_owned()).collect(), rules: Vec::new() }
}

fn redactor() -> Redactor {
    Redactor::new([Secret::new("swordfish")])
}

/// The record of a run that knew these entries.
fn run(scope: &DeviationScope, mut scenarios: Vec<ScenarioRecord>) -> RunRecord {
    for one in &mut scenarios {
        excuse(&scope.known, one, &redactor());
    }
    let mut record = RunRecord { totals: count(&scenarios), scenarios, ..sample() };
    record.deviations = states(scope, &record, &reach(&[]), &redactor());
    record.verdict = verdict(&record);
    record.exit_code = exit_code(&record);
    record
}

fn failed(findings: Vec<FindingRecord>) -> ScenarioRecord {
    ScenarioRecord { findings, ..scenario("Spec-A::createCard", "body.name", Rule::MaxLength, Verdict::Failed) }
}

fn passed() -> ScenarioRecord {
    scenario("Spec-A::createCard", "body.name", Rule::MaxLength, Verdict::Passed)
}

fn state(record: &RunRecord) -> (DeviationState, i32, Verdict) {
    (record.deviations[0].state, i32::from(record.exit_code), record.verdict)
}

#[test]
fn an_excused_breach_is_deviating_in_every_report_and_stays_what_it_is() {
    let known = scope(vec![entry(DUTY, TODAY)]);
    let record = run(&known, vec![failed(vec![finding(Severity::Failure)])]);
    assert_eq!(state(&record), (DeviationState::Excused, 0, Verdict::Deviating));
    let one = &record.scenarios[0];
    assert_eq!(one.findings[0].severity, Severity::Failure);
    for text in [
        serde_json::to_string(&record).unwrap(),
        junit(&record).unwrap(),
        html(&record).unwrap(),
        summary(&record, false, &[]),
    ] {
        assert!(text.contains("D1-7") && text.contains("2027-01-01"), "{text}");
        assert!(!text.contains("swordfish") && !text.contains('\u{1b}'), "{text}");
    }
    assert!(junit(&record).unwrap().contains("type=\"deviating\""));
    for format in [Format::Markdown, Format::Github, Format::Sarif, Format::Ndjson] {
        let text = draw(format, &record, Path::new("")).unwrap();
        assert!(text.contains("ticket D1-7") && !text.contains("swordfish"), "{text}");
    }
    assert!(!draw(Format::Github, &record, Path::new("")).unwrap().contains("::error"));
    assert!(draw(Format::Sarif, &record, Path::new("")).unwrap().contains("\"suppressions\""));
}

#[test]
fn what_no_entry_covers_still_fails() {
    let known = scope(vec![entry(DUTY, TODAY)]);
    let other = FindingRecord {
        obligation: ObligationId::new("Spec-A::createCard::response.201::body"),
        ..finding(Severity::Failure)
    };
    let record = run(&known, vec![failed(vec![finding(Severity::Failure), other.clone()])]);
    assert_eq!((record.scenarios[0].verdict, record.exit_code), (Verdict::Failed, 1));
    let warning = FindingRecord { severity: Severity::Warning, ..other };
    let record = run(&known, vec![failed(vec![finding(Severity::Failure), warning])]);
    assert_eq!((record.scenarios[0].verdict, record.exit_code), (Verdict::Warned, 0));
    let narrow = Deviation { code: Some("D1C-9999".into()), ..entry(DUTY, TODAY) };
    let record = run(&scope(vec![narrow]), vec![failed(vec![finding(Severity::Failure)])]);
    assert_eq!(state(&record), (DeviationState::Stale, 1, Verdict::Failed));
    let elsewhere = Deviation { operation: Some("Spec-A::getCard".into()), ..entry(DUTY, TODAY) };
    let record = run(&scope(vec![elsewhere]), vec![failed(vec![finding(Severity::Failure)])]);
    assert_eq!(state(&record), (DeviationState::NotLookedAt, 1, Verdict::Failed));
}

#[test]
fn what_cannot_be_judged_stays_inconclusive_and_flakiness_is_excused_too() {
    let known = scope(vec![entry(DUTY, TODAY)]);
    let open = ScenarioRecord { verdict: Verdict::Inconclusive, ..failed(vec![finding(Severity::Failure)]) };
    assert_eq!(run(&known, vec![open]).scenarios[0].verdict, Verdict::Inconclusive);
    let flaky = ScenarioRecord {
        blame: Some(Blame::Flaky),
        reason: Some("flaky".into()),
        ..failed(vec![FindingRecord { blame: Blame::Flaky, ..finding(Severity::Failure) }])
    };
    let one = &run(&known, vec![flaky]).scenarios[0];
    assert_eq!((one.verdict, one.blame), (Verdict::Deviating, None));
}

#[test]
fn an_expired_entry_excuses_nothing_and_fails_by_itself() {
    let known = scope(vec![entry(DUTY, date!(2026 - 12 - 31))]);
    let record = run(&known, vec![failed(vec![finding(Severity::Failure)])]);
    assert_eq!(state(&record), (DeviationState::Expired, 1, Verdict::Failed));
    assert_eq!((record.totals.failed, record.scenarios[0].findings[0].deviation.clone()), (1, None));
    let record = run(&known, vec![passed()]);
    assert_eq!((state(&record), record.totals.failed), ((DeviationState::Expired, 1, Verdict::Failed), 0));
    let told = &record.deviations[0].told;
    assert!(told.contains("expired on 2026-12-31, ticket D1-7, owner me"), "{told}");
    let of = |format| draw(format, &record, Path::new("")).unwrap();
    let others = [of(Format::Markdown), of(Format::Github), of(Format::Sarif), of(Format::Ndjson)];
    assert!(of(Format::Github).contains("::error title=D1C-301"));
    for text in
        [summary(&record, false, &[]), junit(&record).unwrap(), html(&record).unwrap()].into_iter().chain(others)
    {
        assert!(text.contains("expired on 2026-12-31"), "{text}");
    }
    let xml = junit(&record).unwrap();
    assert!(xml.contains("type=\"D1C-301\"") && xml.contains("failures=\"1\""), "{xml}");
    assert!(summary(&record, false, &[]).contains("exit 1: the deviations file is out of date"));
}

#[test]
fn an_entry_that_no_longer_occurs_fails_and_one_that_nobody_looked_at_does_not() {
    let known = scope(vec![entry(DUTY, TODAY)]);
    let record = run(&known, vec![passed()]);
    assert_eq!(state(&record), (DeviationState::Stale, 1, Verdict::Failed));
    assert!(record.deviations[0].told.contains("remove it"));
    assert!(junit(&record).unwrap().contains("type=\"D1C-302\""));

    let lacking = ScenarioRecord {
        verdict: Verdict::Skipped,
        blame: Some(Blame::Config),
        reason: Some("no key".into()),
        ..passed()
    };
    let open = ScenarioRecord { verdict: Verdict::Inconclusive, reason: Some("refused".into()), ..passed() };
    let elsewhere = scenario("Spec-A::getCard", "operation", Rule::Conforming, Verdict::Passed);
    for (scenarios, why) in [
        (vec![lacking], "no key"),
        (vec![passed(), open], "refused"),
        (vec![elsewhere.clone()], "not among what was run"),
    ] {
        let record = run(&known, scenarios);
        assert_eq!(record.deviations[0].state, DeviationState::NotLookedAt, "{why}");
        assert!(
            !record.deviations[0].fails() && record.deviations[0].told.contains(why),
            "{}",
            record.deviations[0].told
        );
    }
    let left_out = DeviationScope { left_out: vec!["ignored_auth".into()], ..known };
    assert!(matches!(run(&left_out, vec![passed()]).deviations[0].state, DeviationState::NotLookedAt));
    let other_check = Deviation { code: Some("D1C-161".into()), ..entry(DUTY, TODAY) };
    let left_out = DeviationScope { left_out: vec!["ignored_auth".into()], ..scope(vec![other_check]) };
    assert_eq!(run(&left_out, vec![passed()]).deviations[0].state, DeviationState::Stale);
}

#[test]
fn duties_of_answers_are_looked_at_where_such_an_answer_came_to_the_whole_operation() {
    let of_answer = |obligation: &str, partial: bool| -> DeviationRecord {
        let partial: &[&str] = if partial { &["Spec-A::createCard"] } else { &[] };
        let known = scope(vec![entry(obligation, TODAY)]);
        let record = RunRecord { scenarios: vec![passed()], ..sample() };
        states(&known, &record, &reach(partial), &redactor()).remove(0)
    };
    let body = "Spec-A::createCard::response.201.body/id::type";
    assert_eq!(of_answer(body, false).state, DeviationState::Stale);
    assert_eq!(of_answer(body, true).state, DeviationState::NotLookedAt);
    assert_eq!(of_answer("Spec-A::createCard::response.200.body/id::type", false).state, DeviationState::NotLookedAt);
    // Whoever stops sending an undeclared status has mended it.
    assert_eq!(of_answer("Spec-A::createCard::response.5XX::status", false).state, DeviationState::Stale);
    assert_eq!(of_answer("Spec-A::createCard::response::status", false).state, DeviationState::Stale);
    assert_eq!(of_answer("Spec-A::getCard::response::status", false).state, DeviationState::NotLookedAt);
}

#[test]
fn a_pinned_case_is_its_own_scenario() {
    let known = scope(vec![entry("Spec-A::createCard::snapshot.full::snapshot", TODAY)]);
    let mut pinned = scenario("Spec-A::createCard", "operation", Rule::Snapshot, Verdict::Passed);
    pinned.id = crate::base::ScenarioId::new("inbound::Spec-A::createCard::pinned::full");
    assert_eq!(run(&known, vec![pinned]).deviations[0].state, DeviationState::Stale);
    assert_eq!(run(&known, vec![passed()]).deviations[0].state, DeviationState::NotLookedAt);
}

#[test]
fn a_business_rule_is_looked_at_where_all_that_shows_it_ran() {
    let rule = "rules::CARD-LC-5";
    let known = scope(vec![entry(rule, TODAY)]);
    let mut walk = scenario("Spec-A::createCard", "rules", Rule::BusinessRule, Verdict::Passed);
    walk.obligation = ObligationId::new("lifecycles::card::suspend");
    let of = |partial: &[&str], shows: &str, verdict: Verdict| {
        let own = ScenarioRecord { verdict, ..walk.clone() };
        let record = RunRecord { scenarios: vec![passed(), own], ..sample() };
        let reach = Reach { rules: vec![Vec::new(), vec![ObligationId::new(shows)]], ..reach(partial) };
        states(&known, &record, &reach, &redactor()).remove(0).state
    };
    assert_eq!(of(&[], rule, Verdict::Passed), DeviationState::Stale);
    assert_eq!(of(&[rule], rule, Verdict::Passed), DeviationState::NotLookedAt);
    assert_eq!(of(&[], "rules::CARD-LC-6", Verdict::Passed), DeviationState::NotLookedAt);
    assert_eq!(of(&[], rule, Verdict::Inconclusive), DeviationState::NotLookedAt);
}
