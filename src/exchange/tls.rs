//! The TLS stack: rustls on ring, with the roots that the system trusts. ring, because it needs no C build of minutes; set
//! by hand, because a process-wide provider would be a global.

use std::sync::Arc;

use rustls::ClientConfig;
use rustls_platform_verifier::BuilderVerifierExt as _;

/// TLS 1.2 and 1.3 without client certificate (TLS-2).
pub fn tls_config() -> Result<ClientConfig, rustls::Error> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions()?;
    Ok(builder.with_platform_verifier()?.with_no_client_auth())
}
