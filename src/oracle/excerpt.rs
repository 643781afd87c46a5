//! Short, clean quotations of answers.

use serde_json::Value;

use crate::base::Redactor;
use crate::exchange::Answer;

/// Characters of a body that a finding quotes. The record holds the whole of it.
const LONGEST: usize = 200;

/// Status and the start of the body.
pub(super) fn status_and_body(answer: &Answer, redactor: &Redactor) -> String {
    let body = body(answer, redactor);
    if body.is_empty() { format!("{} without a body", answer.status) } else { format!("{}: {body}", answer.status) }
}

/// The start of the body.
pub(super) fn body(answer: &Answer, redactor: &Redactor) -> String {
    let text = match serde_json::from_slice::<Value>(&answer.body) {
        Ok(value) => redactor.json(&value).to_string(),
        Err(_) => redactor.text(&String::from_utf8_lossy(&answer.body)),
    };
    shorten(text.trim())
}

/// One value, masked when the name of its field says so.
pub(super) fn value(name: Option<&str>, value: &Value, redactor: &Redactor) -> String {
    if name.is_some_and(Redactor::hides_field) {
        return "***".to_owned();
    }
    shorten(&redactor.json(value).to_string())
}

/// The text itself, or its start with a mark of omission.
pub(super) fn shorten(text: &str) -> String {
    if text.chars().count() > LONGEST {
        text.chars().take(LONGEST).chain("…".chars()).collect()
    } else {
        text.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::status_and_body;
    use crate::base::Redactor;
    use crate::oracle::sample::{answer, json_answer};

    #[test]
    fn quotations_are_short_and_clean() {
        let redactor = Redactor::default();
        assert_eq!(status_and_body(&answer(400), &redactor), "400 without a body");
        assert_eq!(status_and_body(&json_answer(400, r#"{"pan": "1"}"#), &redactor), r#"400: {"pan":"***"}"#);
        let long = status_and_body(&json_answer(400, &"ü".repeat(300)), &redactor);
        assert!(long.ends_with('…') && long.chars().count() == 206, "{long}");
    }
}
