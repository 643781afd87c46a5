//! Defects whose duties the contract only lets us infer, at the constraints that few tests reach.

use crate::sandbox::defect::{Class, Defect, Effect, Trait};
use crate::sandbox::role::Role;

const CREATE: &str = "D1-Public-IN-v2-Card::createCard";
const SUSPEND: &str = "D1-Public-IN-v2-Card::suspendCard";
const LIST_OPERATIONS: &str = "D1-Public-IN-v2-Consumer::listConsumerOperations";
const ENROL: &str = "D1-Public-IN-v1-ClickToPay::enrolCardInClickToPay";
const CREDENTIALS: &str = "D1-Public-OUT-v2-Card::getCardCredentials";
const NOTICE: &str = "D1-Public-OUT-v2-Card::notifyCardOperations";

/// One row per defect.
pub const ROWS: [Defect; 11] = [
    flag("d1-create-card-flag-in-quotes", "reads a flag from a text", Trait::Text),
    flag("d1-create-card-flag-as-digit", "takes 0 and 1 for a flag", Trait::Number),
    Defect {
        name: "d1-create-card-any-account-member",
        role: Role::D1,
        text: "takes members of an account that are not declared",
        class: Class::AcceptsInvalid,
        breaks: &["D1-Public-IN-v2-Card::createCard::body/accounts/*::additional_properties"],
        effect: Effect::IgnoreRules {
            operation: CREATE,
            location: "body/accounts/*",
            rules: &["additional_properties"],
        },
    },
    Defect {
        name: "d1-create-card-long-currency",
        role: Role::D1,
        text: "takes currencies of more than three letters",
        class: Class::Bounds,
        breaks: &["D1-Public-IN-v2-Card::createCard::body/accounts/*/currencyCode::max_length"],
        effect: Effect::IgnoreRules {
            operation: CREATE,
            location: "body/accounts/*/currencyCode",
            rules: &["max_length"],
        },
    },
    Defect {
        name: "d1-enrol-any-email",
        role: Role::D1,
        text: "takes e-mail addresses without a look at their form",
        class: Class::AcceptsInvalid,
        breaks: &["D1-Public-IN-v1-ClickToPay::enrolCardInClickToPay::body/consumerInfo/email::format"],
        effect: Effect::IgnoreRules { operation: ENROL, location: "body/consumerInfo/email", rules: &["format"] },
    },
    Defect {
        name: "d1-list-operations-any-offset",
        role: Role::D1,
        text: "takes an offset that is no number",
        class: Class::AcceptsInvalid,
        breaks: &["D1-Public-IN-v2-Consumer::listConsumerOperations::query.offset::type"],
        effect: Effect::IgnoreRules { operation: LIST_OPERATIONS, location: "query.offset", rules: &["type"] },
    },
    Defect {
        name: "d1-suspend-card-any-reason",
        role: Role::D1,
        text: "suspends cards for reasons that do not exist",
        class: Class::EnumDrift,
        breaks: &["D1-Public-IN-v2-Card::suspendCard::body/reasonCode::enum"],
        effect: Effect::IgnoreRules { operation: SUSPEND, location: "body/reasonCode", rules: &["enum"] },
    },
    Defect {
        name: "issuer-notice-without-body",
        role: Role::Issuer,
        text: "takes notices without a body",
        class: Class::AcceptsInvalid,
        breaks: &["D1-Public-OUT-v2-Card::notifyCardOperations::body::required_body"],
        effect: Effect::IgnoreRules { operation: NOTICE, location: "body", rules: &["required_body"] },
    },
    Defect {
        name: "issuer-credentials-number-with-blanks",
        role: Role::Issuer,
        text: "writes blanks into the card number in credentials",
        class: Class::ClearText,
        breaks: &["D1-Public-OUT-v2-Card::getCardCredentials::response.200.body/encryptedData.plaintext/pan::pattern"],
        effect: Effect::SetSealed { operation: CREDENTIALS, member: "pan", value: Some(r#""4111 1111 1111 1111""#) },
    },
    Defect {
        name: "issuer-credentials-hides-behind-404",
        role: Role::Issuer,
        text: "answers 404 to callers without a token",
        class: Class::WrongStatus,
        breaks: &[
            "D1-Public-OUT-v2-Card::getCardCredentials::auth::missing_token",
            "D1-Public-OUT-v2-Card::getCardCredentials::auth::wrong_token",
        ],
        effect: Effect::Status { operation: CREDENTIALS, from: 401, to: 404 },
    },
    Defect {
        name: "issuer-credentials-any-issuer",
        role: Role::Issuer,
        text: "gives credentials whatever issuer the path names",
        class: Class::CrossTenant,
        breaks: &[
            "D1-Public-OUT-v2-Card::getCardCredentials::path.issuerId::min_length",
            "D1-Public-OUT-v2-Card::getCardCredentials::path.issuerId::max_length",
        ],
        effect: Effect::AnyIdentifier { operation: CREDENTIALS, location: "path.issuerId" },
    },
];

const fn flag(name: &'static str, text: &'static str, when: Trait) -> Defect {
    let effect =
        Effect::IgnoreRulesWhen { operation: CREATE, location: "body/accounts/*/default", rules: &["type"], when };
    let breaks = &["D1-Public-IN-v2-Card::createCard::body/accounts/*/default::type"];
    Defect { name, role: Role::D1, text, class: Class::AcceptsInvalid, breaks, effect }
}
