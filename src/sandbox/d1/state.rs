//! The state, and which function serves which operation.

use std::collections::{BTreeMap, BTreeSet};
use std::time::SystemTime;

use serde_json::{Value, json};

use super::card::Card;
use super::click_to_pay::Profile;
use super::consumer::Consumer;
use super::operation_log::OperationLog;
use crate::sandbox::call::{Call, Outcome};
use crate::sandbox::defect::Lapses;
use crate::sandbox::demo::Demo;
use crate::sandbox::envelope::CardFace;
use crate::sandbox::flight::Flights;

/// All that D1 remembers.
#[derive(Debug, Default)]
pub struct State {
    pub(super) consumers: BTreeMap<String, Consumer>,
    pub(super) cards: BTreeMap<String, Card>,
    pub(super) profiles: BTreeMap<String, Profile>,
    pub(super) log: OperationLog,
    /// Rules that are forgotten.
    pub(super) lapses: Lapses,
    /// Digests of the numbers of deleted and replaced cards.
    pub(super) spent: BTreeSet<String>,
    /// Calls whose answers are on their way.
    pub(super) flights: Flights,
    /// The product whose cards are used for transactions.
    pub(super) transaction_product: String,
}

impl State {
    /// The state with the demo data.
    pub fn seeded(demo: &Demo, lapses: Lapses, now: SystemTime) -> Self {
        let mut state =
            Self { transaction_product: demo.transaction_card_product_id.to_owned(), lapses, ..Self::default() };
        state.log.lapses = state.lapses.clone();
        state.consumers.insert(demo.consumer_id.to_owned(), Consumer::default());
        let face = CardFace::of(Some(&json!({"pan": demo.pan.expose(), "exp": demo.exp})));
        let card = Card::new(demo.consumer_id, demo.card_product_id, face, now);
        state.cards.insert(demo.card_id.to_owned(), card);
        state
    }

    /// Performs a call. Operations that are not named here are taken over without further ado.
    pub fn perform(&mut self, call: &Call<'_>) -> Outcome {
        match call.operation.name() {
            "registerConsumer" => self.register_consumer(call),
            "getConsumer" => self.get_consumer(call),
            "updateConsumer" => self.update_consumer(call),
            "deleteConsumer" => self.delete_consumer(call),
            "listConsumerCards" => self.list_consumer_cards(call),
            "listConsumerOperations" => self.list_consumer_operations(call),
            "getConsumerOperation" => self.get_consumer_operation(call),
            "registerCard" => self.register_card(call),
            "createCard" => self.create_card(call),
            "getCard" => self.get_card(call),
            "listCardOperations" => self.list_card_operations(call),
            "getCardOperation" => self.get_card_operation(call),
            "listCardAuthorisationOperations" => self.list_authorisations(call),
            "suspendCard" => self.suspend_card(call),
            "resumeCard" => self.resume_card(call),
            "deleteCard" => self.delete_card(call),
            "renewCard" => self.renew_card(call),
            "replaceCard" => self.replace_card(call),
            "enrolCardInClickToPay" => self.enrol_card(call),
            "updateCardInClickToPay" => self.update_enrolled_card(call),
            "optOutCardFromClickToPay" => self.opt_out_card(call),
            "updateConsumerInClickToPay" => self.update_enrolled_consumer(call),
            "optOutConsumerFromClickToPay" => self.opt_out_consumer(call),
            "getClickToPayProfiles" => self.get_profiles(call),
            _ => Ok(None),
        }
    }

    /// The state for people: no personal data, no envelopes.
    pub fn shown(&self) -> Value {
        let consumers: BTreeMap<_, _> =
            self.consumers.iter().map(|(id, consumer)| (id, json!({"state": consumer.state_name()}))).collect();
        let cards: BTreeMap<_, _> = self.cards.iter().map(|(id, card)| (id, card.shown())).collect();
        let enrolled: BTreeMap<_, _> = self.profiles.iter().map(|(id, profile)| (id, &profile.cards)).collect();
        json!({"consumers": consumers, "cards": cards, "clickToPay": enrolled, "operations": self.log.len()})
    }
}
