//! A summary in Markdown, for the page of a job or a note on a merge request. Every text of the record stands in a code
//! span: there is no markup, no link, no image and no mention of anybody in one, whatever a server sent.

use crate::oracle::{Blame, Severity, Verdict};
use crate::report::deviations::DeviationRecord;
use crate::report::group::{Group, groups, reasons};
use crate::report::readiness::{Need, ProfileRecord};
use crate::report::record::{RunRecord, ScenarioRecord};
use crate::report::text::{one_line, printable, shortened};
use crate::report::words::{
    broken_off, duration, duty, first_curl, mark, outcome, plural, repeated, scenarios, walked,
};

/// A comment on GitHub holds 65,536 characters, the summary of a step 1 MiB: this fits into both, with the last line.
const MOST_CHARACTERS: usize = 65_000;

/// Characters of one text.
const MOST_TEXT: usize = 600;

/// Distinct reasons that are listed.
const MOST_REASONS: usize = 20;

/// The summary.
pub(super) fn markdown(record: &RunRecord) -> String {
    let mut page = Page { text: headline(record), left_out: 0 };
    page.add(&facts(record));
    page.add(&totals(record));
    if let Some(profile) = &record.profile {
        page.add(&readiness(profile));
    }
    page.add(&outdated_entries(record));
    let groups = groups(record);
    let (breaches, observations): (Vec<_>, Vec<_>) =
        groups.iter().partition(|group| group.severity > Severity::Observation);
    if !breaches.is_empty() {
        page.add("### Findings\n");
        for group in breaches {
            page.add(&breach(group));
        }
    }
    for (verdict, title) in [
        (Verdict::Inconclusive, "Inconclusive"),
        (Verdict::Deviating, "Known deviations"),
        (Verdict::Skipped, "Skipped"),
    ] {
        page.add(&reasons_of(record, verdict, title));
    }
    if !observations.is_empty() {
        page.add("### Observations\n\nNo breach, but worth knowing.\n");
        for group in observations {
            page.add(&observed(group));
        }
    }
    page.end()
}

/// A text that stays within its bound.
struct Page {
    text: String,
    left_out: usize,
}

impl Page {
    /// Adds a part, where there is room for it. Once something was left out, all after it is: what comes later is less grave.
    fn add(&mut self, part: &str) {
        let room = MOST_CHARACTERS.saturating_sub(self.text.chars().count());
        if part.is_empty() {
            return;
        }
        if self.left_out > 0 || part.chars().count() >= room {
            self.left_out += 1;
        } else {
            self.text.push('\n');
            self.text.push_str(part);
        }
    }

    fn end(mut self) -> String {
        if self.left_out > 0 {
            let parts = plural(self.left_out as u64, "more part");
            self.text = format!("{}\n{parts} had no room here: see `index.html` and `run.json`.\n", self.text);
        }
        self.text
    }
}

fn headline(record: &RunRecord) -> String {
    let word = record.verdict.name().to_uppercase();
    let state = broken_off(record).map_or_else(String::new, |state| format!("\n**This run was {state}.**\n"));
    format!("## {} {word}: {}\n{state}", mark(record.verdict), outcome(record))
}

fn facts(record: &RunRecord) -> String {
    let mut lines: Vec<String> = record
        .target
        .iter()
        .map(|target| format!("- suite {} against {}", span(&target.suite), span(&target.name)))
        .collect();
    let digest: String = record.case_digest.as_deref().unwrap_or("none").chars().take(16).collect();
    lines.push(format!(
        "- run {} of {}, {}",
        span(&record.run_id),
        span(&record.started_at),
        duration(record.elapsed_ms)
    ));
    lines.push(format!("- seed {}, case digest {}", record.seed, span(&digest)));
    lines.push(format!("- {} {}, exit code {}", span(&record.tool.name), span(&record.tool.version), record.exit_code));
    format!("{}\n", lines.join("\n"))
}

fn totals(record: &RunRecord) -> String {
    let totals = &record.totals;
    format!(
        "| scenarios | passed | warned | failed | deviating | skipped | inconclusive |\n\
         |---:|---:|---:|---:|---:|---:|---:|\n\
         | {} | {} | {} | {} | {} | {} | {} |\n\n\
         {}, {} of {} exercised, {}, {}.\n",
        totals.scenarios,
        totals.passed,
        totals.warned,
        totals.failed,
        totals.deviating,
        totals.skipped,
        totals.inconclusive,
        plural(totals.operations, "operation"),
        totals.obligations_exercised,
        plural(totals.obligations, "obligation"),
        plural(totals.cases, "case"),
        plural(totals.exchanges, "exchange"),
    )
}

fn readiness(profile: &ProfileRecord) -> String {
    let mut lines = vec![format!("### {}: {}\n", profile.verdict.name(), span(&profile.product))];
    for row in profile.rows.iter().filter(|row| row.need != Need::OtherSide) {
        let counts = if row.need == Need::NotAsked { "not asked for".to_owned() } else { scenarios(row) };
        let reason = row.reason.as_ref().map_or_else(String::new, |reason| format!(": {}", span(reason)));
        lines.push(format!("- {} {}: {counts}{reason}", row.level.name(), span(&row.title)));
    }
    lines.extend(profile.narrowed.iter().map(|what| format!("- {}: run it whole for a verdict", span(what))));
    lines.extend(profile.open_questions.iter().map(|(name, question)| {
        format!(
            "- {}: answer it in the target file, under `values:`, with {}",
            span(question),
            span(&format!("{name}: true"))
        )
    }));
    format!("{}\n", lines.join("\n"))
}

/// The entries of the deviations file that fail the run by themselves.
fn outdated_entries(record: &RunRecord) -> String {
    let line = |entry: &DeviationRecord| {
        let code = entry.failure.as_deref().unwrap_or_default();
        format!("- {} {}: {}\n", span(code), span(entry.obligation.as_str()), span(&entry.told))
    };
    let lines: String = record.deviations.iter().filter(|entry| entry.fails()).map(line).collect();
    if lines.is_empty() { lines } else { format!("### Deviations out of date\n\n{lines}") }
}

/// One distinct breach: what to know in a list, how to see it again behind it.
fn breach(group: &Group<'_>) -> String {
    let finding = group.worst;
    let verdict = match (&finding.deviation, group.severity) {
        (Some(_), _) => Verdict::Deviating,
        (None, Severity::Failure) => Verdict::Failed,
        (None, _) => Verdict::Warned,
    };
    let flaky = if finding.blame == Blame::Flaky { ", flaky" } else { "" };
    let mut lines = vec![
        format!(
            "#### {} {} {}{flaky}: {}\n",
            mark(verdict),
            span(&finding.code),
            group.severity.name(),
            span(finding.obligation.as_str())
        ),
        format!("- specification: {}", span(&format!("{}:{}", finding.spec_file, finding.spec_line))),
        format!("- expected: {}", span(&finding.expected)),
        format!("- actual: {}", span(&finding.actual)),
    ];
    lines.extend(duty(finding).map(|text| format!("- duty: {}", span(text))));
    lines.extend(finding.pointer.iter().filter(|pointer| !pointer.is_empty()).map(|at| format!("- at: {}", span(at))));
    lines.extend(finding.walk.as_ref().map(|walk| format!("- walk: {}", span(&walked(walk)))));
    lines.extend(finding.deviation.as_ref().map(|why| format!("- let pass: {}", span(why))));
    lines.extend(repeated(finding).map(|text| format!("- repeat: {}", span(&text))));
    lines.push(format!(
        "- seen in {} of {}, first {}",
        plural(group.cases, "case"),
        plural(group.seen.len() as u64, "scenario"),
        span(finding.case_id.as_str())
    ));
    format!("{}\n\n{}", lines.join("\n"), folded("To see it again", first_curl(finding)))
}

fn observed(group: &Group<'_>) -> String {
    let finding = group.worst;
    format!("- {} {}: {}\n", span(&finding.code), span(finding.obligation.as_str()), span(&finding.actual))
}

fn reasons_of(record: &RunRecord, verdict: Verdict, title: &str) -> String {
    let reasons = reasons(record, verdict);
    if reasons.is_empty() {
        return String::new();
    }
    let line = |(reason, scenarios): &(&str, Vec<&ScenarioRecord>)| {
        let first =
            scenarios.first().map_or_else(String::new, |scenario| format!(", first {}", span(scenario.id.as_str())));
        format!("- {}: {}{first}", plural(scenarios.len() as u64, "scenario"), span(reason))
    };
    let mut lines: Vec<String> = reasons.iter().take(MOST_REASONS).map(line).collect();
    if reasons.len() > MOST_REASONS {
        lines.push(format!("- and {}", plural((reasons.len() - MOST_REASONS) as u64, "more reason")));
    }
    format!("### {title}\n\n{}\n", lines.join("\n"))
}

/// A code span on one line: more backticks around it than in it.
fn span(text: &str) -> String {
    let text = shortened(&one_line(text), MOST_TEXT);
    if text.is_empty() {
        return "(empty)".to_owned();
    }
    let fence = "`".repeat(longest_run(&text) + 1);
    let pad = if text.starts_with('`') || text.ends_with('`') { " " } else { "" };
    format!("{fence}{pad}{text}{pad}{fence}")
}

/// A block of code behind a line that opens it.
fn folded(title: &str, text: &str) -> String {
    let fence = "`".repeat(longest_run(text).max(2) + 1);
    format!("<details><summary>{title}</summary>\n\n{fence}sh\n{}\n{fence}\n\n</details>\n", printable(text).trim_end())
}

fn longest_run(text: &str) -> usize {
    text.split(|c| c != '`').map(str::len).max().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::{MOST_CHARACTERS, markdown, span};
    use crate::base::ObligationId;
    use crate::oracle::Severity;
    use crate::report::readiness::product_sample;
    use crate::report::record::{FindingRecord, RunState};
    use crate::report::sample::{finding, flaky, sample};

    #[test]
    fn it_says_what_matters_first() {
        let text = markdown(&sample());
        assert!(text.starts_with("## ? INCONCLUSIVE: 1 of 6 scenarios left without a verdict, 1 failed\n"), "{text}");
        assert!(text.contains("| 6 | 1 | 1 | 1 | 1 | 1 | 1 |"), "{text}");
        assert!(text.contains("#### ✗ `D1C-1001` failure: `Spec-A::createCard::body.name::max_length`"), "{text}");
        assert!(text.contains("- specification: `specs/a.yaml:12`") && text.contains("- expected: `status 400`"));
        assert!(text.contains("```sh\ncurl --include -X POST --data-binary '{\"name\":\"aaaaaa\"}'"), "{text}");
        assert!(text.contains("- 1 scenario: `connection refused`") && text.contains("- 1 scenario: `no credentials`"));
        assert!(text.contains("### Known deviations") && !text.contains("interrupted"));
        assert!(markdown(&flaky()).contains("failure, flaky"));
    }

    #[test]
    fn a_product_and_a_broken_off_run() {
        let mut record = sample();
        (record.profile, record.state) = (Some(product_sample()), RunState::Interrupted);
        let text = markdown(&record);
        assert!(text.contains("**This run was interrupted"), "{text}");
        assert!(text.contains("### ") && text.contains(product_sample().verdict.name()), "{text}");
    }

    #[test]
    fn code_spans_hold_any_text() {
        assert_eq!(span("a"), "`a`");
        assert_eq!(span("a`b``c"), "```a`b``c```");
        assert_eq!(span("`a"), "`` `a ``");
        assert_eq!(span(" \n"), "(empty)");
    }

    #[test]
    fn it_stays_within_its_bound_and_says_what_is_missing() {
        let mut record = sample();
        record.scenarios[0].findings = (0..500)
            .map(|number| FindingRecord {
                obligation: ObligationId::new(format!("Spec-A::createCard::body::{number}")),
                ..finding(Severity::Failure)
            })
            .collect();
        let text = markdown(&record);
        assert!(text.chars().count() < MOST_CHARACTERS + 200, "{}", text.chars().count());
        assert!(text.trim_end().ends_with("had no room here: see `index.html` and `run.json`."), "{text}");
        assert_eq!(text.matches("<details>").count(), text.matches("</details>").count());
    }
}
