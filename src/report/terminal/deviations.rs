//! What the run shows of the deviations file: what is out of date first, then what nobody looked at.

use super::RunRecord;
use super::paint::Paint;
use crate::oracle::Verdict;
use crate::report::deviations::{DeviationRecord, DeviationState};
use crate::report::text::one_line;
use crate::report::words::{mark, plural};

/// Entries of one kind that are shown.
const MOST_ENTRIES: usize = 20;

/// The entries that are more than excuses; the excused findings are told where the findings are.
pub(super) fn section(record: &RunRecord, paint: Paint) -> String {
    let all = &record.deviations;
    if all.is_empty() {
        return String::new();
    }
    let of = |state: DeviationState| all.iter().filter(|entry| entry.state == state).collect::<Vec<_>>();
    let count = |state: DeviationState, word: &str| {
        let count = of(state).len();
        (count > 0).then(|| format!("{count} {word}"))
    };
    let counts: Vec<String> = [
        count(DeviationState::Excused, "in use"),
        count(DeviationState::Expired, "expired"),
        count(DeviationState::Stale, "no longer needed"),
        count(DeviationState::NotLookedAt, "not looked at"),
    ]
    .into_iter()
    .flatten()
    .collect();
    let file = all.first().map_or("", |entry| entry.file.as_str());
    let known = plural(all.len() as u64, "known deviation");
    let mut lines = vec![paint.bold(&one_line(&format!("{known} in {file}: {}", counts.join(", "))))];
    for (state, verdict) in [
        (DeviationState::Expired, Verdict::Failed),
        (DeviationState::Stale, Verdict::Failed),
        (DeviationState::NotLookedAt, Verdict::Skipped),
    ] {
        let entries = of(state);
        lines.extend(entries.iter().take(MOST_ENTRIES).map(|entry| line(entry, verdict, paint)));
        if entries.len() > MOST_ENTRIES {
            lines.push(format!("  … {} more in run.json", entries.len() - MOST_ENTRIES));
        }
    }
    lines.join("\n")
}

fn line(entry: &DeviationRecord, verdict: Verdict, paint: Paint) -> String {
    let code = entry.failure.as_ref().map_or_else(String::new, |code| format!(" {code}"));
    let title = paint.verdict(verdict, &format!("{}{code}", mark(verdict)));
    let place = format!("{}:{}", entry.file, entry.line);
    format!("  {title} {}\n      {}: {}", one_line(entry.obligation.as_str()), one_line(&place), one_line(&entry.told))
}
