//! JSON laid out for reading. Only blanks between tokens change: a number keeps its digits, a repeated key stays.

/// The text with two blanks of indent a level; text that is no JSON as it is.
pub(super) fn pretty(text: &str) -> String {
    if serde_json::from_str::<serde::de::IgnoredAny>(text).is_err() {
        return text.to_owned();
    }
    let mut out = String::with_capacity(text.len() * 2);
    let mut depth = 0_usize;
    let mut characters = text.chars().filter(Blanks::default().outside_strings()).peekable();
    let mut quoted = Quoted::default();
    while let Some(c) = characters.next() {
        if quoted.holds(c) {
            out.push(c);
            continue;
        }
        match c {
            '{' | '[' => {
                out.push(c);
                if let Some(end) = characters.next_if(|next| matches!(next, '}' | ']')) {
                    out.push(end);
                } else {
                    depth += 1;
                    line(&mut out, depth);
                }
            }
            '}' | ']' => {
                depth = depth.saturating_sub(1);
                line(&mut out, depth);
                out.push(c);
            }
            ',' => {
                out.push(c);
                line(&mut out, depth);
            }
            ':' => out.push_str(": "),
            c => out.push(c),
        }
    }
    out
}

fn line(out: &mut String, depth: usize) {
    out.push('\n');
    out.push_str(&"  ".repeat(depth));
}

/// Knows whether a character belongs to a JSON string, quotes included.
#[derive(Default)]
struct Quoted {
    open: bool,
    escaped: bool,
}

impl Quoted {
    fn holds(&mut self, c: char) -> bool {
        let was = self.open;
        match c {
            _ if self.escaped => self.escaped = false,
            '\\' if self.open => self.escaped = true,
            '"' => self.open = !self.open,
            _ => {}
        }
        was || self.open
    }
}

/// Takes blanks out.
#[derive(Default)]
struct Blanks(Quoted);

impl Blanks {
    fn outside_strings(mut self) -> impl FnMut(&char) -> bool {
        move |c| self.0.holds(*c) || !c.is_ascii_whitespace()
    }
}

#[cfg(test)]
mod tests {
    use super::pretty;

    #[test]
    fn json_is_laid_out_and_keeps_its_tokens() {
        assert_eq!(
            pretty(r#"{"a" : [1.10,{} , []],"b":"x, \"{y}\" : z\\","a":12345678901234567890123}"#),
            "{\n  \"a\": [\n    1.10,\n    {},\n    []\n  ],\n  \"b\": \"x, \\\"{y}\\\" : z\\\\\",\n  \
             \"a\": 12345678901234567890123\n}"
        );
    }

    #[test]
    fn other_text_stays() {
        for text in ["", "<html>{}", "{\"a\":", "a=1&b=[2]"] {
            assert_eq!(pretty(text), text);
        }
    }
}
