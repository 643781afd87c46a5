//! Colours and line breaks.

use crate::oracle::Verdict;

/// Adds colour where it is wanted.
#[derive(Clone, Copy)]
pub(in crate::report) struct Paint(bool);

impl Paint {
    pub(in crate::report) fn new(colour: bool) -> Self {
        Self(colour)
    }

    pub(super) fn bold(self, text: &str) -> String {
        self.with("1", text)
    }

    pub(in crate::report) fn dim(self, text: &str) -> String {
        self.with("2", text)
    }

    pub(in crate::report) fn verdict(self, verdict: Verdict, text: &str) -> String {
        let code = match verdict {
            Verdict::Passed => "1;32",
            Verdict::Warned | Verdict::Deviating => "1;33",
            Verdict::Failed => "1;31",
            Verdict::Inconclusive => "1;35",
            Verdict::Skipped => "1",
        };
        self.with(code, text)
    }

    fn with(self, code: &str, text: &str) -> String {
        if self.0 { format!("\u{1b}[{code}m{text}\u{1b}[0m") } else { text.to_owned() }
    }
}

/// Words behind a first text, in lines of at most `width` characters; further lines are indented by `indent` blanks.
pub(super) fn wrapped(first: &str, words: &[String], indent: usize, width: usize) -> String {
    let mut lines = Vec::new();
    let mut line = first.to_owned();
    for word in words {
        if line.chars().count() + 1 + word.chars().count() > width && line.trim() != "" {
            lines.push(std::mem::replace(&mut line, format!("{}{word}", " ".repeat(indent))));
        } else {
            line.push(' ');
            line.push_str(word);
        }
    }
    lines.push(line);
    lines.join("\n")
}
