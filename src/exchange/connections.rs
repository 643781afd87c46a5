//! The HTTP clients of one target: one that shows the target's own client certificate, and one for each way in which
//! that can be wrong.

use std::sync::OnceLock;
use std::time::Duration;

use super::error::ExchangeError;
use super::record::{Fault, FaultKind};
use crate::contract::CertificateFlaw;
use crate::suite::{ClientCertificate, Tls};
use crate::tls::{ClientSettings, Identity, foreign_client};

/// How long an unused connection is kept. Servers close theirs after five seconds at the earliest; a request that meets
/// a closing connection would be recorded as cut, and blamed on the target.
const IDLE: Duration = Duration::from_secs(4);

/// Unused connections that are kept for one host.
const MOST_IDLE: usize = 256;

/// The certificate that a connection shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shown {
    /// The target file names none.
    Nothing,
    /// That of the target file.
    Own,
    /// A wrong one, on purpose.
    Flawed(CertificateFlaw),
}

/// The only owner of HTTP clients.
pub(super) struct Connections {
    tls: Tls,
    timeout: Duration,
    own: reqwest::Client,
    without: OnceLock<Result<reqwest::Client, Fault>>,
    foreign: OnceLock<Result<reqwest::Client, Fault>>,
    expired: OnceLock<Result<reqwest::Client, Fault>>,
}

impl Connections {
    /// Reads the certificates and keys of the target; the clients for wrong ones are made when the first case wants them.
    pub(super) fn new(tls: &Tls, timeout: Duration) -> Result<Self, ExchangeError> {
        if let Some(expired) = &tls.expired_client {
            identity("tls.expired_client", expired).check()?;
        }
        let own = tls.client.as_ref().map(|client| identity("tls.client", client));
        let own = build(tls, own, timeout, MOST_IDLE)?;
        let (without, foreign, expired) = (OnceLock::new(), OnceLock::new(), OnceLock::new());
        Ok(Self { tls: tls.clone(), timeout, own, without, foreign, expired })
    }

    /// What a case with this flaw shows.
    pub(super) fn shown(&self, flaw: Option<CertificateFlaw>) -> Shown {
        match flaw {
            Some(flaw) => Shown::Flawed(flaw),
            None if self.tls.client.is_some() => Shown::Own,
            None => Shown::Nothing,
        }
    }

    /// The client that shows it.
    pub(super) fn of(&self, shown: Shown) -> Result<reqwest::Client, Fault> {
        let Shown::Flawed(flaw) = shown else { return Ok(self.own.clone()) };
        let cell = match flaw {
            CertificateFlaw::MissingCertificate => &self.without,
            CertificateFlaw::ForeignCertificate => &self.foreign,
            CertificateFlaw::ExpiredCertificate => &self.expired,
        };
        cell.get_or_init(|| self.flawed(flaw)).clone()
    }

    fn flawed(&self, flaw: CertificateFlaw) -> Result<reqwest::Client, Fault> {
        let unsendable = |text: String| Fault { kind: FaultKind::Unsendable, text };
        let wrong = match flaw {
            CertificateFlaw::MissingCertificate => None,
            CertificateFlaw::ForeignCertificate => {
                let made = foreign_client().map_err(|error| unsendable(error.to_string()))?;
                Some(ClientCertificate { certificate: made.certificate, private_key: made.private_key })
            }
            CertificateFlaw::ExpiredCertificate => Some(self.tls.expired_client.clone().ok_or_else(|| {
                unsendable(
                    "the target has no client certificate that has run out; name one under tls.expired_client"
                        .to_owned(),
                )
            })?),
        };
        let wrong = wrong.as_ref().map(|wrong| identity("tls.expired_client", wrong));
        // Each request on a connection of its own: what ends it is then an answer to its certificate, and never an old
        // connection that the target closes because nobody used it.
        build(&self.tls, wrong, self.timeout, 0).map_err(|error| unsendable(error.to_string()))
    }
}

fn identity<'t>(name: &'t str, own: &'t ClientCertificate) -> Identity<'t> {
    Identity { name, certificate: &own.certificate, private_key: &own.private_key }
}

/// No redirects, no retries, no proxies, no decompression, so that what is recorded is what was sent and received.
fn build(
    tls: &Tls,
    identity: Option<Identity<'_>>,
    timeout: Duration,
    idle: usize,
) -> Result<reqwest::Client, ExchangeError> {
    let config = ClientSettings { ca: tls.ca.as_deref(), identity }.config()?;
    reqwest::Client::builder()
        .tls_backend_preconfigured(config)
        .redirect(reqwest::redirect::Policy::none())
        .retry(reqwest::retry::never())
        .referer(false)
        .no_proxy()
        .timeout(timeout)
        .tcp_nodelay(true)
        .pool_idle_timeout(IDLE)
        .pool_max_idle_per_host(idle)
        .build()
        .map_err(ExchangeError::Http)
}
