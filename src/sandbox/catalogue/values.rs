//! Defects at values that few think of: leap days, time zones, Unicode, big numbers, the last value inside a bound.

use crate::sandbox::defect::{Class, Defect, Effect, Trait};
use crate::sandbox::role::Role;

const REGISTER: &str = "D1-Public-IN-v2-Card::registerCard";
const GET: &str = "D1-Public-IN-v1-Card::getCard";
const ENROL: &str = "D1-Public-IN-v1-ClickToPay::enrolCardInClickToPay";
const NOTICE: &str = "D1-Public-OUT-v2-Card::notifyCardOperations";
const AUTHORISATION: &str = "D1-Public-OUT-v2-Card::notifyCardAuthorisations";
const SECURE: &str = "D1-Public-OUT-v1-3DSecure::notify3dsCardOperation";

/// One row per defect.
pub const ROWS: [Defect; 9] = [
    Defect {
        name: "d1-get-card-created-on-no-day",
        role: Role::D1,
        text: "shows a card as created on the 29th of February of a year that has none",
        class: Class::Values,
        breaks: &["D1-Public-IN-v1-Card::getCard::response.200.body/creationTime::format"],
        effect: Effect::SetValue {
            operation: GET,
            status: 200,
            pointer: "/creationTime",
            value: r#""2023-02-29T10:00:00Z""#,
        },
    },
    Defect {
        name: "d1-get-card-creation-without-zone",
        role: Role::D1,
        text: "shows the moment of creation without a time zone",
        class: Class::Values,
        breaks: &["D1-Public-IN-v1-Card::getCard::response.200.body/creationTime::format"],
        effect: Effect::SetValue {
            operation: GET,
            status: 200,
            pointer: "/creationTime",
            value: r#""2024-02-16T10:00:00""#,
        },
    },
    Defect {
        name: "issuer-3ds-notice-refuses-leap-day",
        role: Role::Issuer,
        text: "refuses 3-D Secure notices of the 29th of February",
        class: Class::Values,
        breaks: &["D1-Public-OUT-v1-3DSecure::notify3dsCardOperation::operation::conforming"],
        effect: Effect::RefuseValid { operation: SECURE, location: "body/startTime", when: Trait::Contains("-02-29T") },
    },
    Defect {
        name: "issuer-authorisation-refuses-time-zone",
        role: Role::Issuer,
        text: "refuses moments that are not in UTC",
        class: Class::Values,
        breaks: &["D1-Public-OUT-v2-Card::notifyCardAuthorisations::operation::conforming"],
        effect: Effect::RefuseValid {
            operation: AUTHORISATION,
            location: "body/operations/*/startTime",
            when: Trait::Contains("+08:00"),
        },
    },
    Defect {
        name: "issuer-authorisation-refuses-hundredths",
        role: Role::Issuer,
        text: "wants three digits behind the second",
        class: Class::Values,
        breaks: &["D1-Public-OUT-v2-Card::notifyCardAuthorisations::operation::conforming"],
        effect: Effect::RefuseValid {
            operation: AUTHORISATION,
            location: "body/operations/*/startTime",
            when: Trait::Contains(".99+"),
        },
    },
    Defect {
        name: "issuer-notice-breaks-on-end-of-day",
        role: Role::Issuer,
        text: "answers 500 to a notice of the last second of a day",
        class: Class::Values,
        breaks: &["D1-Public-OUT-v2-Card::notifyCardOperations::operation::conforming"],
        effect: Effect::BreakWhen {
            operation: NOTICE,
            location: "body/operations/*/startTime",
            when: Trait::Contains("T23:59:59"),
        },
    },
    Defect {
        name: "d1-register-card-accented-product",
        role: Role::D1,
        text: "takes letters beyond ASCII in the name of a product",
        class: Class::Values,
        breaks: &["D1-Public-IN-v2-Card::registerCard::body/cardProductId::pattern"],
        effect: Effect::IgnoreRulesWhen {
            operation: REGISTER,
            location: "body/cardProductId",
            rules: &["pattern"],
            when: Trait::BeyondAscii,
        },
    },
    Defect {
        name: "d1-enrol-accented-reason",
        role: Role::D1,
        text: "takes letters beyond ASCII in a free text",
        class: Class::Values,
        breaks: &["D1-Public-IN-v1-ClickToPay::enrolCardInClickToPay::body/reason::pattern"],
        effect: Effect::IgnoreRulesWhen {
            operation: ENROL,
            location: "body/reason",
            rules: &["pattern"],
            when: Trait::BeyondAscii,
        },
    },
    Defect {
        name: "d1-register-card-refuses-inactive",
        role: Role::D1,
        text: "refuses cards that are not to be active",
        class: Class::RejectsValid,
        breaks: &["D1-Public-IN-v2-Card::registerCard::operation::conforming"],
        effect: Effect::RefuseValid { operation: REGISTER, location: "body/state", when: Trait::Contains("INACTIVE") },
    },
];
