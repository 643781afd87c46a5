//! An expiry inside an encrypted member is MMYY. Card systems often store YYMM, and nobody sees it (D1, JWE-11).

use serde_json::Value;

use super::{Check, Code};
use crate::contract::{InstancePath, Location, Rule, is_expiry, is_swapped_expiry};
use crate::oracle::finding::Finding;
use crate::oracle::judge::Judging;
use crate::oracle::opened::{Opened, opened};

const SWAPPED: &str = "D1C-221";

pub(super) const CHECK: Check =
    Check { name: "expiry_format", about: "an expiry inside an encrypted member is MMYY", codes: CODES, judge };

const CODES: &[Code] = &[Code::of(
    SWAPPED,
    "an expiry inside a JWE is YYMM",
    "D1 wants month and year, MMYY (JWE-11); card systems often store the other order",
    "turn the two halves round before you encrypt",
    |duty| duty.rule == Rule::ExpiryFormat,
)];

fn judge(judging: &Judging<'_>) -> Vec<Finding> {
    opened(judging).iter().flat_map(|one| findings(judging, one)).collect()
}

fn findings(judging: &Judging<'_>, one: &Opened<'_>) -> Vec<Finding> {
    let Ok(Some(bytes)) = &one.outcome else { return Vec::new() };
    let Ok(Value::Object(clear)) = serde_json::from_slice::<Value>(bytes) else { return Vec::new() };
    let swapped = clear.iter().filter(|(name, value)| is_expiry(name) && is_swapped_expiry(value));
    let finding = |name: &String| {
        let inside = InstancePath::root().key(name);
        let location = Location::ResponsePlaintext(one.response.status, one.sealed.path.clone(), inside);
        let duty = judging.duties.find(&location, Rule::ExpiryFormat)?;
        let actual = format!("/{name} in the clear text starts with what is no month: it looks like YYMM");
        let found = Finding::of(CHECK.name, SWAPPED, duty, "month and year (MMYY)", actual);
        Some(Finding { pointer: Some(one.pointer.clone()), ..found })
    };
    swapped.filter_map(|(name, _)| finding(name)).collect()
}

/// True when the value at a pointer into a clear text is an expiry with its halves swapped.
pub(super) fn is_swapped(pointer: &str, clear: &Value) -> bool {
    let name = pointer.strip_prefix('/').unwrap_or_default();
    is_expiry(name) && clear.pointer(pointer).is_some_and(is_swapped_expiry)
}

#[cfg(test)]
mod tests {
    use super::judge;
    use crate::jose::{DecryptionKey, seal};
    use crate::oracle::judge::Judging;
    use crate::oracle::sample::{Sample, json_answer};

    #[test]
    fn only_what_cannot_be_mmyy_is_found() {
        let key = DecryptionKey::generate();
        let found = |exp: &str| {
            let clear = serde_json::json!({"pan": "4111111111111111", "exp": exp}).to_string();
            let text = seal(clear.as_bytes(), &key.public()).unwrap();
            let sample = Sample::of("readSecret", "operation::conforming");
            let answer = json_answer(200, &serde_json::json!({ "sealed": text }).to_string());
            judge(&Judging { key: Some(&key), ..sample.judging(&answer) })
        };
        assert_eq!(found("1230"), []);
        assert_eq!(found("1112"), [], "both readings are months");
        let swapped = found("3012");
        assert_eq!(swapped[0].code, "D1C-221");
        assert!(swapped[0].obligation.as_str().ends_with("sealed.plaintext/exp::expiry_format"));
    }
}
