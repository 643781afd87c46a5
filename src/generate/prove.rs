//! The proof that every case passes before it leaves: the bytes that would go out are read back and judged by the same
//! schemas that judge answers. A `null` in a query, a "12" for an integer, a dot segment that a URL parser folds away:
//! each was a false alarm in another tool, and stops here.

mod head;
mod text;

use serde_json::Value;

use self::head::{read_head, shows_spelling};
use self::text::read_json;
use super::case::{Credentials, Intent, Request};
use crate::contract::{
    Auth, InstancePath, Location, Media, MediaKind, Obligation, Operation, Parameter, ParameterIn, RequestBody, Rule,
    Schema, charset, decode_form, decode_multipart, decode_parameter, is_media_type, media_matches, query_occurrences,
};

/// One duty that a request breaks on the wire.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Broken {
    location: Location,
    rule: Rule,
    /// Pointer into the body; empty for parameters.
    at: String,
}

impl Broken {
    fn whole(location: Location, rule: Rule) -> Self {
        Self { location, rule, at: String::new() }
    }

    fn body(rule: Rule) -> Self {
        Self::whole(Location::Body(InstancePath::root()), rule)
    }
}

/// Proves that `request` keeps its promise; otherwise says why not, in words.
pub(super) fn prove(
    operation: &Operation,
    request: &Request,
    intent: Intent,
    obligation: &Obligation,
) -> Result<(), String> {
    let broken = read_back(operation, request)?;
    match intent {
        Intent::Conforming => match broken.first() {
            None if shows_spelling(obligation.rule, operation, request) => Ok(()),
            None => Err("the draw is not spelled as the duty has it".to_owned()),
            Some(first) if first.rule == Rule::RequiredBody && !can_write(operation) => {
                Err("no body of the declared media types can be written".to_owned())
            }
            Some(first) => Err(format!("a conforming draw breaks {}::{}", first.location, first.rule)),
        },
        Intent::Violating => {
            let named =
                |one: &Broken| one.rule == obligation.rule && same_place(&one.location, &obligation.location, &one.at);
            let Some(hit) = broken.iter().find(|one| named(one)) else {
                return Err("the draw does not break the duty on the wire".to_owned());
            };
            match broken.iter().find(|one| !beside(one, hit)) {
                None => Ok(()),
                Some(other) => Err(format!("the draw breaks {}::{} as well", other.location, other.rule)),
            }
        }
    }
}

/// Does a request break nothing that another one does not break at the same place, whatever the item? Inside of the
/// place that is broken on purpose the proof excuses what a smaller request must not add.
pub(super) fn breaks_no_more(operation: &Operation, request: &Request, before: &Request) -> bool {
    let place = |at: &str| {
        let item = |token: &str| !token.is_empty() && token.bytes().all(|byte| byte.is_ascii_digit());
        at.split('/').map(|token| if item(token) { "*" } else { token }).collect::<Vec<_>>().join("/")
    };
    let same = |one: &Broken, own: &Broken| {
        one.location == own.location && one.rule == own.rule && place(&one.at) == place(&own.at)
    };
    let known = read_back(operation, before).unwrap_or_default();
    read_back(operation, request).is_ok_and(|all| all.iter().all(|one| known.iter().any(|own| same(one, own))))
}

/// True when a body of some declared media type can be generated.
fn can_write(operation: &Operation) -> bool {
    operation.body.iter().flat_map(|body| &body.media).any(|media| media.kind != MediaKind::Other)
}

/// The concrete place of a breach lies on the obligation's place.
fn same_place(broken: &Location, duty: &Location, at: &str) -> bool {
    match (broken, duty) {
        (Location::Plaintext(one, _), Location::Plaintext(other, inside)) => one == other && inside.covers(at),
        (Location::Body(_), Location::Body(path)) | (Location::Form(_), Location::Form(path)) => path.covers(at),
        (Location::Header(one), Location::Header(other)) => one.eq_ignore_ascii_case(other),
        _ => broken == duty,
    }
}

/// Another breach is excused when it is one of the same place: a text that is too long breaks a pattern that holds the
/// bound too, and an object without a member breaks what stands inside that member. A message that can be read all the
/// same has to keep everything else.
fn beside(one: &Broken, hit: &Broken) -> bool {
    if hit.rule.wants_any_answer() || matches!(hit.rule, Rule::JsonEncoding | Rule::MalformedContentType) {
        return one.rule == hit.rule;
    }
    match (&one.location, &hit.location) {
        (Location::Body(_), Location::Body(_)) | (Location::Form(_), Location::Form(_)) => nested(&one.at, &hit.at),
        (Location::Plaintext(..), Location::Plaintext(..)) => one.location == hit.location && nested(&one.at, &hit.at),
        _ => one.location == hit.location,
    }
}

/// True when one pointer is the other, or an ancestor of it, token by token.
fn nested(one: &str, other: &str) -> bool {
    let (short, long) = if one.len() <= other.len() { (one, other) } else { (other, one) };
    long.strip_prefix(short).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

fn read_back(operation: &Operation, request: &Request) -> Result<Vec<Broken>, String> {
    let mut broken = Vec::new();
    if request.method != operation.method {
        broken.push(Broken::whole(Location::Method, Rule::UnsupportedMethod));
    }
    broken.extend(wrong_credentials(operation, request).map(|rule| Broken::whole(Location::Auth, rule)));
    broken.extend(request.assertion_flaw.map(|flaw| Broken::whole(Location::Assertion, Rule::Assertion(flaw))));
    broken.extend(request.certificate_flaw.map(|flaw| Broken::whole(Location::Tls, Rule::Certificate(flaw))));
    let target = request.target();
    // A URL parser folds dot segments and re-encodes some characters: what it changes would not arrive.
    let url = url::Url::parse(&format!("http://host{target}")).map_err(|error| format!("no URL: {error}"))?;
    if url[url::Position::BeforePath..] != target {
        return Err("the URL changes when it is parsed".to_owned());
    }
    let captured = operation.path.capture(url.path()).ok_or("the path addresses another resource")?;
    read_head(operation, request, &url, &mut broken)?;
    for parameter in &operation.parameters {
        let location = parameter.location();
        let occurrences = occurrences(parameter, &captured, &url, request)?;
        let texts: Vec<&str> = occurrences.iter().map(String::as_str).collect();
        match decode_parameter(parameter, &texts) {
            Some(value) => broken.extend(judge(&parameter.schema, &value, |_| location.clone())),
            None if parameter.required => {
                broken.push(Broken::whole(location, Rule::Required));
            }
            None => {}
        }
    }
    match &operation.body {
        Some(body) => read_body(body, request, &mut broken),
        None if request.body_bytes().is_empty() => {}
        None => broken.push(Broken::body(Rule::UnexpectedBody)),
    }
    Ok(broken)
}

fn wrong_credentials(operation: &Operation, request: &Request) -> Option<Rule> {
    match (operation.auth, request.credentials) {
        (Auth::None, _) | (_, Credentials::Right) | (Auth::Basic, Credentials::Base64url) => None,
        (_, Credentials::Wrong | Credentials::Base64url) => Some(Rule::WrongToken),
        (_, Credentials::Tampered) => Some(Rule::TamperedToken),
        (_, Credentials::Expired) => Some(Rule::ExpiredToken),
        (_, Credentials::Missing | Credentials::None) => Some(Rule::MissingToken),
    }
}

fn occurrences(
    parameter: &Parameter,
    captured: &[(String, &str)],
    url: &url::Url,
    request: &Request,
) -> Result<Vec<String>, String> {
    let name = parameter.name.as_str();
    match parameter.place {
        ParameterIn::Path => captured
            .iter()
            .filter(|(own, _)| own == name)
            .map(|(_, raw)| {
                percent_encoding::percent_decode_str(raw)
                    .decode_utf8()
                    .map(std::borrow::Cow::into_owned)
                    .map_err(|_| "the path is no UTF-8".to_owned())
            })
            .collect(),
        ParameterIn::Query => Ok(query_occurrences(parameter, url.query_pairs())),
        ParameterIn::Header => {
            let mut found = Vec::new();
            for (own, text) in &request.headers {
                if own.eq_ignore_ascii_case(name) {
                    // White space around a value is no part of it (RFC 9110 section 5.5): it would not arrive.
                    if text.trim_matches([' ', '\t']) != text {
                        return Err("the header value begins or ends with white space".to_owned());
                    }
                    let value = http::HeaderValue::from_str(text).map_err(|_| "no header can carry the value")?;
                    // Other than visible ASCII arrives differently at different servers.
                    found.push(value.to_str().map_err(|_| "no header carries the value safely")?.to_owned());
                }
            }
            Ok(found)
        }
    }
}

fn read_body(body: &RequestBody, request: &Request, broken: &mut Vec<Broken>) {
    let bytes = request.encoded(request.body_bytes());
    // No bytes are a whole form: one without fields.
    let empty_form = request.content_type.as_deref().is_some_and(|sent| MediaKind::of(sent) == MediaKind::Form);
    if bytes.is_empty() && !empty_form {
        if body.required {
            broken.push(Broken::body(Rule::RequiredBody));
        }
        return;
    }
    let (media, noticed) = stated_media(body, request.content_type.as_deref());
    broken.extend(noticed.map(Broken::body));
    let Some(media) = media else { return };
    match media.kind {
        MediaKind::Json => match read_json(&bytes) {
            Err(rule) => broken.push(Broken::body(rule)),
            Ok((mut value, mut noticed)) => {
                // JSON is UTF-8, whatever a parameter says that is not defined for it (RFC 8259 section 11).
                let other = request.content_type.as_deref().and_then(charset).is_some_and(|name| name != "utf-8");
                if other && !noticed.contains(&Rule::JsonEncoding) {
                    noticed.push(Rule::UnusualBody);
                }
                broken.extend(noticed.into_iter().map(Broken::body));
                read_seals(media, request, &mut value, broken);
                if let Some(schema) = &media.schema {
                    broken.extend(judge(schema, &value, Location::Body));
                }
            }
        },
        MediaKind::Form => {
            if let Some(schema) = &media.schema {
                broken.extend(judge(schema, &decode_form(schema, &bytes), Location::Form));
            }
        }
        MediaKind::Multipart => {
            let sent = request.content_type.as_deref().unwrap_or_default();
            if let Some(schema) = &media.schema {
                match decode_multipart(schema, sent, &bytes) {
                    Some(value) => broken.extend(judge(schema, &value, Location::Form)),
                    None => broken.push(Broken::body(Rule::WrongContentType)),
                }
            }
        }
        MediaKind::Other => {}
    }
}

/// The declared media type of a body by its label, and what is to be said of the label. Without a label that can be read,
/// the body is taken for JSON, as a forgiving server would.
fn stated_media<'b>(body: &'b RequestBody, label: Option<&str>) -> (Option<&'b Media>, Option<Rule>) {
    let json = || body.media.iter().find(|media| media.kind == MediaKind::Json);
    let Some(sent) = label else { return (json(), Some(Rule::UnusualBody)) };
    if !is_media_type(sent) {
        return (json(), Some(Rule::MalformedContentType));
    }
    let Some(media) = body.media.iter().find(|media| media_matches(&media.media_type, sent)) else {
        return (None, Some(Rule::WrongContentType));
    };
    (Some(media), None)
}

/// Judges each clear text, and puts a text of the length that its envelope will have in the place of the placeholder.
fn read_seals(media: &Media, request: &Request, body: &mut Value, broken: &mut Vec<Broken>) {
    for seal in &request.seals {
        let Some(sealed) = media.sealed.iter().find(|sealed| sealed.path.covers(&seal.pointer)) else { continue };
        if let Some(flaw) = seal.flaw {
            let location = Location::Jwe(sealed.path.clone());
            broken.push(Broken { location, rule: Rule::Envelope(flaw), at: seal.pointer.clone() });
        }
        let inside = |path| Location::Plaintext(sealed.path.clone(), path);
        let clear: Value = serde_json::from_str(&seal.plaintext).unwrap_or_default();
        broken.extend(judge(&sealed.plaintext, &clear, inside));
        if let Some(place) = body.pointer_mut(&seal.pointer) {
            *place = Value::String(seal.stand_in());
        }
    }
}

/// All breaches of a value, as duties. The path of a body breach is left at the root: its place is the pointer.
fn judge(schema: &Schema, value: &Value, location: impl Fn(InstancePath) -> Location) -> Vec<Broken> {
    if schema.accepts(value) {
        return Vec::new();
    }
    schema
        .judge(value)
        .into_iter()
        .map(|breach| {
            let null = breach.keyword == "type" && value.pointer(&breach.instance).is_some_and(Value::is_null);
            let rule = if null { Rule::Nullable } else { Rule::of_keyword(&breach.keyword).unwrap_or(Rule::Not) };
            Broken { location: location(InstancePath::root()), rule, at: breach.instance }
        })
        .collect()
}

#[cfg(test)]
mod tests;
