//! Checks the names in a file of deviations before any traffic.

use std::collections::HashSet;
use std::sync::Arc;

use serde_json::Value;

use super::super::error::SuiteError;
use super::super::model::Suite;
use super::super::read::Lines;
use super::super::suggest::closest;
use super::{Deviation, Deviations};
use crate::contract::{Contract, Operation, Rule, StatusPattern, obligations, response_obligations};

/// What an entry may name.
pub struct Vocabulary<'v> {
    /// The specifications; those of entries whose operation is not among them are unknown.
    pub contracts: &'v [Arc<Contract>],
    /// The suites, for business rules and pinned cases.
    pub suites: &'v [Arc<Suite>],
    /// Every code that a finding of a run can have.
    pub codes: &'v [&'static str],
}

impl Deviations {
    /// The specifications that the entries name, each once.
    pub fn specs(&self) -> Vec<String> {
        let mut specs: Vec<String> = Vec::new();
        for entry in &self.entries {
            let spec = entry.named().and_then(|name| name.split("::").next()).map(str::to_owned);
            specs.extend(spec.filter(|spec| !specs.contains(spec)));
        }
        specs
    }

    /// Checks that every entry names what there is.
    pub fn check(&self, vocabulary: &Vocabulary<'_>) -> Result<(), SuiteError> {
        let checker = Checker { lines: Lines::of(&self.path), vocabulary };
        self.entries.iter().enumerate().try_for_each(|(index, entry)| checker.entry(&format!("/{index}"), entry))
    }
}

impl Deviation {
    /// What names the operation: the key of its own, or the duty.
    fn named(&self) -> Option<&str> {
        let of_duty = Some(self.obligation.as_str()).filter(|id| !id.starts_with("rules::"));
        self.operation.as_deref().or(of_duty)
    }
}

struct Checker<'c> {
    lines: Lines<'c>,
    vocabulary: &'c Vocabulary<'c>,
}

impl Checker<'_> {
    fn entry(&self, pointer: &str, entry: &Deviation) -> Result<(), SuiteError> {
        if let Some(code) = entry.code.as_ref().filter(|code| !self.vocabulary.codes.contains(&code.as_str())) {
            let known = self.vocabulary.codes.iter().copied();
            return Err(self.lines.unknown(&format!("{pointer}/code"), "code", code, known));
        }
        if let Some(operation) = &entry.operation {
            self.operation(&format!("{pointer}/operation"), operation)?;
        }
        let (id, place) = (entry.obligation.as_str(), format!("{pointer}/obligation"));
        if let Some(rule) = id.strip_prefix("rules::") {
            return self.rule(&place, rule);
        }
        if id.starts_with("lifecycles::") {
            let remedy = "name the rule of the finding, `rules::ID`".to_owned();
            return Err(self.lines.invalid(
                &place,
                "findings of a life cycle are of a business rule".to_owned(),
                remedy,
            ));
        }
        let Some((spec, rest)) = id.split_once("::") else { return Err(self.shapeless(&place, id)) };
        let Some((name, duty)) = rest.split_once("::") else { return Err(self.shapeless(&place, id)) };
        let named = format!("{spec}::{name}");
        let (contract, operation) = self.operation(&place, &named)?;
        if let Some(other) = entry.operation.as_ref().filter(|own| **own != named) {
            let problem = format!("the obligation is one of {named}, and `operation` is {other}");
            return Err(self.lines.invalid(
                &place,
                problem,
                "leave `operation` out, or correct one of the two".to_owned(),
            ));
        }
        self.duty(&place, contract, operation, duty)
    }

    fn shapeless(&self, place: &str, id: &str) -> SuiteError {
        let remedy = "write it as reports do, SPEC::operation::place::rule, or add `operation: SPEC::operation`";
        self.lines.invalid(place, format!("`{id}` does not name its operation"), remedy.to_owned())
    }

    fn operation(&self, place: &str, named: &str) -> Result<(&Contract, &Operation), SuiteError> {
        let all = || {
            let contracts = self.vocabulary.contracts.iter();
            contracts.flat_map(|contract| contract.operations.iter().map(move |own| (contract.as_ref(), own.as_ref())))
        };
        all().find(|(_, own)| own.id.as_str() == named).ok_or_else(|| {
            let known: Vec<&str> = all().map(|(_, own)| own.id.as_str()).collect();
            self.lines.unknown(place, "operation", named, known)
        })
    }

    fn rule(&self, place: &str, rule: &str) -> Result<(), SuiteError> {
        let files = self.vocabulary.suites.iter().flat_map(|suite| &suite.rules);
        let known: Vec<&str> = files.flat_map(|file| file.rules.keys()).map(String::as_str).collect();
        if known.contains(&rule) { Ok(()) } else { Err(self.lines.unknown(place, "business rule", rule, known)) }
    }

    fn duty(&self, place: &str, contract: &Contract, operation: &Operation, duty: &str) -> Result<(), SuiteError> {
        let prefix = format!("{}::", operation.id);
        let duties = obligations(contract, operation).into_iter().chain(response_obligations(contract, operation));
        let mut known: Vec<String> =
            duties.filter_map(|own| Some(own.id.as_str().strip_prefix(&prefix)?.to_owned())).collect();
        let plans = self.vocabulary.suites.iter().filter_map(|suite| suite.operations.get(operation.id.as_str()));
        known.extend(
            plans.flat_map(|plan| &plan.pinned).map(|case| format!("snapshot.{}::{}", case.name, Rule::Snapshot)),
        );
        if known.iter().any(|own| own == duty) || is_possible(contract, operation, duty) {
            return Ok(());
        }
        let remedy = closest(duty, known.iter().map(String::as_str)).map_or_else(
            || format!("`d1c explain` and `d1c list {}` show the obligations of the operation", operation.id),
            |near| format!("did you mean `{prefix}{near}`?"),
        );
        Err(self.lines.invalid(place, format!("unknown obligation `{prefix}{duty}`"), remedy))
    }
}

/// Answers are judged at places that have no duty of their own too, such as those inside of a variant. Such a name is right
/// where the answer, the rule and each member on the way exist.
fn is_possible(contract: &Contract, operation: &Operation, duty: &str) -> bool {
    let Some((location, rule)) = duty.rsplit_once("::") else { return false };
    let rule = rule.split_once('.').map_or(rule, |(rule, _)| rule);
    if serde_json::from_value::<Rule>(rule.into()).is_err() {
        return false;
    }
    let (head, path) = location.split_once('/').map_or((location, ""), |(head, path)| (head, path));
    let heads = operation.responses.iter().flat_map(|response| {
        let own = format!("response.{}", response.status);
        let headers =
            response.headers.iter().map(|header| format!("response.{}.header.{}", response.status, header.name));
        headers.chain([format!("{own}.body"), own]).collect::<Vec<_>>()
    });
    let classes = (1..=5).map(|class| format!("response.{}", StatusPattern::Range(class)));
    let mut heads = heads.chain(classes).chain(["response".to_owned()]);
    let members = || {
        let mut members = HashSet::new();
        collect(contract.document.root(), &mut members);
        members
    };
    heads.any(|own| own == head)
        && (path.is_empty() || {
            let members = members();
            path.split('/').all(|token| {
                let name = token.trim_end_matches(".plaintext").trim_end_matches(".jwe");
                let name = name.replace("~1", "/").replace("~0", "~");
                name == "*" || members.contains(name.as_str())
            })
        })
}

/// The names of all members that the schemas of a document declare.
fn collect<'v>(node: &'v Value, found: &mut HashSet<&'v str>) {
    match node {
        Value::Object(members) => {
            if let Some(Value::Object(properties)) = members.get("properties") {
                found.extend(properties.keys().map(String::as_str));
            }
            members.values().for_each(|member| collect(member, found));
        }
        Value::Array(items) => items.iter().for_each(|item| collect(item, found)),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use time::macros::date;

    use super::Vocabulary;
    use crate::contract::Contract;
    use crate::suite::{Deviations, Library, Suite};

    fn library() -> (Vec<Arc<Contract>>, Vec<Arc<Suite>>) {
        let library = Library::find().unwrap();
        let (suite, contracts) = library.load("outbound", &library.catalog().unwrap()).unwrap();
        (contracts, vec![suite])
    }

    fn checked(obligation: &str, more: &str) -> Result<(), String> {
        let (contracts, suites) = library();
        let text = format!(
            "- obligation: '{obligation}'\n{more}  reason: r\n  ticket: t\n  owner: o\n  expires: 2027-03-31\n"
        );
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("d.yaml");
        std::fs::write(&path, &text).unwrap();
        let known = Deviations::parse(&path, &text, date!(2027 - 01 - 01)).unwrap();
        let vocabulary = Vocabulary { contracts: &contracts, suites: &suites, codes: &["D1C-142", "D1C-161"] };
        known.check(&vocabulary).map_err(|error| error.to_string())
    }

    const DELIVER: &str = "D1-Public-OUT-v1-Consumer::deliverOtp";

    #[test]
    fn what_there_is_may_be_named() {
        for obligation in [
            format!("{DELIVER}::operation::conforming"),
            format!("{DELIVER}::response::status"),
            // A duty that only a finding has.
            format!("{DELIVER}::response.400.body::malformed_json"),
            format!("{DELIVER}::snapshot.full::snapshot"),
            "rules::NOTIF-R1".to_owned(),
        ] {
            assert_eq!(checked(&obligation, "  code: D1C-142\n"), Ok(()), "{obligation}");
        }
        assert_eq!(checked("operation::conforming", &format!("  operation: {DELIVER}\n")), Ok(()));
    }

    #[test]
    fn what_there_is_not_is_an_error_with_line_and_suggestion() {
        for (obligation, more, parts) in [
            (format!("{DELIVER}::operation::confroming"), "", ["d.yaml:1", "did you mean", "conforming`?"]),
            (
                format!("{DELIVER}::response.400.body/erorr::type"),
                "",
                ["d.yaml:1", "unknown obligation", "did you mean"],
            ),
            (format!("{DELIVER}::response.200.body/error::tyype"), "", ["d.yaml:1", "unknown obligation", "remedy"]),
            (
                "D1-Public-OUT-v1-Consumer::deliverOpt::operation::conforming".to_owned(),
                "",
                ["d.yaml:1", "unknown operation", "deliverOtp`?"],
            ),
            ("operation::conforming".to_owned(), "", ["d.yaml:1", "does not name its operation", "operation"]),
            ("lifecycles::card::suspend".to_owned(), "", ["d.yaml:1", "business rule", "rules::ID"]),
            ("rules::NOTIFF-999".to_owned(), "", ["d.yaml:1", "unknown business rule", "remedy"]),
            (format!("{DELIVER}::operation::conforming"), "  code: D1C-143\n", ["d.yaml:2", "unknown code", "D1C-142"]),
            (
                format!("{DELIVER}::operation::conforming"),
                "  operation: D1-Public-OUT-v1-Auth2::getToken\n",
                ["d.yaml:1", "`operation` is", "leave `operation` out"],
            ),
        ] {
            let error = checked(&obligation, more).unwrap_err();
            assert!(parts.iter().all(|part| error.contains(part)), "{obligation}: {error}");
        }
    }
}
