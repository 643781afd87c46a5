//! What can go wrong with keys and assertions.

/// Why a key cannot be used or an assertion cannot be signed. Never holds key material.
#[derive(Debug, thiserror::Error)]
pub enum JoseError {
    /// The text is no PKCS#8 private key on P-256.
    #[error(
        "the key `{kid}` is no P-256 private key in PKCS#8 PEM\n  remedy: make one with `openssl genpkey -algorithm EC \
         -pkeyopt ec_paramgen_curve:P-256`"
    )]
    Key {
        /// Name of the key.
        kid: String,
    },
    /// The JOSE crate refused a key that could be read.
    #[error("the key `{kid}` cannot sign")]
    Signing {
        /// Name of the key.
        kid: String,
        /// What the crate said.
        source: jsonwebtoken::errors::Error,
    },
    /// The clock or the lifetime lies outside of what seconds since the epoch can tell.
    #[error("the moment of expiry cannot be written as seconds since 1970")]
    Clock,
}

/// Why an assertion is refused (RFC 7523 section 3, with D1's own bounds).
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AssertionFault {
    /// No compact JWS with a JSON object inside.
    #[error("the assertion is no signed JWT")]
    Unreadable,
    /// Another algorithm than ES256.
    #[error("the algorithm is not ES256")]
    Algorithm,
    /// The header names no key.
    #[error("the header has no kid")]
    MissingKeyId,
    /// The header names a key that was not handed over.
    #[error("the kid is unknown")]
    UnknownKeyId,
    /// The signature is not that of the key.
    #[error("the signature is wrong")]
    Signature,
    /// A claim is missing or of the wrong type.
    #[error("the claim `{0}` is missing or has the wrong type")]
    Claim(&'static str),
    /// `exp` lies in the past.
    #[error("the assertion has expired")]
    Expired,
    /// `exp` lies more than 15 minutes ahead.
    #[error("the assertion lives longer than 15 minutes")]
    TooLong,
}
