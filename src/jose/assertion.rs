//! The assertion that an issuer swaps for a token (RFC 7523): what it says, and the bounds of its life.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde::Serialize;
use serde_json::{Map, Value};

use super::error::{AssertionFault, JoseError};

/// `exp` may lie this far ahead, not further.
pub const LONGEST_LIFETIME: Duration = Duration::from_secs(15 * 60);

/// What an assertion is to say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Assertion {
    /// `iss`: issuerId, or the id of an aggregator.
    pub issuer: String,
    /// `sub`: issuerId.
    pub subject: String,
    /// `aud`, where it is sent at all.
    pub audience: Option<String>,
    /// From now to `exp`.
    pub lifetime: Duration,
    /// `iat`: is the moment of making told?
    pub issued_at: bool,
}

/// What a verified assertion says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claims {
    /// `iss`.
    pub issuer: String,
    /// `sub`; its absence is no fault, the texts of the vendor disagree on it.
    pub subject: Option<String>,
    /// `exp`, seconds since the epoch.
    pub expires: u64,
}

/// The claims as they are written.
#[derive(Serialize)]
pub(super) struct Written<'a> {
    iss: &'a str,
    sub: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    aud: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    iat: Option<u64>,
    exp: u64,
}

impl Assertion {
    /// The claims for an assertion made now.
    pub(super) fn written(&self, now: SystemTime) -> Result<Written<'_>, JoseError> {
        let now = seconds(now).ok_or(JoseError::Clock)?;
        let exp = now.checked_add(self.lifetime.as_secs()).ok_or(JoseError::Clock)?;
        Ok(Written {
            iss: &self.issuer,
            sub: &self.subject,
            aud: self.audience.as_deref(),
            iat: self.issued_at.then_some(now),
            exp,
        })
    }
}

impl Claims {
    /// Judges claims whose signature holds.
    pub(super) fn judge(claims: &Map<String, Value>, now: SystemTime) -> Result<Self, AssertionFault> {
        let text = |name: &str| claims.get(name).and_then(Value::as_str).map(str::to_owned);
        let issuer = text("iss").ok_or(AssertionFault::Claim("iss"))?;
        let expires = claims.get("exp").and_then(Value::as_u64).ok_or(AssertionFault::Claim("exp"))?;
        let now = seconds(now).ok_or(AssertionFault::Expired)?;
        if expires <= now {
            return Err(AssertionFault::Expired);
        }
        if expires - now > LONGEST_LIFETIME.as_secs() {
            return Err(AssertionFault::TooLong);
        }
        Ok(Self { issuer, subject: text("sub"), expires })
    }
}

fn seconds(moment: SystemTime) -> Option<u64> {
    moment.duration_since(UNIX_EPOCH).ok().map(|since| since.as_secs())
}
