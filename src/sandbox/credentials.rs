//! Who calls? Bearer tokens of the own token endpoint, and HTTP Basic at the issuer's token endpoint.

use std::time::Instant;

use axum::http::HeaderMap;
use axum::http::header::AUTHORIZATION;
use base64::Engine as _;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

use super::call::Refusal;
use super::callers::Standing;
use super::defect::TokenCheck;
use super::demo::Demo;
use super::fault::FaultPlan;
use super::token::TokenStore;
use crate::contract::{Auth, Operation};

/// What credentials are checked against.
#[derive(Clone, Copy, Debug)]
pub struct Gate<'s> {
    /// The demo client.
    pub demo: &'s Demo,
    /// The tokens that were given out.
    pub tokens: &'s TokenStore,
    /// The defects.
    pub faults: &'s FaultPlan,
}

impl Gate<'_> {
    /// Lets a request through, or refuses it with 401.
    pub fn pass(&self, operation: &Operation, headers: &HeaderMap, now: Instant) -> Result<(), Refusal> {
        if operation.auth == Auth::None {
            return Ok(());
        }
        let sent = headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok());
        let right = match (operation.auth, sent) {
            (Auth::Basic, Some(sent)) => self.is_client(sent, self.faults.plain_base64_only(&operation.id)),
            (_, Some(sent)) => credentials(sent, "bearer").is_some_and(|token| self.is_token(operation, token, now)),
            (_, None) => false,
        };
        if right || self.faults.ignores_auth(&operation.id, sent.is_none()) {
            Ok(())
        } else if operation.auth == Auth::Basic {
            Err(Refusal::unauthorized("invalid_client"))
        } else {
            Err(Refusal::unauthorized("token missing or refused"))
        }
    }

    /// The bearer token of a request, good or not.
    pub fn bearer(headers: &HeaderMap) -> Option<&str> {
        credentials(headers.get(AUTHORIZATION)?.to_str().ok()?, "bearer")
    }

    /// How the credentials of a request stand, whatever the defects.
    pub fn standing(&self, operation: &Operation, headers: &HeaderMap, now: Instant) -> Standing {
        if operation.auth == Auth::None {
            return Standing::NotNeeded;
        }
        let Some(sent) = headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok()) else {
            return if headers.contains_key(AUTHORIZATION) { Standing::OtherScheme } else { Standing::Missing };
        };
        match (operation.auth, credentials(sent, "basic"), credentials(sent, "bearer")) {
            (Auth::Basic, Some(_), _) if self.is_client(sent, false) => Standing::Right,
            (Auth::Bearer, _, Some(token)) if self.tokens.client(token, now).is_some() => Standing::Right,
            (Auth::Bearer, _, Some(token)) if self.tokens.knows(token) => Standing::Expired,
            (Auth::Basic, Some(_), _) | (Auth::Bearer, _, Some(_)) => Standing::Unknown,
            _ => Standing::OtherScheme,
        }
    }

    fn is_token(&self, operation: &Operation, token: &str, now: Instant) -> bool {
        let right = self.tokens.client(token, now).is_some();
        right
            || self.faults.token_check(&operation.id).is_some_and(|check| match check {
                TokenCheck::IgnoresExpiry => self.tokens.knows(token),
                TokenCheck::ComparesHalf => self.tokens.knows_half(token, now),
            })
    }

    /// Base64 and base64url, with and without padding: the vendor's text and ordinary clients differ (AUTH-OUT-2).
    fn is_client(&self, sent: &str, plain_only: bool) -> bool {
        let lenient = GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent);
        let right = format!("{}:{}", self.demo.client_id, self.demo.client_secret.expose());
        credentials(sent, "basic").is_some_and(|text| {
            let alphabets = [alphabet::STANDARD, alphabet::URL_SAFE];
            alphabets.iter().take(if plain_only { 1 } else { 2 }).any(|alphabet| {
                let decoded = GeneralPurpose::new(alphabet, lenient).decode(text);
                decoded.is_ok_and(|pair| pair == right.as_bytes())
            })
        })
    }
}

/// What stands behind a scheme; its name is compared without regard to case (RFC 9110 section 11.1).
fn credentials<'h>(header: &'h str, scheme: &str) -> Option<&'h str> {
    let (own, rest) = header.split_once(' ')?;
    own.eq_ignore_ascii_case(scheme).then(|| rest.trim_matches(' '))
}

#[cfg(test)]
mod tests {
    use base64::Engine as _;
    use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE, URL_SAFE_NO_PAD};

    use super::Gate;
    use crate::sandbox::demo;
    use crate::sandbox::fault::FaultPlan;
    use crate::sandbox::token::TokenStore;

    #[test]
    fn basic_credentials_pass_in_every_base64_form() {
        let (demo, tokens, faults) = (demo(), TokenStore::default(), FaultPlan::default());
        let gate = Gate { demo: &demo, tokens: &tokens, faults: &faults };
        let pair = format!("{}:{}", demo.client_id, demo.client_secret.expose());
        for engine in [STANDARD, STANDARD_NO_PAD, URL_SAFE, URL_SAFE_NO_PAD] {
            assert!(gate.is_client(&format!("Basic {}", engine.encode(&pair)), false));
        }
        assert!(!gate.is_client(&format!("Basic {}", STANDARD.encode("sandbox-client:wrong")), false));
        assert!(!gate.is_client(&format!("Bearer {}", STANDARD.encode(&pair)), false));
        assert!(!gate.is_client(&format!("Basic {}", URL_SAFE.encode(&pair)), true));
    }
}
