//! From a breach of a schema back to the duty that it goes against.

use serde_json::Value;

use super::evidence::Evidence;
use super::model::{Contract, Operation};
use super::obligation::{Location, Obligation, Rule, Source, obligation_id};
use super::pointer::InstancePath;
use super::schema::Breach;

impl Breach {
    /// The kind of duty that it goes against; `None` for keywords that no duty is made of. A null where no null may stand
    /// breaks the keyword `type`, but the duty `nullable`.
    pub fn rule(&self, value: &Value) -> Option<Rule> {
        match Rule::of_keyword(&self.keyword) {
            Some(Rule::Type) if value.pointer(&self.instance) == Some(&Value::Null) => Some(Rule::Nullable),
            rule => rule,
        }
    }

    /// Its place in the value: a step into an array stands for every item.
    pub fn place(&self, value: &Value) -> InstancePath {
        let (mut path, mut node) = (InstancePath::root(), Some(value));
        for token in self.instance.split('/').skip(1) {
            let name = token.replace("~1", "/").replace("~0", "~");
            if let Some(Value::Array(items)) = node {
                path = path.item();
                node = name.parse().ok().and_then(|index: usize| items.get(index));
            } else {
                path = path.key(&name);
                node = node.and_then(|node| node.get(name.as_str()));
            }
        }
        path
    }
}

impl Obligation {
    /// True when the line that was broken is that of this duty. The duty to have a property stands at its place in the list,
    /// a breach of it at the list.
    pub fn is_written_at(&self, breach: &Breach) -> bool {
        let rest = self.source.pointer.strip_prefix(breach.pointer.as_str());
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    }

    /// A duty that no single line of the specification states; `pointer` is the nearest one.
    pub fn unwritten(
        (contract, operation): (&Contract, &Operation),
        location: Location,
        rule: Rule,
        pointer: &str,
        evidence: Evidence,
        text: String,
    ) -> Self {
        let (file, line) = contract.document.origin(pointer);
        Self {
            id: obligation_id(&operation.id, &location, rule),
            operation: operation.id.clone(),
            location,
            rule,
            text,
            limit: Value::Null,
            source: Source { file, pointer: pointer.to_owned(), line },
            evidence,
            open: None,
            noted: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::contract::{Breach, Rule};

    fn breach(instance: &str, keyword: &str) -> Breach {
        let text = String::new;
        Breach { instance: instance.to_owned(), keyword: keyword.to_owned(), pointer: text(), message: text() }
    }

    #[test]
    fn numbers_are_items_in_arrays_only() {
        let body = json!({"a": [{"0": {}}]});
        assert_eq!(breach("/a/0/0/x~1y", "type").place(&body).to_string(), "/a/*/0/x~1y");
    }

    #[test]
    fn a_null_breaks_the_duty_to_be_none() {
        let body = json!({"a": null, "b": 1});
        assert_eq!(breach("/a", "type").rule(&body), Some(Rule::Nullable));
        assert_eq!(breach("/b", "type").rule(&body), Some(Rule::Type));
        assert_eq!(breach("/b", "contains").rule(&body), None);
    }
}
