//! Where in an exchange a finding shows.

use crate::report::record::{FindingRecord, RequestRecord};

/// The part of a message that a reader must look at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Place {
    Nowhere,
    /// The method of a request.
    Method,
    /// The path of a request.
    Path,
    /// A query parameter.
    Query(String),
    /// The status of an answer.
    Status,
    /// A header field.
    Header(String),
    /// A JSON pointer into the body.
    Body(String),
}

/// The places of one finding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Places {
    pub(super) request: Place,
    pub(super) response: Place,
}

/// The places of a finding. The name of its duty says which side it is about: `Spec::operation::location::rule`.
pub(super) fn places(finding: &FindingRecord, pointer: Option<&str>, status: Option<u16>) -> Places {
    let mut parts = finding.obligation.as_str().splitn(4, "::").skip(2);
    let (location, rule) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
    let (side, rest) = location.split_once('.').unwrap_or((location, ""));
    let pointer = pointer.filter(|pointer| !pointer.is_empty()).map(|pointer| Place::Body(pointer.to_owned()));
    if side == "response" {
        let header = rest.split_once(".header.").map(|(_, name)| Place::Header(name.to_owned()));
        let response = match rule {
            "content_type" => Place::Header("content-type".to_owned()),
            "status" => Place::Status,
            _ => header.or(pointer).unwrap_or(Place::Nowhere),
        };
        return Places { request: Place::Nowhere, response };
    }
    let request = match side {
        "header" => Place::Header(rest.to_owned()),
        "query" => Place::Query(rest.to_owned()),
        "path" => Place::Path,
        "method" => Place::Method,
        "auth" => Place::Header("authorization".to_owned()),
        _ => pointer.unwrap_or(Place::Nowhere),
    };
    // What came instead of a refusal, or of an acceptance, is told by its status.
    let actual = finding.actual.strip_prefix("status ").unwrap_or(&finding.actual);
    let told = status.is_some_and(|status| actual.starts_with(&status.to_string()));
    Places { request, response: if told { Place::Status } else { Place::Nowhere } }
}

impl Place {
    /// The part of `method url` that it means.
    pub(super) fn in_request_line(&self, request: &RequestRecord) -> Option<std::ops::Range<usize>> {
        let before = request.method.len() + 1;
        let url = &request.url;
        let query = url.find('?').unwrap_or(url.len());
        match self {
            Self::Method => Some(0..request.method.len()),
            Self::Path => {
                let host = url.find("://").map_or(0, |at| at + 3);
                let path = url[host..].find('/').map(|at| host + at).filter(|path| *path < query)?;
                Some(before + path..before + query)
            }
            Self::Query(name) => {
                let mut at = query + 1;
                for pair in url.get(at..)?.split('&') {
                    if pair.split('=').next() == Some(name) {
                        return Some(before + at..before + at + pair.len());
                    }
                    at += pair.len() + 1;
                }
                None
            }
            _ => None,
        }
    }

    /// Does it mean this header field?
    pub(super) fn is_header(&self, name: &str) -> bool {
        matches!(self, Self::Header(own) if own.eq_ignore_ascii_case(name))
    }

    /// The JSON pointer into the body.
    pub(super) fn pointer(&self) -> Option<&str> {
        match self {
            Self::Body(pointer) => Some(pointer),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Place, Places, places};
    use crate::base::ObligationId;
    use crate::oracle::Severity;
    use crate::report::record::{FindingRecord, RequestRecord};
    use crate::report::sample::finding;

    fn of(obligation: &str, pointer: Option<&str>) -> Places {
        let actual = "201: {}".to_owned();
        let found = FindingRecord { obligation: ObligationId::new(obligation), actual, ..finding(Severity::Failure) };
        places(&found, pointer, Some(201))
    }

    #[test]
    fn the_name_of_the_duty_tells_the_place() {
        let body = || Place::Body("/a/0".into());
        let sides = |places: Places| (places.request, places.response);
        assert_eq!(sides(of("S::o::body/a/*::type", Some("/a/0"))), (body(), Place::Status));
        assert_eq!(sides(of("S::o::body::malformed_json", Some(""))), (Place::Nowhere, Place::Status));
        assert_eq!(sides(of("S::o::response.200.body/a/*::type", Some("/a/0"))), (Place::Nowhere, body()));
        assert_eq!(sides(of("S::o::response.2XX::status", None)), (Place::Nowhere, Place::Status));
        let header = |name: &str| Place::Header(name.into());
        assert_eq!(of("S::o::response.200::content_type", None).response, header("content-type"));
        assert_eq!(of("S::o::response.200.header.x-a::required", None).response, header("x-a"));
        assert_eq!(of("S::o::header.x-a::pattern", None).request, header("x-a"));
        assert_eq!(of("S::o::auth::missing_token", None).request, header("authorization"));
        assert_eq!(of("S::o::query.a::type", None).request, Place::Query("a".into()));
        assert_eq!(of("rules::CARD-1", None).request, Place::Nowhere);
        assert_eq!(of("nothing", None).request, Place::Nowhere);
    }

    #[test]
    fn a_part_of_the_request_line_is_found() {
        let mut request: RequestRecord = finding(Severity::Failure).request;
        request.url = "https://host/a/b?ab=1&b=2".into();
        let line = format!("{} {}", request.method, request.url);
        let part = |place: Place| place.in_request_line(&request).map(|range| &line[range]);
        assert_eq!(part(Place::Method), Some("POST"));
        assert_eq!(part(Place::Path), Some("/a/b"));
        assert_eq!(part(Place::Query("b".into())), Some("b=2"));
        assert_eq!(part(Place::Query("c".into())), None);
        request.url = "https://host?x=/y".into();
        assert_eq!(Place::Path.in_request_line(&request), None);
        request.url = "é".into();
        assert_eq!(Place::Query("b".into()).in_request_line(&request), None);
    }
}
