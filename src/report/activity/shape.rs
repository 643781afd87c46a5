//! What the answers of one status look like: names and types of their fields, never a value. The names come from a server,
//! so they are cleaned like everything else and there is an end to their number, length and depth.

use std::collections::{BTreeMap, HashMap};

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::base::Redactor;
use crate::exchange::{Answer, Exchange};
use crate::report::cleaner::Cleaner;

/// Fields that are told apart for one status.
pub const MOST_FIELDS: usize = 400;

/// Levels of a body that are looked at.
const MOST_DEPTH: usize = 16;

/// Characters of a name.
const MOST_NAME: usize = 100;

/// Bytes of a body; a larger one is not looked at.
const MOST_BODY: usize = 1024 * 1024;

/// Content types that are told apart for one status.
const MOST_CONTENT_TYPES: usize = 16;

/// Stands for an answer without content type, and for all beyond [`MOST_CONTENT_TYPES`].
const NO_CONTENT_TYPE: &str = "none";
const OTHER_CONTENT_TYPE: &str = "other";

/// The answers of one operation with one status.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AnswersRecord {
    /// How many.
    pub count: u64,
    /// Answers by media type without parameters; `none` where there was no content type.
    pub content_types: BTreeMap<String, u64>,
    /// Fields of JSON bodies by JSON pointer; `*` stands for the items of an array, the empty pointer for the whole body.
    pub shape: BTreeMap<String, FieldRecord>,
    /// False where fields were left out because there were too many of them, or too deep.
    pub shape_complete: bool,
}

/// One field in the answers of one status.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FieldRecord {
    /// Answers that had it, at least once.
    pub answers: u64,
    /// How often it had which type. A field of items can occur more than once in one answer.
    pub types: BTreeMap<JsonType, u64>,
}

/// The types of JSON (RFC 8259 section 3).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum JsonType {
    /// `[]`
    Array,
    /// `true` or `false`
    Boolean,
    /// `null`
    Null,
    /// Any number.
    Number,
    /// `{}`
    Object,
    /// Any text.
    String,
}

impl JsonType {
    fn of(value: &Value) -> Self {
        match value {
            Value::Null => Self::Null,
            Value::Bool(_) => Self::Boolean,
            Value::Number(_) => Self::Number,
            Value::String(_) => Self::String,
            Value::Array(_) => Self::Array,
            Value::Object(_) => Self::Object,
        }
    }
}

/// Answers on the way to their record.
#[derive(Default)]
pub(super) struct Shape {
    count: u64,
    content_types: BTreeMap<String, u64>,
    /// By pointer as the server has it.
    fields: HashMap<String, Field>,
    cut: bool,
}

struct Field {
    /// Its pointer as it may be shown.
    clean: String,
    record: FieldRecord,
    /// Number of the answer that had it last.
    last: u64,
}

/// What cleans the names of one answer. To gather all that must not be shown takes longer than to look at an answer, and
/// most answers have no name that is new.
struct Names<'a> {
    exchange: &'a Exchange,
    redactor: &'a Redactor,
    cleaner: Option<Cleaner>,
}

impl Names<'_> {
    fn clean(&mut self, name: &str) -> String {
        let cleaner = self.cleaner.get_or_insert_with(|| Cleaner::of(self.redactor, self.exchange));
        cleaner.text(name)
    }

    fn pointer(&mut self, pointer: &str) -> String {
        let clean = |name: &str| {
            let name = self.clean(&name.replace("~1", "/").replace("~0", "~"));
            name.replace('~', "~0").replace('/', "~1")
        };
        pointer.split('/').map(clean).collect::<Vec<_>>().join("/")
    }
}

impl Shape {
    /// Takes one answer in; `exchange` is the one it belongs to.
    pub(super) fn add(&mut self, answer: &Answer, exchange: &Exchange, redactor: &Redactor) {
        self.count += 1;
        let mut names = Names { exchange, redactor, cleaner: None };
        self.content_type(answer, &mut names);
        if answer.body.len() > MOST_BODY {
            self.cut = true;
        } else if let Ok(body) = serde_json::from_slice::<Value>(&answer.body) {
            self.field(&body, &mut String::new(), 0, &mut names);
        }
    }

    fn content_type(&mut self, answer: &Answer, names: &mut Names<'_>) {
        let whole = answer.header("content-type").unwrap_or_default();
        let media: String = whole.split(';').next().unwrap_or_default().trim().chars().take(MOST_NAME).collect();
        let media = if media.is_empty() { NO_CONTENT_TYPE.to_owned() } else { media.to_ascii_lowercase() };
        if let Some(known) = self.content_types.get_mut(&media) {
            *known += 1;
            return;
        }
        let full = self.content_types.len() >= MOST_CONTENT_TYPES;
        let media = if full { OTHER_CONTENT_TYPE.to_owned() } else { names.clean(&media) };
        *self.content_types.entry(media).or_default() += 1;
    }

    fn field(&mut self, value: &Value, pointer: &mut String, depth: usize, names: &mut Names<'_>) {
        let number = self.count;
        if !self.fields.contains_key(pointer.as_str()) {
            if self.fields.len() >= MOST_FIELDS {
                self.cut = true;
                return;
            }
            let field = Field { clean: names.pointer(pointer), record: FieldRecord::default(), last: 0 };
            self.fields.insert(pointer.clone(), field);
        }
        if let Some(field) = self.fields.get_mut(pointer.as_str()) {
            field.record.answers += u64::from(field.last != number);
            field.last = number;
            *field.record.types.entry(JsonType::of(value)).or_default() += 1;
        }
        let length = pointer.len();
        match value {
            Value::Array(_) | Value::Object(_) if depth >= MOST_DEPTH => self.cut = true,
            Value::Array(items) => {
                pointer.push_str("/*");
                for item in items {
                    self.field(item, pointer, depth + 1, names);
                }
            }
            Value::Object(members) => {
                for (name, member) in members {
                    if name.len() > MOST_NAME {
                        self.cut = true;
                        continue;
                    }
                    pointer.push('/');
                    for c in name.chars() {
                        match c {
                            '~' => pointer.push_str("~0"),
                            '/' => pointer.push_str("~1"),
                            c => pointer.push(c),
                        }
                    }
                    self.field(member, pointer, depth + 1, names);
                    pointer.truncate(length);
                }
            }
            _ => {}
        }
        pointer.truncate(length);
    }

    /// What is known so far.
    pub(super) fn record(&self) -> AnswersRecord {
        let mut shape: BTreeMap<String, FieldRecord> = BTreeMap::new();
        for field in self.fields.values() {
            // Names that were masked may be the same now.
            let known = shape.entry(field.clean.clone()).or_default();
            known.answers = (known.answers + field.record.answers).min(self.count);
            for (kind, count) in &field.record.types {
                *known.types.entry(*kind).or_default() += count;
            }
        }
        let (count, content_types) = (self.count, self.content_types.clone());
        AnswersRecord { count, content_types, shape, shape_complete: !self.cut }
    }
}

#[cfg(test)]
#[path = "shape_tests.rs"]
mod tests;
