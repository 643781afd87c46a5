//! Defects that show between calls at once alone: each call on its own is served as it should be.

use crate::sandbox::defect::{Class, Defect, Effect, Lapse};
use crate::sandbox::role::Role;

const REGISTER: &str = "D1-Public-IN-v2-Card::registerCard";
const SUSPEND: &str = "D1-Public-IN-v2-Card::suspendCard";
const DELETE: &str = "D1-Public-IN-v2-Card::deleteCard";
const DELETE_CONSUMER: &str = "D1-Public-IN-v2-Consumer::deleteConsumer";
const OPERATIONS: &str = "D1-Public-OUT-v2-Card::notifyCardOperations";
const VERIFY: &str = "D1-Public-OUT-v2-Card::verifyCard";

/// One row per defect.
pub const ROWS: [Defect; 7] = [
    row(
        Role::D1,
        "d1-registers-twice-at-once",
        "takes two registrations of one cardId that come at once",
        REGISTER,
        Lapse::RegistersTwiceAtOnce,
        &["rules::CARD-REG-1"],
    ),
    row(
        Role::D1,
        "d1-refused-suspensions-count",
        "refuses the second of two suspensions at once, and takes over its reason all the same",
        SUSPEND,
        Lapse::RefusedSuspensionsCount,
        &["rules::CARD-LC-1"],
    ),
    row(
        Role::D1,
        "d1-suspensions-revive",
        "keeps a card suspended that was deleted while it was suspended",
        DELETE,
        Lapse::SuspensionsRevive,
        &["rules::CARD-LC-8"],
    ),
    row(
        Role::D1,
        "d1-cards-slip-past-deletion",
        "keeps a card that was registered while its consumer was deleted",
        DELETE_CONSUMER,
        Lapse::CardsSlipPastDeletion,
        &["rules::CONSUMER-6"],
    ),
    row(
        Role::Issuer,
        "issuer-breaks-on-parallel-notices",
        "breaks when two notices of one operation come at once",
        OPERATIONS,
        Lapse::BreaksOnParallelNotices,
        &["rules::NOTIF-R1", "rules::NOTIF-R8"],
    ),
    row(
        Role::Issuer,
        "issuer-refuses-parallel-repeats",
        "refuses a notice that is being taken in already",
        OPERATIONS,
        Lapse::RefusesParallelRepeats,
        &["rules::NOTIF-R1"],
    ),
    row(
        Role::Issuer,
        "issuer-mixes-up-verifications",
        "answers one of two verifications at once with the result of the other",
        VERIFY,
        Lapse::MixesUpVerifications,
        &["rules::VERIFY-2"],
    ),
];

const fn row(
    role: Role,
    name: &'static str,
    text: &'static str,
    operation: &'static str,
    lapse: Lapse,
    breaks: &'static [&'static str],
) -> Defect {
    Defect { name, role, text, class: Class::Concurrency, breaks, effect: Effect::Forget { operation, lapse } }
}
