//! JSON pointers (RFC 6901) into documents, and paths into instances.

use std::fmt;

use serde_json::Value;

/// Adds one reference token to a pointer.
pub(super) fn join(pointer: &str, token: &str) -> String {
    format!("{pointer}/{}", escape(token))
}

/// `~` and `/` as RFC 6901 section 3 wants them.
pub(super) fn escape(token: &str) -> String {
    if token.contains(['~', '/']) { token.replace('~', "~0").replace('/', "~1") } else { token.to_owned() }
}

/// The token as it stood before escaping.
pub(super) fn unescape(token: &str) -> String {
    if token.contains('~') { token.replace("~1", "/").replace("~0", "~") } else { token.to_owned() }
}

/// Pointer part of a local reference: `#/a/b` becomes `/a/b`, percent-decoded; `None` for a reference to another file.
pub(super) fn local_reference(reference: &str) -> Option<String> {
    let fragment = reference.strip_prefix('#')?;
    percent_encoding::percent_decode_str(fragment).decode_utf8().ok().map(std::borrow::Cow::into_owned)
}

/// One step into an instance.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Step {
    /// A member of an object.
    Key(String),
    /// Any item of an array.
    Item,
}

/// Where in an instance a duty applies; `*` stands for every item: `/operations/*/status`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct InstancePath(Vec<Step>);

impl InstancePath {
    /// The instance itself.
    pub fn root() -> Self {
        Self::default()
    }

    /// The path that a JSON pointer spells, `*` meaning the items.
    pub fn at(pointer: &str) -> Self {
        pointer.split('/').skip(1).fold(Self::root(), |path, token| match token {
            "*" => path.item(),
            name => path.key(&name.replace("~1", "/").replace("~0", "~")),
        })
    }

    /// The path one member deeper.
    #[must_use]
    pub fn key(&self, name: &str) -> Self {
        self.with(Step::Key(name.to_owned()))
    }

    /// The path of the items.
    #[must_use]
    pub fn item(&self) -> Self {
        self.with(Step::Item)
    }

    fn with(&self, step: Step) -> Self {
        let mut steps = self.0.clone();
        steps.push(step);
        Self(steps)
    }

    /// The steps from the root.
    pub fn steps(&self) -> &[Step] {
        &self.0
    }

    /// Name of the last member on the way, if any: what an error message would name.
    pub fn last_name(&self) -> Option<&str> {
        self.0.iter().rev().find_map(|step| match step {
            Step::Key(name) => Some(name.as_str()),
            Step::Item => None,
        })
    }

    /// Path of the enclosing value, with the last step.
    pub fn split_last(&self) -> Option<(Self, &Step)> {
        let (last, rest) = self.0.split_last()?;
        Some((Self(rest.to_vec()), last))
    }

    /// JSON pointer of the first place that the path reaches: items become index 0.
    pub fn first_pointer(&self) -> String {
        self.0.iter().fold(String::new(), |pointer, step| match step {
            Step::Key(name) => join(&pointer, name),
            Step::Item => format!("{pointer}/0"),
        })
    }

    /// JSON pointers of all places in `instance` that the path reaches.
    pub fn pointers(&self, instance: &Value) -> Vec<String> {
        self.0.iter().fold(vec![String::new()], |reached, step| {
            let deeper = |pointer: &String| match (step, instance.pointer(pointer)) {
                (Step::Key(name), Some(Value::Object(members))) if members.contains_key(name) => {
                    vec![join(pointer, name)]
                }
                (Step::Item, Some(Value::Array(items))) => {
                    (0..items.len()).map(|index| format!("{pointer}/{index}")).collect()
                }
                _ => Vec::new(),
            };
            reached.iter().flat_map(deeper).collect()
        })
    }

    /// True when a concrete JSON pointer lies on this path, whatever the index.
    pub fn covers(&self, pointer: &str) -> bool {
        let tokens: Vec<&str> = pointer.split('/').skip(1).collect();
        tokens.len() == self.0.len()
            && self.0.iter().zip(tokens).all(|(step, token)| match step {
                Step::Key(name) => *name == unescape(token),
                Step::Item => token.parse::<usize>().is_ok(),
            })
    }

    /// The first value that the path reaches in `instance`.
    pub fn first<'v>(&self, instance: &'v Value) -> Option<&'v Value> {
        instance.pointer(&self.first_pointer())
    }
}

impl fmt::Display for InstancePath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|step| match step {
            Step::Key(name) => write!(f, "/{}", escape(name)),
            Step::Item => f.write_str("/*"),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::{InstancePath, local_reference};

    #[test]
    fn paths_print_and_cover_pointers() {
        let path = InstancePath::root().key("operations").item().key("a/b");
        assert_eq!(path.to_string(), "/operations/*/a~1b");
        assert_eq!(path.first_pointer(), "/operations/0/a~1b");
        assert!(path.covers("/operations/17/a~1b"));
        assert!(!path.covers("/operations/x/a~1b"));
        assert!(!path.covers("/operations/1"));
    }

    #[test]
    fn references_are_local_or_not() {
        assert_eq!(local_reference("#/components/schemas/a%20b").as_deref(), Some("/components/schemas/a b"));
        assert_eq!(local_reference("other.yaml#/x"), None);
    }
}
