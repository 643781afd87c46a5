//! The life cycle of a card (CARD-LC rules), shared by both versions of the Card API.

use serde_json::Value;

use super::card::{Card, CardState};
use super::operation_log::{Subject, ended};
use super::state::State;
use crate::sandbox::call::{Call, Outcome, Refusal};
use crate::sandbox::defect::{Lapse, Lapses};
use crate::sandbox::envelope::CardFace;

/// The reason of a call that gives none.
const DEFAULT_REASON: &str = "ISSUER_DECISION";

/// The reasons for which a card can be suspended.
const SUSPEND_REASONS: [&str; 6] =
    ["CARD_LOST", "CARD_STOLEN", "CARD_BROKEN", "FRAUD", "USER_DECISION", DEFAULT_REASON];

impl State {
    /// A card that is suspended already takes the new reason.
    pub(super) fn suspend_card(&mut self, call: &Call<'_>) -> Outcome {
        let user = self.lapses.has(Lapse::DefaultsToUserDecision) && call.body_text("/reasonCode").is_none();
        let reason = if user { "USER_DECISION" } else { reason(call, &SUSPEND_REASONS) };
        let forgets = self.lapses.has(Lapse::ForgetsSuspensions);
        let id = call.text("cardId");
        let late = self.lapses.has(Lapse::RefusedSuspensionsCount) && self.flights.has("suspend", id);
        let revives = self.lapses.has(Lapse::SuspensionsRevive) && self.flights.has("delete", id);
        let lapse = if revives { Lapse::SuspensionsRevive } else { Lapse::SuspendsDeleted };
        self.flights.take_off("suspend", id);
        let card = self.changeable_card(call, lapse)?;
        if !forgets {
            card.enter(CardState::Suspended(reason.to_owned()));
        }
        if late { Err(Refusal::forbidden("the card is suspended")) } else { Ok(Some(self.done(call, "SUSPEND"))) }
    }

    pub(super) fn resume_card(&mut self, call: &Call<'_>) -> Outcome {
        let reason = reason(call, &["CARD_FOUND", "USER_DECISION", DEFAULT_REASON]);
        let lapses = self.lapses.clone();
        let card = self.changeable_card(call, Lapse::ResumesDeleted)?;
        if !card.state.is_final() {
            let CardState::Suspended(suspended_for) = &card.state else {
                return Err(Refusal::forbidden("the card is not suspended"));
            };
            if !resumes(suspended_for, reason, &lapses) {
                return Err(Refusal::forbidden("the reason does not fit the state of the card"));
            }
        }
        card.enter(CardState::Active);
        Ok(Some(self.done(call, "RESUME")))
    }

    /// Final; the card leaves Click to Pay (CARD-LC-8, CARD-LC-9).
    pub(super) fn delete_card(&mut self, call: &Call<'_>) -> Outcome {
        let id = call.text("cardId");
        let revives = self.lapses.has(Lapse::SuspensionsRevive) && self.flights.has("suspend", id);
        self.flights.take_off("delete", id);
        if revives {
            self.living_card(call)?;
        } else {
            self.end_card(call, CardState::Deleted)?;
        }
        Ok(Some(self.done(call, "DELETE")))
    }

    /// Keeps cardId and card number (CARD-LC-11).
    pub(super) fn renew_card(&mut self, call: &Call<'_>) -> Outcome {
        let face = call.clear.at("/encryptedData").map(|clear| CardFace::of(Some(clear)));
        let other_number = self.lapses.has(Lapse::RenewsWithOtherNumber);
        let card = self.changeable_card(call, Lapse::RenewsDeleted)?;
        if let Some(face) = face {
            card.face.exp = face.exp;
        }
        if other_number {
            card.face.last4 = card.face.last4.chars().map(|digit| if digit == '9' { '0' } else { '9' }).collect();
        }
        Ok(Some(self.done(call, "RENEW")))
    }

    /// The old card is replaced, another one takes over (CARD-LC-15). Without a new cardId D1 gives one out.
    pub(super) fn replace_card(&mut self, call: &Call<'_>) -> Outcome {
        let new_id = call.body_text("/newCardId").map_or_else(|| self.fresh_card_id(), str::to_owned);
        self.changeable_card(call, Lapse::ReplacesDeleted)?;
        self.free(&new_id)?;
        let face = CardFace::of(call.clear.at("/encryptedData"));
        self.unspent(&face)?;
        let old = self.end_card(call, CardState::Replaced)?;
        if self.lapses.has(Lapse::LosesNewCards) {
            return Ok(Some(self.done(call, "REPLACE")));
        }
        let mut new = Card::new(&old.consumer_id, &old.product_id, face, call.now);
        new.given_out = call.body_text("/newCardId").is_none();
        self.cards.insert(new_id, new);
        Ok(Some(self.done(call, "REPLACE")))
    }

    /// Puts a card into a final state; its number is spent, and it leaves Click to Pay. Gives the card as it is then.
    fn end_card(&mut self, call: &Call<'_>, state: CardState) -> Result<Card, Refusal> {
        let deleted = state == CardState::Deleted;
        let goes_on = !deleted && self.lapses.has(Lapse::ReplacedGoesOn);
        let card = self.changeable_card(call, Lapse::ReplacesDeleted)?;
        if !goes_on {
            card.enter(state);
        }
        let card = card.clone();
        let forgets = if deleted { Lapse::ForgetsDeletedNumbers } else { Lapse::ForgetsReplacedNumbers };
        if !self.lapses.has(forgets) {
            self.spent.extend(card.face.number.clone());
        }
        if !self.lapses.has(Lapse::StaysInClickToPay) {
            self.leave_click_to_pay(call.text("cardId"));
        }
        Ok(card)
    }

    /// The card of a call, unless it is unknown, final, or its consumer is deleted.
    pub(super) fn living_card(&mut self, call: &Call<'_>) -> Result<&mut Card, Refusal> {
        let card = self.cards.get_mut(call.text("cardId")).ok_or_else(|| Refusal::not_found("unknown card"))?;
        if card.state.is_final() { Err(Refusal::forbidden("the card is deleted or replaced")) } else { Ok(card) }
    }

    /// The same, unless a lapse lets final cards pass.
    fn changeable_card(&mut self, call: &Call<'_>, lapse: Lapse) -> Result<&mut Card, Refusal> {
        if !self.lapses.has(lapse) {
            return self.living_card(call);
        }
        self.cards.get_mut(call.text("cardId")).ok_or_else(|| Refusal::not_found("unknown card"))
    }

    fn done(&mut self, call: &Call<'_>, operation: &'static str) -> Value {
        let id = self.log.note(Subject::Card(call.text("cardId").to_owned()), operation, call);
        ended(&id)
    }
}

/// The reason that a call gives. The first version takes any text, so an unknown one counts as the default.
fn reason<'c>(call: &'c Call<'_>, known: &[&'static str]) -> &'c str {
    call.body_text("/reasonCode").filter(|code| known.contains(code)).unwrap_or(DEFAULT_REASON)
}

/// Which reason brings a card back (CARD-LC-2 to CARD-LC-6).
fn resumes(suspended_for: &str, reason: &str, lapses: &Lapses) -> bool {
    if reason == "CARD_FOUND" && lapses.has(Lapse::FindsAnyCard) {
        return true;
    }
    match suspended_for {
        "CARD_LOST" => reason == "CARD_FOUND" && !lapses.has(Lapse::LostStaysLost),
        "USER_DECISION" if reason == "ISSUER_DECISION" => !lapses.has(Lapse::IssuerCannotOverrule),
        "USER_DECISION" => reason == "USER_DECISION",
        "ISSUER_DECISION" if reason == "USER_DECISION" => lapses.has(Lapse::UserOverrulesIssuer),
        "ISSUER_DECISION" => reason == "ISSUER_DECISION",
        // Stolen, broken and misused cards wait for their replacement.
        "CARD_STOLEN" => lapses.has(Lapse::StolenComesBack),
        "FRAUD" => lapses.has(Lapse::FraudComesBack),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::{Lapses, resumes};

    #[test]
    fn cards_come_back_for_the_documented_reasons_only() {
        let reasons = ["CARD_FOUND", "USER_DECISION", "ISSUER_DECISION"];
        let allowed = |state: &str| {
            reasons.into_iter().filter(|reason| resumes(state, reason, &Lapses::default())).collect::<Vec<_>>()
        };
        assert_eq!(allowed("CARD_LOST"), ["CARD_FOUND"]);
        assert_eq!(allowed("USER_DECISION"), ["USER_DECISION", "ISSUER_DECISION"]);
        assert_eq!(allowed("ISSUER_DECISION"), ["ISSUER_DECISION"]);
        assert!(allowed("CARD_STOLEN").is_empty() && allowed("CARD_BROKEN").is_empty() && allowed("FRAUD").is_empty());
    }
}
