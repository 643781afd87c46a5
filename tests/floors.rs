//! Guards the house that `docs/architecture.md` describes: imports point down, each outside crate enters through its
//! door, and rooms stay small.

#![expect(clippy::expect_used, reason = "a test that cannot be set up must fail")]

use std::fs;
use std::path::{Path, PathBuf};

/// Floors by module; a module may import from lower floors, and from its own.
const FLOORS: &[(&str, u8)] = &[
    ("base", 0),
    ("contract", 1),
    ("jose", 1),
    ("tls", 1),
    ("suite", 2),
    ("generate", 3),
    ("exchange", 4),
    ("oracle", 5),
    ("engine", 6),
    ("report", 7),
    ("evidence", 8),
    ("harness", 8),
    ("judge", 8),
    ("cli", 9),
];

/// The sandbox stands beside the house: it must not learn from the harness what it is tested by. `harness`, `cli`
/// and `judge` know it.
const SANDBOX_MAY_IMPORT: &[&str] = &["base", "contract", "jose", "tls", "sandbox"];
const SANDBOX_IMPORTED_BY: &[&str] = &["harness", "judge", "cli", "sandbox"];

/// Outside crates and the modules that they enter through.
const DOORS: &[(&str, &[&str])] = &[
    ("aes_gcm", &["jose"]),
    ("anyhow", &["cli"]),
    ("askama", &["report"]),
    ("axum", &["sandbox"]),
    ("clap", &["cli"]),
    ("concat_kdf", &["jose"]),
    ("futures_util", &["engine"]),
    ("hyper", &["exchange"]),
    ("insta", &["oracle/snapshot.rs"]),
    ("jsonschema", &["contract"]),
    ("jsonwebtoken", &["jose"]),
    // Error function and log-gamma, for the significance of differences between runs.
    ("libm", &["report"]),
    ("libtest_mimic", &["harness"]),
    ("openapiv3", &["contract"]),
    ("p256", &["jose"]),
    ("proptest", &["generate"]),
    ("quick_junit", &["report"]),
    ("rcgen", &["tls"]),
    ("regex_syntax", &["generate"]),
    ("reqwest", &["exchange"]),
    ("rustls", &["tls"]),
    ("rustls_platform_verifier", &["tls"]),
    ("saphyr_parser", &["contract"]),
    ("serde_yaml", &["contract", "suite"]),
    ("sha2", &["base"]),
    // The generation that the crates for elliptic curves and key derivation are written against.
    ("sha2_10", &["jose"]),
    ("tokio_rustls", &["tls"]),
    ("zip", &["evidence"]),
];

/// Production lines of one file, and of a `mod.rs`, which only explains and re-exports.
const LINES: usize = 400;
const MOD_LINES: usize = 40;

/// Exceptions to the line limits, with the reason.
const LONGER: &[(&str, &str)] = &[
    ("cli/mod.rs", "holds the entry point that maps every outcome to an exit code"),
    ("report/mod.rs", "each report, and each part of the record, is a room of its own"),
];

struct Source {
    /// Path below `src`, with slashes.
    name: String,
    /// Text up to the first test module.
    production: String,
}

impl Source {
    fn module(&self) -> &str {
        self.name.split('/').next().unwrap_or_default()
    }

    /// Lines that are no comment.
    fn code(&self) -> impl Iterator<Item = &str> {
        self.production.lines().filter(|line| !line.trim_start().starts_with("//"))
    }

    fn is_test(&self) -> bool {
        self.name.ends_with("tests.rs") || self.name.ends_with("sample.rs") && self.module() != "sandbox"
    }
}

fn sources() -> Vec<Source> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    collect(&root, &mut files);
    assert!(files.len() > 50, "the sources were not found");
    files
        .into_iter()
        .map(|file| {
            let text = fs::read_to_string(&file).expect("a readable source");
            let production = text.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default().to_owned();
            let name = file.strip_prefix(&root).expect("below src").to_string_lossy().replace('\\', "/");
            Source { name, production }
        })
        .filter(|source| !source.is_test() && source.name != "lib.rs" && source.name != "main.rs")
        .collect()
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
    let mut entries: Vec<PathBuf> =
        fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path()).collect();
    entries.sort();
    for entry in entries {
        if entry.is_dir() {
            collect(&entry, files);
        } else if entry.extension().is_some_and(|extension| extension == "rs") {
            files.push(entry);
        }
    }
}

fn floor(module: &str) -> Option<u8> {
    FLOORS.iter().find(|(name, _)| *name == module).map(|(_, floor)| *floor)
}

/// Modules that a source names behind `crate::`, one level deep.
fn imports(source: &Source) -> Vec<String> {
    source
        .code()
        .flat_map(|line| line.split("crate::").skip(1))
        .map(|rest| rest.chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '_').collect::<String>())
        .filter(|module| floor(module).is_some() || module == "sandbox")
        .collect()
}

#[test]
fn imports_point_down() {
    let mut wrong = Vec::new();
    for source in sources() {
        for import in imports(&source) {
            let allowed = match (source.module(), import.as_str()) {
                ("sandbox", other) => SANDBOX_MAY_IMPORT.contains(&other),
                (module, "sandbox") => SANDBOX_IMPORTED_BY.contains(&module),
                (module, other) => {
                    // Rooms of one floor do not import each other.
                    module == other || floor(other) < floor(module)
                }
            };
            if !allowed {
                wrong.push(format!("{} imports {import}", source.name));
            }
        }
    }
    assert!(wrong.is_empty(), "upward or sideways imports:\n{}", wrong.join("\n"));
}

#[test]
fn outside_crates_enter_through_their_door() {
    let mut wrong = Vec::new();
    for source in sources() {
        for (name, doors) in DOORS {
            let used = source.code().any(|line| {
                line.match_indices(&format!("{name}::")).any(|(at, _)| {
                    !line[..at].ends_with(|c: char| c.is_ascii_alphanumeric() || c == '_' || c == ':' || c == '"')
                })
            });
            if used && !doors.iter().any(|door| source.module() == *door || source.name == *door) {
                wrong.push(format!("{} uses {name}, whose door is {}", source.name, doors.join(", ")));
            }
        }
    }
    assert!(wrong.is_empty(), "outside crates away from their door:\n{}", wrong.join("\n"));
}

#[test]
fn rooms_stay_small() {
    let mut wrong = Vec::new();
    for source in sources() {
        let lines = source.production.lines().count();
        let limit = if source.name.ends_with("mod.rs") { MOD_LINES } else { LINES };
        let excused = LONGER.iter().any(|(name, _)| *name == source.name);
        if lines > limit && !(excused && lines <= LINES) {
            wrong.push(format!("{} has {lines} production lines, at most {limit}", source.name));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn no_room_without_a_name() {
    let banned = ["utils", "util", "helpers", "common", "types", "imp", "misc"];
    let wrong: Vec<String> = sources()
        .into_iter()
        .map(|source| source.name)
        .filter(|name| name.split(['/', '.']).any(|part| banned.contains(&part)))
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn only_the_command_line_prints_and_only_main_exits() {
    let mut wrong = Vec::new();
    for source in sources() {
        for call in [
            "println!(",
            "print!(",
            "eprintln!(",
            "eprint!(",
            "process::exit(",
            "std::io::stdout()",
            "std::io::stderr()",
        ] {
            if source.module() != "cli" && source.code().any(|line| line.contains(call)) {
                wrong.push(format!("{} uses {call}", source.name));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
