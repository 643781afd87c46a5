//! Writes entries behind those of a file. What stands there stays as it is, comments and all: a reader who looks at the
//! change sees the new lines and no others.

use std::path::Path;

use serde_json::Value;
use time::Date;

use super::super::error::SuiteError;
use super::Deviations;

/// The head of a new file.
const HEAD: &str = "\
# Known deviations: breaches that are let pass, each for a reason and until a day. An entry that has expired fails the run, and so does
# one that no longer occurs. `d1c deviations check` looks at them.
";

/// An entry to write.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewDeviation {
    /// The duty, by its whole name.
    pub obligation: String,
    /// The code of the findings.
    pub code: String,
    /// Why it is let pass.
    pub reason: String,
    /// Where it is followed up.
    pub ticket: String,
    /// Who sees to it.
    pub owner: String,
    /// The last day.
    pub expires: Date,
}

/// What became of the new entries.
#[derive(Debug)]
pub struct Added {
    /// Obligation and code of those that were written.
    pub written: Vec<(String, String)>,
    /// The same of those that an entry of the file covers, with its line.
    pub known: Vec<(String, String, usize)>,
}

/// Adds entries to a file, which is made where there is none. Those that the file covers already are left out. Nothing is
/// written unless the whole file can be read afterwards.
pub fn add_deviations(path: &Path, new: &[NewDeviation], today: Date) -> Result<Added, SuiteError> {
    let old = match std::fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => HEAD.to_owned(),
        Err(source) => return Err(SuiteError::Read { path: path.to_owned(), source }),
    };
    let before = Deviations::parse(path, &old, today)?;
    let mut added = Added { written: Vec::new(), known: Vec::new() };
    let indent = indent(&old);
    let mut text = old.clone();
    if !text.is_empty() && !text.ends_with('\n') {
        text.push('\n');
    }
    for entry in new {
        let named = (entry.obligation.clone(), entry.code.clone());
        let covers = |known: &&super::Deviation| {
            known.obligation.as_str() == entry.obligation && known.code.as_ref().is_none_or(|code| *code == entry.code)
        };
        if let Some(known) = before.entries.iter().find(covers) {
            added.known.push((named.0, named.1, known.line));
        } else if !added.written.contains(&named) {
            text.push_str(&entry.lines(&indent));
            added.written.push(named);
        }
    }
    if added.written.is_empty() {
        return Ok(added);
    }
    let whole = Deviations::parse(path, &text, today).ok();
    if whole.is_none_or(|after| after.entries.len() != before.entries.len() + added.written.len()) {
        return Err(SuiteError::Invalid {
            path: path.to_owned(),
            line: None,
            problem: "nothing can be written behind its last entry; nothing was changed".to_owned(),
            remedy: "write the file as a list with one `- obligation:` for each entry, and nothing behind it"
                .to_owned(),
        });
    }
    write(path, &text).map_err(|source| SuiteError::Invalid {
        path: path.to_owned(),
        line: None,
        problem: format!("cannot be written: {source}"),
        remedy: "check the path and its permissions".to_owned(),
    })?;
    Ok(added)
}

impl NewDeviation {
    fn lines(&self, indent: &str) -> String {
        // A JSON string is a YAML string, whatever stands in it.
        let quoted = |text: &str| Value::from(text).to_string();
        format!(
            "{indent}- obligation: {}\n{indent}  code: {}\n{indent}  reason: {}\n{indent}  ticket: {}\n{indent}  owner: {}\n{indent}  expires: {}\n",
            quoted(&self.obligation),
            self.code,
            quoted(self.reason.trim()),
            quoted(self.ticket.trim()),
            quoted(self.owner.trim()),
            self.expires
        )
    }
}

/// The blanks before the entries of a list.
fn indent(text: &str) -> String {
    let first = text.lines().find(|line| line.trim_start().starts_with("- "));
    first.map_or_else(String::new, |line| line.chars().take_while(|c| *c == ' ').collect())
}

/// Beside the file first, so that there is the old one or the new one, and never a half.
fn write(path: &Path, text: &str) -> std::io::Result<()> {
    let beside = path.with_extension(format!("{}.tmp", std::process::id()));
    std::fs::write(&beside, text).and_then(|()| std::fs::rename(&beside, path)).inspect_err(|_| {
        // Whatever is left of the attempt is of no use; the first error is the one to tell.
        let _ = std::fs::remove_file(&beside);
    })
}

#[cfg(test)]
mod tests {
    use time::macros::date;

    use super::{NewDeviation, add_deviations};
    use crate::suite::Deviations;

    fn entry(obligation: &str, code: &str) -> NewDeviation {
        NewDeviation {
            obligation: obligation.to_owned(),
            code: code.to_owned(),
            reason: "says \"no\": # not a comment\nand a second line".to_owned(),
            ticket: "T-1".to_owned(),
            owner: "me".to_owned(),
            expires: date!(2027 - 03 - 31),
        }
    }

    const TODAY: time::Date = date!(2027 - 01 - 01);

    #[test]
    fn entries_are_appended_and_the_rest_stays_byte_for_byte() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("d.yaml");
        let old = "# ours\n  - obligation: S::a::operation::conforming # why\n    reason: r\n    ticket: t\n    owner: o\n    expires: 2027-02-01";
        std::fs::write(&path, old).unwrap();
        let new = [entry("S::a::body/x::enum", "D1C-161"), entry("S::a::operation::conforming", "D1C-151")];
        let added = add_deviations(&path, &new, TODAY).unwrap();
        assert_eq!((added.written.len(), added.known[0].2), (1, 2));
        let text = std::fs::read_to_string(&path).unwrap();
        assert!(text.starts_with(old), "{text}");
        let known = Deviations::load(&path, TODAY).unwrap();
        assert_eq!(known.entries[1].reason, new[0].reason);
        assert_eq!(known.entries[1].expires, new[0].expires);
        // The same again is known, and changes nothing.
        let again = add_deviations(&path, &new[..1], TODAY).unwrap();
        assert!(again.written.is_empty() && again.known[0].2 == 7, "{again:?}");
        assert_eq!(std::fs::read_to_string(&path).unwrap(), text);
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn a_new_file_is_made_and_one_of_another_form_is_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("d.yaml");
        let twice = [entry("S::a::body/x::enum", "D1C-161"), entry("S::a::body/x::enum", "D1C-161")];
        assert_eq!(add_deviations(&path, &twice, TODAY).unwrap().written.len(), 1);
        assert_eq!(Deviations::load(&path, TODAY).unwrap().entries.len(), 1);
        for text in ["[]\n", "[]", "a: b\n"] {
            std::fs::write(&path, text).unwrap();
            let error = add_deviations(&path, &twice, TODAY).unwrap_err().to_string();
            assert!(error.contains("d.yaml") && error.contains("list"), "{error}");
            assert_eq!(std::fs::read_to_string(&path).unwrap(), text);
        }
    }
}
