//! What went wrong with TLS, in words that say what to do about it.

use super::connections::Shown;
use super::record::{Fault, FaultKind};
use crate::contract::CertificateFlaw;
use crate::tls::TlsFailure;

/// The target refused the client certificate, or its absence.
pub(super) fn refused(place: &str, shown: Shown, how: &str) -> Fault {
    let text = match shown {
        Shown::Nothing => format!(
            "{place} refused a connection without client certificate ({how}); check tls.client: name a certificate \
             that the target knows"
        ),
        Shown::Own => format!(
            "{place} refused our client certificate ({how}); check tls.client: its dates, and whether the target \
             knows its authority"
        ),
        Shown::Flawed(flaw) => format!("{place} refused {} ({how})", words(flaw)),
    };
    Fault { kind: FaultKind::CertificateRefused, text }
}

fn words(flaw: CertificateFlaw) -> &'static str {
    match flaw {
        CertificateFlaw::MissingCertificate => "a connection without client certificate",
        CertificateFlaw::ForeignCertificate => "a client certificate of an unknown authority",
        CertificateFlaw::ExpiredCertificate => "a client certificate that has run out (tls.expired_client)",
    }
}

/// Any other failure.
pub(super) fn tls_failed(place: &str, failure: &TlsFailure) -> Fault {
    let (problem, remedy) = match failure {
        TlsFailure::UnknownIssuer => {
            ("its certificate comes from an authority that is not trusted", "name its CA under tls.ca")
        }
        TlsFailure::Expired => {
            ("its certificate has run out", "let the target renew it, or check the clock of this machine")
        }
        TlsFailure::NotValidYet => ("its certificate is not valid yet", "check the clocks of both machines"),
        TlsFailure::WrongName => {
            ("its certificate is for another name", "write a name that the certificate holds into the base URL")
        }
        TlsFailure::NoTls => ("it speaks no TLS", "write http:// into the base URL, or correct the port"),
        TlsFailure::NothingShared => (
            "it shares no version of TLS (1.2, 1.3) and no cipher suite with us",
            "let the target offer TLS 1.2 or 1.3",
        ),
        TlsFailure::CertificateRefused(alert) => (*alert, "check tls.client"),
        TlsFailure::Other(text) => (text.as_str(), "check the target's certificate, and tls of the target file"),
    };
    Fault { kind: FaultKind::Tls, text: format!("TLS with {place} failed: {problem}; {remedy}") }
}

/// The handshake ended without a word of TLS about the reason.
pub(super) fn closed(place: &str, cause: &str) -> Fault {
    let text = format!(
        "TLS with {place} failed: {cause}; if the port speaks no TLS, write http:// into the base URL; if the target \
         wants a client certificate, check tls.client"
    );
    Fault { kind: FaultKind::Tls, text }
}
