//! Makes the resources that a case needs. Every step asserts: a fixture that fails blocks the scenario instead of
//! spoiling it.

use super::bind::{Provided, bind};
use super::subject::Subject;
use crate::base::{Redactor, Seed};
use crate::contract::{Obligation, obligations};
use crate::exchange::FaultKind;
use crate::generate::{Bindings, Body, Generator, Slot};
use crate::oracle::Blame;
use crate::suite::{FixtureStep, Provided as Source};

/// Why a fixture does not stand.
pub(super) struct Broken {
    pub reason: String,
    pub blame: Blame,
}

impl From<String> for Broken {
    fn from(reason: String) -> Self {
        Self { reason, blame: Blame::Blocked }
    }
}

/// Builds fixtures for one scenario or case.
pub(super) struct Builder<'p> {
    pub subject: &'p Subject,
    pub seed: Seed,
    pub nonce: &'p str,
    /// Name of the scenario or case: fresh identifiers derive from it.
    pub name: &'p str,
    pub exchanges: u32,
    pub provided: Provided,
}

impl<'p> Builder<'p> {
    pub(super) fn new(subject: &'p Subject, seed: Seed, nonce: &'p str, name: &'p str) -> Self {
        Self { subject, seed, nonce, name, exchanges: 0, provided: Provided::new() }
    }

    /// Builds all of `needs` with what they need themselves, each once.
    pub(super) async fn build(&mut self, needs: &[String]) -> Result<(), Broken> {
        for (name, fixture) in self.subject.suite.fixtures_for(needs) {
            for (index, step) in fixture.steps.iter().enumerate() {
                let built = self.step(name, index, step).await;
                built.map_err(|broken| match broken.blame {
                    Blame::Blocked => Broken::from(format!("fixture `{name}`: {}", broken.reason)),
                    _ => broken,
                })?;
            }
        }
        Ok(())
    }

    async fn step(&mut self, fixture: &str, index: usize, step: &FixtureStep) -> Result<(), Broken> {
        let (contract, operation) =
            self.subject.operation(&step.operation).ok_or_else(|| "its operation is unknown".to_owned())?;
        let conforming: Obligation = obligations(contract, operation)
            .into_iter()
            .next()
            .ok_or_else(|| "its operation has no duty".to_owned())?;
        let mut bindings = Bindings::new(self.nonce, true);
        bindings.send_bound = true;
        bindings.test_pans.clone_from(&self.subject.target.test_pans);
        bind(&mut bindings, &self.subject.suite.values, self.subject, &self.provided);
        bind(&mut bindings, &step.values, self.subject, &self.provided);
        let generator = Generator::new(Vec::new(), self.subject.means());
        let scenario = format!("{}>{fixture}[{index}]", self.name);
        let drawn = generator.case(operation, &conforming, &bindings, self.seed, &scenario, 0);
        let case = drawn.case.ok_or_else(|| {
            format!("no request to {} could be drawn: {}", step.operation, drawn.reason.unwrap_or_default())
        })?;
        let exchange = self.subject.client.send(operation, &case).await;
        self.exchanges += exchange.attempts;
        let answer = match &exchange.outcome {
            Ok(answer) if (200..300).contains(&answer.status) => answer,
            Ok(answer) => return Err(format!("{} answered {}", step.operation, answer.status).into()),
            Err(fault) if fault.kind == FaultKind::OverLimit => {
                return Err(Broken { reason: fault.text.clone(), blame: Blame::Config });
            }
            Err(fault) => {
                // What the recorder does not know: the credentials and card data of this very request.
                let text = exchange.sent.redactor(&Redactor::default()).text(&fault.text);
                return Err(format!("{}: {text}", step.operation).into());
            }
        };
        for (name, source) in &step.provides {
            let value = match source {
                Source::Request(slot) => Slot::parse(slot).and_then(|slot| sent(&slot, &case.request)),
                Source::Response(pointer) => serde_json::from_slice::<serde_json::Value>(&answer.body)
                    .ok()
                    .and_then(|body| body.pointer(pointer).cloned()),
            };
            let value = value.ok_or_else(|| format!("{} gave no `{name}`", step.operation))?;
            self.provided.insert(name.clone(), value);
        }
        Ok(())
    }
}

fn sent(slot: &Slot, request: &crate::generate::Request) -> Option<serde_json::Value> {
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
    text.map(serde_json::Value::String)
}
