//! The score as a Markdown document.

use std::fmt::Write as _;

use super::score::Score;
use super::spread::Spread;
use super::summary::verdict;

/// Tables by class and by defect.
pub fn markdown(score: &Score) -> String {
    let mut text = format!(
        "# Self-test\n\nSeed {}, {} cases per scenario.\n\n{}\n\n\
         | Class | Found | Exchanges to the first finding: median | p95 |\n|---|---:|---:|---:|\n",
        score.seed,
        score.cases,
        verdict(score).replace('\n', "\n\n"),
    );
    for class in &score.classes {
        row(&mut text, class.class, class.found, class.total, class.exchanges_to_first);
    }
    row(&mut text, "**all**", score.found, score.total, score.exchanges_to_first);
    list(&mut text, "Missed", score.defects.iter().filter(|hunt| !hunt.found).map(|hunt| (hunt.defect, hunt.breaks)));
    let partly = score.defects.iter().filter(|hunt| hunt.found && !hunt.not_named.is_empty());
    list(&mut text, "Found, but not all duties named", partly.map(|hunt| (hunt.defect, hunt.not_named.as_slice())));
    if !score.clean.alarms.is_empty() {
        text.push_str("\n## False alarms\n\n");
        for alarm in &score.clean.alarms {
            let _ = writeln!(text, "* seed {}, `{}`: {}", alarm.seed, alarm.scenario, alarm.says.join("; "));
        }
    }
    text.push_str("\n## Defects\n\n| Defect | Class | What it does | First finding after | Beside | Walk |\n");
    text.push_str("|---|---|---|---:|---:|---|\n");
    for hunt in &score.defects {
        let first = hunt.exchanges_to_first.map_or_else(|| "missed".to_owned(), |first| first.to_string());
        let beside: usize = hunt.collateral.iter().map(|beside| beside.scenarios).sum();
        let does = hunt.text.replace('|', "\\|");
        let walk = hunt.walk.as_ref().map(|steps| steps.join(", ").replace('|', "\\|")).unwrap_or_default();
        let _ = writeln!(text, "| {} | {} | {does} | {first} | {beside} | {walk} |", hunt.defect, hunt.class);
    }
    text
}

fn row(text: &mut String, name: &str, found: usize, total: usize, exchanges: Option<Spread>) {
    let number = |pick: fn(Spread) -> u64| exchanges.map_or_else(|| "-".to_owned(), |spread| pick(spread).to_string());
    let (median, p95) = (number(|spread| spread.median), number(|spread| spread.p95));
    // Writing to a text cannot fail.
    let _ = writeln!(text, "| {name} | {found} of {total} | {median} | {p95} |");
}

fn list<'s>(text: &mut String, title: &str, rows: impl Iterator<Item = (&'s str, &'s [&'s str])>) {
    let mut rows = rows.peekable();
    if rows.peek().is_none() {
        return;
    }
    let _ = write!(text, "\n## {title}\n\n");
    for (name, ids) in rows {
        let _ = writeln!(text, "* {name}: `{}`", ids.join("`, `"));
    }
}
