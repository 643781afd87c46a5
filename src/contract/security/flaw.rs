//! Ways in which the security parts of a request can be wrong: what a signed assertion, an encrypted envelope and a
//! client certificate promise, turned round one promise at a time.

use serde::{Deserialize, Serialize};

/// What is wrong with a JWT assertion (RFC 7523 section 3; D1, AUTH-IN-2 to AUTH-IN-6).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AssertionFlaw {
    /// `alg` is `none`, and there is no signature (RFC 7518 section 3.6).
    JwtAlgNone,
    /// `alg` is `HS256`, keyed with the text of the public key (RFC 8725 section 2.1).
    JwtAlgHs256,
    /// `alg` is `RS256`.
    JwtAlgRs256,
    /// The `kid` was never handed over.
    JwtUnknownKid,
    /// No `kid`.
    JwtMissingKid,
    /// Signed by a key that was never handed over.
    JwtWrongSignature,
    /// `exp` lies in the past.
    JwtExpired,
    /// `exp` lies more than 15 minutes ahead.
    JwtLongLived,
    /// No `iss`.
    JwtMissingIss,
    /// No `sub`.
    JwtMissingSub,
    /// No `exp`.
    JwtMissingExp,
    /// `iss` and `sub` are those of somebody else.
    JwtWrongIss,
}

/// What is wrong with a JWE (RFC 7516; D1, JWE-1 to JWE-6).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EnvelopeFlaw {
    /// Encrypted for another key, under the `kid` of the recipient.
    JweForeignKey,
    /// The `kid` is not the recipient's.
    JweUnknownKid,
    /// No `kid`.
    JweMissingKid,
    /// `alg` is `RSA-OAEP-256`.
    JweAlgRsaOaep256,
    /// `alg` is `dir`.
    JweAlgDir,
    /// `enc` is `A128GCM`.
    JweEncA128gcm,
    /// The cipher text was changed on the way.
    JweTamperedCiphertext,
    /// The authentication tag was changed on the way.
    JweTamperedTag,
    /// The initialisation vector was changed on the way.
    JweTamperedIv,
    /// The protected header was changed on the way.
    JweTamperedHeader,
    /// One of the five parts is missing.
    JweFourParts,
    /// The clear text itself stands where the JWE should.
    JweNotEncrypted,
    /// The ephemeral key is no point of the curve (RFC 7518 section 6.2.2).
    JweOffCurvePoint,
    /// No ephemeral key.
    JweMissingEpk,
}

/// What is wrong with a client certificate (RFC 8446 section 4.4.2; D1, TLS-1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CertificateFlaw {
    /// None is shown.
    MissingCertificate,
    /// Its authority is not trusted.
    ForeignCertificate,
    /// It has run out.
    ExpiredCertificate,
}

impl AssertionFlaw {
    /// All of them, with the duty in words.
    pub const ALL: [(Self, &'static str); 12] = [
        (Self::JwtAlgNone, "an assertion without signature (alg none) is refused"),
        (Self::JwtAlgHs256, "an assertion signed with HS256, keyed with the public key, is refused"),
        (Self::JwtAlgRs256, "an assertion that claims RS256 is refused"),
        (Self::JwtUnknownKid, "an assertion with an unknown kid is refused"),
        (Self::JwtMissingKid, "an assertion without kid is refused"),
        (Self::JwtWrongSignature, "an assertion with a wrong signature is refused"),
        (Self::JwtExpired, "an assertion that has expired is refused"),
        (Self::JwtLongLived, "an assertion whose exp is more than 15 minutes ahead is refused"),
        (Self::JwtMissingIss, "an assertion without iss is refused"),
        (Self::JwtMissingSub, "an assertion without sub is refused"),
        (Self::JwtMissingExp, "an assertion without exp is refused"),
        (Self::JwtWrongIss, "an assertion in the name of another issuer is refused"),
    ];
}

impl EnvelopeFlaw {
    /// All of them, with the duty in words.
    pub const ALL: [(Self, &'static str); 14] = [
        (Self::JweForeignKey, "a JWE that was encrypted for another key is refused"),
        (Self::JweUnknownKid, "a JWE with an unknown kid is refused"),
        (Self::JweMissingKid, "a JWE without kid is refused"),
        (Self::JweAlgRsaOaep256, "a JWE with alg RSA-OAEP-256 is refused"),
        (Self::JweAlgDir, "a JWE with alg dir is refused"),
        (Self::JweEncA128gcm, "a JWE with enc A128GCM is refused"),
        (Self::JweTamperedCiphertext, "a JWE with a changed cipher text is refused"),
        (Self::JweTamperedTag, "a JWE with a changed authentication tag is refused"),
        (Self::JweTamperedIv, "a JWE with a changed initialisation vector is refused"),
        (Self::JweTamperedHeader, "a JWE with a changed protected header is refused"),
        (Self::JweFourParts, "a JWE of four parts is refused"),
        (Self::JweNotEncrypted, "card data in clear, where a JWE is wanted, are refused"),
        (Self::JweOffCurvePoint, "a JWE whose ephemeral key is not on the curve is refused"),
        (Self::JweMissingEpk, "a JWE without ephemeral key is refused"),
    ];
}

impl CertificateFlaw {
    /// All of them, with the duty in words.
    pub const ALL: [(Self, &'static str); 3] = [
        (Self::MissingCertificate, "a connection without client certificate is refused"),
        (Self::ForeignCertificate, "a client certificate of an unknown authority is refused"),
        (Self::ExpiredCertificate, "a client certificate that has run out is refused"),
    ];
}
