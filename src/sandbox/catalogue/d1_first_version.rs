//! Defects of the D1 sandbox at the first version of its API: card look-up, Click to Pay, tokens.

use crate::sandbox::defect::{Defect, Effect, Malformed};
use crate::sandbox::role::Role;

/// One row per defect.
pub const ROWS: [Defect; 18] = [
    Defect {
        name: "d1-get-card-long-correlation-id",
        role: Role::D1,
        text: "takes correlation ids of more than 64 characters",
        breaks: &["D1-Public-IN-v1-Card::getCard::header.x-correlation-id::max_length"],
        effect: Effect::IgnoreRules {
            operation: "D1-Public-IN-v1-Card::getCard",
            location: "header.x-correlation-id",
            rules: &["max_length"],
        },
    },
    Defect {
        name: "d1-get-card-without-token",
        role: Role::D1,
        text: "shows cards to callers without a token",
        breaks: &["D1-Public-IN-v1-Card::getCard::auth::missing_token"],
        effect: Effect::IgnoreAuth { operation: "D1-Public-IN-v1-Card::getCard", missing: true, wrong: false },
    },
    Defect {
        name: "d1-get-card-any-method",
        role: Role::D1,
        text: "shows a card whatever the method",
        breaks: &["D1-Public-IN-v1-Card::getCard::method::unsupported_method"],
        effect: Effect::AnyMethod { operation: "D1-Public-IN-v1-Card::getCard" },
    },
    Defect {
        name: "d1-get-card-undeclared-status",
        role: Role::D1,
        text: "answers 206 instead of 200",
        breaks: &["D1-Public-IN-v1-Card::getCard::response.2XX::status"],
        effect: Effect::Status { operation: "D1-Public-IN-v1-Card::getCard", from: 200, to: 206 },
    },
    Defect {
        name: "d1-get-card-plain-text",
        role: Role::D1,
        text: "calls its JSON plain text",
        breaks: &["D1-Public-IN-v1-Card::getCard::response.200::content_type"],
        effect: Effect::ContentType { operation: "D1-Public-IN-v1-Card::getCard", status: 200, value: "text/plain" },
    },
    Defect {
        name: "d1-get-card-short-last4",
        role: Role::D1,
        text: "shows two of the last four digits",
        breaks: &["D1-Public-IN-v1-Card::getCard::response.200.body/last4::pattern"],
        effect: Effect::SetValue {
            operation: "D1-Public-IN-v1-Card::getCard",
            status: 200,
            pointer: "/last4",
            value: r#""12""#,
        },
    },
    Defect {
        name: "d1-get-card-swapped-expiry",
        role: Role::D1,
        text: "shows the expiry as YYMM",
        breaks: &["D1-Public-IN-v1-Card::getCard::response.200.body/exp::pattern"],
        effect: Effect::SetValue {
            operation: "D1-Public-IN-v1-Card::getCard",
            status: 200,
            pointer: "/exp",
            value: r#""3012""#,
        },
    },
    Defect {
        name: "d1-get-card-state-drift",
        role: Role::D1,
        text: "shows a card state that the first version does not know",
        breaks: &["D1-Public-IN-v1-Card::getCard::response.200.body/state::enum"],
        effect: Effect::SetValue {
            operation: "D1-Public-IN-v1-Card::getCard",
            status: 200,
            pointer: "/state",
            value: r#""BLOCKED""#,
        },
    },
    Defect {
        name: "d1-get-card-boolean-as-text",
        role: Role::D1,
        text: "shows threeDSsupport as a text",
        breaks: &["D1-Public-IN-v1-Card::getCard::response.200.body/threeDSsupport::type"],
        effect: Effect::SetValue {
            operation: "D1-Public-IN-v1-Card::getCard",
            status: 200,
            pointer: "/threeDSsupport",
            value: r#""true""#,
        },
    },
    Defect {
        name: "d1-get-card-creation-without-time",
        role: Role::D1,
        text: "shows the day of creation only",
        breaks: &["D1-Public-IN-v1-Card::getCard::response.200.body/creationTime::format"],
        effect: Effect::SetValue {
            operation: "D1-Public-IN-v1-Card::getCard",
            status: 200,
            pointer: "/creationTime",
            value: r#""2024-02-16""#,
        },
    },
    Defect {
        name: "d1-get-card-null-product",
        role: Role::D1,
        text: "shows a null where the product belongs",
        breaks: &["D1-Public-IN-v1-Card::getCard::response.200.body/cardProductId::nullable"],
        effect: Effect::SetValue {
            operation: "D1-Public-IN-v1-Card::getCard",
            status: 200,
            pointer: "/cardProductId",
            value: "null",
        },
    },
    Defect {
        name: "d1-get-card-empty",
        role: Role::D1,
        text: "answers 200 without the body",
        breaks: &["D1-Public-IN-v1-Card::getCard::response.200::body"],
        effect: Effect::EmptyBody { operation: "D1-Public-IN-v1-Card::getCard", status: 200 },
    },
    Defect {
        name: "d1-resume-card-any-reason",
        role: Role::D1,
        text: "takes free texts with forbidden characters",
        breaks: &["D1-Public-IN-v1-Card::resumeCard::body/reason::pattern"],
        effect: Effect::IgnoreRules {
            operation: "D1-Public-IN-v1-Card::resumeCard",
            location: "body/reason",
            rules: &["pattern"],
        },
    },
    Defect {
        name: "d1-enrol-passes-malformed-json",
        role: Role::D1,
        text: "enrols a card although the body is no JSON",
        breaks: &["D1-Public-IN-v1-ClickToPay::enrolCardInClickToPay::body::malformed_json"],
        effect: Effect::MalformedJson {
            operation: "D1-Public-IN-v1-ClickToPay::enrolCardInClickToPay",
            then: Malformed::Passes,
        },
    },
    Defect {
        name: "d1-enrol-long-name",
        role: Role::D1,
        text: "enrols names of more than 26 characters",
        breaks: &["D1-Public-IN-v1-ClickToPay::enrolCardInClickToPay::body/name::max_length"],
        effect: Effect::IgnoreRules {
            operation: "D1-Public-IN-v1-ClickToPay::enrolCardInClickToPay",
            location: "body/name",
            rules: &["max_length"],
        },
    },
    Defect {
        name: "d1-enrol-operation-id-as-number",
        role: Role::D1,
        text: "answers with a numeric operationId",
        breaks: &["D1-Public-IN-v1-ClickToPay::enrolCardInClickToPay::response.202.body/operationId::type"],
        effect: Effect::SetValue {
            operation: "D1-Public-IN-v1-ClickToPay::enrolCardInClickToPay",
            status: 202,
            pointer: "/operationId",
            value: "17",
        },
    },
    Defect {
        name: "d1-token-any-grant",
        role: Role::D1,
        text: "gives tokens for any grant type sent as a form",
        breaks: &["D1-Public-IN-v1-Auth2::getToken::form/grant_type::enum"],
        effect: Effect::IgnoreRules {
            operation: "D1-Public-IN-v1-Auth2::getToken",
            location: "form/grant_type",
            rules: &["enum"],
        },
    },
    Defect {
        name: "d1-token-expiry-as-text",
        role: Role::D1,
        text: "gives the lifetime of a token as a text",
        breaks: &["D1-Public-IN-v1-Auth2::getToken::response.200.body/expires_in::type"],
        effect: Effect::SetValue {
            operation: "D1-Public-IN-v1-Auth2::getToken",
            status: 200,
            pointer: "/expires_in",
            value: r#""900""#,
        },
    },
];
