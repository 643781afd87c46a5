//! What the issuer answers. It knows the demo card and the demo consumer, nobody else.

use std::collections::BTreeMap;
use std::time::SystemTime;

use serde_json::{Value, json};

use crate::sandbox::call::{Call, Outcome, Refusal};
use crate::sandbox::demo::Demo;
use crate::sandbox::moment::has_passed;

/// An issuer's backend.
#[derive(Debug)]
pub struct Backend {
    demo: Demo,
    calls: BTreeMap<String, u64>,
}

impl Backend {
    /// The backend with the demo data.
    pub fn seeded(demo: &Demo) -> Self {
        Self { demo: demo.clone(), calls: BTreeMap::new() }
    }

    /// Performs a call. Operations that are not named here are taken over without further ado.
    pub fn perform(&mut self, call: &Call<'_>) -> Outcome {
        *self.calls.entry(call.operation.to_string()).or_default() += 1;
        match call.operation.name() {
            "getCardCredentials" => {
                self.known_card(call)?;
                Ok(Some(json!({"encryptedData": self.credentials()})))
            }
            "verifyCard" => Ok(Some(self.verification(call.clear.at("/encryptedData"), call.now))),
            "getConsumerInformation" => {
                self.known_consumer(call)?;
                Ok(Some(consumer_information()))
            }
            "deliverOtp" => self.known_consumer(call).map(|()| None),
            "notify3dsCardOperation" | "activateCard" => self.known_card(call).map(|()| None),
            // Bulk notices may speak of cards that are known elsewhere, and duplicates are no fault (NOTIF-R1).
            _ => Ok(None),
        }
    }

    /// The state for people.
    pub fn shown(&self) -> Value {
        json!({"consumers": [self.demo.consumer_id], "cards": [self.demo.card_id], "calls": self.calls})
    }

    fn known_card(&self, call: &Call<'_>) -> Result<(), Refusal> {
        if call.text("cardId") == self.demo.card_id { Ok(()) } else { Err(Refusal::not_found("unknown card")) }
    }

    fn known_consumer(&self, call: &Call<'_>) -> Result<(), Refusal> {
        if call.text("consumerId") == self.demo.consumer_id {
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
    fn verification(&self, clear: Option<&Value>, now: SystemTime) -> Value {
        let sent = |name: &str| clear?.get(name)?.as_str();
        let is = |name: &str, own: &str| sent(name).is_none_or(|text| text == own);
        let known = is("pan", self.demo.pan.expose());
        let expired = sent("exp").is_some_and(|exp| has_passed(exp, now));
        let invalid = !known || !expired && !is("exp", self.demo.exp);
        let mut result = json!({
            "verificationResults": {
                "card": {"invalid": invalid, "expired": expired, "lostOrStolen": false, "fraudSuspect": false},
                "securityCode": {
                    "valid": known && is("cvv", self.demo.cvv.expose()),
                    "verificationAttemptsExceeded": false,
                },
            },
        });
        if !invalid {
            result["consumerId"] = json!(self.demo.consumer_id);
        }
        result
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
