//! Verdicts, numbers and times in words, the same in every report for people.

use super::readiness::RowRecord;
use super::record::{FindingRecord, RepeatResult, RunRecord, RunState, ShrunkRecord, WalkRecord};
use crate::oracle::Verdict;

/// One character for a verdict; it says the same as the colour.
pub(super) fn mark(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Passed => "✓",
        Verdict::Deviating => "~",
        Verdict::Warned => "!",
        Verdict::Failed => "✗",
        Verdict::Inconclusive => "?",
        Verdict::Skipped => "-",
    }
}

/// `1 case`, `2 cases`.
pub(super) fn plural(count: u64, noun: &str) -> String {
    if count == 1 { format!("1 {noun}") } else { format!("{count} {noun}s") }
}

/// The duty in words, where what was expected does not say the same.
pub(super) fn duty(finding: &FindingRecord) -> Option<&str> {
    (finding.text != finding.expected).then_some(finding.text.as_str())
}

/// What an immediate repeat showed; nothing where it showed the same, as it should.
pub(super) fn repeated(finding: &FindingRecord) -> Option<String> {
    let repeat = finding.repeated.as_ref()?;
    match repeat.result {
        RepeatResult::Same => None,
        RepeatResult::Other => Some("flaky: an immediate repeat of the same request did not show it".to_owned()),
        RepeatResult::Unclear => {
            Some(format!("could not be judged: {}", repeat.reason.as_deref().unwrap_or("no reason was given")))
        }
    }
}

/// How the search for a smaller request ended.
pub(super) fn searched(shrunk: &ShrunkRecord) -> String {
    let tries = if shrunk.tries == 1 { "try" } else { "tries" };
    let found = match shrunk.smallest {
        Some(_) => format!("smallest of {} {tries}", shrunk.tries),
        None => format!("nothing smaller shows it, {} {tries}", shrunk.tries),
    };
    if shrunk.complete { found } else { format!("{found}; the search was cut short") }
}

/// The request to look at first: the smallest one that shows the finding.
pub(super) fn first_curl(finding: &FindingRecord) -> &str {
    let smallest = finding.shrunk.as_ref().and_then(|shrunk| shrunk.smallest.as_ref());
    smallest.map_or(&finding.curl, |smallest| &smallest.exchange.curl)
}

/// The calls of a walk in order.
pub(super) fn walked(walk: &WalkRecord) -> String {
    let steps = walk.steps.join(", ");
    let drawn = walk.drawn;
    if drawn > walk.steps.len() as u64 { format!("{steps} (cut down from {drawn} calls)") } else { steps }
}

/// How the scenarios of a line of a profile ended.
pub(super) fn scenarios(row: &RowRecord) -> String {
    let parts = [
        (row.passed, "passed"),
        (row.warned, "warned"),
        (row.deviating, "deviating"),
        (row.failed, "failed"),
        (row.skipped, "skipped"),
        (row.inconclusive, "inconclusive"),
    ];
    let shown: Vec<String> =
        parts.iter().filter(|(count, _)| *count > 0).map(|(count, name)| format!("{count} {name}")).collect();
    shown.join(", ")
}

/// A time for people.
pub(super) fn duration(milliseconds: u64) -> String {
    let seconds = milliseconds / 1000;
    match seconds {
        0 => format!("{milliseconds} ms"),
        1..60 => format!("{seconds}.{} s", milliseconds % 1000 / 100),
        _ => format!("{} min {} s", seconds / 60, seconds % 60),
    }
}

/// A time between a request and its answer, with three digits that count.
pub(super) fn latency(microseconds: u64) -> String {
    let (whole, rest) = (microseconds / 1_000, microseconds % 1_000);
    match microseconds {
        0..1_000 => format!("{microseconds} µs"),
        1_000..10_000 => format!("{whole}.{:02} ms", rest / 10),
        10_000..100_000 => format!("{whole}.{} ms", rest / 100),
        100_000..1_000_000 => format!("{whole} ms"),
        _ => format!("{}.{:02} s", whole / 1_000, whole % 1_000 / 10),
    }
}

/// How far a run got that did not reach its end.
pub(super) fn broken_off(record: &RunRecord) -> Option<&'static str> {
    match record.state {
        RunState::Finished => None,
        RunState::Interrupted => Some("interrupted: the run did not reach its end, and this is not all of its plan"),
        RunState::Running => {
            Some("interrupted: the run was killed or is still under way, and this is not all of its plan")
        }
    }
}

/// How many entries of the deviations file are out of date, where any is.
pub(super) fn outdated(record: &RunRecord) -> Option<String> {
    let count = record.deviations.iter().filter(|entry| entry.fails()).count() as u64;
    let is = if count == 1 { "entry of the deviations file is" } else { "entries of the deviations file are" };
    (count > 0).then(|| format!("{count} {is} out of date"))
}

/// The verdict of a run in one sentence.
pub(super) fn outcome(record: &RunRecord) -> String {
    let totals = &record.totals;
    match record.verdict {
        Verdict::Inconclusive => format!(
            "{} of {} left without a verdict, {} failed",
            totals.inconclusive,
            plural(totals.scenarios, "scenario"),
            totals.failed
        ),
        Verdict::Failed if totals.failed == 0 => outdated(record).unwrap_or_default(),
        Verdict::Failed => format!("{} of {} failed", totals.failed, plural(totals.scenarios, "scenario")),
        Verdict::Warned => {
            format!("the contract was kept, with warnings in {}", plural(totals.warned, "scenario"))
        }
        Verdict::Deviating => "the contract was kept but for known deviations".to_owned(),
        Verdict::Passed => format!("the contract was kept in {}", plural(totals.passed, "scenario")),
        Verdict::Skipped => "nothing was tested".to_owned(),
    }
}
