use std::collections::BTreeMap;

use super::{Comparison, DriftKind, compare, comparison_json, comparison_markdown, comparison_text};
use crate::contract::Rule;
use crate::oracle::{Severity, Verdict};
use crate::report::activity::{AnswersRecord, FieldRecord, JsonType, LatencyRecord};
use crate::report::record::{FindingRecord, RunRecord, RunState, ScenarioRecord};
use crate::report::sample::{finding, sample, scenario};

/// A run in which scenario `n` has these findings and this verdict.
fn run(scenarios: Vec<ScenarioRecord>) -> RunRecord {
    RunRecord { scenarios, ..sample() }
}

fn one(location: &str, verdict: Verdict, findings: Vec<FindingRecord>) -> ScenarioRecord {
    ScenarioRecord { findings, ..scenario("Spec-A::createCard", location, Rule::MaxLength, verdict) }
}

fn coded(code: &str) -> FindingRecord {
    FindingRecord { code: code.into(), ..finding(Severity::Failure) }
}

/// Numbers of new, graver, fixed, remaining and untested findings.
fn counts(comparison: &Comparison) -> [usize; 5] {
    let Comparison { new_findings, worse_findings, fixed, still_failing, not_tested, .. } = comparison;
    [new_findings, worse_findings, fixed, still_failing, not_tested].map(Vec::len)
}

#[test]
fn a_run_is_the_same_as_itself() {
    let comparison = compare(&sample(), &sample());
    assert_eq!(counts(&comparison), [0, 0, 0, 2, 0]);
    assert!(comparison.notes.is_empty() && comparison.verdicts.is_empty() && comparison.drift.is_empty());
    assert!(!comparison.is_broken() && comparison.lost == 0);
}

#[test]
fn findings_are_new_fixed_or_still_there() {
    let old =
        run(vec![one("a", Verdict::Failed, vec![coded("D1C-1")]), one("b", Verdict::Failed, vec![coded("D1C-2")])]);
    let new =
        run(vec![one("a", Verdict::Failed, vec![coded("D1C-3")]), one("b", Verdict::Failed, vec![coded("D1C-2")])]);
    let comparison = compare(&old, &new);
    assert_eq!(counts(&comparison), [1, 0, 1, 1, 0]);
    assert_eq!((comparison.new_findings[0].code.as_str(), comparison.fixed[0].code.as_str()), ("D1C-3", "D1C-1"));
    assert!(comparison.is_broken());
    let text = comparison_text(&comparison);
    assert!(text.starts_with("Broken: 1 new finding, 1 finding fixed, 1 finding still there\n"), "{text}");
}

#[test]
fn what_was_not_tested_again_is_not_fixed() {
    let old =
        run(vec![one("a", Verdict::Failed, vec![coded("D1C-1")]), one("b", Verdict::Failed, vec![coded("D1C-2")])]);
    let new = run(vec![one("a", Verdict::Inconclusive, vec![])]);
    let comparison = compare(&old, &new);
    assert_eq!((counts(&comparison), comparison.lost), ([0, 0, 0, 0, 2], 1));
    assert!(!comparison.is_broken());
    let skipped = compare(&old, &run(vec![one("a", Verdict::Skipped, vec![])]));
    assert_eq!((counts(&skipped), skipped.lost), ([0, 0, 0, 0, 2], 0));
    // The other way round it is new, and the reader learns why.
    let back = compare(&new, &old);
    assert_eq!(back.new_findings[0].note.as_deref(), Some("not tested in the earlier run"));
    assert!(back.is_broken());
}

#[test]
fn a_warning_that_became_a_failure_is_graver() {
    let with = |severity| run(vec![one("a", Verdict::Failed, vec![FindingRecord { severity, ..coded("D1C-1") }])]);
    let comparison = compare(&with(Severity::Warning), &with(Severity::Failure));
    assert_eq!(counts(&comparison), [0, 1, 0, 0, 0]);
    assert!(comparison.is_broken() && comparison_text(&comparison).contains("failure, was warning"));
    let better = compare(&with(Severity::Failure), &with(Severity::Warning));
    assert!(!better.is_broken());
    assert_eq!(counts(&compare(&with(Severity::Observation), &with(Severity::Observation))), [0; 5]);
}

#[test]
fn a_known_deviation_breaks_nothing() {
    let old = run(vec![one("a", Verdict::Passed, vec![])]);
    let new = run(vec![one("a", Verdict::Deviating, vec![coded("D1C-1")])]);
    let comparison = compare(&old, &new);
    assert!(!comparison.is_broken() && comparison.new_findings[0].is_known());
    // One of several breaches of a scenario may be excused.
    let excused = FindingRecord { deviation: Some("known, see 4711".into()), ..coded("D1C-1") };
    let mixed = run(vec![one("a", Verdict::Failed, vec![excused, coded("D1C-2")])]);
    let broken: Vec<bool> = compare(&old, &mixed).new_findings.iter().map(|change| !change.is_known()).collect();
    assert_eq!(broken, [false, true]);
    assert!(compare(&new, &run(vec![one("a", Verdict::Failed, vec![coded("D1C-1")])])).is_broken());
}

#[test]
fn other_circumstances_are_named() {
    let mut new = RunRecord { seed: 8, state: RunState::Interrupted, strict: true, ..sample() };
    new.specs[0].sha256 = "22".repeat(32);
    new.tool.version = "9.9.9".into();
    new.target[0].name = "elsewhere".into();
    new.scenarios.pop();
    let notes = compare(&sample(), &new).notes.join("\n");
    for note in
        ["later run was interrupted", "seeds differ: 7 and 8", "0.1.0 and 9.9.9", "staging (inbound) and elsewhere"]
    {
        assert!(notes.contains(note), "{note}\n{notes}");
    }
    assert!(notes.contains("Spec-A is another file") && !notes.contains("Spec-B is"), "{notes}");
    assert!(notes.contains("1 of 6 scenarios are in the earlier run alone"), "{notes}");
}

/// A run whose one operation gave these answers.
fn answered(answers: BTreeMap<u16, AnswersRecord>) -> RunRecord {
    let mut record = sample();
    record.operations[0].answers = answers;
    record
}

fn field(types: &[(JsonType, u64)]) -> FieldRecord {
    FieldRecord { answers: types.iter().map(|(_, count)| count).sum(), types: types.iter().copied().collect() }
}

/// `count` answers, of which all are objects with these members.
fn bodies(count: u64, members: &[(&str, &[(JsonType, u64)])]) -> AnswersRecord {
    let mut shape: BTreeMap<String, FieldRecord> =
        members.iter().map(|(name, types)| ((*name).to_owned(), field(types))).collect();
    shape.insert(String::new(), field(&[(JsonType::Object, count)]));
    let content_types = BTreeMap::from([("application/json".to_owned(), count)]);
    AnswersRecord { count, content_types, shape, shape_complete: true }
}

fn drift(old: AnswersRecord, new: AnswersRecord, same_cases: bool) -> Vec<(DriftKind, String)> {
    let (old, mut new) = (answered(BTreeMap::from([(200, old)])), answered(BTreeMap::from([(200, new)])));
    if !same_cases {
        new.case_digest = Some("another".into());
    }
    compare(&old, &new).drift.into_iter().map(|drift| (drift.kind, drift.text)).collect()
}

#[test]
fn fields_that_appear_vanish_or_change_are_drift() {
    use JsonType::{Null, Number, String};
    let old = || bodies(40, &[("/gone", &[(String, 40)]), ("/kind", &[(String, 40)]), ("/same", &[(String, 21)])]);
    let new = || bodies(40, &[("/kind", &[(Number, 40)]), ("/new", &[(Null, 40)]), ("/same", &[(String, 19)])]);
    for same_cases in [true, false] {
        let drift = drift(old(), new(), same_cases);
        let words: Vec<&str> = drift.iter().map(|(_, text)| text.as_str()).collect();
        let expected = [
            "/gone vanished: there 0 of 40 times, was always there",
            "/kind is number, was string",
            "/new appeared: always there, was there 0 of 40 times",
        ];
        assert_eq!(words, expected);
    }
}

#[test]
fn chance_is_no_drift() {
    use JsonType::{Null, String};
    let rare = |there: u64, of: u64| bodies(of, &[("/rare", &[(String, there)])]);
    assert!(drift(rare(1, 40), rare(0, 40), false).is_empty(), "once by chance");
    assert_eq!(drift(rare(1, 40), rare(0, 40), true).len(), 1, "the same cases have the same answers");
    assert_eq!(drift(rare(20, 40), rare(1, 40), false)[0].0, DriftKind::FieldRarer);
    assert_eq!(drift(rare(40, 40), rare(20, 40), false)[0].0, DriftKind::FieldRarer);
    assert!(drift(rare(2, 2), rare(0, 2), false).is_empty(), "two answers say nothing");
    let nullable =
        |nulls: u64| bodies(40, &[("/x", if nulls > 0 { &[(Null, 1), (String, 39)] } else { &[(String, 40)] })]);
    assert!(drift(nullable(0), nullable(1), false).is_empty());
    assert_eq!(drift(nullable(0), nullable(1), true)[0].1, "/x is null (1 of 40) or string (39 of 40), was string");
}

#[test]
fn what_was_cut_is_not_known_to_be_missing() {
    let cut = AnswersRecord { shape_complete: false, ..bodies(40, &[]) };
    assert!(drift(bodies(40, &[("/a", &[(JsonType::String, 40)])]), cut.clone(), true).is_empty());
    assert!(drift(cut, bodies(40, &[("/a", &[(JsonType::String, 40)])]), true).is_empty());
}

#[test]
fn members_of_what_is_gone_are_not_told_as_well() {
    let whole: &[(&str, &[(JsonType, u64)])] = &[("/a", &[(JsonType::Object, 9)]), ("/a/b", &[(JsonType::String, 9)])];
    let told = drift(bodies(9, whole), bodies(9, &[]), true);
    assert_eq!(told.len(), 1, "{told:?}");
    assert!(told[0].1.starts_with("/a vanished"));
    // Neither are items of a list that was empty.
    let list: &[(&str, &[(JsonType, u64)])] =
        &[("/a", &[(JsonType::Array, 9)]), ("/a/*", &[(JsonType::Object, 9)]), ("/a/*/b", &[(JsonType::String, 9)])];
    assert!(drift(bodies(9, list), bodies(9, &list[..1]), true).is_empty());
}

#[test]
fn statuses_and_content_types_are_drift() {
    let old = answered(BTreeMap::from([(200, bodies(60, &[])), (404, bodies(20, &[]))]));
    let mut html = bodies(60, &[]);
    html.content_types = BTreeMap::from([("text/html".to_owned(), 60)]);
    let mut new = answered(BTreeMap::from([(200, html), (422, bodies(19, &[])), (500, bodies(1, &[]))]));
    new.case_digest = Some("another".into());
    let drift: Vec<_> = compare(&old, &new).drift.into_iter().map(|drift| (drift.status, drift.kind)).collect();
    let expected = [
        (200, DriftKind::ContentType),
        (200, DriftKind::ContentType),
        (404, DriftKind::StatusVanished),
        (422, DriftKind::StatusAppeared),
        (500, DriftKind::StatusAppeared),
    ];
    assert_eq!(drift, expected);
}

fn timed(bucket: u32, count: u64, p50_us: u64) -> RunRecord {
    let mut record = sample();
    let buckets = vec![(bucket, count / 2), (bucket + 1, count - count / 2)];
    record.operations[0].latency = LatencyRecord { count, min_us: 1, p50_us, p95_us: p50_us, max_us: 9_000, buckets };
    record
}

#[test]
fn a_latency_must_differ_by_more_than_chance_and_by_enough() {
    let shifts = |old: &RunRecord, new: &RunRecord| compare(old, new).latency;
    let slower = shifts(&timed(40, 50, 1_000), &timed(46, 50, 3_000));
    assert_eq!(slower.len(), 1);
    assert!((slower[0].ratio - 3.0).abs() < 1e-9 && slower[0].p_value < 1e-6);
    assert!(compare(&timed(40, 50, 1_000), &timed(46, 50, 3_000)).is_slower());
    assert!(!compare(&timed(46, 50, 3_000), &timed(40, 50, 1_000)).is_slower());
    assert!(shifts(&timed(40, 19, 1_000), &timed(46, 50, 3_000)).is_empty(), "too few");
    assert!(shifts(&timed(40, 5_000, 1_000), &timed(41, 5_000, 1_190)).is_empty(), "significant, but small");
    assert!(shifts(&timed(40, 50, 1_000), &timed(40, 50, 2_000)).is_empty(), "large, but chance");
}

#[test]
fn a_shift_of_all_operations_is_told_once() {
    let many = |bucket: u32, p50_us: u64| {
        let mut record = timed(bucket, 50, p50_us);
        for n in 0..9 {
            let mut other = record.operations[0].clone();
            other.operation_id = crate::base::OperationId::of("Spec-A", &format!("o{n}"));
            record.operations.push(other);
        }
        record
    };
    let comparison = compare(&many(40, 1_000), &many(46, 3_000));
    assert_eq!((comparison.latency.len(), comparison.timed), (10, 10));
    let text = comparison_text(&comparison);
    assert!(text.contains("10 of 10 operations shifted") && text.matches("3.0 times slower").count() == 5, "{text}");
}

#[test]
fn what_a_server_sent_is_not_obeyed() {
    let actual = "\u{1b}[2J<script>alert(1)</script> `code` @everyone [x](javascript:1)\n# title".to_owned();
    let new = run(vec![one("a", Verdict::Failed, vec![FindingRecord { actual, ..coded("D1C-1") }])]);
    let comparison = compare(&run(vec![one("a", Verdict::Passed, vec![])]), &new);
    let (text, markdown) = (comparison_text(&comparison), comparison_markdown(&comparison));
    let json = comparison_json(&comparison).unwrap();
    assert!(!json.contains('\u{1b}') && json.contains("\\u001b[2J"), "{json}");
    assert!(!text.contains('\u{1b}') && text.contains("\\u{1b}[2J"), "{text}");
    for bad in ["<script", "@everyone", "[x](", "\n# title", " `code`"] {
        assert!(!markdown.contains(bad), "{bad}\n{markdown}");
    }
}
