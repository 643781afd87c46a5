//! The seams for credentials.

use super::plan::FaultPlan;
use crate::base::OperationId;
use crate::contract::AssertionFlaw;
use crate::sandbox::defect::{Effect, TokenCheck};

impl FaultPlan {
    /// Is an assertion with this flaw taken?
    pub fn forgives(&self, at: &OperationId, wrong: AssertionFlaw) -> bool {
        self.effects().any(|effect| {
            matches!(effect, Effect::AcceptAssertion { operation, flaw } if operation == at.as_str() && flaw == wrong)
        })
    }

    /// Is a request taken that lacks a member of its body which it must have?
    pub fn waives(&self, at: &OperationId, member: &str) -> bool {
        self.effects().any(|effect| match effect {
            Effect::IgnoreRules { operation, location, rules } => {
                let named = location.rsplit_once('/').is_some_and(|(_, name)| name == member);
                operation == at.as_str() && named && rules.contains(&"required")
            }
            _ => false,
        })
    }

    /// Is HTTP Basic in base64url refused?
    pub fn plain_base64_only(&self, at: &OperationId) -> bool {
        self.effects().any(|effect| matches!(effect, Effect::PlainBase64Only { operation } if operation == at.as_str()))
    }

    /// How bearer tokens are checked, if not as they should be.
    pub fn token_check(&self, at: &OperationId) -> Option<TokenCheck> {
        self.effects().find_map(|effect| match effect {
            Effect::LaxToken { operation, check } if operation == at.as_str() => Some(check),
            _ => None,
        })
    }
}
