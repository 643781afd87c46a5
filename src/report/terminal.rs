//! The end of a run on a terminal, for somebody who is tired: the verdict first, then what to look at, then what was
//! not tested and why, then how to go on. Builds text; printing is the caller's business.

mod deviations;
mod findings;
mod operations;
mod paint;
mod readiness;
mod reasons;

use std::path::PathBuf;

pub(super) use paint::Paint;

use super::readiness::Readiness;
use super::record::{RunRecord, RunState, Totals};
use super::text::one_line;
use super::words::{duration, outcome, plural};

/// Width that lines keep to where they can.
const WIDTH: usize = 100;

/// Leftovers shown.
const MOST_LEFTOVERS: usize = 10;

/// The summary of a run. `reports` are the files written, to be named at the end.
pub fn summary(record: &RunRecord, colour: bool, reports: &[PathBuf]) -> String {
    let paint = Paint::new(colour);
    let sections = [
        headline(record, paint),
        readiness::section(record, paint),
        operations::section(record, paint),
        findings::section(record, paint),
        reasons::section(record, paint),
        deviations::section(record, paint),
        ending(record, paint, reports),
    ];
    let filled: Vec<&str> = sections.iter().map(|section| section.trim_end()).filter(|text| !text.is_empty()).collect();
    format!("{}\n", filled.join("\n\n"))
}

fn headline(record: &RunRecord, paint: Paint) -> String {
    let word = paint.verdict(record.verdict, &record.verdict.name().to_uppercase());
    let what = outcome(record);
    let state = match record.state {
        RunState::Finished => "",
        RunState::Interrupted => ", interrupted",
        RunState::Running => ", not finished",
    };
    let names: Vec<String> =
        record.target.iter().map(|target| format!("{} against {}", target.suite, target.name)).collect();
    let time = duration(record.elapsed_ms);
    format!("{word}  {what}\n{}", paint.dim(&one_line(&format!("{} in {time}{state}", names.join(", ")))))
}

fn ending(record: &RunRecord, paint: Paint, reports: &[PathBuf]) -> String {
    let totals = &record.totals;
    let counts: Vec<String> = [
        (totals.passed, "passed"),
        (totals.warned, "warned"),
        (totals.failed, "failed"),
        (totals.deviating, "deviating"),
        (totals.skipped, "skipped"),
        (totals.inconclusive, "inconclusive"),
    ]
    .iter()
    .filter(|(count, _)| *count > 0)
    .map(|(count, name)| format!("{count} {name}"))
    .collect();
    let mut lines = vec![
        format!("{}: {}", plural(totals.scenarios, "scenario"), counts.join(", ")),
        format!(
            "{}, {} of {} exercised, {}, {}, {}",
            plural(totals.operations, "operation"),
            totals.obligations_exercised,
            plural(totals.obligations, "obligation"),
            plural(totals.cases, "case"),
            exchanges(totals),
            plural(totals.rejected_draws, "rejected draw")
        ),
    ];
    lines.extend(leftovers(record));
    let digest: String = record.case_digest.as_deref().unwrap_or("none").chars().take(16).collect();
    lines.push(format!("seed {}, case digest {digest}", record.seed));
    lines.extend(reports.iter().map(|path| format!("wrote {}", path.display())));
    let (meaning, next) = meaning(record);
    lines.push(paint.bold(&format!("exit {}: {meaning}", record.exit_code)));
    lines.extend(next.map(|next| format!("next: {next}")));
    lines.join("\n")
}

/// What walks made and could not remove again.
fn leftovers(record: &RunRecord) -> Vec<String> {
    let all: Vec<&String> = record.scenarios.iter().flat_map(|scenario| &scenario.leftovers).collect();
    if all.is_empty() {
        return Vec::new();
    }
    let shown = all.iter().take(MOST_LEFTOVERS).map(|text| format!("  {}", one_line(text)));
    let more = all.len().saturating_sub(MOST_LEFTOVERS);
    let title = format!("{} left behind on the target:", plural(all.len() as u64, "resource"));
    let more = (more > 0).then(|| format!("  … {more} more in run.json"));
    std::iter::once(title).chain(shown).chain(more).collect()
}

/// All requests, and how many of them had a second look at a finding.
fn exchanges(totals: &Totals) -> String {
    let all = plural(totals.exchanges, "exchange");
    if totals.repeats > 0 { format!("{all} ({} for repeats and smaller requests)", totals.repeats) } else { all }
}

/// Nothing but the deviations file is wrong.
fn outdated() -> (&'static str, Option<String>) {
    ("the deviations file is out of date", Some("remove or renew the entries marked with ✗ above".to_owned()))
}

/// What the exit code means, and what to do.
pub(super) fn meaning(record: &RunRecord) -> (&'static str, Option<String>) {
    let repeat = format!("to repeat one scenario, give its name as filter and `--seed {}`", record.seed);
    let totals = &record.totals;
    if let Some(profile) = &record.profile {
        return match profile.verdict {
            Readiness::Ready | Readiness::ReadyWithDeviations if record.exit_code == 1 => outdated(),
            Readiness::ReadyWithDeviations => {
                ("the target is ready for the product, but for known deviations: they have an owner and an end", None)
            }
            Readiness::Ready if totals.failed > 0 => {
                ("the target is ready for the product; what failed is not needed for it", Some(repeat))
            }
            Readiness::Ready if totals.warned > 0 => (
                "the target is ready for the product; the warnings rest on assumed lines of the specification",
                Some("compare the warned lines with the official specification, or run with `--strict`".to_owned()),
            ),
            Readiness::Ready => ("the target is ready for the product", None),
            Readiness::NotReady => {
                ("the target is not ready for the product: a needed operation broke the contract", Some(repeat))
            }
            Readiness::Inconclusive => {
                let next = "settle the lines marked with ? above, then run again".to_owned();
                ("inconclusive: not every needed operation could be judged", Some(next))
            }
        };
    }
    match record.exit_code {
        0 if totals.warned > 0 => (
            "no failures; warnings do not fail a run",
            Some("compare the warned lines with the official specification, or run with `--strict`".to_owned()),
        ),
        0 if totals.deviating > 0 => ("the target keeps the contract but for known deviations", None),
        0 => ("the target keeps the contract", None),
        1 if totals.failed == 0 => outdated(),
        1 => ("the target broke the contract", Some(repeat)),
        _ if totals.scenarios == totals.skipped => {
            ("nothing ran, so nothing can be said", Some("look at the reasons of the skipped scenarios".to_owned()))
        }
        _ if record.state != RunState::Finished => {
            ("the run did not reach its end", Some("run again; the same seed draws the same cases".to_owned()))
        }
        _ => {
            let next = if totals.failed > 0 {
                format!("mend the causes above; {repeat}")
            } else {
                "mend the causes above, then run again".to_owned()
            };
            ("inconclusive: not everything could be judged", Some(next))
        }
    }
}

#[cfg(test)]
#[path = "terminal_tests.rs"]
mod tests;
