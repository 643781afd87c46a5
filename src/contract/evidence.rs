//! How sure the specification is of a line (`x-evidence`).

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// `Documented` lines may fail a target; a breach of an `Inferred` one is a warning. The order is weakest last.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Evidence {
    /// Stated by the vendor. Also the value of a file without marks: an official file states what it holds.
    #[default]
    Documented,
    /// Assumed; the file says from where.
    Inferred,
}

impl Evidence {
    /// The weaker of two marks on the way to a node.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        self.max(other)
    }

    /// Mark of a property by its schema alone: its own and that of its name.
    pub fn of_member(node: &Value) -> Self {
        Self::default().below(node).and(Self::part(node, &["name"]).unwrap_or_default())
    }

    /// The mark of the node itself.
    pub(super) fn own(node: &Value) -> Option<Self> {
        Self::of(node.get("x-evidence")?)
    }

    /// The mark of one part of the node (`x-<part>-evidence`), under any of its spellings.
    pub(super) fn part(node: &Value, parts: &[&str]) -> Option<Self> {
        let marks = || node.as_object().into_iter().flatten().filter(|(key, _)| key.ends_with("-evidence"));
        let is =
            |key: &str, part: &str| key.strip_prefix("x-").and_then(|key| key.strip_suffix("-evidence")) == Some(part);
        parts.iter().find_map(|part| marks().find(|(key, _)| is(key, part)).and_then(|(_, mark)| Self::of(mark)))
    }

    /// Mark of a node below `self`: its own mark, weakened by what came before.
    pub(super) fn below(self, node: &Value) -> Self {
        self.and(Self::own(node).unwrap_or_default())
    }

    /// Mark of one part of a node below `self`: the part's mark in place of the node's own.
    pub(super) fn below_part(self, node: &Value, parts: &[&str]) -> Self {
        self.and(Self::part(node, parts).or_else(|| Self::own(node)).unwrap_or_default())
    }

    fn of(mark: &Value) -> Option<Self> {
        match mark.as_str()? {
            "documented" => Some(Self::Documented),
            _ => Some(Self::Inferred),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::Evidence::{Documented, Inferred};

    #[test]
    fn the_weakest_mark_counts_and_a_part_overrides_its_node() {
        let node = json!({"x-evidence": "inferred", "x-enum-evidence": "documented"});
        assert_eq!(Documented.below(&node), Inferred);
        assert_eq!(Documented.below_part(&node, &["enum"]), Documented);
        assert_eq!(Inferred.below_part(&node, &["enum"]), Inferred);
        assert_eq!(Documented.below_part(&node, &["pattern"]), Inferred);
        assert_eq!(Documented.below(&json!({})), Documented);
    }
}
