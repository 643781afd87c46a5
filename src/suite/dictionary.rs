//! The dictionary of a target file: values of fields that only the target's owner knows, by the field's name, by its place
//! or by operation.

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use indexmap::IndexMap;
use serde_json::Value;

use super::error::SuiteError;
use super::expand::Expander;
use super::read::{Lines, escape};
use super::suggest::closest;
use super::target::Target;
use crate::base::{OperationId, PanRange};
use crate::contract::{Contract, Field, Operation, fields, is_card_number};

/// Values by field. The value at a place is that of the entry that names it most closely: operation and place, operation and
/// name, place, name.
///
/// A value is used at those places of its entry alone whose schema it keeps: one name may mean several things, and a `status`
/// of cards is none of consumers. A value that fits no place at all is an error, and so never left out in silence.
#[derive(Clone, Default)]
pub struct Dictionary {
    entries: Vec<Entry>,
}

#[derive(Clone)]
struct Entry {
    /// Name of the operation that it belongs to, qualified or not; all of them without.
    operation: Option<String>,
    /// A name, or a place as suites spell it.
    key: String,
    values: Vec<Value>,
    /// JSON pointer in the target file.
    pointer: String,
    /// The values stand in a list.
    several: bool,
}

/// Names and numbers alone: values may be a card's.
impl fmt::Debug for Dictionary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.entries.iter().map(|entry| (&entry.key, entry.values.len()))).finish()
    }
}

impl Dictionary {
    /// Reads the mapping of a target file. A mapping inside of it belongs to one operation, so that a field whose value is an
    /// object is written as a list of one.
    pub(super) fn read(path: &Path, file: IndexMap<String, Value>, expander: &Expander) -> Result<Self, SuiteError> {
        let mut entries = Vec::new();
        for (key, value) in file {
            let pointer = format!("/dictionary/{}", escape(&key));
            match value {
                Value::Object(members) => {
                    for (name, value) in members {
                        let pointer = format!("{pointer}/{}", escape(&name));
                        entries.push(Entry::read(path, Some(key.clone()), name, value, pointer, expander)?);
                    }
                }
                value => entries.push(Entry::read(path, None, key, value, pointer, expander)?),
            }
        }
        Ok(Self { entries })
    }

    /// The places of an operation that have values, those around others first.
    pub fn values_of(&self, operation: &Operation) -> Vec<(String, Vec<Value>)> {
        let mut own: Vec<&Entry> = self.entries.iter().filter(|entry| entry.is_for(&operation.id)).collect();
        if own.is_empty() {
            return Vec::new();
        }
        own.sort_by_key(|entry| std::cmp::Reverse(entry.rank(&operation.id)));
        let all = fields(operation);
        let mut found: IndexMap<&str, Vec<Value>> = IndexMap::new();
        for field in &all {
            if found.contains_key(field.slot.as_str()) {
                continue;
            }
            // Several branches may describe one place; what fits one of them may stand there.
            let fits = |value: &&Value| all.iter().any(|other| other.slot == field.slot && other.fits(value));
            let of = |entry: &&Entry| -> Vec<Value> { entry.values.iter().filter(fits).cloned().collect() };
            let named = own.iter().filter(|entry| entry.names(field)).map(of);
            if let Some(values) = named.into_iter().find(|values| !values.is_empty()) {
                found.insert(&field.slot, values);
            }
        }
        found.into_iter().map(|(slot, values)| (slot.to_owned(), values)).collect()
    }

    /// All values with the names of their fields.
    pub(super) fn named(&self) -> impl Iterator<Item = (&str, &Value)> {
        let mut found = Vec::new();
        for entry in &self.entries {
            entry.values.iter().for_each(|value| collect(entry.name(), value, &mut found));
        }
        found.into_iter()
    }
}

/// A value and those inside of it, with their names.
fn collect<'v>(name: &'v str, value: &'v Value, found: &mut Vec<(&'v str, &'v Value)>) {
    match value {
        Value::Object(members) => members.iter().for_each(|(name, member)| collect(name, member, found)),
        Value::Array(items) => items.iter().for_each(|item| collect(name, item, found)),
        scalar => found.push((name, scalar)),
    }
}

impl Entry {
    fn read(
        path: &Path,
        operation: Option<String>,
        key: String,
        value: Value,
        pointer: String,
        expander: &Expander,
    ) -> Result<Self, SuiteError> {
        let several = value.is_array();
        let values = match value {
            Value::Array(values) => values,
            value if value.is_object() => {
                let remedy =
                    format!("write a value, or a list of values; an object goes into a list: `{key}: [{{...}}]`");
                return Err(Lines::of(path).invalid(&pointer, format!("dictionary: `{key}` is a mapping"), remedy));
            }
            value => vec![value],
        };
        if values.is_empty() {
            let remedy = "write at least one value, or take the entry out".to_owned();
            return Err(Lines::of(path).invalid(&pointer, format!("dictionary: `{key}` lists no value"), remedy));
        }
        let values = values.into_iter().map(|value| expanded(value, expander)).collect::<Result<_, _>>()?;
        Ok(Self { operation, key, values, pointer, several })
    }

    fn is_for(&self, operation: &OperationId) -> bool {
        self.operation.as_deref().is_none_or(|own| own == operation.as_str() || own == operation.name())
    }

    /// How closely the entry names its places: the operation counts for more than the place in it.
    fn rank(&self, operation: &OperationId) -> (u8, bool) {
        let near = self.operation.as_deref().map_or(0, |own| if own == operation.as_str() { 2 } else { 1 });
        (near, self.is_slot())
    }

    fn is_slot(&self) -> bool {
        ["path.", "query.", "header.", "body/"].iter().any(|prefix| self.key.starts_with(prefix))
    }

    /// Name of the field: the last one of a place.
    fn name(&self) -> &str {
        if !self.is_slot() {
            return &self.key;
        }
        self.key.rsplit(['/', '.']).find(|token| *token != "*").unwrap_or_default()
    }

    fn names(&self, field: &Field) -> bool {
        if !self.is_slot() {
            return !field.item
                && (self.key == field.name || is_header(field) && self.key.eq_ignore_ascii_case(&field.name));
        }
        self.key == field.slot || is_header(field) && self.key.eq_ignore_ascii_case(&field.slot)
    }

    /// Where the value stands in the file.
    fn place(&self, index: usize) -> String {
        if self.several { format!("{}/{index}", self.pointer) } else { self.pointer.clone() }
    }
}

fn is_header(field: &Field) -> bool {
    field.slot.starts_with("header.")
}

fn expanded(value: Value, expander: &Expander) -> Result<Value, SuiteError> {
    Ok(match value {
        Value::String(text) => Value::String(expander.text(&text)?),
        Value::Array(items) => {
            Value::Array(items.into_iter().map(|item| expanded(item, expander)).collect::<Result<_, _>>()?)
        }
        Value::Object(members) => Value::Object(
            members
                .into_iter()
                .map(|(name, member)| Ok((name, expanded(member, expander)?)))
                .collect::<Result<_, SuiteError>>()?,
        ),
        other => other,
    })
}

impl Target {
    /// Checks every entry of the dictionary against the operations that will be called.
    pub fn check_dictionary<'c>(&self, contracts: impl Iterator<Item = &'c Arc<Contract>>) -> Result<(), SuiteError> {
        if self.dictionary.entries.is_empty() {
            return Ok(());
        }
        let path = self.file.clone().unwrap_or_else(|| PathBuf::from(&self.name));
        let operations = contracts.flat_map(|contract| &contract.operations);
        let known: Vec<_> = operations.map(|operation| (&operation.id, fields(operation))).collect();
        let checker = Checker { lines: Lines::of(&path), known, test_pans: &self.test_pans };
        self.dictionary.entries.iter().try_for_each(|entry| checker.entry(entry))
    }
}

struct Checker<'c> {
    lines: Lines<'c>,
    known: Vec<(&'c OperationId, Vec<Field<'c>>)>,
    test_pans: &'c [PanRange],
}

impl Checker<'_> {
    fn entry(&self, entry: &Entry) -> Result<(), SuiteError> {
        let own: Vec<_> = self.known.iter().filter(|(id, _)| entry.is_for(id)).collect();
        if let (Some(operation), true) = (&entry.operation, own.is_empty()) {
            let known: Vec<&str> = self.known.iter().map(|(id, _)| id.as_str()).collect();
            let pointer = format!("/dictionary/{}", escape(operation));
            return Err(self.lines.unknown(&pointer, "operation in the dictionary", operation, known));
        }
        let all: Vec<(&OperationId, &Field)> =
            own.iter().flat_map(|(id, fields)| fields.iter().map(move |field| (*id, field))).collect();
        let places: Vec<_> = all.iter().filter(|(_, field)| entry.names(field)).collect();
        let Some((id, first)) = places.first() else { return Err(self.nowhere(entry, &all)) };
        for (index, value) in entry.values.iter().enumerate() {
            self.card_numbers(entry, index, value)?;
            if !places.iter().any(|(_, field)| field.fits(value)) {
                let (place, others) = (entry.place(index), places.len() - 1);
                let more = if others == 0 { String::new() } else { format!(", and of {others} more") };
                let problem = format!(
                    "dictionary: a value of `{}` breaks the schema of its place: {} of {id}{more}",
                    entry.key, first.slot
                );
                let remedy =
                    "write a value that keeps the specification; `d1c list` shows the obligations of the place";
                return Err(self.lines.invalid(&place, problem, remedy.to_owned()));
            }
        }
        Ok(())
    }

    fn nowhere(&self, entry: &Entry, all: &[(&OperationId, &Field)]) -> SuiteError {
        let candidates =
            |slot: bool| all.iter().map(move |(_, field)| if slot { field.slot.as_str() } else { field.name.as_str() });
        let near = closest(&entry.key, candidates(entry.is_slot()));
        let remedy = match (near, &entry.operation) {
            (Some(near), _) => format!("did you mean `{near}`?"),
            (None, Some(_)) => "name a parameter or member of the operation, or a place such as body/a/*/b".to_owned(),
            (None, None) => {
                "name a parameter or member of a request, or a place such as path.cardId or body/a/*/b".to_owned()
            }
        };
        let whose = entry.operation.as_ref().map_or("any operation of this run".to_owned(), |own| format!("`{own}`"));
        let problem = format!("dictionary: `{}` is no place in a request of {whose}", entry.key);
        self.lines.invalid(&entry.pointer, problem, remedy)
    }

    /// A card number that is none for tests may be somebody's.
    fn card_numbers(&self, entry: &Entry, index: usize, value: &Value) -> Result<(), SuiteError> {
        let mut inside = Vec::new();
        collect(entry.name(), value, &mut inside);
        let in_range = |value: &Value| {
            value.as_str().is_some_and(|number| self.test_pans.iter().any(|range| range.contains(number)))
        };
        if inside.iter().all(|(name, value)| !is_card_number(name) || in_range(value)) {
            return Ok(());
        }
        let problem = format!("dictionary: a card number of `{}` is not in a range of `test_pans`", entry.key);
        let remedy = "take the entry out: card numbers are made in `test_pans`; or write one of those ranges, with its check digit";
        Err(self.lines.invalid(&entry.place(index), problem, remedy.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;
    use std::sync::Arc;

    use serde_json::json;

    use crate::contract::{Contract, Document};
    use crate::suite::Target;

    const SPEC: &str = "\
openapi: 3.0.3
info: {title: t, version: '1'}
paths:
  /a:
    post:
      operationId: makeA
      parameters: [{name: X-Code, in: header, schema: {type: string}}]
      requestBody:
        content:
          application/json:
            schema:
              type: object
              properties:
                code: {type: string, maxLength: 3}
                list: {type: array, items: {type: object, properties: {code: {type: string}, size: {type: integer}}}}
                pan: {type: string}
      responses: {'200': {description: ok}}
  /b:
    get:
      operationId: getB
      parameters: [{name: code, in: query, schema: {type: integer}}]
      responses: {'200': {description: ok}}
";

    fn contract() -> Arc<Contract> {
        Arc::new(Contract::read("S", Document::parse(Path::new("s.yaml"), SPEC).unwrap()).unwrap())
    }

    fn target(dictionary: &str) -> Target {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("t.yaml");
        std::fs::write(&path, format!("test_pans: [41111111xxxxxxxx]\ndictionary:\n{dictionary}")).unwrap();
        let mut target = Target::load(&path).unwrap();
        // The folder is gone when lines are looked up.
        target.file = None;
        target
    }

    fn values(target: &Target, operation: &str, slot: &str) -> Option<serde_json::Value> {
        let contract = contract();
        let all = target.dictionary.values_of(contract.operation(operation).unwrap());
        all.into_iter().find(|(own, _)| own == slot).map(|(_, values)| json!(values))
    }

    fn problem(dictionary: &str) -> String {
        let error = target(dictionary).check_dictionary([contract()].iter()).unwrap_err();
        error.to_string()
    }

    #[test]
    fn the_entry_that_names_a_place_most_closely_wins() {
        let mut text = "  code: n\n".to_owned();
        let at = |text: &str, slot: &str| values(&target(text), "makeA", slot);
        assert_eq!((at(&text, "body/code"), at(&text, "body/list/*/code")), (Some(json!(["n"])), Some(json!(["n"]))));
        text.push_str("  body/code: s\n");
        assert_eq!((at(&text, "body/code"), at(&text, "body/list/*/code")), (Some(json!(["s"])), Some(json!(["n"]))));
        text.push_str("  makeA:\n    code: [on, om]\n");
        assert_eq!(at(&text, "body/code"), Some(json!(["on", "om"])));
        text.push_str("    body/code: os\n");
        let both = (at(&text, "body/code"), at(&text, "body/list/*/code"));
        assert_eq!(both, (Some(json!(["os"])), Some(json!(["on", "om"]))));
        text.push_str("  S::makeA:\n    code: q\n");
        assert_eq!(at(&text, "body/code"), Some(json!(["q"])), "the qualified name of an operation is closer");
        target(&text).check_dictionary([contract()].iter()).unwrap();
    }

    #[test]
    fn a_value_is_used_where_it_fits() {
        let target = target("  code: [7, long, abc]\n  x-code: h\n");
        target.check_dictionary([contract()].iter()).unwrap();
        assert_eq!(values(&target, "getB", "query.code"), Some(json!([7])));
        assert_eq!(values(&target, "makeA", "body/code"), Some(json!(["abc"])));
        assert_eq!(values(&target, "makeA", "body/list/*/code"), Some(json!(["long", "abc"])));
        assert_eq!(values(&target, "makeA", "header.X-Code"), Some(json!(["h"])));
        assert_eq!(values(&target, "makeA", "body/pan"), None);
    }

    #[test]
    fn what_fits_nowhere_is_an_error() {
        for (dictionary, parts) in [
            ("  kode: x\n", ["`kode` is no place", "did you mean `code`?"]),
            ("  body/list/*/cod: x\n", ["`body/list/*/cod`", "did you mean `body/list/*/code`?"]),
            ("  getB: {size: 1}\n", ["`size` is no place in a request of `getB`", "remedy"]),
            ("  makA: {code: x}\n", ["unknown operation", "did you mean `S::makeA`?"]),
            ("  size: big\n", ["`size` breaks the schema of its place: body/list/*/size of S::makeA", "remedy"]),
            ("  makeA: {body/code: [abc, abcd]}\n", ["`body/code` breaks the schema", "remedy"]),
            ("  pan: '4000056655665556'\n", ["a card number of `pan`", "`test_pans`"]),
            ("  body/list: [[{pan: '4000056655665556'}]]\n", ["a card number of `body/list`", "`test_pans`"]),
        ] {
            let problem = problem(dictionary);
            assert!(parts.iter().all(|part| problem.contains(part)), "{dictionary}{problem}");
            assert!(!problem.contains("4000056655665556"), "{problem}");
        }
        target("  pan: '4111111111111111'\n").check_dictionary([contract()].iter()).unwrap();
    }

    #[test]
    fn values_of_secret_fields_are_masked() {
        let target = target("  body/list/*/cvv: ['8462']\n  holder: [{clientSecret: plugh-xyzzy}]\n");
        let clean = target.redactor().text("it was 8462 and plugh-xyzzy");
        assert!(!clean.contains("8462") && !clean.contains("plugh"), "{clean}");
        assert!(!format!("{target:?}{:?}", target.dictionary).contains("plugh"));
    }
}
