//! Defects of the issuer sandbox in what it makes of its data and of notifications: rules that no schema says.

use crate::sandbox::defect::{Class, Defect, Effect, Lapse};
use crate::sandbox::role::Role;

const CONSUMER: &str = "D1-Public-OUT-v1-Consumer::getConsumerInformation";
const CREDENTIALS: &str = "D1-Public-OUT-v2-Card::getCardCredentials";
const VERIFY: &str = "D1-Public-OUT-v2-Card::verifyCard";
const OPERATIONS: &str = "D1-Public-OUT-v2-Card::notifyCardOperations";
const AUTHORISATIONS: &str = "D1-Public-OUT-v2-Card::notifyCardAuthorisations";
const THREE_DS: &str = "D1-Public-OUT-v1-3DSecure::notify3dsCardOperation";
const ACTIVATE: &str = "D1-Public-OUT-v1-Physical-Issuance::activateCard";

/// One row per defect.
pub const ROWS: [Defect; 27] = [
    row(
        "issuer-knows-every-consumer",
        "tells personal data of unknown consumers",
        CONSUMER,
        Lapse::KnowsEveryConsumer,
        &["rules::CONSUMER-5"],
    ),
    row(
        "issuer-knows-every-card",
        "gives credentials for unknown cards",
        CREDENTIALS,
        Lapse::KnowsEveryCard,
        &["rules::CRED-3"],
    ),
    row(
        "issuer-validates-any-number",
        "calls any card number valid",
        VERIFY,
        Lapse::ValidatesAnyNumber,
        &["rules::VERIFY-2"],
    ),
    row("issuer-validates-any-cvv", "calls any CVV valid", VERIFY, Lapse::ValidatesAnyCvv, &["rules::VERIFY-2"]),
    row(
        "issuer-tells-consumer-always",
        "tells the consumer of cards that are not valid",
        VERIFY,
        Lapse::TellsConsumerAlways,
        &["rules::VERIFY-3"],
    ),
    row(
        "issuer-hides-consumer-of-new-cards",
        "does not tell the consumer of a card that is new to D1",
        VERIFY,
        Lapse::HidesConsumerOfNewCards,
        &["rules::VERIFY-5"],
    ),
    row("issuer-demands-cvv", "verifies no card without CVV", VERIFY, Lapse::DemandsCvv, &["rules::VERIFY-8"]),
    row("issuer-demands-name", "verifies no card without name", VERIFY, Lapse::DemandsName, &["rules::VERIFY-8"]),
    notice(
        "issuer-refuses-repeats",
        "refuses a notice that comes again",
        OPERATIONS,
        Lapse::RefusesRepeats,
        &["rules::NOTIF-R1"],
    ),
    notice(
        "issuer-one-status-per-operation",
        "refuses a known operationId with a new status",
        OPERATIONS,
        Lapse::OneStatusPerId,
        &["rules::NOTIF-R4"],
    ),
    notice(
        "issuer-wants-order",
        "refuses a notice that comes after a later one",
        OPERATIONS,
        Lapse::WantsOrder,
        &["rules::NOTIF-R8"],
    ),
    notice(
        "issuer-refuses-unknown-fields",
        "refuses fields that are not declared",
        OPERATIONS,
        Lapse::RefusesUnknownFields,
        &["rules::NOTIF-R2"],
    ),
    notice(
        "issuer-refuses-unknown-operations",
        "refuses operations that are not declared",
        OPERATIONS,
        Lapse::RefusesUnknownOperations,
        &["rules::NOTIF-R2"],
    ),
    notice(
        "issuer-breaks-on-unknown-operations",
        "breaks at operations that are not declared",
        OPERATIONS,
        Lapse::BreaksOnUnknownOperations,
        &["rules::NOTIF-R2"],
    ),
    notice(
        "issuer-wants-field-order",
        "refuses fields in another order",
        OPERATIONS,
        Lapse::WantsFieldOrder,
        &["rules::NOTIF-R2"],
    ),
    notice(
        "issuer-takes-one-entry",
        "refuses more than one entry in a call",
        OPERATIONS,
        Lapse::TakesOneEntry,
        &["rules::NOTIF-R3"],
    ),
    notice(
        "issuer-refuses-long-operation-ids",
        "refuses the longest operationIds",
        OPERATIONS,
        Lapse::RefusesLongIds,
        &["rules::NOTIF-R5"],
    ),
    notice(
        "issuer-refuses-new-details",
        "refuses new values of details.status",
        OPERATIONS,
        Lapse::RefusesNewDetails,
        &["rules::NOTIF-R6"],
    ),
    notice(
        "issuer-refuses-offsets",
        "refuses times with an offset",
        AUTHORISATIONS,
        Lapse::RefusesOffsets,
        &["rules::NOTIF-R7"],
    ),
    notice(
        "issuer-breaks-on-leap-days",
        "breaks on the 29th of February",
        AUTHORISATIONS,
        Lapse::BreaksOnLeapDays,
        &["rules::NOTIF-R7"],
    ),
    notice(
        "issuer-refuses-error-codes",
        "refuses authorisations that were declined for a control",
        AUTHORISATIONS,
        Lapse::RefusesErrorCodes,
        &["rules::CTRL-4"],
    ),
    notice(
        "issuer-refuses-failures",
        "refuses 3-D Secure operations that failed",
        THREE_DS,
        Lapse::RefusesFailures,
        &["rules::3DS-1"],
    ),
    notice(
        "issuer-notices-of-unknown-cards",
        "takes 3-D Secure notices of unknown cards",
        THREE_DS,
        Lapse::NoticesOfUnknownCards,
        &["rules::3DS-2"],
    ),
    row(
        "issuer-activates-once",
        "refuses to activate a card again",
        ACTIVATE,
        Lapse::ActivatesOnce,
        &["rules::ACTIVATE-1"],
    ),
    row(
        "issuer-activates-unknown-cards",
        "activates unknown cards",
        ACTIVATE,
        Lapse::ActivatesUnknownCards,
        &["rules::ACTIVATE-2"],
    ),
    row(
        "issuer-refuses-redeliveries",
        "breaks at the first delivery of a notice, and refuses it when it comes again",
        OPERATIONS,
        Lapse::RefusesRedeliveries,
        &["rules::NOTIF-R1"],
    ),
    row(
        "issuer-takes-five-entries",
        "takes no more than five notices in a call, although ten were agreed",
        OPERATIONS,
        Lapse::TakesFiveEntries,
        &["rules::NOTIF-R3"],
    ),
];

const fn row(
    name: &'static str,
    text: &'static str,
    operation: &'static str,
    lapse: Lapse,
    breaks: &'static [&'static str],
) -> Defect {
    Defect { name, role: Role::Issuer, text, class: Class::State, breaks, effect: Effect::Forget { operation, lapse } }
}

const fn notice(
    name: &'static str,
    text: &'static str,
    operation: &'static str,
    lapse: Lapse,
    breaks: &'static [&'static str],
) -> Defect {
    Defect { class: Class::Notifications, ..row(name, text, operation, lapse, breaks) }
}
