//! Defects of the D1 sandbox at the second version of its API: cards and consumers.

use crate::sandbox::defect::{Defect, Effect, Malformed, Trait};
use crate::sandbox::role::Role;

/// One row per defect.
pub const ROWS: [Defect; 17] = [
    Defect {
        name: "d1-register-card-any-card-id",
        role: Role::D1,
        text: "registers cards under cardIds of any length and any characters",
        breaks: &[
            "D1-Public-IN-v2-Card::registerCard::path.cardId::max_length",
            "D1-Public-IN-v2-Card::registerCard::path.cardId::pattern",
        ],
        effect: Effect::IgnoreRules {
            operation: "D1-Public-IN-v2-Card::registerCard",
            location: "path.cardId",
            rules: &["max_length", "pattern"],
        },
    },
    Defect {
        name: "d1-register-card-any-state",
        role: Role::D1,
        text: "registers cards in states that do not exist",
        breaks: &["D1-Public-IN-v2-Card::registerCard::body/state::enum"],
        effect: Effect::IgnoreRules {
            operation: "D1-Public-IN-v2-Card::registerCard",
            location: "body/state",
            rules: &["enum"],
        },
    },
    Defect {
        name: "d1-register-card-without-product",
        role: Role::D1,
        text: "registers cards without a cardProductId",
        breaks: &["D1-Public-IN-v2-Card::registerCard::body/cardProductId::required"],
        effect: Effect::IgnoreRules {
            operation: "D1-Public-IN-v2-Card::registerCard",
            location: "body/cardProductId",
            rules: &["required"],
        },
    },
    Defect {
        name: "d1-register-card-data-of-any-type",
        role: Role::D1,
        text: "takes numbers, lists and objects for encryptedData",
        breaks: &["D1-Public-IN-v2-Card::registerCard::body/encryptedData::type"],
        effect: Effect::IgnoreRules {
            operation: "D1-Public-IN-v2-Card::registerCard",
            location: "body/encryptedData",
            rules: &["type"],
        },
    },
    Defect {
        name: "d1-register-card-any-media-type",
        role: Role::D1,
        text: "reads a registration whatever its Content-Type says",
        breaks: &["D1-Public-IN-v2-Card::registerCard::body::wrong_content_type"],
        effect: Effect::AnyMediaType { operation: "D1-Public-IN-v2-Card::registerCard" },
    },
    Defect {
        name: "d1-register-card-refuses-underscore",
        role: Role::D1,
        text: "refuses correlation ids that hold an underscore",
        breaks: &["D1-Public-IN-v2-Card::registerCard::operation::conforming"],
        effect: Effect::RefuseValid {
            operation: "D1-Public-IN-v2-Card::registerCard",
            location: "header.x-correlation-id",
            when: Trait::Contains("_"),
        },
    },
    Defect {
        name: "d1-register-card-refuses-longest-card-id",
        role: Role::D1,
        text: "refuses cardIds of exactly 48 characters",
        breaks: &["D1-Public-IN-v2-Card::registerCard::operation::conforming"],
        effect: Effect::RefuseValid {
            operation: "D1-Public-IN-v2-Card::registerCard",
            location: "path.cardId",
            when: Trait::LengthIs(48),
        },
    },
    Defect {
        name: "d1-register-card-needs-correlation-id",
        role: Role::D1,
        text: "refuses registrations without the optional correlation id",
        breaks: &["D1-Public-IN-v2-Card::registerCard::operation::conforming"],
        effect: Effect::RefuseValid {
            operation: "D1-Public-IN-v2-Card::registerCard",
            location: "header.x-correlation-id",
            when: Trait::Absent,
        },
    },
    Defect {
        name: "d1-register-card-error-as-number",
        role: Role::D1,
        text: "tells the wrong field of a registration as a number",
        breaks: &["D1-Public-IN-v2-Card::registerCard::response.400.body/error::type"],
        effect: Effect::SetValue {
            operation: "D1-Public-IN-v2-Card::registerCard",
            status: 400,
            pointer: "/error",
            value: "7",
        },
    },
    Defect {
        name: "d1-create-card-null-product",
        role: Role::D1,
        text: "creates cards whose cardProductId is null",
        breaks: &["D1-Public-IN-v2-Card::createCard::body/cardProductId::nullable"],
        effect: Effect::IgnoreRules {
            operation: "D1-Public-IN-v2-Card::createCard",
            location: "body/cardProductId",
            rules: &["nullable"],
        },
    },
    Defect {
        name: "d1-create-card-breaks-on-malformed-json",
        role: Role::D1,
        text: "answers 500 to a creation that is no JSON",
        breaks: &["D1-Public-IN-v2-Card::createCard::body::malformed_json"],
        effect: Effect::MalformedJson { operation: "D1-Public-IN-v2-Card::createCard", then: Malformed::Breaks },
    },
    Defect {
        name: "d1-create-card-id-with-blank",
        role: Role::D1,
        text: "gives out cardIds that hold a blank",
        breaks: &["D1-Public-IN-v2-Card::createCard::response.201.body/cardId::pattern"],
        effect: Effect::SetValue {
            operation: "D1-Public-IN-v2-Card::createCard",
            status: 201,
            pointer: "/cardId",
            value: r#""card 1""#,
        },
    },
    Defect {
        name: "d1-suspend-card-any-method",
        role: Role::D1,
        text: "suspends a card whatever the method",
        breaks: &["D1-Public-IN-v2-Card::suspendCard::method::unsupported_method"],
        effect: Effect::AnyMethod { operation: "D1-Public-IN-v2-Card::suspendCard" },
    },
    Defect {
        name: "d1-register-consumer-any-language",
        role: Role::D1,
        text: "stores languages of any length and form",
        breaks: &[
            "D1-Public-IN-v2-Consumer::registerConsumer::body/personalInformation/language::min_length",
            "D1-Public-IN-v2-Consumer::registerConsumer::body/personalInformation/language::max_length",
            "D1-Public-IN-v2-Consumer::registerConsumer::body/personalInformation/language::pattern",
        ],
        effect: Effect::IgnoreRules {
            operation: "D1-Public-IN-v2-Consumer::registerConsumer",
            location: "body/personalInformation/language",
            rules: &["min_length", "max_length", "pattern"],
        },
    },
    Defect {
        name: "d1-register-consumer-any-user-id",
        role: Role::D1,
        text: "takes operator ids of any length and any characters",
        breaks: &["D1-Public-IN-v2-Consumer::registerConsumer::header.x-user-id::pattern"],
        effect: Effect::IgnoreRules {
            operation: "D1-Public-IN-v2-Consumer::registerConsumer",
            location: "header.x-user-id",
            rules: &["pattern"],
        },
    },
    Defect {
        name: "d1-register-consumer-any-token",
        role: Role::D1,
        text: "registers consumers for any bearer token",
        breaks: &["D1-Public-IN-v2-Consumer::registerConsumer::auth::wrong_token"],
        effect: Effect::IgnoreAuth {
            operation: "D1-Public-IN-v2-Consumer::registerConsumer",
            missing: false,
            wrong: true,
        },
    },
    Defect {
        name: "d1-register-consumer-unknown-error-code",
        role: Role::D1,
        text: "answers 401 with an errorCode that is not documented",
        breaks: &["D1-Public-IN-v2-Consumer::registerConsumer::response.401.body/errorCode::enum"],
        effect: Effect::SetValue {
            operation: "D1-Public-IN-v2-Consumer::registerConsumer",
            status: 401,
            pointer: "/errorCode",
            value: r#""TOKEN_INVALID""#,
        },
    },
];
