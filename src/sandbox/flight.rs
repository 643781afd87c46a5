//! Calls in flight: those that were performed, and whose answers are still on their way. Only servers with a race among their
//! defects look at them; their answers wait until the flight is over, so that calls one after the other never meet.

use std::time::{Duration, Instant};

/// How long an answer waits.
pub const FLIGHT: Duration = Duration::from_millis(15);

/// The calls that are in flight.
#[derive(Debug, Default)]
pub struct Flights(Vec<Flight>);

#[derive(Debug)]
struct Flight {
    lands: Instant,
    operation: String,
    subject: String,
}

impl Flights {
    /// A call of an operation about a card or a consumer takes off.
    pub fn take_off(&mut self, operation: &str, subject: &str) {
        let now = Instant::now();
        self.0.retain(|flight| flight.lands > now);
        self.0.push(Flight { lands: now + FLIGHT, operation: operation.to_owned(), subject: subject.to_owned() });
    }

    /// Is there one, about this card or consumer?
    pub fn has(&self, operation: &str, subject: &str) -> bool {
        let now = Instant::now();
        self.0.iter().any(|flight| flight.lands > now && flight.operation == operation && flight.subject == subject)
    }
}
