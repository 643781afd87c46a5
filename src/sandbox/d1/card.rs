//! Cards: registration, creation, look-up.

use std::time::SystemTime;

use serde_json::{Value, json};

use super::operation_log::Subject;
use super::state::State;
use crate::sandbox::call::{Call, Outcome, Refusal};
use crate::sandbox::defect::{Lapse, Lapses};
use crate::sandbox::envelope::CardFace;
use crate::sandbox::moment::timestamp;

/// One card.
#[derive(Clone, Debug)]
pub struct Card {
    /// Whose.
    pub consumer_id: String,
    /// Of which product.
    pub product_id: String,
    /// In which state.
    pub state: CardState,
    /// In which one before.
    before: CardState,
    /// What is printed on it.
    pub face: CardFace,
    /// D1 itself gave out the cardId (CARD-REG-2).
    pub given_out: bool,
    created: SystemTime,
}

/// The states of the second version; the first one knows ACTIVE and INACTIVE only.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CardState {
    /// In use.
    Active,
    /// Not yet in use.
    Inactive,
    /// Out of use, for this reason.
    Suspended(String),
    /// Final.
    Deleted,
    /// Another card took over.
    Replaced,
}

impl CardState {
    /// The name in answers.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Active => "ACTIVE",
            Self::Inactive => "INACTIVE",
            Self::Suspended(_) => "SUSPENDED",
            Self::Deleted => "DELETED",
            Self::Replaced => "REPLACED",
        }
    }

    /// True when no call brings the card back.
    pub fn is_final(&self) -> bool {
        matches!(self, Self::Deleted | Self::Replaced)
    }
}

impl Card {
    /// An active card.
    pub fn new(consumer_id: &str, product_id: &str, face: CardFace, now: SystemTime) -> Self {
        Self {
            consumer_id: consumer_id.to_owned(),
            product_id: product_id.to_owned(),
            state: CardState::Active,
            before: CardState::Active,
            face,
            given_out: false,
            created: now,
        }
    }

    /// Puts the card into another state.
    pub fn enter(&mut self, state: CardState) {
        self.before = std::mem::replace(&mut self.state, state);
    }

    /// The card for people.
    pub fn shown(&self) -> Value {
        let reason = if let CardState::Suspended(reason) = &self.state { Some(reason) } else { None };
        json!({"consumerId": self.consumer_id, "state": self.state.name(), "reason": reason})
    }

    /// A card as a register or create call wants it. A state left out means active (CARD-REG-6).
    fn wanted(call: &Call<'_>, lapses: &Lapses) -> Self {
        let text = |pointer: &str| call.body_text(pointer).unwrap_or_default();
        let face = CardFace::of(call.clear.at("/encryptedData"));
        let mut card = Self::new(text("/consumerId"), text("/cardProductId"), face, call.now);
        let unstated = call.body_text("/state").is_none();
        if text("/state") == "INACTIVE" || unstated && lapses.has(Lapse::StartsInactive) {
            card.enter(CardState::Inactive);
        }
        card
    }

    fn metadata(&self, id: &str, stale: bool) -> Value {
        let shown = if stale { &self.before } else { &self.state };
        json!({
            "consumerId": self.consumer_id,
            "cardId": id,
            "cardProductId": self.product_id,
            "threeDSsupport": true,
            "scheme": "VISA",
            "last4": self.face.last4,
            "exp": self.face.exp,
            "state": if *shown == CardState::Active { "ACTIVE" } else { "INACTIVE" },
            "creationTime": timestamp(self.created),
        })
    }
}

impl State {
    pub(super) fn register_card(&mut self, call: &Call<'_>) -> Outcome {
        let id = call.text("cardId").to_owned();
        let card = Card::wanted(call, &self.lapses);
        let twice = self.lapses.has(Lapse::RegistersTwiceAtOnce) && self.flights.has("register", &id);
        if !twice {
            self.free(&id)?;
        }
        self.unspent(&card.face)?;
        if self.lapses.has(Lapse::RefusesUnknownConsumers) && !self.consumers.contains_key(&card.consumer_id) {
            return Err(Refusal::forbidden("the consumer is unknown"));
        }
        let slips = self.lapses.has(Lapse::CardsSlipPastDeletion);
        if !(slips && self.flights.has("end consumer", &card.consumer_id)) {
            self.living_consumer(&card.consumer_id)?;
        }
        self.flights.take_off("register", &id);
        self.flights.take_off("register for", &card.consumer_id);
        self.cards.insert(id.clone(), card);
        self.log.note(Subject::Card(id), "REGISTER", call);
        Ok(None)
    }

    /// Neither the cardId of a living card can be taken, nor one that D1 gave out or that was used for transactions
    /// (CARD-REG-1 to CARD-REG-3).
    pub(super) fn free(&self, id: &str) -> Result<(), Refusal> {
        let forgets = |lapse| self.lapses.has(lapse);
        let taken = |card: &Card| {
            card.given_out && !forgets(Lapse::TakesGivenOutCardIds)
                || card.product_id == self.transaction_product && !forgets(Lapse::TakesTransactionCardIds)
                || !card.state.is_final() && !forgets(Lapse::TakesLivingCardIds)
                || card.state == CardState::Deleted && forgets(Lapse::KeepsDeletedCardIds)
                || card.state == CardState::Replaced && forgets(Lapse::KeepsReplacedCardIds)
        };
        match self.cards.get(id).filter(|card| taken(card)) {
            Some(_) => Err(Refusal::forbidden("the cardId is in use")),
            None => Ok(()),
        }
    }

    /// The number of a deleted or replaced card never comes back (CARD-REG-4).
    pub(super) fn unspent(&self, face: &CardFace) -> Result<(), Refusal> {
        match face.number.as_ref().filter(|number| self.spent.contains(*number)) {
            Some(_) => Err(Refusal::forbidden("the card number was used before")),
            None => Ok(()),
        }
    }

    pub(super) fn create_card(&mut self, call: &Call<'_>) -> Outcome {
        let card = Card { given_out: true, ..Card::wanted(call, &self.lapses) };
        self.living_consumer(&card.consumer_id)?;
        let id = self.fresh_card_id();
        if !self.lapses.has(Lapse::ForgetsCreatedCards) {
            self.cards.insert(id.clone(), card);
        }
        Ok(Some(json!({"cardId": id})))
    }

    pub(super) fn get_card(&mut self, call: &Call<'_>) -> Outcome {
        let id = call.text("cardId");
        let card = self.cards.get(id).filter(|card| !card.state.is_final());
        card.map(|card| Some(card.metadata(id, self.lapses.has(Lapse::ReadsStale))))
            .ok_or_else(|| Refusal::not_found("unknown card"))
    }

    pub(super) fn list_card_operations(&mut self, call: &Call<'_>) -> Outcome {
        self.card(call)?;
        Ok(Some(self.log.list(&Subject::Card(call.text("cardId").to_owned()), call)))
    }

    pub(super) fn get_card_operation(&mut self, call: &Call<'_>) -> Outcome {
        self.card(call)?;
        self.log.one(&Subject::Card(call.text("cardId").to_owned()), call)
    }

    pub(super) fn list_authorisations(&mut self, call: &Call<'_>) -> Outcome {
        self.card(call)?;
        Ok(Some(json!({})))
    }

    /// The card that a call speaks of, whatever its state.
    pub(super) fn card(&self, call: &Call<'_>) -> Result<&Card, Refusal> {
        self.cards.get(call.text("cardId")).ok_or_else(|| Refusal::not_found("unknown card"))
    }

    /// A cardId that nobody has.
    pub(super) fn fresh_card_id(&self) -> String {
        let mut number = self.cards.len();
        loop {
            let id = format!("d1-card-{number:08}");
            if !self.cards.contains_key(&id) {
                return id;
            }
            number += 1;
        }
    }
}
