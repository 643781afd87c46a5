//! Signed JWT assertions in the name of the target's issuer (RFC 7523 section 3; D1, AUTH-IN-2 to AUTH-IN-6).

use std::time::{Duration, SystemTime};

use super::error::ExchangeError;
use super::forged_assertion::forged;
use super::record::{Fault, FaultKind};
use crate::base::Secret;
use crate::contract::AssertionFlaw;
use crate::jose::{Assertion, AssertionKey};
use crate::suite::Grant;

/// Signs assertions where the target's grant allows it.
pub(super) struct Signer {
    known: Option<Known>,
}

/// What an assertion is made of.
pub(super) struct Known {
    pub key: AssertionKey,
    pub issuer: String,
    pub subject: String,
    pub audience: Option<String>,
    pub lifetime: Duration,
    pub issued_at: bool,
}

impl Signer {
    /// Reads the key of a `jwt_bearer` grant; any other grant yields a signer that has nothing to sign with.
    pub(super) fn of(grant: Option<&Grant>) -> Result<Self, ExchangeError> {
        let Some(Grant::JwtBearer { issuer, subject, audience, lifetime, issued_at, kid, private_key, .. }) = grant
        else {
            return Ok(Self { known: None });
        };
        let key = AssertionKey::from_text(Some(kid), private_key).map_err(ExchangeError::Key)?;
        Ok(Self {
            known: Some(Known {
                key,
                issuer: issuer.clone(),
                subject: subject.clone(),
                audience: audience.clone(),
                lifetime: *lifetime,
                issued_at: *issued_at,
            }),
        })
    }

    /// A fresh assertion, right or with one flaw; a fault of kind `NoToken` when there is no key.
    pub(super) fn sign(&self, flaw: Option<AssertionFlaw>) -> Result<Secret, Fault> {
        let no_token = |text: String| Fault { kind: FaultKind::NoToken, text };
        let known = self.known.as_ref().ok_or_else(|| {
            no_token(
                "the request needs a signed assertion, but the target has no key; write `auth: {grant: jwt_bearer, …}` \
                 into the target file"
                    .to_owned(),
            )
        })?;
        let signed = match flaw {
            Some(flaw) => forged(known, flaw, SystemTime::now()),
            None => known.key.sign(&known.assertion(), SystemTime::now()),
        };
        signed.map_err(|error| no_token(format!("the assertion cannot be signed: {error}; check auth.private_key")))
    }
}

impl Known {
    fn assertion(&self) -> Assertion {
        Assertion {
            issuer: self.issuer.clone(),
            subject: self.subject.clone(),
            audience: self.audience.clone(),
            lifetime: self.lifetime,
            issued_at: self.issued_at,
        }
    }
}
