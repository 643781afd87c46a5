//! How long the answers of each operation took, as bars on one scale.

use crate::base::OperationId;
use crate::report::activity::{LatencyRecord, OperationRecord};
use crate::report::record::RunRecord;
use crate::report::words::latency;

/// Width of the scale.
const SCALE: u64 = 1_000;

/// The latency of one operation.
pub(super) struct ByOperation<'r> {
    /// Of the operation, for links; absent where it has no scenario.
    pub(super) number: Option<usize>,
    pub(super) name: &'r str,
    pub(super) answers: u64,
    pub(super) half: String,
    pub(super) most: String,
    pub(super) slowest: String,
    pub(super) bar: Bar,
}

/// Places on the scale, from 0 to [`SCALE`].
pub(super) struct Bar {
    pub(super) from: u64,
    pub(super) half: u64,
    pub(super) most: u64,
    pub(super) to: u64,
}

/// The operations of a run with answers, and the scale that they share.
pub(super) struct Latencies<'r> {
    pub(super) rows: Vec<ByOperation<'r>>,
    /// Both ends, in words.
    pub(super) ends: (String, String),
    pub(super) scale: u64,
}

/// What the page shows of the times; `number` finds an operation by suite and name.
pub(super) fn latencies<'r>(record: &'r RunRecord, number: impl Fn(&str, &str) -> Option<usize>) -> Latencies<'r> {
    let timed = || record.operations.iter().filter(|operation| operation.latency.count > 0);
    let least = timed().map(|operation| operation.latency.min_us.max(1)).min().unwrap_or(1);
    let most = timed().map(|operation| operation.latency.max_us.max(1)).max().unwrap_or(1);
    let scale = Scale::between(least, most);
    let row = |operation: &'r OperationRecord| {
        let own: &LatencyRecord = &operation.latency;
        ByOperation {
            number: number(&operation.suite, operation.operation_id.as_str()),
            name: OperationId::name(&operation.operation_id),
            answers: own.count,
            half: latency(own.p50_us),
            most: latency(own.p95_us),
            slowest: latency(own.max_us),
            bar: Bar {
                from: scale.place(own.min_us),
                half: scale.place(own.p50_us),
                most: scale.place(own.p95_us),
                to: scale.place(own.max_us),
            },
        }
    };
    Latencies { rows: timed().map(row).collect(), ends: (latency(least), latency(most)), scale: SCALE }
}

/// Logarithmic: the quickest and the slowest answer of a run may lie a thousandfold apart.
struct Scale {
    least: f64,
    most: f64,
}

#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "places on a drawing, between 0 and its width"
)]
impl Scale {
    fn between(least: u64, most: u64) -> Self {
        let (least, most) = ((least as f64).ln(), (most as f64).ln());
        Self { least, most: most.max(least + 0.1) }
    }

    fn place(&self, time: u64) -> u64 {
        let share = ((time.max(1) as f64).ln() - self.least) / (self.most - self.least);
        (share.clamp(0.0, 1.0) * SCALE as f64).round() as u64
    }
}

#[cfg(test)]
mod tests {
    use super::{SCALE, Scale, latencies};
    use crate::report::sample::sample;

    #[test]
    fn the_scale_runs_from_the_least_to_the_most() {
        let scale = Scale::between(100, 1_000_000);
        assert_eq!([0, 100, 10_000, 1_000_000, u64::MAX].map(|time| scale.place(time)), [0, 0, 500, SCALE, SCALE]);
        assert_eq!(Scale::between(7, 7).place(7), 0);
    }

    #[test]
    fn each_operation_with_answers_has_a_bar() {
        let record = sample();
        let shown = latencies(&record, |_, _| Some(3));
        let timed = record.operations.iter().filter(|operation| operation.latency.count > 0).count();
        assert!(timed > 0 && shown.rows.len() == timed);
        for row in &shown.rows {
            assert!(row.bar.from <= row.bar.half && row.bar.half <= row.bar.most && row.bar.most <= row.bar.to);
        }
        assert_eq!((shown.rows[0].number, shown.rows[0].bar.from), (Some(3), 0));
    }
}
