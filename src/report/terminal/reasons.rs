//! Why scenarios have no verdict, were excused, or did not run. Nothing that was left out is left unsaid.

use super::paint::Paint;
use super::{RunRecord, WIDTH};
use crate::oracle::Verdict;
use crate::report::group::reasons;
use crate::report::record::ScenarioRecord;
use crate::report::text::one_line;
use crate::report::words::{mark, plural};

/// Reasons of one kind that are shown.
const MOST_REASONS: usize = 10;

/// The reasons by verdict, the most frequent first.
pub(super) fn section(record: &RunRecord, paint: Paint) -> String {
    let kinds = [Verdict::Inconclusive, Verdict::Deviating, Verdict::Skipped];
    let blocks: Vec<String> = kinds.into_iter().filter_map(|verdict| block(record, verdict, paint)).collect();
    blocks.join("\n\n")
}

fn block(record: &RunRecord, verdict: Verdict, paint: Paint) -> Option<String> {
    let reasons = reasons(record, verdict);
    let total: usize = reasons.iter().map(|(_, scenarios)| scenarios.len()).sum();
    if total == 0 {
        return None;
    }
    let title = format!("{} {} {}", mark(verdict), plural(total as u64, "scenario"), verdict.name());
    let mut lines = vec![paint.verdict(verdict, &title)];
    lines.extend(reasons.iter().take(MOST_REASONS).map(|(reason, scenarios)| line(reason, scenarios)));
    if reasons.len() > MOST_REASONS {
        let rest: usize = reasons[MOST_REASONS..].iter().map(|(_, scenarios)| scenarios.len()).sum();
        let more = plural((reasons.len() - MOST_REASONS) as u64, "reason");
        lines.push(format!("        … {more} more ({}) in run.json", plural(rest as u64, "scenario")));
    }
    Some(lines.join("\n"))
}

/// `count  reason (who must act)`; a scenario that is alone is named.
fn line(reason: &str, scenarios: &[&ScenarioRecord]) -> String {
    let mut words: Vec<String> = one_line(reason).split(' ').map(str::to_owned).collect();
    if let Some(blame) = scenarios.iter().find_map(|scenario| scenario.blame) {
        words.push(format!("(blame: {})", blame.name()));
    }
    if let [only] = scenarios {
        words.push(format!("[{}]", one_line(only.id.as_str())));
    }
    super::paint::wrapped(&format!("  {:>5}", scenarios.len()), &words, 8, WIDTH)
}
