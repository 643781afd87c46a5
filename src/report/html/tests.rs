use std::path::PathBuf;

use super::{html, write_html};
use crate::base::{CaseId, ObligationId, OperationId, ScenarioId, sha256_base64};
use crate::contract::Rule;
use crate::oracle::{Severity, Verdict};
use crate::report::record::{FindingRecord, HeaderRecord, RepeatRecord, RepeatResult, RunRecord, ScenarioRecord};
use crate::report::sample::{flaky, sample, scenario, small};
use crate::report::totals::{count, worst};

/// The text between two marks, after the first of them.
fn between<'p>(page: &'p str, from: &str, to: &str) -> &'p str {
    let start = page.find(from).unwrap_or_else(|| panic!("no {from}")) + from.len();
    &page[start..start + page[start..].find(to).unwrap()]
}

fn of(scenarios: Vec<ScenarioRecord>) -> RunRecord {
    RunRecord { totals: count(&scenarios), verdict: worst(&scenarios), scenarios, ..sample() }
}

#[test]
fn every_scenario_is_on_the_page_with_its_verdict_and_reason() {
    let record = sample();
    let page = html(&record).unwrap();
    for (number, scenario) in record.scenarios.iter().enumerate() {
        let row = between(&page, &format!("<tr id=\"s{number}\""), "</tr>");
        assert!(row.contains(&format!("<small>{}<br>", scenario.id)), "{row}");
        assert!(row.contains(scenario.verdict.name()), "{row}");
        assert!(row.contains(scenario.reason.as_deref().unwrap_or_default()), "{row}");
    }
}

#[test]
fn the_totals_are_those_of_the_record() {
    let record = sample();
    let page = html(&record).unwrap();
    let totals = &record.totals;
    for (name, value) in [
        ("Scenarios", totals.scenarios.to_string()),
        ("Operations", totals.operations.to_string()),
        ("Obligations exercised", "9 of 40".to_owned()),
        ("Cases sent", totals.cases.to_string()),
        ("Requests in all", totals.exchanges.to_string()),
        ("Rejected draws", totals.rejected_draws.to_string()),
    ] {
        assert!(page.contains(&format!("<dt>{name}</dt><dd>{value}</dd>")), "{name} {value}");
    }
    let tiles = between(&page, "<ul class=\"tiles\"", "</ul>");
    for verdict in ["passed", "warned", "failed", "deviating", "skipped", "inconclusive"] {
        assert!(between(tiles, &format!("<li class=\"{verdict}\">"), "</li>").starts_with("<b>1</b>"), "{tiles}");
    }
}

#[test]
fn page_one_says_the_verdict_the_breaches_and_who_must_act() {
    let page = html(&sample()).unwrap();
    assert!(between(&page, "<h1", "</h1>").contains("inconclusive"));
    assert!(page.contains("1 of 6 scenarios left without a verdict, 1 failed"));
    let turns = between(&page, "class=\"turns\"", "</ul>");
    assert!(turns.contains("The side under test") && turns.contains("2 distinct findings"), "{turns}");
    assert!(turns.contains("Your set-up") && turns.contains("1 scenario without a verdict"), "{turns}");
    let fix = between(&page, "id=\"fix\"", "</table>");
    let (failure, warning) = (fix.find("D1C-1001").unwrap(), fix.find("D1C-2001").unwrap());
    assert!(failure < warning, "{fix}");
    assert!(page.contains("connection refused") && page.contains("known, see 4711"));
}

#[test]
fn a_finding_has_all_that_is_needed_to_repeat_it() {
    let page = html(&sample()).unwrap();
    let article = between(&page, "id=\"f1\"", "</article>");
    for part in [
        "body.name has at most 5 character(s)",
        "specs/a.yaml:12",
        "/paths/~1cards/post",
        "<dt>Expected</dt><dd><pre>status 400",
        "<dt>Actual</dt><dd><pre>status 201",
        "documented",
        "max_length#0",
        "3 cases in 1 scenario",
        "POST https://host/a/cards",
        "content-type: application/json",
        "curl --include",
        "data-cells=\"0:body\"",
    ] {
        assert!(article.contains(part), "{part}\n{article}");
    }
    assert!(article.contains("{\n  &#34;name&#34;: &#34;O&#39;Neill&#34;\n}"), "{article}");
}

#[test]
fn the_smallest_request_comes_first_and_the_first_one_is_folded_beneath() {
    let page = html(&sample()).unwrap();
    let article = between(&page, "id=\"f1\"", "</article>");
    assert!(article.contains("What follows is the smallest of 8 tries"), "{article}");
    let (small, large) = (article.find("aaaaaa").unwrap(), article.find("Neill").unwrap());
    let fold = article.find("<summary>Request and response that showed it first").unwrap();
    assert!(small < fold && fold < large, "{article}");
    assert!(!article.contains("flaky"), "{article}");
    let without = between(&page, "id=\"f2\"", "</article>");
    assert!(!without.contains("smallest") && !without.contains("showed it first"), "{without}");
}

#[test]
fn a_changed_verdict_is_plain_to_see_with_both_exchanges() {
    let page = html(&flaky()).unwrap();
    let article = between(&page, "id=\"f1\"", "</article>");
    assert!(between(article, "<h3", "</h3>").contains("<span class=\"tag\">flaky</span>"), "{article}");
    assert!(article.contains("<dt>Repeat</dt><dd>flaky: an immediate repeat"), "{article}");
    let repeat = between(article, "<summary>The repeat, which did not show it</summary>", "</details>");
    assert!(repeat.contains("status 400") && article.contains("status 201\n"), "{article}");
    assert!(between(&page, "id=\"fix\"", "</table>").contains(">flaky</span>"));
    let turns = between(&page, "class=\"turns\"", "</ul>");
    assert!(turns.contains("its answer changed on an immediate repeat"), "{turns}");
}

#[test]
fn the_map_has_a_cell_for_each_operation_and_kind() {
    let page = html(&sample()).unwrap();
    let map = between(&page, "class=\"map\"", "</table>");
    assert!(map.contains("aria-label=\"✗ 1, createCard, body: 1 failed\""), "{map}");
    assert!(map.contains("aria-label=\"✓ 1, createCard, conforming: 1 passed\""), "{map}");
    assert_eq!(map.matches("data-kind=").count(), 6);
    assert!(!map.contains(">other<"), "{map}");
}

#[test]
fn nothing_is_loaded_and_nothing_else_may_run() {
    let page = html(&sample()).unwrap();
    let policy = between(&page, "Content-Security-Policy\" content=\"", "\"");
    assert!(policy.starts_with("default-src &#39;none&#39;"), "{policy}");
    for tag in ["style", "script"] {
        let text = between(&page, &format!("<{tag}>"), &format!("</{tag}>"));
        assert!(policy.contains(&sha256_base64(text.as_bytes())), "{tag}");
    }
    assert_eq!(include_str!("page.html").matches("safe").count(), 2);
    for text in [
        include_str!("overview.html"),
        include_str!("coverage.html"),
        include_str!("findings.html"),
        include_str!("scenarios.html"),
        include_str!("facts.html"),
    ] {
        assert!(!text.contains("safe") && !text.contains("style=") && !text.contains("<script"), "{text}");
    }
    for outside in ["http://", "src=", "url(", "@import"] {
        assert!(!page.replace("http://127", "").contains(outside), "{outside}");
    }
}

const HOSTILE: &str =
    "</script><script>alert(1)</script>\"><img src=x onerror=alert(2)>' onfocus='x\u{1b}[2J\0\u{202e}";

fn hostile() -> RunRecord {
    let text = || HOSTILE.to_owned();
    let header = HeaderRecord { name: text(), value: text() };
    let mut bad = small(Severity::Failure);
    for field in [
        &mut bad.code,
        &mut bad.check,
        &mut bad.text,
        &mut bad.expected,
        &mut bad.actual,
        &mut bad.spec_file,
        &mut bad.spec_pointer,
        &mut bad.curl,
        &mut bad.request.method,
        &mut bad.request.url,
    ] {
        *field = text();
    }
    bad.pointer = Some(text());
    let smallest = bad.shrunk.as_mut().and_then(|shrunk| shrunk.smallest.as_mut()).unwrap();
    (smallest.actual, smallest.exchange.curl, smallest.exchange.request.url) = (format!("{HOSTILE}!"), text(), text());
    smallest.exchange.request.body = Some(text());
    let exchange = Some(smallest.exchange.clone());
    bad.repeated = Some(RepeatRecord { result: RepeatResult::Unclear, reason: Some(text()), exchange });
    bad.obligation = ObligationId::new(HOSTILE);
    bad.case_id = CaseId::new(HOSTILE);
    bad.request.headers = vec![header.clone()];
    bad.request.body = Some(text());
    let response = bad.response.as_mut().unwrap();
    response.headers = vec![header];
    response.body = Some(format!("{{\"a\":{}}}", serde_json::to_string(HOSTILE).unwrap()));
    let mut record = of(vec![
        ScenarioRecord {
            id: ScenarioId::new(HOSTILE),
            suite: text(),
            spec: text(),
            operation_id: OperationId::new(format!("{HOSTILE}::{HOSTILE}")),
            obligation: ObligationId::new(HOSTILE),
            location: text(),
            text: text(),
            spec_file: text(),
            spec_pointer: text(),
            reason: Some(text()),
            findings: vec![bad],
            ..scenario("a::b", "body", Rule::Type, Verdict::Failed)
        },
        ScenarioRecord { reason: Some(text()), ..scenario("a::b", "body", Rule::Type, Verdict::Inconclusive) },
    ]);
    for field in [&mut record.run_id, &mut record.started_at, &mut record.tool.name, &mut record.tool.version] {
        *field = text();
    }
    let (target, spec) = (&mut record.target[0], &mut record.specs[0]);
    for field in [&mut target.name, &mut target.suite, &mut spec.name, &mut spec.file, &mut spec.sha256] {
        *field = text();
    }
    record.command = vec![text()];
    record.case_digest = Some(text());
    record.target[0].base_urls.insert(text(), text());
    record
}

#[test]
fn what_a_server_says_is_text_and_nothing_else() {
    let page = html(&hostile()).unwrap();
    for raw in ["<script>alert", "<img", "\u{1b}", "\0", "\u{202e}", "onfocus='"] {
        assert!(!page.contains(raw), "{raw:?} is on the page");
    }
    assert_eq!(page.matches("</script>").count(), 1);
    assert_eq!(page.matches("<script").count(), 1);
    assert!(page.chars().all(|c| c == '\n' || !c.is_control()));
    // The markup is the same as that of a harmless record of the same shape.
    let mut harmless = serde_json::to_string(&hostile()).unwrap();
    for _ in 0..2 {
        let quoted = serde_json::to_string(HOSTILE).unwrap();
        harmless = harmless.replace(quoted.trim_matches('"'), "plain");
    }
    let harmless: RunRecord = serde_json::from_str(&harmless).unwrap();
    let harmless = html(&harmless).unwrap();
    assert_eq!(page.matches('<').count(), harmless.matches('<').count());
    assert_eq!(page.matches('"').count(), harmless.matches('"').count());
}

#[test]
fn a_thousand_failed_scenarios_with_large_answers_fit() {
    let large = |n: usize| {
        let mut finding = small(Severity::Failure);
        finding.obligation = ObligationId::new(format!("Spec-A::op{n}::body.name::max_length"));
        finding.response.as_mut().unwrap().body = Some(format!("[{}0]", "{\"a\":\"<>&\"},".repeat(1_300)));
        FindingRecord { actual: "\u{1b}".repeat(500), ..finding }
    };
    let scenarios = (0..1_000).map(|n| ScenarioRecord {
        findings: vec![large(n)],
        ..scenario(&format!("Spec-A::op{}", n / 25), &format!("body.p{n}"), Rule::MaxLength, Verdict::Failed)
    });
    let page = html(&of(scenarios.collect())).unwrap();
    assert!(page.len() < 5_000_000, "{}", page.len());
    assert!(page.contains("here they would make the page too large"));

    let plain = (0..1_000)
        .map(|n| scenario(&format!("Spec-A::op{}", n / 25), &format!("body.p{n}"), Rule::MaxLength, Verdict::Passed));
    let page = html(&of(plain.collect())).unwrap();
    assert!(page.len() < 1_000_000, "{}", page.len());
}

#[test]
fn a_run_of_nothing_is_a_page_too() {
    let folder = tempfile::tempdir().unwrap();
    let path: PathBuf = folder.path().join("index.html");
    write_html(&path, &of(Vec::new())).unwrap();
    let page = std::fs::read_to_string(path).unwrap();
    assert!(page.contains("nothing was tested") && page.ends_with("</html>\n"), "{page}");
}
