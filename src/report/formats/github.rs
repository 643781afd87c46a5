//! Annotations of GitHub Actions: workflow commands that a step prints. GitHub shows ten of each kind for a step, so there
//! are no more of them, and one of them says how many are missing.

use std::path::Path;

use super::source::relative;
use crate::oracle::{Severity, Verdict};
use crate::report::group::{Group, groups, reasons};
use crate::report::record::RunRecord;
use crate::report::text::{one_line, printable, shortened};
use crate::report::words::{broken_off, duty, outcome, plural};

/// Annotations of one kind that GitHub shows for a step.
const MOST: usize = 10;

/// Characters of one text in an annotation.
const MOST_CHARACTERS: usize = 500;

/// The commands, one a line: errors, warnings, notices.
pub(super) fn github(record: &RunRecord, root: &Path) -> String {
    let groups = groups(record);
    // What is let pass is no error: it is told with what is worth knowing.
    let excused = |group: &&Group<'_>| group.worst.deviation.is_some();
    let of = |severity: Severity| groups.iter().filter(move |group| group.severity == severity && !excused(group));
    let command = |severity: Severity, kind: &str| -> Vec<String> {
        of(severity).map(|group| breach(kind, group, root)).collect()
    };
    let mut errors: Vec<String> =
        broken_off(record).map(|state| plain("error", "d1-conformance", state)).into_iter().collect();
    let outdated = record.deviations.iter().filter(|entry| entry.fails());
    errors.extend(outdated.map(|entry| {
        let title = format!("{} {}", entry.failure.as_deref().unwrap_or_default(), entry.obligation);
        plain("error", &title, &shortened(&one_line(&entry.told), MOST_CHARACTERS))
    }));
    errors.extend(command(Severity::Failure, "error"));
    errors.extend(reasons(record, Verdict::Inconclusive).into_iter().map(|(reason, scenarios)| {
        let title = format!("inconclusive: {}", plural(scenarios.len() as u64, "scenario"));
        plain("error", &title, &shortened(&one_line(reason), MOST_CHARACTERS))
    }));
    let warnings = command(Severity::Warning, "warning");
    let mut notices = command(Severity::Observation, "notice");
    let known = groups.iter().filter(excused).filter(|group| group.severity > Severity::Observation);
    notices.extend(known.map(|group| breach("notice", group, root)));
    // Two places among the notices are for the sums.
    let missing: Vec<String> =
        [(errors.len(), MOST, "error"), (warnings.len(), MOST, "warning"), (notices.len(), MOST - 2, "notice")]
            .into_iter()
            .filter(|(all, most, _)| all > most)
            .map(|(all, most, noun)| plural((all - most) as u64, &format!("more {noun}")))
            .collect();
    notices.truncate(MOST - 2);
    notices.push(plain("notice", "d1-conformance", &sums(record)));
    if !missing.is_empty() {
        let text = format!("{} not shown here: they are in run.json and index.html", missing.join(", "));
        notices.push(plain("notice", "d1-conformance", &text));
    }
    let lines: Vec<String> =
        errors.into_iter().take(MOST).chain(warnings.into_iter().take(MOST)).chain(notices).collect();
    format!("{}\n", lines.join("\n"))
}

fn sums(record: &RunRecord) -> String {
    let totals = &record.totals;
    format!(
        "{}: {}. {}: {} passed, {} warned, {} failed, {} deviating, {} skipped, {} inconclusive; {}",
        record.verdict.name(),
        outcome(record),
        plural(totals.scenarios, "scenario"),
        totals.passed,
        totals.warned,
        totals.failed,
        totals.deviating,
        totals.skipped,
        totals.inconclusive,
        plural(totals.cases, "case"),
    )
}

/// One distinct breach at the line that it breaks.
fn breach(kind: &str, group: &Group<'_>, root: &Path) -> String {
    let finding = group.worst;
    let short = |text: &str| shortened(&one_line(text), MOST_CHARACTERS);
    let mut lines = vec![
        format!("expected: {}", short(&finding.expected)),
        format!("actual: {}", short(&finding.actual)),
        format!(
            "seen in {} of {}, first {}",
            plural(group.cases, "case"),
            plural(group.seen.len() as u64, "scenario"),
            short(finding.case_id.as_str())
        ),
    ];
    lines.extend(finding.deviation.as_ref().map(|why| format!("let pass: {}", short(why))));
    lines.extend(duty(finding).map(|text| format!("duty: {}", short(text))));
    format!(
        "::{kind} file={},line={},title={}::{}",
        property(&relative(&finding.spec_file, root)),
        finding.spec_line.max(1),
        property(&short(&format!("{} {}", finding.code, finding.obligation))),
        data(&lines.join("\n"))
    )
}

fn plain(kind: &str, title: &str, text: &str) -> String {
    format!("::{kind} title={}::{}", property(title), data(text))
}

/// The text behind a command: nothing in it ends the line, and `%` stands for itself.
fn data(text: &str) -> String {
    printable(text).replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// A value before it, where colons and commas have a meaning too.
fn property(text: &str) -> String {
    data(&one_line(text)).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::github;
    use crate::base::ObligationId;
    use crate::oracle::Severity;
    use crate::report::record::{FindingRecord, RunState};
    use crate::report::sample::{finding, sample};

    #[test]
    fn a_finding_is_shown_at_its_line() {
        let text = github(&sample(), Path::new(""));
        let first = text.lines().next().unwrap();
        assert!(
            first.starts_with("::error file=specs/a.yaml,line=12,title=D1C-1001 Spec-A%3A%3AcreateCard"),
            "{first}"
        );
        assert!(first.contains("::expected: status 400%0Aactual: status 201%0A"), "{first}");
        assert!(first.ends_with("%0Aduty: body.name has at most 5 character(s)"), "{first}");
        let kinds: Vec<&str> = text.lines().filter_map(|line| line[2..].split(' ').next()).collect();
        assert_eq!(kinds, ["error", "error", "warning", "notice"], "{text}");
        assert!(text.contains("6 scenarios: 1 passed, 1 warned, 1 failed, 1 deviating, 1 skipped, 1 inconclusive"));
    }

    #[test]
    fn ten_of_a_kind_and_how_many_more() {
        let mut record = sample();
        for (severity, count) in [(Severity::Failure, 13), (Severity::Warning, 12), (Severity::Observation, 11)] {
            record.scenarios[0].findings.extend((0..count).map(|number| FindingRecord {
                obligation: ObligationId::new(format!("Spec-A::createCard::{}::{number}", severity.name())),
                ..finding(severity)
            }));
        }
        let text = github(&record, Path::new(""));
        for kind in ["error", "warning", "notice"] {
            assert_eq!(text.lines().filter(|line| line.starts_with(&format!("::{kind} "))).count(), 10, "{text}");
        }
        // One error and one warning come from the sample, one error from what is inconclusive in it.
        let said = "5 more errors, 3 more warnings, 3 more notices not shown here";
        assert!(text.contains(said), "{text}");
    }

    #[test]
    fn a_broken_off_run_comes_first() {
        let mut record = sample();
        record.state = RunState::Interrupted;
        assert!(github(&record, Path::new("")).starts_with("::error title=d1-conformance::interrupted"));
    }
}
