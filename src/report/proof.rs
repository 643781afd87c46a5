//! One finding with its exchange, on the way into the record.

use std::time::{Duration, Instant};

use super::cleaner::Cleaner;
use super::curl::curl;
use super::record::{
    ExchangeRecord, FindingRecord, LoggedRecord, RepeatRecord, RepeatResult, ShrunkRecord, SmallestRecord, WalkRecord,
};
use crate::base::{CaseId, Redactor};
use crate::contract::Rule;
use crate::engine::{Logged, Proof, Repeat, Role, Shrunk};
use crate::exchange::Exchange;

/// Redacts a proof; [`super::Excerpts`] adds the lines of its specification. `rule` is that of the scenario: it tells whether
/// credentials were wrong on purpose.
pub fn finding_record(proof: &Proof, rule: Rule, redactor: &Redactor) -> FindingRecord {
    let Proof { finding, case, exchange, count, walk, .. } = proof;
    let cleaner = Cleaner::of(redactor, exchange);
    let ExchangeRecord { request, response, curl, elapsed_us } = exchange_record(exchange, rule, &cleaner);
    FindingRecord {
        code: finding.code.to_owned(),
        check: finding.check.to_owned(),
        obligation: finding.obligation.clone(),
        text: cleaner.text(&finding.text),
        severity: finding.severity,
        blame: finding.blame,
        expected: cleaner.quotation(&finding.expected),
        actual: cleaner.quotation(&finding.actual),
        pointer: finding.pointer.as_deref().map(|pointer| cleaner.text(pointer)),
        spec_file: finding.source.file.display().to_string(),
        spec_line: finding.source.line as u64,
        spec_pointer: finding.source.pointer.clone(),
        spec_excerpt: None,
        case_id: CaseId::new(case.as_str()),
        count: u64::from(*count),
        request,
        response,
        curl,
        walk: walk.as_ref().map(|walk| WalkRecord { steps: walk.steps.clone(), drawn: walk.drawn as u64 }),
        elapsed_us,
        deviation: None,
        repeated: None,
        shrunk: None,
    }
}

/// Redacts what a repeat showed.
pub(super) fn repeat_record(repeat: &Repeat, rule: Rule, redactor: &Redactor) -> RepeatRecord {
    let (result, reason, exchange) = match repeat {
        Repeat::Same => (RepeatResult::Same, None, None),
        Repeat::Other(exchange) => (RepeatResult::Other, None, exchange.as_deref()),
        Repeat::Unclear(reason) => (RepeatResult::Unclear, Some(redactor.text(reason)), None),
    };
    let exchange = exchange.map(|exchange| exchange_record(exchange, rule, &Cleaner::of(redactor, exchange)));
    RepeatRecord { result, reason, exchange }
}

/// Redacts what the search for a smaller request brought.
pub(super) fn shrunk_record(shrunk: &Shrunk, rule: Rule, redactor: &Redactor) -> ShrunkRecord {
    let smallest = shrunk.smallest.as_ref().map(|(finding, exchange)| {
        let cleaner = Cleaner::of(redactor, exchange);
        SmallestRecord {
            actual: cleaner.quotation(&finding.actual),
            pointer: finding.pointer.as_deref().map(|pointer| cleaner.text(pointer)),
            exchange: exchange_record(exchange, rule, &cleaner),
        }
    });
    let (tries, sends) = (u64::from(shrunk.tries), u64::from(shrunk.sends));
    ShrunkRecord { tries, sends, complete: shrunk.complete, smallest }
}

/// Redacts one exchange of the log; `begin` is the start of the run.
pub(super) fn logged_record(logged: &Logged, rule: Rule, begin: Instant, redactor: &Redactor) -> LoggedRecord {
    let exchange = &logged.exchange;
    let cleaner = Cleaner::of(redactor, exchange);
    // What makes a resource shows the right credentials, whatever its scenario is about.
    let rule = if logged.role == Role::Fixture { Rule::Conforming } else { rule };
    let offset = logged.ended.saturating_duration_since(begin).saturating_sub(exchange.elapsed);
    LoggedRecord {
        role: logged.role,
        case_id: logged.case.clone(),
        operation_id: logged.operation.clone(),
        offset_us: microseconds(offset),
        elapsed_us: microseconds(exchange.elapsed),
        fault: exchange.outcome.as_ref().err().map(|fault| cleaner.text(&fault.text)),
        exchange: exchange_record(exchange, rule, &cleaner),
    }
}

fn microseconds(duration: Duration) -> u64 {
    u64::try_from(duration.as_micros()).unwrap_or(u64::MAX)
}

/// Redacts an exchange. `rule` is that of its scenario.
pub(super) fn exchange_record(exchange: &Exchange, rule: Rule, cleaner: &Cleaner) -> ExchangeRecord {
    let request = cleaner.request(&exchange.sent);
    let curl = curl(&request, matches!(rule, Rule::WrongToken | Rule::TamperedToken | Rule::ExpiredToken));
    let response = exchange.outcome.as_ref().ok().map(|answer| cleaner.response(answer));
    let elapsed_us = response.as_ref().map(|_| u64::try_from(exchange.elapsed.as_micros()).unwrap_or(u64::MAX));
    ExchangeRecord { request, response, curl, elapsed_us }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::finding_record;
    use crate::base::{ObligationId, Redactor, Secret};
    use crate::contract::{Rule, Source};
    use crate::engine::Proof;
    use crate::exchange::{Answer, Exchange, Sent};
    use crate::oracle::{Blame, Finding, Severity};
    use crate::report::{sample::sample, summary};

    const SECRETS: [&str; 5] =
        ["swordfish", "4111111111111111", "opaque-token-1", "opaque-assertion", "eyJhbGciOiJFUzI1NiJ9.e30.c2ln"];

    fn proof() -> Proof {
        let echo = format!("{{\"echo\": \"{}\", \"cvv\": 987}}", SECRETS.join(" / "));
        let source = Source { file: "specs/a.yaml".into(), pointer: "/paths".into(), line: 3 };
        Proof {
            finding: Finding {
                code: "D1C-1001",
                check: "status_code_conformance",
                obligation: ObligationId::new("Spec-A::createCard::response.201::status"),
                text: "201 is a declared status".into(),
                severity: Severity::Failure,
                blame: Blame::Target,
                expected: "status 400".into(),
                actual: format!("status 201 with {echo}"),
                pointer: None,
                source,
            },
            case: "inbound::Spec-A::createCard::operation::conforming#0".into(),
            exchange: std::sync::Arc::new(Exchange {
                sent: Sent {
                    method: "POST".into(),
                    url: "https://host/cards/4111111111111111?access_token=opaque-token-1".into(),
                    headers: vec![
                        ("authorization".into(), "Bearer opaque-token-1".into()),
                        ("content-type".into(), "application/x-www-form-urlencoded".into()),
                        ("x-note".into(), "swordfish".into()),
                    ],
                    body: b"assertion=opaque-assertion&client=swordfish&jwt=eyJhbGciOiJFUzI1NiJ9.e30.c2ln".to_vec(),
                    sealed: Vec::new(),
                    tls: crate::exchange::TlsUse::default(),
                },
                outcome: Ok(Answer {
                    status: 201,
                    headers: vec![("location".into(), "https://host/?access_token=opaque-token-1".into())],
                    body: echo.into_bytes(),
                }),
                elapsed: Duration::from_millis(5),
                attempts: 1,
            }),
            walk: None,
            count: 2,
            after: 9,
        }
    }

    #[test]
    fn no_report_holds_a_secret() {
        let redactor = Redactor::new([Secret::new("swordfish")]);
        let mut record = sample();
        record.scenarios[1].findings = vec![finding_record(&proof(), Rule::Conforming, &redactor)];
        let json = serde_json::to_string_pretty(&record).unwrap();
        let xml = crate::report::junit(&record).unwrap();
        let terminal = summary(&record, true, &[]);
        for (name, text) in [("run.json", json), ("junit", xml), ("terminal", terminal)] {
            assert!(text.contains("D1C-1001") && text.contains("***"), "{name} lost the finding\n{text}");
            for secret in SECRETS.into_iter().chain(["987"]) {
                assert!(!text.contains(secret), "{name} shows {secret}\n{text}");
            }
        }
    }

    #[test]
    fn what_is_left_still_tells_the_story() {
        let record = finding_record(&proof(), Rule::Conforming, &Redactor::new([Secret::new("swordfish")]));
        assert_eq!(record.request.url, "https://host/cards/***?access_token=***");
        assert_eq!(record.request.body.as_deref(), Some("assertion=***&client=***&jwt=***"));
        assert!(
            record.curl.contains("Bearer $D1C_TOKEN")
                && record.curl.ends_with(" 'https://host/cards/***?access_token=***'")
        );
        assert_eq!((record.count, record.spec_line), (2, 3));
        assert_eq!((record.response.unwrap().status, record.elapsed_us), (201, Some(5_000)));
    }
}
