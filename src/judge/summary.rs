//! The end of a judged session on a terminal. Builds text; printing is the caller's business.

use std::path::PathBuf;

use indexmap::IndexMap;

use super::record::is_empty;
use crate::oracle::Severity;
use crate::report::{FindingRecord, RunRecord, printable};

/// Characters of a text.
const MOST_TEXT: usize = 400;

/// The summary: the verdict, each finding, what was never called, where the reports are.
pub fn summary(record: &RunRecord, files: &[PathBuf]) -> String {
    let calls = record.totals.exchanges;
    let mut lines = vec![headline(record)];
    let mut skipped = Vec::new();
    let mut called = Vec::new();
    for scenario in &record.scenarios {
        let name = scenario.operation_id.name();
        let list = if scenario.reason.is_some() { &mut skipped } else { &mut called };
        if !list.contains(&name) {
            list.push(name);
        }
    }
    lines.push(format!(
        "{calls} calls; operations called: {}; never called: {}",
        if called.is_empty() { "none".to_owned() } else { called.join(", ") },
        skipped.len()
    ));
    let mut findings: Vec<(&str, &FindingRecord)> = record
        .scenarios
        .iter()
        .flat_map(|scenario| scenario.findings.iter().map(|finding| (scenario.operation_id.name(), finding)))
        .collect();
    findings.sort_by_key(|(_, finding)| std::cmp::Reverse(finding.severity));
    let (breaches, notes): (Vec<_>, Vec<_>) =
        findings.into_iter().partition(|(_, finding)| finding.severity > Severity::Observation);
    for (operation, finding) in breaches {
        lines.push(String::new());
        lines.push(line(operation, finding));
        let spec = format!("{}:{} {}", finding.spec_file, finding.spec_line, finding.spec_pointer);
        lines.push(labelled("duty", &finding.text));
        lines.push(labelled("spec", &spec));
        if finding.expected != finding.text {
            lines.push(labelled("expected", &finding.expected));
        }
        let request = format!("{} {} ({} such)", finding.request.method, finding.request.url, finding.count);
        lines.push(labelled("call", &request));
    }
    lines.push(String::new());
    lines.extend(noted(&notes));
    lines.push(String::new());
    lines.extend(files.iter().map(|path| format!("wrote {}", path.display())));
    lines.push(format!("exit {}: {}", record.exit_code, meaning(record)));
    lines.push(String::new());
    lines.join("\n")
}

/// One line for all notes that say the same of several operations.
fn noted(notes: &[(&str, &FindingRecord)]) -> Vec<String> {
    let mut groups: IndexMap<(&str, &str), Vec<&(&str, &FindingRecord)>> = IndexMap::new();
    for note in notes {
        groups.entry((&note.1.code, &note.1.actual)).or_default().push(note);
    }
    let told = |group: &Vec<&(&str, &FindingRecord)>| match group.as_slice() {
        [(operation, finding)] => line(operation, finding),
        [(_, finding), ..] => line(&format!("{} operations", group.len()), finding),
        [] => String::new(),
    };
    groups.values().map(told).collect()
}

/// One line for one finding; what is told as it comes up.
pub fn line(operation: &str, finding: &FindingRecord) -> String {
    let mark = match finding.severity {
        Severity::Failure => "✗",
        Severity::Warning => "!",
        Severity::Observation => "i",
    };
    let actual = short(&finding.actual);
    let operation = if operation.is_empty() { String::new() } else { format!("{operation}: ") };
    format!("{mark} {} {} {}  {operation}{actual}", finding.code, finding.severity.name(), finding.check)
}

fn headline(record: &RunRecord) -> String {
    let totals = &record.totals;
    let judged = totals.scenarios - totals.skipped;
    let word = record.verdict.name().to_uppercase();
    match record.exit_code {
        _ if is_empty(record) => "SKIPPED  nobody called".to_owned(),
        1 => format!("{word}  your client broke {} of {judged} duties that it met", totals.failed),
        _ if totals.warned > 0 => {
            format!("{word}  your client kept the contract, with warnings in {} of {judged} duties", totals.warned)
        }
        _ => format!("{word}  your client kept all {judged} duties that it met"),
    }
}

fn meaning(record: &RunRecord) -> &'static str {
    match record.exit_code {
        0 if record.totals.warned > 0 => "no failures; warnings do not fail",
        0 => "your client keeps the contract, as far as it was seen",
        1 => "your client broke the contract",
        _ => "nothing was received, so nothing can be said",
    }
}

fn labelled(name: &str, text: &str) -> String {
    format!("    {:10}{}", format!("{name}:"), short(text))
}

fn short(text: &str) -> String {
    let text = printable(text).replace('\n', " ");
    match text.char_indices().nth(MOST_TEXT) {
        Some((at, _)) => format!("{}…", &text[..at]),
        None => text,
    }
}

#[cfg(test)]
mod tests {
    use super::noted;
    use crate::oracle::Severity;
    use crate::report::FindingRecord;
    use crate::report::sample::finding;

    #[test]
    fn notes_that_say_the_same_are_one_line() {
        let note = finding(Severity::Observation);
        let other = FindingRecord { actual: "something else".to_owned(), ..note.clone() };
        let lines = noted(&[("getCard", &note), ("renewCard", &other), ("suspendCard", &note)]);
        assert_eq!(lines.len(), 2);
        assert!(lines[0].contains("2 operations: status 201"), "{lines:?}");
        assert!(lines[1].contains("renewCard: something else"), "{lines:?}");
    }
}
