//! The hard limits of a target: how many requests a run may send, how fast, and of which kind. Every request passes here
//! right before it goes out, tokens, fixtures and preflight included.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::{Instant, sleep_until};

use super::record::{Fault, FaultKind};
use crate::suite::Limits;

/// Methods that change nothing (RFC 9110 section 9.2.1); TRACE and CONNECT are not for this tool.
const SAFE: [&str; 3] = ["GET", "HEAD", "OPTIONS"];

/// The slowest pace: whoever wants less than a request a day wants none.
const LONGEST_PERIOD: Duration = Duration::from_secs(86_400);

/// Lets requests out one by one, within the limits of a target. All clients of one target share one, for the limits are
/// those of the run.
pub struct Gate {
    read_only: bool,
    most: Option<u64>,
    used: AtomicU64,
    period: Option<Duration>,
    /// When the next request may go out.
    next: Mutex<Option<Instant>>,
    closed: watch::Sender<bool>,
}

impl Gate {
    /// A gate that nothing has passed yet.
    pub fn new(limits: &Limits) -> Self {
        let period = |rate: f64| Duration::try_from_secs_f64(rate.recip()).unwrap_or(LONGEST_PERIOD);
        Self {
            read_only: limits.read_only,
            most: limits.max_requests,
            used: AtomicU64::new(0),
            period: limits.rate.map(|rate| period(rate).min(LONGEST_PERIOD)),
            next: Mutex::new(None),
            closed: watch::Sender::new(false),
        }
    }

    /// Lets nothing more out and wakes those that wait for their turn: the run is over.
    pub(super) fn close(&self) {
        self.closed.send_replace(true);
    }

    /// May a request of this method go out at all? A token call changes nothing that is tested.
    pub(super) fn allows(&self, method: &str, token_call: bool) -> bool {
        !self.read_only || SAFE.contains(&method) || (token_call && method == "POST")
    }

    /// Counts one request and waits for its turn; an error means that it must not go out.
    pub(super) async fn pass(&self, method: &str, token_call: bool) -> Result<(), Fault> {
        if !self.allows(method, token_call) {
            let text = format!("limits.read_only of the target forbids {method}; nothing was sent");
            return Err(Fault { kind: FaultKind::Unsendable, text });
        }
        if *self.closed.borrow() {
            return Err(ended());
        }
        self.count()?;
        let Some(turn) = self.turn() else { return Ok(()) };
        let mut closed = self.closed.subscribe();
        tokio::select! {
            () = sleep_until(turn) => Ok(()),
            _ = closed.wait_for(|closed| *closed) => Err(ended()),
        }
    }

    fn count(&self) -> Result<(), Fault> {
        let Some(most) = self.most else { return Ok(()) };
        let more = |used: u64| (used < most).then_some(used + 1);
        match self.used.fetch_update(Ordering::Relaxed, Ordering::Relaxed, more) {
            Ok(_) => Ok(()),
            Err(_) => Err(Fault {
                kind: FaultKind::OverLimit,
                text: format!(
                    "limits.max_requests of the target ({most}) is reached; raise it, or select fewer scenarios or cases"
                ),
            }),
        }
    }

    /// Takes the next free moment. A pause is not made up for by a burst.
    fn turn(&self) -> Option<Instant> {
        let period = self.period?;
        let mut next = self.next.lock().unwrap_or_else(PoisonError::into_inner);
        let now = Instant::now();
        let turn = next.map_or(now, |next| next.max(now));
        *next = Some(turn + period);
        Some(turn)
    }
}

fn ended() -> Fault {
    Fault { kind: FaultKind::Unsendable, text: "the run was ended before this request".to_owned() }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::time::{Duration, Instant};

    use super::Gate;
    use crate::exchange::FaultKind;
    use crate::suite::Limits;

    #[tokio::test]
    async fn no_more_than_the_most_pass_however_many_try() {
        let gate = Arc::new(Gate::new(&Limits { max_requests: Some(7), ..Limits::default() }));
        let tries = (0..40).map(|_| {
            let gate = Arc::clone(&gate);
            tokio::spawn(async move { gate.pass("GET", false).await })
        });
        let mut passed = 0;
        for one in tries.collect::<Vec<_>>() {
            match one.await.unwrap() {
                Ok(()) => passed += 1,
                Err(fault) => {
                    assert_eq!(fault.kind, FaultKind::OverLimit);
                    assert!(fault.text.starts_with("limits.max_requests of the target (7) is reached"), "{fault}");
                }
            }
        }
        assert_eq!(passed, 7);
    }

    #[tokio::test]
    async fn the_pace_is_kept_by_all_together_and_a_pause_is_no_credit() {
        let gate = Arc::new(Gate::new(&Limits { rate: Some(50.0), ..Limits::default() }));
        gate.pass("GET", false).await.unwrap();
        tokio::time::sleep(Duration::from_millis(200)).await;
        let begin = Instant::now();
        let waiting = (0..11).map(|_| {
            let gate = Arc::clone(&gate);
            tokio::spawn(async move { gate.pass("GET", false).await.unwrap() })
        });
        for one in waiting.collect::<Vec<_>>() {
            one.await.unwrap();
        }
        assert!(begin.elapsed() >= Duration::from_millis(200), "{:?}", begin.elapsed());
    }

    #[tokio::test]
    async fn closing_wakes_those_who_wait() {
        let gate = Arc::new(Gate::new(&Limits { rate: Some(f64::MIN_POSITIVE), ..Limits::default() }));
        gate.pass("GET", false).await.unwrap();
        let begin = Instant::now();
        let waiting = tokio::spawn({
            let gate = Arc::clone(&gate);
            async move { gate.pass("GET", false).await }
        });
        tokio::time::sleep(Duration::from_millis(20)).await;
        gate.close();
        assert_eq!(waiting.await.unwrap().unwrap_err().kind, FaultKind::Unsendable);
        assert!(gate.pass("GET", false).await.is_err());
        assert!(begin.elapsed() < Duration::from_secs(5));
    }

    #[tokio::test]
    async fn read_only_lets_safe_methods_and_tokens_out() {
        let gate = Gate::new(&Limits { read_only: true, ..Limits::default() });
        for (method, token_call, passes) in [
            ("GET", false, true),
            ("HEAD", false, true),
            ("OPTIONS", false, true),
            ("POST", true, true),
            ("POST", false, false),
            ("PUT", false, false),
            ("DELETE", true, false),
            ("TRACE", false, false),
            ("get", false, false),
        ] {
            assert_eq!(gate.pass(method, token_call).await.is_ok(), passes, "{method}");
        }
    }
}
