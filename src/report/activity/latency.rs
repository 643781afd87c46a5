//! How long answers took, in few numbers: a histogram whose buckets widen with the time, so that a run of any length takes
//! the same space and two runs can be compared by rank.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::{Deserialize, Serialize};

/// Buckets for each doubling of the time.
const STEPS: f64 = 4.0;

/// How long the answers of one operation took.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LatencyRecord {
    /// Answers that were timed.
    pub count: u64,
    /// The quickest, microseconds.
    pub min_us: u64,
    /// Half took no longer, microseconds; from the histogram.
    pub p50_us: u64,
    /// 95 of 100 took no longer, microseconds; from the histogram.
    pub p95_us: u64,
    /// The slowest, microseconds.
    pub max_us: u64,
    /// Number of answers by bucket, in order, empty ones left out. Bucket `b` holds times from `2^(b/4)` up to
    /// `2^((b+1)/4)` microseconds.
    pub buckets: Vec<(u32, u64)>,
}

/// Times on the way to their record.
#[derive(Debug, Default)]
pub(super) struct Latency {
    min: u64,
    max: u64,
    buckets: BTreeMap<u32, u64>,
}

impl Latency {
    /// Takes one time in.
    pub(super) fn add(&mut self, elapsed: Duration) {
        let time = u64::try_from(elapsed.as_micros()).unwrap_or(u64::MAX).max(1);
        self.min = if self.buckets.is_empty() { time } else { self.min.min(time) };
        self.max = self.max.max(time);
        *self.buckets.entry(bucket(time)).or_default() += 1;
    }

    /// What is known so far.
    pub(super) fn record(&self) -> LatencyRecord {
        let count = self.buckets.values().sum();
        let quantile = |share: f64| self.quantile(share, count);
        LatencyRecord {
            count,
            min_us: self.min,
            p50_us: quantile(0.5),
            p95_us: quantile(0.95),
            max_us: self.max,
            buckets: self.buckets.iter().map(|(bucket, count)| (*bucket, *count)).collect(),
        }
    }

    /// The time below which this share lies, taken as spread evenly inside of its bucket.
    #[expect(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "an estimate within the width of a bucket"
    )]
    fn quantile(&self, share: f64, count: u64) -> u64 {
        let rank = share * count as f64;
        let mut below = 0;
        for (bucket, own) in &self.buckets {
            if (below + own) as f64 >= rank {
                let (from, to) = (start(*bucket), start(bucket + 1));
                let inside = (rank - below as f64) / *own as f64;
                return ((from + (to - from) * inside).round() as u64).clamp(self.min, self.max);
            }
            below += own;
        }
        self.max
    }
}

#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "the logarithm of a positive 64-bit number is small and not negative"
)]
fn bucket(time: u64) -> u32 {
    ((time as f64).log2() * STEPS).floor() as u32
}

fn start(bucket: u32) -> f64 {
    (f64::from(bucket) / STEPS).exp2()
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{Latency, bucket};

    fn of(times: impl IntoIterator<Item = u64>) -> Latency {
        let mut latency = Latency::default();
        times.into_iter().for_each(|time| latency.add(Duration::from_micros(time)));
        latency
    }

    #[test]
    fn four_buckets_double_the_time() {
        assert_eq!([1, 2, 4, 1024].map(bucket), [0, 4, 8, 40]);
        assert_eq!([1023, 1025].map(bucket), [39, 40]);
        assert_eq!(bucket(u64::MAX), 256);
    }

    #[test]
    fn quantiles_lie_within_a_bucket_of_the_truth() {
        let record = of(1..=1000).record();
        assert_eq!((record.count, record.min_us, record.max_us), (1000, 1, 1000));
        assert!((450..=550).contains(&record.p50_us), "{record:?}");
        assert!((850..=1000).contains(&record.p95_us), "{record:?}");
        assert_eq!(record.buckets.iter().map(|(_, count)| count).sum::<u64>(), 1000);
    }

    #[test]
    fn one_time_is_all_of_its_numbers() {
        let record = of([700]).record();
        assert_eq!((record.min_us, record.p50_us, record.p95_us, record.max_us), (700, 700, 700, 700));
        assert_eq!(of([]).record(), super::LatencyRecord::default());
        assert_eq!(of([0]).record().buckets, [(0, 1)]);
    }
}
