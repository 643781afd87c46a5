//! A business rule in action: the calls of one sequence, in order, each judged by what the rule expects of it.

use super::caller::Caller;
use super::event::Outcome;
use super::plan::Scenario;
use super::run::RunOptions;
use super::step::{Ended, Stepper};
use super::subject::Subject;
use crate::oracle::Verdict;
use crate::suite::{Expectation, Sequence};

/// Runs a sequence and adds what came of it.
pub(super) async fn perform(
    sequence: &Sequence,
    scenario: &Scenario,
    subject: &Subject,
    options: &RunOptions,
    outcome: &mut Outcome,
) {
    let caller = Caller::new(subject, options.seed, &options.nonce);
    let mut stepper = Stepper::new(caller, options, outcome);
    let ended = steps(&mut stepper, sequence, scenario).await;
    let Stepper { caller, digest, outcome, .. } = stepper;
    caller.tell(outcome);
    outcome.digest = digest.hex();
    if let Err(Ended { reason, blame }) = ended {
        outcome.verdict = Verdict::Inconclusive;
        outcome.reason.get_or_insert(reason);
        outcome.blame.get_or_insert(blame);
    }
}

async fn steps(stepper: &mut Stepper<'_, '_>, sequence: &Sequence, scenario: &Scenario) -> Result<(), Ended> {
    let name = scenario.id.to_string();
    stepper.build(&name, &sequence.needs).await?;
    for (index, step) in sequence.steps.iter().enumerate() {
        let done = stepper.step(&format!("{name}#{index}"), step, &scenario.obligation).await?;
        if step.expect == Some(Expectation::Observed) {
            let operation = step.operation.rsplit("::").next().unwrap_or_default();
            let seen = format!("observed: {operation} answered {}", done.status);
            stepper.outcome.reason.get_or_insert(seen);
        }
        stepper.outcome.findings.extend(done.proofs);
        // What follows a broken rule would show nothing more.
        if !done.right {
            break;
        }
    }
    Ok(())
}
