//! The hard limits of a target, seen from the caller.

use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use axum::Router;
use axum::routing::get;

use super::tests::{case, credentials, fault, limited, operation, serve};
use super::token_tests::{Issuer, QUARTER};
use crate::exchange::FaultKind;
use crate::suite::Limits;

#[tokio::test]
async fn every_request_counts_and_none_goes_out_over_the_limit() {
    let issuer = Issuer::new(QUARTER, usize::MAX);
    let address = issuer.serve().await;
    let limits = Limits { max_requests: Some(4), ..Limits::default() };
    let client = limited(address, Some(credentials()), limits);
    client.reach("t").await.unwrap();
    for _ in 0..2 {
        assert_eq!(client.send(&operation("closed"), &case("/closed")).await.outcome.unwrap().status, 200);
    }
    let over = client.send(&operation("closed"), &case("/closed")).await;
    assert_eq!((over.attempts, over.elapsed), (0, Duration::ZERO));
    let fault = over.outcome.unwrap_err();
    assert_eq!(fault.kind, FaultKind::OverLimit);
    assert!(fault.text.contains("limits.max_requests of the target (4) is reached"), "{fault}");
    assert_eq!((issuer.calls(), issuer.served.load(Ordering::SeqCst)), (1, 2));
    assert_eq!(client.reach("t").await.unwrap_err().kind, FaultKind::OverLimit);

    let spent = limited(address, Some(credentials()), Limits { max_requests: Some(0), ..Limits::default() });
    assert_eq!(spent.check().await.unwrap_err().kind, FaultKind::OverLimit, "not as if the token were refused");
    assert_eq!(issuer.calls(), 1);
}

#[tokio::test]
async fn waiting_for_a_turn_is_not_part_of_the_exchange() {
    let address = serve(Router::new().route("/open", get(|| async { "x" }))).await;
    let client = limited(address, None, Limits { rate: Some(5.0), ..Limits::default() });
    let begin = Instant::now();
    let mut waited = Duration::ZERO;
    for _ in 0..3 {
        waited += client.send(&operation("open"), &case("/open")).await.elapsed;
    }
    assert!(begin.elapsed() >= Duration::from_millis(400), "{:?}", begin.elapsed());
    assert!(waited < Duration::from_millis(300), "{waited:?}");
}

#[tokio::test]
async fn a_target_that_must_not_be_changed_gets_tokens_and_safe_requests_alone() {
    let issuer = Issuer::new(QUARTER, usize::MAX);
    let client = limited(issuer.serve().await, Some(credentials()), Limits { read_only: true, ..Limits::default() });
    assert_eq!(client.send(&operation("closed"), &case("/closed")).await.outcome.unwrap().status, 200);
    let mut changing = case("/closed");
    changing.request.method = "DELETE".into();
    let exchange = client.send(&operation("closed"), &changing).await;
    assert_eq!((exchange.attempts, fault(exchange)), (0, FaultKind::Unsendable));
    assert!(client.allows(&operation("closed"), "HEAD") && !client.allows(&operation("closed"), "PATCH"));
}
