//! The cryptography under rustls.

use std::sync::Arc;

use rustls::crypto::CryptoProvider;

/// ring, because it needs no C build of minutes; set by hand, because a process-wide provider would be a global.
pub(super) fn provider() -> Arc<CryptoProvider> {
    Arc::new(rustls::crypto::ring::default_provider())
}
