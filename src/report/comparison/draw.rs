//! A comparison for people: plain text, and Markdown for a pull request. What a server sent is spelled out, never obeyed.

use std::fmt::Write as _;

use super::model::{Comparison, Drift, FindingChange, LatencyShift, Side, VerdictChange};
use crate::oracle::Severity;
use crate::report::error::ReportError;
use crate::report::text::{json, one_line, shortened};
use crate::report::words::{mark, plural};

/// Entries of a list that are shown; the JSON form has all.
const SHOWN: usize = 40;

/// Characters of a quotation.
const LONGEST: usize = 200;

/// JSON for programs, complete.
pub fn comparison_json(comparison: &Comparison) -> Result<String, ReportError> {
    Ok(json(comparison, true)?)
}

/// Plain text for a terminal.
pub fn comparison_text(comparison: &Comparison) -> String {
    draw(comparison, &Plain)
}

/// Markdown, as GitHub and others read it.
pub fn comparison_markdown(comparison: &Comparison) -> String {
    draw(comparison, &Markdown)
}

trait Style {
    fn title(&self, text: &str) -> String;
    fn entry(&self, text: &str) -> String;
    fn detail(&self, text: &str) -> String;
    /// A name of the contract or of the server.
    fn name(&self, text: &str) -> String;
    /// Any other text.
    fn text(&self, text: &str) -> String;
}

struct Plain;

impl Style for Plain {
    fn title(&self, text: &str) -> String {
        format!("\n{text}\n")
    }

    fn entry(&self, text: &str) -> String {
        format!("  {text}\n")
    }

    fn detail(&self, text: &str) -> String {
        format!("      {text}\n")
    }

    fn name(&self, text: &str) -> String {
        self.text(text)
    }

    fn text(&self, text: &str) -> String {
        shortened(&one_line(text), LONGEST)
    }
}

struct Markdown;

impl Style for Markdown {
    fn title(&self, text: &str) -> String {
        format!("\n### {text}\n\n")
    }

    fn entry(&self, text: &str) -> String {
        format!("- {text}\n")
    }

    fn detail(&self, text: &str) -> String {
        format!("  - {text}\n")
    }

    fn name(&self, text: &str) -> String {
        // No character ends a code span but a backtick.
        format!("`{}`", Plain.text(text).replace('`', "'"))
    }

    fn text(&self, text: &str) -> String {
        let mut safe = String::new();
        for c in Plain.text(text).chars() {
            match c {
                '<' => safe.push_str("&lt;"),
                '&' => safe.push_str("&amp;"),
                // A mention or a reference to an issue would reach people.
                '@' | '#' => {
                    let _ = write!(safe, "&#{};", u32::from(c));
                }
                '\\' | '`' | '*' | '_' | '[' | ']' | '|' | '~' | '!' => safe.extend(['\\', c]),
                c => safe.push(c),
            }
        }
        safe
    }
}

fn draw(comparison: &Comparison, style: &impl Style) -> String {
    let mut text = style.title(&headline(comparison)).trim_start().to_owned();
    text.push_str(&style.entry(&format!("old: {}", side(&comparison.old, style))));
    text.push_str(&style.entry(&format!("new: {}", side(&comparison.new, style))));
    for note in &comparison.notes {
        text.push_str(&style.entry(&format!("note: {}", style.text(note))));
    }
    let findings = |changes: &[FindingChange]| changes.iter().map(|change| finding(change, style)).collect::<Vec<_>>();
    let lists = [
        ("New findings", findings(&comparison.new_findings)),
        ("Graver findings", findings(&comparison.worse_findings)),
        ("Fixed", findings(&comparison.fixed)),
        ("Still failing", findings(&comparison.still_failing)),
        ("Not tested again", findings(&comparison.not_tested)),
        ("Answers changed", comparison.drift.iter().map(|drift| drifted(drift, style)).collect()),
        ("Latency", latencies(comparison, style)),
        ("Verdicts", verdicts(comparison, style)),
    ];
    for (title, entries) in lists.iter().filter(|(_, entries)| !entries.is_empty()) {
        let count = match *title {
            "Verdicts" => comparison.verdicts.len(),
            "Latency" => comparison.latency.len(),
            _ => entries.len(),
        };
        text.push_str(&style.title(&format!("{title} ({count})")));
        text.extend(entries.iter().take(SHOWN).map(String::as_str));
        if entries.len() > SHOWN {
            text.push_str(&style.entry(&format!("… and {} more; --format json has all", entries.len() - SHOWN)));
        }
    }
    text
}

/// The outcome in one line.
fn headline(comparison: &Comparison) -> String {
    let mut parts = Vec::new();
    let mut add = |count: usize, noun: &str, rest: &str| {
        if count > 0 {
            parts.push(format!("{}{rest}", plural(count as u64, noun)));
        }
    };
    let is_new = |change: &&FindingChange| !change.is_known();
    add(comparison.new_findings.iter().filter(is_new).count(), "new finding", "");
    add(comparison.worse_findings.len(), "finding", " graver than before");
    add(comparison.fixed.len(), "finding", " fixed");
    add(comparison.still_failing.len(), "finding", " still there");
    add(comparison.lost, "scenario", " without a verdict that had one");
    add(comparison.drift.len(), "change", " in answers");
    add(comparison.latency.len(), "operation", " with another latency");
    let whole = if parts.is_empty() { "no difference".to_owned() } else { parts.join(", ") };
    if comparison.is_broken() { format!("Broken: {whole}") } else { format!("Nothing new broke: {whole}") }
}

fn side(side: &Side, style: &impl Style) -> String {
    let verdict = format!("{:?}", side.verdict).to_ascii_lowercase();
    format!(
        "{} {}, seed {}, d1c {}, {}",
        style.name(&side.run_id),
        style.text(&verdict),
        side.seed,
        style.text(&side.tool),
        style.text(&side.targets.join(", "))
    )
}

fn finding(change: &FindingChange, style: &impl Style) -> String {
    let severity = |severity: Severity| format!("{severity:?}").to_ascii_lowercase();
    let grave = match change.was {
        Some(was) if was != change.severity => format!("{}, was {}", severity(change.severity), severity(was)),
        _ => severity(change.severity),
    };
    let note = change.note.as_ref().map_or_else(String::new, |note| format!(" ({})", style.text(note)));
    let head = format!("{} {grave}{note}: {}", style.text(&change.code), style.name(change.obligation.as_str()));
    let what = format!("expected {}; got {}", style.text(&change.expected), style.text(&change.actual));
    let place = format!("{}, e.g. {}", plural(change.scenarios as u64, "scenario"), style.name(&change.case_id));
    style.entry(&head) + &style.detail(&what) + &style.detail(&place)
}

fn drifted(drift: &Drift, style: &impl Style) -> String {
    let place = style.name(&format!("{} {}", drift.operation_id, drift.status));
    style.entry(&format!("{place}: {}", style.text(&drift.text)))
}

/// Each shift; where most operations share it, the few largest, since it is hardly the doing of each of them.
fn latencies(comparison: &Comparison, style: &impl Style) -> Vec<String> {
    const FEW: usize = 5;
    let (shifts, all) = (&comparison.latency, comparison.timed);
    let mut order: Vec<&LatencyShift> = shifts.iter().collect();
    if shifts.len() <= FEW || shifts.len() * 2 <= all {
        return order.into_iter().map(|shift| shifted(shift, style)).collect();
    }
    let size = |shift: &LatencyShift| shift.ratio.ln().abs();
    order.sort_by(|a, b| size(b).total_cmp(&size(a)));
    let text = format!(
        "{} of {all} operations shifted: machine, network or load are likelier causes than the operations; the {FEW} largest:",
        shifts.len()
    );
    std::iter::once(style.entry(&text)).chain(order.into_iter().take(FEW).map(|shift| shifted(shift, style))).collect()
}

fn shifted(shift: &LatencyShift, style: &impl Style) -> String {
    let (word, ratio) =
        if shift.ratio > 1.0 { ("slower", shift.ratio) } else { ("quicker", 1.0 / shift.ratio.max(f64::MIN_POSITIVE)) };
    let (place, chance) = (style.name(shift.operation_id.as_str()), shift.p_value);
    let medians = format!("median {} → {}", time(shift.old_p50_us), time(shift.new_p50_us));
    let tails = format!("95% {} → {}", time(shift.old_p95_us), time(shift.new_p95_us));
    let counts = format!("{} and {} answers", shift.samples.0, shift.samples.1);
    style.entry(&format!("{place}: {ratio:.1} times {word}, {medians}, {tails}; {counts}, p {}", p_value(chance)))
}

fn p_value(p: f64) -> String {
    if p < 1e-4 { "< 0.0001".to_owned() } else { format!("= {p:.4}") }
}

fn time(microseconds: u64) -> String {
    match microseconds {
        0..1_000 => format!("{microseconds} µs"),
        1_000..1_000_000 => format!("{}.{} ms", microseconds / 1_000, microseconds % 1_000 / 100),
        _ => format!("{}.{} s", microseconds / 1_000_000, microseconds % 1_000_000 / 100_000),
    }
}

/// Scenarios by what they were and are, each with the first few names.
fn verdicts(comparison: &Comparison, style: &impl Style) -> Vec<String> {
    const NAMES: usize = 5;
    let word = |verdict| format!("{} {verdict:?}", mark(verdict)).to_lowercase();
    let of = |((old, new), count): ((crate::oracle::Verdict, crate::oracle::Verdict), usize)| {
        let own = |change: &&VerdictChange| (change.old, change.new) == (old, new);
        let mut text = style.entry(&format!("{} → {}: {}", word(old), word(new), plural(count as u64, "scenario")));
        for change in comparison.verdicts.iter().filter(own).take(NAMES) {
            let reason = change.reason.as_ref().map_or_else(String::new, |reason| format!(": {}", style.text(reason)));
            text.push_str(&style.detail(&format!("{}{reason}", style.name(change.id.as_str()))));
        }
        if count > NAMES {
            text.push_str(&style.detail(&format!("… and {} more", count - NAMES)));
        }
        text
    };
    comparison.transitions().into_iter().map(of).collect()
}
