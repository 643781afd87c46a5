//! The defects that are switched on, and the seams for reading requests and writing answers.

use std::sync::atomic::{AtomicU32, Ordering};

use serde_json::{Map, Value};

use crate::base::OperationId;
use crate::contract::Breach;
use crate::sandbox::answer::Answer;
use crate::sandbox::call::{Call, Refusal};
use crate::sandbox::defect::{Defect, Effect, Lapses, Trait};

/// The defects that are switched on.
#[derive(Debug, Default)]
pub struct FaultPlan {
    planted: Vec<Planted>,
}

#[derive(Debug)]
struct Planted {
    defect: &'static Defect,
    /// Calls of its operation.
    calls: AtomicU32,
}

impl FaultPlan {
    /// Takes the defects in the order in which they act.
    pub fn new(defects: Vec<&'static Defect>) -> Self {
        let planted = |defect| Planted { defect, calls: AtomicU32::new(0) };
        Self { planted: defects.into_iter().map(planted).collect() }
    }

    /// Names of the defects.
    pub fn names(&self) -> Vec<&'static str> {
        self.planted.iter().map(|planted| planted.defect.name).collect()
    }

    /// Counts a call of an operation: some defects wait.
    pub fn called(&self, at: &OperationId) {
        for planted in self.planted.iter().filter(|planted| planted.defect.effect.operation() == at.as_str()) {
            planted.calls.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// The business rules that are forgotten.
    pub fn lapses(&self) -> Lapses {
        let lapse = |effect| if let Effect::Forget { lapse, .. } = effect { Some(lapse) } else { None };
        Lapses::new(self.effects().filter_map(lapse).collect())
    }

    /// Does a breach at a place pass?
    pub fn ignores(&self, at: &OperationId, place: &str, breach: &Breach, value: &Value) -> bool {
        let rule = rule_name(breach, value);
        self.effects().any(|effect| match effect {
            Effect::IgnoreRules { operation, location, rules } => {
                operation == at.as_str() && location == place && rules.contains(&rule.as_str())
            }
            Effect::IgnoreRulesWhen { operation, location, rules, when } => {
                operation == at.as_str()
                    && location == place
                    && rules.contains(&rule.as_str())
                    && when.fits(value.pointer(&breach.instance))
            }
            Effect::AnyIdentifier { operation, location } => operation == at.as_str() && location == place,
            _ => false,
        })
    }

    /// The refusal of a call that is in order, if a defect wants one.
    pub fn refuses(&self, call: &Call<'_>) -> Option<Refusal> {
        let field = |location: &str| Refusal::field(location.rsplit(['.', '/']).next().unwrap_or_default(), "format");
        let mut here = self.effects().filter(|effect| effect.operation() == call.operation.as_str());
        here.find_map(|effect| match effect {
            Effect::RefuseValid { location, when, .. } => hits(call, location, when).then(|| field(location)),
            Effect::BreakWhen { location, when, .. } => hits(call, location, when).then(Refusal::broken),
            Effect::RefuseTogether { locations, .. } => {
                locations.iter().all(|location| hits(call, location, Trait::Present)).then(|| field(locations[1]))
            }
            _ => None,
        })
    }

    /// Do missing (or else wrong) credentials pass?
    pub fn ignores_auth(&self, at: &OperationId, none_sent: bool) -> bool {
        self.effects().any(|effect| match effect {
            Effect::IgnoreAuth { operation, missing, wrong } => {
                operation == at.as_str() && if none_sent { missing } else { wrong }
            }
            _ => false,
        })
    }

    /// Is a body of any media type read?
    pub fn any_media_type(&self, at: &OperationId) -> bool {
        self.effects().any(|effect| matches!(effect, Effect::AnyMediaType { operation } if operation == at.as_str()))
    }

    /// Does a method that is not declared perform this operation?
    pub fn any_method(&self, at: &OperationId) -> bool {
        self.effects().any(|effect| matches!(effect, Effect::AnyMethod { operation } if operation == at.as_str()))
    }

    /// Spoils an answer that is in order.
    pub fn spoil(&self, at: &OperationId, answer: &mut Answer) {
        // The status is the one that the other effects are written against, so it is changed last.
        let mut wrong_status = None;
        for effect in self.effects() {
            match effect {
                Effect::ContentType { operation, status, value } if meets(at, answer, operation, status) => {
                    answer.content_type = Some(value.to_owned());
                }
                Effect::NoContentType { operation, status } if meets(at, answer, operation, status) => {
                    answer.content_type = None;
                }
                Effect::SetValue { operation, status, pointer, value } if meets(at, answer, operation, status) => {
                    if let Ok(value) = serde_json::from_str(value) {
                        set(answer, pointer, Some(value));
                    }
                }
                Effect::RemoveMember { operation, status, pointer } if meets(at, answer, operation, status) => {
                    set(answer, pointer, None);
                }
                Effect::EmptyBody { operation, status } if meets(at, answer, operation, status) => answer.body = None,
                Effect::Status { operation, from, to } if meets(at, answer, operation, from) => wrong_status = Some(to),
                _ => {}
            }
        }
        answer.status = wrong_status.unwrap_or(answer.status);
    }

    /// All effects, in the order in which they act.
    pub(super) fn effects(&self) -> impl Iterator<Item = Effect> + '_ {
        self.planted.iter().filter_map(|planted| match planted.defect.effect {
            Effect::After { requests, fades, then } => {
                let calls = planted.calls.load(Ordering::Relaxed);
                let fine = calls <= requests || fades && (calls - 1) / requests.max(1) % 2 == 0;
                (!fine).then_some(*then)
            }
            effect => Some(effect),
        })
    }
}

fn meets(at: &OperationId, answer: &Answer, operation: &str, status: u16) -> bool {
    operation == at.as_str() && answer.status == status
}

/// The rule that a breach belongs to, as obligation ids name it. `null` breaks the keyword `type` too, but is a duty of
/// its own.
pub(super) fn rule_name(breach: &Breach, value: &Value) -> String {
    if breach.keyword == "type" && value.pointer(&breach.instance).is_some_and(Value::is_null) {
        return "nullable".to_owned();
    }
    breach.keyword.chars().fold(String::new(), |mut name, c| {
        if c.is_ascii_uppercase() {
            name.push('_');
        }
        name.push(c.to_ascii_lowercase());
        name
    })
}

fn hits(call: &Call<'_>, location: &str, when: Trait) -> bool {
    if let Some(pointer) = location.strip_prefix("body") {
        let steps: Vec<&str> = pointer.split('/').skip(1).collect();
        return call.body.as_ref().is_some_and(|body| any_value(body, &steps, when));
    }
    let name = location.split_once('.').map_or(location, |(_, name)| name);
    let value = call.parameters.iter().find(|(own, _)| own == name).map(|(_, value)| value);
    when.fits(value)
}

fn any_value(value: &Value, steps: &[&str], when: Trait) -> bool {
    match (steps.split_first(), value) {
        (None, value) => when.fits(Some(value)),
        (Some((&"*", rest)), Value::Array(items)) => items.iter().any(|item| any_value(item, rest, when)),
        (Some((name, rest)), Value::Object(members)) => {
            members.get(*name).map_or_else(|| when.fits(None), |member| any_value(member, rest, when))
        }
        _ => false,
    }
}

/// Puts a value into the body of an answer, or takes it out.
pub(super) fn set(answer: &mut Answer, pointer: &str, value: Option<Value>) {
    let Some((parent, name)) = pointer.rsplit_once('/') else {
        answer.body = value;
        return;
    };
    let body = answer.body.get_or_insert_with(|| Value::Object(Map::new()));
    if let Some(Value::Object(members)) = body.pointer_mut(parent) {
        match value {
            Some(value) => {
                members.insert(name.to_owned(), value);
            }
            None => {
                members.shift_remove(name);
            }
        }
    }
}
