//! Chance, from one place: proptest's generator, seeded for one attempt at one case. A whole runner is not needed: it keeps
//! books of its cases, and those cost more than many a draw.

use proptest::prelude::{Rng as _, RngExt as _};
use proptest::test_runner::{RngAlgorithm, TestRng};

/// A stream of choices. Two streams from the same seed make the same choices.
pub struct Draw(TestRng);

impl Draw {
    /// The stream of this seed.
    pub fn new(seed: &[u8; 32]) -> Self {
        Self(TestRng::from_seed(RngAlgorithm::ChaCha, seed))
    }

    /// A number from 0 to `end` - 1; 0 when there is no choice.
    pub(super) fn below(&mut self, end: usize) -> usize {
        if end < 2 { 0 } else { self.0.random_range(0..end) }
    }

    /// A number from `low` to `high`, both included.
    pub fn between(&mut self, low: usize, high: usize) -> usize {
        low + self.below(high.saturating_sub(low) + 1)
    }

    /// A number from `low` to `high`, both included.
    pub(super) fn integer(&mut self, low: i64, high: i64) -> i64 {
        if low >= high { low } else { self.0.random_range(low..=high) }
    }

    /// A number from 0 to 1.
    pub(super) fn fraction(&mut self) -> f64 {
        f64::from(self.0.next_u32()) / f64::from(u32::MAX)
    }

    /// True `percent` times out of a hundred.
    pub(super) fn chance(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }

    /// One of a list that is not empty.
    pub fn pick<'l, T>(&mut self, list: &'l [T]) -> &'l T {
        &list[self.below(list.len())]
    }
}
