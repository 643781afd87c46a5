//! Callers that are not heard of again after an unusual answer. It can only be judged at the end.

use crate::contract::{Evidence, Rule};
use crate::judge::check::{Check, View};
use crate::judge::memory::Memory;
use crate::oracle::{Finding, Severity};
use crate::sandbox::callers::{WitnessedCall, provocations};

/// A caller goes on. It may simply have been done, so it is worth a note.
pub const CHECK: Check = Check {
    name: "gone_after_provocation",
    code: "D1C-461",
    duty: "goes on after an answer that is unusual, and allowed (POL-1 to POL-3)",
    remedy: "see that unknown fields, listed values and a new order of members are taken",
    evidence: Evidence::Inferred,
    kind: (Rule::Conforming, "client"),
    judge: |_, _| None,
};

/// The calls whose answer was the first of its kind, and whether nothing came after them.
pub fn silence(memory: &Memory) -> Vec<(&WitnessedCall, &'static str, bool)> {
    let firsts = memory.provoked.iter();
    firsts.map(|(name, (number, call))| (call, *name, *number == memory.calls)).collect()
}

impl Check {
    /// What the silence after a provocation is worth.
    pub fn silent(&self, view: &View<'_>, name: &str) -> Finding {
        let known = provocations().iter().find(|provocation| provocation.name == name);
        let must = known.map_or("go on", |provocation| provocation.must);
        let actual = format!(
            "your client made no call after the first answer under `{name}`; if it was not done by then, it must {must}"
        );
        self.breach(view, Severity::Observation, actual)
    }
}

#[cfg(test)]
mod tests {
    use crate::judge::sample::Sample;

    const CARD: &str = "/banking/v1/issuers/sandbox001/cards/demo-card";

    #[test]
    fn silence_after_the_first_unusual_answer_is_noted() {
        let mut sample = Sample::d1();
        sample.call("GET", CARD).token().provoked("unknown-field").findings();
        assert_eq!(sample.at_the_end(), ["gone_after_provocation"]);
    }

    #[test]
    fn whoever_goes_on_has_taken_it() {
        let mut sample = Sample::d1();
        sample.call("GET", CARD).token().provoked("unknown-field").findings();
        sample.call("GET", CARD).token().provoked("unknown-field").findings();
        assert!(sample.at_the_end().is_empty());
    }
}
