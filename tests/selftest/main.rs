//! The yardstick of the harness itself: a clean sandbox gives no findings, and every planted defect is found by
//! findings that name all the obligations it breaks. Without `--strict`, unless the contract only lets infer them: a user
//! must see it without asking for more.

#![expect(clippy::unwrap_used, reason = "a test that cannot be set up must fail")]

use std::sync::Arc;

use d1_conformance::harness::{Grounds, Hunt, Score, SelftestSettings, selftest};
use d1_conformance::sandbox::{Class, defects};

mod command;

const SETTINGS: SelftestSettings = SelftestSettings { defects: Vec::new(), seed: 1, cases: 5, clean_seeds: 0, jobs: 8 };

async fn score(settings: SelftestSettings) -> Score {
    selftest(Arc::new(Grounds::load().unwrap()), &settings, |_, _| ()).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn clean_sandboxes_give_no_findings() {
    let clean = score(SelftestSettings { clean_seeds: 8, ..SETTINGS }).await.clean;
    assert!(clean.alarms.is_empty(), "{:#?}", clean.alarms);
    assert_eq!(clean.seeds, (1..=8).collect::<Vec<_>>());
    assert!(clean.exchanges > 100_000, "only {} exchanges", clean.exchanges);
}

#[tokio::test(flavor = "multi_thread")]
async fn every_defect_is_found_by_its_obligation() {
    let score = score(SelftestSettings { defects: defects().iter().collect(), ..SETTINGS }).await;
    // Every obligation that the row names, so that none hides behind another. Inconclusive would outrank the failure,
    // and a user would see exit code 3 instead of 1. A lapse in a state may well block the way to another one.
    let silenced = |hunt: &Hunt| hunt.class != Class::State.name() && !hunt.inconclusive.is_empty();
    let missed: Vec<_> = score.defects.iter().filter(|hunt| !hunt.not_named.is_empty() || silenced(hunt)).collect();
    assert!(missed.is_empty(), "{} of {} missed:\n{missed:#?}", missed.len(), score.total);
    assert_eq!((score.found, score.total), (defects().len(), defects().len()));
    // Walks through life cycles are as short as the states allow.
    let walks: Vec<_> = score.defects.iter().filter_map(|hunt| Some((hunt.defect, hunt.walk.as_ref()?))).collect();
    let long: Vec<_> = walks.iter().filter(|(_, steps)| steps.len() > 4).collect();
    assert!(walks.len() > 30 && long.is_empty(), "{} walks, too long: {long:?}", walks.len());
}
