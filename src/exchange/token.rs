//! Obtains bearer tokens, once for many calls (D1, AUTH-IN-8).

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use serde_json::Value;
use tokio::sync::RwLock;
use url::Url;

use super::assertion::Signer;
use super::fault::host_and_port;
use super::limits::Gate;
use super::outgoing::{basic, form_post};
use super::record::{Answer, Fault, FaultKind, Sent};
use super::wire::Wire;
use crate::base::Secret;
use crate::suite::Grant;

/// The specifications of the token endpoints, inbound and outbound.
const TOKEN_SPECS: [&str; 2] = ["D1-Public-IN-v1-Auth2", "D1-Public-OUT-v1-Auth2"];

/// Lifetime of a token that names none (D1, AUTH-IN-8).
const DEFAULT_LIFETIME: Duration = Duration::from_secs(900);

/// A token is renewed this long before it ends.
const MARGIN: Duration = Duration::from_secs(30);

/// A failure is shared by the calls that waited for the same token; after this the next call asks again.
const FAILURE_MEMORY: Duration = Duration::from_secs(2);

/// Where a token comes from, and the one that is valid now.
pub(super) struct TokenSource {
    grant: Option<Grant>,
    endpoint: Result<Url, Fault>,
    gate: Arc<Gate>,
    cached: RwLock<Cached>,
    issued: Mutex<Vec<Secret>>,
    calls: AtomicUsize,
    renewals: AtomicUsize,
}

#[derive(Default)]
struct Cached {
    state: Option<(Result<Secret, Fault>, Instant)>,
    /// Until then the token is not replaced because of a 401: it came out of one.
    settled: Option<Instant>,
}

impl Cached {
    fn valid(&self) -> Option<Result<Secret, Fault>> {
        self.state.as_ref().filter(|(_, until)| Instant::now() < *until).map(|(outcome, _)| outcome.clone())
    }
}

impl TokenSource {
    /// A source for a grant. `base` finds the base URL of a specification.
    pub(super) fn new(grant: Option<&Grant>, gate: Arc<Gate>, base: impl Fn(&str) -> Option<Url>) -> Self {
        let (written, spec) = match grant {
            Some(Grant::JwtBearer { token_url, .. }) => (token_url.as_deref(), TOKEN_SPECS[0]),
            Some(Grant::ClientCredentials { token_url, .. }) => (token_url.as_deref(), TOKEN_SPECS[1]),
            Some(Grant::Static { .. }) | None => (None, ""),
        };
        let endpoint = match (written, base(spec)) {
            (Some(text), _) => Url::parse(text).map_err(|error| {
                no_token(format!("auth.token_url `{text}` is not valid: {error}; write an absolute URL"))
            }),
            (None, Some(base)) => {
                let text = format!("{}/oauth2/token", base.as_str().trim_end_matches('/'));
                Url::parse(&text).map_err(|error| no_token(format!("the token URL `{text}` is not valid: {error}")))
            }
            (None, None) => Err(no_token(format!(
                "it is not known where tokens are issued; write auth.token_url or base_urls.{spec} into the target file"
            ))),
        };
        Self {
            grant: grant.cloned(),
            endpoint,
            gate,
            cached: RwLock::default(),
            issued: Mutex::default(),
            calls: AtomicUsize::new(0),
            renewals: AtomicUsize::new(0),
        }
    }

    /// Where tokens are issued, if that is known.
    pub(super) fn endpoint(&self) -> Option<&Url> {
        self.endpoint.as_ref().ok()
    }

    /// A valid token; `None` where the target wants none. Callers that come while one is fetched wait for it.
    pub(super) async fn token(&self, wire: &Wire, signer: &Signer) -> Result<Option<Secret>, Fault> {
        match &self.grant {
            None => return Ok(None),
            Some(Grant::Static { token }) => return Ok(Some(token.clone())),
            Some(Grant::JwtBearer { .. } | Grant::ClientCredentials { .. }) => {}
        }
        if let Some(outcome) = self.cached.read().await.valid() {
            return outcome.map(Some);
        }
        let mut cached = self.cached.write().await;
        if let Some(outcome) = cached.valid() {
            return outcome.map(Some);
        }
        self.refresh(&mut cached, wire, signer).await.map(Some)
    }

    /// Another token in place of one that was answered with 401; `None` where that is no use: the token was given to us,
    /// or it is itself the outcome of such a renewal. Of many callers with the same token one fetches, the others get
    /// what it got.
    pub(super) async fn renew(&self, refused: &Secret, wire: &Wire, signer: &Signer) -> Result<Option<Secret>, Fault> {
        if !matches!(self.grant, Some(Grant::JwtBearer { .. } | Grant::ClientCredentials { .. })) {
            return Ok(None);
        }
        let mut cached = self.cached.write().await;
        match cached.valid() {
            Some(Ok(token)) if token == *refused => {}
            Some(outcome) => return outcome.map(Some),
            None => {}
        }
        if cached.settled.is_some_and(|until| Instant::now() < until) {
            return Ok(None);
        }
        self.renewals.fetch_add(1, Ordering::Relaxed);
        let outcome = self.refresh(&mut cached, wire, signer).await;
        cached.settled = cached.state.as_ref().map(|(_, until)| *until);
        outcome.map(Some)
    }

    /// Forgets the token, so that the next request fetches another one.
    pub(super) async fn forget(&self) {
        *self.cached.write().await = Cached::default();
    }

    /// True for the operation that issues tokens: by its specification, or because its URL is the one we call.
    pub(super) fn is_issued_by(&self, spec: &str, url: &Url) -> bool {
        TOKEN_SPECS.contains(&spec) || self.endpoint.as_ref().is_ok_and(|endpoint| endpoint == url)
    }

    /// Client id and secret of a `client_credentials` grant, for operations that want HTTP Basic.
    pub(super) fn client(&self) -> Option<(&str, &Secret)> {
        match &self.grant {
            Some(Grant::ClientCredentials { client_id, client_secret, .. }) => Some((client_id, client_secret)),
            _ => None,
        }
    }

    /// The token of a `static` grant.
    pub(super) fn given(&self) -> Option<&Secret> {
        match &self.grant {
            Some(Grant::Static { token }) => Some(token),
            _ => None,
        }
    }

    /// How many times the token endpoint was called.
    pub(super) fn calls(&self) -> usize {
        self.calls.load(Ordering::Relaxed)
    }

    /// How many times a token was replaced because of a 401.
    pub(super) fn renewals(&self) -> usize {
        self.renewals.load(Ordering::Relaxed)
    }

    /// All tokens obtained so far.
    pub(super) fn issued(&self) -> Vec<Secret> {
        self.issued.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    async fn refresh(&self, cached: &mut Cached, wire: &Wire, signer: &Signer) -> Result<Secret, Fault> {
        let (outcome, lifetime) = match self.fetch(wire, signer).await {
            Ok((token, lifetime)) => (Ok(token), usable(lifetime)),
            Err(fault) => (Err(fault), FAILURE_MEMORY),
        };
        if let Ok(token) = &outcome {
            // Before anybody can send it, so that whoever cleans an exchange knows its token.
            let mut issued = self.issued.lock().unwrap_or_else(PoisonError::into_inner);
            if !issued.contains(token) {
                issued.push(token.clone());
            }
        }
        cached.state = Some((outcome.clone(), Instant::now() + lifetime));
        outcome
    }

    async fn fetch(&self, wire: &Wire, signer: &Signer) -> Result<(Secret, Duration), Fault> {
        let url = self.endpoint.clone()?;
        let request = self.request(&url, signer)?;
        self.gate.pass(&request.method, true).await?;
        self.calls.fetch_add(1, Ordering::Relaxed);
        let answer = wire
            .transmit(url.clone(), &request, None)
            .await
            .map_err(|fault| no_token(format!("no token from {}: {}", place(&url), fault.text)))?;
        read(&url, &answer)
    }

    fn request(&self, url: &Url, signer: &Signer) -> Result<Sent, Fault> {
        if let Some(Grant::ClientCredentials { client_id, client_secret, scope, .. }) = &self.grant {
            let mut pairs = vec![("grant_type", "client_credentials")];
            pairs.extend(scope.iter().map(|scope| ("scope", scope.as_str())));
            let mut request = form_post(url, &pairs);
            request.headers.push(("authorization".to_owned(), basic(client_id, client_secret)));
            return Ok(request);
        }
        let assertion = signer.sign(None)?;
        let grant = "urn:ietf:params:oauth:grant-type:jwt-bearer";
        Ok(form_post(url, &[("grant_type", grant), ("assertion", assertion.expose())]))
    }
}

fn no_token(text: String) -> Fault {
    Fault { kind: FaultKind::NoToken, text }
}

/// The URL without user name, password and query.
fn place(url: &Url) -> String {
    format!("{}://{}{}", url.scheme(), host_and_port(url), url.path())
}

/// A token that lives hardly longer than the margin is used for half its life.
fn usable(lifetime: Duration) -> Duration {
    lifetime.saturating_sub(MARGIN).max(lifetime / 2)
}

fn read(url: &Url, answer: &Answer) -> Result<(Secret, Duration), Fault> {
    let body: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
    if !(200..300).contains(&answer.status) {
        return Err(no_token(format!(
            "{} refused a token with status {}{}; check the client, its key or secret, and the clock",
            place(url),
            answer.status,
            oauth_error(&body)
        )));
    }
    let token = body["access_token"].as_str().filter(|token| !token.is_empty()).ok_or_else(|| {
        no_token(format!(
            "{} answered {} without an `access_token` in a JSON body; check auth.token_url",
            place(url),
            answer.status
        ))
    })?;
    Ok((Secret::new(token), lifetime(&body["expires_in"])))
}

/// `expires_in` is a number inbound and a text outbound (AUTH-IN-7, AUTH-OUT-3).
fn lifetime(expires_in: &Value) -> Duration {
    let seconds = match expires_in {
        Value::Number(number) => number.as_f64(),
        Value::String(text) => text.trim().parse().ok(),
        _ => None,
    };
    // Bounded, so that no value overflows the clock.
    seconds
        .filter(|seconds| seconds.is_finite())
        .map_or(DEFAULT_LIFETIME, |seconds| Duration::from_secs_f64(seconds.clamp(0.0, 86_400.0)))
}

/// The error code of RFC 6749 section 5.2, if it is one; free text could echo what was sent.
fn oauth_error(body: &Value) -> String {
    let code = body["error"].as_str().unwrap_or_default();
    let plain = !code.is_empty() && code.len() <= 40 && code.bytes().all(|b| b.is_ascii_lowercase() || b == b'_');
    if plain { format!(" ({code})") } else { String::new() }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use serde_json::json;

    use super::{lifetime, oauth_error, usable};

    #[test]
    fn lifetimes_are_read_from_numbers_and_texts() {
        assert_eq!(lifetime(&json!(900)), Duration::from_secs(900));
        assert_eq!(lifetime(&json!("60")), Duration::from_secs(60));
        assert_eq!(lifetime(&json!(null)), Duration::from_secs(900));
        assert_eq!(lifetime(&json!("soon")), Duration::from_secs(900));
        assert_eq!(lifetime(&json!(1e300)), Duration::from_secs(86_400));
    }

    #[test]
    fn a_token_is_renewed_before_it_ends() {
        assert_eq!(usable(Duration::from_secs(900)), Duration::from_secs(870));
        assert_eq!(usable(Duration::from_secs(20)), Duration::from_secs(10));
    }

    #[test]
    fn only_registered_error_codes_are_shown() {
        assert_eq!(oauth_error(&json!({"error": "invalid_client"})), " (invalid_client)");
        assert_eq!(oauth_error(&json!({"error": "token eyJ0 is bad"})), "");
    }
}
