//! `d1c explain`: what a code, a check, an obligation or a rule means. Sends nothing.

mod codes;
mod duties;
mod rules;
mod text;

use std::path::PathBuf;

use anyhow::bail;
use serde::Serialize;

use super::args::Format;
use super::output::out;
use crate::contract::Rule;
use crate::suite::{Library, closest, closest_end};

use codes::{all, checks};
use duties::Duties;
use rules::{business_rules, life_cycles};

pub(super) const EXAMPLES: &str = "Examples:
  d1c explain D1C-142                                   a code of a finding
  d1c explain response_schema_conformance               a check
  d1c explain registerCard::body/state::enum            an obligation, by its name in reports or an end of it
  d1c explain CARD-LC-5                                 a business rule
  d1c explain max_length                                a rule of the generator

docs/codes.md lists all codes.";

#[derive(Debug, clap::Args)]
pub(super) struct Explain {
    /// A code, a check, an obligation or a rule, as a report names it.
    #[arg(value_name = "CODE|CHECK|OBLIGATION|RULE")]
    pub term: String,
    /// An OpenAPI file whose obligations are meant, in place of those of the catalogue.
    #[arg(long, value_name = "FILE")]
    pub spec: Option<PathBuf>,
    /// How to print.
    #[arg(long, value_enum, default_value_t = Format::Human)]
    pub format: Format,
}

/// What there is to say of one thing. Texts are for people; lists name further things to ask for.
#[derive(Debug, Default, Serialize)]
pub(super) struct Explanation {
    /// `code`, `check`, `obligation`, `business rule`, `life cycle` or `rule`.
    pub kind: &'static str,
    /// Its name.
    pub name: String,
    /// The check that a code belongs to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub check: Option<String>,
    /// What it says.
    pub means: String,
    /// Why it is so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub because: Option<String>,
    /// What to do.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub remedy: Option<String>,
    /// Who does it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub who: Option<String>,
    /// How sure the specification is of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub evidence: Option<String>,
    /// What a breach amounts to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub severity: Option<String>,
    /// Where it is written down.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<Place>,
    /// What exercises it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub scenarios: Vec<String>,
    /// The codes that belong to it, each with what it means.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub codes: Vec<(String, String)>,
}

/// A place in a file, with the lines that stand there.
#[derive(Debug, Serialize)]
pub(super) struct Place {
    /// The file.
    pub file: String,
    /// Line in it, from 1.
    pub line: usize,
    /// JSON pointer into it.
    pub pointer: String,
    /// The lines.
    pub excerpt: Vec<String>,
}

pub(super) fn explain(args: &Explain) -> anyhow::Result<u8> {
    let term = args.term.trim();
    let mut found = of_names(term);
    let library = Library::find()?;
    found.extend(business_rules(&library, term)?);
    found.extend(life_cycles(&library, term)?);
    if found.is_empty() {
        let duties = Duties::load(&library, args.spec.as_deref(), term)?;
        found.extend(duties.explain(term)?);
        if found.is_empty() {
            bail!("nothing is known of `{term}`\n  remedy: {}", remedy(&library, &duties, term)?);
        }
    }
    match args.format {
        Format::Human => out(&found.iter().map(text::human).collect::<Vec<_>>().join("\n")),
        Format::Json => out(&format!("{:#}\n", serde_json::to_value(&found)?)),
    }
    Ok(0)
}

/// Codes, checks and rules of the generator. A name may be that of several.
fn of_names(term: &str) -> Vec<Explanation> {
    let codes = all().into_iter().filter(|code| code.name.eq_ignore_ascii_case(term));
    let checks = checks().into_iter().filter(|check| check.name == term);
    let rule = Rule::named(term).map(rules::of_generator);
    codes.chain(checks).chain(rule).collect()
}

fn remedy(library: &Library, duties: &Duties, term: &str) -> anyhow::Result<String> {
    let obligations: Vec<&str> = duties.names().collect();
    if term.contains("::") {
        return Ok(match closest_end(term, obligations.iter().copied()) {
            Some(near) => format!("did you mean `{near}`?"),
            None => "`d1c list --format json` shows the obligations; --spec names a file of yours".to_owned(),
        });
    }
    let mut names: Vec<String> = all().into_iter().chain(checks()).map(|one| one.name).collect();
    names.extend(Rule::all().map(|rule| rule.to_string()));
    names.extend(rules::names(library)?);
    Ok(match closest(term, names.iter().map(String::as_str)) {
        Some(near) => format!("did you mean `{near}`?"),
        None => "name a code (D1C-142), a check, an obligation as reports show it, or a rule (CARD-LC-5, max_length)"
            .to_owned(),
    })
}
