//! One call on the way to a state: drawn, sent, and its values kept for those that follow.

use std::sync::Arc;

use indexmap::IndexMap;
use serde_json::Value;

use super::bind::{Provided, bind, bind_general, demand, list, maker};
use super::event::Outcome;
use super::log::{Logged, Role};
use super::subject::Subject;
use crate::base::Seed;
use crate::contract::{Obligation, Operation, obligations};
use crate::exchange::{Answer, Exchange};
use crate::generate::{Binding, Bindings, Body, Boundary, Case, Generator, Slot};
use crate::suite::{Provided as Source, ValueSource};

/// What to call.
#[derive(Clone, Copy)]
pub(super) struct Request<'s> {
    /// Qualified name of the operation.
    pub operation: &'s str,
    /// Values that are sent whatever the draw leaves out.
    pub values: &'s IndexMap<String, ValueSource>,
    /// Take the values that the suite gives the operation as well.
    pub as_planned: bool,
    /// End of the id of a duty that the request breaks on purpose.
    pub breaks: Option<&'s str>,
    /// What the call is for.
    pub role: Role,
}

/// A call that was sent.
pub(super) struct Called<'p> {
    pub operation: &'p Operation,
    pub case: Case,
    pub bindings: Bindings,
    pub exchange: Arc<Exchange>,
}

/// A call that can be sent.
pub(super) struct Ready<'p> {
    pub operation: &'p Operation,
    pub case: Case,
    pub bindings: Bindings,
    role: Role,
}

/// Calls in order, for one scenario or case.
pub(super) struct Caller<'p> {
    pub subject: &'p Subject,
    pub seed: Seed,
    pub nonce: &'p str,
    pub exchanges: u32,
    /// What was sent, in order.
    pub log: Vec<Logged>,
    pub provided: Provided,
    /// The name of an identifier that a fixture is to make at a boundary.
    pub wish: Option<(String, Boundary<'p>)>,
}

impl<'p> Caller<'p> {
    pub(super) fn new(subject: &'p Subject, seed: Seed, nonce: &'p str) -> Self {
        Self { subject, seed, nonce, exchanges: 0, log: Vec::new(), provided: Provided::new(), wish: None }
    }

    /// Draws a request as [`Self::prepare`] does, and sends it.
    pub(super) async fn call(&mut self, name: &str, request: Request<'_>) -> Result<Called<'p>, String> {
        let ready = self.prepare(name, request)?;
        let exchange = self.subject.client.send(ready.operation, &ready.case).await;
        Ok(self.sent(ready, exchange))
    }

    /// Counts and logs what was sent.
    pub(super) fn sent(&mut self, ready: Ready<'p>, exchange: Exchange) -> Called<'p> {
        let Ready { operation, case, bindings, role } = ready;
        let exchange = Arc::new(exchange);
        self.exchanges += exchange.attempts;
        Logged::add(&mut self.log, role, &case, &exchange);
        Called { operation, case, bindings, exchange }
    }

    /// Sends the very same request once more.
    pub(super) async fn again(&mut self, called: Called<'p>) -> Called<'p> {
        let Called { operation, case, bindings, .. } = called;
        let exchange = self.subject.client.send(operation, &case).await;
        self.sent(Ready { operation, case, bindings, role: Role::Step }, exchange)
    }

    /// Draws the least request of its kind. `name` tells this call from all others: fresh identifiers derive from it. The
    /// error says why there is nothing to send.
    pub(super) fn prepare(&self, name: &str, request: Request<'_>) -> Result<Ready<'p>, String> {
        let subject = self.subject;
        let (contract, operation) =
            subject.operation(request.operation).ok_or_else(|| format!("{} is unknown", request.operation))?;
        let mut duties = obligations(contract, operation).into_iter();
        let duty: Option<Obligation> = match request.breaks {
            // The first duty of an operation is to serve a request that keeps the contract.
            None => duties.next(),
            Some(end) => duties.find(|duty| duty.id.as_str().ends_with(end)),
        };
        let duty = duty.ok_or_else(|| format!("{} has no such duty", request.operation))?;
        let mut bindings = Bindings::new(self.nonce, true);
        bindings.test_pans.clone_from(&subject.target.test_pans);
        list(&mut bindings, subject, request.operation);
        bind_general(&mut bindings, subject, &self.provided);
        let planned = subject.suite.operations.get(request.operation).filter(|_| request.as_planned);
        if let Some(plan) = planned {
            bind(&mut bindings, &plan.values, subject, &self.provided);
        }
        demand(&mut bindings, &subject.suite.step_values, subject, &self.provided);
        demand(&mut bindings, request.values, subject, &self.provided);
        self.grant(&mut bindings, name, operation, &request);
        let generator = Generator::new(Vec::new(), Vec::new(), subject.means());
        let drawn = generator.case(operation, &duty, &bindings, self.seed, name, 0);
        let case = drawn.case.ok_or_else(|| {
            format!("no request to {} could be drawn: {}", request.operation, drawn.reason.unwrap_or_default())
        })?;
        Ok(Ready { operation, case, bindings, role: request.role })
    }

    /// Makes the identifier that is wished for, where this is the call that makes it and may make it so.
    fn grant(&self, bindings: &mut Bindings, name: &str, operation: &Operation, request: &Request<'_>) {
        let Some((wanted, boundary)) = &self.wish else { return };
        let Some((step, slot, prefix)) = maker(&self.subject.suite, wanted) else { return };
        let made_here = step.operation == request.operation && request.values.contains_key(slot);
        let Some(slot) = Slot::parse(slot).filter(|_| made_here) else { return };
        let Some(identifier) = boundary.identifier(&bindings.fresh(prefix, name)).map(Value::String) else { return };
        let mut places = operation.parameters.iter().filter(|parameter| slot.is_at(&parameter.location()));
        if places.any(|parameter| parameter.schema.accepts(&identifier)) {
            bindings.set(slot, Binding::Value(identifier));
        }
    }

    /// Was the same call, to the same address, accepted before?
    pub(super) fn was_accepted(&self, called: &Called<'_>) -> bool {
        let accepted = |logged: &Logged| {
            let answer = logged.exchange.outcome.as_ref();
            answer.is_ok_and(|answer| (200..300).contains(&answer.status))
        };
        let sent = &called.exchange.sent;
        self.log.iter().any(|logged| {
            let own = &logged.exchange.sent;
            own.method == sent.method && own.url == sent.url && accepted(logged)
        })
    }

    /// Adds what was sent to the books of a scenario.
    pub(super) fn tell(self, outcome: &mut Outcome) {
        outcome.exchanges += self.exchanges;
        outcome.log.extend(self.log);
    }

    /// Keeps values of a call for those that follow; the error names the value that is not there.
    pub(super) fn keep(
        &mut self,
        provides: &IndexMap<String, Source>,
        case: &Case,
        answer: &Answer,
    ) -> Result<(), String> {
        for (name, source) in provides {
            let value = match source {
                Source::Request(slot) => Slot::parse(slot).and_then(|slot| sent(&slot, case)),
                Source::Response(pointer) => {
                    serde_json::from_slice::<Value>(&answer.body).ok().and_then(|body| body.pointer(pointer).cloned())
                }
            };
            self.provided.insert(name.clone(), value.ok_or_else(|| format!("gave no `{name}`"))?);
        }
        Ok(())
    }
}

fn sent(slot: &Slot, case: &Case) -> Option<Value> {
    let request = &case.request;
    if let Some((member, inside)) = slot.plaintext() {
        let seal = request.seals.iter().find(|seal| seal.pointer == member)?;
        return serde_json::from_str::<Value>(&seal.plaintext).ok()?.pointer(inside).cloned();
    }
    if let Some(pointer) = slot.body_pointer() {
        return match &request.body {
            Body::Json(value) => value.pointer(pointer).cloned(),
            _ => None,
        };
    }
    let (kind, name) = slot.as_str().split_once('.')?;
    let text = match kind {
        "path" => request.path_params.get(name).cloned(),
        "query" => request.query.iter().find(|(own, _)| own == name).map(|(_, text)| text.clone()),
        _ => request.headers.iter().find(|(own, _)| own.eq_ignore_ascii_case(name)).map(|(_, text)| text.clone()),
    };
    text.map(Value::String)
}
