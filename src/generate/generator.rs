//! From an operation, a duty and a seed to a proved case.

use serde_json::Value;

use super::binding::Bindings;
use super::bound::bind;
use super::break_value::break_value;
use super::case::{Case, Credentials, Intent, Request};
use super::draw::Draw;
use super::footing::footing;
use super::instance::{Instances, Shape};
use super::message::break_message;
use super::pattern::Patterns;
use super::prove::prove;
use super::request::{Parts, assemble};
use super::sealing::draw_plain_parts;
use super::violate::can_break_format;
use crate::base::{CaseId, PanRange, Seed};
use crate::contract::{
    Evidence, InstancePath, Location, Media, MediaKind, Obligation, Operation, Parameter, ParameterIn, Rule, Sealed,
    pattern_matches,
};

/// Draws the cases of one operation.
pub struct Generator {
    patterns: Patterns,
    /// Methods that some operation declares on this path; none of them is an unsupported one.
    declared_methods: Vec<String>,
    /// What the target makes possible.
    means: Means,
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

/// One draw: who asks, for what, and how often it was tried.
pub(super) struct Attempt<'a> {
    pub operation: &'a Operation,
    pub obligation: &'a Obligation,
    pub bindings: &'a Bindings,
    pub name: &'a str,
    pub round: usize,
}

impl Generator {
    /// A generator for an operation on whose path these methods are declared.
    pub fn new(declared_methods: Vec<String>, means: Means) -> Self {
        Self { patterns: Patterns::default(), declared_methods, means }
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
            (_, Rule::Not) => Err("a value that breaks `not` is not generated".to_owned()),
            _ => Ok(()),
        }
    }

    /// Draws case `index` of a duty. The stream depends on seed, `scenario` and `index` alone.
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
        let mut reason = None;
        for attempt in 0..ATTEMPTS {
            let mut draw = Draw::new(&seed.derive(scenario, u64::from(index) << 8 | u64::from(attempt)));
            // A variant that cannot work for this place must not use up the case: the next attempt takes the next one.
            let round = (index + attempt) as usize;
            let attempt_at = Attempt { operation, obligation, bindings, name: &name, round };
            let request = match intent {
                Intent::Conforming => self.conforming(&attempt_at, index as usize, &mut draw),
                Intent::Violating => self.violating(&attempt_at, &mut draw),
            };
            let Some(request) = request else {
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

    fn conforming(&self, at: &Attempt, index: usize, draw: &mut Draw) -> Option<Request> {
        let (media, shape) = choose(at.operation, index);
        let mut parts = self.parts(at, media, shape, draw);
        bind(at, &mut parts, draw);
        let mut request = assemble(at.operation, &parts)?;
        if at.obligation.rule == Rule::Base64urlCredentials {
            request.credentials = Credentials::Base64url;
        }
        Some(request)
    }

    fn parts<'s>(&'s self, at: &Attempt, media: Option<&'s Media>, shape: Shape, draw: &mut Draw) -> Parts {
        let (forced, inside) = forced(at);
        let mut parameters = Vec::new();
        for (index, parameter) in at.operation.parameters.iter().enumerate() {
            let send = parameter.required
                || names(&at.obligation.location, parameter)
                || at.bindings.demands(parameter.place.name(), &parameter.name)
                || (!(shape.certain() && parameter.evidence == Evidence::Inferred) && shape.includes(draw));
            if send {
                let instances = self.instances(&parameter.schema, shape);
                parameters.push((index, instances.draw(&InstancePath::root(), draw)));
            }
        }
        let body = media.map(|media| {
            let value = match &media.schema {
                Some(schema) => self.instances(schema, shape).draw(&forced, draw),
                None => Value::Object(serde_json::Map::new()),
            };
            (media.media_type.clone(), value)
        });
        let seals = match (media, &body) {
            (Some(media), Some((_, value))) => {
                let clear =
                    |sealed: &'s Sealed| Instances { card_data: true, ..self.instances(&sealed.plaintext, shape) };
                draw_plain_parts(media, value, inside.as_ref().map(|inside| (&forced, inside)), clear, draw)
            }
            _ => Vec::new(),
        };
        Parts { parameters, body, seals }
    }

    fn instances<'s>(&'s self, schema: &'s crate::contract::Schema, shape: Shape) -> Instances<'s> {
        Instances { schema, patterns: &self.patterns, shape, means: &self.means, card_data: false }
    }

    fn violating(&self, at: &Attempt, draw: &mut Draw) -> Option<Request> {
        let whole = matches!(at.obligation.rule, Rule::RequiredBody | Rule::MalformedJson | Rule::WrongContentType)
            || matches!(
                at.obligation.location,
                Location::Method | Location::Auth | Location::Assertion | Location::Tls
            );
        let mut parts = self.parts(at, Self::media_to_break(at), Shape::Random, draw);
        bind(at, &mut parts, draw);
        if whole {
            let request = assemble(at.operation, &parts)?;
            return break_message(at, request, &self.declared_methods, draw);
        }
        break_value(at, &mut parts, draw)?;
        assemble(at.operation, &parts)
    }

    /// The media type in which a violation can be written.
    fn media_to_break<'o>(at: &Attempt<'o>) -> Option<&'o Media> {
        let all = at.operation.body.as_ref().map_or(&[][..], |body| &body.media);
        let of_kind = |kind: MediaKind| all.iter().find(|media| media.kind == kind);
        match (&at.obligation.location, at.obligation.rule) {
            (Location::Form(_), _) => of_kind(MediaKind::Form),
            (Location::Body(_), Rule::RequiredBody | Rule::WrongContentType) => all.first(),
            (Location::Body(_) | Location::Jwe(_) | Location::Plaintext(..), _) => of_kind(MediaKind::Json),
            // Form and JSON are both taken (AUTH-IN-3), so that both doors are tried.
            (Location::Assertion, _) => all.get(at.round % all.len().max(1)),
            _ => all.first(),
        }
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

/// Media type and shape of conforming case `index`: every media type first with the least, then with all, then with all
/// that is documented, then by chance, with and without assumed parts.
fn choose(operation: &Operation, index: usize) -> (Option<&Media>, Shape) {
    let usable: Vec<&Media> =
        operation.body.iter().flat_map(|body| &body.media).filter(|media| media.kind != MediaKind::Other).collect();
    let kinds = usable.len().max(1);
    let shape = match index / kinds {
        0 => Shape::Minimal,
        1 => Shape::Full,
        2 => Shape::Documented,
        round if round.is_multiple_of(2) => Shape::RandomDocumented,
        _ => Shape::Random,
    };
    (usable.get(index % kinds).copied(), shape)
}

/// A duty that is kept by doing something, or by refusing its breach.
fn intent_of(rule: Rule) -> Intent {
    if matches!(rule, Rule::Conforming | Rule::Base64urlCredentials) { Intent::Conforming } else { Intent::Violating }
}

/// What must be there: a place in the body, and one in the clear text that is sealed there.
fn forced(at: &Attempt) -> (InstancePath, Option<InstancePath>) {
    match (&at.obligation.location, at.bindings.demanded_plaintext()) {
        (Location::Body(path) | Location::Form(path) | Location::Jwe(path), _) => (path.clone(), None),
        (Location::Plaintext(path, inside), _) => (path.clone(), Some(inside.clone())),
        (_, Some((member, inside))) => (InstancePath::at(member), Some(InstancePath::at(inside))),
        _ => (InstancePath::root(), None),
    }
}

pub(super) fn names(location: &Location, parameter: &Parameter) -> bool {
    match (location, parameter.place) {
        (Location::Path(name), ParameterIn::Path) | (Location::Query(name), ParameterIn::Query) => {
            *name == parameter.name
        }
        (Location::Header(name), ParameterIn::Header) => name.eq_ignore_ascii_case(&parameter.name),
        _ => false,
    }
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
        let generator = Generator::new(vec!["PUT".to_owned()], Means::default());
        let mut sealed = 0;
        for obligation in obligations(&contract, operation) {
            for index in 0..6 {
                let name = obligation.id.as_str();
                let drawn = generator.case(operation, &obligation, &Bindings::default(), Seed::new(1), name, index);
                let Some(case) = drawn.case else { continue };
                let body = String::from_utf8(case.request.body_bytes()).unwrap();
                let places = body.matches(placeholder::ENVELOPE).count();
                assert_eq!(case.request.seals.len(), places, "{}", case.id);
                sealed += places;
            }
        }
        assert!(sealed > 0);
    }
}
