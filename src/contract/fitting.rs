//! Parts of a translated schema, each compiled when it is first asked for.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

use serde_json::Value;

use super::schema::build;

/// Compiled parts by the address of their node. A node never moves while its schema lives, except for the root, whose
/// place is then not asked for again.
#[derive(Default)]
pub(super) struct Fitting(RwLock<HashMap<usize, Option<Arc<jsonschema::Validator>>>>);

impl Fitting {
    /// True when the instance keeps the part `node` of the schema `root`. A part that cannot be compiled by itself refuses
    /// nothing: the proof judges by the whole schema in the end.
    pub(super) fn fits(&self, root: &Value, node: &Value, instance: &Value) -> bool {
        let key = std::ptr::from_ref(node).addr();
        let known = self.0.read().unwrap_or_else(PoisonError::into_inner).get(&key).cloned();
        let validator = known.unwrap_or_else(|| {
            let built = compile(root, node).map(Arc::new);
            self.0.write().unwrap_or_else(PoisonError::into_inner).entry(key).or_insert(built).clone()
        });
        validator.is_none_or(|validator| validator.is_valid(instance))
    }
}

fn compile(root: &Value, node: &Value) -> Option<jsonschema::Validator> {
    let mut part = node.clone();
    if let (Value::Object(members), Some(definitions)) = (&mut part, root.get("$defs")) {
        members.insert("$defs".to_owned(), definitions.clone());
    }
    build(&part).ok()
}
