//! Defects at the constraints that few tests reach: each kind of constraint at each kind of place.

use crate::sandbox::defect::{Class, Defect, Effect, Trait};
use crate::sandbox::role::Role;

const REGISTER: &str = "D1-Public-IN-v2-Card::registerCard";
const CREATE: &str = "D1-Public-IN-v2-Card::createCard";
const REGISTER_CONSUMER: &str = "D1-Public-IN-v2-Consumer::registerConsumer";
const ENROL: &str = "D1-Public-IN-v1-ClickToPay::enrolCardInClickToPay";
const NOTICE: &str = "D1-Public-OUT-v2-Card::notifyCardOperations";
const AUTHORISATION: &str = "D1-Public-OUT-v2-Card::notifyCardAuthorisations";
const SECURE: &str = "D1-Public-OUT-v1-3DSecure::notify3dsCardOperation";
const DIGITAL: &str = "D1-Public-OUT-v1-DigitalCard::notifyDigitalCardOperation";

/// One row per defect.
pub const ROWS: [Defect; 19] = [
    Defect {
        name: "d1-register-consumer-any-consumer-id",
        role: Role::D1,
        text: "registers consumers under ids of any length and any characters",
        class: Class::Bounds,
        breaks: &[
            "D1-Public-IN-v2-Consumer::registerConsumer::path.consumerId::max_length",
            "D1-Public-IN-v2-Consumer::registerConsumer::path.consumerId::pattern",
        ],
        effect: Effect::IgnoreRules {
            operation: REGISTER_CONSUMER,
            location: "path.consumerId",
            rules: &["max_length", "pattern"],
        },
    },
    Defect {
        name: "d1-register-card-empty-product",
        role: Role::D1,
        text: "registers cards of a product without a name",
        class: Class::Bounds,
        breaks: &[
            "D1-Public-IN-v2-Card::registerCard::body/cardProductId::min_length",
            "D1-Public-IN-v2-Card::registerCard::body/cardProductId::pattern",
        ],
        effect: Effect::IgnoreRulesWhen {
            operation: REGISTER,
            location: "body/cardProductId",
            rules: &["min_length", "pattern"],
            when: Trait::LengthIs(0),
        },
    },
    Defect {
        name: "d1-register-card-product-one-too-long",
        role: Role::D1,
        text: "counts the characters of a product from zero",
        class: Class::Bounds,
        breaks: &["D1-Public-IN-v2-Card::registerCard::body/cardProductId::max_length"],
        effect: Effect::IgnoreRulesWhen {
            operation: REGISTER,
            location: "body/cardProductId",
            rules: &["max_length", "pattern"],
            when: Trait::LengthIs(49),
        },
    },
    Defect {
        name: "d1-create-card-long-product",
        role: Role::D1,
        text: "creates cards of products with names of any length",
        class: Class::Bounds,
        breaks: &[
            "D1-Public-IN-v2-Card::createCard::body/cardProductId::max_length",
            "D1-Public-IN-v2-Card::createCard::body/cardProductId::pattern",
        ],
        effect: Effect::IgnoreRules {
            operation: CREATE,
            location: "body/cardProductId",
            rules: &["max_length", "pattern"],
        },
    },
    Defect {
        name: "d1-create-card-any-state",
        role: Role::D1,
        text: "creates cards in states that do not exist",
        class: Class::EnumDrift,
        breaks: &["D1-Public-IN-v2-Card::createCard::body/state::enum"],
        effect: Effect::IgnoreRules { operation: CREATE, location: "body/state", rules: &["enum"] },
    },
    Defect {
        name: "d1-enrol-empty-name",
        role: Role::D1,
        text: "enrols cards without a name on them",
        class: Class::Bounds,
        breaks: &["D1-Public-IN-v1-ClickToPay::enrolCardInClickToPay::body/name::min_length"],
        effect: Effect::IgnoreRules { operation: ENROL, location: "body/name", rules: &["min_length"] },
    },
    Defect {
        name: "d1-enrol-any-reason",
        role: Role::D1,
        text: "takes free texts with forbidden characters",
        class: Class::AcceptsInvalid,
        breaks: &["D1-Public-IN-v1-ClickToPay::enrolCardInClickToPay::body/reason::pattern"],
        effect: Effect::IgnoreRules { operation: ENROL, location: "body/reason", rules: &["pattern"] },
    },
    Defect {
        name: "d1-register-card-short-expiry",
        role: Role::D1,
        text: "takes an expiry of three digits",
        class: Class::ClearText,
        breaks: &["D1-Public-IN-v2-Card::registerCard::body/encryptedData.plaintext/exp::min_length"],
        effect: Effect::IgnoreRulesWhen {
            operation: REGISTER,
            location: "body/encryptedData.plaintext/exp",
            rules: &["min_length", "pattern"],
            when: Trait::LengthIs(3),
        },
    },
    Defect {
        name: "d1-register-card-long-expiry",
        role: Role::D1,
        text: "takes an expiry of five digits",
        class: Class::ClearText,
        breaks: &["D1-Public-IN-v2-Card::registerCard::body/encryptedData.plaintext/exp::max_length"],
        effect: Effect::IgnoreRulesWhen {
            operation: REGISTER,
            location: "body/encryptedData.plaintext/exp",
            rules: &["max_length", "pattern"],
            when: Trait::LengthIs(5),
        },
    },
    Defect {
        name: "d1-register-consumer-null-language",
        role: Role::D1,
        text: "stores a null for the language",
        class: Class::AcceptsInvalid,
        breaks: &["D1-Public-IN-v2-Consumer::registerConsumer::body/personalInformation/language::nullable"],
        effect: Effect::IgnoreRules {
            operation: REGISTER_CONSUMER,
            location: "body/personalInformation/language",
            rules: &["nullable"],
        },
    },
    Defect {
        name: "issuer-notice-empty-operation-id",
        role: Role::Issuer,
        text: "takes notices whose operationId is empty",
        class: Class::Bounds,
        breaks: &[
            "D1-Public-OUT-v2-Card::notifyCardOperations::body/operations/*/operationId::min_length",
            "D1-Public-OUT-v2-Card::notifyCardOperations::body/operations/*/operationId::pattern",
        ],
        effect: Effect::IgnoreRules {
            operation: NOTICE,
            location: "body/operations/*/operationId",
            rules: &["min_length", "pattern"],
        },
    },
    Defect {
        name: "issuer-notice-long-card-id",
        role: Role::Issuer,
        text: "takes notices for cardIds of more than 48 characters",
        class: Class::Bounds,
        breaks: &["D1-Public-OUT-v2-Card::notifyCardOperations::body/operations/*/cardId::max_length"],
        effect: Effect::IgnoreRules { operation: NOTICE, location: "body/operations/*/cardId", rules: &["max_length"] },
    },
    Defect {
        name: "issuer-notice-of-any-type",
        role: Role::Issuer,
        text: "takes notices that are no list",
        class: Class::AcceptsInvalid,
        breaks: &["D1-Public-OUT-v2-Card::notifyCardOperations::body/operations::type"],
        effect: Effect::IgnoreRules { operation: NOTICE, location: "body/operations", rules: &["type"] },
    },
    Defect {
        name: "issuer-authorisation-empty-start",
        role: Role::Issuer,
        text: "takes an empty startTime",
        class: Class::Bounds,
        breaks: &[
            "D1-Public-OUT-v2-Card::notifyCardAuthorisations::body/operations/*/startTime::min_length",
            "D1-Public-OUT-v2-Card::notifyCardAuthorisations::body/operations/*/startTime::pattern",
        ],
        effect: Effect::IgnoreRulesWhen {
            operation: AUTHORISATION,
            location: "body/operations/*/startTime",
            rules: &["min_length", "pattern"],
            when: Trait::LengthIs(0),
        },
    },
    Defect {
        name: "issuer-authorisation-without-status",
        role: Role::Issuer,
        text: "takes authorisations without a status",
        class: Class::AcceptsInvalid,
        breaks: &["D1-Public-OUT-v2-Card::notifyCardAuthorisations::body/operations/*/status::required"],
        effect: Effect::IgnoreRules {
            operation: AUTHORISATION,
            location: "body/operations/*/status",
            rules: &["required"],
        },
    },
    Defect {
        name: "issuer-3ds-notice-any-details",
        role: Role::Issuer,
        text: "takes details that fit none of the declared forms",
        class: Class::AcceptsInvalid,
        breaks: &["D1-Public-OUT-v1-3DSecure::notify3dsCardOperation::body/details::one_of"],
        effect: Effect::IgnoreRules { operation: SECURE, location: "body/details", rules: &["one_of"] },
    },
    Defect {
        name: "issuer-3ds-notice-long-start",
        role: Role::Issuer,
        text: "takes a startTime of more than 64 characters",
        class: Class::Bounds,
        breaks: &["D1-Public-OUT-v1-3DSecure::notify3dsCardOperation::body/startTime::max_length"],
        effect: Effect::IgnoreRules { operation: SECURE, location: "body/startTime", rules: &["max_length"] },
    },
    Defect {
        name: "issuer-digital-notice-long-operation-id",
        role: Role::Issuer,
        text: "takes operationIds of more than 64 characters",
        class: Class::Bounds,
        breaks: &[
            "D1-Public-OUT-v1-DigitalCard::notifyDigitalCardOperation::body/operationId::max_length",
            "D1-Public-OUT-v1-DigitalCard::notifyDigitalCardOperation::body/operationId::pattern",
        ],
        effect: Effect::IgnoreRules {
            operation: DIGITAL,
            location: "body/operationId",
            rules: &["max_length", "pattern"],
        },
    },
    Defect {
        name: "issuer-digital-notice-any-card-id",
        role: Role::Issuer,
        text: "takes notices for digitalCardIds of any length and any characters",
        class: Class::Bounds,
        breaks: &[
            "D1-Public-OUT-v1-DigitalCard::notifyDigitalCardOperation::path.digitalCardId::max_length",
            "D1-Public-OUT-v1-DigitalCard::notifyDigitalCardOperation::path.digitalCardId::pattern",
        ],
        effect: Effect::IgnoreRules {
            operation: DIGITAL,
            location: "path.digitalCardId",
            rules: &["max_length", "pattern"],
        },
    },
];
