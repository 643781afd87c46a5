//! Who calls: bearer tokens, and the client's own credentials at the issuer's token endpoint.

use crate::contract::{Auth, Evidence, Location, Rule};
use crate::judge::check::{Check, View};
use crate::oracle::{Finding, Severity};
use crate::sandbox::callers::Standing;

/// A token is there.
pub const MISSING: Check = Check {
    name: "missing_token",
    code: "D1C-411",
    duty: "sends credentials with every call that needs them",
    remedy: "put the bearer token into `Authorization` of every call, those that are repeated too",
    evidence: Evidence::Documented,
    kind: (Rule::MissingToken, "auth"),
    judge: missing,
};

/// It was given out here.
pub const UNKNOWN: Check = Check {
    name: "unknown_token",
    code: "D1C-412",
    duty: "sends the token that it was given, unchanged",
    remedy: "send the token as it was given, without quotes, line ends or a prefix of its own",
    evidence: Evidence::Documented,
    kind: (Rule::WrongToken, "auth"),
    judge: unknown,
};

/// It has not run out. A warning: a client can lose the race with the end of its token, and the answer tells it.
pub const EXPIRED: Check = Check {
    name: "expired_token",
    code: "D1C-413",
    duty: "fetches a new token before the old one runs out",
    remedy: "fetch a new token some seconds before `expires_in` is over; on 401 fetch one and repeat the call once",
    evidence: Evidence::Documented,
    kind: (Rule::ExpiredToken, "auth"),
    judge: expired,
};

/// Client credentials are right.
pub const CLIENT: Check = Check {
    name: "wrong_client_credentials",
    code: "D1C-416",
    duty: "proves itself to the token endpoint by HTTP Basic, with the credentials that were agreed on",
    remedy: "send client id and secret by HTTP Basic, percent-encoded before base64 where they hold other \
             characters (RFC 6749 section 2.3.1)",
    evidence: Evidence::Documented,
    kind: (Rule::WrongToken, "auth"),
    judge: client,
};

fn needs(view: &View<'_>, auth: Auth) -> Option<()> {
    (view.operation.auth == auth).then_some(())
}

fn missing(check: &Check, view: &View<'_>) -> Option<Vec<Finding>> {
    needs(view, Auth::Bearer)?;
    let actual = match view.call.standing {
        Standing::Missing => "your client sent no header Authorization",
        Standing::OtherScheme => "your client sent a header Authorization that holds no bearer token",
        _ => return Some(Vec::new()),
    };
    let expected = "the header `Authorization: Bearer <token>` (RFC 6750)";
    let duty = view.duties.find_or(Location::Auth, Rule::MissingToken, expected);
    Some(vec![check.against(&duty, expected, actual)])
}

fn unknown(check: &Check, view: &View<'_>) -> Option<Vec<Finding>> {
    needs(view, Auth::Bearer)?;
    match view.call.standing {
        Standing::Unknown if !was_given(view) => {
            let expected = "a token that this sandbox gave out";
            let duty = view.duties.find_or(Location::Auth, Rule::WrongToken, expected);
            let actual = "your client sent a token that this sandbox never gave out";
            Some(vec![check.against(&duty, expected, actual)])
        }
        Standing::Missing | Standing::OtherScheme => None,
        _ => Some(Vec::new()),
    }
}

fn expired(check: &Check, view: &View<'_>) -> Option<Vec<Finding>> {
    needs(view, Auth::Bearer)?;
    match view.call.standing {
        Standing::Expired | Standing::Unknown if view.call.standing == Standing::Expired || was_given(view) => {
            let expected = "a token that still lives; `expires_in` says for how long (AUTH-IN-8)";
            let duty = view.duties.find_or(Location::Auth, Rule::ExpiredToken, expected);
            let finding = check.against(&duty, expected, "your client sent a token that had run out");
            Some(vec![Finding { severity: finding.severity.min(Severity::Warning), ..finding }])
        }
        Standing::Right => Some(Vec::new()),
        _ => None,
    }
}

/// The sandbox forgets tokens that have run out; the book does not.
fn was_given(view: &View<'_>) -> bool {
    let known = view.call.bearer().and_then(|token| view.memory.token(token));
    known.is_some_and(|token| token.issued.is_some())
}

fn client(check: &Check, view: &View<'_>) -> Option<Vec<Finding>> {
    needs(view, Auth::Basic)?;
    let actual = match view.call.standing {
        Standing::Missing => "your client sent no header Authorization",
        Standing::OtherScheme => "your client sent a header Authorization that is not HTTP Basic",
        Standing::Unknown => "your client sent credentials that are not those of the demo client",
        _ => return Some(Vec::new()),
    };
    let expected = "the header `Authorization: Basic <credentials>`";
    let duty = view.duties.find_or(Location::Auth, Rule::WrongToken, expected);
    Some(vec![check.against(&duty, expected, actual)])
}

#[cfg(test)]
mod tests {
    use crate::judge::sample::Sample;

    const CARD: &str = "/banking/v1/issuers/sandbox001/cards/demo-card";

    #[test]
    fn each_way_of_wrong_credentials_has_its_check() {
        let mut sample = Sample::d1();
        assert_eq!(sample.call("GET", CARD).findings().checks(), ["missing_token"]);
        let found = Sample::d1().call("GET", CARD).header("authorization", "Basic YTpi").findings();
        assert_eq!(found.checks(), ["missing_token"]);
        let found = sample.call("GET", CARD).header("authorization", "Bearer made-up").findings();
        assert_eq!(found.checks(), ["unknown_token"]);
        let found = sample.call("GET", CARD).header("authorization", "Bearer sandbox-expired-token").findings();
        assert_eq!(found.checks(), ["expired_token"]);
        assert!(!found.fails(), "the race with the end of a token can be lost");
        assert!(sample.call("GET", CARD).token().findings().checks().is_empty());
    }

    #[test]
    fn client_credentials_are_judged_at_the_issuer() {
        let path = "/authz/d1/v1/oauth2/token";
        let form = "grant_type=client_credentials";
        let call = |value: &str| {
            let mut sample = Sample::issuer();
            let call = sample.call("POST", path).header("authorization", value);
            call.body("application/x-www-form-urlencoded", form).findings()
        };
        assert_eq!(call("Basic YTpi").checks(), ["wrong_client_credentials"]);
        assert_eq!(call("Bearer x").checks(), ["wrong_client_credentials"]);
    }
}
