//! Defects that break the server, and defects in header fields and in the reading of JSON.

use crate::sandbox::defect::{Class, Defect, Effect, Malformed, Trait};
use crate::sandbox::role::Role;

const REGISTER: &str = "D1-Public-IN-v2-Card::registerCard";
const CREATE: &str = "D1-Public-IN-v2-Card::createCard";
const REGISTER_CONSUMER: &str = "D1-Public-IN-v2-Consumer::registerConsumer";
const GET: &str = "D1-Public-IN-v1-Card::getCard";
const ENROL: &str = "D1-Public-IN-v1-ClickToPay::enrolCardInClickToPay";
const CONSUMER: &str = "D1-Public-OUT-v1-Consumer::getConsumerInformation";
const NOTICE: &str = "D1-Public-OUT-v2-Card::notifyCardOperations";
const AUTHORISATION: &str = "D1-Public-OUT-v2-Card::notifyCardAuthorisations";

/// One row per defect.
pub const ROWS: [Defect; 15] = [
    Defect {
        name: "d1-create-card-breaks-on-nan",
        role: Role::D1,
        text: "answers 500 to a number that is none",
        class: Class::ServerError,
        breaks: &["D1-Public-IN-v2-Card::createCard::body::malformed_json"],
        effect: Effect::MalformedJson { operation: CREATE, then: Malformed::BreaksAt("NaN") },
    },
    Defect {
        name: "d1-get-card-breaks-on-long-card-id",
        role: Role::D1,
        text: "answers 500 to a cardId of more than 48 characters",
        class: Class::ServerError,
        breaks: &["D1-Public-IN-v1-Card::getCard::path.cardId::max_length"],
        effect: Effect::BreakOn { operation: GET, location: "path.cardId", rules: &["max_length"] },
    },
    Defect {
        name: "d1-register-card-breaks-on-null-state",
        role: Role::D1,
        text: "answers 500 to a state that is null",
        class: Class::ServerError,
        breaks: &["D1-Public-IN-v2-Card::registerCard::body/state::nullable"],
        effect: Effect::BreakOn { operation: REGISTER, location: "body/state", rules: &["nullable"] },
    },
    Defect {
        name: "d1-register-card-breaks-on-nested-product",
        role: Role::D1,
        text: "answers 500 to a product that is no text",
        class: Class::ServerError,
        breaks: &["D1-Public-IN-v2-Card::registerCard::body/cardProductId::type"],
        effect: Effect::BreakOn { operation: REGISTER, location: "body/cardProductId", rules: &["type"] },
    },
    Defect {
        name: "issuer-consumer-breaks-on-odd-card-id",
        role: Role::Issuer,
        text: "answers 500 to a cardId of forbidden characters",
        class: Class::ServerError,
        breaks: &["D1-Public-OUT-v1-Consumer::getConsumerInformation::query.cardId::pattern"],
        effect: Effect::BreakOn { operation: CONSUMER, location: "query.cardId", rules: &["pattern"] },
    },
    Defect {
        name: "issuer-notice-breaks-on-missing-start",
        role: Role::Issuer,
        text: "answers 500 to a notice without startTime",
        class: Class::ServerError,
        breaks: &["D1-Public-OUT-v2-Card::notifyCardOperations::body/operations/*/startTime::required"],
        effect: Effect::BreakOn { operation: NOTICE, location: "body/operations/*/startTime", rules: &["required"] },
    },
    Defect {
        name: "issuer-authorisation-breaks-on-long-operation-id",
        role: Role::Issuer,
        text: "answers 500 to a reference number of more than 12 characters",
        class: Class::ServerError,
        breaks: &["D1-Public-OUT-v2-Card::notifyCardAuthorisations::body/operations/*/operationId::max_length"],
        effect: Effect::BreakOn {
            operation: AUTHORISATION,
            location: "body/operations/*/operationId",
            rules: &["max_length"],
        },
    },
    Defect {
        name: "d1-register-card-reads-first-value",
        role: Role::D1,
        text: "does not look at what stands behind the JSON of a registration",
        class: Class::AcceptsInvalid,
        breaks: &["D1-Public-IN-v2-Card::registerCard::body::malformed_json"],
        effect: Effect::MalformedJson { operation: REGISTER, then: Malformed::ReadsFirstValue },
    },
    Defect {
        name: "d1-register-card-takes-trailing-commas",
        role: Role::D1,
        text: "takes a comma before a closing brace",
        class: Class::AcceptsInvalid,
        breaks: &["D1-Public-IN-v2-Card::registerCard::body::malformed_json"],
        effect: Effect::MalformedJson { operation: REGISTER, then: Malformed::TakesTrailingCommas },
    },
    Defect {
        name: "issuer-notice-takes-single-quotes",
        role: Role::Issuer,
        text: "takes single quotes in JSON",
        class: Class::AcceptsInvalid,
        breaks: &["D1-Public-OUT-v2-Card::notifyCardOperations::body::malformed_json"],
        effect: Effect::MalformedJson { operation: NOTICE, then: Malformed::TakesSingleQuotes },
    },
    Defect {
        name: "d1-get-card-empty-correlation-id",
        role: Role::D1,
        text: "takes an empty correlation id",
        class: Class::Headers,
        breaks: &["D1-Public-IN-v1-Card::getCard::header.x-correlation-id::min_length"],
        effect: Effect::IgnoreRulesWhen {
            operation: GET,
            location: "header.x-correlation-id",
            rules: &["min_length", "pattern"],
            when: Trait::LengthIs(0),
        },
    },
    Defect {
        name: "d1-create-card-any-correlation-id",
        role: Role::D1,
        text: "takes correlation ids of any length and any characters",
        class: Class::Headers,
        breaks: &["D1-Public-IN-v2-Card::createCard::header.x-correlation-id::pattern"],
        effect: Effect::IgnoreRules { operation: CREATE, location: "header.x-correlation-id", rules: &["pattern"] },
    },
    Defect {
        name: "d1-register-consumer-breaks-on-odd-user-id",
        role: Role::D1,
        text: "answers 500 to an operator id of forbidden characters",
        class: Class::Headers,
        breaks: &["D1-Public-IN-v2-Consumer::registerConsumer::header.x-user-id::pattern"],
        effect: Effect::BreakOn { operation: REGISTER_CONSUMER, location: "header.x-user-id", rules: &["pattern"] },
    },
    Defect {
        name: "d1-enrol-needs-correlation-id",
        role: Role::D1,
        text: "refuses enrolments without the optional correlation id",
        class: Class::Headers,
        breaks: &["D1-Public-IN-v1-ClickToPay::enrolCardInClickToPay::operation::conforming"],
        effect: Effect::RefuseValid { operation: ENROL, location: "header.x-correlation-id", when: Trait::Absent },
    },
    Defect {
        name: "issuer-authorisation-refuses-correlation-id",
        role: Role::Issuer,
        text: "refuses authorisations that carry the optional correlation id",
        class: Class::Headers,
        breaks: &["D1-Public-OUT-v2-Card::notifyCardAuthorisations::operation::conforming"],
        effect: Effect::RefuseValid {
            operation: AUTHORISATION,
            location: "header.x-correlation-id",
            when: Trait::Present,
        },
    },
];
