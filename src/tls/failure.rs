//! What went wrong with TLS on the wire, found in whatever error it is wrapped in.

use std::error::Error;
use std::io;

use rustls::{AlertDescription, CertificateError, InvalidMessage};

/// Why a TLS connection failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TlsFailure {
    /// The other side refused our certificate, or its absence, with this alert.
    CertificateRefused(&'static str),
    /// Nobody whom we trust vouches for the other side's certificate.
    UnknownIssuer,
    /// The other side's certificate has run out.
    Expired,
    /// The other side's certificate is not valid yet.
    NotValidYet,
    /// The other side's certificate is for another name.
    WrongName,
    /// What comes is no TLS.
    NoTls,
    /// Both sides share no version or no cipher suite.
    NothingShared,
    /// Anything else, in the words of the TLS stack.
    Other(String),
}

impl TlsFailure {
    /// The failure at the bottom of an error; `None` where TLS has no part in it.
    pub fn of(error: &(dyn Error + 'static)) -> Option<Self> {
        let mut next = Some(error);
        while let Some(error) = next {
            if let Some(error) = error.downcast_ref::<rustls::Error>() {
                return Some(Self::read(error));
            }
            next = match error.downcast_ref::<io::Error>().and_then(io::Error::get_ref) {
                // `source` of an I/O error is the source of what it wraps; that itself would be passed over.
                Some(wrapped) => Some(wrapped),
                None => error.source(),
            };
        }
        None
    }

    fn read(error: &rustls::Error) -> Self {
        match error {
            rustls::Error::AlertReceived(alert) => Self::alert(*alert, error),
            rustls::Error::InvalidCertificate(problem) => match problem {
                CertificateError::UnknownIssuer | CertificateError::BadSignature => Self::UnknownIssuer,
                CertificateError::Expired | CertificateError::ExpiredContext { .. } => Self::Expired,
                CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => Self::NotValidYet,
                CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => Self::WrongName,
                _ => Self::Other(error.to_string()),
            },
            rustls::Error::InvalidMessage(
                InvalidMessage::InvalidContentType | InvalidMessage::UnknownProtocolVersion,
            ) => Self::NoTls,
            rustls::Error::PeerIncompatible(_) => Self::NothingShared,
            _ => Self::Other(error.to_string()),
        }
    }

    fn alert(alert: AlertDescription, error: &rustls::Error) -> Self {
        use AlertDescription as Alert;

        Self::CertificateRefused(match alert {
            Alert::CertificateRequired => "certificate_required",
            Alert::NoCertificate => "no_certificate",
            Alert::BadCertificate => "bad_certificate",
            Alert::UnsupportedCertificate => "unsupported_certificate",
            Alert::CertificateRevoked => "certificate_revoked",
            Alert::CertificateExpired => "certificate_expired",
            Alert::CertificateUnknown => "certificate_unknown",
            Alert::UnknownCA => "unknown_ca",
            Alert::AccessDenied => "access_denied",
            Alert::DecryptError => "decrypt_error",
            // Also what a server says that shares no cipher suite with us; ours are those of every modern one.
            Alert::HandshakeFailure => "handshake_failure",
            Alert::ProtocolVersion | Alert::InsufficientSecurity => return Self::NothingShared,
            _ => return Self::Other(error.to_string()),
        })
    }
}

#[cfg(test)]
mod tests {
    use std::io;

    use rustls::{AlertDescription, CertificateError, Error, InvalidMessage};

    use super::TlsFailure;

    #[test]
    fn failures_are_found_inside_of_io_errors() {
        let wrapped = |error: Error| io::Error::other(io::Error::new(io::ErrorKind::InvalidData, error));
        let of = |error: Error| TlsFailure::of(&wrapped(error));
        let alert = Error::AlertReceived(AlertDescription::CertificateRequired);
        assert_eq!(of(alert), Some(TlsFailure::CertificateRefused("certificate_required")));
        let version = Error::AlertReceived(AlertDescription::ProtocolVersion);
        assert_eq!(of(version), Some(TlsFailure::NothingShared));
        let issuer = Error::InvalidCertificate(CertificateError::UnknownIssuer);
        assert_eq!(of(issuer), Some(TlsFailure::UnknownIssuer));
        assert_eq!(of(Error::InvalidMessage(InvalidMessage::InvalidContentType)), Some(TlsFailure::NoTls));
        assert_eq!(TlsFailure::of(&io::Error::from(io::ErrorKind::ConnectionReset)), None);
    }
}
