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
        self.sample(pattern, Wish::Chance, draw)
    }

    /// A text that matches the whole pattern and comes up to a wish; `None` also where none does.
    pub(super) fn sample(&self, pattern: &str, wish: Wish, draw: &mut Draw) -> Option<String> {
        let hir = self.parsed(pattern)?;
        let mut sampler = Sampler { text: String::new(), wish, signs: 0, draw };
        let drawn = match wish {
            Wish::Length(length) => sampler.exactly(&hir, length),
            Wish::Chance | Wish::Branch(_) | Wish::Signs | Wish::First | Wish::Last => sampler.any(&hir),
        };
        let kept = drawn && (wish != Wish::Signs || sampler.signs > 0);
        kept.then_some(sampler.text)
    }

    /// How many characters a text that matches may have, at least and at most.
    pub(super) fn lengths(&self, pattern: &str) -> Option<(usize, Option<usize>)> {
        self.parsed(pattern).map(|hir| span(&hir))
    }

    /// The number of branches of the alternation with the most of them; 1 without any.
    pub(super) fn branches(&self, pattern: &str) -> usize {
        self.parsed(pattern).map_or(1, |hir| branches(&hir))
    }

    fn parsed(&self, pattern: &str) -> Option<Arc<Hir>> {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match known.get(pattern) {
            Some(hir) => hir.clone(),
            None => known.entry(pattern.to_owned()).or_insert(parse(pattern)).clone(),
        }
    }
}

/// What a text is to be like, beside that it matches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Wish {
    /// Anything.
    Chance,
    /// So many characters.
    Length(usize),
    /// This branch of every alternation, counted round.
    Branch(usize),
    /// Characters that are neither letters nor digits, wherever there are any.
    Signs,
    /// The first character of every class, the first branch, the fewest repetitions: all zeros of a number.
    First,
    /// The last ones: all nines of a number, the end of a day.
    Last,
}

fn parse(pattern: &str) -> Option<Arc<Hir>> {
    ParserBuilder::new().build().parse(&ascii_classes(pattern)).ok().map(Arc::new)
}

/// Writes one match.
struct Sampler<'d> {
    text: String,
    wish: Wish,
    /// Signs that were written because they were wished for.
    signs: usize,
    draw: &'d mut Draw,
}

impl Sampler<'_> {
    /// Appends one match; false where the pattern asks for what cannot be drawn piece by piece.
    fn any(&mut self, hir: &Hir) -> bool {
        match hir.kind() {
            // Whole matches are drawn, so that the anchors at the ends say nothing more.
            HirKind::Empty | HirKind::Look(Look::Start | Look::End) => true,
            HirKind::Literal(literal) => self.literal(&literal.0),
            HirKind::Class(Class::Unicode(class)) => self.one_of(class),
            HirKind::Look(_) | HirKind::Class(Class::Bytes(_)) => false,
            HirKind::Repetition(repetition) => {
                let count = match self.wish {
                    Wish::First => repetition.min,
                    Wish::Last => repetition.max.filter(|most| *most <= LONGEST).unwrap_or(repetition.min),
                    _ => times(repetition, self.draw),
                };
                (0..count).all(|_| self.any(&repetition.sub))
            }
            HirKind::Capture(capture) => self.any(&capture.sub),
            HirKind::Concat(parts) => parts.iter().all(|part| self.any(part)),
            HirKind::Alternation(branches) => {
                let branch = match self.wish {
                    Wish::Branch(index) => &branches[index % branches.len()],
                    Wish::First => &branches[0],
                    Wish::Last => &branches[branches.len() - 1],
                    _ => self.draw.pick(branches),
                };
                self.any(branch)
            }
        }
    }

    /// Appends one match of exactly so many characters; false where there is none, or none is found without trying back
    /// and forth.
    fn exactly(&mut self, hir: &Hir, length: usize) -> bool {
        let (least, most) = span(hir);
        if length < least || most.is_some_and(|most| length > most) {
            return false;
        }
        match hir.kind() {
            HirKind::Repetition(repetition) => {
                let (least, most) = span(&repetition.sub);
                let count = match most {
                    _ if length == 0 => 0,
                    Some(most) => length.div_ceil(most.max(1)),
                    None => length.checked_div(least).unwrap_or(1).min(1),
                };
                let count = count.max(usize::try_from(repetition.min).unwrap_or_default());
                let copies: Vec<&Hir> = std::iter::repeat_n(&*repetition.sub, count).collect();
                self.divided(&copies, length)
            }
            HirKind::Capture(capture) => self.exactly(&capture.sub, length),
            HirKind::Concat(parts) => self.divided(&parts.iter().collect::<Vec<_>>(), length),
            HirKind::Alternation(branches) => {
                let start = self.draw.below(branches.len());
                let written = self.text.len();
                branches.iter().cycle().skip(start).take(branches.len()).any(|branch| {
                    self.text.truncate(written);
                    self.exactly(branch, length)
                })
            }
            _ => self.any(hir),
        }
    }

    /// Appends the parts, each as long as those behind it leave room for.
    fn divided(&mut self, parts: &[&Hir], mut length: usize) -> bool {
        let mut behind: usize = parts.iter().map(|part| span(part).0).sum();
        for part in parts {
            let (least, most) = span(part);
            behind -= least;
            let Some(room) = length.checked_sub(behind) else { return false };
            let own = most.map_or(room, |most| most.min(room));
            if !self.exactly(part, own) {
                return false;
            }
            length -= own;
        }
        length == 0
    }

    fn literal(&mut self, bytes: &[u8]) -> bool {
        std::str::from_utf8(bytes).map(|literal| self.text.push_str(literal)).is_ok()
    }

    fn one_of(&mut self, class: &ClassUnicode) -> bool {
        if self.wish == Wish::Signs {
            let signs = signs(class);
            if !signs.is_empty() {
                // In turn, so that a few characters show all of them.
                self.text.push(signs[self.signs % signs.len()]);
                self.signs += 1;
                return true;
            }
        }
        let edge = match self.wish {
            Wish::First => printable(class).next().and_then(|(low, _)| char::from_u32(low)),
            Wish::Last => printable(class).last().and_then(|(_, high)| char::from_u32(high)),
            _ => None,
        };
        edge.or_else(|| character(class, self.draw)).map(|c| self.text.push(c)).is_some()
    }
}

/// Characters of a match, at least and at most.
fn span(hir: &Hir) -> (usize, Option<usize>) {
    match hir.kind() {
        HirKind::Empty | HirKind::Look(_) => (0, Some(0)),
        HirKind::Literal(literal) => {
            let length = String::from_utf8_lossy(&literal.0).chars().count();
            (length, Some(length))
        }
        HirKind::Class(_) => (1, Some(1)),
        HirKind::Repetition(repetition) => {
            let (least, most) = span(&repetition.sub);
            let count = |count: u32| usize::try_from(count).unwrap_or(usize::MAX);
            let most = match (repetition.max, most) {
                (Some(times), Some(most)) => Some(most.saturating_mul(count(times))),
                (None, Some(0)) => Some(0),
                _ => None,
            };
            (least.saturating_mul(count(repetition.min)), most)
        }
        HirKind::Capture(capture) => span(&capture.sub),
        HirKind::Concat(parts) => parts.iter().map(span).fold((0, Some(0)), |(least, most), (own, longest)| {
            (least + own, most.zip(longest).map(|(most, longest)| most.saturating_add(longest)))
        }),
        HirKind::Alternation(branches) => {
            let spans: Vec<_> = branches.iter().map(span).collect();
            let least = spans.iter().map(|(least, _)| *least).min().unwrap_or_default();
            (least, spans.iter().map(|(_, most)| *most).reduce(|one, other| Some(one?.max(other?))).flatten())
        }
    }
}

fn branches(hir: &Hir) -> usize {
    match hir.kind() {
        HirKind::Repetition(repetition) => branches(&repetition.sub),
        HirKind::Capture(capture) => branches(&capture.sub),
        HirKind::Concat(parts) => parts.iter().map(branches).max().unwrap_or(1),
        HirKind::Alternation(own) => own.iter().map(branches).max().unwrap_or(1).max(own.len()),
        _ => 1,
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
    let printable = || printable(class);
    let few: usize = printable().map(size).sum();
    match draw.below(16) {
        0 => nth(ranges(), draw.below(ranges().map(size).sum())),
        1 | 2 if few > 0 => {
            let signs = signs(class);
            if signs.is_empty() { nth(printable(), draw.below(few)) } else { Some(*draw.pick(&signs)) }
        }
        _ if few > 0 => nth(printable(), draw.below(few)),
        _ => nth(ranges(), draw.below(ranges().map(size).sum())),
    }
}

/// The printable ASCII characters of a class, as ranges.
fn printable(class: &ClassUnicode) -> impl Iterator<Item = (u32, u32)> {
    class
        .iter()
        .map(|range| (u32::from(range.start()).max(0x20), u32::from(range.end()).min(0x7e)))
        .filter(|(low, high)| low <= high)
}

/// The printable characters of a class that are neither letters nor digits.
fn signs(class: &ClassUnicode) -> Vec<char> {
    let all = printable(class).flat_map(|(low, high)| (low..=high).filter_map(char::from_u32));
    all.filter(|c| !c.is_ascii_alphanumeric()).collect()
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
    use super::{Patterns, Wish};

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

    #[test]
    fn lengths_are_met_exactly() {
        let patterns = Patterns::default();
        let mut draw = Draw::new(&[9; 32]);
        for (pattern, lengths) in [
            ("^[A-Za-z0-9_-]{1,48}$", &[1_usize, 2, 47, 48][..]),
            ("^[a-z]{2}-[a-zA-Z]{2,4}$", &[5, 6, 7]),
            (r"^(\d{4}|[A-Z]+x)$", &[2, 4, 9]),
            ("^a(bc)*$", &[1, 3, 9]),
            ("^[0-9]*$", &[0, 300]),
        ] {
            for length in lengths {
                let text = patterns.sample(pattern, Wish::Length(*length), &mut draw);
                let text = text.unwrap_or_else(|| panic!("{pattern} {length}"));
                assert_eq!(text.chars().count(), *length, "{pattern} {text:?}");
                assert!(jsonschema_like(pattern).is_match(&text), "{pattern} {text:?}");
            }
        }
        for (pattern, length) in [("^[a-z]{2}$", 1), ("^[a-z]{2}$", 3), ("^a(bc)*$", 2)] {
            assert_eq!(patterns.sample(pattern, Wish::Length(length), &mut draw), None, "{pattern} {length}");
        }
        assert_eq!(patterns.lengths("^[a-z]{2}-[A-Z]{0,4}$"), Some((3, Some(7))));
        assert_eq!(patterns.lengths("^a+$"), Some((1, None)));
    }

    #[test]
    fn branches_and_signs_are_taken_as_wished() {
        let patterns = Patterns::default();
        let mut draw = Draw::new(&[9; 32]);
        assert_eq!(patterns.branches("^(ab|cd|ef)g$"), 3);
        let texts: Vec<_> =
            (0..3).filter_map(|index| patterns.sample("^(ab|cd|ef)g$", Wish::Branch(index), &mut draw)).collect();
        assert_eq!(texts, ["abg", "cdg", "efg"]);
        let signs = patterns.sample("^[a-z_.-]{6}$", Wish::Signs, &mut draw).expect("signs");
        assert!(['-', '.', '_'].iter().all(|sign| signs.contains(*sign)), "{signs}");
        assert_eq!(patterns.sample("^[a-z]{6}$", Wish::Signs, &mut draw), None);
        let ends =
            [Wish::First, Wish::Last].map(|wish| patterns.sample("^(0[1-9]|1[0-2]):[0-5][0-9]{1,2}$", wish, &mut draw));
        assert_eq!(ends, [Some("01:00".to_owned()), Some("12:599".to_owned())]);
    }
}
