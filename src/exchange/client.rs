//! Puts cases on the wire.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Instant;

use url::Url;

use super::assertion::Signer;
use super::error::ExchangeError;
use super::limits::Gate;
use super::outgoing;
use super::record::{Exchange, Fault, FaultKind, Sent, TlsUse};
use super::renewal;
use super::seal::Sealer;
use super::token::TokenSource;
use super::wire::Wire;
use super::wrong_token::{tampered, wrong_token};
use crate::base::Secret;
use crate::contract::{Auth, CertificateFlaw, Operation};
use crate::generate::{Case, Credentials};
use crate::suite::Target;

/// Sends the cases of one target. Clones share connections and tokens.
#[derive(Clone)]
pub struct Client(Arc<Inner>);

struct Inner {
    wire: Wire,
    gate: Arc<Gate>,
    bases: HashMap<String, Url>,
    signer: Signer,
    sealer: Sealer,
    tokens: TokenSource,
    expired: Option<Secret>,
    tls: TlsUse,
}

impl Client {
    /// A client for a target. `bases` holds the complete base URL (base path included) of each specification by name.
    pub fn new(target: &Target, bases: HashMap<String, String>) -> Result<Self, ExchangeError> {
        Self::behind(Arc::new(Gate::new(&target.limits)), target, bases)
    }

    /// The same behind a gate that other clients of the target share, so that its limits hold for all of them together.
    pub fn behind(gate: Arc<Gate>, target: &Target, bases: HashMap<String, String>) -> Result<Self, ExchangeError> {
        let bases = bases
            .into_iter()
            .map(|(spec, text)| read_base(&spec, &text).map(|url| (spec, url)))
            .collect::<Result<HashMap<_, _>, _>>()?;
        let signer = Signer::of(target.grant.as_ref())?;
        let tokens = TokenSource::new(target.grant.as_ref(), Arc::clone(&gate), |spec| bases.get(spec).cloned());
        let addresses: Vec<&Url> = bases.values().chain(tokens.endpoint()).collect();
        Ok(Self(Arc::new(Inner {
            wire: Wire::new(target, &addresses)?,
            gate,
            bases,
            signer,
            sealer: Sealer::of(&target.jwe)?,
            tokens,
            expired: target.expired_token.clone(),
            tls: TlsUse { private_ca: target.tls.ca.is_some(), client_certificate: target.tls.client.is_some() },
        })))
    }

    /// Sends one case, once; once more with a new token where the first one was answered with 401. Time spent on a token,
    /// or on waiting for a turn, is not counted.
    pub async fn send(&self, operation: &Operation, case: &Case) -> Exchange {
        let mut sent = Sent {
            method: case.request.method.clone(),
            url: case.request.target(),
            headers: outgoing::headers(&case.request),
            body: Vec::new(),
            sealed: Vec::new(),
            tls: TlsUse::default(),
        };
        let url = match self.complete(operation, case, &mut sent).await {
            Ok(url) => url,
            Err(fault) => return Exchange::unsent(sent, fault),
        };
        let flaw = case.request.certificate_flaw;
        let first = self.attempt(operation, &url, sent, flaw).await;
        let Some(refused) = renewal::refused_token(operation, case, &first) else { return first };
        match self.0.tokens.renew(&refused, &self.0.wire, &self.0.signer).await {
            Ok(Some(token)) => {
                let again = self.attempt(operation, &url, renewal::with_token(first.sent, &token), flaw).await;
                Exchange { attempts: again.attempts + 1, ..again }
            }
            Ok(None) => first,
            Err(fault) => Exchange { outcome: Err(fault), ..first },
        }
    }

    /// Forgets the token at hand: the next request that needs one fetches another.
    pub async fn forget_token(&self) {
        self.0.tokens.forget().await;
    }

    /// May requests of this method go to the operation, as far as `limits.read_only` is concerned?
    pub fn allows(&self, operation: &Operation, method: &str) -> bool {
        let url = self.base(operation.id.spec()).ok().and_then(|base| {
            let path = format!("{}{}", base.path().trim_end_matches('/'), operation.path.as_str());
            base.join(&path).ok()
        });
        self.0.gate.allows(method, url.is_some_and(|url| self.issues_tokens(operation, &url)))
    }

    /// Sends nothing more: the run is over. Requests under way come to their end, those that wait for their turn do not
    /// go out.
    pub fn close(&self) {
        self.0.gate.close();
    }

    async fn attempt(&self, operation: &Operation, url: &Url, sent: Sent, flaw: Option<CertificateFlaw>) -> Exchange {
        if let Err(fault) = self.0.gate.pass(&sent.method, self.issues_tokens(operation, url)).await {
            return Exchange::unsent(sent, fault);
        }
        let start = Instant::now();
        let outcome = self.0.wire.transmit(url.clone(), &sent, flaw).await;
        Exchange { sent, outcome, elapsed: start.elapsed(), attempts: 1 }
    }

    fn issues_tokens(&self, operation: &Operation, url: &Url) -> bool {
        self.0.tokens.is_issued_by(operation.id.spec(), url)
    }

    /// Obtains a token, where the target wants one.
    pub async fn check(&self) -> Result<(), Fault> {
        self.token().await.map(|_| ())
    }

    /// Looks whether anything answers at the base URL of a specification; the start of any HTTP answer will do.
    pub async fn reach(&self, spec: &str) -> Result<(), Fault> {
        let url = self.base(spec)?;
        let look = outgoing::look(url);
        self.0.gate.pass(&look.method, false).await?;
        self.0.wire.knock(url, &look).await
    }

    /// How many times the token endpoint was called so far.
    pub fn token_calls(&self) -> usize {
        self.0.tokens.calls()
    }

    /// How many tokens were replaced because the target answered 401.
    pub fn token_renewals(&self) -> usize {
        self.0.tokens.renewals()
    }

    /// The tokens obtained so far, for the redactor: a target may echo them in any text.
    pub fn issued_tokens(&self) -> Vec<Secret> {
        self.0.tokens.issued()
    }

    /// What only this client knows, for the redactor: the tokens obtained so far, and the tampered ones, of which all but
    /// one character is right.
    pub fn secrets(&self) -> Vec<Secret> {
        let mut tokens = self.issued_tokens();
        tokens.extend(self.0.tokens.given().cloned());
        let tampered: Vec<Secret> = tokens.iter().map(|token| Secret::new(tampered(token.expose()))).collect();
        tokens.into_iter().chain(tampered).collect()
    }

    async fn complete(&self, operation: &Operation, case: &Case, sent: &mut Sent) -> Result<Url, Fault> {
        let url = outgoing::locate(self.base(operation.id.spec())?, &case.request)?;
        url.as_str().clone_into(&mut sent.url);
        sent.body = outgoing::body(&case.request, &self.0.signer, &self.0.sealer)?;
        sent.sealed = outgoing::sealed(&case.request);
        if url.scheme() == "https" {
            let client_certificate = self.0.tls.client_certificate && case.request.certificate_flaw.is_none();
            sent.tls = TlsUse { client_certificate, ..self.0.tls };
        }
        if let Some(credentials) = self.credentials(operation.auth, case).await? {
            sent.headers.push(("authorization".to_owned(), credentials));
        }
        Ok(url)
    }

    async fn credentials(&self, auth: Auth, case: &Case) -> Result<Option<String>, Fault> {
        match (case.request.credentials, auth) {
            (Credentials::Missing | Credentials::None, _) | (_, Auth::None) => Ok(None),
            (Credentials::Right, Auth::Bearer) => {
                Ok(self.token().await?.map(|token| format!("Bearer {}", token.expose())))
            }
            (Credentials::Wrong | Credentials::Base64url, Auth::Bearer) => Ok(Some(wrong_token(case))),
            (Credentials::Tampered, Auth::Bearer) => {
                Ok(self.token().await?.map(|token| format!("Bearer {}", tampered(token.expose()))))
            }
            (Credentials::Expired, Auth::Bearer) => {
                let token = self.0.expired.as_ref().ok_or_else(|| Fault {
                    kind: FaultKind::NoToken,
                    text: "the target file names no `expired_token`".to_owned(),
                })?;
                Ok(Some(format!("Bearer {}", token.expose())))
            }
            (Credentials::Right | Credentials::Base64url, Auth::Basic) => {
                let (id, secret) = self.0.tokens.client().ok_or_else(|| Fault {
                    kind: FaultKind::NoToken,
                    text: "the operation wants HTTP Basic, but the target names no client; write `auth: {grant: \
                           client_credentials, client_id: …, client_secret: …}` into the target file"
                        .to_owned(),
                })?;
                let url_safe = case.request.credentials == Credentials::Base64url;
                Ok(Some(if url_safe { outgoing::basic_base64url(id, secret) } else { outgoing::basic(id, secret) }))
            }
            (Credentials::Wrong | Credentials::Tampered | Credentials::Expired, Auth::Basic) => {
                // The right client with a wrong secret, so that only the secret can be the reason of a refusal.
                let id = self.0.tokens.client().map_or("d1c-wrong-client", |(id, _)| id);
                Ok(Some(outgoing::basic(id, &Secret::new("d1c-wrong-secret"))))
            }
        }
    }

    async fn token(&self) -> Result<Option<Secret>, Fault> {
        self.0.tokens.token(&self.0.wire, &self.0.signer).await
    }

    fn base(&self, spec: &str) -> Result<&Url, Fault> {
        self.0.bases.get(spec).ok_or_else(|| Fault {
            kind: FaultKind::Unsendable,
            text: format!("the target has no base URL for {spec}; write base_url or base_urls.{spec}"),
        })
    }
}

fn read_base(spec: &str, text: &str) -> Result<Url, ExchangeError> {
    let invalid =
        |url: &str, problem: String| ExchangeError::BaseUrl { spec: spec.to_owned(), url: url.to_owned(), problem };
    let mut url = Url::parse(text).map_err(|error| invalid(text, format!("{error}; write an absolute URL")))?;
    if !url.username().is_empty() || url.password().is_some() {
        // They would go out as a second set of credentials and be shown in every report. Neither call can fail on a URL
        // that has a user name.
        let _ = url.set_username("");
        let _ = url.set_password(None);
        return Err(invalid(url.as_str(), "it holds a user name or password; write them into `auth`".to_owned()));
    }
    if !matches!(url.scheme(), "http" | "https") || url.query().is_some() || url.fragment().is_some() {
        return Err(invalid(text, "it must be http or https, without query and fragment".to_owned()));
    }
    Ok(url)
}

#[cfg(test)]
mod limit_tests;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod token_tests;
