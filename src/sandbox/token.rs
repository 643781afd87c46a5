//! The tokens that a sandbox gave out.

use std::collections::HashMap;
use std::hash::{BuildHasher as _, RandomState};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use crate::base::{Secret, sha256_hex};

/// How long a token lives (AUTH-IN-8).
pub const LIFETIME: Duration = Duration::from_secs(900);

/// Opaque bearer tokens with their clients.
#[derive(Debug, Default)]
pub struct TokenStore {
    issued: Mutex<HashMap<String, Issued>>,
    // Seeded by the system, so that tokens of one run mean nothing to the next.
    salt: RandomState,
}

#[derive(Debug)]
struct Issued {
    client: String,
    until: Instant,
    /// Stays known when its life is over.
    kept: bool,
}

impl TokenStore {
    /// A store that remembers one token of a client whose life is over.
    pub fn seeded(client: &str, expired: &Secret, now: Instant) -> Self {
        let over = Issued { client: client.to_owned(), until: now, kept: true };
        Self { issued: Mutex::new(HashMap::from([(expired.expose().to_owned(), over)])), salt: RandomState::new() }
    }

    /// A new token for a client. Tokens that have run out are forgotten on the way.
    pub fn issue(&self, client: &str, now: Instant) -> String {
        let mut issued = self.issued.lock().unwrap_or_else(PoisonError::into_inner);
        issued.retain(|_, token| token.until > now || token.kept);
        let number = issued.len();
        let token = sha256_hex(format!("{client}.{}", self.salt.hash_one((number, now))).as_bytes());
        issued.insert(token.clone(), Issued { client: client.to_owned(), until: now + LIFETIME, kept: false });
        token
    }

    /// The client that holds a token, unless it is unknown or has run out.
    pub fn client(&self, token: &str, now: Instant) -> Option<String> {
        let issued = self.issued.lock().unwrap_or_else(PoisonError::into_inner);
        issued.get(token).filter(|token| token.until > now).map(|token| token.client.clone())
    }

    /// Ends the life of a token.
    pub fn end(&self, token: &str) {
        self.issued.lock().unwrap_or_else(PoisonError::into_inner).remove(token);
    }

    /// True for tokens that are known, whether or not they have run out.
    pub fn knows(&self, token: &str) -> bool {
        self.issued.lock().unwrap_or_else(PoisonError::into_inner).contains_key(token)
    }

    /// True when a valid token begins like this one, up to its half.
    pub fn knows_half(&self, token: &str, now: Instant) -> bool {
        let issued = self.issued.lock().unwrap_or_else(PoisonError::into_inner);
        let mut valid = issued.iter().filter(|(_, own)| own.until > now);
        valid.any(|(own, _)| own.len() == token.len() && token.get(..own.len() / 2) == own.get(..own.len() / 2))
    }

    /// How many tokens are valid now.
    pub fn valid(&self, now: Instant) -> usize {
        let issued = self.issued.lock().unwrap_or_else(PoisonError::into_inner);
        issued.values().filter(|token| token.until > now).count()
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use super::TokenStore;
    use crate::base::Secret;

    #[test]
    fn tokens_differ_and_run_out_after_fifteen_minutes() {
        let (store, now) = (TokenStore::default(), Instant::now());
        let token = store.issue("c", now);
        assert_ne!(token, store.issue("c", now));
        assert_eq!(store.client(&token, now + Duration::from_secs(899)).as_deref(), Some("c"));
        assert_eq!(store.client(&token, now + Duration::from_secs(900)), None);
        assert_eq!(store.client("other", now), None);
    }

    #[test]
    fn a_token_whose_life_is_over_is_refused_and_never_forgotten() {
        let now = Instant::now();
        let store = TokenStore::seeded("c", &Secret::new("old"), now);
        store.issue("c", now + Duration::from_secs(1));
        assert_eq!(store.client("old", now), None);
        assert_eq!(store.valid(now), 1);
        assert!(store.knows("old") && !store.knows("new"));
    }
}
