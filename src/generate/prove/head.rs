//! What is unusual about the head of a request, as it would arrive.

use super::Broken;
use crate::contract::{
    Location, Operation, ParameterIn, Rule, accepts, charset, is_media_type, media_matches, query_occurrences,
};
use crate::generate::case::Request;

/// The type that answers without a declared one are taken to have.
const JSON: &str = "application/json";

/// Refuses fields that no HTTP library sends, and notes those that nobody declares, that stand there twice or that say
/// something strange about the answer.
pub(super) fn read_head(
    operation: &Operation,
    request: &Request,
    url: &url::Url,
    broken: &mut Vec<Broken>,
) -> Result<(), String> {
    let fields = request.headers.iter().map(|(_, value)| value).chain(&request.content_type);
    for value in fields {
        http::HeaderValue::from_str(value).map_err(|_| "no header can carry the value")?;
    }
    if unusual_query(operation, url) || unusual_fields(request, operation) {
        broken.push(Broken::whole(Location::Operation, Rule::UnusualMessage));
    }
    for parameter in operation.parameters.iter().filter(|parameter| parameter.place == ParameterIn::Query) {
        let times = url.query_pairs().filter(|(name, _)| *name == parameter.name).count();
        if times > 1 && parameter.schema.follow(parameter.schema.json()).get("items").is_none() {
            let location = Location::Query(parameter.name.clone());
            broken.push(Broken::whole(location, Rule::RepeatedParameter));
        }
    }
    Ok(())
}

fn unusual_query(operation: &Operation, url: &url::Url) -> bool {
    let declared = operation.parameters.iter().filter(|parameter| parameter.place == ParameterIn::Query);
    // Some styles spread one parameter over several names.
    url.query_pairs().any(|pair| {
        !declared.clone().any(|parameter| !query_occurrences(parameter, std::iter::once(pair.clone())).is_empty())
    })
}

fn unusual_fields(request: &Request, operation: &Operation) -> bool {
    let same = |one: &str, other: &str| one.eq_ignore_ascii_case(other);
    request.headers.iter().enumerate().any(|(index, (name, value))| {
        let again = request.headers[..index].iter().any(|(other, _)| same(name, other));
        if same(name, "accept") {
            return again || !takes_all_answers(value, operation);
        }
        let declared = operation
            .parameters
            .iter()
            .any(|parameter| parameter.place == ParameterIn::Header && same(&parameter.name, name));
        again || !declared
    })
}

fn takes_all_answers(accept: &str, operation: &Operation) -> bool {
    let declared = operation.responses.iter().flat_map(|response| &response.media);
    declared
        .map(|media| media.media_type.as_str())
        .chain([JSON])
        .all(|media_type| accepts(accept, media_type) == Some(true))
}

/// Does a conforming message show the spelling that its duty is about?
pub(super) fn shows_spelling(rule: Rule, operation: &Operation, request: &Request) -> bool {
    let sent = request.content_type.as_deref().unwrap_or_default();
    let declared = || operation.body.iter().flat_map(|body| &body.media);
    match rule {
        Rule::ContentTypeCase => {
            let mut matching = declared().filter(|media| media_matches(&media.media_type, sent)).peekable();
            is_media_type(sent)
                && matching.peek().is_some()
                && matching.all(|media| !sent.starts_with(&media.media_type))
        }
        Rule::ContentTypeCharset => is_media_type(sent) && charset(sent).as_deref() == Some("utf-8"),
        Rule::AcceptAnything => request.headers.iter().any(|(name, value)| name == "accept" && value == "*/*"),
        _ => true,
    }
}
