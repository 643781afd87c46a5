//! What makes two requests the same.

use serde_json::Value;

use crate::base::sha256_hex;
use crate::sandbox::callers::{BodyReading, WitnessedCall};

/// Two calls with the same key ask for the same. The key is a digest: it tells nothing of what was sent.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct RequestKey(String);

impl RequestKey {
    /// The key of a call. An envelope is new every time, so that its clear text counts in its place; so is the assertion of
    /// a token call, which asks for the same with any of them.
    pub fn of(call: &WitnessedCall) -> Self {
        let mut text = format!("{} {}\n", call.method, call.target);
        match &call.reading.body {
            BodyReading::Read(body) => {
                let mut body = body.clone();
                for envelope in &call.reading.envelopes {
                    if let (Some(place), Ok(clear)) = (body.pointer_mut(&envelope.pointer), &envelope.clear) {
                        *place = clear.clone();
                    }
                }
                if let (Some(_), Some(assertion)) = (&call.reading.assertion, body.get_mut("assertion")) {
                    *assertion = Value::Null;
                }
                text.push_str(&body.to_string());
            }
            _ => text.push_str(&String::from_utf8_lossy(&call.body)),
        }
        Self(sha256_hex(text.as_bytes()))
    }
}
