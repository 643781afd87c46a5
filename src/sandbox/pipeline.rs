//! One request on its way through the stations.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant, SystemTime};

use axum::http::request::Parts;
use serde_json::{Value, json};

use super::answer::Answer;
use super::assertion::Bench;
use super::call::{Call, Outcome, Refusal};
use super::callers::{Departure, Exercise, Practice, Reached, Reader, Reading, Standing, WitnessedCall};
use super::credentials::Gate;
use super::d1::State;
use super::defect::{Defect, Lapse};
use super::demo::{Demo, demo};
use super::envelope::Sealer;
use super::fault::FaultPlan;
use super::flight::FLIGHT;
use super::grant;
use super::intake::{Intake, Raw};
use super::issuer::Backend;
use super::keys::Keys;
use super::role::Role;
use super::route::{Found, RouteTable};
use super::token::TokenStore;
use super::unsealing::ClearTexts;
use crate::contract::{Contract, Operation};

/// Where the state of a sandbox can be looked at; outside of every contract.
const STATE_PATH: &str = "/__sandbox/state";

/// The operations that defects of calls at once look at.
const RACING: [&str; 6] =
    ["registerCard", "suspendCard", "deleteCard", "deleteConsumer", "notifyCardOperations", "verifyCard"];

/// Where the witness is asked for its report; outside of every contract.
const REPORT_PATH: &str = "/__sandbox/report";

/// A server without its socket.
#[derive(Debug)]
pub struct Pipeline {
    role: Role,
    demo: Demo,
    keys: Keys,
    routes: RouteTable,
    faults: FaultPlan,
    tokens: TokenStore,
    business: Business,
    exercise: Exercise,
    /// A defect shows between calls at once, so that answers take their time.
    races: bool,
    /// A defect lets a token serve one call.
    tokens_serve_once: bool,
    /// How far the calendar is ahead of the machine's.
    ahead: Duration,
}

/// A request that was handled.
pub struct Handled {
    /// The answer.
    pub answer: Answer,
    /// How long it waits.
    pub pause: Duration,
    /// Tells the witness of the call when it is over.
    pub departure: Option<Departure>,
}

#[derive(Debug)]
enum Business {
    D1(Box<Mutex<State>>),
    Issuer(Box<Mutex<Backend>>),
}

impl Pipeline {
    /// A server that knows the demo data. Contracts of the other direction are left aside.
    pub fn new(
        role: Role,
        keys: Keys,
        defects: Vec<&'static Defect>,
        contracts: &[Arc<Contract>],
        practice: Practice,
        ahead: Duration,
    ) -> Self {
        let demo = demo();
        let served: Vec<_> =
            contracts.iter().filter(|contract| role.serves(contract.direction)).map(Arc::clone).collect();
        let client = match role {
            Role::D1 => demo.issuer_id,
            Role::Issuer => demo.client_id,
        };
        let faults = FaultPlan::new(defects);
        let lapses = faults.lapses();
        Self {
            role,
            keys,
            routes: RouteTable::new(&served),
            races: lapses.race(),
            tokens_serve_once: lapses.has(Lapse::TokensServeOnce),
            faults,
            tokens: TokenStore::seeded(client, &demo.expired_token, Instant::now()),
            business: match role {
                Role::D1 => Business::D1(Box::new(Mutex::new(State::seeded(&demo, lapses, SystemTime::now() + ahead)))),
                Role::Issuer => Business::Issuer(Box::new(Mutex::new(Backend::seeded(&demo, lapses)))),
            },
            demo,
            exercise: Exercise::new(practice),
            ahead,
        }
    }

    /// Answers one request.
    pub fn handle(&self, parts: &Parts, body: &[u8], received: Instant) -> Handled {
        let outside = |answer| Handled { answer, pause: Duration::ZERO, departure: None };
        match parts.uri.path() {
            STATE_PATH => return outside(Answer::json(200, self.state())),
            REPORT_PATH => return outside(self.report(parts)),
            _ => {}
        }
        let found = self.routes.find(parts.uri.path());
        let operation = found.as_ref().and_then(|found| self.operation(found, parts));
        let (Some(found), Some(operation)) = (&found, operation) else {
            return self.unreached(parts, body, received, found.as_ref());
        };
        self.faults.called(&operation.id);
        let raw = Raw {
            captured: found.captured.clone(),
            query: parts.uri.query().unwrap_or_default(),
            headers: &parts.headers,
            body,
        };
        // Before the business: a token call must be judged by the tokens that were there before it.
        let gate = self.gate();
        let standing = gate.standing(operation, &parts.headers, received);
        let token = (standing == Standing::Right).then(|| Gate::bearer(&parts.headers)).flatten();
        let witnessed = self.exercise.witness().map(|witness| {
            let reading = Reader { operation, keys: &self.keys, demo: &self.demo }.read(&raw);
            let call = call(parts, body, received, Reached::Operation(Arc::clone(operation)), standing);
            (witness, WitnessedCall { reading, ..call })
        });
        let (answer, mut provoked) = if let Some((name, answer)) = self.exercise.interrupt(operation, token) {
            (answer, vec![name])
        } else {
            let mut answer = Answer::of(operation, self.outcome(operation, &raw));
            self.faults.spoil(&operation.id, &mut answer);
            self.faults.disclose(&operation.id, &self.keys.own, (&parts.headers, body), &mut answer);
            let names = self.exercise.change(operation, &mut answer);
            (answer, names)
        };
        let (mut pause, names) = self.exercise.pause(operation);
        provoked.extend(names);
        if self.races && RACING.contains(&operation.id.name()) {
            pause += FLIGHT;
        }
        let departure =
            witnessed.map(|(witness, call)| Departure::new(Arc::clone(witness), WitnessedCall { provoked, ..call }));
        Handled { answer, pause, departure }
    }

    /// A path or a method that no contract declares.
    fn unreached(&self, parts: &Parts, body: &[u8], received: Instant, found: Option<&Found<'_, '_>>) -> Handled {
        let (answer, route) = match found {
            None => (Answer::json(404, json!({"error": "no such path"})), Reached::Nothing),
            Some(found) => {
                let methods: Vec<&str> = found.operations.iter().map(|operation| operation.method.as_str()).collect();
                let mut answer = Answer::json(405, json!({"error": "method not allowed"}));
                answer.headers.push(("allow", methods.join(", ")));
                (answer, Reached::OtherMethods(found.operations.to_vec()))
            }
        };
        let departure = self.exercise.witness().map(|witness| {
            Departure::new(Arc::clone(witness), call(parts, body, received, route, Standing::NotNeeded))
        });
        Handled { answer, pause: Duration::ZERO, departure }
    }

    fn operation<'t>(&self, found: &Found<'t, '_>, parts: &Parts) -> Option<&'t Arc<Operation>> {
        let mut operations = found.operations.iter();
        operations
            .clone()
            .find(|operation| operation.method == parts.method.as_str())
            .or_else(|| operations.find(|operation| self.faults.any_method(&operation.id)))
    }

    fn gate(&self) -> Gate<'_> {
        Gate { demo: &self.demo, tokens: &self.tokens, faults: &self.faults }
    }

    fn report(&self, parts: &Parts) -> Answer {
        match (self.exercise.witness(), parts.method.as_str()) {
            (None, _) => Answer::json(404, json!({"error": "nobody judges here: start the sandbox with --judge"})),
            (Some(witness), "POST") => match witness.report() {
                Ok(report) => Answer::json(200, report),
                Err(error) => Answer::json(500, json!({"error": error})),
            },
            (Some(_), _) => {
                let mut answer = Answer::json(405, json!({"error": "POST writes the report"}));
                answer.headers.push(("allow", "POST".to_owned()));
                answer
            }
        }
    }

    fn outcome(&self, operation: &Operation, raw: &Raw<'_>) -> Outcome {
        self.gate().pass(operation, raw.headers, Instant::now())?;
        if let Some(token) = Gate::bearer(raw.headers).filter(|_| self.tokens_serve_once) {
            self.tokens.end(token);
        }
        if let Some(refusal) = self.faults.trips_over(operation, raw) {
            return Err(in_words_of(operation, refusal));
        }
        let intake = Intake { operation, role: self.role, faults: &self.faults };
        let call = self.read(&intake, raw).map_err(|refusal| in_words_of(operation, refusal))?;
        if let Some(refusal) = self.faults.refuses(&call) {
            return Err(in_words_of(operation, refusal));
        }
        let sealer = Sealer { operation, key: &self.keys.other, faults: &self.faults };
        self.perform(&call).and_then(|body| sealer.seal(body))
    }

    fn read<'o>(&self, intake: &Intake<'o>, raw: &Raw<'_>) -> Result<Call<'o>, Refusal> {
        let mut parameters = intake.parameters(raw)?;
        self.faults.confuse(&intake.operation.id, &self.demo, &mut parameters);
        let (body, clear) = match intake.body(raw)? {
            Some((media, body)) => {
                let clear = intake.open(&self.keys.own, media, &body)?;
                (Some(body), clear)
            }
            None => (None, ClearTexts::default()),
        };
        Ok(Call { operation: &intake.operation.id, parameters, body, clear, now: SystemTime::now() + self.ahead })
    }

    fn perform(&self, call: &Call<'_>) -> Outcome {
        if call.parameters.iter().any(|(name, value)| name == "issuerId" && value != self.demo.issuer_id) {
            return Err(match self.role {
                Role::D1 => Refusal::forbidden("the token is not for this issuer"),
                Role::Issuer => Refusal::not_found("unknown issuer"),
            });
        }
        match (&self.business, call.operation.name()) {
            (Business::D1(_), "getToken") => {
                let bench = Bench { keys: &self.keys, demo: &self.demo, faults: &self.faults };
                grant::for_assertion(call, bench, &self.tokens)
            }
            (Business::Issuer(_), "getToken") => grant::for_client(call, &self.demo, &self.tokens),
            // A panic while the lock was held leaves a state that is as good as any other.
            (Business::D1(state), _) => state.lock().unwrap_or_else(PoisonError::into_inner).perform(call),
            (Business::Issuer(backend), _) => backend.lock().unwrap_or_else(PoisonError::into_inner).perform(call),
        }
    }

    fn state(&self) -> Value {
        let business = match &self.business {
            Business::D1(state) => state.lock().unwrap_or_else(PoisonError::into_inner).shown(),
            Business::Issuer(backend) => backend.lock().unwrap_or_else(PoisonError::into_inner).shown(),
        };
        json!({
            "role": self.role.to_string(),
            "defects": self.faults.names(),
            "validTokens": self.tokens.valid(Instant::now()),
            "state": business,
        })
    }
}

/// A call whose answer and reading are still to come.
fn call(parts: &Parts, body: &[u8], received: Instant, route: Reached, standing: Standing) -> WitnessedCall {
    let text = |value: &[u8]| String::from_utf8_lossy(value).into_owned();
    WitnessedCall {
        received,
        answered: received,
        method: parts.method.as_str().to_owned(),
        target: parts.uri.path_and_query().map_or_else(|| parts.uri.path().to_owned(), ToString::to_string),
        headers: parts.headers.iter().map(|(name, value)| (name.to_string(), text(value.as_bytes()))).collect(),
        body: body.to_vec(),
        route,
        standing,
        reading: Reading::default(),
        answer: None,
        provoked: Vec::new(),
    }
}

/// The token endpoint has error words of its own (RFC 6749 section 5.2).
fn in_words_of(operation: &Operation, refusal: Refusal) -> Refusal {
    if operation.id.name() == "getToken" && refusal.kind == super::call::RefusalKind::BadRequest {
        return Refusal::token("invalid_request");
    }
    refusal
}
