//! Click to Pay: enrolment, updates, opt-outs. All of them end at once here, yet the caller is told that they end later.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::operation_log::{Subject, pending};
use super::state::State;
use crate::sandbox::call::{Call, Outcome, Refusal};
use crate::sandbox::defect::Lapse;

/// What the directory knows of a consumer.
#[derive(Debug, Default)]
pub struct Profile {
    /// As the issuer sent it.
    pub consumer_info: Option<Value>,
    /// The enrolled cards.
    pub cards: BTreeSet<String>,
    /// Cards that have left it.
    gone: BTreeSet<String>,
}

impl State {
    /// The first enrolment makes the profile, later ones add cards (C2P-2).
    pub(super) fn enrol_card(&mut self, call: &Call<'_>) -> Outcome {
        let owner = self.living_card(call)?.consumer_id.clone();
        let profile = self.profiles.entry(owner).or_default();
        if self.lapses.has(Lapse::EnrolsOnce) && profile.gone.contains(call.text("cardId")) {
            return Err(Refusal::forbidden("the card has opted out"));
        }
        if self.lapses.has(Lapse::DropsEnrolledCards) {
            profile.cards.clear();
        }
        profile.cards.insert(call.text("cardId").to_owned());
        if let Some(info) = call.body_value("/consumerInfo") {
            profile.consumer_info = Some(info.clone());
        }
        Ok(Some(self.taken_over(Subject::Card(call.text("cardId").to_owned()), "CLICK_TO_PAY_ENROLMENT", call)))
    }

    pub(super) fn update_enrolled_card(&mut self, call: &Call<'_>) -> Outcome {
        self.living_card(call)?;
        Ok(Some(self.taken_over(Subject::Card(call.text("cardId").to_owned()), "CLICK_TO_PAY_UPDATE", call)))
    }

    pub(super) fn opt_out_card(&mut self, call: &Call<'_>) -> Outcome {
        self.living_card(call)?;
        if !self.lapses.has(Lapse::OptOutStays) {
            self.leave_click_to_pay(call.text("cardId"));
        }
        Ok(Some(self.taken_over(Subject::Card(call.text("cardId").to_owned()), "CLICK_TO_PAY_OPTOUT", call)))
    }

    /// A full replacement (C2P-6).
    pub(super) fn update_enrolled_consumer(&mut self, call: &Call<'_>) -> Outcome {
        self.changeable_consumer(call)?;
        if let Some(profile) = self.profiles.get_mut(call.text("consumerId")) {
            profile.consumer_info = call.body_value("/consumerInfo").cloned();
        }
        Ok(Some(self.taken_over(Subject::Consumer(call.text("consumerId").to_owned()), "CLICK_TO_PAY_UPDATE", call)))
    }

    pub(super) fn opt_out_consumer(&mut self, call: &Call<'_>) -> Outcome {
        self.changeable_consumer(call)?;
        self.profiles.remove(call.text("consumerId"));
        // The declared list of consumer operations has no value for an opt-out; an update is nearest.
        Ok(Some(self.taken_over(Subject::Consumer(call.text("consumerId").to_owned()), "CLICK_TO_PAY_UPDATE", call)))
    }

    /// An empty list for a consumer who is not enrolled (C2P-9).
    pub(super) fn get_profiles(&mut self, call: &Call<'_>) -> Outcome {
        self.changeable_consumer(call)?;
        let profile = self.profiles.get(call.text("consumerId"));
        let shown = |profile: &Profile| {
            let each = if self.lapses.has(Lapse::ProfilePerCard) { profile.cards.len() } else { 1 };
            vec![self.shown_profile(profile); each]
        };
        let invented = self.lapses.has(Lapse::InventsProfiles).then(Profile::default);
        let profiles: Vec<Value> = profile.or(invented.as_ref()).map(shown).unwrap_or_default();
        Ok(Some(json!({"clickToPayProfiles": profiles})))
    }

    /// Takes a card out of the directory; a profile may be left without cards.
    pub(super) fn leave_click_to_pay(&mut self, card_id: &str) {
        for profile in self.profiles.values_mut() {
            if profile.cards.remove(card_id) {
                profile.gone.insert(card_id.to_owned());
            }
        }
    }

    fn shown_profile(&self, profile: &Profile) -> Value {
        let cards: Vec<Value> = profile
            .cards
            .iter()
            .filter_map(|id| self.cards.get(id).map(|card| json!({"cardId": id, "last4": card.face.last4})))
            .collect();
        let mut shown = json!({"scheme": "Visa", "cardList": cards});
        if let Some(info) = &profile.consumer_info {
            shown["consumerInfo"] = info.clone();
        }
        shown
    }

    fn taken_over(&mut self, subject: Subject, operation: &'static str, call: &Call<'_>) -> Value {
        let id = self.log.note(subject, operation, call);
        pending(&id)
    }
}
