//! Is a request that was drawn again the one that a record shows? Identifiers, tokens and envelopes are new each time and
//! secrets are masked in the record, so that what is compared is the shape: the place, and what stands where.

use serde_json::Value;

use super::record::RequestRecord;
use crate::exchange::Sent;

/// What stands in a record in place of what must not be seen.
const MASK: &str = "***";

/// Says in what the two differ; nothing where they have one shape. `bases` are the base URLs of then and now.
pub fn other_shape(was: &RequestRecord, now: &Sent, bases: (&str, &str)) -> Option<String> {
    if was.method != now.method {
        return Some(format!("it was {}, and is {}", was.method, now.method));
    }
    let (then, today) = (split(&was.url, bases.0), split(&now.url, bases.1));
    if then.0 != today.0 {
        return Some("its path has another number of segments".to_owned());
    }
    if then.1 != today.1 {
        return Some(format!("its query had [{}], and has [{}]", then.1.join(", "), today.1.join(", ")));
    }
    let was_headers = names(was.headers.iter().map(|header| header.name.as_str()));
    let now_headers = names(now.headers.iter().map(|(name, _)| name.as_str()));
    if was_headers != now_headers {
        return Some(format!("its headers were {}, and are {}", was_headers.join(", "), now_headers.join(", ")));
    }
    let text = std::str::from_utf8(&now.body).ok();
    match (&was.body, text) {
        (None, _) if now.body.is_empty() => None,
        (Some(_), _) if now.body.is_empty() => Some("it had a body, and has none".to_owned()),
        (None, _) => Some("it had no body, and has one".to_owned()),
        (Some(then), Some(today)) if was.body_complete => {
            let parsed = (serde_json::from_str::<Value>(then), serde_json::from_str::<Value>(today));
            let (Ok(then), Ok(today)) = parsed else { return None };
            differs("", &then, &today)
        }
        _ => None,
    }
}

/// The number of path segments behind the base, and the names in the query.
fn split(url: &str, base: &str) -> (usize, Vec<String>) {
    let (path, query) = url.split_once('?').unwrap_or((url, ""));
    let path = path.strip_prefix(base).unwrap_or(path);
    let name = |pair: &str| pair.split('=').next().unwrap_or_default().to_owned();
    let names = query.split('&').filter(|pair| !pair.is_empty()).map(name).collect();
    (path.split('/').count(), names)
}

/// The headers that a tester chooses, in order.
fn names<'h>(all: impl Iterator<Item = &'h str>) -> Vec<String> {
    let mut names: Vec<String> = all
        .map(str::to_ascii_lowercase)
        .filter(|name| name.starts_with("x-") || name == "content-type" || name == "accept")
        .collect();
    names.sort();
    names
}

fn differs(place: &str, was: &Value, now: &Value) -> Option<String> {
    match (was, now) {
        (Value::String(text), _) if text.contains(MASK) => None,
        (Value::Object(then), Value::Object(today)) => {
            let gone = then.keys().find(|name| !today.contains_key(*name));
            let new = today.keys().find(|name| !then.contains_key(*name));
            match (gone, new) {
                (Some(name), _) => Some(format!("its body had {place}/{name}, and has it no more")),
                (None, Some(name)) => Some(format!("its body has {place}/{name}, and had it not")),
                (None, None) => {
                    then.iter().find_map(|(name, value)| differs(&format!("{place}/{name}"), value, &today[name]))
                }
            }
        }
        (Value::Array(then), Value::Array(today)) if then.len() == today.len() => then
            .iter()
            .zip(today)
            .enumerate()
            .find_map(|(index, (then, today))| differs(&format!("{place}/{index}"), then, today)),
        (was, now) if std::mem::discriminant(was) == std::mem::discriminant(now) && !was.is_array() => None,
        _ => Some(format!("its body has another value at {}", if place.is_empty() { "its root" } else { place })),
    }
}

#[cfg(test)]
mod tests {
    use super::other_shape;
    use crate::exchange::Sent;
    use crate::oracle::Severity;
    use crate::report::record::RequestRecord;
    use crate::report::sample::finding;

    fn was(body: &str) -> RequestRecord {
        RequestRecord {
            url: "https://then/base/cards/card-1?limit=3".into(),
            body: Some(body.into()),
            ..finding(Severity::Failure).request
        }
    }

    fn now(url: &str, method: &str, header: &str, body: &str) -> Sent {
        Sent {
            method: method.into(),
            url: url.into(),
            headers: vec![("Content-Type".into(), "application/json".into()), (header.into(), "x".into())],
            body: body.as_bytes().to_vec(),
            sealed: Vec::new(),
            tls: crate::exchange::TlsUse::default(),
        }
    }

    #[test]
    fn new_identifiers_and_masked_values_are_the_same_request_and_anything_else_is_not() {
        let bases = ("https://then/base", "http://now");
        let body = r#"{"id": "card-1", "pan": "***", "list": [1, {"a": true}]}"#;
        let same = now(
            "http://now/cards/card-2?limit=4",
            "POST",
            "authorization",
            r#"{"id": "x", "pan": 41, "list": [2, {"a": false}]}"#,
        );
        assert_eq!(other_shape(&was(body), &same, bases), None);
        for (url, method, header, body, part) in [
            ("http://now/cards/card-2?limit=4", "PUT", "authorization", body, "POST"),
            ("http://now/cards?limit=4", "POST", "authorization", body, "segments"),
            ("http://now/cards/card-2?offset=4", "POST", "authorization", body, "query"),
            ("http://now/cards/card-2?limit=4", "POST", "x-user", body, "headers"),
            ("http://now/cards/card-2?limit=4", "POST", "authorization", "", "has none"),
            ("http://now/cards/card-2?limit=4", "POST", "authorization", r#"{"id": "x", "pan": 1}"#, "/list"),
            (
                "http://now/cards/card-2?limit=4",
                "POST",
                "authorization",
                r#"{"id": 1, "pan": 1, "list": [1, {"a": true}]}"#,
                "/id",
            ),
            (
                "http://now/cards/card-2?limit=4",
                "POST",
                "authorization",
                r#"{"id": "", "pan": 1, "list": [1]}"#,
                "/list",
            ),
            (
                "http://now/cards/card-2?limit=4",
                "POST",
                "authorization",
                r#"{"id": "", "pan": 1, "list": [1, {}]}"#,
                "/list/1/a",
            ),
        ] {
            let told = other_shape(
                &was(r#"{"id": "card-1", "pan": "***", "list": [1, {"a": true}]}"#),
                &now(url, method, header, body),
                bases,
            );
            assert!(told.as_ref().is_some_and(|told| told.contains(part)), "{part}: {told:?}");
        }
        let empty = RequestRecord { body: None, ..was("") };
        assert_eq!(other_shape(&empty, &now("http://now/cards/a?limit=1", "POST", "authorization", ""), bases), None);
        assert!(
            other_shape(&empty, &now("http://now/cards/a?limit=1", "POST", "authorization", "{}"), bases).is_some()
        );
    }
}
