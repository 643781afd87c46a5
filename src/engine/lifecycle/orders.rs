//! What calls at once may have come to: every order that explains what came of each of them.

use crate::suite::{Lifecycle, Move, Situation};

/// A call with what came of it.
#[derive(Clone, Debug)]
pub(super) struct Made {
    pub call: Move,
    pub accepted: bool,
}

/// The situations that some order of the calls, each with its outcome, leads to. None: no order explains them.
pub(super) fn explained(lifecycle: &Lifecycle, from: &Situation, calls: &[Made]) -> Vec<Situation> {
    if calls.is_empty() {
        return vec![from.clone()];
    }
    let mut all = Vec::new();
    for (index, made) in calls.iter().enumerate() {
        let rest = [&calls[..index], &calls[index + 1..]].concat();
        for next in after(lifecycle, from, made) {
            for end in explained(lifecycle, &next, &rest) {
                if !all.contains(&end) {
                    all.push(end);
                }
            }
        }
    }
    all
}

/// Where one call with its outcome may lead. A call that the contract leaves open, and that stays in its state, may be
/// accepted and leave what is remembered as it was.
pub(super) fn after(lifecycle: &Lifecycle, at: &Situation, made: &Made) -> Vec<Situation> {
    let Some(turn) = lifecycle.turn(at, &made.call) else { return Vec::new() };
    if !made.accepted {
        return turn.refused.into_iter().collect();
    }
    let stays = !turn.is_certain() && turn.accepted.as_ref().is_some_and(|next| next.state == at.state);
    turn.accepted.into_iter().chain(Some(at.clone()).filter(|_| stays)).collect()
}

#[cfg(test)]
mod tests {
    use super::{Made, explained};
    use crate::suite::{Lifecycle, Move};

    const CARD: &str = "\
name: card
text: a card
start: active
states:
  active: { text: active }
  suspended: { text: suspended, remembers: [reason] }
  deleted: { text: deleted }
calls:
  suspend: { operation: 'S::suspend', each: [LOST, USER] }
  delete: { operation: 'S::delete' }
transitions:
  - { call: suspend, from: [active], to: suspended, remember: { reason: { each: true } }, rule: R }
  - { call: suspend, from: [suspended], either: suspended, remember: { reason: { each: true } }, rule: R }
  - { call: suspend, from: [deleted], refused: true, rule: R }
  - { call: delete, from: [active, suspended], to: deleted, rule: R }
";

    fn ends(calls: &[(&str, Option<&str>, bool)]) -> Vec<String> {
        let card: Lifecycle =
            serde_yaml::with::singleton_map_recursive::deserialize(serde_yaml::Deserializer::from_str(CARD)).unwrap();
        let made = |(call, with, accepted): &(&str, Option<&str>, bool)| Made {
            call: Move { call: (*call).to_owned(), with: with.map(Into::into) },
            accepted: *accepted,
        };
        let made: Vec<Made> = calls.iter().map(made).collect();
        explained(&card, &card.beginning(), &made).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn some_order_must_explain_every_outcome() {
        let (lost, user) = (("suspend", Some("LOST"), true), ("suspend", Some("USER"), true));
        assert_eq!(ends(&[lost, user]), ["suspended (reason USER)", "suspended (reason LOST)"]);
        assert_eq!(ends(&[lost, ("suspend", Some("USER"), false)]), ["suspended (reason LOST)"]);
        let refused = |name| ("suspend", Some(name), false);
        assert!(ends(&[refused("LOST"), refused("USER")]).is_empty(), "the first of them is accepted in any order");
        assert_eq!(ends(&[lost, ("delete", None, true)]), ["deleted"]);
        assert_eq!(ends(&[refused("LOST"), ("delete", None, true)]), ["deleted"]);
        assert!(ends(&[lost, ("delete", None, false)]).is_empty());
    }
}
