//! Known deviations: breaches that somebody has looked at, with the reason, who sees to them, and the day on which that ends.

mod names;
mod text;

use std::path::{Path, PathBuf};

use serde::Deserialize;
use time::Date;
use time::macros::format_description;

use super::error::SuiteError;
use super::read::Lines;
use crate::base::ObligationId;

pub use names::Vocabulary;
pub use text::{Added, NewDeviation, add_deviations};

const KNOWN_KEYS: &str = "the file is a list; each entry has obligation, reason, ticket, owner and expires, and may have operation and \
                          code; examples/deviations.yaml shows one";

/// The entries of a file as of a day. Not a word of it is believed on that day alone: an entry that has expired excuses
/// nothing.
#[derive(Clone, Debug)]
pub struct Deviations {
    /// The file it was read from.
    pub path: PathBuf,
    /// The day that the entries are held against.
    pub today: Date,
    /// The entries, in the order of the file.
    pub entries: Vec<Deviation>,
}

/// One known breach.
#[derive(Clone, Debug)]
pub struct Deviation {
    /// The duty that is broken, by its whole name.
    pub obligation: ObligationId,
    /// Qualified name of the operation, where the entry names one.
    pub operation: Option<String>,
    /// The code of the findings that it covers; all codes without.
    pub code: Option<String>,
    /// Why it is let pass.
    pub reason: String,
    /// Where it is followed up.
    pub ticket: String,
    /// Who sees to it.
    pub owner: String,
    /// The last day on which it excuses anything.
    pub expires: Date,
    /// Line in the file, from 1.
    pub line: usize,
}

/// An entry as it stands in the file.
#[derive(Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub(super) struct DeviationFile {
    /// The duty that is broken: its name as in reports, or, beside `operation`, the part of it behind the operation.
    obligation: String,
    /// Qualified name of the operation; not needed where the obligation names it.
    operation: Option<String>,
    /// The code of the findings that are covered; all codes without.
    #[cfg_attr(test, schemars(regex(pattern = "^D1C-[0-9]{3}$")))]
    code: Option<String>,
    /// Why it is let pass.
    #[cfg_attr(test, schemars(length(min = 1)))]
    reason: String,
    /// Where it is followed up.
    #[cfg_attr(test, schemars(length(min = 1)))]
    ticket: String,
    /// Who sees to it.
    #[cfg_attr(test, schemars(length(min = 1)))]
    owner: String,
    /// The last day on which it excuses anything: YYYY-MM-DD.
    #[cfg_attr(test, schemars(regex(pattern = "^[0-9]{4}-[0-9]{2}-[0-9]{2}$")))]
    expires: String,
}

impl Deviations {
    /// Reads a file; `today` is the day that its entries are held against. Names are checked by [`Deviations::check`].
    pub fn load(path: &Path, today: Date) -> Result<Self, SuiteError> {
        let text =
            std::fs::read_to_string(path).map_err(|source| SuiteError::Read { path: path.to_owned(), source })?;
        Self::parse(path, &text, today)
    }

    /// The same of a text; the lines of errors are those of the file.
    pub(super) fn parse(path: &Path, text: &str, today: Date) -> Result<Self, SuiteError> {
        // A file whose entries were all removed is as good as none.
        let file: Option<Vec<DeviationFile>> =
            serde_yaml::from_str(text).map_err(|error| SuiteError::yaml(path, &error, KNOWN_KEYS))?;
        let lines = Lines::of(path);
        let mut entries: Vec<Deviation> = Vec::new();
        for (index, entry) in file.unwrap_or_default().into_iter().enumerate() {
            let entry = entry.read(&lines, &format!("/{index}"))?;
            if let Some(twin) = entries.iter().find(|known| known.is_twin(&entry)) {
                let problem = format!("`{}` is excused twice, here and in line {}", entry.obligation, twin.line);
                return Err(lines.invalid(&format!("/{index}"), problem, "leave one of them".to_owned()));
            }
            entries.push(entry);
        }
        Ok(Self { path: path.to_owned(), today, entries })
    }

    /// The entry that excuses a finding, by its duty, its code and the operation whose scenario met it. One that names the
    /// code is closer than one that does not. None that has expired.
    pub fn excuse(&self, obligation: &str, operation: &str, code: &str) -> Option<&Deviation> {
        let live = |entry: &&Deviation| !entry.expired(self.today) && entry.covers(obligation, operation, code);
        self.entries.iter().filter(live).max_by_key(|entry| (entry.code.is_some(), entry.operation.is_some()))
    }
}

impl Deviation {
    /// Is this finding the known one?
    pub fn covers(&self, obligation: &str, operation: &str, code: &str) -> bool {
        self.obligation.as_str() == obligation
            && self.operation.as_deref().is_none_or(|own| own == operation)
            && self.code.as_deref().is_none_or(|own| own == code)
    }

    /// Is its last day over?
    pub fn expired(&self, today: Date) -> bool {
        today > self.expires
    }

    fn is_twin(&self, other: &Self) -> bool {
        self.obligation == other.obligation && self.operation == other.operation && self.code == other.code
    }
}

impl DeviationFile {
    fn read(self, lines: &Lines<'_>, pointer: &str) -> Result<Deviation, SuiteError> {
        for (key, text) in [
            ("obligation", &self.obligation),
            ("reason", &self.reason),
            ("ticket", &self.ticket),
            ("owner", &self.owner),
        ] {
            if text.trim().is_empty() {
                let remedy = "an excuse without reason, ticket and owner is none; write them".to_owned();
                return Err(lines.invalid(&format!("{pointer}/{key}"), format!("`{key}` is empty"), remedy));
            }
        }
        let place = format!("{pointer}/expires");
        let expires = day(&self.expires).ok_or_else(|| {
            let remedy = "write the last day on which it may pass as YYYY-MM-DD, such as 2027-03-31".to_owned();
            lines.invalid(&place, format!("`expires: {}` is no day", self.expires), remedy)
        })?;
        Ok(Deviation {
            obligation: named(&self.obligation, self.operation.as_deref()),
            operation: self.operation,
            code: self.code,
            reason: self.reason,
            ticket: self.ticket,
            owner: self.owner,
            expires,
            line: lines.line(pointer).unwrap_or(1),
        })
    }
}

/// A day as it is written: `2027-03-31`.
pub fn day(text: &str) -> Option<Date> {
    Date::parse(text.trim(), format_description!("[year]-[month]-[day]")).ok()
}

/// The whole name of a duty. Beside an operation its end is enough.
fn named(obligation: &str, operation: Option<&str>) -> ObligationId {
    match operation {
        Some(operation) if !is_whole(obligation, operation) => ObligationId::new(format!("{operation}::{obligation}")),
        _ => ObligationId::new(obligation),
    }
}

/// `SPEC::operation::place::rule`, or `rules::ID`. A place has one `::` at most, that before its rule.
fn is_whole(obligation: &str, operation: &str) -> bool {
    obligation.starts_with(&format!("{operation}::"))
        || obligation.starts_with("rules::")
        || obligation.matches("::").count() >= 3
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use time::macros::date;

    use super::Deviations;

    const ENTRY: &str =
        "- obligation: S::getA::body/a::enum\n  reason: r\n  ticket: T-1\n  owner: o\n  expires: 2027-03-31\n";

    fn parse(text: &str) -> Result<Deviations, String> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("d.yaml");
        std::fs::write(&path, text).unwrap();
        Deviations::parse(&path, text, date!(2027 - 03 - 31)).map_err(|error| error.to_string())
    }

    #[test]
    fn an_entry_excuses_until_its_last_day_and_not_a_day_longer() {
        let mut known = parse(ENTRY).unwrap();
        let (duty, operation) = ("S::getA::body/a::enum", "S::getA");
        assert_eq!(known.excuse(duty, operation, "D1C-161").unwrap().line, 1);
        assert!(known.excuse("S::getA::body/b::enum", operation, "D1C-161").is_none());
        known.today = date!(2027 - 04 - 01);
        assert!(known.excuse(duty, operation, "D1C-161").is_none() && known.entries[0].expired(known.today));
    }

    #[test]
    fn a_code_and_an_operation_narrow_and_the_closest_entry_wins() {
        let text = format!(
            "{ENTRY}{}{}",
            ENTRY.replace("reason: r", "code: D1C-161\n  reason: narrow"),
            ENTRY.replace("S::getA::body/a::enum", "rules::X-1\n  operation: S::getA")
        );
        let known = parse(&text).unwrap();
        let reason = |code: &str| known.excuse("S::getA::body/a::enum", "S::getA", code).unwrap().reason.clone();
        assert_eq!((reason("D1C-161").as_str(), reason("D1C-101").as_str()), ("narrow", "r"));
        assert!(known.excuse("rules::X-1", "S::getA", "D1C-241").is_some());
        assert!(known.excuse("rules::X-1", "S::other", "D1C-241").is_none());
    }

    #[test]
    fn beside_an_operation_the_end_of_the_name_is_enough() {
        let text = ENTRY.replace("S::getA::body/a::enum", "body/a::enum\n  operation: S::getA");
        assert_eq!(parse(&text).unwrap().entries[0].obligation.as_str(), "S::getA::body/a::enum");
    }

    #[test]
    fn what_is_wrong_is_named_with_its_line() {
        for (from, to, parts) in [
            ("2027-03-31", "2027-02-30", ["d.yaml:5", "no day"]),
            ("2027-03-31", "31.3.2027", ["d.yaml:5", "YYYY-MM-DD"]),
            ("  expires: 2027-03-31\n", "", ["d.yaml:1", "missing field `expires`"]),
            ("reason: r", "reason: ' '", ["d.yaml:2", "`reason` is empty"]),
            ("owner: o", "ower: o", ["d.yaml", "did you mean `owner`?"]),
            ("- obligation: S", "obligation: S", ["d.yaml", "the file is a list"]),
        ] {
            let error = parse(&ENTRY.replace(from, to)).unwrap_err();
            assert!(parts.iter().all(|part| error.contains(part)), "{to}: {error}");
        }
        let twice = parse(&format!("{ENTRY}{ENTRY}")).unwrap_err();
        assert!(twice.contains("d.yaml:6") && twice.contains("line 1"), "{twice}");
        assert!(parse("# nothing yet\n").unwrap().entries.is_empty());
        assert!(Deviations::load(Path::new("/no/such.yaml"), date!(2027 - 01 - 01)).is_err());
    }
}
