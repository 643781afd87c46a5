//! Text of strangers, made safe to show.

use std::fmt::Write as _;

use serde::Serialize;

/// Text without characters that steer a terminal, that XML 1.0 (section 2.2) forbids, or that reorder what a reader
/// sees, and without what a CI runner takes for a command: they are spelled out as `\u{1b}`. Newlines stay, tabs become
/// blanks.
pub fn printable(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut line_is_empty = true;
    for (at, c) in text.char_indices() {
        match c {
            '\n' => plain.push('\n'),
            '\t' => plain.push_str("    "),
            c if c.is_control() || is_invisible(c) || commands(&text[at..], line_is_empty) => {
                plain.extend(c.escape_unicode());
            }
            c => plain.push(c),
        }
        line_is_empty = c == '\n' || line_is_empty && c.is_whitespace();
    }
    plain
}

/// JSON, indented or on one line, that means what the value says and that no terminal and no CI runner obeys: what could
/// steer either is written as `\u001b`. Outside of its strings JSON has none of it.
pub(super) fn json(value: &impl Serialize, indented: bool) -> Result<String, serde_json::Error> {
    let text = if indented { serde_json::to_string_pretty(value) } else { serde_json::to_string(value) }?;
    let mut quiet = String::with_capacity(text.len() + 1);
    for (at, c) in text.char_indices() {
        match c {
            '\n' => quiet.push('\n'),
            c if c.is_control() || is_invisible(c) || commands(&text[at..], false) => {
                // Writing into a String cannot fail; none of these lies beyond four digits.
                let _ = write!(quiet, "\\u{:04x}", u32::from(c));
            }
            c => quiet.push(c),
        }
    }
    quiet.push('\n');
    Ok(quiet)
}

/// Does a CI runner take what begins here for a command? `##[group]` and `##vso[...]` (Azure, and GitHub's first form) and
/// `##teamcity[...]` are commands anywhere in a line, `::error::` (GitHub) after blanks alone.
fn commands(rest: &str, line_is_empty: bool) -> bool {
    let Some(rest) = rest.strip_prefix("##") else { return line_is_empty && rest.starts_with("::") };
    rest.trim_start_matches(|c: char| c.is_ascii_alphanumeric()).starts_with('[')
}

/// The same on one line.
pub(super) fn one_line(text: &str) -> String {
    printable(text).split_whitespace().collect::<Vec<_>>().join(" ")
}

/// At most `most` characters, with a mark where more was.
pub(super) fn shortened(text: &str, most: usize) -> String {
    match text.char_indices().nth(most) {
        Some(_) => {
            let kept: String = text.chars().take(most.saturating_sub(1)).collect();
            format!("{kept}…")
        }
        None => text.to_owned(),
    }
}

/// Forbidden in XML, ends a line for some readers, or turns the direction of text round.
fn is_invisible(c: char) -> bool {
    matches!(
        c,
        '\u{FFFE}' | '\u{FFFF}' | '\u{61C}' | '\u{200E}' | '\u{200F}' | '\u{2028}' | '\u{2029}' | '\u{202A}'..='\u{202E}'
            | '\u{2066}'..='\u{2069}'
    )
}

#[cfg(test)]
mod tests {
    use super::{json, one_line, printable, shortened};

    #[test]
    fn control_characters_are_spelled_out() {
        assert_eq!(printable("a\u{1b}[31mb\u{0}\r\n\tc"), "a\\u{1b}[31mb\\u{0}\\u{d}\n    c");
        assert_eq!(printable("\u{9b}2J\u{202e}\u{ffff}Zürich"), "\\u{9b}2J\\u{202e}\\u{ffff}Zürich");
        assert_eq!(one_line(" a\n  b "), "a b");
    }

    #[test]
    fn what_a_ci_runner_obeys_is_spelled_out() {
        assert_eq!(
            printable("::error::x\n  ::set-output name=a::b"),
            "\\u{3a}:error::x\n  \\u{3a}:set-output name=a::b"
        );
        assert_eq!(printable("Spec-A::createCard ## heading"), "Spec-A::createCard ## heading");
        assert_eq!(printable("a ##[set-env]b ##vso[x] ###[y]"), "a \\u{23}#[set-env]b \\u{23}#vso[x] #\\u{23}#[y]");
    }

    #[test]
    fn json_keeps_its_meaning_and_steers_nothing() {
        let hostile = "\u{1b}[2J \u{9b}2J \u{202e} \u{ffff} \n::error::x ##vso[a] \\##[b] \u{7f}";
        for indented in [true, false] {
            let text = json(&[hostile], indented).unwrap();
            assert_eq!(serde_json::from_str::<[String; 1]>(&text).unwrap(), [hostile]);
            assert!(text.chars().all(|c| c == '\n' || !c.is_control() && c != '\u{202e}' && c != '\u{ffff}'), "{text}");
            assert!(!text.contains("##"), "{text}");
        }
    }

    #[test]
    fn long_text_is_cut_between_characters() {
        assert_eq!(shortened("äöü", 3), "äöü");
        assert_eq!(shortened("äöüß", 3), "äö…");
    }
}
