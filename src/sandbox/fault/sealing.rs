//! The seam for envelopes in answers.

use serde_json::Value;

use super::plan::FaultPlan;
use crate::base::OperationId;
use crate::jose::{ContentEncryption, DecryptionKey, EncryptionKey, JoseError, Recipe};
use crate::sandbox::defect::{Effect, SealFlaw};

impl FaultPlan {
    /// Seals a clear text: rightly, or as the defects want it.
    pub fn seal(&self, at: &OperationId, key: &EncryptionKey, clear: &Value) -> Result<String, JoseError> {
        let mut clear = clear.clone();
        let mut flaw = None;
        for effect in self.effects().filter(|effect| effect.operation() == at.as_str()) {
            match effect {
                Effect::SetSealed { member, value, .. } => set(&mut clear, member, value),
                Effect::SealWrongly { flaw: own, .. } => flaw = Some(own),
                _ => {}
            }
        }
        match flaw {
            Some(flaw) => wrongly(flaw, key, &clear),
            None => Ok(Recipe::right(key).seal(clear.to_string().as_bytes())?.to_compact()),
        }
    }
}

fn set(clear: &mut Value, member: &str, value: Option<&str>) {
    let Some(members) = clear.as_object_mut() else { return };
    match value.and_then(|text| serde_json::from_str(text).ok()) {
        Some(value) => drop(members.insert(member.to_owned(), value)),
        None => drop(members.shift_remove(member)),
    }
}

fn wrongly(flaw: SealFlaw, key: &EncryptionKey, clear: &Value) -> Result<String, JoseError> {
    let right = Recipe::right(key);
    let text = clear.to_string();
    let sealed = |recipe: Recipe<'_>| recipe.seal(text.as_bytes());
    let envelope = match flaw {
        SealFlaw::ForeignKey => sealed(Recipe { recipient: &DecryptionKey::generate().public(), ..right })?,
        SealFlaw::KeyId(kid) => sealed(Recipe { key_id: Some(kid), ..right })?,
        SealFlaw::NoKeyId => sealed(Recipe { key_id: None, ..right })?,
        SealFlaw::Algorithm(algorithm) => sealed(Recipe { algorithm, ..right })?,
        SealFlaw::A128Gcm => sealed(Recipe { encryption: ContentEncryption::A128Gcm, ..right })?,
        SealFlaw::FormInside => right.seal(form(clear).as_bytes())?,
        SealFlaw::DamagedTag => {
            let mut envelope = sealed(right)?;
            envelope.tag.iter_mut().for_each(|byte| *byte = !*byte);
            envelope
        }
        SealFlaw::FourParts => return Ok(sealed(right)?.to_compact().replacen("..", ".", 1)),
        SealFlaw::NotSealed => return Ok(text),
    };
    Ok(envelope.to_compact())
}

fn form(clear: &Value) -> String {
    let members = clear.as_object().into_iter().flatten();
    let pairs = members.filter_map(|(name, value)| Some(format!("{name}={}", value.as_str()?)));
    pairs.collect::<Vec<_>>().join("&")
}
