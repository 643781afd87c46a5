//! Strings for ECMA-262 patterns. The sampler is our own: a proptest strategy builds a tree to shrink with for every
//! character, which took more time than all the rest of a case.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use regex_syntax::ParserBuilder;
use regex_syntax::hir::{Class, ClassUnicode, Hir, HirKind, Look, Repetition};

use super::draw::Draw;

/// Parsed patterns, each once per generator.
#[derive(Default)]
pub(super) struct Patterns(Mutex<HashMap<String, Option<Arc<Hir>>>>);

/// Repetitions beyond the least, where a pattern names no bound.
const OPEN_END: u32 = 15;

/// Longer bounds are met by the violations of lengths; a text of thousands of characters says nothing more.
const LONGEST: u32 = 256;

impl Patterns {
    /// A text that matches the whole pattern; `None` when the pattern is beyond what can be generated.
    pub(super) fn text(&self, pattern: &str, draw: &mut Draw) -> Option<String> {
        let hir = {
            let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            match known.get(pattern) {
                Some(hir) => hir.clone(),
                None => known.entry(pattern.to_owned()).or_insert(parse(pattern)).clone(),
            }
        }?;
        let mut text = String::new();
        sample(&hir, &mut text, draw).then_some(text)
    }
}

fn parse(pattern: &str) -> Option<Arc<Hir>> {
    ParserBuilder::new().build().parse(&ascii_classes(pattern)).ok().map(Arc::new)
}

/// Appends one match; false where the pattern asks for what cannot be drawn piece by piece.
fn sample(hir: &Hir, text: &mut String, draw: &mut Draw) -> bool {
    match hir.kind() {
        // Whole matches are drawn, so that the anchors at the ends say nothing more.
        HirKind::Empty | HirKind::Look(Look::Start | Look::End) => true,
        HirKind::Literal(literal) => std::str::from_utf8(&literal.0).map(|literal| text.push_str(literal)).is_ok(),
        HirKind::Class(Class::Unicode(class)) => character(class, draw).map(|c| text.push(c)).is_some(),
        HirKind::Look(_) | HirKind::Class(Class::Bytes(_)) => false,
        HirKind::Repetition(repetition) => (0..times(repetition, draw)).all(|_| sample(&repetition.sub, text, draw)),
        HirKind::Capture(capture) => sample(&capture.sub, text, draw),
        HirKind::Concat(parts) => parts.iter().all(|part| sample(part, text, draw)),
        HirKind::Alternation(branches) => sample(draw.pick(branches), text, draw),
    }
}

/// Often a bound, else something between them.
fn times(repetition: &Repetition, draw: &mut Draw) -> u32 {
    let least = repetition.min;
    let most = repetition.max.unwrap_or(least + OPEN_END).max(least);
    match draw.below(8) {
        0 => least,
        1 if most <= LONGEST => most,
        _ => {
            let count = draw.between(0, usize::try_from((most - least).min(LONGEST)).unwrap_or_default());
            least + u32::try_from(count).unwrap_or_default()
        }
    }
}

/// A character of a class; mostly a printable one, where the class has some: a person could have typed it. Now and then
/// one that is neither letter nor digit: those are what servers stumble over.
fn character(class: &ClassUnicode, draw: &mut Draw) -> Option<char> {
    let ranges = || class.iter().map(|range| (u32::from(range.start()), u32::from(range.end())));
    let printable = || ranges().map(|(low, high)| (low.max(0x20), high.min(0x7e))).filter(|(low, high)| low <= high);
    let few: usize = printable().map(size).sum();
    let special = |c: &char| !c.is_ascii_alphanumeric();
    match draw.below(16) {
        0 => nth(ranges(), draw.below(ranges().map(size).sum())),
        1 | 2 if few > 0 => {
            let signs: Vec<char> =
                printable().flat_map(|(low, high)| (low..=high).filter_map(char::from_u32)).filter(special).collect();
            if signs.is_empty() { nth(printable(), draw.below(few)) } else { Some(*draw.pick(&signs)) }
        }
        _ if few > 0 => nth(printable(), draw.below(few)),
        _ => nth(ranges(), draw.below(ranges().map(size).sum())),
    }
}

fn size((low, high): (u32, u32)) -> usize {
    (high - low + 1) as usize
}

fn nth(ranges: impl Iterator<Item = (u32, u32)>, mut index: usize) -> Option<char> {
    for (low, high) in ranges {
        if index < size((low, high)) {
            // The numbers between the two halves of a range that surrogates divide are no characters.
            return char::from_u32(low + u32::try_from(index).ok()?).or_else(|| char::from_u32(low));
        }
        index -= size((low, high));
    }
    None
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
    fn what_cannot_be_drawn_is_said_so() {
        assert_eq!(Patterns::default().text(r"\bword\b", &mut Draw::new(&[1; 32])), None);
        assert_eq!(Patterns::default().text("(", &mut Draw::new(&[1; 32])), None);
    }

    #[test]
    fn both_bounds_and_every_branch_are_met() {
        let patterns = Patterns::default();
        let mut draw = Draw::new(&[3; 32]);
        let lengths: std::collections::HashSet<usize> =
            (0..200).filter_map(|_| patterns.text("^[a-z]{1,48}$", &mut draw)).map(|text| text.len()).collect();
        assert!(lengths.contains(&1) && lengths.contains(&48) && lengths.len() > 20, "{lengths:?}");
        let branches: std::collections::HashSet<String> =
            (0..100).filter_map(|_| patterns.text("^(a|b|cd?)$", &mut draw)).collect();
        assert_eq!(branches.len(), 4, "{branches:?}");
    }

    #[test]
    fn signs_are_met_early() {
        let patterns = Patterns::default();
        let mut draw = Draw::new(&[5; 32]);
        let texts: String = (0..10).filter_map(|_| patterns.text("^[A-Za-z0-9_-]{1,48}$", &mut draw)).collect();
        assert!(texts.contains('_') && texts.contains('-'), "{texts}");
    }

    #[test]
    fn the_same_seed_draws_the_same_text() {
        let patterns = Patterns::default();
        let draw = |seed: u8| patterns.text("^[a-z]{8}$", &mut Draw::new(&[seed; 32]));
        assert_eq!(draw(1), draw(1));
        assert_ne!(draw(1), draw(2));
    }
}
