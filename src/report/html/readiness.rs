//! What the page shows of a product: its verdict, and one row for each line of its profile.

use super::sign::Sign;
use crate::contract::Direction;
use crate::oracle::Verdict;
use crate::report::readiness::{Need, ProfileRecord, Readiness, RowRecord, RowResult};
use crate::report::words::scenarios;

/// The verdict on a product.
pub(super) struct Product<'r> {
    pub(super) sign: Sign,
    pub(super) profile: &'r ProfileRecord,
    pub(super) rows: Vec<Row<'r>>,
}

/// One line.
pub(super) struct Row<'r> {
    pub(super) sign: Sign,
    pub(super) own: &'r RowRecord,
    /// Who calls whom.
    pub(super) side: &'static str,
    /// How much it is needed, and why.
    pub(super) need: String,
    /// How its scenarios ended.
    pub(super) counts: String,
}

pub(super) fn product(profile: &ProfileRecord) -> Product<'_> {
    let verdict = match profile.verdict {
        Readiness::Ready => Verdict::Passed,
        Readiness::ReadyWithDeviations => Verdict::Deviating,
        Readiness::NotReady => Verdict::Failed,
        Readiness::Inconclusive => Verdict::Inconclusive,
    };
    let sign = Sign { word: profile.verdict.name(), ..Sign::of(verdict) };
    Product { sign, profile, rows: profile.rows.iter().map(line).collect() }
}

fn line(row: &RowRecord) -> Row<'_> {
    let (verdict, word) = match row.result {
        RowResult::Kept => (Verdict::Passed, "kept"),
        RowResult::Deviating => (Verdict::Deviating, "deviating"),
        RowResult::Broken => (Verdict::Failed, "broken"),
        RowResult::Unclear => (Verdict::Inconclusive, "unclear"),
        RowResult::LeftOut => (Verdict::Skipped, "left out"),
    };
    let level = row.level.name();
    let need = match row.need {
        Need::Needed | Need::Wanted => level.to_owned(),
        Need::NotAsked => format!("{level}, not asked for"),
        Need::Open => format!("{level}, not answered"),
        Need::OtherSide => format!("{level}, of the other side"),
    };
    let side = match row.direction {
        Direction::Inbound => "issuer to D1",
        Direction::Outbound => "D1 to issuer",
    };
    Row { sign: Sign { word, ..Sign::of(verdict) }, own: row, side, need, counts: scenarios(row) }
}
