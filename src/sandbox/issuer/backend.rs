//! What the issuer answers. It knows the demo card and the demo consumer, nobody else.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::notices::Notices;
use crate::sandbox::call::{Call, Outcome, Refusal};
use crate::sandbox::defect::{Lapse, Lapses};
use crate::sandbox::demo::Demo;
use crate::sandbox::flight::Flights;
use crate::sandbox::moment::has_passed;

/// An issuer's backend.
#[derive(Debug)]
pub struct Backend {
    demo: Demo,
    lapses: Lapses,
    calls: BTreeMap<String, u64>,
    notices: Notices,
    activated: BTreeSet<String>,
    /// The result of the last verification.
    verified: Value,
    flights: Flights,
}

impl Backend {
    /// The backend with the demo data.
    pub fn seeded(demo: &Demo, lapses: Lapses) -> Self {
        Self {
            demo: demo.clone(),
            lapses,
            calls: BTreeMap::new(),
            notices: Notices::default(),
            activated: BTreeSet::new(),
            verified: Value::Null,
            flights: Flights::default(),
        }
    }

    /// Performs a call. Operations that are not named here are taken over without further ado.
    pub fn perform(&mut self, call: &Call<'_>) -> Outcome {
        *self.calls.entry(call.operation.to_string()).or_default() += 1;
        match call.operation.name() {
            "getCardCredentials" => {
                self.known_card(call, Lapse::KnowsEveryCard)?;
                Ok(Some(json!({"encryptedData": self.credentials()})))
            }
            "verifyCard" => {
                let result = self.verification(call)?;
                let beside = self.lapses.has(Lapse::MixesUpVerifications) && self.flights.has("verify", "");
                self.flights.take_off("verify", "");
                if !beside {
                    self.verified = result;
                }
                Ok(Some(self.verified.clone()))
            }
            "getConsumerInformation" => {
                self.known_consumer(call)?;
                Ok(Some(consumer_information()))
            }
            "deliverOtp" => self.known_consumer(call).map(|()| None),
            "notify3dsCardOperation" => {
                self.known_card(call, Lapse::NoticesOfUnknownCards)?;
                let failed = call.body_text("/status") == Some("FAILED");
                let refused = failed && self.lapses.has(Lapse::RefusesFailures);
                if refused { Err(Refusal::field("status", "enum")) } else { Ok(None) }
            }
            "activateCard" => {
                self.known_card(call, Lapse::ActivatesUnknownCards)?;
                let again = !self.activated.insert(call.text("cardId").to_owned());
                let refused = again && self.lapses.has(Lapse::ActivatesOnce);
                if refused { Err(Refusal::forbidden("the card is active")) } else { Ok(None) }
            }
            // Bulk notices may speak of cards that are known elsewhere.
            "notifyCardOperations" | "notifyCardAuthorisations" => self.notices.take(call, &self.lapses).map(|()| None),
            _ => Ok(None),
        }
    }

    /// The state for people.
    pub fn shown(&self) -> Value {
        json!({
            "consumers": [self.demo.consumer_id],
            "cards": [self.demo.card_id],
            "calls": self.calls,
            "notices": self.notices.shown(),
        })
    }

    fn known_card(&self, call: &Call<'_>, lapse: Lapse) -> Result<(), Refusal> {
        let known = call.text("cardId") == self.demo.card_id || self.lapses.has(lapse);
        if known { Ok(()) } else { Err(Refusal::not_found("unknown card")) }
    }

    fn known_consumer(&self, call: &Call<'_>) -> Result<(), Refusal> {
        if call.text("consumerId") == self.demo.consumer_id || self.lapses.has(Lapse::KnowsEveryConsumer) {
            Ok(())
        } else {
            Err(Refusal::not_found("unknown consumer"))
        }
    }

    /// The clear text of the demo card's credentials; it is sealed on the way out.
    fn credentials(&self) -> Value {
        json!({
            "pan": self.demo.pan.expose(),
            "exp": self.demo.exp,
            "name": self.demo.cardholder_name,
            "cvv": self.demo.cvv.expose(),
        })
    }

    /// What is known of the card whose data were sent. What was not sent is not held against it; an envelope that only a
    /// defect let through has nothing inside. The consumer is told of a valid card only.
    fn verification(&self, call: &Call<'_>) -> Result<Value, Refusal> {
        let clear = call.clear.at("/encryptedData");
        let sent = |name: &str| clear?.get(name)?.as_str();
        for (name, lapse) in [("cvv", Lapse::DemandsCvv), ("name", Lapse::DemandsName)] {
            if sent(name).is_none() && self.lapses.has(lapse) {
                return Err(Refusal::field(name, "required"));
            }
        }
        let is = |name: &str, own: &str| sent(name).is_none_or(|text| text == own);
        let known = is("pan", self.demo.pan.expose()) || self.lapses.has(Lapse::ValidatesAnyNumber);
        let expired = sent("exp").is_some_and(|exp| has_passed(exp, call.now));
        let invalid = !known || !expired && !is("exp", self.demo.exp);
        let mut result = json!({
            "verificationResults": {
                "card": {"invalid": invalid, "expired": expired, "lostOrStolen": false, "fraudSuspect": false},
                "securityCode": {
                    "valid": known && (is("cvv", self.demo.cvv.expose()) || self.lapses.has(Lapse::ValidatesAnyCvv)),
                    "verificationAttemptsExceeded": false,
                },
            },
        });
        let new_to_d1 = call.body_text("/cardId") != Some(self.demo.card_id);
        let hidden = new_to_d1 && self.lapses.has(Lapse::HidesConsumerOfNewCards);
        if !invalid && !hidden || self.lapses.has(Lapse::TellsConsumerAlways) {
            result["consumerId"] = json!(self.demo.consumer_id);
        }
        Ok(result)
    }
}

fn consumer_information() -> Value {
    json!({
        "language": "en-US",
        "firstName": "Dana",
        "middleName": "Q",
        "lastName": "Sandbox",
        "dateOfBirth": "1996-12-14",
        "title": "Mx.",
        "email": "dana@example.com",
        "mobilePhoneNumber": {"countryCode": "+65", "phoneNumber": "80000000"},
        "residencyAddress": {
            "line1": "1 Example Street",
            "city": "Singapore",
            "zipCode": "000001",
            "countryCode": "SG",
        },
    })
}
