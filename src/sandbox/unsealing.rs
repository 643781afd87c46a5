//! Opens and judges what is sealed in a request (D1, JWE-1 to JWE-6).

use std::fmt;

use serde_json::Value;

use super::call::Refusal;
use super::fault::Opened;
use super::intake::Intake;
use crate::contract::{InstancePath, Media, Sealed, Step};
use crate::jose::DecryptionKey;

/// The clear texts of a request by the JSON pointers of their envelopes. They hold card data, so they are never shown.
#[derive(Default)]
pub struct ClearTexts(Vec<(String, Value)>);

impl ClearTexts {
    /// The clear text of the envelope at a place.
    pub fn at(&self, pointer: &str) -> Option<&Value> {
        self.0.iter().find(|(own, _)| own == pointer).map(|(_, clear)| clear)
    }
}

impl fmt::Debug for ClearTexts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.0.iter().map(|(pointer, _)| pointer)).finish()
    }
}

impl Intake<'_> {
    /// Opens every envelope of a body and judges what is inside; the first wrong one decides.
    pub fn open(&self, key: &DecryptionKey, media: &Media, body: &Value) -> Result<ClearTexts, Refusal> {
        let mut found = ClearTexts::default();
        for sealed in &media.sealed {
            for pointer in reached(body, &sealed.path) {
                // What is no text was judged by the schema of the body already.
                let Some(text) = body.pointer(&pointer).and_then(Value::as_str) else { continue };
                found.0.extend(self.clear_text(key, sealed, text)?.map(|clear| (pointer, clear)));
            }
        }
        Ok(found)
    }

    /// `None` for an envelope that cannot be read and was taken all the same.
    fn clear_text(&self, key: &DecryptionKey, sealed: &Sealed, text: &str) -> Result<Option<Value>, Refusal> {
        let name = sealed.path.last_name().unwrap_or_default();
        let wrong = || Refusal::field(name, "format");
        let Opened::Clear(bytes) = self.faults.open(&self.operation.id, key, text).map_err(|_| wrong())? else {
            return Ok(None);
        };
        let clear = serde_json::from_slice(&bytes).map_err(|_| wrong())?;
        self.judge(&sealed.plaintext, &clear, &format!("body{}.plaintext", sealed.path), name)?;
        Ok(Some(clear))
    }
}

/// JSON pointers of all values that a path reaches.
pub fn reached(value: &Value, path: &InstancePath) -> Vec<String> {
    path.steps().iter().fold(vec![String::new()], |pointers, step| {
        let deeper = |pointer: String| match (step, value.pointer(&pointer)) {
            (Step::Key(name), Some(Value::Object(members))) if members.contains_key(name) => {
                vec![format!("{pointer}{}", InstancePath::root().key(name))]
            }
            (Step::Item, Some(Value::Array(items))) => {
                (0..items.len()).map(|index| format!("{pointer}/{index}")).collect()
            }
            _ => Vec::new(),
        };
        pointers.into_iter().flat_map(deeper).collect()
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{ClearTexts, reached};
    use crate::contract::InstancePath;

    #[test]
    fn a_path_reaches_every_item() {
        let path = InstancePath::root().key("cards").item().key("data");
        let body = json!({"cards": [{"data": 1}, {}, {"data": 2}], "data": 3});
        assert_eq!(reached(&body, &path), ["/cards/0/data", "/cards/2/data"]);
        assert!(reached(&json!([]), &path).is_empty());
    }

    #[test]
    fn clear_texts_are_not_shown() {
        let clear = ClearTexts(vec![("/a".to_owned(), json!({"pan": "4111"}))]);
        assert_eq!(format!("{clear:?}"), r#"["/a"]"#);
        assert_eq!(clear.at("/a"), Some(&json!({"pan": "4111"})));
    }
}
