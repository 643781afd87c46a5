//! The seam for envelopes in requests.

use super::plan::FaultPlan;
use crate::base::OperationId;
use crate::jose::{DecryptionKey, EnvelopeFault};
use crate::sandbox::defect::{Effect, EnvelopeCheck};

/// What a careless opener finds where nothing can be read.
const NOTHING: &[u8] = b"{}";

/// What is made of an envelope.
#[derive(Clone, PartialEq, Eq)]
pub enum Opened {
    /// The clear text, still to be judged.
    Clear(Vec<u8>),
    /// It was taken, although it cannot be read.
    Unread,
}

impl FaultPlan {
    /// Opens an envelope: strictly, and where that fails as carelessly as the defects want it.
    pub fn open(&self, at: &OperationId, key: &DecryptionKey, text: &str) -> Result<Opened, EnvelopeFault> {
        let fault = match key.open(text) {
            Ok(clear) => return Ok(Opened::Clear(clear)),
            Err(fault) => fault,
        };
        let checks: Vec<EnvelopeCheck> = self
            .effects()
            .filter_map(|effect| match effect {
                Effect::LaxEnvelope { operation, check } if operation == at.as_str() => Some(check),
                _ => None,
            })
            .collect();
        overlooking(&checks, key, text)
            .or_else(|| checks.iter().find_map(|check| unencrypted(*check, text)))
            .ok_or(fault)
    }
}

fn overlooking(checks: &[EnvelopeCheck], key: &DecryptionKey, text: &str) -> Option<Opened> {
    let overlooked =
        |check: &EnvelopeCheck| if let EnvelopeCheck::Overlooks(fault) = check { Some(*fault) } else { None };
    let overlooked: Vec<EnvelopeFault> = checks.iter().filter_map(overlooked).collect();
    let clear = key.open_forgiving(text, &overlooked).ok()?;
    Some(if clear == NOTHING { Opened::Unread } else { Opened::Clear(clear) })
}

fn unencrypted(check: EnvelopeCheck, text: &str) -> Option<Opened> {
    match check {
        EnvelopeCheck::CountsParts(parts) => (text.split('.').count() == parts).then_some(Opened::Unread),
        EnvelopeCheck::TakesClearText => text.starts_with('{').then(|| Opened::Clear(text.as_bytes().to_vec())),
        EnvelopeCheck::Overlooks(_) => None,
    }
}
