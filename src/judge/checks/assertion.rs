//! The signed assertion of a token call (RFC 7523; AUTH-IN-2 to AUTH-IN-6).

use crate::contract::{AssertionFlaw, Evidence, Location, Rule};
use crate::jose::algorithm_of;
use crate::judge::check::{Check, View};
use crate::oracle::Finding;
use crate::sandbox::callers::{AssertionReading, BodyReading};

/// The assertion is what D1 wants.
pub const CHECK: Check = Check {
    name: "client_assertion",
    code: "D1C-421",
    duty: "signs its assertion with ES256 and the key that it handed over, names that key, issuer and subject, and lets it \
           run out within 15 minutes (AUTH-IN-4 to AUTH-IN-6)",
    remedy: "correct the assertion at the place that the finding names; `cargo run --example jose` shows how to sign one",
    evidence: Evidence::Documented,
    kind: (Rule::Assertion(AssertionFlaw::JwtWrongSignature), "assertion"),
    judge,
};

fn judge(check: &Check, view: &View<'_>) -> Option<Vec<Finding>> {
    let found = match view.call.reading.assertion.as_ref()? {
        AssertionReading::Unreadable => vec![unreadable(check, view)],
        AssertionReading::Flaws(flaws) => flaws.iter().map(|flaw| flawed(check, view, *flaw)).collect(),
    };
    Some(found)
}

fn unreadable(check: &Check, view: &View<'_>) -> Finding {
    let text = match &view.call.reading.body {
        BodyReading::Read(body) => body.get("assertion").and_then(|text| text.as_str()).unwrap_or_default(),
        _ => "",
    };
    let actual = match algorithm_of(text) {
        Some(algorithm) if algorithm != "ES256" => format!("the algorithm of your client's assertion is `{algorithm}`"),
        _ => "your client sent an assertion that is no signed JWT".to_owned(),
    };
    let rule = check.kind.0;
    let mut duty = view.duties.find_or(Location::Assertion, rule, "an assertion is a JWT, signed with ES256");
    duty.id = crate::base::ObligationId::new(format!("{}::assertion::jwt", view.operation.id));
    "an assertion is a JWT that is signed with ES256 (AUTH-IN-4)".clone_into(&mut duty.text);
    check.against(&duty, "a JWT that is signed with ES256 (AUTH-IN-4)", actual)
}

fn flawed(check: &Check, view: &View<'_>, flaw: AssertionFlaw) -> Finding {
    let words = AssertionFlaw::ALL.iter().find(|(own, _)| *own == flaw).map_or("", |(_, words)| *words);
    let duty = view.duties.find_or(Location::Assertion, Rule::Assertion(flaw), words);
    let (expected, actual) = match flaw {
        AssertionFlaw::JwtAlgNone => ("a signature", "has none (alg none)"),
        AssertionFlaw::JwtAlgHs256 => ("alg ES256", "is signed with HS256, keyed with the public key"),
        AssertionFlaw::JwtAlgRs256 => ("alg ES256", "claims RS256"),
        AssertionFlaw::JwtUnknownKid => ("the kid of the key that was handed over", "has another kid"),
        AssertionFlaw::JwtMissingKid => ("a kid in the header", "has none"),
        AssertionFlaw::JwtWrongSignature => {
            ("a signature of the key that was handed over", "has a signature that this key did not make")
        }
        AssertionFlaw::JwtExpired => ("an `exp` that lies ahead, in seconds since 1970", "has expired"),
        AssertionFlaw::JwtLongLived => {
            ("an `exp` at most 15 minutes ahead, in seconds since 1970", "has an `exp` further ahead")
        }
        AssertionFlaw::JwtMissingIss => ("the claim `iss`", "has none"),
        AssertionFlaw::JwtMissingSub => ("the claim `sub`", "has none"),
        AssertionFlaw::JwtMissingExp => ("the claim `exp`, a number", "has none"),
        AssertionFlaw::JwtWrongIss => ("`iss` and `sub` of the issuer that the key belongs to", "names another one"),
    };
    check.against(&duty, expected, format!("your client's assertion {actual}"))
}

#[cfg(test)]
mod tests {
    use crate::contract::AssertionFlaw::{JwtLongLived, JwtMissingSub, JwtUnknownKid};
    use crate::judge::sample::Sample;
    use crate::sandbox::callers::AssertionReading;

    fn of(assertion: AssertionReading) -> (Vec<String>, bool) {
        let mut sample = Sample::d1();
        let found = sample.token_call().with(|call| call.reading.assertion = Some(assertion)).answered(400).findings();
        assert!(found.checks().iter().all(|check| *check == "client_assertion"));
        let rules = (0..found.checks().len()).map(|at| found.obligation(at).rsplit("::").next().unwrap().to_owned());
        (rules.collect(), found.fails())
    }

    #[test]
    fn every_flaw_has_its_own_obligation() {
        let (rules, fails) = of(AssertionReading::Flaws(vec![JwtUnknownKid, JwtLongLived]));
        assert_eq!((rules, fails), (vec!["jwt_unknown_kid".to_owned(), "jwt_long_lived".to_owned()], true));
        assert_eq!(of(AssertionReading::Unreadable).0, ["jwt"]);
        assert!(of(AssertionReading::Flaws(Vec::new())).0.is_empty());
    }

    #[test]
    fn a_missing_subject_is_worth_a_note_only() {
        let (rules, fails) = of(AssertionReading::Flaws(vec![JwtMissingSub]));
        assert_eq!((rules, fails), (vec!["jwt_missing_sub".to_owned()], false));
    }
}
