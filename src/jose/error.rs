//! What can go wrong with keys, assertions and envelopes.

/// Why a key cannot be used, an assertion cannot be signed or an envelope cannot be sealed. Never holds key material.
#[derive(Debug, thiserror::Error)]
pub enum JoseError {
    /// The text is no key of the wanted kind.
    #[error("{key} cannot be used: {flaw}\n  remedy: {}", flaw.remedy())]
    Key {
        /// The key in words: its kid, or what it is for.
        key: String,
        /// What is wrong with it.
        flaw: KeyFlaw,
    },
    /// The JOSE crate refused a key that could be read.
    #[error("the key `{kid}` cannot sign")]
    Signing {
        /// Name of the key.
        kid: String,
        /// What the crate said.
        source: jsonwebtoken::errors::Error,
    },
    /// The JOSE crate refused to sign an assertion that is wrong on purpose.
    #[error("the wrong assertion cannot be signed")]
    Forging {
        /// What the crate said.
        source: jsonwebtoken::errors::Error,
    },
    /// The system gave no randomness, or the plaintext is longer than AES-GCM takes.
    #[error("the content for the key `{kid}` cannot be encrypted")]
    Sealing {
        /// Name of the recipient's key.
        kid: String,
    },
    /// The clock or the lifetime lies outside of what seconds since the epoch can tell.
    #[error("the moment of expiry cannot be written as seconds since 1970")]
    Clock,
}

/// What is wrong with the text of a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeyFlaw {
    /// Neither PEM nor JWK.
    #[error("its text is neither PEM of a key nor one JWK")]
    Unreadable,
    /// The private half, where the public half was asked for.
    #[error("it is a private key, and the public half is wanted here")]
    Private,
    /// The public half, where the private half was asked for.
    #[error("it is a public key, and the private half is wanted here")]
    Public,
    /// Protected by a passphrase.
    #[error("it is encrypted with a passphrase")]
    Encrypted,
    /// Damaged, or of another kind.
    #[error("it cannot be read as an EC key on P-256")]
    Curve,
    /// A JWK whose `d` does not belong to its `x` and `y`.
    #[error("its private and its public half do not belong together")]
    Halves,
}

impl KeyFlaw {
    /// What to do about it.
    pub fn remedy(self) -> &'static str {
        match self {
            Self::Unreadable => "hand over PEM, from `-----BEGIN` to `-----END`, or one JWK as a JSON object",
            Self::Private => "`openssl pkey -in KEY -pubout` writes the public half",
            Self::Public => "hand over the private half as PKCS#8 PEM, SEC1 PEM or JWK",
            Self::Encrypted => "`openssl pkey -in KEY` asks for the passphrase and writes the key without it",
            Self::Curve => "make one with `openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256`",
            Self::Halves => "make the JWK anew from the private key",
        }
    }
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

/// Why an envelope is not opened (RFC 7516 section 5.2, with D1's own choice of algorithms).
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EnvelopeFault {
    /// Not five parts of base64url.
    #[error("the envelope does not have five parts of base64url")]
    Parts,
    /// No JSON object, or one with `crit`, `zip` or unreadable party information.
    #[error("the header is no JSON object that can be honoured")]
    Header,
    /// Another `alg` than ECDH-ES.
    #[error("the key agreement is not ECDH-ES")]
    Algorithm,
    /// Another `enc` than A256GCM.
    #[error("the content encryption is not A256GCM")]
    Encryption,
    /// No `kid` in the header.
    #[error("the header has no kid")]
    MissingKeyId,
    /// The `kid` of another key.
    #[error("the kid is unknown")]
    UnknownKeyId,
    /// A second part that is not empty, although the key is agreed on directly.
    #[error("there is an encrypted key, where direct key agreement has none")]
    EncryptedKey,
    /// No `epk` in the header.
    #[error("the header has no ephemeral public key")]
    MissingEphemeralKey,
    /// An `epk` that is no point on P-256.
    #[error("the ephemeral public key is not on P-256")]
    EphemeralKey,
    /// An initialisation vector that is not 12 bytes long, or a tag that is not 16 bytes long.
    #[error("the initialisation vector or the tag has the wrong length")]
    Length,
    /// The tag does not belong to header and content.
    #[error("the content or the header was changed, or sealed for another key")]
    Integrity,
}
