//! The loop: every defect and every clean run is a trial of its own, some of them at a time.

use std::sync::Arc;

use tokio::task::JoinSet;

use super::error::SelftestError;
use super::ground::{Course, Grounds, Named};
use super::hunt::Hunt;
use super::score::{Alarm, CleanScore, Score};
use crate::oracle::Verdict;
use crate::sandbox::Defect;

/// What to try, and how.
#[derive(Clone, Debug)]
pub struct SelftestSettings {
    /// The defects to plant, one at a time.
    pub defects: Vec<&'static Defect>,
    /// Root of all drawn values, and the first seed of the clean runs.
    pub seed: u64,
    /// Cases per scenario.
    pub cases: u32,
    /// With how many seeds the clean sandboxes are run.
    pub clean_seeds: u32,
    /// Trials at a time. It does not change the score.
    pub jobs: usize,
}

/// One run.
#[derive(Clone, Copy)]
enum Trial {
    Planted(&'static Defect),
    Clean { seed: u64, suite: usize },
}

enum Done {
    Planted(Box<Hunt>),
    Clean { exchanges: u64, alarms: Vec<Alarm> },
}

/// Tries everything, and tells after each trial how many of how many are done.
pub async fn selftest(
    grounds: Arc<Grounds>,
    settings: &SelftestSettings,
    mut progress: impl FnMut(usize, usize),
) -> Result<Score, SelftestError> {
    let seeds: Vec<u64> = (0..u64::from(settings.clean_seeds)).map(|step| settings.seed.wrapping_add(step)).collect();
    let suites = grounds.all.len();
    let clean = seeds.iter().flat_map(|seed| (0..suites).map(move |suite| Trial::Clean { seed: *seed, suite }));
    let trials: Vec<Trial> = settings.defects.iter().copied().map(Trial::Planted).chain(clean).collect();
    let mut done: Vec<Option<Done>> = trials.iter().map(|_| None).collect();
    let mut waiting = trials.into_iter().enumerate();
    let mut running = JoinSet::new();
    let mut ended = 0;
    loop {
        while running.len() < settings.jobs.max(1) {
            let Some((place, trial)) = waiting.next() else { break };
            let (grounds, settings) = (Arc::clone(&grounds), settings.clone());
            running.spawn(async move { (place, trial.run(&grounds, &settings).await) });
        }
        let Some(joined) = running.join_next().await else { break };
        let (place, result) = joined?;
        done[place] = Some(result?);
        ended += 1;
        progress(ended, done.len());
    }
    let (mut hunts, mut clean) = (Vec::new(), CleanScore { seeds, ..CleanScore::default() });
    for done in done.into_iter().flatten() {
        match done {
            Done::Planted(hunt) => hunts.push(*hunt),
            Done::Clean { exchanges, alarms } => {
                clean.exchanges += exchanges;
                clean.alarms.extend(alarms);
            }
        }
    }
    Ok(Score::of(settings.seed, settings.cases, hunts, clean))
}

impl Trial {
    async fn run(self, grounds: &Grounds, settings: &SelftestSettings) -> Result<Done, SelftestError> {
        match self {
            Self::Planted(defect) => Ok(Done::Planted(Box::new(Hunt::for_defect(grounds, defect, settings).await?))),
            Self::Clean { seed, suite } => {
                let course =
                    Course { planted: None, filter: &[], seed, cases: settings.cases, strict: true, shortens: false };
                let outcomes = grounds.all[suite].run(&course).await?;
                let exchanges = outcomes.iter().map(|named| u64::from(named.outcome.exchanges)).sum();
                let alarms = outcomes.iter().filter_map(|named| alarm(seed, named)).collect();
                Ok(Done::Clean { exchanges, alarms })
            }
        }
    }
}

/// Whatever does not pass alarms somebody, a scenario that cannot be judged too.
fn alarm(seed: u64, named: &Named) -> Option<Alarm> {
    let Named { scenario, outcome } = named;
    if matches!(outcome.verdict, Verdict::Passed | Verdict::Skipped) {
        return None;
    }
    let findings = outcome.findings.iter().map(|proof| {
        let finding = &proof.finding;
        format!("{} {}: {}", finding.code, finding.obligation, finding.actual)
    });
    Some(Alarm { seed, scenario: scenario.clone(), says: outcome.reason.iter().cloned().chain(findings).collect() })
}
