//! The token endpoints: a signed assertion at D1 (RFC 7523), client credentials at the issuer (RFC 6749 section 4.4).

use std::time::Instant;

use serde_json::json;

use super::assertion::Bench;
use super::call::{Call, Outcome, Refusal};
use super::demo::Demo;
use super::moment::timestamp;
use super::token::{LIFETIME, TokenStore};

/// D1 gives a token for an assertion of the demo client.
pub fn for_assertion(call: &Call<'_>, bench: Bench<'_>, tokens: &TokenStore) -> Outcome {
    if !bench.accepts(call) {
        return Err(Refusal::token("invalid_grant"));
    }
    let demo = bench.demo;
    Ok(Some(json!({
        "access_token": tokens.issue(demo.issuer_id, Instant::now()),
        "expires_in": LIFETIME.as_secs(),
        "scope": demo.scope,
        "token_type": "Bearer",
    })))
}

/// The issuer gives a token to a client whose HTTP Basic credentials were right.
pub fn for_client(call: &Call<'_>, demo: &Demo, tokens: &TokenStore) -> Outcome {
    // The schema alone does not decide here: the issuer tolerates unknown values where they do no harm, and here they do.
    if call.body_text("/grant_type") != Some("client_credentials") {
        return Err(Refusal::token("unsupported_grant_type"));
    }
    Ok(Some(json!({
        "access_token": tokens.issue(demo.client_id, Instant::now()),
        "expires_in": LIFETIME.as_secs().to_string(),
        "expires_at": timestamp(call.now + LIFETIME),
        "scope": call.body_text("/scope").unwrap_or(demo.scope),
        "token_type": "Bearer",
    })))
}
