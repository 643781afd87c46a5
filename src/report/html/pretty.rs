//! JSON laid out for reading. Only blanks between tokens change: a number keeps its digits, a repeated key stays.

use std::ops::Range;

use serde::de::IgnoredAny;

/// Levels up to which a text is laid out; beyond them the indentation alone would fill the page.
const MOST_LEVELS: usize = 64;

/// JSON with two blanks of indent a level, and where in it a value stands.
pub(super) struct Pretty {
    pub(super) text: String,
    pub(super) spot: Option<Spot>,
}

/// Where the value of a JSON pointer stands, as bytes of the text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Spot {
    /// The value, with its key.
    Here(Range<usize>),
    /// It is not there; this is the beginning of what should hold it.
    Missing(Range<usize>),
}

/// Lays a text out and finds the value at `pointer`; text that is no JSON stays as it is.
pub(super) fn pretty(text: &str, pointer: Option<&str>) -> Pretty {
    if serde_json::from_str::<IgnoredAny>(text).is_err() || levels(text) > MOST_LEVELS {
        return Pretty { text: text.to_owned(), spot: None };
    }
    let wanted = pointer.filter(|pointer| !pointer.is_empty()).map(steps);
    let mut layout = Printer { rest: text, out: String::with_capacity(text.len() * 2), wanted, spot: None };
    layout.value(0, Some(0), 0);
    Pretty { text: layout.out, spot: layout.spot }
}

/// RFC 6901, section 4.
fn steps(pointer: &str) -> Vec<String> {
    pointer.split('/').skip(1).map(|step| step.replace("~1", "/").replace("~0", "~")).collect()
}

fn levels(text: &str) -> usize {
    let (mut depth, mut deepest, mut rest) = (0_usize, 0, text);
    while let Some(c) = rest.chars().next() {
        match c {
            '{' | '[' => depth += 1,
            '}' | ']' => depth = depth.saturating_sub(1),
            '"' => rest = &rest[string(rest).len() - 1..],
            _ => {}
        }
        deepest = deepest.max(depth);
        rest = &rest[c.len_utf8()..];
    }
    deepest
}

/// The JSON string at the start of a text, quotes included.
fn string(text: &str) -> &str {
    let mut escaped = false;
    let end = text.char_indices().skip(1).find(|(_, c)| {
        let ends = *c == '"' && !escaped;
        escaped = *c == '\\' && !escaped;
        ends
    });
    end.map_or(text, |(at, _)| &text[..=at])
}

/// Reads JSON that is known to be valid.
struct Printer<'t> {
    rest: &'t str,
    out: String,
    wanted: Option<Vec<String>>,
    spot: Option<Spot>,
}

impl<'t> Printer<'t> {
    /// One value. `matched`: how many steps lead here, if all of them are wanted; `from`: where its key begins.
    fn value(&mut self, depth: usize, matched: Option<usize>, from: usize) {
        let begin = self.out.len();
        let next = self.next();
        match next {
            Some('{') => self.members(depth, matched, '}'),
            Some('[') => self.members(depth, matched, ']'),
            Some('"') => self.take(string(self.rest).len()),
            _ => self.take(self.rest.find([',', '}', ']', ' ', '\t', '\r', '\n']).unwrap_or(self.rest.len())),
        }
        let Some((wanted, matched)) = self.wanted.as_ref().zip(matched) else { return };
        if wanted.len() == matched {
            self.spot = Some(Spot::Here(from..self.out.len()));
        } else if self.spot.is_none() {
            let bracket = usize::from(matches!(next, Some('{' | '[')));
            let end = if bracket == 1 { begin + 1 } else { self.out.len() };
            self.spot = Some(Spot::Missing(from..end));
        }
    }

    fn members(&mut self, depth: usize, matched: Option<usize>, end: char) {
        self.take(1);
        if self.next() == Some(end) {
            self.take(1);
            return;
        }
        let mut index = 0_usize;
        loop {
            self.line(depth + 1);
            let from = self.out.len();
            let mut name = index.to_string();
            if end == '}' && self.next() == Some('"') {
                let key = string(self.rest);
                name = serde_json::from_str(key).unwrap_or_default();
                self.take(key.len());
                if self.next() == Some(':') {
                    self.take(1);
                    self.out.push(' ');
                }
            }
            let here = matched.filter(|matched| self.wants(*matched, &name)).map(|matched| matched + 1);
            self.value(depth + 1, here, from);
            index += 1;
            let more = self.next() == Some(',');
            if !more {
                self.line(depth);
            }
            if self.next().is_none() {
                return;
            }
            self.take(1);
            if !more {
                return;
            }
        }
    }

    fn wants(&self, matched: usize, name: &str) -> bool {
        self.wanted.as_ref().and_then(|wanted| wanted.get(matched)).is_some_and(|step| step == name)
    }

    /// The next character that is no blank.
    fn next(&mut self) -> Option<char> {
        self.rest = self.rest.trim_start_matches([' ', '\t', '\r', '\n']);
        self.rest.chars().next()
    }

    fn take(&mut self, bytes: usize) {
        let (taken, rest): (&'t str, &'t str) = self.rest.split_at(bytes);
        self.out.push_str(taken);
        self.rest = rest;
    }

    fn line(&mut self, depth: usize) {
        self.out.push('\n');
        self.out.push_str(&"  ".repeat(depth));
    }
}

#[cfg(test)]
mod tests {
    use super::{Spot, pretty};

    fn spot(text: &str, pointer: &str) -> Option<(bool, String)> {
        let found = pretty(text, Some(pointer));
        found.spot.map(|spot| match spot {
            Spot::Here(range) => (true, found.text[range].to_owned()),
            Spot::Missing(range) => (false, found.text[range].to_owned()),
        })
    }

    #[test]
    fn json_is_laid_out_and_keeps_its_tokens() {
        let found = pretty(r#" {"a" : [1.10,{} , []],"b":"x, \"{y}\" : z\\","a":12345678901234567890123} "#, None);
        assert_eq!(
            found.text,
            "{\n  \"a\": [\n    1.10,\n    {},\n    []\n  ],\n  \"b\": \"x, \\\"{y}\\\" : z\\\\\",\n  \
             \"a\": 12345678901234567890123\n}"
        );
        assert_eq!(found.spot, None);
        assert_eq!(pretty(" true ", None).text, "true");
    }

    #[test]
    fn other_text_stays() {
        let deep = format!("{}{}", "[".repeat(9_000), "]".repeat(9_000));
        for text in ["", "<html>{}", "{\"a\":", "a=1&b=[2]", deep.as_str()] {
            assert_eq!(pretty(text, Some("/a")).text, text);
        }
    }

    #[test]
    fn a_value_is_found_by_its_pointer() {
        let text = r#"{"a":[{"b/c":"é"},{"b/c":[7, 8]}],"a~":null}"#;
        assert_eq!(spot(text, "/a/1/b~1c/1"), Some((true, "8".into())));
        assert_eq!(spot(text, "/a/0/b~1c"), Some((true, "\"b/c\": \"é\"".into())));
        assert_eq!(spot(text, "/a~0"), Some((true, "\"a~\": null".into())));
        assert_eq!(spot(text, "/a/0"), Some((true, "{\n      \"b/c\": \"é\"\n    }".into())));
        assert_eq!(spot(text, ""), None);
    }

    #[test]
    fn the_place_of_a_missing_value_is_what_should_hold_it() {
        let text = r#"{"a":[{"b":1}],"c":3}"#;
        assert_eq!(spot(text, "/a/0/x"), Some((false, "{".into())));
        assert_eq!(spot(text, "/a/4/x"), Some((false, "\"a\": [".into())));
        assert_eq!(spot(text, "/c/d"), Some((false, "\"c\": 3".into())));
        assert_eq!(spot(text, "/z"), Some((false, "{".into())));
    }
}
