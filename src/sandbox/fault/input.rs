//! The seams for reading input: bodies that are no JSON, and identifiers that belong to somebody else.

use serde_json::{Value, json};

use super::lenient_json::forgiven;
use super::plan::FaultPlan;
use crate::base::OperationId;
use crate::contract::Breach;
use crate::sandbox::call::Refusal;
use crate::sandbox::defect::{Effect, Malformed};
use crate::sandbox::demo::Demo;

impl FaultPlan {
    /// What is made of a body that is no JSON.
    pub fn malformed(&self, at: &OperationId, body: &[u8]) -> Result<Value, Refusal> {
        let mut ways = self.effects().filter_map(|effect| match effect {
            Effect::MalformedJson { operation, then } if operation == at.as_str() => Some(then),
            _ => None,
        });
        ways.find_map(|way| read_carelessly(way, body)).unwrap_or_else(|| Err(Refusal::body()))
    }

    /// Does a breach at a place break the server?
    pub fn breaks_on(&self, at: &OperationId, place: &str, breach: &Breach, value: &Value) -> bool {
        let rule = super::plan::rule_name(breach, value);
        self.effects().any(|effect| match effect {
            Effect::BreakOn { operation, location, rules } => {
                operation == at.as_str() && location == place && rules.contains(&rule.as_str())
            }
            _ => false,
        })
    }

    /// Is a request performed that has no body, although it must have one?
    pub fn needs_no_body(&self, at: &OperationId) -> bool {
        self.effects().any(|effect| match effect {
            Effect::IgnoreRules { operation, location: "body", rules } => {
                operation == at.as_str() && rules.contains(&"required_body")
            }
            _ => false,
        })
    }

    /// Puts an identifier of the demo data in the place of another party's, where a defect does not tell them apart.
    pub fn confuse(&self, at: &OperationId, demo: &Demo, parameters: &mut [(String, Value)]) {
        for effect in self.effects() {
            let Effect::AnyIdentifier { operation, location } = effect else { continue };
            let name = location.rsplit('.').next().unwrap_or_default();
            let own = match name {
                "issuerId" => demo.issuer_id,
                "consumerId" => demo.consumer_id,
                _ => demo.card_id,
            };
            if operation == at.as_str()
                && let Some((_, value)) = parameters.iter_mut().find(|(parameter, _)| parameter == name)
            {
                *value = json!(own);
            }
        }
    }
}

/// `None` where this way does not help with this body.
fn read_carelessly(way: Malformed, body: &[u8]) -> Option<Result<Value, Refusal>> {
    let text = || String::from_utf8_lossy(body);
    match way {
        Malformed::Breaks => Some(Err(Refusal::broken())),
        Malformed::BreaksAt(part) => text().contains(part).then(|| Err(Refusal::broken())),
        Malformed::Passes => Some(Ok(json!({}))),
        Malformed::ReadsFirstValue => serde_json::Deserializer::from_slice(body).into_iter().next()?.ok().map(Ok),
        way => forgiven(way, body).map(Ok),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::read_carelessly;
    use crate::sandbox::call::{Refusal, RefusalKind};
    use crate::sandbox::defect::Malformed;

    #[test]
    fn each_way_forgives_its_own_mistake_only() {
        let read = |way, body: &str| read_carelessly(way, body.as_bytes());
        assert_eq!(read(Malformed::ReadsFirstValue, r#"{"a":1}]"#), Some(Ok(json!({"a": 1}))));
        assert_eq!(read(Malformed::ReadsFirstValue, r#"{"a":1"#), None);
        assert_eq!(read(Malformed::TakesSingleQuotes, r"{'a':1}"), Some(Ok(json!({"a": 1}))));
        assert_eq!(read(Malformed::TakesTrailingCommas, r#"{"a":1,}"#), Some(Ok(json!({"a": 1}))));
        assert_eq!(read(Malformed::TakesTrailingCommas, r#"{"a":1}}"#), None);
        let kind = |read: Option<Result<_, Refusal>>| read.and_then(Result::err).map(|refusal| refusal.kind);
        assert_eq!(kind(read(Malformed::BreaksAt("NaN"), "NaN")), Some(RefusalKind::Broken));
        assert_eq!(kind(read(Malformed::BreaksAt("NaN"), "{")), None);
    }
}
