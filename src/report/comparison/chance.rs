//! Could it be chance? Two tests that make no assumption about how times or answers are spread.

use libm::{erfc, lgamma};

/// Two-sided p-value of the Mann-Whitney U test (Mann and Whitney 1947) on two histograms with the same buckets, each in
/// order: normal approximation with correction for ties and for continuity. Values of one bucket are ties.
pub(super) fn mann_whitney(old: &[(u32, u64)], new: &[(u32, u64)]) -> f64 {
    let mut buckets: Vec<u32> = old.iter().chain(new).map(|(bucket, _)| *bucket).collect();
    buckets.sort_unstable();
    buckets.dedup();
    let count = |side: &[(u32, u64)], bucket: u32| -> f64 {
        side.iter().filter(|(own, _)| *own == bucket).map(|(_, count)| float(*count)).sum()
    };
    let (mut first, mut second, mut below, mut rank_sum, mut ties) = (0.0, 0.0, 0.0, 0.0, 0.0);
    for bucket in buckets {
        let (a, b) = (count(old, bucket), count(new, bucket));
        let both = a + b;
        // All values of a bucket share the rank in their middle.
        rank_sum += a * (below + f64::midpoint(both, 1.0));
        ties += both.powi(3) - both;
        below += both;
        first += a;
        second += b;
    }
    let all = first + second;
    if first == 0.0 || second == 0.0 {
        return 1.0;
    }
    let u = rank_sum - first * (first + 1.0) / 2.0;
    let mean = first * second / 2.0;
    let variance = first * second / 12.0 * ((all + 1.0) - ties / (all * (all - 1.0)));
    if variance <= 0.0 {
        return 1.0;
    }
    let distance = ((u - mean).abs() - 0.5).max(0.0);
    erfc(distance / variance.sqrt() / std::f64::consts::SQRT_2).min(1.0)
}

/// Holm's correction (Holm 1979) for having tested all of these: in the same order.
pub(super) fn holm(p_values: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..p_values.len()).collect();
    order.sort_by(|a, b| p_values[*a].total_cmp(&p_values[*b]));
    let mut corrected = vec![1.0; p_values.len()];
    let mut least: f64 = 0.0;
    for (rank, place) in order.into_iter().enumerate() {
        let tests = float((p_values.len() - rank) as u64);
        least = least.max((p_values[place] * tests).min(1.0));
        corrected[place] = least;
    }
    corrected
}

/// Two-sided p-value of Fisher's exact test that `a` of `n` and `b` of `m` are the same share.
pub(super) fn fisher((a, n): (u64, u64), (b, m): (u64, u64)) -> f64 {
    let hits = a + b;
    let weight = |x: u64| (choose(n, x) + choose(m, hits - x) - choose(n + m, hits)).exp();
    let own = weight(a);
    // Not more likely than what was seen; a little slack for rounding.
    let tail = |x: &f64| *x <= own * (1.0 + 1e-7);
    (hits.saturating_sub(m)..=hits.min(n)).map(weight).filter(tail).sum::<f64>().min(1.0)
}

/// Logarithm of the number of ways to choose `k` of `n`.
fn choose(n: u64, k: u64) -> f64 {
    let factorial = |n: u64| lgamma(float(n) + 1.0);
    factorial(n) - factorial(k) - factorial(n - k)
}

#[expect(clippy::cast_precision_loss, reason = "counts of answers are far below what a double holds exactly")]
pub(super) fn float(count: u64) -> f64 {
    count as f64
}

#[cfg(test)]
mod tests {
    use super::{fisher, holm, mann_whitney};

    fn near(value: f64, expected: f64) {
        assert!((value - expected).abs() < expected * 1e-3 + 1e-12, "{value} is not {expected}");
    }

    /// The values are those of `SciPy` 1.17: `mannwhitneyu(x, y, method='asymptotic')`.
    #[test]
    fn mann_whitney_is_that_of_scipy() {
        // [1]*5 + [2]*10 + [3]*10 against [2]*5 + [3]*10 + [4]*10.
        near(mann_whitney(&[(1, 5), (2, 10), (3, 10)], &[(2, 5), (3, 10), (4, 10)]), MIXED);
        // range(20) against range(5, 25).
        let range = |from: u32| (from..from + 20).map(|n| (n, 1)).collect::<Vec<_>>();
        near(mann_whitney(&range(0), &range(5)), SHIFTED);
        near(mann_whitney(&[(7, 40)], &[(7, 30)]), 1.0);
        near(mann_whitney(&[], &[(7, 30)]), 1.0);
    }

    /// `scipy.stats.fisher_exact([[a, n - a], [b, m - b]])`.
    #[test]
    fn fisher_is_that_of_scipy() {
        near(fisher((8, 10), (1, 6)), FISHER);
        near(fisher((3, 3), (3, 3)), 1.0);
        near(fisher((20, 20), (0, 20)), ALL_OR_NOTHING);
    }

    #[test]
    fn holm_multiplies_by_what_is_left_and_never_falls() {
        let corrected = holm(&[0.01, 0.04, 0.03, 0.005]);
        for (value, expected) in corrected.into_iter().zip([0.03, 0.06, 0.06, 0.02]) {
            near(value, expected);
        }
        assert!(holm(&[]).is_empty());
    }

    const MIXED: f64 = 1.313_925_3e-4;
    const SHIFTED: f64 = 0.018_521_946;
    const FISHER: f64 = 0.034_965_035;
    const ALL_OR_NOTHING: f64 = 1.450_888_9e-11;
}
