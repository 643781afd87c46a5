//! A finding is repeated once before it counts: what a second look at the same case decides.
//!
//! A breach that shows again is steady. One that does not is *flaky*: the target broke the contract, which the first
//! exchange proves, but not always. It is still a failure, for the contract knows no "sometimes"; that its verdict changed
//! is said beside it, with both exchanges. A repeat that nobody can judge changes nothing.

use super::event::{Outcome, Proof, Repeat};
use crate::oracle::{Blame, Finding, Severity, Verdict};

/// Duty and code: what makes two findings the same.
pub(super) type Key = (String, &'static str);

/// A finding with its proof, and what a repeat showed.
pub(super) struct Told {
    pub proof: Proof,
    pub repeat: Option<Repeat>,
}

impl Told {
    /// Takes in what the repeat showed; `otherwise` says what it was, where it was not this finding.
    pub(super) fn judge(&mut self, shown: &[Key], otherwise: impl FnOnce() -> Repeat) {
        let repeat = if shown.contains(&key(&self.proof.finding)) { Repeat::Same } else { otherwise() };
        if matches!(repeat, Repeat::Other(_)) {
            self.proof.finding.blame = Blame::Flaky;
        }
        self.repeat = Some(repeat);
    }
}

/// The key of a finding.
pub(super) fn key(finding: &Finding) -> Key {
    (finding.obligation.to_string(), finding.code)
}

/// Does the finding change a verdict? Observations do not, and are not repeated.
pub(super) fn is_breach(finding: &Finding) -> bool {
    finding.severity > Severity::Observation
}

/// The keys of those that are breaches.
pub(super) fn breaches<'f>(findings: impl IntoIterator<Item = &'f Finding>) -> Vec<Key> {
    findings.into_iter().filter(|finding| is_breach(finding)).map(key).collect()
}

/// Says that a scenario is flaky, where all of its breaches are.
pub(super) fn settle(outcome: &mut Outcome) {
    let mut breaches =
        outcome.findings.iter().map(|proof| &proof.finding).filter(|finding| is_breach(finding)).peekable();
    let bad = matches!(outcome.verdict, Verdict::Warned | Verdict::Failed) && breaches.peek().is_some();
    if bad && breaches.all(|finding| finding.blame == Blame::Flaky) {
        outcome.blame = Some(Blame::Flaky);
        outcome.reason =
            Some("flaky: an immediate repeat of the same request did not show the breach again".to_owned());
    }
}
