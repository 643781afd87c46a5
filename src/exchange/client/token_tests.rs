//! The life of a token (AUTH-IN-8): one for many calls, another before its end, and one more where it ended too early.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use axum::Router;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::{get, post};
use serde_json::json;

use super::Client;
use super::tests::{case, client, credentials, operation, serve};
use crate::base::Secret;
use crate::generate::Credentials;
use crate::suite::Grant;

/// An issuer that knows only the tokens of its own: `/closed` refuses any other with 401.
pub(super) struct Issuer {
    calls: AtomicUsize,
    pub(super) served: AtomicUsize,
    valid: Mutex<Vec<(String, Instant)>>,
    lifetime: Duration,
    /// Forgets every token when it has served so many requests.
    forgets_at: usize,
}

impl Issuer {
    pub(super) fn new(lifetime: Duration, forgets_at: usize) -> Arc<Self> {
        let (calls, served) = (AtomicUsize::new(0), AtomicUsize::new(0));
        Arc::new(Self { calls, served, valid: Mutex::default(), lifetime, forgets_at })
    }

    pub(super) fn calls(&self) -> usize {
        self.calls.load(Ordering::SeqCst)
    }

    pub(super) async fn serve(self: &Arc<Self>) -> SocketAddr {
        let (issuing, guarding) = (Arc::clone(self), Arc::clone(self));
        let token = move || {
            let call = issuing.calls.fetch_add(1, Ordering::SeqCst);
            let token = format!("token-{call}");
            issuing.valid.lock().unwrap().push((token.clone(), Instant::now() + issuing.lifetime));
            let expires_in = issuing.lifetime.as_secs().to_string();
            async move { json!({"access_token": token, "expires_in": expires_in}).to_string() }
        };
        let closed = move |headers: HeaderMap| {
            let served = guarding.served.fetch_add(1, Ordering::SeqCst);
            let mut valid = guarding.valid.lock().unwrap();
            if served == guarding.forgets_at {
                valid.clear();
            }
            let shown = headers.get("authorization").map_or("", |value| value.to_str().unwrap());
            let known = valid.iter().any(|(token, end)| shown == format!("Bearer {token}") && Instant::now() < *end);
            async move { if known { StatusCode::OK } else { StatusCode::UNAUTHORIZED } }
        };
        serve(Router::new().route("/authz/oauth2/token", post(token)).route("/closed", get(closed))).await
    }
}

/// Statuses of `all` exchanges over 16 tasks, and how many of them were repeated.
async fn hammer(client: &Client, all: usize) -> (HashMap<u16, usize>, u32) {
    let operation = operation("closed");
    let tasks = (0..16).map(|task| {
        let (client, operation) = (client.clone(), Arc::clone(&operation));
        tokio::spawn(async move {
            let mut seen = Vec::new();
            for _ in (task..all).step_by(16) {
                let exchange = client.send(&operation, &case("/closed")).await;
                seen.push((exchange.outcome.unwrap().status, exchange.attempts - 1));
            }
            seen
        })
    });
    let (mut statuses, mut repeats) = (HashMap::new(), 0);
    for task in tasks.collect::<Vec<_>>() {
        for (status, repeated) in task.await.unwrap() {
            *statuses.entry(status).or_default() += 1;
            repeats += repeated;
        }
    }
    (statuses, repeats)
}

pub(super) const QUARTER: Duration = Duration::from_secs(900);

#[tokio::test(flavor = "multi_thread")]
async fn five_hundred_exchanges_take_one_token() {
    let issuer = Issuer::new(QUARTER, usize::MAX);
    let client = client(issuer.serve().await, Some(credentials()));
    assert_eq!(hammer(&client, 500).await, (HashMap::from([(200, 500)]), 0));
    assert_eq!((issuer.calls(), client.token_calls(), client.token_renewals()), (1, 1, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_forgets_its_tokens_is_asked_for_one_more_and_no_caller_sees_it() {
    let issuer = Issuer::new(QUARTER, 250);
    let client = client(issuer.serve().await, Some(credentials()));
    let (statuses, repeats) = hammer(&client, 500).await;
    assert_eq!(statuses, HashMap::from([(200, 500)]));
    assert_eq!((issuer.calls(), client.token_renewals()), (2, 1));
    assert!((1..=16).contains(&repeats), "{repeats} requests were under way at most");
    assert_eq!(client.issued_tokens(), ["token-0", "token-1"].map(Secret::new));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_refuses_everything_costs_two_tokens() {
    let issuer = Issuer::new(Duration::ZERO, usize::MAX);
    // Valid for no time at all, but announced as ordinary ones.
    let token = {
        let issuer = Arc::clone(&issuer);
        move || {
            let call = issuer.calls.fetch_add(1, Ordering::SeqCst);
            async move { json!({"access_token": format!("token-{call}")}).to_string() }
        }
    };
    let refuse = || async { StatusCode::UNAUTHORIZED };
    let router = Router::new().route("/authz/oauth2/token", post(token)).route("/closed", get(refuse));
    let client = client(serve(router).await, Some(credentials()));
    let (statuses, repeats) = hammer(&client, 200).await;
    assert_eq!(statuses, HashMap::from([(401, 200)]));
    assert!(issuer.calls() == 2 && repeats <= 16, "{} calls, {repeats} repeats", issuer.calls());
}

#[tokio::test]
async fn a_short_lived_token_is_replaced_before_its_end() {
    let issuer = Issuer::new(Duration::from_secs(2), usize::MAX);
    let client = client(issuer.serve().await, Some(credentials()));
    let begin = Instant::now();
    while begin.elapsed() < Duration::from_millis(2_600) {
        let exchange = client.send(&operation("closed"), &case("/closed")).await;
        assert_eq!((exchange.outcome.unwrap().status, exchange.attempts), (200, 1));
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert!((2..=4).contains(&issuer.calls()), "{}", issuer.calls());
    assert_eq!(client.token_renewals(), 0);
}

#[tokio::test]
async fn a_given_token_and_wrong_ones_are_never_replaced() {
    let issuer = Issuer::new(QUARTER, usize::MAX);
    let address = issuer.serve().await;
    let given = client(address, Some(Grant::Static { token: Secret::new("of-old") }));
    let exchange = given.send(&operation("closed"), &case("/closed")).await;
    assert_eq!((exchange.outcome.unwrap().status, exchange.attempts), (401, 1));
    let own = client(address, Some(credentials()));
    for wrong in [Credentials::Wrong, Credentials::Tampered, Credentials::Missing] {
        let mut case = case("/closed");
        case.request.credentials = wrong;
        let exchange = own.send(&operation("closed"), &case).await;
        assert_eq!((exchange.outcome.unwrap().status, exchange.attempts), (401, 1), "{wrong:?}");
    }
    assert_eq!((issuer.calls(), own.token_renewals()), (1, 0));
}
