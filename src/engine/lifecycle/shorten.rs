//! What becomes of a walk that went wrong: it is made again, and cut down to the shortest that goes wrong in the same way.

use super::explore::AllTold;
use super::walk::{Ground, Walked};
use crate::engine::event::{Outcome, Proof, Repeat};
use crate::engine::repeat::{Key, breaches, key};
use crate::engine::run::RunOptions;
use crate::oracle::Blame;
use crate::suite::{Lifecycle, Move, Turn};

/// Requests for the search, unless the target file says otherwise.
const SENDS: u32 = 120;

/// Makes a walk that went wrong at its last call again, with new identifiers, and looks for a shorter one. The shortest way
/// to where it went wrong comes first: where that goes wrong too, it is both, the repeat and the shortest.
pub(super) async fn settle(
    ground: &Ground<'_>,
    walk: &[Move],
    news: &[Key],
    name: &str,
    (options, outcome): (&RunOptions, &mut Outcome),
    told: &mut AllTold,
) {
    let mut search = Search { ground, news, name, options, outcome, rounds: 0, sent: 0 };
    let budget = search.budget();
    let straight = straight(&ground.journey.lifecycle, walk).filter(|way| budget > 0 && way.len() < walk.len());
    if let Some(way) = straight
        && let Some(proofs) = search.shows(&way).await
    {
        return take(proofs, walk.len(), told);
    }
    let (shown, ended) = search.again(walk).await;
    for key in news {
        let Some(one) = told.get_mut(key) else { continue };
        one.judge(&breaches(shown.iter().map(|proof| &proof.finding)), || {
            ended.clone().map_or(Repeat::Other(None), Repeat::Unclear)
        });
    }
    let steady = news.iter().all(|key| told.get(key).is_some_and(|one| matches!(one.repeat, Some(Repeat::Same))));
    if !steady {
        return;
    }
    let mut shortest = walk.to_vec();
    let mut at = 0;
    while at + 1 < shortest.len() && search.sent < budget {
        let without = [&shortest[..at], &shortest[at + 1..]].concat();
        let fits = goes(&ground.journey.lifecycle, &without, &shortest);
        match if fits { search.shows(&without).await } else { None } {
            Some(proofs) => {
                take(proofs, walk.len(), told);
                shortest = without;
            }
            None => at += 1,
        }
    }
}

/// Puts the proofs of a shorter walk in the place of the first ones.
fn take(proofs: Vec<Proof>, drawn: usize, told: &mut AllTold) {
    for mut proof in proofs {
        let Some(one) = told.get_mut(&key(&proof.finding)) else { continue };
        if let Some(walk) = &mut proof.walk {
            walk.drawn = drawn;
        }
        let (count, after) = (one.proof.count, one.proof.after);
        one.proof = Proof { count, after, ..proof };
        one.proof.finding.blame = Blame::Target;
        one.repeat = Some(Repeat::Same);
    }
}

/// The shortest way to the situation before the last call, with that call.
fn straight(lifecycle: &Lifecycle, walk: &[Move]) -> Option<Vec<Move>> {
    let (last, before) = walk.split_last()?;
    let at = before.iter().try_fold(lifecycle.beginning(), |at, made| {
        lifecycle.turn(&at, made).map(|turn| turn.accepted.unwrap_or(at))
    })?;
    let (_, mut way) = lifecycle.ways().into_iter().find(|(known, _)| *known == at)?;
    way.push(last.clone());
    Some(way)
}

/// Is it certain what comes of every call, and is the last one judged by the same line as that of the other walk?
fn goes(lifecycle: &Lifecycle, walk: &[Move], other: &[Move]) -> bool {
    let last = |walk: &[Move]| {
        let mut at = lifecycle.beginning();
        let mut line = None;
        for made in walk {
            let turn = lifecycle.turn(&at, made).filter(Turn::is_certain)?;
            line = Some(std::ptr::from_ref(turn.transition));
            at = turn.accepted.unwrap_or(at);
        }
        line
    };
    last(walk).is_some_and(|line| last(other) == Some(line))
}

struct Search<'s, 'p> {
    ground: &'s Ground<'p>,
    news: &'s [Key],
    name: &'s str,
    options: &'s RunOptions,
    outcome: &'s mut Outcome,
    rounds: u32,
    sent: u32,
}

impl Search<'_, '_> {
    /// How many requests the search may take: none on a target elsewhere, unless its file allows them.
    fn budget(&self) -> u32 {
        let target = &self.ground.subject.target;
        target.limits.shrink.unwrap_or(if target.is_local() { SENDS } else { 0 })
    }

    /// What a walk shows, where it shows all that is looked for.
    async fn shows(&mut self, walk: &[Move]) -> Option<Vec<Proof>> {
        let (proofs, _) = self.again(walk).await;
        let shown = breaches(proofs.iter().map(|proof| &proof.finding));
        self.news.iter().all(|key| shown.contains(key)).then_some(proofs)
    }

    /// Makes a walk with identifiers of its own. It counts as a repeat.
    async fn again(&mut self, walk: &[Move]) -> (Vec<Proof>, Option<String>) {
        self.rounds += 1;
        let nonce = format!("{}~{}", self.options.nonce, self.rounds);
        let options = RunOptions { nonce, ..self.options.clone() };
        let mut second = Outcome::empty(self.outcome.scenario);
        let Walked { proofs, ended, .. } = self.ground.walk(walk, self.name, &options, &mut second).await;
        self.sent += second.exchanges;
        second.add_to(self.outcome);
        (proofs, ended.map(|ended| ended.reason))
    }
}
