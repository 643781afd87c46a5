//! Median and 95th percentile, by nearest rank.

use serde::Serialize;

/// How numbers are spread.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Spread {
    /// Half of them are no greater.
    pub median: u64,
    /// Of a hundred, 95 are no greater.
    pub p95: u64,
}

impl Spread {
    /// Of no number there is no spread.
    pub fn of(numbers: impl IntoIterator<Item = u64>) -> Option<Self> {
        let mut numbers: Vec<u64> = numbers.into_iter().collect();
        numbers.sort_unstable();
        let rank = |percent: usize| numbers.get((numbers.len() * percent).div_ceil(100).checked_sub(1)?).copied();
        Some(Self { median: rank(50)?, p95: rank(95)? })
    }
}

#[cfg(test)]
mod tests {
    use super::Spread;

    #[test]
    fn ranks_are_the_nearest_ones() {
        assert_eq!(Spread::of([]), None);
        assert_eq!(Spread::of([7]), Some(Spread { median: 7, p95: 7 }));
        assert_eq!(Spread::of((1..=100).rev()), Some(Spread { median: 50, p95: 95 }));
        assert_eq!(Spread::of([3, 1, 2]), Some(Spread { median: 2, p95: 3 }));
    }
}
