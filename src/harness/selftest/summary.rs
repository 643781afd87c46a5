//! The score for the terminal.

use std::fmt::Write as _;

use super::score::Score;
use super::spread::Spread;

/// A table by class, what was missed, and the clean sandboxes.
pub fn summary(score: &Score) -> String {
    let mut text = String::new();
    for class in &score.classes {
        row(&mut text, class.class, class.found, class.total, class.exchanges_to_first);
    }
    row(&mut text, "all", score.found, score.total, score.exchanges_to_first);
    text.push('\n');
    for hunt in score.defects.iter().filter(|hunt| !hunt.found) {
        line(&mut text, &format!("missed {}: {}", hunt.defect, hunt.text));
        hunt.breaks.iter().for_each(|id| line(&mut text, &format!("    {id}")));
    }
    for hunt in score.defects.iter().filter(|hunt| hunt.found && !hunt.not_named.is_empty()) {
        line(&mut text, &format!("found {}, but no finding names", hunt.defect));
        hunt.not_named.iter().for_each(|id| line(&mut text, &format!("    {id}")));
    }
    for hunt in score.defects.iter().filter(|hunt| !hunt.inconclusive.is_empty()) {
        line(&mut text, &format!("not everything could be judged with {}", hunt.defect));
        hunt.inconclusive.iter().take(3).for_each(|reason| line(&mut text, &format!("    {reason}")));
    }
    for alarm in &score.clean.alarms {
        line(&mut text, &format!("false alarm, seed {}: {}", alarm.seed, alarm.scenario));
        alarm.says.iter().for_each(|says| line(&mut text, &format!("    {says}")));
    }
    line(&mut text, &verdict(score));
    text
}

/// The result in three sentences.
pub(super) fn verdict(score: &Score) -> String {
    let Score { found, total, fully_named, collateral, clean, .. } = score;
    format!(
        "{found} of {total} defects found, {fully_named} of them by findings that name all their duties; {collateral} \
         findings name another duty.\nClean sandboxes: {} false alarms in {} exchanges over {} seeds.",
        clean.alarms.len(),
        clean.exchanges,
        clean.seeds.len(),
    )
}

fn row(text: &mut String, name: &str, found: usize, total: usize, exchanges: Option<Spread>) {
    let exchanges = exchanges.map_or_else(
        || "not found".to_owned(),
        |spread| format!("first after {} exchanges (median), {} (p95)", spread.median, spread.p95),
    );
    line(text, &format!("{name:<18} {:>9}  {exchanges}", format!("{found} of {total}")));
}

fn line(text: &mut String, line: &str) {
    // Writing to a text cannot fail.
    let _ = writeln!(text, "{line}");
}

#[cfg(test)]
mod tests {
    use super::super::hunt::Hunt;
    use super::super::markdown::markdown;
    use super::super::score::{CleanScore, Score};
    use super::summary;
    use crate::sandbox::Class;

    #[test]
    fn what_is_missed_is_listed_with_what_it_breaks() {
        let missed = Hunt {
            defect: "d1-some-defect",
            class: Class::Bounds.name(),
            role: "d1".to_owned(),
            operation: "S::op",
            text: "does what it must not",
            breaks: &["S::op::body::max_length"],
            strict: false,
            found: false,
            not_named: vec!["S::op::body::max_length"],
            walk: None,
            exchanges_to_first: None,
            exchanges: 9,
            collateral: Vec::new(),
            inconclusive: Vec::new(),
        };
        let score = Score::of(1, 5, vec![missed], CleanScore::default());
        assert!(!score.is_perfect());
        let said = summary(&score);
        assert!(said.contains("missed d1-some-defect: does what it must not\n    S::op::body::max_length\n"), "{said}");
        assert!(markdown(&score).contains("## Missed"));
    }
}
