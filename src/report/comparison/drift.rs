//! What changed in the answers, whether the contract allows it or not. Between two runs of the same cases every change
//! counts; between others a share must differ by more than chance, unless it went from all to none or back.

use std::collections::BTreeSet;

use super::chance::fisher;
use super::compare::pairs;
use super::model::{Drift, DriftKind};
use crate::report::activity::{AnswersRecord, FieldRecord, JsonType, OperationRecord};
use crate::report::record::RunRecord;
use crate::report::words::plural;

/// Chance may bring a difference in shares this seldom: there are many fields.
const LEVEL: f64 = 0.001;

/// Where the cases are others, what was seen less often may have been all or none by chance.
const LEAST: u64 = 5;

/// All drift, operation by operation.
pub(super) fn drift(old: &RunRecord, new: &RunRecord) -> Vec<Drift> {
    let same_cases = old.case_digest.is_some() && old.case_digest == new.case_digest;
    pairs(old, new).flat_map(|(old, new)| Look { old, new, same_cases, drift: Vec::new() }.whole()).collect()
}

/// One operation in both runs.
struct Look<'r> {
    old: &'r OperationRecord,
    new: &'r OperationRecord,
    same_cases: bool,
    drift: Vec<Drift>,
}

/// So many of so many.
type Share = (u64, u64);

impl Look<'_> {
    fn whole(mut self) -> Vec<Drift> {
        let all = |operation: &OperationRecord| operation.answers.values().map(|answers| answers.count).sum::<u64>();
        let (before, now) = (all(self.old), all(self.new));
        let empty = AnswersRecord::default();
        let statuses: BTreeSet<u16> = self.old.answers.keys().chain(self.new.answers.keys()).copied().collect();
        for status in statuses {
            let of = |operation: &OperationRecord| operation.answers.get(&status).cloned();
            let (old, new) = (of(self.old), of(self.new));
            let count = |answers: &Option<AnswersRecord>| answers.as_ref().unwrap_or(&empty).count;
            let (a, b) = ((count(&old), before), (count(&new), now));
            match (old, new) {
                (Some(old), Some(new)) => {
                    self.content_types(status, &old, &new);
                    self.fields(status, &old, &new);
                }
                // A server that fails is told however seldom it does.
                (None, _) if status >= 500 || self.counts(a, b) => {
                    let text = format!("status {status} appeared, in {}", of_answers(b));
                    self.tell(status, None, DriftKind::StatusAppeared, text);
                }
                (_, None) if self.counts(a, b) => {
                    let text = format!("status {status} vanished, it was in {}", of_answers(a));
                    self.tell(status, None, DriftKind::StatusVanished, text);
                }
                _ => {}
            }
        }
        self.drift
    }

    /// Is the difference between two shares one to tell?
    fn counts(&self, old: Share, new: Share) -> bool {
        if old.1 == 0 || new.1 == 0 {
            return false;
        }
        let class = |(some, all): Share| u8::from(some > 0) + u8::from(some == all);
        if class(old) == class(new) && class(old) != 1 {
            return false;
        }
        let enough = self.same_cases || old.1.min(new.1) >= LEAST;
        let from_all_to_none = class(old) + class(new) == 2 && class(old) != 1 && enough;
        let other_class = self.same_cases && class(old) != class(new);
        from_all_to_none || other_class || fisher(old, new) < LEVEL
    }

    fn content_types(&mut self, status: u16, old: &AnswersRecord, new: &AnswersRecord) {
        let names: BTreeSet<&String> = old.content_types.keys().chain(new.content_types.keys()).collect();
        for name in names {
            let share =
                |answers: &AnswersRecord| (answers.content_types.get(name).copied().unwrap_or(0), answers.count);
            let (before, now) = (share(old), share(new));
            if self.counts(before, now) {
                let text = format!("content type {name}: {}, was {}", of_answers(now), of_answers(before));
                self.tell(status, None, DriftKind::ContentType, text);
            }
        }
    }

    fn fields(&mut self, status: u16, old: &AnswersRecord, new: &AnswersRecord) {
        let pointers: BTreeSet<&String> = old.shape.keys().chain(new.shape.keys()).collect();
        for pointer in pointers {
            let (before, now) = (presence(old, pointer), presence(new, pointer));
            // What was cut from one side is not known to be missing there.
            let blind = (before.0 == 0 && !old.shape_complete) || (now.0 == 0 && !new.shape_complete);
            if !pointer.ends_with("/*") && !blind && self.counts(before, now) {
                let (kind, word) = match (before, now) {
                    ((0, _), _) => (DriftKind::FieldAppeared, "appeared"),
                    (_, (0, _)) => (DriftKind::FieldVanished, "vanished"),
                    ((a, n), (b, m)) if u128::from(a) * u128::from(m) > u128::from(b) * u128::from(n) => {
                        (DriftKind::FieldRarer, "is rarer")
                    }
                    _ => (DriftKind::FieldMoreOften, "is more often there"),
                };
                let text = format!("{} {word}: {}, was {}", shown(pointer), of_places(now), of_places(before));
                self.tell(status, Some(pointer), kind, text);
            }
            if let (Some(before), Some(now)) = (old.shape.get(pointer), new.shape.get(pointer)) {
                self.types(status, pointer, before, now);
            }
        }
    }

    fn types(&mut self, status: u16, pointer: &str, old: &FieldRecord, new: &FieldRecord) {
        let names: BTreeSet<JsonType> = old.types.keys().chain(new.types.keys()).copied().collect();
        let share = |field: &FieldRecord, kind: JsonType| {
            (field.types.get(&kind).copied().unwrap_or(0), field.types.values().sum::<u64>())
        };
        if names.into_iter().any(|kind| self.counts(share(old, kind), share(new, kind))) {
            let text = format!("{} is {}, was {}", shown(pointer), types(new), types(old));
            self.tell(status, Some(pointer), DriftKind::FieldType, text);
        }
    }

    fn tell(&mut self, status: u16, pointer: Option<&str>, kind: DriftKind, text: String) {
        self.drift.push(Drift {
            suite: self.new.suite.clone(),
            operation_id: self.new.operation_id.clone(),
            status,
            pointer: pointer.map(str::to_owned),
            kind,
            text,
        });
    }
}

/// How often a field was there, of the objects that could have had it; a whole body, of the answers.
fn presence(answers: &AnswersRecord, pointer: &str) -> Share {
    let field = answers.shape.get(pointer);
    match pointer.rsplit_once('/') {
        None => (field.map_or(0, |field| field.answers), answers.count),
        Some((parent, _)) => {
            let parent = answers.shape.get(parent).and_then(|parent| parent.types.get(&JsonType::Object)).copied();
            (field.map_or(0, |field| field.types.values().sum()), parent.unwrap_or(0))
        }
    }
}

fn shown(pointer: &str) -> &str {
    if pointer.is_empty() { "the JSON body" } else { pointer }
}

fn of_answers((some, all): Share) -> String {
    format!("{some} of {}", plural(all, "answer"))
}

fn of_places((some, all): Share) -> String {
    if some == all && all > 0 { "always there".to_owned() } else { format!("there {some} of {all} times") }
}

fn types(field: &FieldRecord) -> String {
    let all: u64 = field.types.values().sum();
    let name = |kind: &JsonType| format!("{kind:?}").to_ascii_lowercase();
    let one = |(kind, count): (&JsonType, &u64)| {
        if *count == all { name(kind) } else { format!("{} ({count} of {all})", name(kind)) }
    };
    field.types.iter().map(one).collect::<Vec<_>>().join(" or ")
}
