//! Defects that show only after some calls, or only for two optional values together.

use crate::sandbox::defect::{Class, Defect, Effect};
use crate::sandbox::role::Role;

const REGISTER: &str = "D1-Public-IN-v2-Card::registerCard";
const CREATE: &str = "D1-Public-IN-v2-Card::createCard";
const REGISTER_CONSUMER: &str = "D1-Public-IN-v2-Consumer::registerConsumer";
const GET: &str = "D1-Public-IN-v1-Card::getCard";
const ENROL: &str = "D1-Public-IN-v1-ClickToPay::enrolCardInClickToPay";
const CONSUMER: &str = "D1-Public-OUT-v1-Consumer::getConsumerInformation";
const NOTICE: &str = "D1-Public-OUT-v2-Card::notifyCardOperations";
const SECURE: &str = "D1-Public-OUT-v1-3DSecure::notify3dsCardOperation";

/// One row per defect.
pub const ROWS: [Defect; 11] = [
    Defect {
        name: "d1-get-card-undeclared-status-after-five",
        role: Role::D1,
        text: "answers 206 instead of 200 from the sixth call on",
        class: Class::Intermittent,
        breaks: &["D1-Public-IN-v1-Card::getCard::response.2XX::status"],
        effect: Effect::After {
            requests: 5,
            fades: false,
            then: &Effect::Status { operation: GET, from: 200, to: 206 },
        },
    },
    Defect {
        name: "d1-get-card-undeclared-status-every-second-time",
        role: Role::D1,
        text: "answers 206 instead of 200 to every second call",
        class: Class::Intermittent,
        breaks: &["D1-Public-IN-v1-Card::getCard::response.2XX::status"],
        effect: Effect::After {
            requests: 1,
            fades: true,
            then: &Effect::Status { operation: GET, from: 200, to: 206 },
        },
    },
    Defect {
        name: "d1-get-card-without-token-after-thirty",
        role: Role::D1,
        text: "stops to ask for a token after thirty calls",
        class: Class::Intermittent,
        breaks: &["D1-Public-IN-v1-Card::getCard::auth::missing_token"],
        effect: Effect::After {
            requests: 30,
            fades: false,
            then: &Effect::IgnoreAuth { operation: GET, missing: true, wrong: false },
        },
    },
    Defect {
        name: "d1-register-card-error-as-number-after-fifty",
        role: Role::D1,
        text: "tells the wrong field as a number after fifty registrations",
        class: Class::Intermittent,
        breaks: &["D1-Public-IN-v2-Card::registerCard::response.400.body/error::type"],
        effect: Effect::After {
            requests: 50,
            fades: false,
            then: &Effect::SetValue { operation: REGISTER, status: 400, pointer: "/error", value: "7" },
        },
    },
    Defect {
        name: "d1-create-card-any-state-after-twenty",
        role: Role::D1,
        text: "stops to check the state after twenty calls",
        class: Class::Intermittent,
        breaks: &["D1-Public-IN-v2-Card::createCard::body/state::enum"],
        effect: Effect::After {
            requests: 20,
            fades: false,
            then: &Effect::IgnoreRules { operation: CREATE, location: "body/state", rules: &["enum"] },
        },
    },
    Defect {
        name: "issuer-notice-without-card-id-after-fifty",
        role: Role::Issuer,
        text: "takes notices that name no card after fifty calls",
        class: Class::Intermittent,
        breaks: &["D1-Public-OUT-v2-Card::notifyCardOperations::body/operations/*/cardId::required"],
        effect: Effect::After {
            requests: 50,
            fades: false,
            then: &Effect::IgnoreRules {
                operation: NOTICE,
                location: "body/operations/*/cardId",
                rules: &["required"],
            },
        },
    },
    Defect {
        name: "issuer-consumer-empty-after-three",
        role: Role::Issuer,
        text: "answers 200 without the body from the fourth call on",
        class: Class::Intermittent,
        breaks: &["D1-Public-OUT-v1-Consumer::getConsumerInformation::response.200::body"],
        effect: Effect::After {
            requests: 3,
            fades: false,
            then: &Effect::EmptyBody { operation: CONSUMER, status: 200 },
        },
    },
    Defect {
        name: "d1-register-card-refuses-state-with-correlation-id",
        role: Role::D1,
        text: "refuses registrations that have both a state and a correlation id",
        class: Class::Intermittent,
        breaks: &["D1-Public-IN-v2-Card::registerCard::operation::conforming"],
        effect: Effect::RefuseTogether { operation: REGISTER, locations: ["body/state", "header.x-correlation-id"] },
    },
    Defect {
        name: "d1-register-consumer-refuses-both-headers",
        role: Role::D1,
        text: "refuses registrations that have both a correlation id and an operator id",
        class: Class::Intermittent,
        breaks: &["D1-Public-IN-v2-Consumer::registerConsumer::operation::conforming"],
        effect: Effect::RefuseTogether {
            operation: REGISTER_CONSUMER,
            locations: ["header.x-correlation-id", "header.x-user-id"],
        },
    },
    Defect {
        name: "d1-enrol-refuses-name-with-reason",
        role: Role::D1,
        text: "refuses enrolments that have both a name and a reason",
        class: Class::Intermittent,
        breaks: &["D1-Public-IN-v1-ClickToPay::enrolCardInClickToPay::operation::conforming"],
        effect: Effect::RefuseTogether { operation: ENROL, locations: ["body/name", "body/reason"] },
    },
    Defect {
        name: "issuer-3ds-notice-refuses-consumer-with-details",
        role: Role::Issuer,
        text: "refuses notices that have both a consumer and details",
        class: Class::Intermittent,
        breaks: &["D1-Public-OUT-v1-3DSecure::notify3dsCardOperation::operation::conforming"],
        effect: Effect::RefuseTogether { operation: SECURE, locations: ["body/consumerId", "body/details"] },
    },
];
