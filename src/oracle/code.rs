//! What a code of a finding means. Each check says the words of its own codes; `d1c explain` shows them.

use super::finding::Blame;
use crate::contract::Obligation;

/// One code of findings. A code is never reused for something else; `docs/codes.md` lists all that ever were.
#[derive(Clone, Copy, Debug)]
pub struct Code {
    /// `D1C-…`.
    pub id: &'static str,
    /// What was seen.
    pub means: &'static str,
    /// Why the contract, an RFC or a guide says otherwise.
    pub because: &'static str,
    /// What to do.
    pub remedy: &'static str,
    /// Who does it.
    pub who: Blame,
    /// Can a finding with this code break that duty?
    pub breaks: fn(&Obligation) -> bool,
}

impl Code {
    /// A code that the side under test has to act on.
    pub(super) const fn of(
        id: &'static str,
        means: &'static str,
        because: &'static str,
        remedy: &'static str,
        breaks: fn(&Obligation) -> bool,
    ) -> Self {
        Self { id, means, because, remedy, who: Blame::Target, breaks }
    }
}
