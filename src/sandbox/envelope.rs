//! What becomes of card data: the face that D1 shows of a card, and the sealing of answers. `unsealing` is the other
//! direction.

use serde_json::Value;

use super::call::{Outcome, Refusal};
use super::fault::FaultPlan;
use super::unsealing::reached;
use crate::base::sha256_hex;
use crate::contract::Operation;
use crate::jose::EncryptionKey;

/// What the sandbox keeps of a card.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CardFace {
    /// Last four digits of the card number.
    pub last4: String,
    /// MMYY.
    pub exp: String,
    /// The card number, as a digest: enough to know it again (CARD-REG-4). `None` where none was told.
    pub number: Option<String>,
}

impl CardFace {
    /// The face of the card in a clear text. Whatever is not there is made up: registration without card data is allowed,
    /// and defects let unreadable data through.
    pub fn of(clear: Option<&Value>) -> Self {
        let text = |name: &str| clear.and_then(|clear| clear.get(name)?.as_str()).unwrap_or_default();
        let digits: Vec<char> = text("pan").chars().filter(char::is_ascii_digit).collect();
        let last: String = digits[digits.len().saturating_sub(4)..].iter().collect();
        let exp = Some(text("exp")).filter(|exp| exp.len() == 4 && exp.bytes().all(|byte| byte.is_ascii_digit()));
        let number = (!digits.is_empty()).then(|| sha256_hex(digits.iter().collect::<String>().as_bytes()));
        Self { last4: format!("{last:0>4}"), exp: exp.unwrap_or("1230").to_owned(), number }
    }
}

/// Seals the answers of one operation.
#[derive(Clone, Copy, Debug)]
pub struct Sealer<'s> {
    /// Which operation.
    pub operation: &'s Operation,
    /// For whom.
    pub key: &'s EncryptionKey,
    /// The defects.
    pub faults: &'s FaultPlan,
}

impl Sealer<'_> {
    /// Puts a JWE in place of every clear text that the contract wants sealed. The business never seals itself, so that it
    /// cannot forget to.
    pub fn seal(&self, body: Option<Value>) -> Outcome {
        let Some(mut body) = body else { return Ok(None) };
        let successes = self.operation.responses.iter().filter(|response| response.status.class() == Some(2));
        for sealed in successes.flat_map(|response| &response.media).flat_map(|media| &media.sealed) {
            for pointer in reached(&body, &sealed.path) {
                if let Some(place) = body.pointer_mut(&pointer).filter(|place| place.is_object()) {
                    let sealed = self.faults.seal(&self.operation.id, self.key, place);
                    *place = Value::String(sealed.map_err(|_| Refusal::broken())?);
                }
            }
        }
        Ok(Some(body))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::CardFace;

    #[test]
    fn faces_are_well_formed_whatever_was_sent() {
        let face = |clear: Option<Value>| {
            let CardFace { last4, exp, .. } = CardFace::of(clear.as_ref());
            (last4, exp)
        };
        let shown = |last4: &str, exp: &str| (last4.to_owned(), exp.to_owned());
        assert_eq!(face(Some(json!({"pan": "4111111111111234", "exp": "0131"}))), shown("1234", "0131"));
        assert_eq!(face(Some(json!({"pan": "12", "exp": 131}))), shown("0012", "1230"));
        assert_eq!(face(Some(json!({"pan": "12ab", "exp": "ab"}))), shown("0012", "1230"));
        assert_eq!(face(None), shown("0000", "1230"));
    }
}
