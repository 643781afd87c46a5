//! The table behind the verdict on a product: one line for each line of its profile.

use super::paint::Paint;
use crate::contract::Direction;
use crate::oracle::Verdict;
use crate::report::readiness::{Need, ProfileRecord, Readiness, RowRecord, RowResult};
use crate::report::record::RunRecord;
use crate::report::text::one_line;
use crate::report::words::{mark, plural, scenarios};

/// The table; nothing where the run is for no product.
pub(super) fn section(record: &RunRecord, paint: Paint) -> String {
    let Some(profile) = &record.profile else { return String::new() };
    let mut lines = vec![headline(profile, paint)];
    let width = profile.rows.iter().map(|row| row.title.chars().count()).max().unwrap_or_default();
    for direction in [Direction::Inbound, Direction::Outbound] {
        let rows: Vec<&RowRecord> = profile.rows.iter().filter(|row| row.direction == direction).collect();
        let Some(first) = rows.first() else { continue };
        let who = match direction {
            Direction::Inbound => "inbound, the issuer calls D1",
            Direction::Outbound => "outbound, D1 calls the issuer",
        };
        if first.need == Need::OtherSide {
            lines.push(paint.dim(&format!(
                "  {who}: {} of the other side, not asked of this target",
                plural(rows.len() as u64, "line")
            )));
            continue;
        }
        lines.push(format!("  {who}"));
        lines.extend(rows.into_iter().map(|row| line(row, width, paint)));
    }
    lines.extend(profile.narrowed.iter().map(|what| format!("  ? {}: run it whole for a verdict", one_line(what))));
    lines.extend(profile.open_questions.iter().map(|(name, question)| {
        format!(
            "  ? {}\n    answer it in the target file, under `values:`, with `{name}: true` or `{name}: false`",
            one_line(question)
        )
    }));
    lines.join("\n")
}

fn headline(profile: &ProfileRecord, paint: Paint) -> String {
    let verdict = match profile.verdict {
        Readiness::Ready => Verdict::Passed,
        Readiness::ReadyWithDeviations => Verdict::Deviating,
        Readiness::NotReady => Verdict::Failed,
        Readiness::Inconclusive => Verdict::Inconclusive,
    };
    format!("{}  {}", paint.verdict(verdict, profile.verdict.name()), paint.bold(&one_line(&profile.product)))
}

fn line(row: &RowRecord, width: usize, paint: Paint) -> String {
    let verdict = match row.result {
        RowResult::Kept => Verdict::Passed,
        RowResult::Deviating => Verdict::Deviating,
        RowResult::Broken => Verdict::Failed,
        RowResult::Unclear => Verdict::Inconclusive,
        RowResult::LeftOut => Verdict::Skipped,
    };
    let what = match (row.need, row.result) {
        (Need::NotAsked, _) => "not asked for".to_owned(),
        _ => scenarios(row),
    };
    let first = format!(
        "    {} {:11}  {:width$}  {what}",
        paint.verdict(verdict, mark(verdict)),
        row.level.name(),
        one_line(&row.title)
    );
    let reason = row.reason.as_ref().map(|reason| format!("\n      {}", paint.dim(&one_line(reason))));
    format!("{}{}", first.trim_end(), reason.unwrap_or_default())
}
