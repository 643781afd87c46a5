//! Lapses of the business: a rule that no schema says, and that the server forgets.

/// Which rule is forgotten, and how.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lapse {
    /// Registers a card under the cardId of a living one.
    TakesLivingCardIds,
    /// Does not let a cardId be used again after deletion.
    KeepsDeletedCardIds,
    /// Does not let a cardId be used again after replacement.
    KeepsReplacedCardIds,
    /// Registers a card under a cardId that D1 gave out.
    TakesGivenOutCardIds,
    /// Lets a cardId of the transaction product be used again.
    TakesTransactionCardIds,
    /// Takes the number of a deleted card again.
    ForgetsDeletedNumbers,
    /// Takes the number of a replaced card again.
    ForgetsReplacedNumbers,
    /// Cards start inactive where the request gives no state.
    StartsInactive,
    /// Registers cards for known consumers only.
    RefusesUnknownConsumers,
    /// A created card is told and not kept.
    ForgetsCreatedCards,
    /// A suspension is confirmed and not kept.
    ForgetsSuspensions,
    /// Look-ups show the state before the last change.
    ReadsStale,
    /// A suspension without a reason counts as the user's.
    DefaultsToUserDecision,
    /// A lost card does not come back when it is found.
    LostStaysLost,
    /// `CARD_FOUND` brings back any card.
    FindsAnyCard,
    /// The issuer cannot bring back what the user suspended.
    IssuerCannotOverrule,
    /// The user brings back what the issuer suspended.
    UserOverrulesIssuer,
    /// A stolen card comes back.
    StolenComesBack,
    /// A card suspended for fraud comes back.
    FraudComesBack,
    /// A deleted card can be suspended.
    SuspendsDeleted,
    /// A deleted card comes back.
    ResumesDeleted,
    /// A deleted card can be renewed.
    RenewsDeleted,
    /// A deleted card can be replaced.
    ReplacesDeleted,
    /// A deleted card stays in Click to Pay.
    StaysInClickToPay,
    /// The list of a consumer shows deleted cards as active.
    ListsDeletedAsActive,
    /// A renewed card has another number.
    RenewsWithOtherNumber,
    /// A replaced card goes on working.
    ReplacedGoesOn,
    /// The card that takes over is not kept.
    LosesNewCards,
    /// Operations are listed with the oldest first.
    ListsOldestFirst,
    /// Click to Pay operations stay pending.
    NeverEnds,
    /// Each enrolled card gets a profile of its own.
    ProfilePerCard,
    /// An enrolment drops the cards that were there.
    DropsEnrolledCards,
    /// Consumers who are not enrolled have a profile.
    InventsProfiles,
    /// A card stays in Click to Pay after the opt-out.
    OptOutStays,
    /// A card cannot be enrolled again after an opt-out.
    EnrolsOnce,
    /// Consumers need personal data.
    DemandsPersonalData,
    /// Registers cards for deleted consumers.
    ServesDeletedConsumers,
    /// Cards go on working after their consumer was deleted.
    CardsOutliveConsumers,
    /// Deleted consumers can be updated.
    UpdatesDeletedConsumers,
    /// A token serves one call.
    TokensServeOnce,
    /// Registers a card under a cardId whose registration is in flight.
    RegistersTwiceAtOnce,
    /// Refuses a suspension while another one is in flight, and takes over its reason.
    RefusedSuspensionsCount,
    /// A suspension and a deletion in flight together leave the card suspended.
    SuspensionsRevive,
    /// A card whose registration is in flight outlives the deletion of its consumer.
    CardsSlipPastDeletion,

    /// Tells personal data of anybody.
    KnowsEveryConsumer,
    /// Gives credentials for any card.
    KnowsEveryCard,
    /// Calls any card number valid.
    ValidatesAnyNumber,
    /// Calls any CVV valid.
    ValidatesAnyCvv,
    /// Tells the consumer of cards that are not valid.
    TellsConsumerAlways,
    /// Does not tell the consumer of a card that is new to D1.
    HidesConsumerOfNewCards,
    /// Verifies no card without CVV.
    DemandsCvv,
    /// Verifies no card without name.
    DemandsName,
    /// Refuses a notice that comes again.
    RefusesRepeats,
    /// Refuses a notice whose operationId it has seen with another status.
    OneStatusPerId,
    /// Refuses a notice that comes after a later one.
    WantsOrder,
    /// Breaks at a notice while another one of its operation is in flight.
    BreaksOnParallelNotices,
    /// Refuses a notice while the same one is in flight.
    RefusesParallelRepeats,
    /// Gives a verification the result of the one that is in flight.
    MixesUpVerifications,
    /// Breaks at the first delivery of a notice, and refuses it when it comes again.
    RefusesRedeliveries,
    /// Refuses more than five entries in a call.
    TakesFiveEntries,
    /// Refuses fields that are not declared.
    RefusesUnknownFields,
    /// Refuses operations that are not declared.
    RefusesUnknownOperations,
    /// Breaks at operations that are not declared.
    BreaksOnUnknownOperations,
    /// Refuses fields in another order.
    WantsFieldOrder,
    /// Refuses more than one entry in a call.
    TakesOneEntry,
    /// Refuses the longest operationIds.
    RefusesLongIds,
    /// Refuses new values of `details.status`.
    RefusesNewDetails,
    /// Refuses times with an offset.
    RefusesOffsets,
    /// Breaks on leap days.
    BreaksOnLeapDays,
    /// Refuses authorisations with an error code.
    RefusesErrorCodes,
    /// Refuses 3-D Secure operations that failed.
    RefusesFailures,
    /// Takes 3-D Secure notices of unknown cards.
    NoticesOfUnknownCards,
    /// Activates a card once only.
    ActivatesOnce,
    /// Activates unknown cards.
    ActivatesUnknownCards,
}

/// The lapses that are switched on.
#[derive(Clone, Debug, Default)]
pub struct Lapses(Vec<Lapse>);

impl Lapse {
    /// Does it show between calls at once alone?
    pub fn is_race(self) -> bool {
        matches!(
            self,
            Self::RegistersTwiceAtOnce
                | Self::RefusedSuspensionsCount
                | Self::SuspensionsRevive
                | Self::CardsSlipPastDeletion
                | Self::BreaksOnParallelNotices
                | Self::RefusesParallelRepeats
                | Self::MixesUpVerifications
        )
    }
}

impl Lapses {
    /// Is there one that shows between calls at once alone?
    pub fn race(&self) -> bool {
        self.0.iter().any(|lapse| lapse.is_race())
    }

    /// These lapses.
    pub fn new(all: Vec<Lapse>) -> Self {
        Self(all)
    }

    /// Is the rule forgotten in this way?
    pub fn has(&self, lapse: Lapse) -> bool {
        self.0.contains(&lapse)
    }
}
