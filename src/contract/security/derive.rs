//! Derives the obligations that no schema carries: credentials, signed assertions, client certificates, encrypted members
//! and what is inside them (D1: AUTH, JWE and TLS facts of the public guides).

use serde_json::Value;

use super::flaw::{AssertionFlaw, CertificateFlaw, EnvelopeFlaw};
use crate::contract::derive::List;
use crate::contract::evidence::Evidence;
use crate::contract::model::{Auth, Contract, RequestBody, Response, Sealed, StatusPattern};
use crate::contract::obligation::{Location, Rule};
use crate::contract::pointer::{InstancePath, Step};
use crate::contract::walk::constraints;

/// Why an assertion without `sub` proves nothing.
const SUB: &str = "AUTH-IN-6: the guide lists sub as required, the specification insists on iss and exp only";

/// Why card data in the wrong place are noted only.
const DISCLOSURE: &str = "PCI DSS requirement 3 forbids it, the contract does not speak of it";

impl List<'_> {
    pub(in crate::contract) fn auth(&mut self) {
        let operation = self.operation;
        if operation.auth == Auth::None {
            return;
        }
        // A refusal for want of credentials is as sure as the declared 401, and as the call itself.
        let declared = operation.response(401).filter(|response| response.status == StatusPattern::Code(401));
        let (pointer, evidence) = declared.map_or((operation.pointer.as_str(), operation.evidence), |response| {
            (response.pointer.as_str(), operation.evidence.and(response.evidence))
        });
        let bearer = operation.auth == Auth::Bearer;
        let scheme = if bearer { "a bearer token" } else { "client credentials" };
        let missing = format!("a request without {scheme} is refused with 401");
        self.add(Location::Auth, Rule::MissingToken, pointer, evidence, missing);
        let wrong = format!("a request whose credentials are wrong (expected: {scheme}) is refused with 401");
        self.add(Location::Auth, Rule::WrongToken, pointer, evidence, wrong);
        if bearer {
            let text = "a request whose bearer token was changed is refused with 401".to_owned();
            self.add(Location::Auth, Rule::TamperedToken, pointer, evidence, text);
            let text = "a request whose bearer token has run out is refused with 401".to_owned();
            self.add(Location::Auth, Rule::ExpiredToken, pointer, evidence, text);
        } else {
            let text = "client credentials in base64url, as the vendor's guide has them, are taken".to_owned();
            self.add(Location::Auth, Rule::Base64urlCredentials, pointer, Evidence::Inferred, text);
        }
    }

    /// D1 lists what an assertion must be, and takes nothing else (AUTH-IN-4, AUTH-IN-5).
    pub(in crate::contract) fn assertion(&mut self) {
        let Some(pointer) = &self.operation.assertion else { return };
        for (flaw, text) in AssertionFlaw::ALL {
            self.add(Location::Assertion, Rule::Assertion(flaw), pointer, self.operation.evidence, text.to_owned());
            if flaw == AssertionFlaw::JwtMissingSub {
                self.note(SUB);
            }
        }
    }

    /// The duty of the whole server, carried by the first operation (TLS-1). Files that are not D1's say nothing of it.
    pub(in crate::contract) fn tls(&mut self, contract: &Contract) {
        let first = contract.operations.first().is_some_and(|first| first.id == self.operation.id);
        if contract.direction.is_some() && first {
            for (flaw, text) in CertificateFlaw::ALL {
                let evidence = Evidence::Documented;
                self.add(Location::Tls, Rule::Certificate(flaw), "/servers", evidence, text.to_owned());
            }
        }
    }

    /// What a JWE in a request must be, and what must be inside.
    pub(in crate::contract) fn envelopes(&mut self, body: &RequestBody) {
        for sealed in body.media.iter().flat_map(|media| &media.sealed) {
            let mark = body.evidence.and(sealed.evidence);
            for (flaw, text) in EnvelopeFlaw::ALL {
                // Only of D1 it is written that it finds its key by kid (JWE-3).
                let by_kid = matches!(flaw, EnvelopeFlaw::JweUnknownKid | EnvelopeFlaw::JweMissingKid);
                let evidence = if by_kid && !sealed.for_d1 { Evidence::Inferred } else { mark };
                let location = Location::Jwe(sealed.path.clone());
                self.add(location, Rule::Envelope(flaw), &sealed.pointer, evidence, text.to_owned());
            }
            self.plaintext(sealed, mark, |inside| Location::Plaintext(sealed.path.clone(), inside));
        }
    }

    /// What a JWE in an answer must be, and what must be inside.
    pub(in crate::contract) fn sealed_answers(&mut self, response: &Response) {
        let status = response.status;
        for sealed in response.media.iter().flat_map(|media| &media.sealed) {
            let mark = response.body_evidence.and(sealed.evidence);
            let place = &sealed.path;
            let text = format!("response.{status}.body{place} is a compact JWE for our key (ECDH-ES, A256GCM, P-256)");
            self.add(Location::ResponseJwe(status, place.clone()), Rule::Jwe, &sealed.pointer, mark, text);
            let inside = |inside| Location::ResponsePlaintext(status, place.clone(), inside);
            let text = "the clear text of a JWE is a JSON object".to_owned();
            self.add(inside(InstancePath::root()), Rule::PlaintextJson, &sealed.pointer, mark, text);
            self.plaintext(sealed, mark, inside);
            self.expiries(sealed, mark, inside);
        }
    }

    fn plaintext(&mut self, sealed: &Sealed, mark: Evidence, at: impl Fn(InstancePath) -> Location) {
        for constraint in constraints(&sealed.plaintext, mark) {
            self.constraint(at(constraint.path.clone()), &constraint);
        }
    }

    /// Card systems often store YYMM (JWE-11).
    fn expiries(&mut self, sealed: &Sealed, mark: Evidence, at: impl Fn(InstancePath) -> Location) {
        for constraint in constraints(&sealed.plaintext, mark) {
            let expiry = matches!(constraint.path.steps(), [Step::Key(name)] if is_expiry(name));
            if expiry && constraint.rule == Rule::Type {
                let location = at(constraint.path.clone());
                let text = format!("{location} is MMYY, not YYMM");
                self.add(location, Rule::ExpiryFormat, &constraint.pointer, constraint.evidence, text);
            }
        }
    }

    /// Card data and tokens have their place, and no other.
    pub(in crate::contract) fn disclosure(&mut self, contract: &Contract) {
        if contract.direction.is_some() {
            let text = "an answer holds no card number, card verification value or token of the request".to_owned();
            let pointer = self.operation.pointer.clone();
            self.add(Location::Answer, Rule::CardData, &pointer, Evidence::Documented, text);
            self.note(DISCLOSURE);
        }
    }

    fn note(&mut self, reason: &'static str) {
        if let Some(last) = self.found.last_mut() {
            last.noted = Some(reason);
        }
    }
}

/// True for the names under which D1's clear texts hold an expiry.
pub fn is_expiry(name: &str) -> bool {
    matches!(name, "exp" | "auxiliaryExp")
}

/// True for the names under which card numbers stand.
pub fn is_card_number(name: &str) -> bool {
    matches!(name, "pan" | "auxiliaryPan" | "cardNumber" | "primaryAccountNumber")
}

/// True for YYMM in the place of MMYY, where only the second half can be a month.
pub fn is_swapped_expiry(value: &Value) -> bool {
    let month = |half: &str| matches!(half.parse::<u8>(), Ok(1..=12));
    let text = value.as_str().filter(|text| text.len() == 4 && text.bytes().all(|byte| byte.is_ascii_digit()));
    text.is_some_and(|text| !month(&text[..2]) && month(&text[2..]))
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use serde_json::json;

    use super::is_swapped_expiry;
    use crate::contract::{Catalog, obligations, response_obligations};

    fn ids(spec: &str) -> Vec<String> {
        let catalog = Catalog::load(&Path::new(env!("CARGO_MANIFEST_DIR")).join("specs")).unwrap();
        let entry = catalog.entries.iter().find(|entry| entry.name == spec).unwrap();
        let contract = catalog.contract(entry).unwrap();
        let operations = contract.operations.iter();
        let all = operations.flat_map(|operation| {
            [obligations(&contract, operation), response_obligations(&contract, operation)].concat()
        });
        all.map(|duty| duty.id.to_string()).collect()
    }

    #[test]
    fn obligations_reach_into_the_envelope() {
        let ids = ids("D1-Public-IN-v2-Card");
        for tail in [
            "registerCard::body/encryptedData.jwe::jwe_unknown_kid",
            "registerCard::body/encryptedData.plaintext/pan::required",
            "renewCard::body/encryptedData.plaintext/exp::pattern",
            "registerCard::auth::expired_token",
            "registerCard::response::card_data",
        ] {
            let id = format!("D1-Public-IN-v2-Card::{tail}");
            assert!(ids.contains(&id), "{id} is missing in {ids:#?}");
        }
        assert_eq!(ids.iter().filter(|id| id.contains("::tls::")).count(), 3);
    }

    #[test]
    fn answers_and_assertions_have_their_duties() {
        let outbound = ids("D1-Public-OUT-v2-Card");
        for tail in ["encryptedData.jwe::jwe", "encryptedData.plaintext/exp::expiry_format"] {
            let id = format!("D1-Public-OUT-v2-Card::getCardCredentials::response.200.body/{tail}");
            assert!(outbound.contains(&id), "{id} is missing");
        }
        let token = ids("D1-Public-IN-v1-Auth2");
        assert_eq!(token.iter().filter(|id| id.contains("::assertion::jwt_")).count(), 12);
    }

    #[test]
    fn only_a_swap_that_shows_is_a_swap() {
        assert!(is_swapped_expiry(&json!("3012")));
        assert!(!is_swapped_expiry(&json!("1112")), "both readings are months");
        assert!(!is_swapped_expiry(&json!("1230")));
        assert!(!is_swapped_expiry(&json!("9999")));
        assert!(!is_swapped_expiry(&json!(3012)));
    }
}
