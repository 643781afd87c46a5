//! Accepted answers of pinned cases. The sole door to insta: its file format and its comparison are used, so that
//! `cargo insta review` works on the folder; its macros, which panic, print and read the environment, are not.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use insta::internals::TextSnapshotContents;
use insta::{Snapshot, TextSnapshotKind};

use super::code::Code;
use super::diff::unified;
use super::difference::changes;
use super::error::OracleError;
use super::finding::{Finding, Severity};
use super::normalise::SnapshotView;
use crate::base::{ObligationId, OperationId, sha256_hex};
use crate::contract::{Evidence, Location, Obligation, Rule, Source};
use crate::suite::{SnapshotRule, SnapshotSeverity};

/// Name of this check in filters and reports.
pub const SNAPSHOT_CHECK: &str = "snapshot";

const SNAPSHOT_CODE: &str = "D1C-195";

/// The code of its only finding.
pub(super) const SNAPSHOT_CODES: &[Code] = &[Code::of(
    SNAPSHOT_CODE,
    "the answer to a pinned case is not the accepted one",
    "somebody accepted the answer to this very request; it has changed, and nobody has said that it should",
    "read the difference; mend the change, or accept the new answer with `--accept-snapshots` or `cargo insta review`",
    |duty| duty.rule == Rule::Snapshot,
)];

/// The folder of all targets that are no embedded sandbox.
pub(super) const TARGETS: &str = "targets";

/// Names that Windows keeps for devices, whatever their ending.
const DEVICES: [&str; 8] = ["aux", "con", "nul", "prn", "com", "lpt", "conin$", "conout$"];

/// What is done with accepted answers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SnapshotMode {
    /// Nothing is read or written.
    Off,
    /// Answers are compared; a new or changed one is left beside its place as `.snap.new`.
    #[default]
    Compare,
    /// Answers are compared; one that has no accepted answer yet is taken as it comes.
    AcceptNew,
    /// Answers are taken as they come.
    Accept,
}

/// A folder of accepted answers.
#[derive(Clone, Debug)]
pub struct Snapshots {
    folder: PathBuf,
    mode: SnapshotMode,
}

/// What a comparison showed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SnapshotOutcome {
    /// Snapshots are off.
    Off,
    /// The answer is the accepted one.
    Same,
    /// No answer was ever accepted; this one waits at the path as `.snap.new`.
    New(PathBuf),
    /// Another answer was accepted.
    Changed {
        /// The file with the accepted answer.
        expected: PathBuf,
        /// What changed, in sentences.
        changes: Vec<String>,
        /// The changed lines, unified style.
        lines: String,
    },
    /// The answer was accepted just now and stands at the path.
    Accepted(PathBuf),
}

impl Snapshots {
    /// Snapshots below `folder`.
    pub fn new(folder: impl Into<PathBuf>, mode: SnapshotMode) -> Self {
        Self { folder: folder.into(), mode }
    }

    /// The folder of a target's accepted answers below that of all: what an embedded sandbox answers lies at the top, what
    /// another target answers in a folder of its own, so that they do not fight. The name of the folder is safe on every
    /// file system, and another one for every name.
    pub fn folder_of(root: &Path, target: Option<&str>) -> PathBuf {
        target.map_or_else(|| root.to_owned(), |name| root.join(TARGETS).join(folder_name(name)))
    }

    /// The file of a snapshot: `<folder>/<suite>/<spec>.<operation>/<name>.snap`.
    pub fn path(&self, suite: &str, operation: &OperationId, name: &str) -> PathBuf {
        let operation = format!("{}.{}", operation.spec(), operation.name());
        self.folder.join(file_name(suite)).join(file_name(&operation)).join(format!("{}.snap", file_name(name)))
    }

    /// Compares a view with the accepted one of the same name, or accepts it, as the mode says. What the rules take out of
    /// the accepted one does not count: it may be older than they are.
    pub fn compare(
        &self,
        suite: &str,
        operation: &OperationId,
        name: &str,
        view: &SnapshotView,
        rules: &[SnapshotRule],
    ) -> Result<SnapshotOutcome, OracleError> {
        if self.mode == SnapshotMode::Off {
            return Ok(SnapshotOutcome::Off);
        }
        let path = self.path(suite, operation, name);
        let text = view.render();
        let accepted = read(&path)?;
        let fresh = TextSnapshotContents::new(text.clone(), TextSnapshotKind::File);
        let older = |accepted: &TextSnapshotContents| {
            let older = SnapshotView::parse(&accepted.to_string()).map(|view| view.without(rules).render());
            TextSnapshotContents::new(older.unwrap_or_else(|| accepted.to_string()), TextSnapshotKind::File)
        };
        let accepted = accepted.as_ref().map(older);
        if accepted.as_ref().is_some_and(|accepted| accepted.matches_latest(&fresh)) {
            remove(&pending(&path))?;
            return Ok(SnapshotOutcome::Same);
        }
        let file = format!("---\nsource: d1c\nexpression: {}\n---\n{text}\n", quoted(operation, name));
        if self.mode == SnapshotMode::Accept || (self.mode == SnapshotMode::AcceptNew && accepted.is_none()) {
            write(&path, &file)?;
            remove(&pending(&path))?;
            return Ok(SnapshotOutcome::Accepted(path));
        }
        write(&pending(&path), &file)?;
        Ok(match accepted {
            None => SnapshotOutcome::New(pending(&path)),
            Some(accepted) => {
                let (changes, lines) = difference(&accepted.to_string(), &fresh.to_string());
                SnapshotOutcome::Changed { expected: path, changes, lines }
            }
        })
    }
}

/// What changed between two texts of answers: in sentences, and line by line.
pub(super) fn difference(old: &str, new: &str) -> (Vec<String>, String) {
    let views = SnapshotView::parse(old).zip(SnapshotView::parse(new));
    let lines = unified(old, new);
    let lines = if lines.is_empty() { "a difference far down in a long answer".to_owned() } else { lines };
    (views.map(|(old, new)| changes(&old, &new)).unwrap_or_default(), lines)
}

/// The finding for a changed answer; `None` for any other outcome. `source` is where the pinned case is written; `valid`
/// tells that nothing else is wrong with the answer.
pub fn snapshot_finding(
    operation: &OperationId,
    name: &str,
    source: Source,
    outcome: &SnapshotOutcome,
    severity: SnapshotSeverity,
    valid: bool,
) -> Option<Finding> {
    let SnapshotOutcome::Changed { expected, changes, lines } = outcome else { return None };
    let duty = Obligation {
        id: ObligationId::new(format!("{operation}::snapshot.{name}::{}", Rule::Snapshot)),
        operation: operation.clone(),
        location: Location::Operation,
        rule: Rule::Snapshot,
        text: format!("the answer to the pinned case {name} is the accepted one"),
        limit: serde_json::Value::Null,
        source,
        evidence: Evidence::Documented,
        open: None,
        noted: None,
    };
    let expected = format!(
        "the answer accepted in {}; if the new one is right, accept it with `d1c snapshots review`",
        expected.display()
    );
    let told = if changes.is_empty() { "it is another text".to_owned() } else { changes.join("\n") };
    let start = if valid { "regression, still valid, but " } else { "regression: " };
    let actual = format!("{start}{told}\n{}", lines.trim_end());
    let severity = match severity {
        SnapshotSeverity::Observation => Severity::Observation,
        SnapshotSeverity::Warning => Severity::Warning,
        SnapshotSeverity::Failure => Severity::Failure,
    };
    Some(Finding::of(SNAPSHOT_CHECK, SNAPSHOT_CODE, &duty, expected, actual).graded(severity))
}

/// The accepted text, `None` where there is no file.
pub(super) fn read(path: &Path) -> Result<Option<TextSnapshotContents>, OracleError> {
    let unreadable = |problem: String| OracleError::Snapshot { path: path.to_owned(), problem };
    let text = match fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(unreadable(error.to_string())),
    };
    // insta prints a complaint about files of its oldest format; they have no such first line.
    if text.lines().next().map(str::trim_end) != Some("---") {
        return Err(unreadable("its first line is not `---`".to_owned()));
    }
    let snapshot = Snapshot::from_file(path).map_err(|error| unreadable(error.to_string()))?;
    snapshot.as_text().cloned().map(Some).ok_or_else(|| unreadable("it holds no text".to_owned()))
}

fn write(path: &Path, text: &str) -> Result<(), OracleError> {
    let failed = |source| OracleError::Write { path: path.to_owned(), source };
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).map_err(failed)?;
    }
    fs::write(path, text).map_err(failed)
}

pub(super) fn remove(path: &Path) -> Result<(), OracleError> {
    match fs::remove_file(path) {
        Err(source) if source.kind() != io::ErrorKind::NotFound => {
            Err(OracleError::Write { path: path.to_owned(), source })
        }
        _ => Ok(()),
    }
}

/// Where `cargo insta review` looks for an answer that waits.
fn pending(path: &Path) -> PathBuf {
    path.with_extension("snap.new")
}

/// A JSON string is a YAML string.
fn quoted(operation: &OperationId, name: &str) -> String {
    serde_json::Value::String(format!("{operation} {name}")).to_string()
}

/// The name itself where every file system takes it; else a readable part with a digest that keeps names apart.
fn file_name(name: &str) -> String {
    let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    let clean: String = name.chars().map(|c| if fits(c) { c } else { '_' }).collect();
    if clean == name && !name.is_empty() && !name.starts_with('.') && name.len() <= 100 {
        return clean;
    }
    let start: String = clean.trim_start_matches('.').chars().take(80).collect();
    format!("{start}-{}", &sha256_hex(name.as_bytes())[..8])
}

/// As [`file_name`], and another one where a file system does not tell capital letters from small ones, where the name is
/// that of a device, or where it ends in a dot.
fn folder_name(name: &str) -> String {
    let device = name.split('.').next().unwrap_or_default().trim_end_matches(|c: char| c.is_ascii_digit());
    let clean = file_name(name);
    let taken = DEVICES.contains(&device) || name.ends_with('.') || name.contains(|c: char| c.is_ascii_uppercase());
    if clean == name && taken {
        format!(
            "{}-{}",
            clean.to_ascii_lowercase().trim_end_matches('.').replace('.', "_"),
            &sha256_hex(name.as_bytes())[..8]
        )
    } else {
        clean.to_ascii_lowercase()
    }
}

#[cfg(test)]
mod tests {
    use std::path::{Path, PathBuf};

    use serde_json::json;

    use super::{SnapshotMode, SnapshotOutcome, SnapshotView, Snapshots, file_name, snapshot_finding};
    use crate::base::OperationId;
    use crate::contract::Source;
    use crate::oracle::Severity;
    use crate::suite::SnapshotSeverity;

    fn view(state: &str) -> SnapshotView {
        SnapshotView { status: 200, content_type: Some("application/json".into()), body: json!({"state": state}) }
    }

    #[test]
    fn an_answer_is_new_then_accepted_then_same_then_changed() {
        let folder = tempfile::tempdir().unwrap();
        let operation = OperationId::of("D1", "readCard");
        let run = |mode, state| {
            Snapshots::new(folder.path(), mode).compare("s", &operation, "active", &view(state), &[]).unwrap()
        };
        let file = folder.path().join("s/D1.readCard/active.snap");
        let waiting = folder.path().join("s/D1.readCard/active.snap.new");
        assert_eq!(run(SnapshotMode::Off, "A"), SnapshotOutcome::Off);
        assert_eq!(run(SnapshotMode::Compare, "A"), SnapshotOutcome::New(waiting.clone()));
        assert!(waiting.exists() && !file.exists());
        assert_eq!(run(SnapshotMode::Accept, "A"), SnapshotOutcome::Accepted(file.clone()));
        assert!(!waiting.exists() && file.exists());
        assert_eq!(run(SnapshotMode::Compare, "A"), SnapshotOutcome::Same);
        let changed = run(SnapshotMode::Compare, "B");
        let SnapshotOutcome::Changed { expected, changes, lines } = &changed else { panic!("{changed:?}") };
        assert_eq!((expected, lines.as_str()), (&file, " {\n-  \"state\": \"A\"\n+  \"state\": \"B\"\n }\n"));
        assert_eq!(changes, &["/state was \"A\", is \"B\""]);
        // A changed answer is not taken where only new ones are.
        assert!(matches!(run(SnapshotMode::AcceptNew, "B"), SnapshotOutcome::Changed { .. }));
        assert!(waiting.exists());

        let source = Source { file: PathBuf::from("suite.yaml"), pointer: String::new(), line: 3 };
        let told = |severity, valid| snapshot_finding(&operation, "active", source.clone(), &changed, severity, valid);
        let finding = told(SnapshotSeverity::Failure, true).unwrap();
        assert_eq!(finding.obligation.as_str(), "D1::readCard::snapshot.active::snapshot");
        assert_eq!((finding.code, finding.severity), ("D1C-195", Severity::Failure));
        assert!(finding.actual.starts_with("regression, still valid, but /state was \"A\", is \"B\"\n"), "{finding:?}");
        let warning = told(SnapshotSeverity::Warning, false).unwrap();
        assert_eq!((warning.severity, warning.actual.starts_with("regression: /state")), (Severity::Warning, true));
        assert_eq!(run(SnapshotMode::Compare, "A"), SnapshotOutcome::Same);
        assert!(!waiting.exists(), "what waited is settled");
        std::fs::remove_file(&file).unwrap();
        assert_eq!(run(SnapshotMode::AcceptNew, "A"), SnapshotOutcome::Accepted(file));
    }

    #[test]
    fn a_file_that_is_no_snapshot_is_an_error() {
        let folder = tempfile::tempdir().unwrap();
        let operation = OperationId::of("D1", "readCard");
        let snapshots = Snapshots::new(folder.path(), SnapshotMode::Compare);
        let path = snapshots.path("s", &operation, "active");
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, "status: 200\n").unwrap();
        let error = snapshots.compare("s", &operation, "active", &view("A"), &[]).unwrap_err().to_string();
        assert!(error.contains("active.snap"), "{error}");
    }

    #[test]
    fn targets_have_folders_of_their_own() {
        let folder = |name: &str| {
            let path = Snapshots::folder_of(Path::new("snapshots"), Some(name));
            let name = path.strip_prefix("snapshots/targets").unwrap().to_str().unwrap().to_owned();
            assert!(!name.is_empty() && !name.starts_with('.') && !name.contains(['/', '\\', ' ', ':']), "{name}");
            name
        };
        assert_eq!(Snapshots::folder_of(Path::new("snapshots"), None), Path::new("snapshots"));
        assert_eq!(folder("staging"), "staging");
        let names = [
            "staging",
            "Staging",
            "STAGING",
            "my d1",
            "my-d1",
            "my_d1",
            "../../etc",
            "con",
            "con.yaml",
            "a.",
            "a",
            "",
            "ü",
        ];
        let folders: std::collections::BTreeSet<String> = names.map(|name| folder(name).to_lowercase()).into();
        assert_eq!(folders.len(), names.len(), "{folders:?}");
        assert!(!folders.contains("con") && !folders.iter().any(|name| name.starts_with("con.")), "{folders:?}");
    }

    #[test]
    fn names_become_file_names() {
        assert_eq!(file_name("active-card"), "active-card");
        assert_ne!(file_name("a b"), file_name("a_b"));
        assert!(!file_name("../x").contains('/') && !file_name("../x").starts_with('.'));
        assert!(!file_name("GET /a").contains([' ', '/']));
    }
}
