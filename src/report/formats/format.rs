//! The formats by name.

use std::path::{Path, PathBuf};

use super::{github, har, markdown, ndjson, sarif, wfc};
use crate::report::error::ReportError;
use crate::report::record::RunRecord;
use crate::report::{file, html, junit};

/// A format that a record can be drawn in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Format {
    /// One page with everything.
    Html,
    /// `JUnit` XML.
    Junit,
    /// A summary in Markdown.
    Markdown,
    /// HTTP Archive 1.2.
    Har,
    /// One JSON object a line.
    Ndjson,
    /// SARIF 2.1.0.
    Sarif,
    /// Report of the Web Fuzzing Commons.
    Wfc,
    /// Annotations of GitHub Actions.
    Github,
}

impl Format {
    /// All formats.
    pub const ALL: [Self; 8] =
        [Self::Html, Self::Junit, Self::Markdown, Self::Har, Self::Ndjson, Self::Sarif, Self::Wfc, Self::Github];

    /// The name on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::Html => "html",
            Self::Junit => "junit",
            Self::Markdown => "markdown",
            Self::Har => "har",
            Self::Ndjson => "ndjson",
            Self::Sarif => "sarif",
            Self::Wfc => "wfc",
            Self::Github => "github",
        }
    }

    /// The file beside `run.json`.
    pub fn file_name(self) -> &'static str {
        match self {
            Self::Html => "index.html",
            Self::Junit => "junit.xml",
            Self::Markdown => "summary.md",
            Self::Har => "exchanges.har",
            Self::Ndjson => "events.ndjson",
            Self::Sarif => "findings.sarif",
            Self::Wfc => "wfc.json",
            Self::Github => "annotations.txt",
        }
    }

    /// What it is, and for whom.
    pub fn purpose(self) -> &'static str {
        match self {
            Self::Html => "one page with everything, for people",
            Self::Junit => "JUnit XML, for Jenkins, GitLab and other CI servers",
            Self::Markdown => "a summary for a merge request or a job page, at most 65,000 characters",
            Self::Har => "HTTP Archive 1.2: the recorded exchanges, for proxies and browsers",
            Self::Ndjson => "one JSON object a line, for log stores and scripts",
            Self::Sarif => "SARIF 2.1.0: findings at lines of the specifications, for code scanning",
            Self::Wfc => "report of the Web Fuzzing Commons, for comparing tools",
            Self::Github => "annotations of GitHub Actions (workflow commands)",
        }
    }
}

/// The text of a report. Paths below `root` are told relative to it where the format wants that; an empty one leaves
/// them as they are.
pub fn draw(format: Format, record: &RunRecord, root: &Path) -> Result<String, ReportError> {
    Ok(match format {
        Format::Html => html::html(record)?,
        Format::Junit => junit::junit(record)?,
        Format::Markdown => markdown::markdown(record),
        Format::Har => har::har(record)?,
        Format::Ndjson => ndjson::ndjson(record)?,
        Format::Sarif => sarif::sarif(record, root)?,
        Format::Wfc => wfc::wfc(record)?,
        Format::Github => github::github(record, root),
    })
}

/// Writes a report into `folder`, whole or not at all, and says where.
pub fn write_report(format: Format, record: &RunRecord, root: &Path, folder: &Path) -> Result<PathBuf, ReportError> {
    let path = folder.join(format.file_name());
    file::write(&path, draw(format, record, root)?.as_bytes())?;
    Ok(path)
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;
    use std::path::Path;

    use super::{Format, draw, write_report};
    use crate::report::sample::sample;

    #[test]
    fn each_format_has_a_name_and_a_file_of_its_own() {
        let names: HashSet<_> = Format::ALL.iter().map(|format| format.name()).collect();
        let files: HashSet<_> = Format::ALL.iter().map(|format| format.file_name()).collect();
        assert_eq!((names.len(), files.len()), (Format::ALL.len(), Format::ALL.len()));
    }

    #[test]
    fn a_record_gives_the_same_text_each_time() {
        let folder = tempfile::tempdir().unwrap();
        for format in Format::ALL {
            let text = draw(format, &sample(), Path::new("")).unwrap();
            assert_eq!(text, draw(format, &sample(), Path::new("")).unwrap(), "{}", format.name());
            let path = write_report(format, &sample(), Path::new(""), folder.path()).unwrap();
            assert_eq!(std::fs::read_to_string(path).unwrap(), text);
        }
    }
}
