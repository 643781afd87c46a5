//! What cannot be tested with what the target file gives: keys, certificates, tokens.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE};
use serde_json::Value;

use super::skip::Skip;
use crate::contract::{AssertionFlaw, CertificateFlaw, Location, Obligation, Operation, Rule};
use crate::suite::{Grant, Target};

/// Why no case of this duty can be sent to this target; `None` when it can.
pub(super) fn impossible(target: &Target, operation: &Operation, duty: &Obligation) -> Option<Skip> {
    match duty.rule {
        Rule::MissingToken | Rule::WrongToken | Rule::TamperedToken | Rule::ExpiredToken if target.grant.is_none() => {
            Some(Skip::settled("the target has no credentials, so it is taken to demand none"))
        }
        Rule::ExpiredToken if target.expired_token.is_none() => {
            let reason = "the target file names no `expired_token`; keep a token of the target until it has run out";
            Some(Skip::lacking(reason))
        }
        Rule::Assertion(flaw) => no_assertion(target, flaw),
        Rule::Certificate(flaw) => no_certificate(target, flaw),
        Rule::Base64urlCredentials => same_in_base64url(target),
        _ if target.jwe.encrypt_for.is_none() => no_envelope(operation, duty).map(Skip::lacking),
        _ => None,
    }
}

fn no_assertion(target: &Target, flaw: AssertionFlaw) -> Option<Skip> {
    let jwt = matches!(target.grant, Some(Grant::JwtBearer { .. }));
    let name = Rule::Assertion(flaw);
    (!jwt).then(|| {
        Skip::lacking(format!(
            "{name} needs a key to sign with; write `auth: {{grant: jwt_bearer, …}}` into the target file"
        ))
    })
}

fn no_certificate(target: &Target, flaw: CertificateFlaw) -> Option<Skip> {
    if target.tls.client.is_none() {
        let reason = "the target file names no client certificate (tls.client), so it is taken to demand none";
        return Some(Skip::settled(reason));
    }
    let expired = flaw == CertificateFlaw::ExpiredCertificate && target.tls.expired_client.is_none();
    expired.then(|| Skip::lacking("the target file names no client certificate that has run out (tls.expired_client)"))
}

fn same_in_base64url(target: &Target) -> Option<Skip> {
    let Some(Grant::ClientCredentials { client_id, client_secret, .. }) = &target.grant else {
        return Some(Skip::lacking("the target file names no client id and secret"));
    };
    let pair = format!("{client_id}:{}", client_secret.expose());
    (STANDARD.encode(&pair) == URL_SAFE.encode(&pair))
        .then(|| Skip::settled("base64 and base64url of these credentials are the same"))
}

const NO_KEY: &str = "it needs a JWE, and the target file names no public key to encrypt for (jwe.encrypt_for)";

/// Why no conforming request to the operation can be sent to this target.
pub(super) fn unsealable(target: &Target, operation: &Operation) -> Option<&'static str> {
    (target.jwe.encrypt_for.is_none() && needs_sealed_body(operation)).then_some(NO_KEY)
}

/// Without the target's public key nothing can be sealed. Where a body must hold a JWE, only what is refused before the
/// body is looked at can be tested.
fn no_envelope(operation: &Operation, duty: &Obligation) -> Option<&'static str> {
    match (&duty.location, duty.rule) {
        (Location::Jwe(_) | Location::Plaintext(..), _) => Some(NO_KEY),
        (Location::Auth | Location::Method | Location::Tls, _)
        | (_, Rule::RequiredBody | Rule::MalformedJson | Rule::WrongContentType) => None,
        _ => needs_sealed_body(operation).then_some(NO_KEY),
    }
}

/// True when every conforming body holds a JWE.
fn needs_sealed_body(operation: &Operation) -> bool {
    let Some(media) = operation.body.as_ref().and_then(|body| body.media.first()) else { return false };
    let Some(schema) = &media.schema else { return false };
    let required = schema.follow(schema.json()).get("required").and_then(Value::as_array);
    required.into_iter().flatten().filter_map(Value::as_str).any(|name| {
        let place = crate::contract::InstancePath::root().key(name);
        media.sealed.iter().any(|sealed| sealed.path == place)
    })
}
