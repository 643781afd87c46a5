//! A call as the proof of a finding.

use std::sync::Arc;

use crate::engine::Proof;
use crate::exchange::{Answer, Exchange, Fault, FaultKind, SealedMember, Sent, TlsUse};
use crate::oracle::Finding;
use crate::sandbox::callers::WitnessedCall;

/// The proof of a finding: the call, with the clear texts that were in it. Not redacted yet.
pub fn proof(finding: Finding, call: &WitnessedCall, base_url: &str, case: String) -> Proof {
    let opened = call.reading.envelopes.iter().filter_map(|envelope| {
        let plaintext = envelope.clear.as_ref().ok()?.to_string();
        Some(SealedMember { pointer: envelope.pointer.clone(), plaintext: crate::base::Secret::new(plaintext) })
    });
    let sent = Sent {
        method: call.method.clone(),
        url: format!("{base_url}{}", call.target),
        headers: call.headers.clone(),
        body: call.body.clone(),
        sealed: opened.collect(),
        tls: TlsUse::default(),
    };
    let outcome = match &call.answer {
        Some(answer) => Ok(Answer {
            status: answer.status,
            headers: answer.headers.clone(),
            body: answer.body.as_ref().map(|body| body.to_string().into_bytes()).unwrap_or_default(),
        }),
        None => Err(Fault { kind: FaultKind::Cut, text: "the caller went away before the answer".to_owned() }),
    };
    let elapsed = call.answered.saturating_duration_since(call.received);
    let exchange = Arc::new(Exchange { sent, outcome, elapsed, attempts: 1 });
    Proof { finding, case, exchange, count: 1, after: 1, walk: None }
}
