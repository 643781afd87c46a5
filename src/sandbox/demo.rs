//! What both reference servers know from the start: the content of a target file for the sandbox.

use crate::base::Secret;
use crate::jose::{AssertionKey, JoseError};

/// The private key of the demo client. It is public on purpose, opens nothing but a sandbox on this machine, and must
/// never be handed over to a real D1.
const KEY: &str = include_str!("demo-key.pem");

/// The seeded data.
#[derive(Clone, Debug)]
pub struct Demo {
    /// The one issuer that exists; ten characters, as the contract wants.
    pub issuer_id: &'static str,
    /// A card product.
    pub card_product_id: &'static str,
    /// A consumer that exists.
    pub consumer_id: &'static str,
    /// An active card of that consumer.
    pub card_id: &'static str,
    /// User name towards the issuer's token endpoint.
    pub client_id: &'static str,
    /// Password towards the issuer's token endpoint.
    pub client_secret: Secret,
    /// Name of the key for assertions.
    pub assertion_kid: &'static str,
    /// The key for assertions, PKCS#8 in PEM.
    pub assertion_key_pem: Secret,
    /// Scope of every token.
    pub scope: &'static str,
}

/// The data that every sandbox starts with.
pub fn demo() -> Demo {
    Demo {
        issuer_id: "sandbox001",
        card_product_id: "demo-product",
        consumer_id: "demo-consumer",
        card_id: "demo-card",
        client_id: "sandbox-client",
        // `>` and `?` at the right places give `+` and `/` in base64, hence `-` and `_` in base64url.
        client_secret: Secret::new("not>>>a???secret~"),
        assertion_kid: "sandbox-key-1",
        assertion_key_pem: Secret::new(KEY),
        scope: "d1-api:account:full d1-api:consumer:read",
    }
}

impl Demo {
    /// The key for assertions, ready for use.
    pub fn assertion_key(&self) -> Result<AssertionKey, JoseError> {
        AssertionKey::from_pem(self.assertion_kid, &self.assertion_key_pem)
    }
}

#[cfg(test)]
mod tests {
    use base64::Engine as _;
    use base64::engine::general_purpose::{STANDARD, URL_SAFE};

    use super::demo;

    #[test]
    fn the_two_base64_forms_of_the_credentials_differ_and_are_padded() {
        let demo = demo();
        let pair = format!("{}:{}", demo.client_id, demo.client_secret.expose());
        let (standard, url) = (STANDARD.encode(&pair), URL_SAFE.encode(&pair));
        assert_ne!(standard, url, "{standard}");
        assert!(standard.contains('+') && standard.contains('/'), "{standard}");
        assert!(standard.ends_with('='), "{standard}");
    }

    #[test]
    fn the_demo_data_fit_the_contract() {
        let demo = demo();
        assert_eq!(demo.issuer_id.len(), 10);
        assert!(demo.assertion_key().is_ok());
    }
}
