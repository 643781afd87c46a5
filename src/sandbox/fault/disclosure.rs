//! The seam for what answers must not tell.

use axum::http::HeaderMap;
use axum::http::header::AUTHORIZATION;
use serde_json::{Value, json};

use super::plan::{FaultPlan, set};
use crate::base::OperationId;
use crate::jose::DecryptionKey;
use crate::sandbox::answer::Answer;
use crate::sandbox::defect::{Confidential, Effect, Leak};

impl FaultPlan {
    /// Puts into an answer what the defects tell of its request.
    pub fn disclose(
        &self,
        at: &OperationId,
        key: &DecryptionKey,
        (headers, body): (&HeaderMap, &[u8]),
        answer: &mut Answer,
    ) {
        for effect in self.effects() {
            if let Effect::Disclose { operation, what, place } = effect
                && operation == at.as_str()
                && let Some(text) = confidential(what, key, headers, body)
            {
                tell(place, what, text, answer);
            }
        }
    }
}

fn confidential(what: Confidential, key: &DecryptionKey, headers: &HeaderMap, body: &[u8]) -> Option<String> {
    let json = || serde_json::from_slice::<Value>(body).ok();
    match what {
        Confidential::Token => {
            let sent = headers.get(AUTHORIZATION)?.to_str().ok()?;
            sent.split_once(' ').map(|(_, token)| token.to_owned())
        }
        Confidential::Assertion => {
            if let Some(json) = json() {
                return json.get("assertion")?.as_str().map(str::to_owned);
            }
            let mut pairs = url::form_urlencoded::parse(body);
            pairs.find(|(name, _)| name == "assertion").map(|(_, text)| text.into_owned())
        }
        Confidential::CardData(member) => {
            let clear = key.open(json()?.get("encryptedData")?.as_str()?).ok()?;
            let clear: Value = serde_json::from_slice(&clear).ok()?;
            clear.get(member)?.as_str().map(str::to_owned)
        }
    }
}

fn tell(place: Leak, what: Confidential, text: String, answer: &mut Answer) {
    let told = match place {
        Leak::Header(name) => {
            answer.headers.push((name, text));
            return;
        }
        Leak::Member(name) if answer.status < 400 => (name, text),
        Leak::ErrorText if answer.status >= 400 => {
            let own = answer.body.as_ref().and_then(|body| body.get("error")?.as_str()).unwrap_or("error");
            let name = if let Confidential::CardData(member) = what { member } else { "token" };
            ("error", format!("{own}: {name} {text}"))
        }
        _ => return,
    };
    answer.content_type.get_or_insert_with(|| "application/json".to_owned());
    set(answer, &format!("/{}", told.0), Some(json!(told.1)));
}
