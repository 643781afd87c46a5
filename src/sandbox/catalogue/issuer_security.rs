//! Defects of the issuer sandbox in the handling of encrypted card data and tokens.

use crate::sandbox::defect::{Class, Confidential, Defect, Effect, Leak, SealFlaw, TokenCheck};
use crate::sandbox::role::Role;

/// Answers with card data inside.
const CREDENTIALS: &str = "D1-Public-OUT-v2-Card::getCardCredentials";
/// Takes card data.
const VERIFY: &str = "D1-Public-OUT-v2-Card::verifyCard";
/// The notice whose answer to a wrong token is documented.
const NOTICE: &str = "D1-Public-OUT-v1-3DSecure::notify3dsCardOperation";

/// 130 characters, as JSON.
const LONG_NAME: &str = "\"LONG NAME LONG NAME LONG NAME LONG NAME LONG NAME LONG NAME LONG NAME \
                         LONG NAME LONG NAME LONG NAME LONG NAME LONG NAME LONG NAME \"";

const fn sealed(flaw: SealFlaw) -> Effect {
    Effect::SealWrongly { operation: CREDENTIALS, flaw }
}

const fn inside(member: &'static str, value: Option<&'static str>) -> Effect {
    Effect::SetSealed { operation: CREDENTIALS, member, value }
}

/// One row per defect.
pub const ROWS: [Defect; 17] = [
    Defect {
        name: "issuer-credentials-for-another-key",
        role: Role::Issuer,
        text: "encrypts credentials for another key than the one it names",
        class: Class::Envelope,
        breaks: &["D1-Public-OUT-v2-Card::getCardCredentials::response.200.body/encryptedData.jwe::jwe"],
        effect: sealed(SealFlaw::ForeignKey),
    },
    Defect {
        name: "issuer-credentials-other-key-id",
        role: Role::Issuer,
        text: "encrypts credentials under a key id of its own",
        class: Class::Envelope,
        breaks: &["D1-Public-OUT-v2-Card::getCardCredentials::response.200.body/encryptedData.jwe::jwe"],
        effect: sealed(SealFlaw::KeyId("issuer-key-1")),
    },
    Defect {
        name: "issuer-credentials-without-key-id",
        role: Role::Issuer,
        text: "encrypts credentials without saying for which key",
        class: Class::Envelope,
        breaks: &["D1-Public-OUT-v2-Card::getCardCredentials::response.200.body/encryptedData.jwe::jwe"],
        effect: sealed(SealFlaw::NoKeyId),
    },
    Defect {
        name: "issuer-credentials-other-key-agreement",
        role: Role::Issuer,
        text: "claims another key agreement for credentials than it uses",
        class: Class::Envelope,
        breaks: &["D1-Public-OUT-v2-Card::getCardCredentials::response.200.body/encryptedData.jwe::jwe"],
        effect: sealed(SealFlaw::Algorithm("ECDH-ES+A256KW")),
    },
    Defect {
        name: "issuer-credentials-short-key",
        role: Role::Issuer,
        text: "encrypts credentials with a key of 128 bits",
        class: Class::Envelope,
        breaks: &["D1-Public-OUT-v2-Card::getCardCredentials::response.200.body/encryptedData.jwe::jwe"],
        effect: sealed(SealFlaw::A128Gcm),
    },
    Defect {
        name: "issuer-credentials-damaged-tag",
        role: Role::Issuer,
        text: "damages the authentication tag of credentials",
        class: Class::Envelope,
        breaks: &["D1-Public-OUT-v2-Card::getCardCredentials::response.200.body/encryptedData.jwe::jwe"],
        effect: sealed(SealFlaw::DamagedTag),
    },
    Defect {
        name: "issuer-credentials-four-parts",
        role: Role::Issuer,
        text: "leaves out the empty part of encrypted credentials",
        class: Class::Envelope,
        breaks: &["D1-Public-OUT-v2-Card::getCardCredentials::response.200.body/encryptedData.jwe::jwe"],
        effect: sealed(SealFlaw::FourParts),
    },
    Defect {
        name: "issuer-credentials-in-clear",
        role: Role::Issuer,
        text: "answers with credentials in clear",
        class: Class::Envelope,
        breaks: &["D1-Public-OUT-v2-Card::getCardCredentials::response.200.body/encryptedData.jwe::jwe"],
        effect: sealed(SealFlaw::NotSealed),
    },
    Defect {
        name: "issuer-credentials-as-form",
        role: Role::Issuer,
        text: "encrypts credentials as a form instead of JSON",
        class: Class::ClearText,
        breaks: &[
            "D1-Public-OUT-v2-Card::getCardCredentials::response.200.body/encryptedData.plaintext::plaintext_json",
        ],
        effect: sealed(SealFlaw::FormInside),
    },
    Defect {
        name: "issuer-credentials-without-security-code",
        role: Role::Issuer,
        text: "leaves the card verification value out of credentials",
        class: Class::ClearText,
        breaks: &["D1-Public-OUT-v2-Card::getCardCredentials::response.200.body/encryptedData.plaintext/cvv::required"],
        effect: inside("cvv", None),
    },
    Defect {
        name: "issuer-credentials-number-as-number",
        role: Role::Issuer,
        text: "writes the card number in credentials as a JSON number",
        class: Class::ClearText,
        breaks: &["D1-Public-OUT-v2-Card::getCardCredentials::response.200.body/encryptedData.plaintext/pan::type"],
        effect: inside("pan", Some("4111111111111111")),
    },
    Defect {
        name: "issuer-credentials-swapped-expiry",
        role: Role::Issuer,
        text: "writes the expiry in credentials as YYMM",
        class: Class::ClearText,
        breaks: &[
            "D1-Public-OUT-v2-Card::getCardCredentials::response.200.body/encryptedData.plaintext/exp::expiry_format",
        ],
        effect: inside("exp", Some(r#""3012""#)),
    },
    Defect {
        name: "issuer-credentials-long-name",
        role: Role::Issuer,
        text: "writes names of more than 128 characters into credentials",
        class: Class::ClearText,
        breaks: &[
            "D1-Public-OUT-v2-Card::getCardCredentials::response.200.body/encryptedData.plaintext/name::max_length",
        ],
        effect: inside("name", Some(LONG_NAME)),
    },
    Defect {
        name: "issuer-verification-tells-number",
        role: Role::Issuer,
        text: "repeats the card number in the result of a verification",
        class: Class::Disclosure,
        breaks: &["D1-Public-OUT-v2-Card::verifyCard::response::card_data"],
        effect: Effect::Disclose { operation: VERIFY, what: Confidential::CardData("pan"), place: Leak::Member("pan") },
    },
    Defect {
        name: "issuer-verification-tells-security-code",
        role: Role::Issuer,
        text: "repeats the card verification value in the text of an error",
        class: Class::Disclosure,
        breaks: &["D1-Public-OUT-v2-Card::verifyCard::response::card_data"],
        effect: Effect::Disclose { operation: VERIFY, what: Confidential::CardData("cvv"), place: Leak::ErrorText },
    },
    Defect {
        name: "issuer-3ds-notice-expired-token",
        role: Role::Issuer,
        text: "takes 3-D Secure notices from callers whose token has run out",
        class: Class::Authentication,
        breaks: &["D1-Public-OUT-v1-3DSecure::notify3dsCardOperation::auth::expired_token"],
        effect: Effect::LaxToken { operation: NOTICE, check: TokenCheck::IgnoresExpiry },
    },
    Defect {
        name: "issuer-3ds-notice-half-token",
        role: Role::Issuer,
        text: "compares the first half of a bearer token only",
        class: Class::Authentication,
        breaks: &["D1-Public-OUT-v1-3DSecure::notify3dsCardOperation::auth::tampered_token"],
        effect: Effect::LaxToken { operation: NOTICE, check: TokenCheck::ComparesHalf },
    },
];
