//! Calls for the tests of those who listen: read as a running sandbox reads them, but not performed.

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use axum::http::Request;
use serde_json::Value;

use super::practice::Practice;
use super::witness::{Witness, WitnessedCall};
use crate::contract::Contract;
use crate::sandbox::demo::demo;
use crate::sandbox::keys::Keys;
use crate::sandbox::pipeline::Pipeline;
use crate::sandbox::role::Role;

/// Keeps the last call.
#[derive(Default)]
struct Ear(Mutex<Option<WitnessedCall>>);

impl std::fmt::Debug for Ear {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Ear")
    }
}

impl Witness for Ear {
    fn saw(&self, call: WitnessedCall) {
        *self.0.lock().unwrap() = Some(call);
    }

    fn report(&self) -> Result<Value, String> {
        Ok(Value::Null)
    }
}

/// Reads requests.
#[derive(Debug)]
pub struct WitnessSample {
    pipeline: Pipeline,
    ear: Arc<Ear>,
}

impl WitnessSample {
    /// A sandbox without a socket.
    pub fn new(role: Role, contracts: &[Arc<Contract>]) -> Self {
        let ear = Arc::new(Ear::default());
        let witness: Arc<dyn Witness> = Arc::<Ear>::clone(&ear);
        let practice = Practice { witness: Some(witness), ..Practice::default() };
        let keys = Keys::demo(role, &demo()).unwrap();
        Self { pipeline: Pipeline::new(role, keys, Vec::new(), contracts, practice, Duration::ZERO), ear }
    }

    /// What a witness is told of a request.
    pub fn call(&self, method: &str, target: &str, headers: &[(String, String)], body: &[u8]) -> WitnessedCall {
        let mut request = Request::builder().method(method).uri(target);
        for (name, value) in headers {
            request = request.header(name, value);
        }
        let (parts, ()) = request.body(()).unwrap().into_parts();
        drop(self.pipeline.handle(&parts, body, Instant::now()));
        self.ear.0.lock().unwrap().take().unwrap()
    }
}
