//! All accepted answers of a folder, and those that wait to be accepted: for people who look them through.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::error::OracleError;
use super::snapshot::{SnapshotMode, Snapshots, TARGETS, difference, read, remove};
use crate::base::OperationId;
use crate::suite::Suite;

/// The snapshots below one folder, in the order of their names.
#[derive(Debug)]
pub struct Shelf(Vec<Shelved>);

/// One snapshot: accepted, waiting, or both.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shelved {
    /// Path below the folder, with slashes and without ending: `inbound/<spec>.<operation>/<name>`, for a target
    /// `targets/<target>/inbound/...`.
    pub name: String,
    /// Where it stands.
    pub standing: Standing,
    /// The file of the accepted answer, which need not be there.
    file: PathBuf,
    accepted: Option<String>,
    waiting: Option<String>,
}

/// Where a snapshot stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Standing {
    /// An answer waits that was never accepted.
    New,
    /// Another answer than the accepted one waits.
    Changed,
    /// No pinned case of its suite has this name any more.
    Unreferenced,
    /// Its suite is not among the known ones.
    Unknown,
    /// Nothing waits.
    Accepted,
}

impl Shelf {
    /// Reads all snapshots below `root`. `suites` are those whose pinned cases are known.
    pub fn read(root: &Path, suites: &[Suite]) -> Result<Self, OracleError> {
        let mut files = BTreeMap::new();
        collect(root, root, &mut files)?;
        let mut shelved = Vec::new();
        for (name, file) in files {
            let text = |path: &Path| read(path).map(|contents| contents.map(|contents| contents.to_string()));
            let (accepted, waiting) = (text(&file)?, text(&waiting_file(&file))?);
            let standing = match (known(&name, suites), &accepted, &waiting) {
                (Some(false), _, _) => Standing::Unreferenced,
                (_, None, Some(_)) => Standing::New,
                (_, Some(_), Some(_)) => Standing::Changed,
                (None, _, _) => Standing::Unknown,
                (Some(true), _, _) => Standing::Accepted,
            };
            shelved.push(Shelved { name, standing, file, accepted, waiting });
        }
        Ok(Self(shelved))
    }

    /// Those whose name contains one of these texts; all when there are none.
    pub fn matching<'s>(&'s self, filter: &'s [String]) -> impl Iterator<Item = &'s Shelved> {
        let fits = |one: &&Shelved| filter.is_empty() || filter.iter().any(|text| one.name.contains(text.as_str()));
        self.0.iter().filter(fits)
    }
}

impl Shelved {
    /// Does an answer wait?
    pub fn waits(&self) -> bool {
        self.waiting.is_some()
    }

    /// What the waiting answer changes: in sentences, and line by line. A new one is shown as a whole.
    pub fn difference(&self) -> (Vec<String>, String) {
        match (&self.accepted, &self.waiting) {
            (Some(old), Some(new)) => difference(old, new),
            (None, Some(new)) => (Vec::new(), format!("{}\n", new.trim_end())),
            _ => (Vec::new(), String::new()),
        }
    }

    /// Makes the waiting answer the accepted one.
    pub fn accept(&self) -> Result<(), OracleError> {
        let failed = |source| OracleError::Write { path: self.file.clone(), source };
        fs::rename(waiting_file(&self.file), &self.file).map_err(failed)
    }

    /// Throws the waiting answer away.
    pub fn reject(&self) -> Result<(), OracleError> {
        remove(&waiting_file(&self.file))
    }

    /// Throws the accepted answer and the waiting one away.
    pub fn delete(&self) -> Result<(), OracleError> {
        remove(&self.file)?;
        self.reject()
    }
}

fn waiting_file(file: &Path) -> PathBuf {
    file.with_extension("snap.new")
}

/// Names and files of all snapshots, each once.
fn collect(root: &Path, folder: &Path, files: &mut BTreeMap<String, PathBuf>) -> Result<(), OracleError> {
    let failed = |error: io::Error| OracleError::Snapshot { path: folder.to_owned(), problem: error.to_string() };
    let entries = match fs::read_dir(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        entries => entries.map_err(failed)?,
    };
    for entry in entries {
        let entry = entry.map_err(failed)?;
        // A link may lead anywhere, in a circle too.
        let kind = entry.file_type().map_err(failed)?;
        let path = entry.path();
        if kind.is_dir() {
            collect(root, &path, files)?;
            continue;
        }
        let Some(stem) = path.to_str().and_then(|text| {
            let text = text.strip_suffix(".new").unwrap_or(text);
            text.strip_suffix(".snap").map(PathBuf::from)
        }) else {
            continue;
        };
        let parts = stem.strip_prefix(root).unwrap_or(&stem).components();
        let name = parts.map(|part| part.as_os_str().to_string_lossy()).collect::<Vec<_>>().join("/");
        let mut file = stem.into_os_string();
        file.push(".snap");
        files.insert(name, PathBuf::from(file));
    }
    Ok(())
}

/// Does a pinned case have this snapshot? `None` where its suite is not known.
fn known(name: &str, suites: &[Suite]) -> Option<bool> {
    let parts: Vec<&str> = name.split('/').collect();
    let own = match parts[..] {
        [TARGETS, _, suite, operation, case] | [suite, operation, case] => [suite, operation, case],
        _ => return None,
    };
    let shelf = Snapshots::new("", SnapshotMode::Off);
    let mut is_known = None;
    for suite in suites {
        let operations = suite.operations.iter().flat_map(|(operation, plan)| {
            let pinned = plan.pinned.iter().map(|case| case.name.as_str());
            pinned.map(move |case| (OperationId::new(operation.as_str()), case))
        });
        let paths: BTreeSet<PathBuf> =
            operations.map(|(operation, case)| shelf.path(&suite.name, &operation, case).with_extension("")).collect();
        let folder = shelf.path(&suite.name, &OperationId::new("a::b"), "c");
        if folder.iter().next().is_some_and(|first| first == own[0]) {
            let here = paths.contains(&own.iter().collect::<PathBuf>());
            is_known = Some(is_known == Some(true) || here);
        }
    }
    is_known
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use serde_json::json;

    use super::{Shelf, Standing};
    use crate::base::OperationId;
    use crate::oracle::{SnapshotMode, SnapshotView, Snapshots};
    use crate::suite::Suite;

    fn answer(folder: &Path, mode: SnapshotMode, operation: &str, name: &str, state: &str) {
        let view = SnapshotView { status: 200, content_type: None, body: json!({ "state": state }) };
        Snapshots::new(folder, mode).compare("mine", &OperationId::new(operation), name, &view, &[]).unwrap();
    }

    fn suite(folder: &Path) -> Suite {
        let path = folder.join("mine.yaml");
        let text = "name: mine\ndirection: inbound\nspecs: []\noperations:\n  S::get:\n    pinned: [{name: one}, {name: two}, {name: three}]\n";
        std::fs::write(&path, text).unwrap();
        Suite::load(&path).unwrap()
    }

    fn standings(root: &Path, suites: &[Suite]) -> Vec<(String, Standing)> {
        let shelf = Shelf::read(root, suites).unwrap();
        shelf.matching(&[]).map(|one| (one.name.clone(), one.standing)).collect()
    }

    #[test]
    fn new_changed_accepted_and_unreferenced_are_told_apart() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().join("snapshots");
        let staging = Snapshots::folder_of(&root, Some("staging"));
        assert!(standings(&root, &[]).is_empty(), "no folder is no error");
        answer(&root, SnapshotMode::Accept, "S::get", "one", "A");
        answer(&root, SnapshotMode::Accept, "S::get", "two", "A");
        answer(&root, SnapshotMode::Compare, "S::get", "two", "B");
        answer(&staging, SnapshotMode::Compare, "S::get", "three", "A");
        answer(&root, SnapshotMode::Accept, "S::get", "old", "A");
        let suites = [suite(folder.path())];
        let expected = [
            ("mine/S.get/old", Standing::Unreferenced),
            ("mine/S.get/one", Standing::Accepted),
            ("mine/S.get/two", Standing::Changed),
            ("targets/staging/mine/S.get/three", Standing::New),
        ];
        assert_eq!(standings(&root, &suites), expected.map(|(name, standing)| (name.to_owned(), standing)));
        let unknown = standings(&root, &[]);
        assert_eq!(unknown[0].1, Standing::Unknown, "nobody knows what an unknown suite pins");

        let shelf = Shelf::read(&root, &suites).unwrap();
        let of = |text: &str| shelf.matching(&[text.to_owned()]).next().cloned().unwrap();
        let (sentences, lines) = of("two").difference();
        assert_eq!(sentences, ["/state was \"A\", is \"B\""]);
        assert!(lines.contains("+  \"state\": \"B\""), "{lines}");
        assert!(of("three").difference().1.starts_with("status: 200\n"));
        of("two").accept().unwrap();
        of("three").reject().unwrap();
        of("old").delete().unwrap();
        let left = [("mine/S.get/one", Standing::Accepted), ("mine/S.get/two", Standing::Accepted)];
        assert_eq!(standings(&root, &suites), left.map(|(name, standing)| (name.to_owned(), standing)));
        assert!(std::fs::read_to_string(root.join("mine/S.get/two.snap")).unwrap().contains("\"B\""));
    }
}
