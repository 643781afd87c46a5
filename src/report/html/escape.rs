//! The one way of text into the page.

use std::fmt::{self, Write};

use askama::filters::{Escaper, Html};

use crate::report::text::printable;

/// Escapes text for HTML elements and quoted attributes, after characters that a reader must not meet were spelled out.
/// `askama.toml` names it for all templates.
#[derive(Clone, Copy)]
pub(super) struct Safe;

impl Escaper for Safe {
    fn write_escaped_str<W: Write>(&self, dest: W, string: &str) -> fmt::Result {
        Html.write_escaped_str(dest, &printable(string))
    }
}

/// Bytes that the text takes on the page.
pub(super) fn size(text: &str) -> usize {
    let mut page = String::with_capacity(text.len());
    // Writing into a String cannot fail.
    let _ = Safe.write_escaped_str(&mut page, text);
    page.len()
}

#[cfg(test)]
mod tests {
    use askama::filters::Escaper as _;

    use super::{Safe, size};

    #[test]
    fn markup_quotes_and_controls_are_spelled_out() {
        let mut page = String::new();
        Safe.write_escaped_str(&mut page, "</a><b c=\"d\" e='f'>&\u{1b}\0").unwrap();
        assert!(!page.contains(['<', '>', '"', '\'', '\u{1b}', '\0']), "{page}");
        assert!(page.ends_with("\\u{1b}\\u{0}"), "{page}");
        assert_eq!(size("</a><b c=\"d\" e='f'>&\u{1b}\0"), page.len());
    }
}
