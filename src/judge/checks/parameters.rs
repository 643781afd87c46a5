//! Parameters of path, query and header.

use crate::contract::{Evidence, Rule};
use crate::judge::check::{Check, View};
use crate::oracle::{Finding, Severity};
use crate::sandbox::callers::Station;

/// Declared parameters keep their schemas.
pub const SCHEMA: Check = Check {
    name: "parameter_schema",
    code: "D1C-403",
    duty: "sends the parameters that are required, each as its schema wants it",
    remedy: "send the parameter as its schema says; look at percent-encoding, dates and the case of names",
    evidence: Evidence::Documented,
    kind: (Rule::Type, "path"),
    judge: schema,
};

/// Undeclared ones are worth a note: a server ignores them, but somebody meant something by them.
pub const UNDECLARED: Check = Check {
    name: "undeclared_parameter",
    code: "D1C-404",
    duty: "sends the query parameters that are declared, and no others",
    remedy: "leave the parameter out, or correct its name: servers ignore what they do not know",
    evidence: Evidence::Inferred,
    kind: (Rule::Conforming, "query"),
    judge: undeclared,
};

fn schema(check: &Check, view: &View<'_>) -> Option<Vec<Finding>> {
    let breaches = view.call.reading.breaches.iter().filter_map(|noticed| {
        let Station::Parameter(place, name) = &noticed.station else { return None };
        let duty = view.duties.of_breach(noticed);
        let actual = format!(
            "your client sent a {} parameter `{name}` that breaks it: {}",
            place.name(),
            noticed.breach.message
        );
        Some(check.against(&duty, duty.text.clone(), actual))
    });
    (!view.operation.parameters.is_empty()).then(|| breaches.collect())
}

fn undeclared(check: &Check, view: &View<'_>) -> Option<Vec<Finding>> {
    let names = &view.call.reading.undeclared;
    let found = names.iter().map(|name| {
        let actual = format!("your client sent the query parameter `{name}`, which this operation does not declare");
        check.breach(view, Severity::Observation, actual)
    });
    // An address without a query says nothing.
    view.call.target.contains('?').then(|| found.take(1).collect())
}

#[cfg(test)]
mod tests {
    use crate::judge::sample::Sample;

    #[test]
    fn wrong_parameters_are_found_with_their_obligations() {
        let mut sample = Sample::d1();
        let found =
            sample.call("GET", &format!("/banking/v1/issuers/sandbox001/cards/{}", "a".repeat(70))).token().findings();
        assert_eq!(found.checks(), ["parameter_schema"]);
        assert!(found.obligation(0).ends_with("getCard::path.cardId::max_length"), "{}", found.obligation(0));
        let found = sample.call("GET", "/banking/v1/issuers/sandbox001/cards/demo-card?verbose=1").token().findings();
        assert_eq!(found.checks(), ["undeclared_parameter"]);
        assert!(!found.fails());
    }

    #[test]
    fn a_malformed_correlation_id_is_a_wrong_header() {
        let mut sample = Sample::d1();
        let call = sample.call("POST", "/banking/v2/issuers/sandbox001/cards/demo-card/operations:suspend");
        let found = call.token().header("x-correlation-id", "a/b").json(r#"{"reasonCode":"CARD_LOST"}"#).findings();
        assert_eq!(found.checks(), ["parameter_schema"]);
        assert!(found.obligation(0).ends_with("header.x-correlation-id::pattern"), "{}", found.obligation(0));
    }
}
