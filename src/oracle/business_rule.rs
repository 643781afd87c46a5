//! Business rules: what one step of a sequence shows. Beside the checks, because a rule needs what came before.

use indexmap::IndexMap;
use serde_json::Value;

use super::code::Code;
use super::excerpt;
use super::finding::{Finding, Severity};
use crate::base::Redactor;
use crate::contract::{Evidence, Obligation, Rule};
use crate::exchange::Answer;
use crate::suite::{AnswerExpectation, Expectation, SequenceStep};

/// Name of this check in filters and reports.
pub const BUSINESS_RULES_CHECK: &str = "business_rules";

const OUTCOME: &str = "D1C-241";
const CONTENT: &str = "D1C-242";
const AT_ONCE: &str = "D1C-243";
const TOKEN: &str = "D1C-244";

/// Codes of its findings.
pub(super) const BUSINESS_RULES_CODES: &[Code] = &[
    Code::of(
        OUTCOME,
        "a call was accepted or refused, and a business rule says otherwise",
        "the rule is written in a public guide; no schema says it, so that only a sequence of calls shows it",
        "read the rule with `d1c explain` and its id, look at the calls in the finding, and mend the state that they lead to",
        |duty| duty.rule == Rule::BusinessRule,
    ),
    Code::of(
        CONTENT,
        "an answer has other content than a business rule says",
        "the rule is written in a public guide; no schema says it, so that only a sequence of calls shows it",
        "read the rule with `d1c explain` and its id, and compare the answer with the calls before it",
        |duty| duty.rule == Rule::BusinessRule,
    ),
    Code::of(
        TOKEN,
        "a token that served a call was refused at the next one, long before its end",
        "AUTH-IN-8: a token lives for fifteen minutes, and serves as many calls as come in that time",
        "keep granted tokens until they run out; a new grant does not end those before it",
        |duty| duty.rule == Rule::BusinessRule,
    ),
    Code::of(
        AT_ONCE,
        "calls that were sent at once came out as no order of them allows",
        "whatever comes first, the others meet the state that it leads to; an outcome that fits no order means that two of them \
         read the state before either changed it",
        "let the change of the state check and set it in one step: a transaction, a lock, or a condition in the update",
        |duty| duty.rule == Rule::BusinessRule,
    ),
];

/// A step of a sequence with what came of it.
pub struct SteppedOn<'a> {
    /// The rule.
    pub duty: &'a Obligation,
    /// The weakest mark of all requests of the sequence so far: a breach proves only as much.
    pub evidence: Evidence,
    /// What was to come of it.
    pub step: &'a SequenceStep,
    /// What came.
    pub answer: &'a Answer,
    /// Values of earlier steps.
    pub provided: &'a IndexMap<String, Value>,
    /// The sequence so far in words: operations with their statuses.
    pub history: &'a str,
    /// Cleans what is quoted.
    pub redactor: &'a Redactor,
}

impl SteppedOn<'_> {
    /// What is wrong; `strict` turns warnings into failures.
    pub fn findings(&self, strict: bool) -> Vec<Finding> {
        let Some(expected) = &self.step.expect else { return Vec::new() };
        let mut findings = Vec::new();
        if !meets(expected, self.answer.status) {
            findings.push(self.finding(OUTCOME, words(expected), self.quoted(), None));
        } else if (200..300).contains(&self.answer.status) {
            findings.extend(self.content());
        }
        for finding in &mut findings {
            finding.severity = graded(self.duty, self.evidence, strict);
        }
        findings
    }

    fn content(&self) -> Vec<Finding> {
        let body: Value = serde_json::from_slice(&self.answer.body).unwrap_or_default();
        let places = self.step.answer.iter().flat_map(|(pointer, all)| all.iter().map(move |one| (pointer, one)));
        let broken = places.filter(|(pointer, expectation)| !self.holds(body.pointer(pointer), expectation));
        let finding = |(pointer, expectation): (&String, &AnswerExpectation)| {
            let name = pointer.rsplit('/').next();
            let place = if pointer.is_empty() { "the body" } else { pointer };
            let actual = match body.pointer(pointer) {
                Some(value) => format!("{place} is {}", excerpt::value(name, value, self.redactor)),
                None => format!("{place} is absent"),
            };
            let expected = format!("{place} {}", content_words(expectation));
            let actual = format!("{actual}; the calls: {}", self.history);
            self.finding(CONTENT, expected, actual, Some(pointer.clone()))
        };
        broken.map(finding).collect()
    }

    fn holds(&self, value: Option<&Value>, expectation: &AnswerExpectation) -> bool {
        let provided = |name: &String| self.provided.get(name);
        let inside = |name: &String| match (value, provided(name)) {
            (Some(value), Some(wanted)) => contains(value, wanted),
            _ => false,
        };
        match expectation {
            AnswerExpectation::OneOf(values) => value.is_some_and(|value| values.contains(value)),
            AnswerExpectation::NoneOf(values) => value.is_none_or(|value| !values.contains(value)),
            AnswerExpectation::Present(wanted) => value.is_some_and(|value| !value.is_null()) == *wanted,
            AnswerExpectation::Same(name) => value == provided(name),
            AnswerExpectation::Other(name) => value.is_some() && value != provided(name),
            AnswerExpectation::Holds(name) => inside(name),
            AnswerExpectation::Lacks(name) => !inside(name),
            AnswerExpectation::Count(wanted) => {
                let count = match value {
                    Some(Value::Array(items)) => items.len(),
                    Some(Value::Object(members)) => members.len(),
                    _ => 0,
                };
                count == *wanted
            }
        }
    }

    fn quoted(&self) -> String {
        let answer = excerpt::status_and_body(self.answer, self.redactor);
        format!("{answer}; the calls: {}", self.history)
    }

    fn finding(&self, code: &'static str, expected: String, actual: String, pointer: Option<String>) -> Finding {
        Finding { pointer, ..Finding::of(BUSINESS_RULES_CHECK, code, self.duty, expected, actual) }
    }
}

/// Calls at once whose outcome is not that of any order; `strict` turns a warning into a failure.
pub fn raced(duty: &Obligation, evidence: Evidence, strict: bool, expected: &str, actual: &str) -> Finding {
    let finding = Finding::of(BUSINESS_RULES_CHECK, AT_ONCE, duty, expected, actual);
    let severity = graded(duty, evidence, strict);
    finding.graded(severity)
}

/// A token that had to be replaced between two calls.
pub fn token_refused(duty: &Obligation, evidence: Evidence, strict: bool, history: &str) -> Finding {
    let expected = "the token of the call before serves this one too";
    let actual = format!("it was refused with 401, and a new one had to be fetched; the calls: {history}");
    let finding = Finding::of(BUSINESS_RULES_CHECK, TOKEN, duty, expected, actual);
    finding.graded(graded(duty, evidence, strict))
}

/// A breach is as grave as the weakest of what it rests on.
fn graded(duty: &Obligation, evidence: Evidence, strict: bool) -> Severity {
    match Severity::of(duty.evidence.and(evidence)) {
        Severity::Warning if strict => Severity::Failure,
        severity => severity,
    }
}

/// Does a status meet the expectation?
fn meets(expected: &Expectation, status: u16) -> bool {
    match expected {
        Expectation::Accepted => (200..300).contains(&status),
        Expectation::Refused => (400..500).contains(&status) && !matches!(status, 401 | 429),
        Expectation::Observed => status < 500,
        Expectation::Status(wanted) => wanted.contains(&status),
    }
}

fn words(expected: &Expectation) -> String {
    match expected {
        Expectation::Accepted => "the call is accepted (2xx)".to_owned(),
        Expectation::Refused => "the call is refused (4xx)".to_owned(),
        Expectation::Observed => "an answer other than a server error".to_owned(),
        Expectation::Status(wanted) => {
            format!("status {}", wanted.iter().map(ToString::to_string).collect::<Vec<_>>().join(" or "))
        }
    }
}

fn content_words(expectation: &AnswerExpectation) -> String {
    match expectation {
        AnswerExpectation::OneOf(values) => format!("is one of {}", list(values)),
        AnswerExpectation::NoneOf(values) => format!("is none of {}", list(values)),
        AnswerExpectation::Present(true) => "is there".to_owned(),
        AnswerExpectation::Present(false) => "is absent".to_owned(),
        AnswerExpectation::Same(name) => format!("is the `{name}` of an earlier call"),
        AnswerExpectation::Other(name) => format!("is another one than the `{name}` of an earlier call"),
        AnswerExpectation::Holds(name) => format!("holds the `{name}` of an earlier call"),
        AnswerExpectation::Lacks(name) => format!("does not hold the `{name}` of an earlier call"),
        AnswerExpectation::Count(wanted) => format!("has {wanted} entries"),
    }
}

fn list(values: &[Value]) -> String {
    values.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}

/// Does the value stand anywhere in the tree?
fn contains(tree: &Value, wanted: &Value) -> bool {
    tree == wanted
        || match tree {
            Value::Array(items) => items.iter().any(|item| contains(item, wanted)),
            Value::Object(members) => members.values().any(|member| contains(member, wanted)),
            _ => false,
        }
}

#[cfg(test)]
mod tests {
    use indexmap::IndexMap;
    use serde_json::json;

    use super::SteppedOn;
    use crate::base::{OperationId, Redactor};
    use crate::contract::{Evidence, Source};
    use crate::exchange::Answer;
    use crate::oracle::Severity;
    use crate::suite::{BusinessRule, SequenceStep};

    fn judged(step: &str, status: u16, body: &str, evidence: Evidence, strict: bool) -> Vec<(&'static str, Severity)> {
        let rule: BusinessRule = serde_yaml::from_str("{text: cards live, evidence: documented}").unwrap();
        let source = Source { file: "r.yaml".into(), pointer: "/X-1".into(), line: 1 };
        let duty = rule.obligation("X-1", &OperationId::of("S", "getCard"), source);
        let step: SequenceStep = serde_yaml::from_str(&format!("{{operation: 'S::getCard', {step}}}")).unwrap();
        let provided: IndexMap<_, _> = [("card".to_owned(), json!("c1"))].into();
        let answer = Answer { status, headers: Vec::new(), body: body.as_bytes().to_vec() };
        let redactor = Redactor::default();
        let step = SteppedOn {
            duty: &duty,
            evidence,
            step: &step,
            answer: &answer,
            provided: &provided,
            history: "getCard",
            redactor: &redactor,
        };
        step.findings(strict).into_iter().map(|finding| (finding.code, finding.severity)).collect()
    }

    #[test]
    fn outcomes_are_judged_by_their_class() {
        let codes = |step: &str, status| judged(step, status, "", Evidence::Documented, false).len();
        for (step, right, wrong) in [
            ("expect: accepted", [200, 204], [404, 500]),
            ("expect: refused", [403, 409], [200, 500]),
            ("expect: observed", [200, 403], [500, 503]),
            ("expect: !status [404]", [404, 404], [403, 200]),
        ] {
            assert_eq!(right.map(|status| codes(step, status)), [0, 0], "{step}");
            assert_eq!(wrong.map(|status| codes(step, status)), [1, 1], "{step}");
        }
        assert_eq!([401, 429].map(|status| codes("expect: refused", status)), [1, 1], "no refusal of the call itself");
    }

    #[test]
    fn a_breach_is_as_grave_as_the_weakest_line() {
        let severity = |evidence, strict| judged("expect: refused", 200, "", evidence, strict)[0].1;
        assert_eq!(severity(Evidence::Documented, false), Severity::Failure);
        assert_eq!(severity(Evidence::Inferred, false), Severity::Warning);
        assert_eq!(severity(Evidence::Inferred, true), Severity::Failure);
    }

    #[test]
    fn the_content_of_an_answer_is_judged() {
        let body = r#"{"state": "ACTIVE", "cards": [{"cardId": "c1"}], "none": null}"#;
        let broken = |answer: &str| {
            let step = format!("expect: accepted, answer: {{{answer}}}");
            judged(&step, 200, body, Evidence::Documented, false).len()
        };
        for (right, wrong) in [
            ("/state: [!one_of [ACTIVE]]", "/state: [!one_of [INACTIVE]]"),
            ("/state: [!none_of [INACTIVE]]", "/state: [!none_of [ACTIVE]]"),
            ("/cards: [!present true]", "/none: [!present true]"),
            ("/x: [!present false]", "/state: [!present false]"),
            ("/cards/0/cardId: [!same card]", "/state: [!same card]"),
            ("/state: [!other card]", "/cards/0/cardId: [!other card]"),
            ("/cards: [!holds card]", "/state: [!holds card]"),
            ("/state: [!lacks card]", "'': [!lacks card]"),
            ("/cards: [!count 1]", "/cards: [!count 0]"),
        ] {
            assert_eq!((broken(right), broken(wrong)), (0, 1), "{right} {wrong}");
        }
    }
}
