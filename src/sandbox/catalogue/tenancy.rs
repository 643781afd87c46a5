//! Defects that mix up what belongs to whom: issuers, consumers, cards.

use crate::sandbox::defect::{Class, Defect, Effect};
use crate::sandbox::role::Role;

const REGISTER: &str = "D1-Public-IN-v2-Card::registerCard";
const REGISTER_CONSUMER: &str = "D1-Public-IN-v2-Consumer::registerConsumer";
const GET: &str = "D1-Public-IN-v1-Card::getCard";
const CONSUMER: &str = "D1-Public-OUT-v1-Consumer::getConsumerInformation";
const ACTIVATE: &str = "D1-Public-OUT-v1-Physical-Issuance::activateCard";

/// One row per defect.
pub const ROWS: [Defect; 7] = [
    Defect {
        name: "d1-get-card-any-issuer",
        role: Role::D1,
        text: "shows cards whatever issuer the path names",
        class: Class::CrossTenant,
        breaks: &[
            "D1-Public-IN-v1-Card::getCard::path.issuerId::min_length",
            "D1-Public-IN-v1-Card::getCard::path.issuerId::max_length",
        ],
        effect: Effect::AnyIdentifier { operation: GET, location: "path.issuerId" },
    },
    Defect {
        name: "d1-get-card-any-card",
        role: Role::D1,
        text: "shows the card of another for a cardId that nobody has",
        class: Class::CrossTenant,
        breaks: &[
            "D1-Public-IN-v1-Card::getCard::path.cardId::max_length",
            "D1-Public-IN-v1-Card::getCard::path.cardId::pattern",
        ],
        effect: Effect::AnyIdentifier { operation: GET, location: "path.cardId" },
    },
    Defect {
        name: "d1-register-card-any-issuer",
        role: Role::D1,
        text: "registers cards whatever issuer the path names",
        class: Class::CrossTenant,
        breaks: &[
            "D1-Public-IN-v2-Card::registerCard::path.issuerId::min_length",
            "D1-Public-IN-v2-Card::registerCard::path.issuerId::max_length",
        ],
        effect: Effect::AnyIdentifier { operation: REGISTER, location: "path.issuerId" },
    },
    Defect {
        name: "d1-register-consumer-any-issuer",
        role: Role::D1,
        text: "registers consumers whatever issuer the path names",
        class: Class::CrossTenant,
        breaks: &[
            "D1-Public-IN-v2-Consumer::registerConsumer::path.issuerId::min_length",
            "D1-Public-IN-v2-Consumer::registerConsumer::path.issuerId::max_length",
        ],
        effect: Effect::AnyIdentifier { operation: REGISTER_CONSUMER, location: "path.issuerId" },
    },
    Defect {
        name: "issuer-consumer-any-issuer",
        role: Role::Issuer,
        text: "tells of consumers whatever issuer the path names",
        class: Class::CrossTenant,
        breaks: &[
            "D1-Public-OUT-v1-Consumer::getConsumerInformation::path.issuerId::min_length",
            "D1-Public-OUT-v1-Consumer::getConsumerInformation::path.issuerId::max_length",
        ],
        effect: Effect::AnyIdentifier { operation: CONSUMER, location: "path.issuerId" },
    },
    Defect {
        name: "issuer-consumer-any-consumer",
        role: Role::Issuer,
        text: "tells of another for a consumerId that nobody has",
        class: Class::CrossTenant,
        breaks: &[
            "D1-Public-OUT-v1-Consumer::getConsumerInformation::path.consumerId::max_length",
            "D1-Public-OUT-v1-Consumer::getConsumerInformation::path.consumerId::pattern",
        ],
        effect: Effect::AnyIdentifier { operation: CONSUMER, location: "path.consumerId" },
    },
    Defect {
        name: "issuer-activation-any-card",
        role: Role::Issuer,
        text: "activates the card of another for a cardId that nobody has",
        class: Class::CrossTenant,
        breaks: &[
            "D1-Public-OUT-v1-Physical-Issuance::activateCard::path.cardId::max_length",
            "D1-Public-OUT-v1-Physical-Issuance::activateCard::path.cardId::pattern",
        ],
        effect: Effect::AnyIdentifier { operation: ACTIVATE, location: "path.cardId" },
    },
];
