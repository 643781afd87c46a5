//! Why a connection cannot even be prepared. What goes wrong on the wire is a [`TlsFailure`](super::TlsFailure).

/// Certificates or keys that are of no use. Names the place where the user wrote them; free of their texts.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// A certificate or a chain of them.
    #[error("{name} cannot be used: {problem}\n  remedy: {remedy}")]
    Certificate {
        /// Where it was written: `tls.ca`, `tls.client.certificate`, …
        name: String,
        /// What is wrong with it.
        problem: String,
        /// What to do.
        remedy: &'static str,
    },
    /// A private key, alone or with its certificate.
    #[error("{name} cannot be used: {problem}\n  remedy: {remedy}")]
    Key {
        /// Where it was written: `tls.client.private_key`, …
        name: String,
        /// What is wrong with it.
        problem: String,
        /// What to do.
        remedy: &'static str,
    },
    /// Client certificates are to be judged, and nothing says by which authority.
    #[error(
        "client certificates are asked for, but no authority for them is named\n  remedy: name the CA of the clients"
    )]
    NoAuthority,
    /// A name that no certificate can carry.
    #[error("`{host}` is neither a host name nor an IP address\n  remedy: write a name such as d1.example.com")]
    Host {
        /// As asked for.
        host: String,
    },
    /// No certificate could be made.
    #[error("a test certificate cannot be made")]
    Issuing(#[from] rcgen::Error),
    /// The period of validity is no period that a certificate can carry.
    #[error("a certificate cannot be valid for {days} days\n  remedy: take at most 3650")]
    Days {
        /// As asked for.
        days: u32,
    },
    /// The TLS stack itself.
    #[error("TLS cannot be set up\n  remedy: check the system's root certificates")]
    Stack(#[from] rustls::Error),
}
