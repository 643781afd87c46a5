//! Text of which some pieces stand out.

use std::ops::Range;

use super::escape::size;

/// How a piece of text stands out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Look {
    Plain,
    Marked,
    Added,
    Removed,
}

/// Text of one look.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Piece {
    pub(super) look: Look,
    pub(super) text: String,
}

/// Characters before a mark that are shown where the text is too long for the page.
const BEFORE: usize = 1_000;

/// A text with one piece marked; at most `most` characters, around the mark. Tells whether all of it is there.
pub(super) fn marked(text: &str, mark: Option<Range<usize>>, most: usize) -> (Vec<Piece>, bool) {
    let mark = mark.unwrap_or(0..0);
    let (from, to) = window(text, &mark, most);
    let at = |place: usize| place.clamp(from, to);
    let (begin, end) = (at(mark.start), at(mark.end));
    let mut pieces = Vec::new();
    if from > 0 {
        push(&mut pieces, Look::Plain, "…");
    }
    push(&mut pieces, Look::Plain, &text[from..begin]);
    push(&mut pieces, Look::Marked, &text[begin..end]);
    push(&mut pieces, Look::Plain, &text[end..to]);
    if to < text.len() {
        push(&mut pieces, Look::Plain, "…");
    }
    (pieces, from == 0 && to == text.len())
}

fn push(pieces: &mut Vec<Piece>, look: Look, text: &str) {
    if !text.is_empty() {
        pieces.push(Piece { look, text: text.to_owned() });
    }
}

/// The bytes that are shown.
fn window(text: &str, mark: &Range<usize>, most: usize) -> (usize, usize) {
    let characters: Vec<usize> = text.char_indices().map(|(at, _)| at).collect();
    if characters.len() <= most {
        return (0, text.len());
    }
    let begin = characters.partition_point(|at| *at < mark.start);
    let from = if begin + BEFORE < most { 0 } else { begin.saturating_sub(BEFORE) };
    let end = |index: usize| characters.get(index).copied().unwrap_or(text.len());
    (end(from), end(from + most))
}

/// What is expected and what came, with the words marked in which they differ. Where they share little, the whole is
/// the difference, and a mark would say nothing. The lines of a comparison are marked as added and removed.
pub(super) fn difference(expected: &str, actual: &str) -> [Vec<Piece>; 2] {
    if is_comparison(actual) {
        return [marked(expected, None, usize::MAX).0, comparison(actual)];
    }
    let shared = |pair: &(char, char)| pair.0 == pair.1;
    let before = expected.chars().zip(actual.chars()).take_while(shared).count();
    let left = expected.chars().count().min(actual.chars().count()) - before;
    let behind = expected.chars().rev().zip(actual.chars().rev()).take(left).take_while(shared).count();
    let longest = expected.chars().count().max(actual.chars().count());
    let worth = (before + behind) * 2 >= longest && expected != actual;
    [expected, actual].map(|text| {
        let length = text.chars().count();
        let mark = worth.then(|| words(text, before, length - behind));
        marked(text, mark, usize::MAX).0
    })
}

/// Characters as bytes, widened to whole words.
fn words(text: &str, from: usize, to: usize) -> Range<usize> {
    let byte = |index: usize| text.char_indices().nth(index).map_or(text.len(), |(at, _)| at);
    let (from, to) = (byte(from), byte(to));
    let begin = text[..from].rfind(char::is_whitespace).map_or(0, |at| at + 1);
    let end = text[to..].find(char::is_whitespace).map_or(text.len(), |at| to + at);
    begin.min(end)..end
}

fn is_comparison(text: &str) -> bool {
    text.lines().nth(1).is_some()
        && text.lines().all(|line| line.is_empty() || line.starts_with([' ', '+', '-']))
        && text.lines().any(|line| line.starts_with(['+', '-']))
}

fn comparison(text: &str) -> Vec<Piece> {
    let mut pieces: Vec<Piece> = Vec::new();
    for line in text.split_inclusive('\n') {
        let look = match line.as_bytes().first() {
            Some(b'+') => Look::Added,
            Some(b'-') => Look::Removed,
            _ => Look::Plain,
        };
        match pieces.last_mut().filter(|last| last.look == look) {
            Some(last) => last.text.push_str(line),
            None => pieces.push(Piece { look, text: line.to_owned() }),
        }
    }
    pieces
}

/// Bytes that the pieces take on the page.
pub(super) fn size_of(pieces: &[Piece]) -> usize {
    pieces.iter().map(|piece| size(&piece.text) + 15).sum()
}

#[cfg(test)]
mod tests {
    use super::{Look, Piece, difference, marked};

    fn spelled(pieces: &[Piece]) -> String {
        let mark = |piece: &Piece| match piece.look {
            Look::Plain => piece.text.clone(),
            Look::Marked => format!("[{}]", piece.text),
            Look::Added => format!("<+{}>", piece.text),
            Look::Removed => format!("<-{}>", piece.text),
        };
        pieces.iter().map(mark).collect()
    }

    fn differ(expected: &str, actual: &str) -> (String, String) {
        let [expected, actual] = difference(expected, actual);
        (spelled(&expected), spelled(&actual))
    }

    #[test]
    fn a_long_text_is_cut_around_its_mark() {
        let text = format!("{}mark{}", "ä".repeat(5_000), "ö".repeat(5_000));
        let (pieces, whole) = marked(&text, Some(10_000..10_004), 3_000);
        assert!(!whole);
        let spelled = spelled(&pieces);
        assert!(spelled.starts_with("…ä") && spelled.contains("ä[mark]ö") && spelled.ends_with("ö…"), "{spelled}");
        assert_eq!(spelled.chars().count(), 3_004);
        assert_eq!(
            marked("äb", Some(0..2), 2),
            (
                vec![Piece { look: Look::Marked, text: "ä".into() }, Piece { look: Look::Plain, text: "b".into() },],
                true
            )
        );
        assert!(!marked("abc", None, 2).1);
        assert_eq!(marked("", None, 2), (Vec::new(), true));
    }

    #[test]
    fn words_that_differ_are_marked() {
        let (expected, actual) = differ("content-type: application/json", "content-type: application/hal+json");
        assert_eq!(
            (expected.as_str(), actual.as_str()),
            ("content-type: [application/json]", "content-type: [application/hal+json]")
        );
        assert_eq!(differ("status 400", "status 201"), ("status [400]".into(), "status [201]".into()));
        assert_eq!(
            differ("at most 5 of a", "at most 55 of a"),
            ("at most [5] of a".into(), "at most [55] of a".into())
        );
        assert_eq!(differ("same", "same"), ("same".into(), "same".into()));
        assert_eq!(differ("a refusal with 4xx", "201: {}"), ("a refusal with 4xx".into(), "201: {}".into()));
        assert_eq!(differ("", "é"), (String::new(), "é".into()));
    }

    #[test]
    fn the_lines_of_a_comparison_are_told_apart() {
        let (_, actual) = differ("the accepted answer", " {\n-  \"a\": 1\n+  \"a\": 2\n }");
        assert_eq!(actual, " {\n<--  \"a\": 1\n><++  \"a\": 2\n> }");
        assert_eq!(differ("x", "- a\nb").1, "- a\nb");
    }
}
