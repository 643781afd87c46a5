//! Floor 1: TLS for both ends: whom to trust, as whom to appear, which client certificates to demand, certificates for
//! tests, and what went wrong in words. The one door for rustls, tokio-rustls and rcgen; knows nothing of HTTP, targets
//! or contracts.

mod acceptor;
mod certificates;
mod client;
mod client_certificates;
mod error;
mod failure;
mod pem;
mod provider;
mod server;

pub use acceptor::{Acceptor, ServerStream};
pub use certificates::{CertificateSet, Issued, foreign_client};
pub use client::{ClientConfig, ClientSettings, Identity, tls_config};
pub use client_certificates::ClientCertificates;
pub use error::TlsError;
pub use failure::TlsFailure;
pub use server::{ServerSettings, Versions};
