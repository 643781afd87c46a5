//! "Did you mean …?"

/// The candidate nearest to a mistyped word, if any is near enough to be worth a question.
pub fn closest<'c>(word: &str, candidates: impl IntoIterator<Item = &'c str>) -> Option<&'c str> {
    let plain = word.to_ascii_lowercase();
    candidates
        .into_iter()
        .map(|candidate| {
            let other = candidate.to_ascii_lowercase();
            // The name behind `::` is what people type.
            let short = other.rsplit("::").next().unwrap_or(&other).to_owned();
            (distance(&plain, &other).min(distance(&plain, &short)), candidate)
        })
        .min_by_key(|(distance, _)| *distance)
        .filter(|(distance, _)| *distance <= plain.chars().count() / 3 + 1)
        .map(|(_, candidate)| candidate)
}

/// Edits between two words (Levenshtein).
fn distance(one: &str, other: &str) -> usize {
    let other: Vec<char> = other.chars().collect();
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (i, c) in one.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, d) in other.iter().enumerate() {
            let cost = diagonal + usize::from(c != *d);
            diagonal = row[j + 1];
            row[j + 1] = cost.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[other.len()]
}

#[cfg(test)]
mod tests {
    use super::closest;

    #[test]
    fn near_names_are_suggested_and_far_ones_are_not() {
        let names = ["IN::registerCard", "IN::renewCard"];
        assert_eq!(closest("registrCard", names), Some("IN::registerCard"));
        assert_eq!(closest("completelyOther", names), None);
    }
}
