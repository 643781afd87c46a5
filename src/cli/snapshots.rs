//! `d1c snapshots`: looks through the accepted answers and those that wait.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::{BufRead, IsTerminal as _};

use anyhow::{Context as _, bail};
use clap::Subcommand;

use super::output::{note, out};
use crate::oracle::{Shelf, Shelved, Standing};
use crate::report::printable;
use crate::suite::{Library, Suite};

pub(super) const EXAMPLES: &str = "Examples:
  d1c snapshots list                       what waits, and what no pinned case names any more
  d1c snapshots review getCard             look at each difference, and accept or reject it
  d1c snapshots accept targets/staging     all that waits of one target
  d1c snapshots reject --unreferenced      delete what no pinned case names any more

A run leaves an answer that is new or changed beside its place, as `.snap.new`.
The files are those of insta, so `cargo insta review` works on them, too.
They lie in snapshots/ of D1C_HOME, or of the working folder or one around it.";

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Show the snapshots that wait, that are unreferenced, or all.
    List {
        #[command(flatten)]
        which: Which,
        /// Show those on which nothing waits, too.
        #[arg(long)]
        all: bool,
    },
    /// Show each waiting answer with its difference, and ask what to do with it.
    Review {
        #[command(flatten)]
        which: Which,
    },
    /// Accept the waiting answers.
    Accept {
        #[command(flatten)]
        which: Which,
    },
    /// Throw the waiting answers away; the accepted ones stay.
    Reject {
        #[command(flatten)]
        which: Which,
        /// Delete the snapshots that no pinned case names any more, instead.
        #[arg(long)]
        unreferenced: bool,
    },
}

#[derive(Debug, clap::Args)]
pub(super) struct Which {
    /// Only snapshots whose name contains one of these texts.
    pub filter: Vec<String>,
    /// A suite file of yours whose pinned cases count besides the bundled ones; may be repeated.
    #[arg(long, value_name = "FILE")]
    pub suite: Vec<String>,
}

pub(super) fn snapshots(command: &Command) -> anyhow::Result<u8> {
    match command {
        Command::List { which, all } => out(&listed(&chosen(which)?, *all)),
        Command::Review { which } => {
            let chosen = chosen(which)?;
            if !std::io::stdin().is_terminal() {
                bail!(
                    "nobody is there to be asked: standard input is no terminal\n  remedy: use `d1c snapshots accept FILTER` or `d1c snapshots reject FILTER`"
                );
            }
            review(&chosen, &mut std::io::stdin().lock())?;
        }
        Command::Accept { which } => {
            let waiting: Vec<Shelved> = chosen(which)?.into_iter().filter(Shelved::waits).collect();
            for one in &waiting {
                one.accept()?;
                out(&format!("accepted {}\n", printable(&one.name)));
            }
            counted(waiting.len(), "accepted");
        }
        Command::Reject { which, unreferenced } => {
            let is_meant =
                |one: &Shelved| if *unreferenced { one.standing == Standing::Unreferenced } else { one.waits() };
            let meant: Vec<Shelved> = chosen(which)?.into_iter().filter(is_meant).collect();
            for one in &meant {
                if *unreferenced {
                    one.delete()?;
                } else {
                    one.reject()?;
                }
                let done = if *unreferenced { "deleted" } else { "rejected" };
                out(&format!("{done} {}\n", printable(&one.name)));
            }
            counted(meant.len(), if *unreferenced { "deleted" } else { "rejected" });
        }
    }
    Ok(0)
}

fn counted(count: usize, done: &str) {
    note(&if count == 0 { "nothing waits".to_owned() } else { format!("{count} {done}") });
}

/// The snapshots that the user means.
fn chosen(which: &Which) -> anyhow::Result<Vec<Shelved>> {
    let library = Library::find()?;
    let names = library.suite_names().into_iter().chain(which.suite.iter().cloned());
    let suites: Vec<Suite> = names.map(|name| library.suite(&name)).collect::<Result<_, _>>()?;
    let root = library.snapshots();
    let shelf = Shelf::read(&root, &suites).context("the snapshots cannot be read")?;
    let chosen: Vec<Shelved> = shelf.matching(&which.filter).cloned().collect();
    if chosen.is_empty() && !which.filter.is_empty() {
        bail!(
            "no snapshot in {} has {} in its name\n  remedy: `d1c snapshots list --all` shows the names",
            root.display(),
            which.filter.iter().map(|text| format!("`{text}`")).collect::<Vec<_>>().join(" or ")
        );
    }
    Ok(chosen)
}

fn listed(chosen: &[Shelved], all: bool) -> String {
    let mut counts: BTreeMap<Standing, usize> = BTreeMap::new();
    let mut text = String::new();
    for one in chosen {
        *counts.entry(one.standing).or_default() += 1;
        if !all && one.standing == Standing::Accepted {
            continue;
        }
        let _ = writeln!(text, "{:<13} {}", word(one.standing), printable(&one.name));
        if one.standing == Standing::Changed {
            text.extend(one.difference().0.iter().map(|change| format!("{:<13}   {}\n", "", printable(change))));
        }
    }
    let told: Vec<String> = counts.iter().map(|(standing, count)| format!("{count} {}", word(*standing))).collect();
    text.push_str(&if told.is_empty() { "no snapshots".to_owned() } else { told.join(", ") });
    text.push('\n');
    if chosen.iter().any(Shelved::waits) {
        text.push_str("look at what waits with `d1c snapshots review`\n");
    }
    if counts.contains_key(&Standing::Unreferenced) {
        text.push_str("delete what no pinned case names any more with `d1c snapshots reject --unreferenced`\n");
    }
    if counts.contains_key(&Standing::Unknown) {
        text.push_str("name the files of unknown suites with --suite\n");
    }
    text
}

fn word(standing: Standing) -> &'static str {
    match standing {
        Standing::New => "new",
        Standing::Changed => "changed",
        Standing::Unreferenced => "unreferenced",
        Standing::Unknown => "unknown suite",
        Standing::Accepted => "accepted",
    }
}

/// Shows each waiting answer and does what the reader says.
fn review(chosen: &[Shelved], answers: &mut impl BufRead) -> anyhow::Result<()> {
    let waiting: Vec<&Shelved> = chosen.iter().filter(|one| one.waits()).collect();
    let (mut accepted, mut rejected) = (0, 0);
    'all: for (index, one) in waiting.iter().enumerate() {
        out(&shown(one, index + 1, waiting.len()));
        loop {
            out("[a]ccept, [r]eject, [s]kip, [q]uit? ");
            let mut line = String::new();
            if answers.read_line(&mut line)? == 0 {
                break 'all;
            }
            match line.trim().to_ascii_lowercase().as_str() {
                "a" | "accept" => {
                    one.accept()?;
                    accepted += 1;
                }
                "r" | "reject" => {
                    one.reject()?;
                    rejected += 1;
                }
                "s" | "skip" => {}
                "q" | "quit" => break 'all,
                _ => continue,
            }
            break;
        }
    }
    let left = waiting.len() - accepted - rejected;
    out(&format!("{accepted} accepted, {rejected} rejected, {left} left\n"));
    Ok(())
}

fn shown(one: &Shelved, number: usize, all: usize) -> String {
    let (changes, lines) = one.difference();
    let mut text = format!("\n{number} of {all}, {}: {}\n", word(one.standing), printable(&one.name));
    text.extend(changes.iter().map(|change| format!("  {}\n", printable(change))));
    text.push('\n');
    text.push_str(&printable(&lines));
    text
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{listed, review, shown};
    use crate::base::OperationId;
    use crate::oracle::{Shelf, Shelved, SnapshotMode, SnapshotView, Snapshots};

    fn shelf(folder: &std::path::Path) -> Vec<Shelved> {
        Shelf::read(folder, &[]).unwrap().matching(&[]).cloned().collect()
    }

    fn answer(folder: &std::path::Path, mode: SnapshotMode, name: &str, state: &str) {
        let view = SnapshotView { status: 200, content_type: None, body: json!({ "state": state }) };
        Snapshots::new(folder, mode).compare("s", &OperationId::new("S::get"), name, &view, &[]).unwrap();
    }

    #[test]
    fn a_review_does_what_it_is_told() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["a", "b", "c", "d", "e"] {
            answer(folder.path(), SnapshotMode::Accept, name, "A");
            answer(folder.path(), SnapshotMode::Compare, name, "B\u{1b}[2J");
        }
        let before = shelf(folder.path());
        assert!(listed(&before, false).contains("5 changed") && !listed(&before, false).contains('\u{1b}'));
        let text = shown(&before[0], 1, 5);
        assert!(text.contains("/state was \"A\"") && !text.contains('\u{1b}'), "{text}");
        review(&before, &mut "what?\na\nR\ns\nq\na\n".as_bytes()).unwrap();
        let after: Vec<bool> = shelf(folder.path()).iter().map(Shelved::waits).collect();
        assert_eq!(after, [false, false, true, true, true]);
        let text = |name: &str| std::fs::read_to_string(folder.path().join(format!("s/S.get/{name}.snap"))).unwrap();
        assert!(text("a").contains("B\\u001b") && text("b").contains("\"A\""));
        review(&shelf(folder.path()), &mut "".as_bytes()).unwrap();
        assert_eq!(shelf(folder.path()).iter().filter(|one| one.waits()).count(), 3, "an end of input changes nothing");
    }
}
