//! What was before a call: tokens, requests and card numbers that were seen. It is bounded, and holds no secret longer
//! than it must to recognise it.

use std::collections::{BTreeMap, HashMap};
use std::time::{Duration, Instant};

use serde_json::Value;

use super::request::RequestKey;
use crate::base::{Secret, sha256_hex};
use crate::contract::is_card_number;
use crate::sandbox::callers::WitnessedCall;

/// Life of a token whose answer does not say it.
const USUAL_LIFE: Duration = Duration::from_secs(900);

/// Requests that are remembered; the oldest go first.
const MOST_REQUESTS: usize = 10_000;

/// Card numbers and tokens that are remembered.
const MOST_SECRETS: usize = 2_000;

/// A shorter text was made up, and would mask half of a report.
const SHORTEST_TOKEN: usize = 8;

/// What was before.
#[derive(Default)]
pub struct Memory {
    /// Calls that were taken in.
    pub calls: u64,
    tokens: HashMap<String, TokenLife>,
    trails: HashMap<RequestKey, Trail>,
    card_numbers: Vec<Secret>,
    token_texts: Vec<Secret>,
    /// The first call that met a provocation, and its number.
    pub provoked: BTreeMap<&'static str, (u64, WitnessedCall)>,
}

/// One token that the sandbox gave out, or a caller showed.
#[derive(Clone, Debug)]
pub struct TokenLife {
    /// When it was given out; `None` for one that the sandbox never gave out.
    pub issued: Option<Instant>,
    /// How long it lives.
    pub life: Duration,
    /// Calls with it.
    pub calls: u32,
    /// When it was first answered with 401.
    pub refused: Option<Instant>,
}

/// What became of a request the last time.
#[derive(Clone, Debug)]
pub struct Trail {
    /// When it was answered.
    pub answered: Instant,
    /// With which status; `None` when the caller did not wait.
    pub status: Option<u16>,
    /// Was the answer an unusual one?
    pub provoked: bool,
    /// What `errorCode` said.
    pub code: Option<String>,
    /// What `Retry-After` said.
    pub retry_after: Option<Duration>,
    /// Repeats without a pause after an answer that allows for one.
    pub hasty: u32,
    /// The token that it was sent with.
    pub token: Option<String>,
}

/// A repeat that comes this quickly after the answer was not thought about.
pub const HASTE: Duration = Duration::from_millis(500);

impl Memory {
    /// The last time that this was asked.
    pub fn trail(&self, key: &RequestKey) -> Option<&Trail> {
        self.trails.get(key)
    }

    /// What is known of a token.
    pub fn token(&self, token: &str) -> Option<&TokenLife> {
        self.tokens.get(&digest(token))
    }

    /// Tokens that were given out, never refused, and have a fifth of their life left at least.
    pub fn good_tokens(&self, now: Instant) -> impl Iterator<Item = &TokenLife> {
        self.tokens.values().filter(move |token| {
            let fresh = token.issued.is_some_and(|issued| now < issued + token.life / 5 * 4);
            fresh && token.refused.is_none()
        })
    }

    /// Card numbers that were sealed in earlier calls.
    pub fn card_numbers(&self) -> &[Secret] {
        &self.card_numbers
    }

    /// Everything that no report may show.
    pub fn secrets(&self) -> impl Iterator<Item = Secret> + '_ {
        self.card_numbers.iter().chain(&self.token_texts).cloned()
    }

    /// Learns the secrets of a call, before it is judged.
    pub fn learn(&mut self, call: &WitnessedCall) {
        for envelope in &call.reading.envelopes {
            let Ok(Value::Object(members)) = &envelope.clear else { continue };
            let numbers =
                members.iter().filter(|(name, _)| is_card_number(name)).filter_map(|(_, value)| value.as_str());
            for number in numbers.filter(|number| is_long_number(number)) {
                remember(&mut self.card_numbers, number);
            }
        }
        let given = call.answer.as_ref().and_then(|answer| answer.body.as_ref()?.get("access_token")?.as_str());
        for token in given.into_iter().chain(call.bearer()).filter(|token| token.len() >= SHORTEST_TOKEN) {
            remember(&mut self.token_texts, token);
        }
    }

    /// Takes a call in, after it was judged.
    pub fn take(&mut self, key: &RequestKey, call: &WitnessedCall) {
        self.calls += 1;
        for name in call.provoked.iter().filter(|name| **name != "latency") {
            self.provoked.entry(name).or_insert_with(|| (self.calls, call.clone()));
        }
        self.tokens(call);
        self.requests(key, call);
    }

    fn tokens(&mut self, call: &WitnessedCall) {
        if self.tokens.len() > MOST_SECRETS {
            let now = call.answered;
            self.tokens.retain(|_, token| token.issued.is_some_and(|issued| now < issued + token.life));
        }
        let status = call.answer.as_ref().map(|answer| answer.status);
        if let Some(token) = call.bearer() {
            let known = self.tokens.entry(digest(token)).or_insert_with(|| TokenLife {
                issued: None,
                life: USUAL_LIFE,
                calls: 0,
                refused: None,
            });
            known.calls += 1;
            if status == Some(401) {
                known.refused.get_or_insert(call.answered);
            }
        }
        let body = call.answer.as_ref().and_then(|answer| answer.body.as_ref());
        if let Some(token) = body.and_then(|body| body.get("access_token")?.as_str()) {
            let seconds = body.and_then(|body| body.get("expires_in"));
            let seconds = seconds.and_then(|value| value.as_u64().or_else(|| value.as_str()?.parse().ok()));
            let life = seconds.map_or(USUAL_LIFE, Duration::from_secs);
            let given = TokenLife { issued: Some(call.answered), life, calls: 0, refused: None };
            self.tokens.insert(digest(token), given);
        }
    }

    fn requests(&mut self, key: &RequestKey, call: &WitnessedCall) {
        if self.trails.len() >= MOST_REQUESTS {
            let mut moments: Vec<Instant> = self.trails.values().map(|trail| trail.answered).collect();
            moments.sort_unstable();
            let middle = moments[moments.len() / 2];
            self.trails.retain(|_, trail| trail.answered > middle);
        }
        let answer = call.answer.as_ref();
        let before = self.trails.get(key);
        let again = before.is_some_and(|before| before.may_be_repeated() && before.gap(call) < HASTE);
        let trail = Trail {
            answered: call.answered,
            status: answer.map(|answer| answer.status),
            provoked: call.provoked.iter().any(|name| *name != "latency"),
            code: answer.and_then(|answer| Some(answer.body.as_ref()?.get("errorCode")?.as_str()?.to_owned())),
            retry_after: answer.and_then(|answer| answer.header("retry-after")?.parse().ok()).map(Duration::from_secs),
            hasty: before.filter(|_| again).map_or(0, |before| before.hasty + 1),
            token: call.bearer().map(digest),
        };
        self.trails.insert(key.clone(), trail);
    }
}

impl Trail {
    /// From that answer to this call; nothing for one that was under way already.
    pub fn gap(&self, call: &WitnessedCall) -> Duration {
        call.received.saturating_duration_since(self.answered)
    }

    /// True when this call came in before that answer went out.
    pub fn overlaps(&self, call: &WitnessedCall) -> bool {
        call.received < self.answered
    }

    /// True after 429 and 5xx.
    pub fn may_be_repeated(&self) -> bool {
        self.status.is_some_and(|status| status == 429 || status / 100 == 5)
    }

    /// Was it sent with the token of this call?
    pub fn has_token_of(&self, call: &WitnessedCall) -> bool {
        self.token.is_some() && self.token == call.bearer().map(digest)
    }
}

/// Fewer than 13 digits stand in other numbers by chance.
fn is_long_number(text: &str) -> bool {
    text.len() >= 13 && text.bytes().all(|byte| byte.is_ascii_digit())
}

fn digest(token: &str) -> String {
    sha256_hex(token.as_bytes())
}

fn remember(secrets: &mut Vec<Secret>, text: &str) {
    if secrets.iter().any(|known| known.expose() == text) {
        return;
    }
    if secrets.len() >= MOST_SECRETS {
        secrets.remove(0);
    }
    secrets.push(Secret::new(text));
}
