//! A scenario of a life cycle, from its first walk to the last.

use super::race::race;
use super::scenarios::{Course, Journey};
use super::shorten::settle;
use super::walk::{Ground, Walked};
use crate::base::Digest;
use crate::engine::event::Outcome;
use crate::engine::plan::Scenario;
use crate::engine::repeat::{Key, Told, is_breach, key};
use crate::engine::run::RunOptions;
use crate::engine::step::Ended;
use crate::engine::subject::Subject;
use crate::generate::Draw;
use crate::oracle::{Blame, Verdict};
use crate::suite::{Lifecycle, Move, Turn};
use indexmap::IndexMap;

/// Calls of a walk by chance.
const LONGEST: usize = 12;

/// Findings of a scenario by duty and code.
pub(super) type AllTold = IndexMap<Key, Told>;

/// Makes all walks of a journey, and says what they showed.
pub(in crate::engine) async fn explore(
    journey: &Journey,
    scenario: &Scenario,
    subject: &Subject,
    options: &RunOptions,
    outcome: &mut Outcome,
) -> AllTold {
    let ground = Ground { journey, subject };
    let (mut told, mut digest) = (AllTold::new(), Digest::default());
    for index in 0..journey.walks(scenario.budget) {
        if options.stop.stopped() {
            let reason = "the run was ended inside this scenario".to_owned();
            end(outcome, Ended { reason, blame: Blame::Tool });
            break;
        }
        let name = format!("{}#{index}", scenario.id);
        let ended = match &journey.course {
            Course::Race(race_name) => {
                race(&ground, race_name, &name, (options, &mut *outcome), (&mut told, &mut digest)).await
            }
            Course::Cover(walks) => {
                let walk = walks.get(index as usize).map(Vec::as_slice).unwrap_or_default();
                one(&ground, walk, &name, (options, &mut *outcome), (&mut told, &mut digest)).await
            }
            Course::Chance => {
                let walk = drawn(&journey.lifecycle, options, scenario.id.as_str(), index);
                one(&ground, &walk, &name, (options, &mut *outcome), (&mut told, &mut digest)).await
            }
        };
        if let Some(ended) = ended {
            end(outcome, ended);
            break;
        }
    }
    outcome.digest = digest.hex();
    told
}

/// One walk, and what becomes of what it found.
async fn one(
    ground: &Ground<'_>,
    walk: &[Move],
    name: &str,
    (options, outcome): (&RunOptions, &mut Outcome),
    (told, digest): (&mut AllTold, &mut Digest),
) -> Option<Ended> {
    let Walked { proofs, made, ended, digest: own } = ground.walk(walk, name, options, outcome).await;
    digest.add(own.hex().as_bytes());
    let mut news = Vec::new();
    for proof in proofs {
        let key = key(&proof.finding);
        if let Some(known) = told.get_mut(&key) {
            known.proof.count += 1;
            continue;
        }
        news.extend(Some(key.clone()).filter(|_| is_breach(&proof.finding)));
        told.insert(key, Told { proof, repeat: None });
    }
    if !news.is_empty() {
        settle(ground, &walk[..made], &news, name, (options, outcome), told).await;
    }
    ended
}

pub(super) fn end(outcome: &mut Outcome, Ended { reason, blame }: Ended) {
    outcome.verdict = Verdict::Inconclusive;
    outcome.reason.get_or_insert(reason);
    outcome.blame.get_or_insert(blame);
}

/// A walk by chance: at each state one of the calls of which it is certain what comes of them, each as likely as the
/// others whatever the number of values that it is made with.
fn drawn(lifecycle: &Lifecycle, options: &RunOptions, name: &str, index: u32) -> Vec<Move> {
    let mut draw = Draw::new(&options.seed.derive(name, u64::from(index)));
    let (moves, mut at, mut walk) = (lifecycle.moves(), lifecycle.beginning(), Vec::new());
    for _ in 0..draw.between(LONGEST / 2, LONGEST) {
        let mut calls: IndexMap<&str, Vec<(&Move, Turn<'_>)>> = IndexMap::new();
        for made in &moves {
            if let Some(turn) = lifecycle.turn(&at, made).filter(Turn::is_certain) {
                calls.entry(&made.call).or_default().push((made, turn));
            }
        }
        let calls: Vec<_> = calls.into_values().collect();
        if calls.is_empty() {
            break;
        }
        let turns = draw.pick(&calls);
        let (made, turn) = draw.pick(turns);
        walk.push((*made).clone());
        at = turn.accepted.clone().unwrap_or(at);
    }
    walk
}
