//! From an operation, a duty and a seed to a proved case.

use serde_json::Value;

use super::binding::Bindings;
use super::bound::bind;
use super::case::{Body, Case, Credentials, Intent, Request};
use super::draw::Draw;
use super::footing::footing;
use super::instance::{Instances, Shape};
use super::pattern::Patterns;
use super::prove::prove;
use super::request::{Parts, arrives_broken, assemble};
use super::violate::{can_break_format, violate};
use crate::base::{CaseId, Seed};
use crate::contract::{
    Evidence, InstancePath, Location, Media, MediaKind, Obligation, Operation, Parameter, ParameterIn, Rule,
    pattern_matches,
};

/// Draws the cases of one operation.
pub struct Generator {
    patterns: Patterns,
    /// Methods that some operation declares on this path; none of them is an unsupported one.
    declared_methods: Vec<String>,
    /// Leave out optional members that hold a JWE.
    skip_sealed: bool,
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

/// Methods that a path may be asked for; the safe-to-refuse ones first.
const METHODS: &[&str] = &["DELETE", "PATCH", "PUT", "POST", "GET"];

/// Rounds after which the variants of a rule repeat.
const VARIANTS: usize = 8;

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
    pub fn new(declared_methods: Vec<String>, skip_sealed: bool) -> Self {
        Self { patterns: Patterns::default(), declared_methods, skip_sealed }
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
        let intent = if obligation.rule == Rule::Conforming { Intent::Conforming } else { Intent::Violating };
        let name = format!("{scenario}#{index}");
        let mut reason = None;
        for attempt in 0..ATTEMPTS {
            let mut draw = Draw::new(&seed.derive(scenario, u64::from(index) << 8 | u64::from(attempt)));
            // A variant that cannot work for this place must not use up the case: the next attempt takes the next one.
            let round = (index + attempt) as usize;
            let attempt_at = Attempt { operation, obligation, bindings, name: &name, round };
            let request = match intent {
                Intent::Conforming => self.conforming(&attempt_at, index as usize, &InstancePath::root(), &mut draw),
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

    fn conforming(&self, at: &Attempt, index: usize, forced: &InstancePath, draw: &mut Draw) -> Option<Request> {
        let (media, shape) = choose(at.operation, index);
        let mut parts = self.parts(at, media, shape, forced, draw);
        bind(at, &mut parts, draw);
        assemble(at.operation, &parts)
    }

    fn parts(
        &self,
        at: &Attempt,
        media: Option<&Media>,
        shape: Shape,
        forced: &InstancePath,
        draw: &mut Draw,
    ) -> Parts {
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
                Some(schema) => self.instances(schema, shape).draw(forced, draw),
                None => Value::Object(serde_json::Map::new()),
            };
            (media.media_type.clone(), value)
        });
        Parts { parameters, body }
    }

    fn instances<'s>(&'s self, schema: &'s crate::contract::Schema, shape: Shape) -> Instances<'s> {
        Instances { schema, patterns: &self.patterns, shape, skip_sealed: self.skip_sealed }
    }

    fn violating(&self, at: &Attempt, draw: &mut Draw) -> Option<Request> {
        let forced = match &at.obligation.location {
            Location::Body(path) | Location::Form(path) => path.clone(),
            _ => InstancePath::root(),
        };
        match (&at.obligation.location, at.obligation.rule) {
            (_, Rule::RequiredBody | Rule::MalformedJson | Rule::WrongContentType)
            | (Location::Method | Location::Auth, _) => {
                let media = at.operation.body.as_ref().and_then(|body| {
                    body.media
                        .iter()
                        .find(|media| at.obligation.rule != Rule::MalformedJson || media.kind == MediaKind::Json)
                });
                let mut parts = self.parts(at, media, Shape::Random, &forced, draw);
                bind(at, &mut parts, draw);
                let request = assemble(at.operation, &parts)?;
                self.break_whole(at, request, draw)
            }
            _ => self.break_value(at, &forced, draw),
        }
    }

    /// Violations of the message as a whole.
    fn break_whole(&self, at: &Attempt, mut request: Request, draw: &mut Draw) -> Option<Request> {
        match at.obligation.rule {
            Rule::MissingToken => request.credentials = Credentials::Missing,
            Rule::WrongToken => request.credentials = Credentials::Wrong,
            Rule::UnsupportedMethod => {
                let free: Vec<&str> = METHODS
                    .iter()
                    .filter(|method| !self.declared_methods.iter().any(|own| own == *method))
                    .copied()
                    .collect();
                let method: &str = free.get(at.round % free.len().max(1))?;
                method.clone_into(&mut request.method);
            }
            Rule::RequiredBody => {
                request.body = Body::Empty;
                if at.round.is_multiple_of(2) {
                    request.content_type = None;
                }
            }
            Rule::WrongContentType => {
                // Raw, so that the proof and the wire see the bytes that a sender of that type would send.
                request.body = Body::Raw(request.body_bytes());
                let strange = ["text/plain", "application/xml", "application/octet-stream", "text/html"];
                request.content_type = Some(strange[at.round % strange.len()].to_owned());
            }
            Rule::MalformedJson => {
                let text = String::from_utf8(request.body_bytes()).ok()?;
                request.body = Body::Raw(malformed(&text, at.round, draw).into_bytes());
            }
            _ => return None,
        }
        Some(request)
    }

    /// Violations of one value.
    fn break_value(&self, at: &Attempt, forced: &InstancePath, draw: &mut Draw) -> Option<Request> {
        let media = match &at.obligation.location {
            Location::Form(_) => media_of(at.operation, MediaKind::Form),
            Location::Body(_) => media_of(at.operation, MediaKind::Json),
            _ => at.operation.body.as_ref().and_then(|body| body.media.first()),
        };
        let mut parts = self.parts(at, media, Shape::Random, forced, draw);
        bind(at, &mut parts, draw);
        match &at.obligation.location {
            Location::Body(path) | Location::Form(path) => {
                let (_, body) = parts.body.as_mut()?;
                if at.obligation.rule == Rule::Required {
                    remove(body, path)?;
                } else {
                    let limit = &at.obligation.limit;
                    let place = body.pointer_mut(&path.first_pointer())?;
                    *place = violate(at.obligation.rule, limit, place, at.round, draw)?;
                }
            }
            location => {
                let place =
                    parts.parameters.iter().position(|(index, _)| names(location, &at.operation.parameters[*index]))?;
                if at.obligation.rule == Rule::Required {
                    parts.parameters.remove(place);
                } else {
                    let limit = &at.obligation.limit;
                    let (index, value) = &mut parts.parameters[place];
                    let parameter = &at.operation.parameters[*index];
                    // The variants of a rule that this place can carry are found here; the proof would reject the rest
                    // one draw at a time.
                    *value = (0..VARIANTS)
                        .filter_map(|step| violate(at.obligation.rule, limit, value, at.round + step, draw))
                        .find(|broken| arrives_broken(parameter, broken))?;
                }
            }
        }
        assemble(at.operation, &parts)
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

fn media_of(operation: &Operation, kind: MediaKind) -> Option<&Media> {
    operation.body.as_ref()?.media.iter().find(|media| media.kind == kind)
}

fn names(location: &Location, parameter: &Parameter) -> bool {
    match (location, parameter.place) {
        (Location::Path(name), ParameterIn::Path) | (Location::Query(name), ParameterIn::Query) => {
            *name == parameter.name
        }
        (Location::Header(name), ParameterIn::Header) => name.eq_ignore_ascii_case(&parameter.name),
        _ => false,
    }
}

fn remove(body: &mut Value, path: &InstancePath) -> Option<()> {
    let (parent, last) = path.split_last()?;
    let crate::contract::Step::Key(name) = last else { return None };
    body.pointer_mut(&parent.first_pointer())?.as_object_mut()?.shift_remove(name).map(|_| ())
}

/// Texts that RFC 8259 does not allow.
fn malformed(text: &str, round: usize, draw: &mut Draw) -> String {
    let cut = text.trim_end_matches(['}', ']']);
    match round % 6 {
        0 => cut.to_owned(),
        1 => format!("{cut},}}"),
        2 => text.replacen('"', "'", 2),
        3 => format!("{text}{}", draw.pick(&["]", "}", "x", "{}"])),
        4 => "{\"amount\": NaN}".to_owned(),
        _ => "not json".to_owned(),
    }
}

fn pointer(location: &Location) -> Option<String> {
    match location {
        Location::Body(path) | Location::Form(path) => Some(path.first_pointer()),
        _ => None,
    }
}
