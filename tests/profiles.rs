//! `d1c run --suite PROFILE`: a verdict on a product, against sandboxes that are right and that are not.

#![expect(clippy::unwrap_used, reason = "a test that cannot be set up must fail")]

use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use assert_cmd::Command;
use d1_conformance::contract::Catalog;
use d1_conformance::report::{Need, ProfileRecord, Readiness, RowResult, read_run_json};
use d1_conformance::sandbox::{Role, Sandbox, SandboxOptions, defect};
use tempfile::TempDir;

/// What a run ended with: the exit code, what was printed, and the verdict, where there is one.
struct Ended {
    code: i32,
    text: String,
    profile: Option<ProfileRecord>,
}

impl Ended {
    fn verdict(&self) -> Readiness {
        self.profile.as_ref().unwrap_or_else(|| panic!("no verdict:\n{}", self.text)).verdict
    }

    fn row(&self, title: &str) -> (Need, RowResult) {
        let rows = &self.profile.as_ref().unwrap().rows;
        let row = rows.iter().find(|row| row.title == title).unwrap();
        (row.need, row.result)
    }
}

fn d1c(arguments: &[&str]) -> Ended {
    let folder = TempDir::new().unwrap();
    let reports = folder.path().to_string_lossy().into_owned();
    let output = Command::new(env!("CARGO_BIN_EXE_d1c"))
        .args(["run", "--quiet", "--cases", "0", "--no-snapshots", "--report-dir", &reports])
        .args(arguments)
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .timeout(Duration::from_secs(240))
        .output()
        .unwrap();
    let profile = read_run_json(&folder.path().join("run.json")).ok().and_then(|record| record.profile);
    let text = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    Ended { code: output.status.code().unwrap(), text, profile }
}

/// Runs a profile against a sandbox of its own, with a target file that has `more` values and another `change`.
fn against(role: Role, planted: &[&str], profile: &str, more: &str, change: impl Fn(String) -> String) -> Ended {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let home = Path::new(env!("CARGO_MANIFEST_DIR"));
    let catalog = Catalog::load(&home.join("specs")).unwrap();
    let contracts = catalog.entries.iter().map(|entry| Arc::new(catalog.contract(entry).unwrap()));
    let contracts = contracts.filter(|contract| role.serves(contract.direction)).collect();
    let defects = planted.iter().map(|name| defect(name).unwrap()).collect();
    let options = SandboxOptions { defects, ..SandboxOptions::new(role, contracts) };
    let sandbox = runtime.block_on(Sandbox::start(options)).unwrap();
    let (name, port) = if role == Role::D1 { ("d1", "8181") } else { ("issuer", "8182") };
    let example = fs::read_to_string(home.join(format!("examples/targets/sandbox-{name}.yaml"))).unwrap();
    let example = example
        .replace(&format!("http://127.0.0.1:{port}"), &sandbox.url())
        .replace("{file:../../", &format!("{{file:{}/", home.display()))
        .replace("values:\n", &format!("values:\n{more}"));
    let folder = TempDir::new().unwrap();
    let target = folder.path().join("target.yaml");
    fs::write(&target, change(example)).unwrap();
    let ended = d1c(&["--suite", profile, "--target", &target.to_string_lossy()]);
    drop(sandbox);
    ended
}

#[test]
fn every_product_is_ready_on_the_embedded_sandboxes() {
    for entry in fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("suites/profiles")).unwrap() {
        let name = entry.unwrap().path().file_stem().unwrap().to_string_lossy().into_owned();
        let ended = d1c(&["--suite", &name]);
        assert_eq!((ended.code, ended.verdict()), (0, Readiness::Ready), "{name}:\n{}", ended.text);
        assert!(ended.text.contains("exit 0: the target is ready for the product"), "{}", ended.text);
    }
}

#[test]
fn a_needed_operation_that_is_broken_is_not_ready_and_an_unneeded_one_does_not_matter() {
    let same = |text| text;
    let broken = against(Role::D1, &["d1-token-any-signature"], "pin-management", "", same);
    assert_eq!((broken.code, broken.verdict()), (1, Readiness::NotReady), "{}", broken.text);
    assert_eq!(broken.row("Get authorization token"), (Need::Needed, RowResult::Broken));
    assert_eq!(broken.row("Renew card"), (Need::Needed, RowResult::Kept));
    assert_eq!(broken.row("Get card credentials"), (Need::OtherSide, RowResult::LeftOut));
    assert!(broken.text.contains("NOT READY  PIN Management"), "{}", broken.text);
    // Consumer information is listed for the product, and no more.
    let short = &["issuer-consumer-short-language"];
    let listed = against(Role::Issuer, short, "pin-management", "  cardDataOnRequest: true\n", same);
    assert_eq!((listed.code, listed.verdict()), (0, Readiness::Ready), "{}", listed.text);
    assert_eq!(listed.row("Get consumer information"), (Need::Wanted, RowResult::Broken));
    assert!(listed.text.contains("what failed is not needed for it"), "{}", listed.text);
    let needed = against(Role::Issuer, short, "tokenization", &answers(true), same);
    assert_eq!((needed.code, needed.verdict()), (1, Readiness::NotReady), "{}", needed.text);
    let without = against(Role::Issuer, short, "tokenization", &answers(false), same);
    assert_eq!(without.row("Get consumer information"), (Need::NotAsked, RowResult::LeftOut));
    assert_eq!((without.code, without.verdict()), (0, Readiness::Ready), "{}", without.text);
}

fn answers(consumers: bool) -> String {
    format!("  asksForConsumers: {consumers}\n  issuerChecksCvv: true\n  issuerSendsOneTimePassword: true\n")
}

#[test]
fn what_could_not_be_judged_is_inconclusive_with_the_reason() {
    let read_only = |text: String| text.replace("  # read_only: true", "  read_only: true");
    let unsent = against(Role::D1, &[], "pin-management", "", read_only);
    assert_eq!((unsent.code, unsent.verdict()), (3, Readiness::Inconclusive), "{}", unsent.text);
    assert_eq!(unsent.row("Renew card"), (Need::Needed, RowResult::Unclear));
    assert!(unsent.text.contains("limits.read_only"), "{}", unsent.text);
    let unasked = against(Role::Issuer, &[], "tokenization", "", |text| text);
    assert_eq!((unasked.code, unasked.verdict()), (3, Readiness::Inconclusive), "{}", unasked.text);
    assert_eq!(unasked.row("Verify card"), (Need::Open, RowResult::Kept));
    assert!(unasked.text.contains("with `issuerChecksCvv: true` or `issuerChecksCvv: false`"), "{}", unasked.text);
}

#[test]
fn what_was_left_out_is_not_ready() {
    for more in [vec!["operation::conforming"], vec!["--skip-check", "not_a_server_error"]] {
        let ended = d1c(&[&["--suite", "tokenization"], &more[..]].concat());
        assert_eq!((ended.code, ended.verdict()), (3, Readiness::Inconclusive), "{}", ended.text);
        assert!(ended.text.contains("run it whole for a verdict"), "{}", ended.text);
    }
}

#[test]
fn what_cannot_be_meant_is_refused_with_a_remedy() {
    for (arguments, parts) in [
        (vec!["--suite", "pin-managment"], ["unknown suite `pin-managment`", "did you mean `pin-management`?"]),
        (
            vec!["--suite", "pin-management", "--suite", "inbound"],
            ["its verdict is one", "leave the other --suite out"],
        ),
        (
            vec!["--suite", "tokenization:inbound"],
            ["no inbound operation that can be tested", "name a target of the other"],
        ),
    ] {
        let ended = d1c(&arguments);
        assert_eq!(ended.code, 2, "{}", ended.text);
        for part in parts {
            assert!(ended.text.contains(part), "{part:?} is not in\n{}", ended.text);
        }
    }
    let ended = against(Role::Issuer, &[], "tokenization", "  issuerChecksCvv: perhaps\n", |text| text);
    assert_eq!(ended.code, 2, "{}", ended.text);
    assert!(ended.text.contains("write `issuerChecksCvv: true` or `issuerChecksCvv: false`"), "{}", ended.text);
}
