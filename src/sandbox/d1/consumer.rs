//! Consumers: registration, personal data, deletion.

use serde_json::{Value, json};

use super::card::CardState;
use super::operation_log::{Subject, ended};
use super::state::State;
use crate::sandbox::call::{Call, Outcome, Refusal};
use crate::sandbox::defect::Lapse;

/// One consumer.
#[derive(Debug, Default)]
pub struct Consumer {
    /// Deletion is final.
    pub deleted: bool,
    /// What the issuer told, if anything (CONSUMER-1).
    pub information: Option<Value>,
}

impl Consumer {
    /// `ACTIVE` or `DELETED`.
    pub fn state_name(&self) -> &'static str {
        if self.deleted { "DELETED" } else { "ACTIVE" }
    }
}

impl State {
    /// A repeat is taken over; a deleted consumer does not come back (CONSUMER-6).
    pub(super) fn register_consumer(&mut self, call: &Call<'_>) -> Outcome {
        let id = call.text("consumerId").to_owned();
        if self.lapses.has(Lapse::DemandsPersonalData) && call.body_value("/personalInformation").is_none() {
            return Err(Refusal::field("personalInformation", "required"));
        }
        let consumer = self.living_consumer(&id)?;
        if let Some(information) = call.body_value("/personalInformation") {
            consumer.information = Some(information.clone());
        }
        self.log.note(Subject::Consumer(id), "REGISTER", call);
        Ok(None)
    }

    pub(super) fn get_consumer(&mut self, call: &Call<'_>) -> Outcome {
        let consumer = self.consumer(call)?;
        let mut details = json!({"consumerId": call.text("consumerId"), "state": consumer.state_name()});
        if let Some(information) = &consumer.information {
            details["personalInformation"] = information.clone();
        }
        Ok(Some(details))
    }

    pub(super) fn update_consumer(&mut self, call: &Call<'_>) -> Outcome {
        if !self.lapses.has(Lapse::UpdatesDeletedConsumers) {
            self.changeable_consumer(call)?;
        }
        let id = call.text("consumerId").to_owned();
        if let Some(information) = call.body_value("/personalInformation")
            && let Some(consumer) = self.consumers.get_mut(&id)
        {
            consumer.information = Some(information.clone());
        }
        // The declared list of consumer operations has no value for an update; a registration with new data is nearest.
        let operation = self.log.note(Subject::Consumer(id), "REGISTER", call);
        Ok(Some(ended(&operation)))
    }

    /// All cards go with their consumer.
    pub(super) fn delete_consumer(&mut self, call: &Call<'_>) -> Outcome {
        self.changeable_consumer(call)?;
        let id = call.text("consumerId").to_owned();
        if let Some(consumer) = self.consumers.get_mut(&id) {
            *consumer = Consumer { deleted: true, information: None };
        }
        let slips = self.lapses.has(Lapse::CardsSlipPastDeletion) && self.flights.has("register for", &id);
        let go_too = !slips && !self.lapses.has(Lapse::CardsOutliveConsumers);
        self.flights.take_off("end consumer", &id);
        for card in self.cards.values_mut().filter(|card| go_too && card.consumer_id == id) {
            card.enter(CardState::Deleted);
            self.spent.extend(card.face.number.clone());
        }
        self.profiles.remove(&id);
        let operation = self.log.note(Subject::Consumer(id), "DELETE", call);
        Ok(Some(ended(&operation)))
    }

    pub(super) fn list_consumer_cards(&mut self, call: &Call<'_>) -> Outcome {
        self.consumer(call)?;
        let own = self.cards.iter().filter(|(_, card)| card.consumer_id == call.text("consumerId"));
        let shows_active = self.lapses.has(Lapse::ListsDeletedAsActive);
        let cards: Vec<Value> = own
            .map(|(id, card)| {
                let state = if shows_active && card.state == CardState::Deleted { "ACTIVE" } else { card.state.name() };
                json!({"cardId": id, "cardProductId": card.product_id, "last4": card.face.last4, "state": state})
            })
            .collect();
        Ok(Some(json!({"cards": cards})))
    }

    pub(super) fn list_consumer_operations(&mut self, call: &Call<'_>) -> Outcome {
        self.consumer(call)?;
        Ok(Some(self.log.list(&Subject::Consumer(call.text("consumerId").to_owned()), call)))
    }

    pub(super) fn get_consumer_operation(&mut self, call: &Call<'_>) -> Outcome {
        self.consumer(call)?;
        self.log.one(&Subject::Consumer(call.text("consumerId").to_owned()), call)
    }

    /// The consumer with this id, brought into being when unknown (CARD-REG-9).
    pub(super) fn living_consumer(&mut self, id: &str) -> Result<&mut Consumer, Refusal> {
        let serves = self.lapses.has(Lapse::ServesDeletedConsumers);
        let consumer = self.consumers.entry(id.to_owned()).or_default();
        if consumer.deleted && !serves { Err(Refusal::forbidden("the consumer is deleted")) } else { Ok(consumer) }
    }

    /// The consumer that a call speaks of.
    pub(super) fn consumer(&self, call: &Call<'_>) -> Result<&Consumer, Refusal> {
        self.consumers.get(call.text("consumerId")).ok_or_else(|| Refusal::not_found("unknown consumer"))
    }

    /// Refuses to touch unknown and deleted consumers.
    pub(super) fn changeable_consumer(&self, call: &Call<'_>) -> Result<(), Refusal> {
        if self.consumer(call)?.deleted { Err(Refusal::forbidden("the consumer is deleted")) } else { Ok(()) }
    }
}
