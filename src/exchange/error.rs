//! Why no client can be set up. What goes wrong later is a `Fault`.

use crate::jose::JoseError;
use crate::tls::TlsError;

/// The target is set up in a way that cannot work. Free of secrets.
#[derive(Debug, thiserror::Error)]
pub enum ExchangeError {
    /// The base URL of a specification is of no use.
    #[error("the base URL `{url}` of {spec} cannot be used: {problem}")]
    BaseUrl {
        /// The specification.
        spec: String,
        /// The URL, without user name and password.
        url: String,
        /// In words, with the remedy.
        problem: String,
    },
    /// The private key that signs assertions cannot be read.
    #[error("auth.private_key of the target cannot be used: {0}")]
    Key(#[source] JoseError),
    /// The public key that members are encrypted for cannot be read.
    #[error("jwe.encrypt_for of the target cannot be used: {0}")]
    Recipient(#[source] JoseError),
    /// A certificate or key of the target file cannot be used, or the TLS stack.
    #[error(transparent)]
    Tls(#[from] TlsError),
    /// The HTTP client cannot be set up.
    #[error("the HTTP client cannot be set up")]
    Http(#[source] reqwest::Error),
}
