//! The way to end a run early.

use std::sync::Arc;

use tokio::sync::watch;

/// Tells a run to end after the exchanges under way.
#[derive(Clone, Default)]
pub struct Stop(Arc<watch::Sender<bool>>);

impl Stop {
    /// Asks the run to end.
    pub fn stop(&self) {
        self.0.send_replace(true);
    }

    /// Was it asked?
    pub fn stopped(&self) -> bool {
        *self.0.borrow()
    }

    /// Comes back when it is asked.
    pub(super) async fn asked(&self) {
        // The sender lives as long as this value, so that waiting cannot fail.
        let _ = self.0.subscribe().wait_for(|asked| *asked).await;
    }
}
