//! Reads a request to its end: every breach, not only the first, and whatever the defects. Nothing is decided by it.

use std::time::SystemTime;

use axum::http::header::CONTENT_TYPE;
use serde_json::Value;

use crate::contract::{
    AssertionFlaw, Breach, InstancePath, Media, MediaKind, Operation, ParameterIn, Schema, decode_form,
    decode_parameter, media_matches,
};
use crate::jose::EnvelopeFault;
use crate::sandbox::assertion::Bench;
use crate::sandbox::demo::Demo;
use crate::sandbox::fault::FaultPlan;
use crate::sandbox::intake::{Raw, occurrences};
use crate::sandbox::keys::Keys;
use crate::sandbox::unsealing::reached;

/// Everything that was read of a request. It holds card data, so it cannot be printed.
#[derive(Clone, Default)]
pub struct Reading {
    /// The declared parameters that were sent, decoded.
    pub parameters: Vec<(ParameterIn, String, Value)>,
    /// Query parameters that are not declared.
    pub undeclared: Vec<String>,
    /// How the body stands.
    pub body: BodyReading,
    /// All breaches of schemas, clear texts included.
    pub breaches: Vec<Noticed>,
    /// What stands where an envelope is wanted.
    pub envelopes: Vec<EnvelopeReading>,
    /// The assertion of a token request, where one was sent.
    pub assertion: Option<AssertionReading>,
}

/// How a body stands.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum BodyReading {
    /// None was sent, and none is needed.
    #[default]
    Absent,
    /// None was sent, where one is required.
    Missing,
    /// One was sent, where none is declared.
    Unwanted,
    /// One of a media type that is not declared; the type as sent.
    OtherMedia(String),
    /// It is no JSON.
    Malformed,
    /// It was decoded.
    Read(Value),
    /// Of a media type that is not looked into.
    Unread,
}

/// Where in a request a schema applies.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Station {
    /// A parameter.
    Parameter(ParameterIn, String),
    /// A JSON body.
    Body,
    /// A form body.
    Form,
    /// The clear text of the envelope at a place.
    ClearText(InstancePath),
}

/// One breach and where it was.
#[derive(Clone)]
pub struct Noticed {
    /// Where.
    pub station: Station,
    /// Of what.
    pub breach: Breach,
    /// The whole value that was judged; it may hold card data.
    pub value: Value,
}

/// One envelope.
#[derive(Clone)]
pub struct EnvelopeReading {
    /// Where the contract wants it.
    pub path: InstancePath,
    /// Where it is.
    pub pointer: String,
    /// The text as it was sent.
    pub text: String,
    /// The clear text, or why there is none.
    pub clear: Result<Value, Unopened>,
}

/// Why an envelope gave no clear text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unopened {
    /// It cannot be opened.
    Fault(EnvelopeFault),
    /// It was opened, and holds no JSON.
    NoJson,
}

/// What an assertion is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AssertionReading {
    /// No signed JWT, or one of an algorithm that has no flaw of its own.
    Unreadable,
    /// A JWT with these flaws.
    Flaws(Vec<AssertionFlaw>),
}

/// Reads requests for one operation.
#[derive(Clone, Copy, Debug)]
pub struct Reader<'s> {
    /// Which operation.
    pub operation: &'s Operation,
    /// What envelopes are opened and assertions are verified with.
    pub keys: &'s Keys,
    /// The one client.
    pub demo: &'s Demo,
}

impl Reader<'_> {
    /// Reads everything.
    pub fn read(&self, raw: &Raw<'_>) -> Reading {
        let mut reading = Reading::default();
        self.parameters(raw, &mut reading);
        self.body(raw, &mut reading);
        if let (Some(_), BodyReading::Read(body)) = (&self.operation.assertion, &reading.body) {
            reading.assertion = body.get("assertion").and_then(Value::as_str).map(|text| self.assertion(text));
        }
        reading
    }

    fn parameters(&self, raw: &Raw<'_>, reading: &mut Reading) {
        for parameter in &self.operation.parameters {
            // Bytes that are no text cannot be judged by a schema; read as text they break it.
            let texts = occurrences(parameter, raw).unwrap_or_else(|| vec![char::REPLACEMENT_CHARACTER.to_string()]);
            let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
            let station = Station::Parameter(parameter.place, parameter.name.clone());
            match decode_parameter(parameter, &texts) {
                Some(value) => {
                    note(reading, &station, &parameter.schema, &value);
                    reading.parameters.push((parameter.place, parameter.name.clone(), value));
                }
                None if parameter.required => {
                    let breach = Breach {
                        instance: String::new(),
                        keyword: "required".to_owned(),
                        pointer: format!("{}/required", parameter.pointer),
                        message: "it is missing".to_owned(),
                    };
                    reading.breaches.push(Noticed { station, breach, value: Value::Null });
                }
                None => {}
            }
        }
        for (name, _) in url::form_urlencoded::parse(raw.query.as_bytes()) {
            let declared = self.operation.parameter(ParameterIn::Query, &name).is_some();
            if !declared && reading.undeclared.iter().all(|known| *known != name) {
                reading.undeclared.push(name.into_owned());
            }
        }
    }

    fn body(&self, raw: &Raw<'_>, reading: &mut Reading) {
        let Some(declared) = &self.operation.body else {
            reading.body = if raw.body.is_empty() { BodyReading::Absent } else { BodyReading::Unwanted };
            return;
        };
        if raw.body.is_empty() {
            reading.body = if declared.required { BodyReading::Missing } else { BodyReading::Absent };
            return;
        }
        let sent = raw.headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let Some(media) = declared.media.iter().find(|media| media_matches(&media.media_type, sent)) else {
            reading.body = BodyReading::OtherMedia(sent.to_owned());
            return;
        };
        let (value, station) = match (media.kind, &media.schema) {
            (MediaKind::Form, Some(schema)) => (decode_form(schema, raw.body), Station::Form),
            (MediaKind::Json, _) => {
                let Ok(value) = serde_json::from_slice(raw.body) else {
                    reading.body = BodyReading::Malformed;
                    return;
                };
                (value, Station::Body)
            }
            _ => {
                reading.body = BodyReading::Unread;
                return;
            }
        };
        if let Some(schema) = &media.schema {
            note(reading, &station, schema, &value);
        }
        self.envelopes(media, &value, reading);
        reading.body = BodyReading::Read(value);
    }

    fn envelopes(&self, media: &Media, body: &Value, reading: &mut Reading) {
        for sealed in &media.sealed {
            for pointer in reached(body, &sealed.path) {
                // What is no text was judged by the schema of the body already.
                let Some(text) = body.pointer(&pointer).and_then(Value::as_str) else { continue };
                let opened = self.keys.own.open(text).map_err(Unopened::Fault);
                let clear = opened.and_then(|bytes| serde_json::from_slice(&bytes).map_err(|_| Unopened::NoJson));
                if let Ok(clear) = &clear {
                    note(reading, &Station::ClearText(sealed.path.clone()), &sealed.plaintext, clear);
                }
                let path = sealed.path.clone();
                reading.envelopes.push(EnvelopeReading { path, pointer, text: text.to_owned(), clear });
            }
        }
    }

    fn assertion(&self, text: &str) -> AssertionReading {
        let bench = Bench { keys: self.keys, demo: self.demo, faults: &FaultPlan::default() };
        bench.flaws(text, SystemTime::now()).map_or(AssertionReading::Unreadable, AssertionReading::Flaws)
    }
}

fn note(reading: &mut Reading, station: &Station, schema: &Schema, value: &Value) {
    for breach in schema.judge(value) {
        reading.breaches.push(Noticed { station: station.clone(), breach, value: value.clone() });
    }
}
