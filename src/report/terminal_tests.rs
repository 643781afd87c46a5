use std::path::PathBuf;

use super::summary;
use crate::oracle::{Severity, Verdict};
use crate::report::exit_code;
use crate::report::record::{FindingRecord, RunRecord, ScenarioRecord};
use crate::report::sample::{finding, flaky, sample, scenario};
use crate::report::totals::{count, worst};

fn of(scenarios: Vec<ScenarioRecord>) -> RunRecord {
    let mut record = RunRecord { totals: count(&scenarios), verdict: worst(&scenarios), scenarios, ..sample() };
    record.exit_code = exit_code(&record);
    record
}

#[test]
fn the_verdict_comes_first_and_the_exit_code_last() {
    let text = summary(&sample(), false, &[PathBuf::from("reports/run.json")]);
    assert!(text.starts_with("INCONCLUSIVE  1 of 6 scenarios left without a verdict, 1 failed\n"), "{text}");
    assert!(text.contains("\ninbound against staging in 1 min 1 s\n"), "{text}");
    assert!(text.contains("6 scenarios: 1 passed, 1 warned, 1 failed, 1 deviating, 1 skipped, 1 inconclusive\n"));
    assert!(
        text.contains("seed 7, case digest 0123456789abcdef\nwrote reports/run.json\nexit 3: inconclusive"),
        "{text}"
    );
    assert!(text.lines().last().unwrap().starts_with("next: "), "{text}");
    assert!(text.lines().filter(|line| !line.contains("curl:")).all(|line| line.chars().count() <= 110), "{text}");
}

#[test]
fn operations_that_need_a_look_have_a_line_and_the_others_share_one() {
    use crate::contract::Rule;
    let mut scenarios = sample().scenarios;
    for name in ["Spec-A::one", "Spec-A::two"] {
        scenarios.push(scenario(name, "operation", Rule::Conforming, Verdict::Passed));
    }
    scenarios.push(scenario("Spec-A::two", "auth", Rule::WrongToken, Verdict::Skipped));
    scenarios.push(scenario("Spec-A::three", "auth", Rule::WrongToken, Verdict::Skipped));
    let text = summary(&of(scenarios), false, &[]);
    assert!(text.contains("Spec-A (inbound)\n  ✗ createCard  1 failed, 1 passed, 1 skipped\n"), "{text}");
    assert!(text.contains("  ! getCard     1 warned, 1 deviating\n"), "{text}");
    assert!(text.contains("  ✓ 2 operations, 2 passed, 1 skipped: one, two\n"), "{text}");
    assert!(text.contains("  - 1 operation not tested: three\n"), "{text}");
}

#[test]
fn a_breach_is_told_once_with_all_its_cases() {
    let mut scenarios = sample().scenarios;
    let again = FindingRecord { count: 2, ..finding(Severity::Failure) };
    scenarios[0] = ScenarioRecord { verdict: Verdict::Failed, findings: vec![again], ..scenarios[0].clone() };
    let text = summary(&of(scenarios), false, &[]);
    assert_eq!(text.matches("✗ D1C-1001 failure").count(), 1, "{text}");
    assert!(text.contains("(5 cases in 2 scenarios)"), "{text}");
    for part in
        ["has at most 5 character(s)", "specs/a.yaml:12", "status 400", "status 201 (at /name)", "curl --include"]
    {
        assert!(text.contains(part), "{part}\n{text}");
    }
    let (failure, warning) = (text.find("D1C-1001").unwrap(), text.find("D1C-2001").unwrap());
    assert!(failure < warning, "{text}");
}

#[test]
fn the_smallest_request_is_the_one_to_send_and_a_changed_verdict_is_told() {
    let text = summary(&sample(), false, &[]);
    assert!(
        text.contains("    request:  smallest of 8 tries\n    curl:     curl --include -X POST --data-binary"),
        "{text}"
    );
    assert!(text.contains("aaaaaa") && !text.contains("Neill\"}' 'https://host/a/cards'\n\n! D1C"), "{text}");
    let mut cut = sample();
    let shrunk = cut.scenarios[1].findings[0].shrunk.as_mut().unwrap();
    (shrunk.complete, shrunk.smallest, shrunk.tries) = (false, None, 1);
    let text = summary(&cut, false, &[]);
    assert!(text.contains("request:  nothing smaller shows it, 1 try; the search was cut short"), "{text}");
    let text = summary(&flaky(), false, &[]);
    assert!(text.contains("✗ D1C-1001 failure, flaky"), "{text}");
    assert!(text.contains("    repeat:   flaky: an immediate repeat of the same request did not show it"), "{text}");
}

#[test]
fn a_steady_breach_stands_for_the_flaky_ones_of_its_kind() {
    let mut scenarios = flaky().scenarios;
    scenarios[4] =
        ScenarioRecord { verdict: Verdict::Failed, findings: vec![finding(Severity::Failure)], ..scenarios[4].clone() };
    let text = summary(&of(scenarios), false, &[]);
    assert!(text.contains("✗ D1C-1001 failure  ") && !text.contains("flaky"), "{text}");
}

#[test]
fn reasons_are_grouped_counted_and_never_hidden() {
    use crate::contract::Rule;
    let skipped = |index: usize, reason: String| ScenarioRecord {
        reason: Some(reason),
        ..scenario(&format!("Spec-A::op{index}"), "auth", Rule::WrongToken, Verdict::Skipped)
    };
    let mut scenarios: Vec<_> = (0..12).map(|index| skipped(index, format!("reason {index}"))).collect();
    scenarios.extend((20..23).map(|index| skipped(index, "the same".into())));
    let text = summary(&of(scenarios), false, &[]);
    assert!(text.starts_with("SKIPPED  nothing was tested"), "{text}");
    assert!(
        text.contains("- 15 scenarios skipped\n      3 the same\n      1 reason 0 [inbound::Spec-A::op0"),
        "{text}"
    );
    assert!(text.contains("… 3 reasons more (3 scenarios) in run.json"), "{text}");
    assert!(text.contains("exit 3: nothing ran"), "{text}");
}

#[test]
fn text_of_the_server_cannot_steer_the_terminal() {
    let mut scenarios = sample().scenarios;
    scenarios[1].findings[0].actual = "\u{1b}[2Jgone\r\u{9b}31m".into();
    scenarios[5].reason = Some("\u{1b}]0;title\u{7}".into());
    let text = summary(&of(scenarios), false, &[]);
    assert!(text.chars().all(|c| c == '\n' || !c.is_control()), "{text:?}");
    assert!(text.contains("\\u{1b}[2Jgone"), "{text}");
}

#[test]
fn colour_is_only_there_when_wanted() {
    assert!(summary(&sample(), true, &[]).contains("\u{1b}[1;35mINCONCLUSIVE\u{1b}[0m"));
    assert!(!summary(&sample(), false, &[]).contains('\u{1b}'));
}

#[test]
fn warnings_alone_and_a_clean_run_exit_with_zero() {
    let warned: Vec<_> = sample().scenarios.into_iter().filter(|one| one.verdict == Verdict::Warned).collect();
    let text = summary(&of(warned), false, &[]);
    assert!(text.contains("exit 0: no failures; warnings do not fail a run\nnext: "), "{text}");
    let passed: Vec<_> = sample().scenarios.into_iter().filter(|one| one.verdict == Verdict::Passed).collect();
    let text = summary(&of(passed), false, &[]);
    assert!(text.ends_with("exit 0: the target keeps the contract\n"), "{text}");
}
