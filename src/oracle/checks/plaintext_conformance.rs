//! What is inside an encrypted member of an answer keeps its schema (D1, JWE-2, JWE-8).

use serde_json::Value;

use super::expiry_format::is_swapped;
use super::{Check, Code};
use crate::contract::{InstancePath, Location, Rule};
use crate::oracle::finding::Finding;
use crate::oracle::judge::Judging;
use crate::oracle::opened::{Opened, opened};

const NO_JSON_OBJECT: &str = "D1C-211";
const BREACH: &str = "D1C-212";

pub(super) const CHECK: Check = Check {
    name: "plaintext_conformance",
    about: "what is inside an encrypted member of an answer keeps its schema",
    codes: CODES,
    judge,
};

const CODES: &[Code] = &[
    Code::of(
        NO_JSON_OBJECT,
        "what is inside a JWE is no JSON object",
        "the clear text is a JSON object with the card's data (JWE-2, JWE-8)",
        "encrypt the JSON text itself, not a quoted or encoded form of it",
        |duty| duty.rule == Rule::PlaintextJson,
    ),
    Code::of(
        BREACH,
        "a value inside a JWE breaks its schema",
        "the schema of the clear text is part of the contract (JWE-2, JWE-8); the value is not shown, for it is card data",
        "send what the schema wants at the place of the finding",
        |duty| {
            matches!(duty.location, Location::ResponsePlaintext(..))
                && !matches!(duty.rule, Rule::PlaintextJson | Rule::ExpiryFormat)
        },
    ),
];

fn judge(judging: &Judging<'_>) -> Vec<Finding> {
    opened(judging).iter().flat_map(|one| findings(judging, one)).collect()
}

fn findings(judging: &Judging<'_>, one: &Opened<'_>) -> Vec<Finding> {
    let Ok(Some(bytes)) = &one.outcome else { return Vec::new() };
    let at = |inside| Location::ResponsePlaintext(one.response.status, one.sealed.path.clone(), inside);
    let clear = match serde_json::from_slice::<Value>(bytes) {
        Ok(clear) if clear.is_object() => clear,
        _ => {
            let duty = judging.duties.find(&at(InstancePath::root()), Rule::PlaintextJson);
            let found = |duty| {
                let actual = format!("{} holds {} bytes that are no JSON object", one.pointer, bytes.len());
                Finding::of(CHECK.name, NO_JSON_OBJECT, duty, "a JSON object", actual)
            };
            return duty.map(found).into_iter().collect();
        }
    };
    let mut found: Vec<Finding> = Vec::new();
    for breach in one.sealed.plaintext.judge(&clear) {
        // A swapped expiry has a check of its own, which says more.
        if breach.keyword == "pattern" && is_swapped(&breach.instance, &clear) {
            continue;
        }
        let evidence = one.response.body_evidence.and(one.sealed.evidence);
        let duty = judging.duties.of_plaintext(judging.contract, judging.operation, at, &breach, &clear, evidence);
        if found.iter().any(|known| known.obligation == duty.id) {
            continue;
        }
        // Whatever stands in there is card data: its shape is told, and never the value.
        let actual = match clear.pointer(&breach.instance) {
            Some(value) => format!("{} in the clear text is {}", breach.instance, shape_of(value)),
            None => format!("{} is missing in the clear text", breach.instance),
        };
        let finding = Finding::of(CHECK.name, BREACH, &duty, duty.text.clone(), actual);
        found.push(Finding { pointer: Some(one.pointer.clone()), ..finding });
    }
    found
}

fn shape_of(value: &Value) -> String {
    match value {
        Value::String(text) => format!("a text of {} characters", text.chars().count()),
        Value::Number(_) => "a number".to_owned(),
        Value::Null => "null".to_owned(),
        Value::Bool(_) => "a boolean".to_owned(),
        Value::Array(_) => "an array".to_owned(),
        Value::Object(_) => "an object".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::judge;
    use crate::jose::{DecryptionKey, seal};
    use crate::oracle::finding::Finding;
    use crate::oracle::judge::Judging;
    use crate::oracle::sample::{Sample, json_answer};

    fn found(clear: &str) -> Vec<Finding> {
        let key = DecryptionKey::generate();
        let sample = Sample::of("readSecret", "operation::conforming");
        let text = seal(clear.as_bytes(), &key.public()).unwrap();
        let answer = json_answer(200, &serde_json::json!({ "sealed": text }).to_string());
        judge(&Judging { key: Some(&key), ..sample.judging(&answer) })
    }

    #[test]
    fn clear_texts_are_judged_by_their_schema() {
        assert_eq!(found(r#"{"pan": "4111111111111111", "exp": "1230"}"#), []);
        let missing = found(r#"{"exp": "1230"}"#);
        assert_eq!(missing[0].code, "D1C-212");
        assert_eq!(missing[0].obligation.as_str(), "t::readSecret::response.200.body/sealed.plaintext/pan::required");
        assert_eq!(found("no json")[0].code, "D1C-211");
        assert_eq!(found("[]")[0].code, "D1C-211");
    }

    #[test]
    fn card_numbers_are_not_quoted() {
        let wrong = found(r#"{"pan": 4111111111111111, "exp": "1230"}"#);
        assert_eq!(wrong[0].actual, "/pan in the clear text is a number");
    }

    #[test]
    fn a_swapped_expiry_is_left_to_its_own_check() {
        assert_eq!(found(r#"{"pan": "4111111111111111", "exp": "3012"}"#), []);
        assert_eq!(found(r#"{"pan": "4111111111111111", "exp": "9999"}"#)[0].code, "D1C-212");
    }
}
