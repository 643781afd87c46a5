//! Judges the assertion of a token request (RFC 7523 section 3; D1, AUTH-IN-2 to AUTH-IN-6).

use std::time::{SystemTime, UNIX_EPOCH};

use serde_json::{Map, Value};

use super::call::Call;
use super::demo::Demo;
use super::fault::FaultPlan;
use super::keys::Keys;
use crate::contract::AssertionFlaw;
use crate::jose::{AssertionFault, LONGEST_LIFETIME, algorithm_of, hmac_holds, unverified_claims};

/// What an assertion is judged by.
#[derive(Clone, Copy, Debug)]
pub struct Bench<'s> {
    /// The key of the client.
    pub keys: &'s Keys,
    /// The client.
    pub demo: &'s Demo,
    /// The defects.
    pub faults: &'s FaultPlan,
}

impl Bench<'_> {
    /// Is the assertion of a call good for a token? One with flaws is, when a defect forgives each of them.
    pub fn accepts(&self, call: &Call<'_>) -> bool {
        let Some(assertion) = call.body_text("/assertion") else {
            return self.faults.waives(call.operation, "assertion");
        };
        // Whoever calls dates an assertion by the clock of the machine, however far our calendar is ahead.
        self.flaws(assertion, SystemTime::now())
            .is_some_and(|flaws| flaws.iter().all(|flaw| self.faults.forgives(call.operation, *flaw)))
    }

    /// Everything that is wrong with an assertion; `None` for a text that no defect makes good.
    pub fn flaws(&self, assertion: &str, now: SystemTime) -> Option<Vec<AssertionFlaw>> {
        let mut flaws = match self.keys.assertion.verify(assertion, now) {
            Ok(_) => Vec::new(),
            Err(fault) => vec![self.flaw(assertion, &fault)?],
        };
        // The verdict names the first fault only, and behind a forgiven one there may be others.
        for flaw in self.claim_flaws(&unverified_claims(assertion)?, now) {
            if !flaws.contains(&flaw) {
                flaws.push(flaw);
            }
        }
        Some(flaws)
    }

    fn flaw(&self, assertion: &str, fault: &AssertionFault) -> Option<AssertionFlaw> {
        Some(match fault {
            AssertionFault::Unreadable => return None,
            AssertionFault::Algorithm => match algorithm_of(assertion)?.as_str() {
                "none" => AssertionFlaw::JwtAlgNone,
                "HS256" if self.is_keyed_with_the_public_key(assertion) => AssertionFlaw::JwtAlgHs256,
                "RS256" => AssertionFlaw::JwtAlgRs256,
                _ => return None,
            },
            AssertionFault::MissingKeyId => AssertionFlaw::JwtMissingKid,
            AssertionFault::UnknownKeyId => AssertionFlaw::JwtUnknownKid,
            AssertionFault::Signature => AssertionFlaw::JwtWrongSignature,
            AssertionFault::Claim("iss") => AssertionFlaw::JwtMissingIss,
            AssertionFault::Claim(_) => AssertionFlaw::JwtMissingExp,
            AssertionFault::Expired => AssertionFlaw::JwtExpired,
            AssertionFault::TooLong => AssertionFlaw::JwtLongLived,
        })
    }

    /// A server that lets the header choose the algorithm hands its PEM text over as the key of the HMAC.
    fn is_keyed_with_the_public_key(&self, assertion: &str) -> bool {
        let pem = &self.keys.assertion_pem;
        [pem.as_str(), pem.trim()].iter().any(|text| hmac_holds(assertion, text.as_bytes()))
    }

    /// The subject is demanded: the guide lists it as required, the specification does not (AUTH-IN-6), and the stricter
    /// reading is the better sparring partner.
    fn claim_flaws(&self, claims: &Map<String, Value>, now: SystemTime) -> Vec<AssertionFlaw> {
        let text = |name: &str| claims.get(name).and_then(Value::as_str);
        let mut flaws = Vec::new();
        match claims.get("exp").and_then(Value::as_u64) {
            None => flaws.push(AssertionFlaw::JwtMissingExp),
            Some(expires) => flaws.extend(lifetime_flaw(expires, now)),
        }
        if text("iss").is_none() {
            flaws.push(AssertionFlaw::JwtMissingIss);
        }
        if text("sub").is_none() {
            flaws.push(AssertionFlaw::JwtMissingSub);
        }
        if [text("iss"), text("sub")].into_iter().flatten().any(|name| name != self.demo.issuer_id) {
            flaws.push(AssertionFlaw::JwtWrongIss);
        }
        flaws
    }
}

fn lifetime_flaw(expires: u64, now: SystemTime) -> Option<AssertionFlaw> {
    let now = now.duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
    if expires <= now {
        Some(AssertionFlaw::JwtExpired)
    } else {
        (expires - now > LONGEST_LIFETIME.as_secs()).then_some(AssertionFlaw::JwtLongLived)
    }
}
