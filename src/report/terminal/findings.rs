//! Each distinct breach once, however many scenarios met it.

use super::paint::Paint;
use super::{RunRecord, WIDTH};
use crate::oracle::{Blame, Severity, Verdict};
use crate::report::group::{Group, groups};
use crate::report::text::{one_line, printable, shortened};
use crate::report::words::{first_curl, mark, plural, repeated, searched, walked};

/// Breaches shown in full; a target that breaks more of them has one cause, and `run.json` has the rest.
const MOST_FINDINGS: usize = 30;

/// Lines of an expected or actual text, such as the difference of a snapshot.
const MOST_LINES: usize = 16;

/// Characters of one such line.
const MOST_CHARACTERS: usize = 400;

/// The breaches, gravest first; observations in one line each.
pub(super) fn section(record: &RunRecord, paint: Paint) -> String {
    let (breaches, observations): (Vec<_>, Vec<_>) =
        groups(record).into_iter().partition(|group| group.severity > Severity::Observation);
    let mut texts: Vec<String> = breaches.iter().take(MOST_FINDINGS).map(|group| breach(group, paint)).collect();
    if breaches.len() > MOST_FINDINGS {
        texts.push(format!("… {} more distinct findings in run.json", breaches.len() - MOST_FINDINGS));
    }
    if let Some(first) = breaches.first() {
        texts.push(format!("What a code means, and what to do: d1c explain {}", one_line(&first.worst.code)));
    }
    if !observations.is_empty() {
        texts.push(observed(&observations));
    }
    texts.join("\n\n")
}

fn breach(group: &Group<'_>, paint: Paint) -> String {
    let finding = group.worst;
    let verdict = match (&finding.deviation, group.severity) {
        (Some(_), _) => Verdict::Deviating,
        (None, Severity::Failure) => Verdict::Failed,
        (None, _) => Verdict::Warned,
    };
    let excused = if finding.deviation.is_some() { ", let pass" } else { "" };
    let seen = format!("{} in {}", plural(group.cases, "case"), plural(group.seen.len() as u64, "scenario"));
    let flaky = if finding.blame == Blame::Flaky { ", flaky" } else { "" };
    let title = format!("{} {} {}{flaky}{excused}", mark(verdict), one_line(&finding.code), group.severity.name());
    let mut lines =
        vec![format!("{}  {}  ({seen})", paint.verdict(verdict, &title), one_line(finding.obligation.as_str()))];
    let spec = format!("{}:{} {}", finding.spec_file, finding.spec_line, finding.spec_pointer);
    let mut actual = finding.actual.clone();
    if let Some(pointer) = finding.pointer.as_deref().filter(|pointer| !pointer.is_empty()) {
        actual = format!("{actual} (at {pointer})");
    }
    for (name, text) in [
        ("duty", finding.text.as_str()),
        ("spec", &spec),
        ("expected", &finding.expected),
        ("actual", &actual),
        ("case", finding.case_id.as_str()),
    ] {
        lines.push(labelled(name, text, MOST_CHARACTERS));
    }
    lines.extend(finding.walk.as_ref().map(|walk| labelled("walk", &walked(walk), MOST_CHARACTERS)));
    lines.extend(finding.deviation.as_ref().map(|why| labelled("because", why, MOST_CHARACTERS)));
    lines.extend(repeated(finding).map(|text| labelled("repeat", &text, MOST_CHARACTERS)));
    lines.extend(finding.shrunk.as_ref().map(|shrunk| labelled("request", &searched(shrunk), MOST_CHARACTERS)));
    // Cut, a command line would be of no use.
    lines.push(labelled("curl", first_curl(finding), usize::MAX));
    lines.join("\n")
}

/// `name: text`, further lines of the text under its first.
fn labelled(name: &str, text: &str, most: usize) -> String {
    let plain = printable(text.trim_end());
    let all: Vec<&str> = plain.lines().collect();
    let mut lines: Vec<String> = all.iter().take(MOST_LINES).map(|line| shortened(line, most)).collect();
    if all.len() > MOST_LINES {
        lines.push(format!("… {} more lines in run.json", all.len() - MOST_LINES));
    }
    format!("    {:10}{}", format!("{name}:"), lines.join("\n              "))
}

fn observed(groups: &[Group<'_>]) -> String {
    let line = |group: &Group<'_>| {
        let finding = group.worst;
        let text = format!("{} {}: {}", finding.code, finding.obligation, finding.actual);
        format!("  {}", shortened(&one_line(&text), WIDTH - 2))
    };
    let mut lines = vec![format!("{} (no breach, worth knowing):", plural(groups.len() as u64, "observation"))];
    lines.extend(groups.iter().take(10).map(line));
    if groups.len() > 10 {
        lines.push(format!("  … {} more in run.json", groups.len() - 10));
    }
    lines.join("\n")
}
