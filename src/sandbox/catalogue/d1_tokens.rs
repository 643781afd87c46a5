//! Defects of the D1 sandbox in the handling of assertions and tokens.

use crate::contract::AssertionFlaw;
use crate::sandbox::defect::{Class, Confidential, Defect, Effect, Leak, TokenCheck};
use crate::sandbox::role::Role;

/// Where assertions are swapped for tokens.
const TOKEN: &str = "D1-Public-IN-v1-Auth2::getToken";

const fn accepts(flaw: AssertionFlaw) -> Effect {
    Effect::AcceptAssertion { operation: TOKEN, flaw }
}

/// One row per defect.
pub const ROWS: [Defect; 19] = [
    Defect {
        name: "d1-token-unsigned-assertion",
        role: Role::D1,
        text: "takes assertions that are not signed at all (alg none)",
        class: Class::Authentication,
        breaks: &["D1-Public-IN-v1-Auth2::getToken::assertion::jwt_alg_none"],
        effect: accepts(AssertionFlaw::JwtAlgNone),
    },
    Defect {
        name: "d1-token-hmac-assertion",
        role: Role::D1,
        text: "lets the assertion choose HS256, and takes its own copy of the public key for the secret",
        class: Class::Authentication,
        breaks: &["D1-Public-IN-v1-Auth2::getToken::assertion::jwt_alg_hs256"],
        effect: accepts(AssertionFlaw::JwtAlgHs256),
    },
    Defect {
        name: "d1-token-rsa-assertion",
        role: Role::D1,
        text: "takes assertions that claim RS256 without a look at the signature",
        class: Class::Authentication,
        breaks: &["D1-Public-IN-v1-Auth2::getToken::assertion::jwt_alg_rs256"],
        effect: accepts(AssertionFlaw::JwtAlgRs256),
    },
    Defect {
        name: "d1-token-any-key-id",
        role: Role::D1,
        text: "takes assertions under key ids that it does not know",
        class: Class::Authentication,
        breaks: &["D1-Public-IN-v1-Auth2::getToken::assertion::jwt_unknown_kid"],
        effect: accepts(AssertionFlaw::JwtUnknownKid),
    },
    Defect {
        name: "d1-token-without-key-id",
        role: Role::D1,
        text: "takes assertions without kid",
        class: Class::Authentication,
        breaks: &["D1-Public-IN-v1-Auth2::getToken::assertion::jwt_missing_kid"],
        effect: accepts(AssertionFlaw::JwtMissingKid),
    },
    Defect {
        name: "d1-token-any-signature",
        role: Role::D1,
        text: "takes assertions that somebody else signed",
        class: Class::Authentication,
        breaks: &["D1-Public-IN-v1-Auth2::getToken::assertion::jwt_wrong_signature"],
        effect: accepts(AssertionFlaw::JwtWrongSignature),
    },
    Defect {
        name: "d1-token-expired-assertion",
        role: Role::D1,
        text: "takes assertions that have expired",
        class: Class::Authentication,
        breaks: &["D1-Public-IN-v1-Auth2::getToken::assertion::jwt_expired"],
        effect: accepts(AssertionFlaw::JwtExpired),
    },
    Defect {
        name: "d1-token-long-lived-assertion",
        role: Role::D1,
        text: "takes assertions that live longer than 15 minutes",
        class: Class::Authentication,
        breaks: &["D1-Public-IN-v1-Auth2::getToken::assertion::jwt_long_lived"],
        effect: accepts(AssertionFlaw::JwtLongLived),
    },
    Defect {
        name: "d1-token-without-issuer",
        role: Role::D1,
        text: "takes assertions without iss",
        class: Class::Authentication,
        breaks: &["D1-Public-IN-v1-Auth2::getToken::assertion::jwt_missing_iss"],
        effect: accepts(AssertionFlaw::JwtMissingIss),
    },
    Defect {
        name: "d1-token-without-subject",
        role: Role::D1,
        text: "takes assertions without sub",
        class: Class::Authentication,
        breaks: &["D1-Public-IN-v1-Auth2::getToken::assertion::jwt_missing_sub"],
        effect: accepts(AssertionFlaw::JwtMissingSub),
    },
    Defect {
        name: "d1-token-without-expiry",
        role: Role::D1,
        text: "takes assertions without exp",
        class: Class::Authentication,
        breaks: &["D1-Public-IN-v1-Auth2::getToken::assertion::jwt_missing_exp"],
        effect: accepts(AssertionFlaw::JwtMissingExp),
    },
    Defect {
        name: "d1-token-any-issuer",
        role: Role::D1,
        text: "takes assertions in the name of an issuer that it does not know",
        class: Class::Authentication,
        breaks: &["D1-Public-IN-v1-Auth2::getToken::assertion::jwt_wrong_iss"],
        effect: accepts(AssertionFlaw::JwtWrongIss),
    },
    Defect {
        name: "d1-token-without-assertion-in-form",
        role: Role::D1,
        text: "gives tokens without any assertion, when asked in a form",
        class: Class::Authentication,
        breaks: &["D1-Public-IN-v1-Auth2::getToken::form/assertion::required"],
        effect: Effect::IgnoreRules { operation: TOKEN, location: "form/assertion", rules: &["required"] },
    },
    Defect {
        name: "d1-token-without-assertion-in-json",
        role: Role::D1,
        text: "gives tokens without any assertion, when asked in JSON",
        class: Class::Authentication,
        breaks: &["D1-Public-IN-v1-Auth2::getToken::body/assertion::required"],
        effect: Effect::IgnoreRules { operation: TOKEN, location: "body/assertion", rules: &["required"] },
    },
    Defect {
        name: "d1-token-any-grant-in-json",
        role: Role::D1,
        text: "gives tokens for any grant type sent as JSON",
        class: Class::EnumDrift,
        breaks: &["D1-Public-IN-v1-Auth2::getToken::body/grant_type::enum"],
        effect: Effect::IgnoreRules { operation: TOKEN, location: "body/grant_type", rules: &["enum"] },
    },
    Defect {
        name: "d1-token-error-tells-assertion",
        role: Role::D1,
        text: "repeats the assertion in the text of an error",
        class: Class::Disclosure,
        breaks: &["D1-Public-IN-v1-Auth2::getToken::response::card_data"],
        effect: Effect::Disclose { operation: TOKEN, what: Confidential::Assertion, place: Leak::ErrorText },
    },
    Defect {
        name: "d1-get-card-expired-token",
        role: Role::D1,
        text: "shows cards to callers whose token has run out",
        class: Class::Authentication,
        breaks: &["D1-Public-IN-v1-Card::getCard::auth::expired_token"],
        effect: Effect::LaxToken { operation: "D1-Public-IN-v1-Card::getCard", check: TokenCheck::IgnoresExpiry },
    },
    Defect {
        name: "d1-register-card-half-token",
        role: Role::D1,
        text: "compares the first half of a bearer token only",
        class: Class::Authentication,
        breaks: &["D1-Public-IN-v2-Card::registerCard::auth::tampered_token"],
        effect: Effect::LaxToken { operation: "D1-Public-IN-v2-Card::registerCard", check: TokenCheck::ComparesHalf },
    },
    Defect {
        name: "d1-register-card-tells-token",
        role: Role::D1,
        text: "repeats the bearer token in a header for debugging",
        class: Class::Disclosure,
        breaks: &["D1-Public-IN-v2-Card::registerCard::response::card_data"],
        effect: Effect::Disclose {
            operation: "D1-Public-IN-v2-Card::registerCard",
            what: Confidential::Token,
            place: Leak::Header("x-debug"),
        },
    },
];
