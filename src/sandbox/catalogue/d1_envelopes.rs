//! Defects of the D1 sandbox in the handling of encrypted card data.

use crate::jose::EnvelopeFault;
use crate::sandbox::defect::{Class, Defect, Effect, EnvelopeCheck};
use crate::sandbox::role::Role;

/// The one documented request with card data inside.
const REGISTER: &str = "D1-Public-IN-v2-Card::registerCard";

const fn lax(check: EnvelopeCheck) -> Effect {
    Effect::LaxEnvelope { operation: REGISTER, check }
}

const fn passes(location: &'static str, rules: &'static [&'static str]) -> Effect {
    Effect::IgnoreRules { operation: REGISTER, location, rules }
}

/// One row per defect.
pub const ROWS: [Defect; 19] = [
    Defect {
        name: "d1-register-card-object",
        role: Role::D1,
        text: "takes card data that are no JWE but an object",
        class: Class::AcceptsInvalid,
        breaks: &["D1-Public-IN-v2-Card::registerCard::body/encryptedData::type"],
        effect: passes("body/encryptedData", &["type"]),
    },
    Defect {
        name: "d1-register-card-any-key-id",
        role: Role::D1,
        text: "opens card data whatever key their kid names",
        class: Class::Envelope,
        breaks: &["D1-Public-IN-v2-Card::registerCard::body/encryptedData.jwe::jwe_unknown_kid"],
        effect: lax(EnvelopeCheck::Overlooks(EnvelopeFault::UnknownKeyId)),
    },
    Defect {
        name: "d1-register-card-without-key-id",
        role: Role::D1,
        text: "opens card data whose header has no kid",
        class: Class::Envelope,
        breaks: &["D1-Public-IN-v2-Card::registerCard::body/encryptedData.jwe::jwe_missing_kid"],
        effect: lax(EnvelopeCheck::Overlooks(EnvelopeFault::MissingKeyId)),
    },
    Defect {
        name: "d1-register-card-any-key-agreement",
        role: Role::D1,
        text: "opens card data without a look at alg",
        class: Class::Envelope,
        breaks: &[
            "D1-Public-IN-v2-Card::registerCard::body/encryptedData.jwe::jwe_alg_rsa_oaep256",
            "D1-Public-IN-v2-Card::registerCard::body/encryptedData.jwe::jwe_alg_dir",
        ],
        effect: lax(EnvelopeCheck::Overlooks(EnvelopeFault::Algorithm)),
    },
    Defect {
        name: "d1-register-card-short-key",
        role: Role::D1,
        text: "opens card data encrypted with a key of 128 bits",
        class: Class::Envelope,
        breaks: &["D1-Public-IN-v2-Card::registerCard::body/encryptedData.jwe::jwe_enc_a128gcm"],
        effect: lax(EnvelopeCheck::Overlooks(EnvelopeFault::Encryption)),
    },
    Defect {
        name: "d1-register-card-any-tag",
        role: Role::D1,
        text: "does not compare the tag of card data",
        class: Class::Envelope,
        breaks: &[
            "D1-Public-IN-v2-Card::registerCard::body/encryptedData.jwe::jwe_tampered_tag",
            "D1-Public-IN-v2-Card::registerCard::body/encryptedData.jwe::jwe_tampered_ciphertext",
            "D1-Public-IN-v2-Card::registerCard::body/encryptedData.jwe::jwe_tampered_header",
        ],
        effect: lax(EnvelopeCheck::Overlooks(EnvelopeFault::Integrity)),
    },
    Defect {
        name: "d1-register-card-off-curve",
        role: Role::D1,
        text: "takes card data whose ephemeral key is not on the curve",
        class: Class::Envelope,
        breaks: &["D1-Public-IN-v2-Card::registerCard::body/encryptedData.jwe::jwe_off_curve_point"],
        effect: lax(EnvelopeCheck::Overlooks(EnvelopeFault::EphemeralKey)),
    },
    Defect {
        name: "d1-register-card-without-ephemeral-key",
        role: Role::D1,
        text: "takes card data that have no ephemeral key",
        class: Class::Envelope,
        breaks: &["D1-Public-IN-v2-Card::registerCard::body/encryptedData.jwe::jwe_missing_epk"],
        effect: lax(EnvelopeCheck::Overlooks(EnvelopeFault::MissingEphemeralKey)),
    },
    Defect {
        name: "d1-register-card-unread",
        role: Role::D1,
        text: "takes any five parts for card data, and opens them later if it can",
        class: Class::Envelope,
        breaks: &[
            "D1-Public-IN-v2-Card::registerCard::body/encryptedData.jwe::jwe_foreign_key",
            "D1-Public-IN-v2-Card::registerCard::body/encryptedData.jwe::jwe_unknown_kid",
            "D1-Public-IN-v2-Card::registerCard::body/encryptedData.jwe::jwe_missing_kid",
            "D1-Public-IN-v2-Card::registerCard::body/encryptedData.jwe::jwe_alg_rsa_oaep256",
            "D1-Public-IN-v2-Card::registerCard::body/encryptedData.jwe::jwe_alg_dir",
            "D1-Public-IN-v2-Card::registerCard::body/encryptedData.jwe::jwe_enc_a128gcm",
            "D1-Public-IN-v2-Card::registerCard::body/encryptedData.jwe::jwe_tampered_ciphertext",
            "D1-Public-IN-v2-Card::registerCard::body/encryptedData.jwe::jwe_tampered_tag",
            "D1-Public-IN-v2-Card::registerCard::body/encryptedData.jwe::jwe_tampered_iv",
            "D1-Public-IN-v2-Card::registerCard::body/encryptedData.jwe::jwe_tampered_header",
            "D1-Public-IN-v2-Card::registerCard::body/encryptedData.jwe::jwe_off_curve_point",
            "D1-Public-IN-v2-Card::registerCard::body/encryptedData.jwe::jwe_missing_epk",
        ],
        effect: lax(EnvelopeCheck::CountsParts(5)),
    },
    Defect {
        name: "d1-register-card-four-parts",
        role: Role::D1,
        text: "takes card data of which one part is missing",
        class: Class::Envelope,
        breaks: &["D1-Public-IN-v2-Card::registerCard::body/encryptedData.jwe::jwe_four_parts"],
        effect: lax(EnvelopeCheck::CountsParts(4)),
    },
    Defect {
        name: "d1-register-card-clear-data",
        role: Role::D1,
        text: "takes card data in clear as well",
        class: Class::Envelope,
        breaks: &["D1-Public-IN-v2-Card::registerCard::body/encryptedData.jwe::jwe_not_encrypted"],
        effect: lax(EnvelopeCheck::TakesClearText),
    },
    Defect {
        name: "d1-register-card-data-as-list",
        role: Role::D1,
        text: "takes card data whose clear text is no object",
        class: Class::ClearText,
        breaks: &["D1-Public-IN-v2-Card::registerCard::body/encryptedData.plaintext::type"],
        effect: passes("body/encryptedData.plaintext", &["type"]),
    },
    Defect {
        name: "d1-register-card-without-number",
        role: Role::D1,
        text: "takes card data without a card number",
        class: Class::ClearText,
        breaks: &["D1-Public-IN-v2-Card::registerCard::body/encryptedData.plaintext/pan::required"],
        effect: passes("body/encryptedData.plaintext/pan", &["required"]),
    },
    Defect {
        name: "d1-register-card-null-number",
        role: Role::D1,
        text: "takes card data whose card number is null",
        class: Class::ClearText,
        breaks: &["D1-Public-IN-v2-Card::registerCard::body/encryptedData.plaintext/pan::nullable"],
        effect: passes("body/encryptedData.plaintext/pan", &["nullable"]),
    },
    Defect {
        name: "d1-register-card-number-of-any-type",
        role: Role::D1,
        text: "takes card data whose card number is no text",
        class: Class::ClearText,
        breaks: &["D1-Public-IN-v2-Card::registerCard::body/encryptedData.plaintext/pan::type"],
        effect: passes("body/encryptedData.plaintext/pan", &["type"]),
    },
    Defect {
        name: "d1-register-card-long-number",
        role: Role::D1,
        text: "takes card numbers of more than 19 digits",
        class: Class::ClearText,
        breaks: &["D1-Public-IN-v2-Card::registerCard::body/encryptedData.plaintext/pan::max_length"],
        effect: passes("body/encryptedData.plaintext/pan", &["max_length"]),
    },
    Defect {
        name: "d1-register-card-number-of-any-characters",
        role: Role::D1,
        text: "takes card numbers that hold more than digits",
        class: Class::ClearText,
        breaks: &["D1-Public-IN-v2-Card::registerCard::body/encryptedData.plaintext/pan::pattern"],
        effect: passes("body/encryptedData.plaintext/pan", &["pattern"]),
    },
    Defect {
        name: "d1-register-card-without-expiry",
        role: Role::D1,
        text: "takes card data without an expiry",
        class: Class::ClearText,
        breaks: &["D1-Public-IN-v2-Card::registerCard::body/encryptedData.plaintext/exp::required"],
        effect: passes("body/encryptedData.plaintext/exp", &["required"]),
    },
    Defect {
        name: "d1-register-card-expiry-of-any-type",
        role: Role::D1,
        text: "takes card data whose expiry is no text",
        class: Class::ClearText,
        breaks: &["D1-Public-IN-v2-Card::registerCard::body/encryptedData.plaintext/exp::type"],
        effect: passes("body/encryptedData.plaintext/exp", &["type"]),
    },
];
