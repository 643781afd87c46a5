//! Defects of the issuer sandbox.

use crate::sandbox::defect::{Defect, Effect, Malformed, Trait};
use crate::sandbox::role::Role;

/// One row per defect.
pub const ROWS: [Defect; 22] = [
    Defect {
        name: "issuer-token-without-type",
        role: Role::Issuer,
        text: "leaves token_type out",
        breaks: &["D1-Public-OUT-v1-Auth2::getToken::response.200.body/token_type::required"],
        effect: Effect::RemoveMember {
            operation: "D1-Public-OUT-v1-Auth2::getToken",
            status: 200,
            pointer: "/token_type",
        },
    },
    Defect {
        name: "issuer-token-other-type",
        role: Role::Issuer,
        text: "gives tokens of a type that D1 cannot use",
        breaks: &["D1-Public-OUT-v1-Auth2::getToken::response.200.body/token_type::enum"],
        effect: Effect::SetValue {
            operation: "D1-Public-OUT-v1-Auth2::getToken",
            status: 200,
            pointer: "/token_type",
            value: r#""mac""#,
        },
    },
    Defect {
        name: "issuer-token-expiry-as-number",
        role: Role::Issuer,
        text: "gives the moment of expiry in seconds since 1970",
        breaks: &["D1-Public-OUT-v1-Auth2::getToken::response.200.body/expires_at::type"],
        effect: Effect::SetValue {
            operation: "D1-Public-OUT-v1-Auth2::getToken",
            status: 200,
            pointer: "/expires_at",
            value: "1700000000",
        },
    },
    Defect {
        name: "issuer-token-any-media-type",
        role: Role::Issuer,
        text: "reads a token request whatever its Content-Type says",
        breaks: &["D1-Public-OUT-v1-Auth2::getToken::body::wrong_content_type"],
        effect: Effect::AnyMediaType { operation: "D1-Public-OUT-v1-Auth2::getToken" },
    },
    Defect {
        name: "issuer-consumer-short-language",
        role: Role::Issuer,
        text: "tells the language without the country",
        breaks: &[
            "D1-Public-OUT-v1-Consumer::getConsumerInformation::response.200.body/language::min_length",
            "D1-Public-OUT-v1-Consumer::getConsumerInformation::response.200.body/language::pattern",
        ],
        effect: Effect::SetValue {
            operation: "D1-Public-OUT-v1-Consumer::getConsumerInformation",
            status: 200,
            pointer: "/language",
            value: r#""en""#,
        },
    },
    Defect {
        name: "issuer-consumer-name-as-object",
        role: Role::Issuer,
        text: "tells the first name as an object",
        breaks: &["D1-Public-OUT-v1-Consumer::getConsumerInformation::response.200.body/firstName::type"],
        effect: Effect::SetValue {
            operation: "D1-Public-OUT-v1-Consumer::getConsumerInformation",
            status: 200,
            pointer: "/firstName",
            value: r#"{"value": "Dana"}"#,
        },
    },
    Defect {
        name: "issuer-consumer-plain-text",
        role: Role::Issuer,
        text: "calls its JSON plain text",
        breaks: &["D1-Public-OUT-v1-Consumer::getConsumerInformation::response.200::content_type"],
        effect: Effect::ContentType {
            operation: "D1-Public-OUT-v1-Consumer::getConsumerInformation",
            status: 200,
            value: "text/plain",
        },
    },
    Defect {
        name: "issuer-consumer-any-correlation-id",
        role: Role::Issuer,
        text: "takes correlation ids of any length and any characters",
        breaks: &["D1-Public-OUT-v1-Consumer::getConsumerInformation::header.x-correlation-id::pattern"],
        effect: Effect::IgnoreRules {
            operation: "D1-Public-OUT-v1-Consumer::getConsumerInformation",
            location: "header.x-correlation-id",
            rules: &["pattern"],
        },
    },
    Defect {
        name: "issuer-consumer-any-card-id",
        role: Role::Issuer,
        text: "takes any text for the cardId in the query",
        breaks: &[
            "D1-Public-OUT-v1-Consumer::getConsumerInformation::query.cardId::min_length",
            "D1-Public-OUT-v1-Consumer::getConsumerInformation::query.cardId::max_length",
            "D1-Public-OUT-v1-Consumer::getConsumerInformation::query.cardId::pattern",
        ],
        effect: Effect::IgnoreRules {
            operation: "D1-Public-OUT-v1-Consumer::getConsumerInformation",
            location: "query.cardId",
            rules: &["min_length", "max_length", "pattern"],
        },
    },
    Defect {
        name: "issuer-credentials-without-data",
        role: Role::Issuer,
        text: "answers 200 without encryptedData",
        breaks: &["D1-Public-OUT-v2-Card::getCardCredentials::response.200.body/encryptedData::required"],
        effect: Effect::RemoveMember {
            operation: "D1-Public-OUT-v2-Card::getCardCredentials",
            status: 200,
            pointer: "/encryptedData",
        },
    },
    Defect {
        name: "issuer-verification-as-text",
        role: Role::Issuer,
        text: "tells the result of a verification as a text",
        breaks: &["D1-Public-OUT-v2-Card::verifyCard::response.200.body/verificationResults/card/invalid::type"],
        effect: Effect::SetValue {
            operation: "D1-Public-OUT-v2-Card::verifyCard",
            status: 200,
            pointer: "/verificationResults/card/invalid",
            value: r#""false""#,
        },
    },
    Defect {
        name: "issuer-notice-undeclared-status",
        role: Role::Issuer,
        text: "answers 202 to notices instead of 204",
        breaks: &["D1-Public-OUT-v2-Card::notifyCardOperations::response.2XX::status"],
        effect: Effect::Status { operation: "D1-Public-OUT-v2-Card::notifyCardOperations", from: 204, to: 202 },
    },
    Defect {
        name: "issuer-notice-without-card-id",
        role: Role::Issuer,
        text: "takes notices that name no card",
        breaks: &["D1-Public-OUT-v2-Card::notifyCardOperations::body/operations/*/cardId::required"],
        effect: Effect::IgnoreRules {
            operation: "D1-Public-OUT-v2-Card::notifyCardOperations",
            location: "body/operations/*/cardId",
            rules: &["required"],
        },
    },
    Defect {
        name: "issuer-notice-any-media-type",
        role: Role::Issuer,
        text: "reads notices whatever their Content-Type says",
        breaks: &["D1-Public-OUT-v2-Card::notifyCardOperations::body::wrong_content_type"],
        effect: Effect::AnyMediaType { operation: "D1-Public-OUT-v2-Card::notifyCardOperations" },
    },
    Defect {
        name: "issuer-notice-start-of-any-type",
        role: Role::Issuer,
        text: "takes a startTime that is no text",
        breaks: &["D1-Public-OUT-v2-Card::notifyCardOperations::body/operations/*/startTime::type"],
        effect: Effect::IgnoreRules {
            operation: "D1-Public-OUT-v2-Card::notifyCardOperations",
            location: "body/operations/*/startTime",
            rules: &["type"],
        },
    },
    Defect {
        name: "issuer-authorisation-breaks-on-malformed-json",
        role: Role::Issuer,
        text: "answers 500 to a notice that is no JSON",
        breaks: &["D1-Public-OUT-v2-Card::notifyCardAuthorisations::body::malformed_json"],
        effect: Effect::MalformedJson {
            operation: "D1-Public-OUT-v2-Card::notifyCardAuthorisations",
            then: Malformed::Breaks,
        },
    },
    Defect {
        name: "issuer-authorisation-refuses-leap-day",
        role: Role::Issuer,
        text: "refuses authorisations of the 29th of February",
        breaks: &["D1-Public-OUT-v2-Card::notifyCardAuthorisations::operation::conforming"],
        effect: Effect::RefuseValid {
            operation: "D1-Public-OUT-v2-Card::notifyCardAuthorisations",
            location: "body/operations/*/startTime",
            when: Trait::Contains("-02-29T"),
        },
    },
    Defect {
        name: "issuer-authorisation-long-operation-id",
        role: Role::Issuer,
        text: "takes reference numbers of more than 12 characters",
        breaks: &["D1-Public-OUT-v2-Card::notifyCardAuthorisations::body/operations/*/operationId::max_length"],
        effect: Effect::IgnoreRules {
            operation: "D1-Public-OUT-v2-Card::notifyCardAuthorisations",
            location: "body/operations/*/operationId",
            rules: &["max_length"],
        },
    },
    Defect {
        name: "issuer-authorisation-any-start-time",
        role: Role::Issuer,
        text: "takes moments in any form",
        breaks: &["D1-Public-OUT-v2-Card::notifyCardAuthorisations::body/operations/*/startTime::pattern"],
        effect: Effect::IgnoreRules {
            operation: "D1-Public-OUT-v2-Card::notifyCardAuthorisations",
            location: "body/operations/*/startTime",
            rules: &["pattern"],
        },
    },
    Defect {
        name: "issuer-authorisation-any-method",
        role: Role::Issuer,
        text: "takes notices whatever the method",
        breaks: &["D1-Public-OUT-v2-Card::notifyCardAuthorisations::method::unsupported_method"],
        effect: Effect::AnyMethod { operation: "D1-Public-OUT-v2-Card::notifyCardAuthorisations" },
    },
    Defect {
        name: "issuer-3ds-notice-without-token",
        role: Role::Issuer,
        text: "takes 3-D Secure notices from callers without a token",
        breaks: &["D1-Public-OUT-v1-3DSecure::notify3dsCardOperation::auth::missing_token"],
        effect: Effect::IgnoreAuth {
            operation: "D1-Public-OUT-v1-3DSecure::notify3dsCardOperation",
            missing: true,
            wrong: false,
        },
    },
    Defect {
        name: "issuer-3ds-notice-any-token",
        role: Role::Issuer,
        text: "takes 3-D Secure notices for any bearer token",
        breaks: &["D1-Public-OUT-v1-3DSecure::notify3dsCardOperation::auth::wrong_token"],
        effect: Effect::IgnoreAuth {
            operation: "D1-Public-OUT-v1-3DSecure::notify3dsCardOperation",
            missing: false,
            wrong: true,
        },
    },
];
