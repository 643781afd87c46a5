//! The body: its media type, its syntax, its schema.

use crate::contract::{Evidence, InstancePath, Location, Rule};
use crate::judge::check::{Check, View};
use crate::oracle::{Finding, Severity};
use crate::sandbox::Role;
use crate::sandbox::callers::{BodyReading, Station};

/// The media type is declared.
pub const MEDIA_TYPE: Check = Check {
    name: "media_type",
    code: "D1C-405",
    duty: "sends a body in a media type that is declared",
    remedy: "set `Content-Type` to the declared media type",
    evidence: Evidence::Documented,
    kind: (Rule::WrongContentType, "body"),
    judge: media_type,
};

/// JSON is JSON.
pub const MALFORMED: Check = Check {
    name: "malformed_json",
    code: "D1C-406",
    duty: "sends JSON that can be read (RFC 8259)",
    remedy: "write the body with a JSON library, in UTF-8",
    evidence: Evidence::Documented,
    kind: (Rule::MalformedJson, "body"),
    judge: malformed,
};

/// The body keeps its schema, and is there.
pub const SCHEMA: Check = Check {
    name: "body_schema",
    code: "D1C-407",
    duty: "sends a body that keeps its schema, where one is required",
    remedy: "send what the schema wants at the pointer of the finding",
    evidence: Evidence::Documented,
    kind: (Rule::Type, "body"),
    judge: schema,
};

/// No body where none is declared. Many HTTP libraries send an empty object of their own accord.
pub const UNWANTED: Check = Check {
    name: "undeclared_body",
    code: "D1C-409",
    duty: "sends no body where none is declared",
    remedy: "send no body: many HTTP libraries add `{}` of their own accord",
    evidence: Evidence::Inferred,
    kind: (Rule::Body, "body"),
    judge: unwanted,
};

fn root() -> Location {
    Location::Body(InstancePath::root())
}

fn media_type(check: &Check, view: &View<'_>) -> Option<Vec<Finding>> {
    let declared = view.operation.body.as_ref()?;
    match &view.call.reading.body {
        BodyReading::OtherMedia(sent) => {
            let names: Vec<&str> = declared.media.iter().map(|media| media.media_type.as_str()).collect();
            let expected = format!("the header Content-Type names {}", names.join(" or "));
            let duty = view.duties.find_or(root(), Rule::WrongContentType, &expected);
            let actual = match sent.as_str() {
                "" => "your client sent a body without the header Content-Type".to_owned(),
                sent => format!("your client sent a body as `{sent}`"),
            };
            Some(vec![check.against(&duty, expected, actual)])
        }
        BodyReading::Absent | BodyReading::Missing | BodyReading::Unwanted => None,
        _ => Some(Vec::new()),
    }
}

fn malformed(check: &Check, view: &View<'_>) -> Option<Vec<Finding>> {
    match view.call.reading.body {
        BodyReading::Malformed => {
            let expected = "a body that is JSON";
            let duty = view.duties.find_or(root(), Rule::MalformedJson, expected);
            Some(vec![check.against(&duty, expected, "your client sent a body that no JSON parser takes")])
        }
        BodyReading::Read(_) => Some(Vec::new()),
        _ => None,
    }
}

fn schema(check: &Check, view: &View<'_>) -> Option<Vec<Finding>> {
    match view.call.reading.body {
        BodyReading::Missing => {
            let expected = "a body is required";
            let duty = view.duties.find_or(root(), Rule::RequiredBody, expected);
            Some(vec![check.against(&duty, expected, "your client sent no body")])
        }
        BodyReading::Read(_) => {
            let breaches = view.call.reading.breaches.iter();
            let ours = breaches.filter(|noticed| matches!(noticed.station, Station::Body | Station::Form));
            let found = ours.map(|noticed| {
                let duty = view.duties.of_breach(noticed);
                let place = Some(noticed.breach.instance.as_str()).filter(|place| !place.is_empty());
                let actual = format!(
                    "your client sent a body that breaks it{}: {}",
                    place.map(|place| format!(" at {place}")).unwrap_or_default(),
                    noticed.breach.message
                );
                let mut finding = check.against(&duty, duty.text.clone(), actual);
                finding.pointer = Some(noticed.breach.instance.clone());
                // An issuer takes new members and new values of D1 (POL-1, POL-7).
                let new = matches!(noticed.breach.keyword.as_str(), "enum" | "additionalProperties");
                if new && view.role == Role::Issuer && !view.is_token_call() {
                    finding.severity = Severity::Observation;
                }
                finding
            });
            Some(found.collect())
        }
        _ => None,
    }
}

fn unwanted(check: &Check, view: &View<'_>) -> Option<Vec<Finding>> {
    if view.operation.body.is_some() {
        return None;
    }
    let sent = view.call.reading.body == BodyReading::Unwanted;
    let actual = "your client sent a body to an operation that declares none";
    let found = sent.then(|| check.breach(view, Severity::Observation, actual));
    Some(found.into_iter().collect())
}

#[cfg(test)]
mod tests {
    use crate::judge::sample::Sample;

    const SUSPEND: &str = "/banking/v2/issuers/sandbox001/cards/demo-card/operations:suspend";
    const REGISTER: &str = "/banking/v2/issuers/sandbox001/cards/card-1";

    #[test]
    fn each_way_of_a_wrong_body_has_its_check() {
        let mut sample = Sample::d1();
        let found = sample.call("POST", SUSPEND).token().body("text/plain", "{}").findings();
        assert_eq!(found.checks(), ["media_type"]);
        let found = sample.call("POST", SUSPEND).token().json("{\"reasonCode\":").findings();
        assert_eq!(found.checks(), ["malformed_json"]);
        let found = sample.call("PUT", REGISTER).token().findings();
        assert_eq!(found.checks(), ["body_schema"]);
        assert!(found.obligation(0).ends_with("registerCard::body::required_body"), "{}", found.obligation(0));
        let found = sample.call("GET", "/banking/v1/issuers/sandbox001/cards/demo-card").token().json("{}").findings();
        assert_eq!(found.checks(), ["undeclared_body"]);
    }

    #[test]
    fn every_breach_is_told_not_only_the_first() {
        let mut sample = Sample::d1();
        let body = r#"{"consumerId": 7, "cardProductId": ""}"#;
        let found = sample.call("PUT", REGISTER).token().json(body).findings();
        assert!(found.checks().iter().all(|check| *check == "body_schema"));
        let duties: Vec<&str> = (0..found.checks().len()).map(|at| found.obligation(at)).collect();
        for wanted in ["body/consumerId::type", "body/cardProductId::"] {
            assert!(duties.iter().any(|duty| duty.contains(wanted)), "{wanted} is missing in {duties:?}");
        }
    }

    #[test]
    fn an_issuer_is_sent_new_values_without_blame() {
        let mut sample = Sample::issuer();
        let path = "/notifications/d1/v2/issuers/sandbox001/cards";
        let body = r#"{"operations":[{"operationId":"o1","operation":"SOMETHING_NEW","status":"SUCCESSFUL",
                       "startTime":"2022-02-16T06:28:02.492Z","cardId":"demo-card"}]}"#;
        let found = sample.call("POST", path).token().json(body).findings();
        assert_eq!(found.checks(), ["body_schema"]);
        assert!(!found.fails(), "{}", found.shown());
    }
}
