//! Covering arrays of strength two: rows in which every level of a factor meets every level of each other factor. Their
//! number grows with the pairs of levels, not with the product of all.

/// One thing that varies: optional or there, one of a list.
pub(super) struct Factor {
    /// Number of levels. The last one of an optional value means that it is left out, the others that it is there.
    pub levels: usize,
    /// The optional value that this one stands in: where that is left out, this one is too.
    pub under: Option<usize>,
}

/// No level: the factor is taken away by the one that it stands under.
const FREE: usize = usize::MAX;

/// The rows, one level for each factor. The same factors give the same rows.
pub(super) fn pairwise(factors: &[Factor]) -> Vec<Vec<usize>> {
    let mut open = Open::new(factors);
    let mut rows = Vec::new();
    while let Some((first, second)) = open.next() {
        let mut row = vec![FREE; factors.len()];
        fix(factors, &mut row, first);
        fix(factors, &mut row, second);
        for factor in 0..factors.len() {
            if row[factor] == FREE {
                // Ties go to another level in every row, so that no level is left to chance.
                let turn = rows.len();
                let levels = factors[factor].levels;
                let gain = |level: usize| open.gain(&row, factor, level);
                let best = (0..levels).map(|step| (step + turn) % levels).max_by_key(|level| gain(*level));
                row[factor] = best.unwrap_or_default();
            }
        }
        if !open.close(&row) {
            // What stands under an absent value cannot meet anything: such a pair is none.
            open.drop(first, second);
            continue;
        }
        rows.push(row);
    }
    rows
}

/// Sets a level, and lets all that the factor stands under be there.
fn fix(factors: &[Factor], row: &mut [usize], (factor, level): (usize, usize)) {
    row[factor] = level;
    let mut above = factors[factor].under;
    while let Some(parent) = above {
        if row[parent] == FREE {
            row[parent] = 0;
        }
        above = factors[parent].under;
    }
}

/// Pairs of levels that no row holds yet.
struct Open<'f> {
    factors: &'f [Factor],
    /// Number of the first level of each factor among all levels.
    offsets: Vec<usize>,
    all: usize,
    pairs: Vec<bool>,
    cursor: usize,
}

impl<'f> Open<'f> {
    fn new(factors: &'f [Factor]) -> Self {
        let mut all = 0;
        let mut offsets = Vec::with_capacity(factors.len());
        for factor in factors {
            offsets.push(all);
            all += factor.levels;
        }
        let mut open = Self { factors, offsets, all, pairs: vec![false; all * all], cursor: 0 };
        for first in 0..factors.len() {
            for second in first + 1..factors.len() {
                for (a, b) in levels(factors, first, second) {
                    let place = open.place((first, a), (second, b));
                    open.pairs[place] = true;
                }
            }
        }
        open
    }

    fn place(&self, (first, a): (usize, usize), (second, b): (usize, usize)) -> usize {
        let (low, high) = if first < second { ((first, a), (second, b)) } else { ((second, b), (first, a)) };
        (self.offsets[low.0] + low.1) * self.all + self.offsets[high.0] + high.1
    }

    /// The first pair that is still open.
    fn next(&mut self) -> Option<((usize, usize), (usize, usize))> {
        let place = self.cursor + self.pairs[self.cursor..].iter().position(|open| *open)?;
        self.cursor = place;
        Some((self.level(place / self.all), self.level(place % self.all)))
    }

    fn level(&self, number: usize) -> (usize, usize) {
        let factor = self.offsets.partition_point(|offset| *offset <= number) - 1;
        (factor, number - self.offsets[factor])
    }

    /// How many open pairs a level would close beside what a row holds already.
    fn gain(&self, row: &[usize], factor: usize, level: usize) -> usize {
        let met = |other: usize| other != factor && row[other] != FREE;
        (0..row.len())
            .filter(|other| met(*other) && self.pairs[self.place((factor, level), (*other, row[*other]))])
            .count()
    }

    /// Closes all pairs of a row; false when it closes none.
    fn close(&mut self, row: &[usize]) -> bool {
        let there: Vec<usize> = (0..row.len()).filter(|factor| stands(self.factors, row, *factor)).collect();
        let mut closed = false;
        for (index, first) in there.iter().enumerate() {
            for second in &there[index + 1..] {
                let place = self.place((*first, row[*first]), (*second, row[*second]));
                closed |= std::mem::take(&mut self.pairs[place]);
            }
        }
        closed
    }

    fn drop(&mut self, first: (usize, usize), second: (usize, usize)) {
        let place = self.place(first, second);
        self.pairs[place] = false;
    }
}

/// The pairs of levels of two factors that can be met: none where one takes the other away.
fn levels(factors: &[Factor], first: usize, second: usize) -> impl Iterator<Item = (usize, usize)> {
    let (many, more) = (factors[first].levels, factors[second].levels);
    let gone =
        move |one: usize, other: usize, level: usize| is_under(factors, other, one) && level + 1 == factors[one].levels;
    let pairs: Vec<(usize, usize)> = (0..many)
        .flat_map(|a| (0..more).map(move |b| (a, b)))
        .filter(|(a, b)| !gone(first, second, *a) && !gone(second, first, *b))
        .collect();
    pairs.into_iter()
}

fn is_under(factors: &[Factor], factor: usize, above: usize) -> bool {
    std::iter::successors(factors[factor].under, |parent| factors[*parent].under).any(|parent| parent == above)
}

/// True when nothing above the factor takes it away.
fn stands(factors: &[Factor], row: &[usize], factor: usize) -> bool {
    std::iter::successors(factors[factor].under, |parent| factors[*parent].under)
        .all(|parent| row[parent] + 1 != factors[parent].levels)
}

#[cfg(test)]
mod tests {
    use super::{Factor, pairwise};

    fn flat(levels: &[usize]) -> Vec<Factor> {
        levels.iter().map(|levels| Factor { levels: *levels, under: None }).collect()
    }

    #[test]
    fn every_pair_is_met_by_few_rows() {
        for (levels, most) in [(vec![2; 10], 12), (vec![2; 40], 18), (vec![5, 4, 3, 2, 2, 2], 26), (vec![2, 9], 18)] {
            let rows = pairwise(&flat(&levels));
            for first in 0..levels.len() {
                for second in first + 1..levels.len() {
                    for a in 0..levels[first] {
                        for b in 0..levels[second] {
                            let met = rows.iter().any(|row| row[first] == a && row[second] == b);
                            assert!(met, "{levels:?}: {first}={a} never meets {second}={b}");
                        }
                    }
                }
            }
            assert!(rows.len() <= most, "{levels:?}: {} rows", rows.len());
        }
    }

    #[test]
    fn what_an_absent_value_takes_away_meets_nothing() {
        // An optional object, an optional member of it, and an optional value beside it.
        let factors = [
            Factor { levels: 2, under: None },
            Factor { levels: 2, under: Some(0) },
            Factor { levels: 2, under: None },
        ];
        let rows = pairwise(&factors);
        for (member, beside) in [(0, 0), (0, 1), (1, 0), (1, 1)] {
            assert!(rows.iter().any(|row| row == &[0, member, beside]), "{member} {beside}: {rows:?}");
        }
        assert!(rows.iter().any(|row| row[0] == 1 && row[2] == 0) && rows.iter().any(|row| row[0] == 1 && row[2] == 1));
    }

    #[test]
    fn one_factor_or_none_has_no_pairs() {
        assert!(pairwise(&flat(&[])).is_empty());
        assert!(pairwise(&flat(&[5])).is_empty());
    }
}
