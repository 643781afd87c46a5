use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use time::macros::datetime;

use super::{Recorder, RunMeta};
use crate::base::{Redactor, Secret, Seed};
use crate::contract::{Catalog, obligations, response_obligations};
use crate::engine::{Filter, Outcome, Plan, PlanOptions, RunEvent, Subject};
use crate::oracle::{Blame, Verdict};
use crate::report::record::{Provenance, RunState};
use crate::suite::{Suite, Target};

const SPEC: &str = "D1-Public-OUT-v1-Auth2";

fn plan() -> Plan {
    let catalog = Catalog::load(&Path::new(env!("CARGO_MANIFEST_DIR")).join("specs")).unwrap();
    let contract = catalog.contract(catalog.entry(SPEC).unwrap()).unwrap();
    let suite = Suite::generic(&contract);
    let target = Target::at(SPEC, "http://127.0.0.1:1/auth").unwrap();
    let subject = Subject::new(Arc::new(suite), Arc::new(target), vec![Arc::new(contract)]).unwrap();
    let options = PlanOptions { filter: Filter::default(), cases: 2, snapshots: false };
    Plan::build(vec![subject], &options).unwrap()
}

fn recorder(plan: &Plan) -> Recorder {
    let digest = plan.subjects[0].contracts[0].document.sha256.clone();
    let words = ["d1c", "run", "--password", "abc", "--base-url=http://me:swordfish@127.0.0.1:1/auth"];
    Recorder::new(
        plan,
        RunMeta {
            run_id: "run-1".into(),
            started_at: datetime!(2026-11-22 10:00 UTC),
            command: words.map(str::to_owned).to_vec(),
            seed: Seed::new(7),
            strict: true,
            redactor: Redactor::new([Secret::new("plugh-xyzzy")]),
            bundled: BTreeMap::from([(SPEC.to_owned(), digest)]),
            profile: None,
            log_since: None,
            deviations: None,
        },
    )
}

fn outcome(scenario: usize, verdict: Verdict, status: Option<u16>) -> RunEvent {
    RunEvent::Finished(Box::new(Outcome {
        leftovers: Vec::new(),
        scenario,
        verdict,
        reason: (verdict == Verdict::Inconclusive).then(|| "no token: plugh-xyzzy is wrong".to_owned()),
        blame: (verdict == Verdict::Inconclusive).then_some(Blame::Config),
        cases: u32::from(status.is_some()),
        exchanges: 2 * u32::from(status.is_some()),
        repeated: 0,
        rejected: 1,
        findings: Vec::new(),
        repeats: Vec::new(),
        log: Vec::new(),
        statuses: status.map(|status| (status, 1)).into_iter().collect(),
        digest: String::new(),
        waiting: Duration::from_millis(3),
        elapsed: Duration::from_millis(5),
    }))
}

#[test]
fn before_the_first_event_every_scenario_is_there_and_inconclusive() {
    let plan = plan();
    let mut recorder = recorder(&plan);
    let record = recorder.record(Duration::from_secs(1));
    assert_eq!(record.state, RunState::Running);
    assert_eq!((record.exit_code, record.elapsed_ms), (3, 1000));
    assert_eq!(record.totals.inconclusive, plan.scenarios.len() as u64);
    assert!(record.scenarios.iter().all(|scenario| scenario.reason.as_deref() == Some("not run")));
    assert_eq!(record.started_at, "2026-11-22T10:00:00Z");
    assert_eq!(record.specs[0].provenance_note, Provenance::Bundled);
    assert_eq!(record.command[2..4], ["--password", "***"]);
}

#[test]
fn order_is_that_of_the_plan_and_the_counters_add_up() {
    let plan = plan();
    let mut recorder = recorder(&plan);
    for index in (0..plan.scenarios.len()).rev() {
        let verdict = match index {
            0 => Verdict::Passed,
            1 => Verdict::Failed,
            _ => Verdict::Warned,
        };
        recorder.event(outcome(index, verdict, (index < 2).then_some(200)));
    }
    let record = recorder.finish("ab".repeat(32), Duration::from_secs(2), false);
    let ids: Vec<&str> = record.scenarios.iter().map(|scenario| scenario.id.as_str()).collect();
    let planned: Vec<&str> = plan.scenarios.iter().map(|scenario| scenario.id.as_str()).collect();
    assert_eq!(ids, planned);
    let totals = record.totals;
    let all = plan.scenarios.len() as u64;
    assert_eq!((totals.passed, totals.failed, totals.warned), (1, 1, all - 2));
    assert_eq!((totals.cases, totals.exchanges, totals.rejected_draws), (2, 4, all));
    assert_eq!((record.verdict, record.exit_code, record.state), (Verdict::Failed, 1, RunState::Finished));

    let contract = &plan.subjects[0].contracts[0];
    let operation = &contract.operations[0];
    let of_answers = response_obligations(contract, operation);
    let known = obligations(contract, operation).len() + of_answers.len();
    assert_eq!(totals.obligations, known as u64);
    // Two scenarios sent a case, and the one status seen is declared with duties of its own.
    let of_200 = of_answers.iter().filter(|duty| duty.location.to_string().starts_with("response.200")).count();
    assert_eq!(totals.obligations_exercised, 2 + of_200 as u64);
}

#[test]
fn reasons_and_addresses_are_clean_and_an_interrupt_shows() {
    let plan = plan();
    let mut recorder = recorder(&plan);
    recorder.event(outcome(0, Verdict::Inconclusive, None));
    recorder.event(outcome(usize::MAX, Verdict::Passed, None));
    let record = recorder.finish(String::new(), Duration::ZERO, true);
    assert_eq!(record.scenarios[0].reason.as_deref(), Some("no token: *** is wrong"));
    assert_eq!((record.state, record.exit_code), (RunState::Interrupted, 3));
    let json = serde_json::to_string(&record).unwrap();
    assert!(!json.contains("swordfish") && !json.contains("plugh"), "{json}");
    assert_eq!(record.target[0].base_urls[SPEC], "http://127.0.0.1:1/auth");
}
