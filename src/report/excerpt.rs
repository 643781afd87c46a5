//! The lines of a specification around a duty, for readers who do not have the file.

use std::collections::HashMap;
use std::fs;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use super::record::{ExcerptRecord, FindingRecord};
use super::text::shortened;
use crate::base::Redactor;

/// Lines before the one that is meant, and behind it.
const BEFORE: usize = 3;
const BEHIND: usize = 5;

/// Characters of a line.
const MOST_LINE: usize = 160;

/// Bytes of a file; a larger one is not read.
const MOST_FILE: u64 = 16 * 1024 * 1024;

/// Files that were looked at, each once in a run.
#[derive(Default)]
pub struct Excerpts(HashMap<PathBuf, Option<Vec<String>>>);

impl Excerpts {
    /// Adds the lines that a finding rests on. Without them where the file is gone or is no text: a report is not worth less.
    pub fn add(&mut self, finding: &mut FindingRecord, redactor: &Redactor) {
        finding.spec_excerpt = self.around(Path::new(&finding.spec_file), finding.spec_line, redactor);
    }

    fn around(&mut self, file: &Path, line: u64, redactor: &Redactor) -> Option<ExcerptRecord> {
        let lines = self.0.entry(file.to_owned()).or_insert_with(|| lines(file)).as_ref()?;
        let at = usize::try_from(line).ok()?.checked_sub(1).filter(|at| *at < lines.len())?;
        let first = at.saturating_sub(BEFORE);
        // What is less indented belongs to something else.
        let own = |line: &&String| line.trim().is_empty() || indent(line) >= indent(&lines[at]);
        let behind = lines[at + 1..].iter().take(BEHIND).take_while(own).count();
        let shown = &lines[first..=at + behind];
        let filled = shown.iter().filter(|line| !line.trim().is_empty());
        let indent = filled.map(|line| indent(line)).min().unwrap_or(0);
        let clean = |line: &String| shortened(&redactor.text(line.get(indent..).unwrap_or_default()), MOST_LINE);
        Some(ExcerptRecord { first_line: first as u64 + 1, lines: shown.iter().map(clean).collect() })
    }
}

fn indent(line: &str) -> usize {
    line.len() - line.trim_start_matches(' ').len()
}

fn lines(file: &Path) -> Option<Vec<String>> {
    let mut text = String::new();
    let mut bytes = fs::File::open(file).ok()?.take(MOST_FILE + 1);
    let length = bytes.read_to_string(&mut text).ok()? as u64;
    (length <= MOST_FILE).then(|| text.lines().map(str::to_owned).collect())
}

#[cfg(test)]
mod tests {
    use super::Excerpts;
    use crate::base::{Redactor, Secret};
    use crate::oracle::Severity;
    use crate::report::record::{ExcerptRecord, FindingRecord};
    use crate::report::sample::finding;

    fn excerpt(name: &str, text: &str, line: u64) -> Option<ExcerptRecord> {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join(name);
        std::fs::write(&file, text).unwrap();
        let spec_file = file.display().to_string();
        let mut found = FindingRecord { spec_file, spec_line: line, ..finding(Severity::Failure) };
        Excerpts::default().add(&mut found, &Redactor::new([Secret::new("swordfish")]));
        found.spec_excerpt
    }

    #[test]
    fn the_lines_around_the_duty_are_shown_without_secrets() {
        let text = (1..=30).map(|n| format!("    line {n} swordfish")).collect::<Vec<_>>().join("\n");
        let found = excerpt("a.yaml", &text, 12).unwrap();
        assert_eq!((found.first_line, found.lines.len()), (9, 9));
        assert_eq!((found.lines[0].as_str(), found.lines[3].as_str()), ("line 9 ***", "line 12 ***"));
    }

    #[test]
    fn what_belongs_to_something_else_is_left_out() {
        let found = excerpt("a.yaml", "a:\n  b:\n    max: 5\n    min: 1\n  c: 2\n", 3).unwrap();
        assert_eq!(found.lines, ["a:", "  b:", "    max: 5", "    min: 1"]);
    }

    #[test]
    fn the_ends_of_a_file_and_long_lines_are_no_trouble() {
        let found = excerpt("a.yaml", &format!("{}\n  b", "ä".repeat(9_000)), 1).unwrap();
        assert_eq!((found.first_line, found.lines[0].chars().count(), found.lines[1].as_str()), (1, 160, "  b"));
        assert_eq!(excerpt("a.yaml", "a\n\n  b\n", 3).unwrap().lines, ["a", "", "  b"]);
        assert_eq!(excerpt("a.yaml", "a\n", 2), None);
        assert_eq!(excerpt("a.yaml", "a\n", 0), None);
    }

    #[test]
    fn a_file_that_is_not_there_is_left_out() {
        let mut found = FindingRecord { spec_file: "no/such/file.yaml".into(), ..finding(Severity::Failure) };
        Excerpts::default().add(&mut found, &Redactor::default());
        assert_eq!(found.spec_excerpt, None);
    }
}
