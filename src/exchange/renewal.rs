//! A token that ends before its time (D1, AUTH-IN-8): the request that met the 401 goes out once more with another one.

use super::record::{Exchange, Sent};
use crate::base::Secret;
use crate::contract::{Auth, Operation};
use crate::generate::{Case, Credentials};

const SCHEME: &str = "Bearer ";

/// The token of a request that did all that was asked of it and was answered with 401.
pub(super) fn refused_token(operation: &Operation, case: &Case, exchange: &Exchange) -> Option<Secret> {
    let answered = exchange.outcome.as_ref().is_ok_and(|answer| answer.status == 401);
    if !answered || case.request.credentials != Credentials::Right || operation.auth != Auth::Bearer {
        return None;
    }
    // The client adds its own field behind those of the case.
    let (_, value) = exchange.sent.headers.iter().rfind(|(name, _)| name == "authorization")?;
    value.strip_prefix(SCHEME).map(Secret::new)
}

/// The same request with another token.
pub(super) fn with_token(mut sent: Sent, token: &Secret) -> Sent {
    if let Some((_, value)) = sent.headers.iter_mut().rfind(|(name, _)| name == "authorization") {
        *value = format!("{SCHEME}{}", token.expose());
    }
    sent
}
