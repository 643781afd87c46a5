//! What both reference servers know from the start: the content of a target file for the sandbox.

use crate::base::Secret;
use crate::jose::{AssertionKey, DecryptionKey, JoseError};

/// The private key of the demo client. It is public on purpose, opens nothing but a sandbox on this machine, and must
/// never be handed over to a real D1.
const KEY: &str = include_str!("demo-key.pem");

/// The private encryption keys of both servers, public on purpose like the one above.
const D1_ENCRYPTION_KEY: &str = include_str!("demo-d1-encryption-key.pem");
const ISSUER_ENCRYPTION_KEY: &str = include_str!("demo-issuer-encryption-key.pem");

/// The seeded data.
#[derive(Clone, Debug)]
pub struct Demo {
    /// The one issuer that exists; ten characters, as the contract wants.
    pub issuer_id: &'static str,
    /// A card product.
    pub card_product_id: &'static str,
    /// A card product that is used for transactions (CARD-REG-3).
    pub transaction_card_product_id: &'static str,
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
    /// Name of the key that envelopes for D1 are sealed with.
    pub d1_encryption_kid: &'static str,
    /// D1's half of that key, PKCS#8 in PEM.
    pub d1_encryption_key_pem: Secret,
    /// The issuer's half of that key, SPKI in PEM.
    pub d1_encryption_public_pem: &'static str,
    /// Name of the key that envelopes for the issuer are sealed with.
    pub issuer_encryption_kid: &'static str,
    /// The issuer's half of that key, PKCS#8 in PEM.
    pub issuer_encryption_key_pem: Secret,
    /// D1's half of that key, SPKI in PEM.
    pub issuer_encryption_public_pem: &'static str,
    /// Number of the demo card.
    pub pan: Secret,
    /// Expiry of the demo card, MMYY.
    pub exp: &'static str,
    /// Card verification value of the demo card.
    pub cvv: Secret,
    /// Name on the demo card.
    pub cardholder_name: &'static str,
    /// A token whose life is over.
    pub expired_token: Secret,
    /// Scope of every token.
    pub scope: &'static str,
}

/// The data that every sandbox starts with.
pub fn demo() -> Demo {
    Demo {
        issuer_id: "sandbox001",
        card_product_id: "demo-product",
        transaction_card_product_id: "demo-transactions",
        consumer_id: "demo-consumer",
        card_id: "demo-card",
        client_id: "sandbox-client",
        // `>` and `?` at the right places give `+` and `/` in base64, hence `-` and `_` in base64url.
        client_secret: Secret::new("not>>>a???secret~"),
        assertion_kid: "sandbox-key-1",
        assertion_key_pem: Secret::new(KEY),
        d1_encryption_kid: "sandbox-d1-encryption-1",
        d1_encryption_key_pem: Secret::new(D1_ENCRYPTION_KEY),
        d1_encryption_public_pem: include_str!("demo-d1-encryption-public.pem"),
        issuer_encryption_kid: "sandbox-issuer-encryption-1",
        issuer_encryption_key_pem: Secret::new(ISSUER_ENCRYPTION_KEY),
        issuer_encryption_public_pem: include_str!("demo-issuer-encryption-public.pem"),
        // A number that schemes publish for tests. Month 12 of a year that is no month, so that swapped halves would
        // show (JWE-11).
        pan: Secret::new("4111111111111111"),
        exp: "1230",
        cvv: Secret::new("123"),
        cardholder_name: "D1C TEST",
        expired_token: Secret::new("sandbox-expired-token"),
        scope: "d1-api:account:full d1-api:consumer:read",
    }
}

impl Demo {
    /// The key for assertions, ready for use.
    pub fn assertion_key(&self) -> Result<AssertionKey, JoseError> {
        AssertionKey::from_pem(self.assertion_kid, &self.assertion_key_pem)
    }

    /// The key that opens envelopes for D1.
    pub fn d1_encryption_key(&self) -> Result<DecryptionKey, JoseError> {
        DecryptionKey::from_text(Some(self.d1_encryption_kid), &self.d1_encryption_key_pem)
    }

    /// The key that opens envelopes for the issuer.
    pub fn issuer_encryption_key(&self) -> Result<DecryptionKey, JoseError> {
        DecryptionKey::from_text(Some(self.issuer_encryption_kid), &self.issuer_encryption_key_pem)
    }
}

#[cfg(test)]
mod tests {
    use base64::Engine as _;
    use base64::engine::general_purpose::{STANDARD, URL_SAFE};

    use super::demo;
    use crate::jose::EncryptionKey;

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

    #[test]
    fn the_halves_of_the_encryption_keys_belong_together() {
        let demo = demo();
        for (own, kid, public) in [
            (demo.d1_encryption_key(), demo.d1_encryption_kid, demo.d1_encryption_public_pem),
            (demo.issuer_encryption_key(), demo.issuer_encryption_kid, demo.issuer_encryption_public_pem),
        ] {
            let (own, public) = (own.expect("key"), EncryptionKey::from_text(Some(kid), public).expect("key"));
            assert_eq!((own.kid(), own.public().thumbprint()), (public.kid(), public.thumbprint()));
        }
    }

    #[test]
    fn card_data_and_tokens_are_not_shown() {
        let shown = format!("{:?}", demo());
        for name in ["pan", "cvv", "expired_token", "client_secret"] {
            assert!(shown.contains(&format!("{name}: Secret(***)")), "{shown}");
        }
    }
}
