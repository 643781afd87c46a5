//! Explanations for people.

use std::path::Path;

use super::Explanation;
use crate::report::printable;

/// Width that lines keep to.
const WIDTH: usize = 100;

/// Where the texts begin.
const INDENT: usize = 12;

/// Lines of a file that are shown.
const MOST_LINES: usize = 8;

/// Scenarios that are listed.
const MOST_SCENARIOS: usize = 12;

pub fn human(one: &Explanation) -> String {
    let check = one.check.as_ref().map_or_else(String::new, |check| format!("  {check}"));
    let mut text = format!("{}{check}  ({})\n", one.name, one.kind);
    let mut add = |name: &str, value: Option<&str>| {
        if let Some(value) = value {
            text.push_str(&labelled(name, value));
        }
    };
    add("means:", Some(&one.means));
    add("because:", one.because.as_deref());
    add("to do:", one.remedy.as_deref());
    add("who acts:", one.who.as_deref());
    add("evidence:", one.evidence.as_deref());
    add("a breach:", one.severity.as_deref());
    if let Some(source) = &one.source {
        add("written in:", Some(&format!("{}:{} {}", source.file, source.line, source.pointer)));
        for line in &source.excerpt {
            text.push_str(&" ".repeat(INDENT));
            text.push_str("| ");
            text.push_str(&printable(line));
            text.push('\n');
        }
    }
    let mut listed = |name: &str, all: &[String], most: usize| {
        for (index, item) in all.iter().take(most).enumerate() {
            text.push_str(&labelled(if index == 0 { name } else { "" }, item));
        }
        if all.len() > most {
            text.push_str(&labelled("", &format!("… and {} more", all.len() - most)));
        }
    };
    listed("shown by:", &one.scenarios, MOST_SCENARIOS);
    let codes: Vec<String> = one.codes.iter().map(|(code, means)| format!("{code}  {means}")).collect();
    listed("codes:", &codes, usize::MAX);
    text
}

/// `name  text`, further lines of the text under its first.
fn labelled(name: &str, value: &str) -> String {
    let mut lines = vec![String::new()];
    for word in printable(value).split_whitespace() {
        let last = lines
            .last_mut()
            .filter(|line| line.is_empty() || line.chars().count() + word.chars().count() < WIDTH - INDENT);
        match last {
            Some(line) if line.is_empty() => line.push_str(word),
            Some(line) => {
                line.push(' ');
                line.push_str(word);
            }
            None => lines.push(word.to_owned()),
        }
    }
    format!("{name:<INDENT$}{}\n", lines.join(&format!("\n{}", " ".repeat(INDENT))))
}

/// A line of a file, and those that belong to it by their indentation.
pub fn excerpt(file: &Path, line: usize) -> Vec<String> {
    let Ok(text) = std::fs::read_to_string(file) else { return Vec::new() };
    let depth = |line: &str| line.chars().take_while(|c| *c == ' ').count();
    let mut lines = text.lines().skip(line.saturating_sub(1));
    let Some(first) = lines.next() else { return Vec::new() };
    let below = lines.take_while(|line| line.trim().is_empty() || depth(line) > depth(first));
    let cut = |line: &str| line.get(depth(first)..).unwrap_or(line).trim_end().to_owned();
    std::iter::once(first).chain(below).take(MOST_LINES).map(cut).collect()
}
