//! One request, as a part of the coverage or a throw of the dice wants it; not proved yet.

use serde_json::Value;

use super::bound::bind;
use super::break_value::break_value;
use super::case::Request;
use super::course::{Turn, shape_beside};
use super::draw::Draw;
use super::example::with_envelopes;
use super::generator::{Attempt, Generator};
use super::instance::{Instances, Shape};
use super::message::{break_message, breaks_whole, spell};
use super::request::{Parts, assemble};
use super::sealing::draw_plain_parts;
use super::violate::wrong;
use crate::contract::{
    Evidence, InstancePath, Location, Media, MediaKind, Operation, Parameter, ParameterIn, Rule, Schema, Sealed,
};

/// The first conforming cases of each media type: the least, all, all that is documented.
pub(super) const SHAPES: [Shape; 3] = [Shape::Minimal, Shape::Full, Shape::Documented];

/// The media types that bodies can be drawn for.
pub(super) fn usable(operation: &Operation) -> impl Iterator<Item = &Media> {
    operation.body.iter().flat_map(|body| &body.media).filter(|media| media.kind != MediaKind::Other)
}

/// The number of media types, or 1 where there is no body.
pub(super) fn kinds(operation: &Operation) -> usize {
    usable(operation).count().max(1)
}

impl Generator {
    pub(super) fn conforming(&self, at: &Attempt, draw: &mut Draw) -> Option<Request> {
        let kinds = kinds(at.operation);
        let (media, shape) = match at.turn {
            Turn::Edge(edge) | Turn::Example(edge) => (media_of(at.operation, &edge.location), Shape::Minimal),
            Turn::Whole(example) => {
                (usable(at.operation).find(|media| example.media.as_ref() == Some(&media.media_type)), Shape::Minimal)
            }
            Turn::Branch(_) => (usable(at.operation).next(), Shape::Full),
            Turn::Shape(index) | Turn::Row(_, index) => choose(at.operation, *index),
            Turn::Chance(number) => choose(at.operation, number + SHAPES.len() * kinds),
            Turn::Round(_) => return None,
        };
        let mut parts = self.parts(at, media, shape, draw);
        match at.turn {
            Turn::Edge(edge) | Turn::Example(edge) => {
                edge.apply(&self.patterns, &mut parts, at.operation, draw)?;
            }
            Turn::Row(row, _) => row.apply(&mut parts, at.operation),
            _ => {}
        }
        bind(at, self.boundary_of(at.turn).as_ref(), &mut parts, draw);
        Some(spell(at, assemble(at.operation, &parts)?))
    }

    /// Values for all that a request of this shape holds.
    pub(super) fn parts<'s>(
        &'s self,
        at: &Attempt<'s>,
        media: Option<&'s Media>,
        shape: Shape,
        draw: &mut Draw,
    ) -> Parts {
        let (forced, inside) = forced(at);
        let focus = focus(at);
        let mut parameters = Vec::new();
        for (index, parameter) in at.operation.parameters.iter().enumerate() {
            let send = parameter.required
                || names(focus, parameter)
                || at.bindings.demands(parameter.place.name(), &parameter.name)
                || (!(shape.certain() && parameter.evidence == Evidence::Inferred) && shape.includes(draw));
            if send {
                let instances = self.instances(at, &parameter.schema, shape);
                parameters.push((index, instances.draw(&InstancePath::root(), draw)));
            }
        }
        let body = media.map(|media| {
            let value = match (at.turn, &media.schema) {
                (Turn::Whole(example), _) => with_envelopes(media, &example.value),
                (_, Some(schema)) => self.instances(at, schema, shape).draw(&forced, draw),
                _ => Value::Object(serde_json::Map::new()),
            };
            (media.media_type.clone(), value)
        });
        let seals = match (media, &body) {
            (Some(media), Some((_, value))) => {
                let clear =
                    |sealed: &'s Sealed| Instances { card_data: true, ..self.instances(at, &sealed.plaintext, shape) };
                draw_plain_parts(media, value, inside.as_ref().map(|inside| (&forced, inside)), clear, draw)
            }
            _ => Vec::new(),
        };
        Parts { parameters, body, seals }
    }

    fn instances<'s>(&'s self, at: &Attempt<'s>, schema: &'s Schema, shape: Shape) -> Instances<'s> {
        let branch = if let Turn::Branch(index) = at.turn { Some(*index) } else { None };
        let wrong = wrong(at.obligation, at.round);
        Instances { schema, patterns: &self.patterns, shape, means: &self.means, card_data: false, branch, wrong }
    }

    pub(super) fn violating(&self, at: &Attempt, draw: &mut Draw) -> Option<Request> {
        let shape = match at.turn {
            Turn::Round(round) => shape_beside(at.obligation, *round),
            _ => Shape::Random,
        };
        let mut parts = self.parts(at, Self::media_to_break(at), shape, draw);
        bind(at, None, &mut parts, draw);
        if breaks_whole(at.obligation) {
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
            (Location::Form(_), _) => all.iter().find(|media| media.kind.has_fields()),
            (Location::Body(_), Rule::RequiredBody | Rule::WrongContentType) => all.first(),
            (Location::Body(_) | Location::Jwe(_) | Location::Plaintext(..), _) => of_kind(MediaKind::Json),
            // Form and JSON are both taken (AUTH-IN-3), so that both doors are tried.
            (Location::Assertion, _) => all.get(at.round % all.len().max(1)),
            _ => all.first(),
        }
    }
}

/// The place that the request is about.
fn focus<'a>(at: &'a Attempt) -> &'a Location {
    at.turn.edge().map_or(&at.obligation.location, |edge| &edge.location)
}

/// The media type that a place belongs to.
fn media_of<'o>(operation: &'o Operation, location: &Location) -> Option<&'o Media> {
    let fields = matches!(location, Location::Form(_));
    let fits = |media: &&Media| media.kind.has_fields() == fields;
    usable(operation).find(fits).or_else(|| usable(operation).next())
}

/// Media type and shape of conforming case `index`: every media type first with the least, then with all, then with all
/// that is documented, then by chance, with and without assumed parts.
pub(super) fn choose(operation: &Operation, index: usize) -> (Option<&Media>, Shape) {
    let kinds = kinds(operation);
    let shape = SHAPES.get(index / kinds).copied().unwrap_or(match index / kinds % 2 {
        0 => Shape::RandomDocumented,
        _ => Shape::Random,
    });
    (usable(operation).nth(index % kinds), shape)
}

/// What must be there: a place in the body, and one in the clear text that is sealed there.
fn forced(at: &Attempt) -> (InstancePath, Option<InstancePath>) {
    match (focus(at), at.bindings.demanded_plaintext()) {
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
