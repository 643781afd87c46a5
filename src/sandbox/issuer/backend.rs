//! What the issuer answers. It knows the demo card and the demo consumer, nobody else.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::sandbox::call::{Call, Outcome, Refusal};
use crate::sandbox::demo::Demo;
use crate::sandbox::envelope::seal;

/// An issuer's backend.
#[derive(Debug)]
pub struct Backend {
    consumer_id: &'static str,
    card_id: &'static str,
    calls: BTreeMap<String, u64>,
}

impl Backend {
    /// The backend with the demo data.
    pub fn seeded(demo: &Demo) -> Self {
        Self { consumer_id: demo.consumer_id, card_id: demo.card_id, calls: BTreeMap::new() }
    }

    /// Performs a call. Operations that are not named here are taken over without further ado.
    pub fn perform(&mut self, call: &Call<'_>) -> Outcome {
        *self.calls.entry(call.operation.to_string()).or_default() += 1;
        match call.operation.name() {
            "getCardCredentials" => {
                self.known_card(call)?;
                Ok(Some(json!({"encryptedData": seal(self.card_id)})))
            }
            "verifyCard" => Ok(Some(self.verification())),
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
        json!({"consumers": [self.consumer_id], "cards": [self.card_id], "calls": self.calls})
    }

    fn known_card(&self, call: &Call<'_>) -> Result<(), Refusal> {
        if call.text("cardId") == self.card_id { Ok(()) } else { Err(Refusal::not_found("unknown card")) }
    }

    fn known_consumer(&self, call: &Call<'_>) -> Result<(), Refusal> {
        if call.text("consumerId") == self.consumer_id { Ok(()) } else { Err(Refusal::not_found("unknown consumer")) }
    }

    /// Without a look into the envelope every card is the demo consumer's and fine.
    fn verification(&self) -> Value {
        json!({
            "consumerId": self.consumer_id,
            "verificationResults": {
                "card": {"invalid": false, "expired": false, "lostOrStolen": false, "fraudSuspect": false},
                "securityCode": {"valid": true, "verificationAttemptsExceeded": false},
            },
        })
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
