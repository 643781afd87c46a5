//! Defects whose duties the contract only lets us infer. They show under `--strict`, and as warnings without it.

use crate::jose::EnvelopeFault;
use crate::sandbox::defect::{Class, Defect, Effect, EnvelopeCheck};
use crate::sandbox::role::Role;

const REGISTER: &str = "D1-Public-IN-v2-Card::registerCard";
const RENEW: &str = "D1-Public-IN-v2-Card::renewCard";
const REPLACE: &str = "D1-Public-IN-v2-Card::replaceCard";
const FIRST_RENEW: &str = "D1-Public-IN-v1-Card::renewCard";
const VERIFY: &str = "D1-Public-OUT-v2-Card::verifyCard";
const TOKEN: &str = "D1-Public-OUT-v1-Auth2::getToken";

/// One row per defect.
pub const ROWS: [Defect; 12] = [
    Defect {
        name: "d1-register-card-long-envelope",
        role: Role::D1,
        text: "takes encrypted card data of any length",
        class: Class::Bounds,
        breaks: &["D1-Public-IN-v2-Card::registerCard::body/encryptedData::max_length"],
        effect: Effect::IgnoreRules { operation: REGISTER, location: "body/encryptedData", rules: &["max_length"] },
    },
    Defect {
        name: "d1-register-card-swapped-expiry",
        role: Role::D1,
        text: "takes YYMM for an expiry",
        class: Class::ClearText,
        breaks: &["D1-Public-IN-v2-Card::registerCard::body/encryptedData.plaintext/exp::pattern"],
        effect: Effect::IgnoreRules {
            operation: REGISTER,
            location: "body/encryptedData.plaintext/exp",
            rules: &["pattern"],
        },
    },
    Defect {
        name: "d1-renew-card-unread",
        role: Role::D1,
        text: "renews a card without opening its encrypted data",
        class: Class::Envelope,
        breaks: &[
            "D1-Public-IN-v2-Card::renewCard::body/encryptedData.jwe::jwe_foreign_key",
            "D1-Public-IN-v2-Card::renewCard::body/encryptedData.jwe::jwe_tampered_iv",
        ],
        effect: Effect::LaxEnvelope { operation: RENEW, check: EnvelopeCheck::CountsParts(5) },
    },
    Defect {
        name: "d1-renew-card-without-expiry",
        role: Role::D1,
        text: "renews a card without a new expiry",
        class: Class::ClearText,
        breaks: &["D1-Public-IN-v2-Card::renewCard::body/encryptedData.plaintext/exp::required"],
        effect: Effect::IgnoreRules {
            operation: RENEW,
            location: "body/encryptedData.plaintext/exp",
            rules: &["required"],
        },
    },
    Defect {
        name: "d1-replace-card-clear-data",
        role: Role::D1,
        text: "takes the data of the new card in clear",
        class: Class::Envelope,
        breaks: &["D1-Public-IN-v2-Card::replaceCard::body/encryptedData.jwe::jwe_not_encrypted"],
        effect: Effect::LaxEnvelope { operation: REPLACE, check: EnvelopeCheck::TakesClearText },
    },
    Defect {
        name: "d1-first-renew-card-any-tag",
        role: Role::D1,
        text: "does not compare the tag of encrypted card data",
        class: Class::Envelope,
        breaks: &["D1-Public-IN-v1-Card::renewCard::body/encryptedData.jwe::jwe_tampered_tag"],
        effect: Effect::LaxEnvelope {
            operation: FIRST_RENEW,
            check: EnvelopeCheck::Overlooks(EnvelopeFault::Integrity),
        },
    },
    Defect {
        name: "issuer-verification-any-key-id",
        role: Role::Issuer,
        text: "opens card data whatever key their kid names",
        class: Class::Envelope,
        breaks: &["D1-Public-OUT-v2-Card::verifyCard::body/encryptedData.jwe::jwe_unknown_kid"],
        effect: Effect::LaxEnvelope { operation: VERIFY, check: EnvelopeCheck::Overlooks(EnvelopeFault::UnknownKeyId) },
    },
    Defect {
        name: "issuer-verification-short-key",
        role: Role::Issuer,
        text: "opens card data that are encrypted with A128GCM",
        class: Class::Envelope,
        breaks: &["D1-Public-OUT-v2-Card::verifyCard::body/encryptedData.jwe::jwe_enc_a128gcm"],
        effect: Effect::LaxEnvelope { operation: VERIFY, check: EnvelopeCheck::Overlooks(EnvelopeFault::Encryption) },
    },
    Defect {
        name: "issuer-verification-without-number",
        role: Role::Issuer,
        text: "verifies a card without a card number",
        class: Class::ClearText,
        breaks: &["D1-Public-OUT-v2-Card::verifyCard::body/encryptedData.plaintext/pan::required"],
        effect: Effect::IgnoreRules {
            operation: VERIFY,
            location: "body/encryptedData.plaintext/pan",
            rules: &["required"],
        },
    },
    Defect {
        name: "issuer-token-any-secret",
        role: Role::Issuer,
        text: "gives a token for any secret",
        class: Class::Authentication,
        breaks: &["D1-Public-OUT-v1-Auth2::getToken::auth::wrong_token"],
        effect: Effect::IgnoreAuth { operation: TOKEN, missing: false, wrong: true },
    },
    Defect {
        name: "issuer-token-without-secret",
        role: Role::Issuer,
        text: "gives a token to callers that do not say who they are",
        class: Class::Authentication,
        breaks: &["D1-Public-OUT-v1-Auth2::getToken::auth::missing_token"],
        effect: Effect::IgnoreAuth { operation: TOKEN, missing: true, wrong: false },
    },
    Defect {
        name: "issuer-token-plain-base64-only",
        role: Role::Issuer,
        text: "takes HTTP Basic in base64 only, not in base64url as the vendor's guide has it",
        class: Class::Authentication,
        breaks: &["D1-Public-OUT-v1-Auth2::getToken::auth::base64url_credentials"],
        effect: Effect::PlainBase64Only { operation: TOKEN },
    },
];
