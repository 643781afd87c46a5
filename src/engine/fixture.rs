//! Makes the resources that a case needs. Every step asserts: a fixture that fails blocks the scenario instead of
//! spoiling it.

use super::caller::{Caller, Request};
use super::log::Role;
use crate::base::Redactor;
use crate::exchange::FaultKind;
use crate::oracle::Blame;
use crate::suite::FixtureStep;

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

/// Builds all of `needs` with what they need themselves, each once. `name` is that of the scenario or case.
pub(super) async fn build(caller: &mut Caller<'_>, name: &str, needs: &[String]) -> Result<(), Broken> {
    for (fixture, plan) in caller.subject.suite.fixtures_for(needs) {
        for (index, step) in plan.steps.iter().enumerate() {
            let built = perform(caller, &format!("{name}>{fixture}[{index}]"), step).await;
            built.map_err(|broken| match broken.blame {
                Blame::Blocked => Broken::from(format!("fixture `{fixture}`: {}", broken.reason)),
                _ => broken,
            })?;
        }
    }
    Ok(())
}

async fn perform(caller: &mut Caller<'_>, name: &str, step: &FixtureStep) -> Result<(), Broken> {
    let request = Request {
        operation: &step.operation,
        values: &step.values,
        as_planned: false,
        breaks: None,
        role: Role::Fixture,
    };
    let sent = caller.call(name, request).await?;
    let answer = match &sent.exchange.outcome {
        Ok(answer) if (200..300).contains(&answer.status) => answer,
        Ok(answer) => return Err(format!("{} answered {}", step.operation, answer.status).into()),
        Err(fault) if fault.kind == FaultKind::OverLimit => {
            return Err(Broken { reason: fault.text.clone(), blame: Blame::Config });
        }
        Err(fault) => {
            // What the recorder does not know: the credentials and card data of this very request.
            let text = sent.exchange.sent.redactor(&Redactor::default()).text(&fault.text);
            return Err(format!("{}: {text}", step.operation).into());
        }
    };
    caller.keep(&step.provides, &sent.case, answer).map_err(|missing| format!("{} {missing}", step.operation).into())
}
