//! The yardstick of the harness itself: a clean sandbox gives no findings, and every planted defect is found by
//! findings that name all the obligations it breaks. Without `--strict`, unless the contract only lets infer them: a user
//! must see it without asking for more.

#![expect(clippy::unwrap_used, reason = "a test that cannot be set up must fail")]

use std::sync::Arc;

use d1_conformance::base::{Redactor, Seed};
use d1_conformance::contract::{Catalog, Contract, Direction, Evidence, obligations};
use d1_conformance::engine::{self, Filter, Outcome, Plan, PlanOptions, RunEvent, RunOptions, Stop, Subject};
use d1_conformance::harness::Embedded;
use d1_conformance::oracle::{CheckSelection, Severity, SnapshotMode, Snapshots, Verdict};
use d1_conformance::sandbox::{Defect, defects};
use d1_conformance::suite::{Library, Suite};

const SUITES: [&str; 3] = ["inbound", "outbound", "outbound-extra"];

struct Ground {
    suite: Arc<Suite>,
    contracts: Vec<Arc<Contract>>,
}

fn ground(name: &str) -> Ground {
    let library = Library::find().unwrap();
    let catalog: Catalog = library.catalog().unwrap();
    let (suite, contracts) = library.load(name, &catalog).unwrap();
    Ground { suite, contracts }
}

/// All outcomes of one run against a sandbox with these defects, plus the names of the scenarios.
async fn outcomes(
    ground: &Ground,
    planted: Vec<&'static Defect>,
    filter: &[&str],
    seed: u64,
    strict: bool,
) -> Vec<(String, Outcome)> {
    let filter = Filter::new(filter.iter().map(|word| (*word).to_owned()).collect());
    let direction: Direction = ground.suite.direction;
    let embedded = Embedded::start(direction, ground.contracts.clone(), planted).await.unwrap();
    let target = Arc::new(embedded.target.clone());
    let subject = Subject::new(Arc::clone(&ground.suite), target, ground.contracts.clone()).unwrap();
    let options = PlanOptions { filter, cases: 10, snapshots: false };
    let plan = Arc::new(Plan::build(vec![subject], &options).unwrap());
    let run = RunOptions {
        seed: Seed::new(seed),
        nonce: seed.to_string(),
        jobs: 8,
        max_failures: None,
        strict,
        checks: CheckSelection::all(),
        snapshots: Snapshots::new("", SnapshotMode::Off),
        redactor: Redactor::default(),
        stop: Stop::default(),
    };
    let mut all = Vec::new();
    let names = Arc::clone(&plan);
    engine::run(plan, run, |event| {
        if let RunEvent::Finished(outcome) = event {
            all.push((names.scenarios[outcome.scenario].id.to_string(), *outcome));
        }
    })
    .await;
    all
}

/// Obligations of the findings that count: failures, and of what the contract does not forbid the notes.
fn found(outcomes: &[(String, Outcome)]) -> Vec<String> {
    let noted = |id: &str| id.ends_with("::card_data") || id.ends_with("::jwt_missing_sub");
    outcomes
        .iter()
        .flat_map(|(_, outcome)| &outcome.findings)
        .map(|proof| (proof.finding.severity, proof.finding.obligation.to_string()))
        .filter(|(severity, id)| *severity == Severity::Failure || noted(id))
        .map(|(_, id)| id)
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn clean_sandboxes_give_no_findings() {
    for name in SUITES {
        let ground = ground(name);
        for seed in 1..=20 {
            for (name, outcome) in outcomes(&ground, Vec::new(), &[], seed, true).await {
                let found: Vec<_> =
                    outcome.findings.iter().map(|proof| (proof.finding.code, &proof.finding.actual)).collect();
                assert!(
                    matches!(outcome.verdict, Verdict::Passed | Verdict::Skipped),
                    "seed {seed}, {name}: {:?} {:?} {found:?}",
                    outcome.verdict,
                    outcome.reason
                );
            }
        }
    }
}

/// Is the duty only inferred, so that its breach counts under `--strict` alone?
fn inferred(ground: &Ground, defect: &Defect) -> bool {
    let duties = ground
        .contracts
        .iter()
        .flat_map(|contract| contract.operations.iter().flat_map(move |operation| obligations(contract, operation)));
    let evidence = |id: &str| duties.clone().find(|duty| duty.id.as_str() == id).map(|duty| duty.evidence);
    defect.breaks.iter().all(|id| evidence(id) == Some(Evidence::Inferred))
}

#[tokio::test(flavor = "multi_thread")]
async fn every_defect_is_found_by_its_obligation() {
    let grounds = SUITES.map(ground);
    let mut missed = Vec::new();
    for defect in defects() {
        let tests = |ground: &&Ground| {
            ground.suite.specs.iter().any(|spec| defect.breaks.iter().any(|id| id.starts_with(&format!("{spec}::"))))
        };
        let ground = grounds.iter().find(tests).expect("a suite that tests what the defect breaks");
        // The specification of the operation is enough: defects act at one operation, or on all of them alike.
        let spec = defect.effect.operation().split("::").next().unwrap();
        let outcomes = outcomes(ground, vec![defect], &[spec], 1, inferred(ground, defect)).await;
        let found = found(&outcomes);
        // Inconclusive would outrank the failure, and a user would see exit code 3 instead of 1.
        let blocked = outcomes.iter().any(|(_, outcome)| outcome.verdict == Verdict::Inconclusive);
        // Every obligation that the row names, so that none hides behind another.
        let named = !blocked && defect.breaks.iter().all(|id| found.iter().any(|own| own == id));
        println!("{:<50} {}", defect.name, if named { "found" } else { "MISSED" });
        if !named {
            let inconclusive: Vec<_> =
                outcomes.iter().filter_map(|(_, outcome)| outcome.reason.clone()).take(3).collect();
            missed.push(format!("{}: breaks {:?}, found {found:?} {inconclusive:?}", defect.name, defect.breaks));
        }
    }
    assert!(missed.is_empty(), "{} of {} missed:\n{}", missed.len(), defects().len(), missed.join("\n"));
}
