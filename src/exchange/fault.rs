//! Puts what went wrong on the wire into words. The texts name host and port and a remedy, and never a credential: the
//! errors below hold none, and URLs are taken out of them.

use std::error::Error;
use std::io;
use std::time::Duration;

use url::Url;

use super::connections::Shown;
use super::record::{Fault, FaultKind};
use super::tls_fault::{closed, refused, tls_failed};
use crate::tls::TlsFailure;

/// What an error alone does not say.
#[derive(Clone, Copy)]
pub(super) struct Circumstances {
    /// The limit of the exchange.
    pub timeout: Duration,
    /// The client certificate of the connection.
    pub shown: Shown,
    /// The answer had begun: the target has let us in.
    pub begun: bool,
}

/// The fault for an error of the HTTP client on a call of `url`.
pub(super) fn fault_of(error: reqwest::Error, url: &Url, about: Circumstances) -> Fault {
    let place = host_and_port(url);
    let error = error.without_url();
    let cause = deepest(&error);
    let fault = |kind, text| Fault { kind, text };
    if error.is_timeout() {
        let text = format!(
            "no complete answer from {place} within {} s; raise limits.timeout_seconds if the target is that slow",
            about.timeout.as_secs_f32()
        );
        return fault(FaultKind::TimedOut, text);
    }
    if error.is_builder() {
        let text = format!("the request to {place} cannot be put on the wire: {cause}");
        return fault(FaultKind::Unsendable, text);
    }
    if !about.begun
        && url.scheme() == "https"
        && let Some(fault) = of_tls(&error, &place, about.shown, &cause)
    {
        return fault;
    }
    if error.is_connect() {
        let text = format!("{place} cannot be reached: {cause}; start the target or correct its base URL");
        return fault(FaultKind::Unreachable, text);
    }
    if !about.begun && hyper_error(&error).is_some_and(hyper::Error::is_parse) {
        let remedy =
            if url.scheme() == "http" { "; if the port speaks TLS, write https:// into the base URL" } else { "" };
        return fault(FaultKind::Cut, format!("the answer of {place} is no HTTP ({cause}){remedy}"));
    }
    let text = format!("the connection to {place} ended before the answer was complete: {cause}; see the target's log");
    fault(FaultKind::Cut, text)
}

/// `None` where TLS has no part in what went wrong. A refusal may come inside the handshake (TLS 1.2), which is a
/// connection that failed, or with the first bytes after it (TLS 1.3), which is not.
fn of_tls(error: &reqwest::Error, place: &str, shown: Shown, cause: &str) -> Option<Fault> {
    match (TlsFailure::of(error), shown) {
        (Some(TlsFailure::CertificateRefused(alert)), _) => Some(refused(place, shown, &format!("TLS alert {alert}"))),
        (Some(failure), _) => Some(tls_failed(place, &failure)),
        (None, Shown::Flawed(_)) if ended_by_target(error) => Some(refused(place, shown, "it closed the connection")),
        // Below the TLS layer only the network fails; whatever else ends a connection attempt is TLS itself.
        (None, _) if error.is_connect() && !network_failed(error) => Some(closed(place, cause)),
        (None, _) => None,
    }
}

/// `host:port`, for messages.
pub(super) fn host_and_port(url: &Url) -> String {
    match (url.host_str(), url.port_or_known_default()) {
        (Some(host), Some(port)) => format!("{host}:{port}"),
        (Some(host), None) => host.to_owned(),
        (None, _) => url.scheme().to_owned(),
    }
}

fn chain<'e>(error: &'e (dyn Error + 'static)) -> impl Iterator<Item = &'e (dyn Error + 'static)> {
    std::iter::successors(Some(error), |error: &&'e (dyn Error + 'static)| (*error).source())
}

fn deepest(error: &reqwest::Error) -> String {
    chain(error).last().map_or_else(String::new, ToString::to_string)
}

fn hyper_error(error: &reqwest::Error) -> Option<&hyper::Error> {
    chain(error).find_map(|error| error.downcast_ref::<hyper::Error>())
}

fn io_kinds(error: &reqwest::Error) -> impl Iterator<Item = io::ErrorKind> {
    chain(error).filter_map(|error| error.downcast_ref::<io::Error>()).map(io::Error::kind)
}

fn network_failed(error: &reqwest::Error) -> bool {
    use io::ErrorKind as Kind;
    error.is_dns()
        || io_kinds(error).any(|kind| {
            matches!(
                kind,
                Kind::ConnectionRefused
                    | Kind::HostUnreachable
                    | Kind::NetworkUnreachable
                    | Kind::AddrNotAvailable
                    | Kind::TimedOut
            )
        })
}

/// The other side closed or reset a connection that had come about.
fn ended_by_target(error: &reqwest::Error) -> bool {
    use io::ErrorKind as Kind;
    hyper_error(error).is_some_and(|error| error.is_incomplete_message() || error.is_canceled() || error.is_closed())
        || io_kinds(error).any(|kind| {
            matches!(
                kind,
                Kind::ConnectionReset
                    | Kind::ConnectionAborted
                    | Kind::BrokenPipe
                    | Kind::UnexpectedEof
                    | Kind::NotConnected
            )
        })
}
