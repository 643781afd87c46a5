//! Defects of the D1 sandbox in the life of cards and consumers: rules that no schema says.

use crate::sandbox::defect::{Class, Defect, Effect, Lapse};
use crate::sandbox::role::Role;

const REGISTER: &str = "D1-Public-IN-v2-Card::registerCard";
const CREATE: &str = "D1-Public-IN-v2-Card::createCard";
const SUSPEND: &str = "D1-Public-IN-v2-Card::suspendCard";
const RESUME: &str = "D1-Public-IN-v2-Card::resumeCard";
const RENEW: &str = "D1-Public-IN-v2-Card::renewCard";
const REPLACE: &str = "D1-Public-IN-v2-Card::replaceCard";
const DELETE: &str = "D1-Public-IN-v2-Card::deleteCard";
const GET: &str = "D1-Public-IN-v1-Card::getCard";
const LIST_OPERATIONS: &str = "D1-Public-IN-v1-Card::listCardOperations";
const LIST_CARDS: &str = "D1-Public-IN-v2-Consumer::listConsumerCards";
const REGISTER_CONSUMER: &str = "D1-Public-IN-v2-Consumer::registerConsumer";
const UPDATE_CONSUMER: &str = "D1-Public-IN-v2-Consumer::updateConsumer";
const DELETE_CONSUMER: &str = "D1-Public-IN-v2-Consumer::deleteConsumer";
const ENROL: &str = "D1-Public-IN-v1-ClickToPay::enrolCardInClickToPay";
const OPT_OUT: &str = "D1-Public-IN-v1-ClickToPay::optOutCardFromClickToPay";
const PROFILES: &str = "D1-Public-IN-v1-ClickToPay::getClickToPayProfiles";

/// One row per defect.
pub const ROWS: [Defect; 40] = [
    row(
        "d1-takes-living-card-ids",
        "registers a card under the cardId of a living one",
        REGISTER,
        Lapse::TakesLivingCardIds,
        &["rules::CARD-REG-1"],
    ),
    row(
        "d1-keeps-deleted-card-ids",
        "never lets a cardId be used again",
        REGISTER,
        Lapse::KeepsDeletedCardIds,
        &["rules::CARD-REG-1"],
    ),
    row(
        "d1-keeps-replaced-card-ids",
        "never lets the cardId of a replaced card be used again",
        REGISTER,
        Lapse::KeepsReplacedCardIds,
        &["rules::CARD-LC-15"],
    ),
    row(
        "d1-takes-given-out-card-ids",
        "registers a card under a cardId that it gave out itself",
        REGISTER,
        Lapse::TakesGivenOutCardIds,
        &["rules::CARD-REG-2"],
    ),
    row(
        "d1-takes-transaction-card-ids",
        "lets a cardId of the transaction product be used again",
        REGISTER,
        Lapse::TakesTransactionCardIds,
        &["rules::CARD-REG-3"],
    ),
    row(
        "d1-forgets-deleted-numbers",
        "registers the number of a deleted card again",
        DELETE,
        Lapse::ForgetsDeletedNumbers,
        &["rules::CARD-REG-4"],
    ),
    row(
        "d1-forgets-replaced-numbers",
        "registers the number of a replaced card again",
        REPLACE,
        Lapse::ForgetsReplacedNumbers,
        &["rules::CARD-REG-4"],
    ),
    row(
        "d1-starts-inactive",
        "makes cards inactive where the request gives no state",
        REGISTER,
        Lapse::StartsInactive,
        &["rules::CARD-REG-6"],
    ),
    row(
        "d1-refuses-unknown-consumers",
        "registers cards for known consumers only",
        REGISTER,
        Lapse::RefusesUnknownConsumers,
        &["rules::CARD-REG-9"],
    ),
    row(
        "d1-forgets-created-cards",
        "tells a cardId and keeps no card",
        CREATE,
        Lapse::ForgetsCreatedCards,
        &["rules::CARD-REG-6"],
    ),
    row(
        "d1-loses-suspensions",
        "confirms a suspension and does not keep it",
        SUSPEND,
        Lapse::ForgetsSuspensions,
        &["rules::CARD-LC-1"],
    ),
    row(
        "d1-reads-stale",
        "shows the state that a card had before its last change",
        GET,
        Lapse::ReadsStale,
        &["rules::CARD-LC-1"],
    ),
    row(
        "d1-suspends-for-the-user",
        "takes a suspension without reason for the user's",
        SUSPEND,
        Lapse::DefaultsToUserDecision,
        &["rules::CARD-LC-1"],
    ),
    row(
        "d1-lost-stays-lost",
        "does not bring back a lost card that was found",
        RESUME,
        Lapse::LostStaysLost,
        &["rules::CARD-LC-2"],
    ),
    row(
        "d1-finds-any-card",
        "brings back any card for CARD_FOUND",
        RESUME,
        Lapse::FindsAnyCard,
        &["rules::CARD-LC-3", "rules::CARD-LC-6"],
    ),
    row(
        "d1-user-has-the-last-word",
        "does not let the issuer bring back what the user suspended",
        RESUME,
        Lapse::IssuerCannotOverrule,
        &["rules::CARD-LC-4"],
    ),
    row(
        "d1-user-overrules-issuer",
        "lets the user bring back what the issuer suspended",
        RESUME,
        Lapse::UserOverrulesIssuer,
        &["rules::CARD-LC-5"],
    ),
    row("d1-resumes-stolen-cards", "brings back a stolen card", RESUME, Lapse::StolenComesBack, &["rules::CARD-LC-6"]),
    row(
        "d1-resumes-cards-of-fraud",
        "brings back a card suspended for fraud",
        RESUME,
        Lapse::FraudComesBack,
        &["rules::CARD-LC-6"],
    ),
    row("d1-suspends-deleted-cards", "suspends a deleted card", SUSPEND, Lapse::SuspendsDeleted, &["rules::CARD-LC-8"]),
    row("d1-resumes-deleted-cards", "brings back a deleted card", RESUME, Lapse::ResumesDeleted, &["rules::CARD-LC-8"]),
    row("d1-renews-deleted-cards", "renews a deleted card", RENEW, Lapse::RenewsDeleted, &["rules::CARD-LC-8"]),
    row("d1-replaces-deleted-cards", "replaces a deleted card", REPLACE, Lapse::ReplacesDeleted, &["rules::CARD-LC-8"]),
    row(
        "d1-leaves-deleted-cards-enrolled",
        "leaves a deleted card in Click to Pay",
        DELETE,
        Lapse::StaysInClickToPay,
        &["rules::CARD-LC-9"],
    ),
    row(
        "d1-lists-deleted-as-active",
        "lists deleted cards as active",
        LIST_CARDS,
        Lapse::ListsDeletedAsActive,
        &["rules::CARD-LC-10"],
    ),
    row(
        "d1-renews-with-other-number",
        "gives a renewed card another number",
        RENEW,
        Lapse::RenewsWithOtherNumber,
        &["rules::CARD-LC-11"],
    ),
    row(
        "d1-replaced-goes-on",
        "lets a replaced card go on working",
        REPLACE,
        Lapse::ReplacedGoesOn,
        &["rules::CARD-LC-15"],
    ),
    row(
        "d1-loses-new-cards",
        "confirms a replacement and keeps no new card",
        REPLACE,
        Lapse::LosesNewCards,
        &["rules::CARD-LC-15"],
    ),
    row(
        "d1-lists-oldest-first",
        "lists operations with the oldest first",
        LIST_OPERATIONS,
        Lapse::ListsOldestFirst,
        &["rules::OPS-2"],
    ),
    row(
        "d1-never-ends",
        "leaves operations pending for good",
        ENROL,
        Lapse::NeverEnds,
        &["rules::C2P-1", "rules::OPS-1"],
    ),
    row(
        "d1-profile-per-card",
        "makes a profile for every enrolled card",
        PROFILES,
        Lapse::ProfilePerCard,
        &["rules::C2P-2"],
    ),
    row(
        "d1-drops-enrolled-cards",
        "drops the enrolled cards at the next enrolment",
        ENROL,
        Lapse::DropsEnrolledCards,
        &["rules::C2P-2"],
    ),
    row(
        "d1-invents-profiles",
        "shows a profile of a consumer who is not enrolled",
        PROFILES,
        Lapse::InventsProfiles,
        &["rules::C2P-9"],
    ),
    row(
        "d1-opt-out-stays",
        "confirms an opt-out and leaves the card enrolled",
        OPT_OUT,
        Lapse::OptOutStays,
        &["rules::C2P-10"],
    ),
    row("d1-enrols-once", "does not enrol a card again after an opt-out", ENROL, Lapse::EnrolsOnce, &["rules::C2P-10"]),
    row(
        "d1-demands-personal-data",
        "registers no consumer without personal data",
        REGISTER_CONSUMER,
        Lapse::DemandsPersonalData,
        &["rules::CONSUMER-1"],
    ),
    row(
        "d1-serves-deleted-consumers",
        "registers cards for a deleted consumer",
        REGISTER,
        Lapse::ServesDeletedConsumers,
        &["rules::CONSUMER-6"],
    ),
    row(
        "d1-cards-outlive-consumers",
        "lets cards go on after their consumer was deleted",
        DELETE_CONSUMER,
        Lapse::CardsOutliveConsumers,
        &["rules::CONSUMER-6", "rules::V1-2"],
    ),
    row(
        "d1-updates-deleted-consumers",
        "updates a deleted consumer",
        UPDATE_CONSUMER,
        Lapse::UpdatesDeletedConsumers,
        &["rules::CONSUMER-6"],
    ),
    row(
        "d1-tokens-serve-once",
        "refuses a token that served a call already",
        GET,
        Lapse::TokensServeOnce,
        &["rules::TOKEN-IN-3"],
    ),
];

const fn row(
    name: &'static str,
    text: &'static str,
    operation: &'static str,
    lapse: Lapse,
    breaks: &'static [&'static str],
) -> Defect {
    Defect { name, role: Role::D1, text, class: Class::State, breaks, effect: Effect::Forget { operation, lapse } }
}
