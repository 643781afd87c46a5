//! What is inside an envelope (JWE-2, JWE-8 to JWE-11).

use crate::contract::{Evidence, InstancePath, Location, Rule, is_expiry, is_swapped_expiry};
use crate::judge::check::{Check, View};
use crate::oracle::Finding;
use crate::sandbox::callers::{Noticed, Station, Unopened};

/// It keeps its schema.
pub const CHECK: Check = Check {
    name: "clear_text",
    code: "D1C-423",
    duty: "seals a JSON object that keeps the schema of the clear text (JWE-2)",
    remedy: "put a JSON object with the declared members into the envelope",
    evidence: Evidence::Documented,
    kind: (Rule::PlaintextJson, "body.plaintext"),
    judge,
};

/// Its expiry is MMYY.
pub const SWAPPED: Check = Check {
    name: "swapped_expiry",
    code: "D1C-424",
    duty: "writes an expiry as MMYY, not as YYMM (JWE-11)",
    remedy: "write month and year, MMYY",
    evidence: Evidence::Documented,
    kind: (Rule::ExpiryFormat, "body.plaintext"),
    judge: swapped,
};

fn judge(check: &Check, view: &View<'_>) -> Option<Vec<Finding>> {
    let reading = &view.call.reading;
    let opened: Vec<_> =
        reading.envelopes.iter().filter(|envelope| !matches!(envelope.clear, Err(Unopened::Fault(_)))).collect();
    if opened.is_empty() {
        return None;
    }
    let no_json = opened.iter().filter(|envelope| envelope.clear.is_err()).map(|envelope| {
        let location = Location::Plaintext(envelope.path.clone(), InstancePath::root());
        let expected = "the clear text of a JWE is a JSON object";
        let duty = view.duties.find_or(location, Rule::PlaintextJson, expected);
        check.against(&duty, expected, "your client sealed something that is no JSON")
    });
    let breaches = reading.breaches.iter().filter(|noticed| !is_swap(noticed)).filter_map(|noticed| {
        let Station::ClearText(path) = &noticed.station else { return None };
        let duty = view.duties.of_breach(noticed);
        let actual = format!("your client sealed a clear text that breaks it: {}", noticed.breach.message);
        let pointer = Some(format!("{}{}", path.first_pointer(), noticed.breach.instance));
        Some(Finding { pointer, ..check.against(&duty, duty.text.clone(), actual) })
    });
    Some(no_json.chain(breaches).collect())
}

fn is_swap(noticed: &Noticed) -> bool {
    let name = noticed.breach.instance.strip_prefix('/').unwrap_or_default();
    matches!(noticed.station, Station::ClearText(_))
        && is_expiry(name)
        && noticed.value.get(name).is_some_and(is_swapped_expiry)
}

fn swapped(check: &Check, view: &View<'_>) -> Option<Vec<Finding>> {
    let mut seen = false;
    let mut found = Vec::new();
    for envelope in &view.call.reading.envelopes {
        let Ok(clear) = &envelope.clear else { continue };
        for (name, value) in clear.as_object().into_iter().flatten().filter(|(name, _)| is_expiry(name)) {
            seen = true;
            if is_swapped_expiry(value) {
                let at = Location::Plaintext(envelope.path.clone(), InstancePath::root().key(name));
                let written = view.duties.find_or(at, Rule::Type, "an expiry is MMYY");
                let mut duty = check.obligation(view.duties, view.operation);
                (duty.evidence, duty.source) = (written.evidence, written.source);
                let pointer = Some(format!("{}/{name}", envelope.pointer));
                let actual =
                    format!("your client sealed an `{name}` whose first half is no month, and whose second half is");
                found.push(Finding { pointer, ..check.against(&duty, "an expiry as MMYY", actual) });
            }
        }
    }
    seen.then_some(found)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::judge::sample::Sample;
    use crate::sandbox::callers::Unopened;

    #[test]
    fn clear_texts_are_judged_by_their_schema() {
        let mut sample = Sample::d1();
        let clear = |pan: &str, exp: &str| Ok(json!({"pan": pan, "exp": exp}));
        assert!(sample.register("x", clear("4111111111111111", "1230")).findings().checks().is_empty());
        let found = sample.register("x", clear("4111-1111", "1230")).findings();
        assert_eq!(found.checks(), ["clear_text"]);
        assert!(found.obligation(0).contains("encryptedData.plaintext/pan::"), "{}", found.obligation(0));
        assert_eq!(sample.register("x", Err(Unopened::NoJson)).findings().checks(), ["clear_text"]);
    }

    #[test]
    fn a_swapped_expiry_is_told_as_one() {
        let mut sample = Sample::d1();
        let found = sample.register("x", Ok(json!({"pan": "4111111111111111", "exp": "3012"}))).findings();
        assert_eq!(found.checks(), ["swapped_expiry"]);
        let found = sample.register("x", Ok(json!({"pan": "4111111111111111", "exp": "9999"}))).findings();
        assert_eq!(found.checks(), ["clear_text"], "neither reading is a month");
    }
}
