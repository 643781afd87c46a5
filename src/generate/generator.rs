//! From an operation, a duty and a seed to a proved case.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use serde_json::Value;

use super::binding::Bindings;
use super::case::{Case, Intent, Request};
use super::course::{Course, Turn, gains_by_chance, intent_of, round_of};
use super::draw::Draw;
use super::footing::footing;
use super::pattern::Patterns;
use super::prove::prove;
use super::violate::can_break_format;
use crate::base::{CaseId, PanRange, Seed};
use crate::contract::{Location, Obligation, Operation, Rule, pattern_matches};

/// Draws the cases of one operation.
pub struct Generator {
    pub(super) patterns: Patterns,
    /// The duties of the operation: the conforming cases meet the boundaries of all of them.
    pub(super) duties: Vec<Arc<Obligation>>,
    /// What the duties that were asked for are covered by.
    courses: Mutex<HashMap<String, Arc<Course>>>,
    /// Methods that some operation declares on this path; none of them is an unsupported one.
    pub(super) declared_methods: Vec<String>,
    /// What the target makes possible.
    pub(super) means: Means,
}

/// What the target makes possible.
#[derive(Clone, Debug)]
pub struct Means {
    /// Its public key is known, so that members can be sealed. Without it optional ones are left out.
    pub seals: bool,
    /// Where test card numbers are taken from.
    pub test_pans: Vec<PanRange>,
}

impl Default for Means {
    fn default() -> Self {
        Self { seals: true, test_pans: PanRange::published() }
    }
}

/// What came of the attempts at one case.
pub struct Drawn {
    /// The case, unless every attempt was rejected.
    pub case: Option<Case>,
    /// Attempts whose proof failed.
    pub rejected: u32,
    /// Why the last one failed.
    pub reason: Option<String>,
}

/// Attempts at one case before it is given up.
const ATTEMPTS: u32 = 24;

/// One draw: who asks, and for what.
pub(super) struct Attempt<'a> {
    pub operation: &'a Operation,
    pub obligation: &'a Obligation,
    pub bindings: &'a Bindings,
    pub name: &'a str,
    pub turn: &'a Turn,
    /// The way in which the duty is broken; for conforming cases, a count.
    pub round: usize,
}

impl Generator {
    /// A generator for an operation with these duties, on whose path these methods are declared. Without duties there are
    /// conforming cases by shape and by chance.
    pub fn new(duties: Vec<Arc<Obligation>>, declared_methods: Vec<String>, means: Means) -> Self {
        Self { patterns: Patterns::default(), duties, courses: Mutex::default(), declared_methods, means }
    }

    /// The number of cases of a duty: all of its coverage, and `random` more by chance, where chance says more.
    pub fn cases(&self, operation: &Operation, obligation: &Obligation, random: u32) -> u32 {
        let course = self.course(operation, obligation);
        let coverage = u32::try_from(course.turns.len()).unwrap_or(u32::MAX);
        if coverage == 0 || !gains_by_chance(obligation.rule) { coverage } else { coverage.saturating_add(random) }
    }

    /// Why no case breaks a duty; `None` where one does.
    pub fn never_broken(&self, operation: &Operation, obligation: &Obligation) -> Option<String> {
        Self::exercisable(obligation).err().or_else(|| self.course(operation, obligation).reason.clone())
    }

    /// Why no case can exist for a duty; `Ok` when one may.
    pub fn exercisable(obligation: &Obligation) -> Result<(), String> {
        if let Some(reason) = &obligation.open {
            return Err(reason.clone());
        }
        match (&obligation.location, obligation.rule) {
            (Location::Path(_), Rule::MinLength) if obligation.limit == 1 => {
                Err("an empty path segment addresses another resource".to_owned())
            }
            (_, Rule::MinLength | Rule::MinItems | Rule::MinProperties) if obligation.limit == 0 => {
                Err("nothing is less than nothing".to_owned())
            }
            (_, Rule::Format) if !can_break_format(&obligation.limit) => {
                Err(format!("no text is refused for the format {}", obligation.limit))
            }
            (location, Rule::Pattern) if matches_anything(&obligation.limit, location) => {
                Err("the pattern refuses no text that can be sent there".to_owned())
            }
            _ => Ok(()),
        }
    }

    /// Draws case `index` of a duty: first its coverage, then by chance. The stream depends on seed, `scenario` and `index`
    /// alone.
    pub fn case(
        &self,
        operation: &Operation,
        obligation: &Obligation,
        bindings: &Bindings,
        seed: Seed,
        scenario: &str,
        index: u32,
    ) -> Drawn {
        let intent = intent_of(obligation.rule);
        let name = format!("{scenario}#{index}");
        let course = self.course(operation, obligation);
        let turn = course.turn(index as usize);
        let mut reason = course.reason.clone();
        if self.boundary_of(&turn).is_some_and(|boundary| boundary.gives_way(bindings)) {
            return Drawn { case: None, rejected: 0, reason: Some("the suite binds the value".to_owned()) };
        }
        let rounds = if matches!(turn, Turn::Chance(_)) { course.rounds() } else { Vec::new() };
        for attempt in 0..ATTEMPTS {
            let mut draw = Draw::new(&seed.derive(scenario, u64::from(index) << 8 | u64::from(attempt)));
            let round = if rounds.is_empty() { round_of(&turn) } else { *draw.pick(&rounds) };
            let attempt_at = Attempt { operation, obligation, bindings, name: &name, turn: &turn, round };
            let Some(request) = self.request(&attempt_at, intent, &mut draw) else {
                reason = Some("no such value could be drawn".to_owned());
                continue;
            };
            match prove(operation, &request, intent, obligation) {
                Ok(()) => {
                    let case = Case {
                        id: CaseId::new(name),
                        operation: operation.id.clone(),
                        intent,
                        obligation: obligation.id.clone(),
                        rule: obligation.rule,
                        location: obligation.location.clone(),
                        pointer: pointer(&obligation.location),
                        evidence: footing(operation, &request),
                        grounded: bindings.grounded,
                        request,
                    };
                    return Drawn { case: Some(case), rejected: attempt, reason: None };
                }
                Err(problem) => reason = Some(problem),
            }
        }
        Drawn { case: None, rejected: ATTEMPTS, reason }
    }

    pub(super) fn request(&self, at: &Attempt, intent: Intent, draw: &mut Draw) -> Option<Request> {
        match intent {
            Intent::Conforming => self.conforming(at, draw),
            Intent::Violating => self.violating(at, draw),
        }
    }

    /// The coverage of a duty, found out once.
    pub(super) fn course(&self, operation: &Operation, obligation: &Obligation) -> Arc<Course> {
        let known = || self.courses.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(course) = known().get(obligation.id.as_str()) {
            return Arc::clone(course);
        }
        // Not under the lock: scenarios of one operation run side by side.
        let course = Arc::new(self.plotted(operation, obligation));
        known().insert(obligation.id.to_string(), Arc::clone(&course));
        course
    }
}

/// True for a pattern that every probe matches, so that there is nothing to break. A header carries no line breaks, and
/// other than ASCII not safely.
fn matches_anything(pattern: &Value, location: &Location) -> bool {
    let mut texts = vec!["", "!", "~", "a", "0", "A b", "-", "<"];
    if !matches!(location, Location::Header(_)) {
        texts.extend([" ", "é", "\u{7f}", "\n"]);
    }
    let long = "a0 ".repeat(400);
    texts.push(long.trim_end());
    let matched = pattern.as_str().and_then(|pattern| pattern_matches(pattern, &texts));
    matched.is_some_and(|matched| matched.iter().all(|one| *one))
}

fn pointer(location: &Location) -> Option<String> {
    match location {
        Location::Body(path) | Location::Form(path) | Location::Jwe(path) | Location::Plaintext(path, _) => {
            Some(path.first_pointer())
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;
    use std::sync::Arc;

    use super::{Generator, Means};
    use crate::base::Seed;
    use crate::contract::{Catalog, obligations};
    use crate::generate::{Bindings, placeholder};

    #[test]
    fn only_what_has_a_place_in_the_body_is_sealed() {
        let catalog = Catalog::load(&Path::new(env!("CARGO_MANIFEST_DIR")).join("specs")).unwrap();
        let entry = catalog.entries.iter().find(|entry| entry.name == "D1-Public-IN-v2-Card").unwrap();
        let contract = catalog.contract(entry).unwrap();
        let operation = contract.operations.iter().find(|operation| operation.id.name() == "registerCard").unwrap();
        let duties: Vec<_> = obligations(&contract, operation).into_iter().map(Arc::new).collect();
        let generator = Generator::new(duties.clone(), vec!["PUT".to_owned()], Means::default());
        let mut sealed = 0;
        for obligation in duties {
            for index in 0..generator.cases(operation, &obligation, 4) {
                let name = obligation.id.as_str();
                let drawn = generator.case(operation, &obligation, &Bindings::default(), Seed::new(1), name, index);
                let Some(case) = drawn.case else { continue };
                // Some bodies are no UTF-8 on purpose.
                let body = String::from_utf8_lossy(&case.request.body_bytes()).into_owned();
                let places = body.matches(placeholder::ENVELOPE).count();
                assert_eq!(case.request.seals.len(), places, "{}", case.id);
                sealed += places;
            }
        }
        assert!(sealed > 0);
    }
}
