//! `d1c explain`, and the codes: every one that a finding can carry is explained, none twice, and none for something else
//! than before.

#![expect(clippy::unwrap_used, reason = "a test that cannot be set up must fail")]

mod stand;

use std::collections::{BTreeMap, HashMap, HashSet};
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use d1_conformance::contract::{Catalog, Obligation, obligations, response_obligations};
use d1_conformance::report::{DEVIATION_CODES, DEVIATIONS_CHECK, read_run_json};
use d1_conformance::sandbox::Role;
use d1_conformance::{judge, oracle};
use regex::Regex;
use serde_json::Value;
use stand::{Stand, d1c};

fn home() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Code, check and words of all codes, in their order.
fn codes() -> BTreeMap<String, (String, String)> {
    let of_runs = oracle::codes().into_iter().map(|(check, code)| (code.id, check, code.means));
    let of_files = DEVIATION_CODES.iter().map(|code| (code.id, DEVIATIONS_CHECK, code.means));
    let of_callers = judge::checks().iter();
    let of_callers =
        of_callers.map(|check| (check.code, check.name, format!("a client does not keep this: it {}", check.duty)));
    let own = of_runs.chain(of_files).map(|(code, check, means)| (code, check, means.to_owned()));
    let all: Vec<(&str, &str, String)> = own.chain(of_callers).collect();
    let found: BTreeMap<_, _> =
        all.iter().map(|(id, check, means)| ((*id).to_owned(), ((*check).to_owned(), means.clone()))).collect();
    assert_eq!(found.len(), all.len(), "a code is there twice");
    found
}

fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            found.push(path);
        }
    }
}

#[test]
fn every_code_in_the_sources_is_explained_and_none_is_explained_in_vain() {
    let known: HashSet<String> = codes().into_keys().collect();
    let pattern = Regex::new(r#""(D1C-\d{3})""#).unwrap();
    let mut files = Vec::new();
    sources(&home().join("src"), &mut files);
    let mut used = HashSet::new();
    for file in files.iter().filter(|file| !file.to_string_lossy().ends_with("tests.rs")) {
        let text = fs::read_to_string(file).unwrap();
        let production = text.split("#[cfg(test)]").next().unwrap();
        let codes = production.lines().filter(|line| !line.trim_start().starts_with("//"));
        used.extend(
            codes.flat_map(|line| pattern.captures_iter(line).map(|found| found[1].to_owned())).collect::<Vec<_>>(),
        );
    }
    assert!(used.len() > 60, "{}", used.len());
    assert_eq!(used, known);
}

#[test]
fn every_code_and_every_check_has_words_that_say_something() {
    let mut asked = HashSet::new();
    for (code, (check, _)) in codes() {
        let ended = d1c(&["explain", &code, "--format", "json"]);
        assert_eq!(ended.code, 0, "{}", ended.text);
        let found: Value = serde_json::from_str(&ended.text).unwrap();
        assert_eq!((found.as_array().unwrap().len(), found[0]["name"].as_str()), (1, Some(code.as_str())));
        for key in ["means", "because", "remedy", "who", "check"] {
            assert!(found[0][key].as_str().is_some_and(|text| text.len() > 5), "{code}: no {key} in {}", ended.text);
        }
        if asked.insert(check.clone()) {
            let ended = d1c(&["explain", &check, "--format", "json"]);
            let found: Value = serde_json::from_str(&ended.text).unwrap();
            let own = found.as_array().unwrap().iter().find(|one| one["kind"] == "check").unwrap();
            assert!(own["means"].as_str().is_some_and(|text| text.len() > 15), "{check}");
            assert!(own["codes"].to_string().contains(&code), "{check}");
        }
    }
}

/// `docs/codes.md`, with `UPDATE_CODES` written instead of compared. What was a code once stays in it for good.
#[test]
fn the_list_of_codes_is_up_to_date_and_no_code_is_used_again() {
    let path = home().join("docs/codes.md");
    let old = fs::read_to_string(&path).unwrap_or_default();
    let row = Regex::new(r"(?m)^\| (D1C-\d{3}) \| `([a-z0-9_]+)` \| (.*) \|$").unwrap();
    let before: BTreeMap<String, (String, String)> = row
        .captures_iter(&old)
        .map(|found| (found[1].to_owned(), (found[2].to_owned(), found[3].to_owned())))
        .collect();
    let now = codes();
    for (code, (check, _)) in &now {
        let was = before.get(code).map(|(was, _)| was);
        assert!(
            was.is_none_or(|was| was == check),
            "{code} was one of {was:?}: a code is never used for something else"
        );
        let retired = old.split("## Retired").nth(1).is_some_and(|part| part.contains(code.as_str()));
        assert!(!retired, "{code} is retired: take a number that never was");
    }
    let mut text = String::from(
        "# Codes\n\nEvery code that a finding can carry. `d1c explain CODE` says why, and what to do. A code is never used for something \
         else.\n\n| Code | Check | Means |\n|---|---|---|\n",
    );
    for (code, (check, means)) in &now {
        writeln!(text, "| {code} | `{check}` | {} |", means.replace('|', "\\|")).unwrap();
    }
    let gone: Vec<_> = before.iter().filter(|(code, _)| !now.contains_key(*code)).collect();
    if !gone.is_empty() {
        text.push_str("\n## Retired\n\nNo finding carries them any more.\n\n| Code | Check | Means |\n|---|---|---|\n");
        for (code, (check, means)) in gone {
            writeln!(text, "| {code} | `{check}` | {means} |").unwrap();
        }
    }
    if std::env::var_os("UPDATE_CODES").is_some() {
        fs::write(&path, &text).unwrap();
    }
    let known = fs::read_to_string(&path).unwrap_or_default();
    assert!(known == text, "docs/codes.md is not what the checks say; run this test with UPDATE_CODES=1");
}

#[test]
fn an_obligation_is_shown_with_its_line_its_scenarios_and_its_codes() {
    let ended = d1c(&["explain", "D1-Public-IN-v2-Card::registerCard::body/state::enum"]);
    assert_eq!(ended.code, 0, "{}", ended.text);
    for part in [
        "body/state is one of ACTIVE, INACTIVE",
        "specs/D1-Public-IN-v2-Card.yaml:",
        "- INACTIVE",
        "documented",
        "inbound::D1-Public-IN-v2-Card::registerCard::body/state::enum",
        "D1C-161",
    ] {
        assert!(ended.text.contains(part), "{part}: {}", ended.text);
    }
    assert!(!ended.text.contains("D1C-142"), "{}", ended.text);
    let rule = d1c(&["explain", "CARD-LC-5"]);
    assert!(rule.text.contains("D1C-241") && !rule.text.contains("D1C-142"), "{}", rule.text);
    // The line that is shown is the line of the file.
    let json = d1c(&["explain", "registerCard::body/state::enum", "--format", "json"]);
    let found: Value = serde_json::from_str(&json.text).unwrap();
    let source = &found[0]["source"];
    let text = fs::read_to_string(home().join(source["file"].as_str().unwrap())).unwrap();
    let line = text.lines().nth(usize::try_from(source["line"].as_u64().unwrap()).unwrap() - 1).unwrap();
    assert_eq!(line.trim(), source["excerpt"][0].as_str().unwrap());
    for (term, parts) in [
        ("getConsumerInformation::response.200.body/language::min_length", ["every answer of", "D1C-142"]),
        ("deliverOtp::response.400.body::malformed_json", ["no line of its own", "D1C-141"]),
        ("getCardCredentials::snapshot.unknown::snapshot", ["pinned::unknown", "D1C-195"]),
        ("deliverOtp::auth::missing_token", ["D1C-181", "D1C-183"]),
        ("CARD-LC-5", ["suites/rules/cards.yaml:", "D1C-241"]),
        ("rules::card-lc-5", ["inbound::lifecycles::card", "D1C-243"]),
        ("CARD-REG-1", ["inbound::rules::CARD-REG-1::", "registerCard"]),
        ("lifecycles::card::suspend", ["suites/lifecycles/card.yaml:", "CARD-LC-1"]),
        ("inbound::lifecycles::card::walks", ["any walk through it", "D1C-242"]),
        ("max_length", ["maxLength", "one more is sent"]),
        ("missing_token", ["(rule)", "(check)"]),
    ] {
        let ended = d1c(&["explain", term]);
        assert!(ended.code == 0 && parts.iter().all(|part| ended.text.contains(part)), "{term}: {}", ended.text);
    }
}

#[test]
fn what_is_unknown_or_means_several_things_is_refused_with_a_suggestion() {
    for (term, part) in [
        ("lifecycles::card::suspnd", "nothing is known"),
        ("D1C-149", "did you mean `D1C-1"),
        ("response_shema_conformance", "did you mean `response_schema_conformance`?"),
        ("max_lenght", "did you mean `max_length`?"),
        ("CARD-LC-55", "did you mean `CARD-LC-"),
        ("registerCard::body/sate::enum", "did you mean `D1-Public-IN-v2-Card::registerCard::body/state::enum`?"),
        ("body/state::enum", "is the end of 3 obligations"),
        ("deliverOtp::response.299.body::malformed_json", "nothing is known"),
        ("getCardCredentials::snapshot.none::snapshot", "nothing is known"),
        ("completely other words", "name a code (D1C-142)"),
        ("", "nothing is known"),
    ] {
        let ended = d1c(&["explain", term]);
        assert!(ended.code == 2 && ended.text.contains(part), "{term}: {}", ended.text);
    }
    let own = tempfile::tempdir().unwrap();
    let spec = own.path().join("api.yaml");
    fs::write(&spec, "openapi: 3.0.3\ninfo: {title: t, version: '1'}\npaths:\n  /a:\n    get:\n      operationId: getA\n      responses:\n        '200': {description: ok}\n").unwrap();
    let spec = spec.to_string_lossy().into_owned();
    let ended = d1c(&["explain", "getA::operation::conforming", "--spec", &spec]);
    assert!(
        ended.code == 0 && ended.text.contains("generic::api::getA") && ended.text.contains("api.yaml:5"),
        "{}",
        ended.text
    );
    assert_eq!(d1c(&["explain", "getA::operation::conforming"]).code, 2);
}

/// What `explain` says of the codes that break an obligation is what runs show.
#[test]
fn findings_of_broken_sandboxes_carry_codes_that_their_obligation_names() {
    let catalog = Catalog::load(&home().join("specs")).unwrap();
    let mut duties: HashMap<String, Obligation> = HashMap::new();
    for entry in &catalog.entries {
        let contract = catalog.contract(entry).unwrap();
        for operation in &contract.operations {
            let all = obligations(&contract, operation).into_iter().chain(response_obligations(&contract, operation));
            duties.extend(all.map(|duty| (duty.id.to_string(), duty)));
        }
    }
    let codes: HashMap<&str, _> = oracle::codes().into_iter().map(|(_, code)| (code.id, code)).collect();
    let mut seen = HashSet::new();
    // The first two defects of each class, as many classes as fit together in one sandbox.
    let mut classes: BTreeMap<String, Vec<&str>> = BTreeMap::new();
    for defect in d1_conformance::sandbox::defects().iter().filter(|defect| defect.role == Role::Issuer) {
        // Those of certificates need a sandbox over TLS.
        if defect.name.contains("-tls-") {
            continue;
        }
        classes.entry(format!("{:?}", defect.class)).or_default().push(defect.name);
    }
    let first: Vec<&str> = classes.values().flat_map(|names| names.iter().take(2)).copied().collect();
    for names in first.chunks(6) {
        let stand = Stand::new(Role::Issuer, names);
        let ended = stand.run("first", &["--shrink", "0"]);
        assert!(ended.code == 1, "{}", ended.text);
        let run = read_run_json(&stand.path("first").join("run.json")).unwrap();
        for finding in run.scenarios.iter().flat_map(|one| &one.findings) {
            let code = codes[finding.code.as_str()];
            if let Some(duty) = duties.get(finding.obligation.as_str()) {
                assert!((code.breaks)(duty), "{} is not said to break {}", finding.code, finding.obligation);
                seen.insert(code.id);
            }
        }
    }
    assert!(seen.len() >= 12, "{seen:?}");
}
