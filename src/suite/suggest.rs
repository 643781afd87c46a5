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

/// The same where the word is the end of a name such as `a::b::c`: compared with as many parts of each candidate.
pub fn closest_end<'c>(word: &str, candidates: impl IntoIterator<Item = &'c str>) -> Option<&'c str> {
    let parts = word.matches("::").count() + 1;
    let end = |name: &'c str| name.rmatch_indices("::").nth(parts - 1).map_or(name, |(at, _)| &name[at + 2..]);
    let ends: Vec<(&str, &str)> = candidates.into_iter().map(|name| (end(name), name)).collect();
    let near = closest(word, ends.iter().map(|(end, _)| *end))?;
    ends.iter().find(|(end, _)| *end == near).map(|(_, name)| *name)
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
    use super::{closest, closest_end};

    #[test]
    fn near_names_are_suggested_and_far_ones_are_not() {
        let names = ["IN::registerCard", "IN::renewCard"];
        assert_eq!(closest("registrCard", names), Some("IN::registerCard"));
        assert_eq!(closest("completelyOther", names), None);
    }

    #[test]
    fn an_end_of_a_name_is_compared_with_ends() {
        let names = ["S::getCard::body/language::pattern", "S::getCard::body/language::enum"];
        assert_eq!(closest_end("body/langage::patern", names), Some(names[0]));
        assert_eq!(closest_end("getCrd::body/language::enum", names), Some(names[1]));
        assert_eq!(closest_end("somethingElse", names), None);
    }
}
