//! Strings for ECMA-262 patterns. The sampler is our own: a proptest strategy builds a tree to shrink with for every
//! character, which took more time than all the rest of a case.

mod tree;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use self::tree::{Class, Kind, Node, parse};
use super::draw::Draw;

/// Parsed patterns, each once per generator.
#[derive(Default)]
pub(super) struct Patterns(Mutex<HashMap<String, Option<Arc<Node>>>>);

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
        let node = self.parsed(pattern)?;
        let mut sampler = Sampler { text: String::new(), wish, signs: 0, draw };
        let drawn = match wish {
            Wish::Length(length) => sampler.exactly(&node, length),
            Wish::Chance | Wish::Branch(_) | Wish::Signs | Wish::First | Wish::Last => sampler.any(&node),
        };
        let kept = drawn && (wish != Wish::Signs || sampler.signs > 0);
        kept.then_some(sampler.text)
    }

    /// How many characters a text that matches may have, at least and at most.
    pub(super) fn lengths(&self, pattern: &str) -> Option<(usize, Option<usize>)> {
        self.parsed(pattern).map(|node| (node.least, node.most))
    }

    /// The number of branches of the alternation with the most of them; 1 without any.
    pub(super) fn branches(&self, pattern: &str) -> usize {
        self.parsed(pattern).map_or(1, |node| node.branches())
    }

    fn parsed(&self, pattern: &str) -> Option<Arc<Node>> {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match known.get(pattern) {
            Some(node) => node.clone(),
            None => known.entry(pattern.to_owned()).or_insert(parse(pattern).map(Arc::new)).clone(),
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
    fn any(&mut self, node: &Node) -> bool {
        match &node.kind {
            Kind::Nothing => true,
            Kind::Never => false,
            Kind::Literal(literal) => {
                self.text.push_str(literal);
                true
            }
            Kind::Class(class) => self.one_of(class),
            Kind::Repetition { least, most, part } => {
                let count = match self.wish {
                    Wish::First => *least,
                    Wish::Last => most.filter(|most| *most <= LONGEST).unwrap_or(*least),
                    _ => times(*least, *most, self.draw),
                };
                (0..count).all(|_| self.any(part))
            }
            Kind::Concat(parts) => parts.iter().all(|part| self.any(part)),
            Kind::Alternation(branches) => {
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
    fn exactly(&mut self, node: &Node, length: usize) -> bool {
        if length < node.least || node.most.is_some_and(|most| length > most) {
            return false;
        }
        match &node.kind {
            Kind::Repetition { least: fewest, part, .. } => {
                let count = match part.most {
                    _ if length == 0 => 0,
                    Some(most) => length.div_ceil(most.max(1)),
                    None => length.checked_div(part.least).unwrap_or(1).min(1),
                };
                let count = count.max(usize::try_from(*fewest).unwrap_or_default());
                self.divided(std::iter::repeat_n(&**part, count), length)
            }
            Kind::Concat(parts) => self.divided(parts.iter(), length),
            Kind::Alternation(branches) => {
                let start = self.draw.below(branches.len());
                let written = self.text.len();
                branches.iter().cycle().skip(start).take(branches.len()).any(|branch| {
                    self.text.truncate(written);
                    self.exactly(branch, length)
                })
            }
            _ => self.any(node),
        }
    }

    /// Appends the parts, each as long as those behind it leave room for.
    fn divided<'n>(&mut self, parts: impl Iterator<Item = &'n Node> + Clone, mut length: usize) -> bool {
        let mut behind: usize = parts.clone().map(|part| part.least).sum();
        for part in parts {
            behind -= part.least;
            let Some(room) = length.checked_sub(behind) else { return false };
            let own = part.most.map_or(room, |most| most.min(room));
            if !self.exactly(part, own) {
                return false;
            }
            length -= own;
        }
        length == 0
    }

    fn one_of(&mut self, class: &Class) -> bool {
        if self.wish == Wish::Signs && !class.signs.is_empty() {
            // In turn, so that a few characters show all of them.
            self.text.push(class.signs[self.signs % class.signs.len()]);
            self.signs += 1;
            return true;
        }
        let edge = match self.wish {
            Wish::First => class.printable.first().copied(),
            Wish::Last => class.printable.last().copied(),
            _ => None,
        };
        edge.or_else(|| character(class, self.draw)).map(|c| self.text.push(c)).is_some()
    }
}

/// Often a bound, else something between them.
fn times(least: u32, most: Option<u32>, draw: &mut Draw) -> u32 {
    let most = most.unwrap_or(least + OPEN_END).max(least);
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
fn character(class: &Class, draw: &mut Draw) -> Option<char> {
    match draw.below(16) {
        1 | 2 if !class.signs.is_empty() => Some(*draw.pick(&class.signs)),
        1.. if !class.printable.is_empty() => Some(*draw.pick(&class.printable)),
        _ => class.nth(draw.below(class.size)),
    }
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
