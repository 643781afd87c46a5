//! Line numbers of JSON pointers. `serde_yaml` keeps none, so a second, marked parse of the same text finds them.

use std::collections::HashMap;

use saphyr_parser::{Event, Parser};

use super::super::pointer::join;

/// Line of every node of a document, by JSON pointer.
#[derive(Clone, Debug, Default)]
pub(super) struct Positions(HashMap<String, usize>);

enum Frame {
    Mapping { pointer: String, key: Option<(String, usize)> },
    Sequence { pointer: String, next: usize },
}

impl Positions {
    /// Reads the lines of a YAML or JSON text (JSON is YAML). A text that does not parse gives what was seen before.
    pub(super) fn read(text: &str) -> Self {
        let mut lines = HashMap::new();
        let mut stack: Vec<Frame> = Vec::new();
        for event in Parser::new_from_str(text) {
            let Ok((event, span)) = event else { break };
            let line = span.start.line();
            match event {
                Event::MappingStart(..) => {
                    let pointer = enter(&mut stack, &mut lines, line);
                    stack.push(Frame::Mapping { pointer, key: None });
                }
                Event::SequenceStart(..) => {
                    let pointer = enter(&mut stack, &mut lines, line);
                    stack.push(Frame::Sequence { pointer, next: 0 });
                }
                Event::MappingEnd | Event::SequenceEnd => {
                    stack.pop();
                }
                Event::Scalar(text, ..) => match stack.last_mut() {
                    Some(Frame::Mapping { key: key @ None, .. }) => *key = Some((text.into_owned(), line)),
                    _ => {
                        enter(&mut stack, &mut lines, line);
                    }
                },
                Event::Alias(_) => {
                    enter(&mut stack, &mut lines, line);
                }
                _ => {}
            }
        }
        Self(lines)
    }

    /// Line of the node, or of the nearest node around it.
    pub(super) fn line(&self, pointer: &str) -> Option<usize> {
        let mut pointer = pointer;
        loop {
            if let Some(line) = self.0.get(pointer) {
                return Some(*line);
            }
            pointer = &pointer[..pointer.rfind('/')?];
        }
    }
}

/// Notes the value that starts here and returns its pointer. A member's line is that of its key.
fn enter(stack: &mut [Frame], lines: &mut HashMap<String, usize>, line: usize) -> String {
    let (pointer, line) = match stack.last_mut() {
        None => (String::new(), line),
        Some(Frame::Mapping { pointer, key }) => {
            let (name, line) = key.take().unwrap_or_else(|| (String::new(), line));
            (join(pointer, &name), line)
        }
        Some(Frame::Sequence { pointer, next }) => {
            let place = format!("{pointer}/{next}");
            *next += 1;
            (place, line)
        }
    };
    lines.insert(pointer.clone(), line);
    pointer
}

#[cfg(test)]
mod tests {
    use super::Positions;

    #[test]
    fn members_items_and_missing_nodes_have_lines() {
        let lines = Positions::read("a:\n  b: 1\n  c:\n    - x\n    - y: 2\n/p/{q}:\n  get: {}\n");
        assert_eq!(lines.line("/a/b"), Some(2));
        assert_eq!(lines.line("/a/c/1/y"), Some(5));
        assert_eq!(lines.line("/~1p~1{q}/get"), Some(7));
        assert_eq!(lines.line("/a/c/1/y/nothing/here"), Some(5));
    }

    #[test]
    fn json_has_lines_too() {
        assert_eq!(Positions::read("{\n \"a\": {\n  \"b\": [1,\n 2]}}").line("/a/b/1"), Some(4));
    }
}
