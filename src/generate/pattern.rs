//! Strings for ECMA-262 patterns.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use proptest::string::{RegexGeneratorStrategy, string_regex_parsed};
use regex_syntax::ParserBuilder;
use regex_syntax::hir::{Hir, HirKind, Look};

use super::draw::Draw;

/// Strategies by pattern, built once per generator.
#[derive(Default)]
pub(super) struct Patterns(Mutex<HashMap<String, Option<Arc<RegexGeneratorStrategy<String>>>>>);

impl Patterns {
    /// A text that matches the whole pattern; `None` when the pattern is beyond what can be generated.
    pub(super) fn text(&self, pattern: &str, draw: &mut Draw) -> Option<String> {
        let strategy = {
            let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            known.entry(pattern.to_owned()).or_insert_with(|| strategy(pattern).map(Arc::new)).clone()
        }?;
        draw.value(strategy.as_ref())
    }
}

fn strategy(pattern: &str) -> Option<RegexGeneratorStrategy<String>> {
    let hir = ParserBuilder::new().build().parse(&ascii_classes(pattern)).ok()?;
    string_regex_parsed(&without_anchors(&hir)).ok()
}

/// In ECMA-262 `\d` and `\w` are ASCII (section 22.2.2.9); `regex-syntax` reads them as Unicode classes.
fn ascii_classes(pattern: &str) -> String {
    let mut plain = String::with_capacity(pattern.len());
    let mut inside = false;
    let mut chars = pattern.chars();
    while let Some(c) = chars.next() {
        match c {
            '\\' => match (chars.next(), inside) {
                (Some('d'), true) => plain.push_str("0-9"),
                (Some('d'), false) => plain.push_str("[0-9]"),
                (Some('w'), true) => plain.push_str("A-Za-z0-9_"),
                (Some('w'), false) => plain.push_str("[A-Za-z0-9_]"),
                // ECMA-262 allows an escaped slash, `regex-syntax` does not want it.
                (Some('/'), _) => plain.push('/'),
                (Some(other), _) => plain.extend(['\\', other]),
                (None, _) => plain.push('\\'),
            },
            '[' => {
                plain.push_str(if inside { "\\[" } else { "[" });
                inside = true;
            }
            ']' => {
                plain.push(']');
                inside = false;
            }
            _ => plain.push(c),
        }
    }
    plain
}

/// proptest draws whole matches; the anchors at the ends say nothing more.
fn without_anchors(hir: &Hir) -> Hir {
    match hir.kind() {
        HirKind::Look(Look::Start | Look::End) => Hir::empty(),
        HirKind::Concat(parts) => Hir::concat(parts.iter().map(without_anchors).collect()),
        HirKind::Alternation(parts) => Hir::alternation(parts.iter().map(without_anchors).collect()),
        HirKind::Capture(capture) => without_anchors(&capture.sub),
        _ => hir.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::super::draw::Draw;
    use super::Patterns;

    #[test]
    fn texts_match_their_pattern() {
        let patterns = Patterns::default();
        let mut draw = Draw::new(&[7; 32]);
        for pattern in
            ["^[A-Za-z0-9_-]{1,48}$", r"(0[1-9]|1[0-2])\d{2}", r"[a-zA-Z0-9_\-\. ]{1,64}", "^[a-z]{2}-[a-zA-Z]{2}$"]
        {
            let schema = jsonschema_like(pattern);
            for _ in 0..50 {
                let text = patterns.text(pattern, &mut draw).expect(pattern);
                assert!(schema.is_match(&text), "{pattern} {text:?}");
            }
        }
    }

    fn jsonschema_like(pattern: &str) -> regex::Regex {
        regex::Regex::new(&format!("^(?:{})$", pattern.trim_start_matches('^').trim_end_matches('$'))).unwrap()
    }

    #[test]
    fn the_same_seed_draws_the_same_text() {
        let patterns = Patterns::default();
        let draw = |seed: u8| patterns.text("^[a-z]{8}$", &mut Draw::new(&[seed; 32]));
        assert_eq!(draw(1), draw(1));
        assert_ne!(draw(1), draw(2));
    }
}
