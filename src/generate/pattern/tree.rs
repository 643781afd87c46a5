//! A pattern, made ready for drawing: what is asked of it for every character is found out once.

use regex_syntax::ParserBuilder;
use regex_syntax::hir::{Class as HirClass, ClassUnicode, Hir, HirKind, Look};

/// A part of a pattern.
pub(super) struct Node {
    pub kind: Kind,
    /// Characters of a match, at least and at most.
    pub least: usize,
    pub most: Option<usize>,
}

pub(super) enum Kind {
    /// Nothing is written. Whole matches are drawn, so that the anchors at the ends say nothing more.
    Nothing,
    Literal(String),
    Class(Class),
    Repetition {
        least: u32,
        most: Option<u32>,
        part: Box<Node>,
    },
    Concat(Vec<Node>),
    Alternation(Vec<Node>),
    /// What cannot be drawn piece by piece.
    Never,
}

/// The characters of a class.
pub(super) struct Class {
    /// All, as ranges.
    ranges: Vec<(u32, u32)>,
    pub size: usize,
    /// The printable ASCII ones.
    pub printable: Vec<char>,
    /// The printable ones that are neither letters nor digits.
    pub signs: Vec<char>,
}

impl Class {
    fn new(class: &ClassUnicode) -> Self {
        let ranges: Vec<_> = class.iter().map(|range| (u32::from(range.start()), u32::from(range.end()))).collect();
        let size = ranges.iter().map(|(low, high)| (high - low + 1) as usize).sum();
        let printable = |(low, high): &(u32, u32)| ((*low).max(0x20)..=(*high).min(0x7e)).filter_map(char::from_u32);
        let printable: Vec<char> = ranges.iter().flat_map(printable).collect();
        let signs = printable.iter().copied().filter(|c| !c.is_ascii_alphanumeric()).collect();
        Self { ranges, size, printable, signs }
    }

    /// One of all characters, by its place among them.
    pub(super) fn nth(&self, mut index: usize) -> Option<char> {
        for (low, high) in &self.ranges {
            let size = (high - low + 1) as usize;
            if index < size {
                // The numbers between the two halves of a range that surrogates divide are no characters.
                return char::from_u32(low + u32::try_from(index).ok()?).or_else(|| char::from_u32(*low));
            }
            index -= size;
        }
        None
    }
}

/// Reads an ECMA-262 pattern; `None` for what is none.
pub(super) fn parse(pattern: &str) -> Option<Node> {
    ParserBuilder::new().build().parse(&ascii_classes(pattern)).ok().map(|hir| Node::new(&hir))
}

impl Node {
    fn new(hir: &Hir) -> Self {
        let exactly = |kind, length| Self { kind, least: length, most: Some(length) };
        match hir.kind() {
            HirKind::Empty | HirKind::Look(Look::Start | Look::End) => exactly(Kind::Nothing, 0),
            HirKind::Look(_) => exactly(Kind::Never, 0),
            HirKind::Literal(literal) => match std::str::from_utf8(&literal.0) {
                Ok(text) => exactly(Kind::Literal(text.to_owned()), text.chars().count()),
                Err(_) => exactly(Kind::Never, String::from_utf8_lossy(&literal.0).chars().count()),
            },
            HirKind::Class(HirClass::Unicode(class)) => exactly(Kind::Class(Class::new(class)), 1),
            HirKind::Class(HirClass::Bytes(_)) => exactly(Kind::Never, 1),
            HirKind::Repetition(repetition) => {
                let part = Self::new(&repetition.sub);
                let count = |count: u32| usize::try_from(count).unwrap_or(usize::MAX);
                let most = match (repetition.max, part.most) {
                    (Some(times), Some(most)) => Some(most.saturating_mul(count(times))),
                    (None, Some(0)) => Some(0),
                    _ => None,
                };
                let least = part.least.saturating_mul(count(repetition.min));
                let part = Box::new(part);
                Self { kind: Kind::Repetition { least: repetition.min, most: repetition.max, part }, least, most }
            }
            HirKind::Capture(capture) => Self::new(&capture.sub),
            HirKind::Concat(parts) => {
                let parts: Vec<Self> = parts.iter().map(Self::new).collect();
                let least = parts.iter().map(|part| part.least).sum();
                let longest = |most: Option<usize>, part: &Self| Some(most?.saturating_add(part.most?));
                let most = parts.iter().fold(Some(0), longest);
                Self { kind: Kind::Concat(parts), least, most }
            }
            HirKind::Alternation(branches) => {
                let branches: Vec<Self> = branches.iter().map(Self::new).collect();
                let least = branches.iter().map(|branch| branch.least).min().unwrap_or_default();
                let most = branches.iter().map(|branch| branch.most);
                let most = most.reduce(|one, other| Some(one?.max(other?))).flatten();
                Self { kind: Kind::Alternation(branches), least, most }
            }
        }
    }

    /// The number of branches of the alternation with the most of them; 1 without any.
    pub(super) fn branches(&self) -> usize {
        match &self.kind {
            Kind::Repetition { part, .. } => part.branches(),
            Kind::Concat(parts) => parts.iter().map(Self::branches).max().unwrap_or(1),
            Kind::Alternation(own) => own.iter().map(Self::branches).max().unwrap_or(1).max(own.len()),
            _ => 1,
        }
    }
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
