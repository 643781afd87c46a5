//! Puts what went wrong on the wire into words. The texts name host and port and a remedy, and never a credential: the
//! errors below hold none, and URLs are taken out of them.

use std::error::Error;
use std::io;
use std::time::Duration;

use url::Url;

use super::record::{Fault, FaultKind};

/// The fault for an error of the HTTP client on a call of `url`.
pub(super) fn fault_of(error: reqwest::Error, url: &Url, timeout: Duration) -> Fault {
    let place = host_and_port(url);
    let error = error.without_url();
    let cause = deepest(&error);
    if error.is_timeout() {
        return Fault {
            kind: FaultKind::TimedOut,
            text: format!(
                "no complete answer from {place} within {} s; raise limits.timeout_seconds if the target is that slow",
                timeout.as_secs_f32()
            ),
        };
    }
    if error.is_builder() {
        let text = format!("the request to {place} cannot be put on the wire: {cause}");
        return Fault { kind: FaultKind::Unsendable, text };
    }
    if error.is_connect() {
        // Below the TLS layer only the network fails; whatever else ends a connection attempt to https is TLS itself.
        if url.scheme() == "https" && !network_failed(&error) {
            return Fault {
                kind: FaultKind::Tls,
                text: format!(
                    "TLS with {place} failed: {cause}; check the certificate, and put a private root into the \
                     system's store (or name it in SSL_CERT_FILE)"
                ),
            };
        }
        return Fault {
            kind: FaultKind::Unreachable,
            text: format!("{place} cannot be reached: {cause}; start the target or correct its base URL"),
        };
    }
    Fault {
        kind: FaultKind::Cut,
        text: format!("the connection to {place} ended before the answer was complete: {cause}; see the target's log"),
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

fn network_failed(error: &reqwest::Error) -> bool {
    use io::ErrorKind as Kind;
    error.is_dns()
        || chain(error).filter_map(|error| error.downcast_ref::<io::Error>()).any(|error| {
            matches!(
                error.kind(),
                Kind::ConnectionRefused
                    | Kind::HostUnreachable
                    | Kind::NetworkUnreachable
                    | Kind::AddrNotAvailable
                    | Kind::TimedOut
            )
        })
}
