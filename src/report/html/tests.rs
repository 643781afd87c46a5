use std::path::PathBuf;

use serde_json::Value;

use super::{html, write_html};
use crate::base::{ObligationId, sha256_base64};
use crate::contract::Rule;
use crate::oracle::{Severity, Verdict};
use crate::report::readiness::product_sample;
use crate::report::record::{FindingRecord, RunRecord, ScenarioRecord, WalkRecord};
use crate::report::sample::{flaky, sample, scenario, small};
use crate::report::totals::{count, worst};

/// The text between two marks, after the first of them.
fn between<'p>(page: &'p str, from: &str, to: &str) -> &'p str {
    let start = page.find(from).unwrap_or_else(|| panic!("no {from}")) + from.len();
    &page[start..start + page[start..].find(to).unwrap()]
}

/// A finding by its number.
fn finding(page: &str, number: usize) -> &str {
    between(page, &format!("id=\"f{number}\""), "\n</details>\n</details>")
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
    let article = finding(&page, 1);
    for part in [
        "body.name has at most 5 character(s)",
        "specs/a.yaml:12",
        "/paths/~1cards/post",
        "<dt>Expected</dt><dd><pre>status <mark>400</mark></pre>",
        "<dt>Actual</dt><dd><pre>status <mark>201</mark></pre>",
        "documented",
        "max_length#0",
        "3 cases in 1 scenario",
        "POST https://host/a/cards",
        "content-type: application/json",
        "curl --include",
        "data-cells=\"0:body\"",
        "<span>12</span>   <mark>maxLength: 5</mark>",
        "<mark>status 201</mark>",
        "after 1.25 ms",
        "after 48.2 ms",
    ] {
        assert!(article.contains(part), "{part}\n{article}");
    }
    assert!(article.contains("{\n  <mark>&#34;name&#34;: &#34;O&#39;Neill&#34;</mark>\n}"), "{article}");
}

#[test]
fn the_smallest_request_comes_first_and_the_first_one_is_folded_beneath() {
    let page = html(&sample()).unwrap();
    let article = finding(&page, 1);
    assert!(article.contains("What follows is the smallest of 8 tries"), "{article}");
    let (small, large) = (article.find("aaaaaa").unwrap(), article.find("Neill").unwrap());
    let fold = article.find("<summary>Request and response that showed it first").unwrap();
    assert!(small < fold && fold < large, "{article}");
    assert!(!article.contains("flaky"), "{article}");
    let without = finding(&page, 2);
    assert!(!without.contains("smallest") && !without.contains("showed it first"), "{without}");
}

#[test]
fn a_changed_verdict_is_plain_to_see_with_both_exchanges() {
    let page = html(&flaky()).unwrap();
    let article = finding(&page, 1);
    assert!(between(article, "<h4", "</h4>").contains("<span class=\"tag\">flaky</span>"), "{article}");
    assert!(article.contains("<dt>Repeat</dt><dd>flaky: an immediate repeat"), "{article}");
    let repeat = between(article, "<summary>The repeat, which did not show it</summary>", "</details>");
    assert!(repeat.contains("status 400") && article.contains("<mark>status 201</mark>\n"), "{article}");
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
        include_str!("charts.html"),
        include_str!("readiness.html"),
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

#[test]
fn what_a_walk_left_behind_is_shown_with_its_scenario() {
    let mut record = sample();
    record.scenarios[0].leftovers = vec!["d1c-consumer-1 (deleteConsumer answered 500)".to_owned()];
    let page = html(&record).unwrap();
    assert!(page.contains("Left behind on the target: d1c-consumer-1 (deleteConsumer answered 500)"));
    assert!(!html(&sample()).unwrap().contains("Left behind"));
}

/// The record with hostile text wherever text can stand; what is one of a few words refuses it.
fn hostile(record: &RunRecord) -> RunRecord {
    let mut value = serde_json::to_value(record).unwrap();
    let places = texts(&value, String::new());
    for place in &places {
        let before = value.pointer(place).unwrap().clone();
        *value.pointer_mut(place).unwrap() = HOSTILE.into();
        if serde_json::from_value::<RunRecord>(value.clone()).is_err() {
            *value.pointer_mut(place).unwrap() = before;
        }
    }
    let mut record: RunRecord = serde_json::from_value(value).unwrap();
    record.target[0].base_urls.insert(HOSTILE.to_owned(), HOSTILE.to_owned());
    record
}

fn texts(value: &Value, at: String) -> Vec<String> {
    let inside = |name: &str, value| texts(value, format!("{at}/{}", name.replace('~', "~0").replace('/', "~1")));
    match value {
        Value::String(_) => vec![at],
        Value::Array(items) => items.iter().enumerate().flat_map(|(n, item)| inside(&n.to_string(), item)).collect(),
        Value::Object(members) => members.iter().flat_map(|(name, value)| inside(name, value)).collect(),
        _ => Vec::new(),
    }
}

#[test]
fn what_a_server_says_is_text_and_nothing_else() {
    for record in [sample(), flaky(), RunRecord { profile: Some(product_sample()), ..sample() }] {
        let hostile = hostile(&record);
        assert_eq!(hostile.scenarios[1].findings[0].request.url, HOSTILE, "the text went nowhere");
        let page = html(&hostile).unwrap();
        assert!(page.contains("onerror=alert(2)&gt;") || page.contains("onerror=alert(2)&#62;"), "nothing is shown");
        for raw in ["<script>alert", "<img", "\u{1b}", "\0", "\u{202e}", "onfocus='"] {
            assert!(!page.contains(raw), "{raw:?} is on the page");
        }
        assert_eq!(page.matches("</script>").count(), 1);
        assert_eq!(page.matches("<script").count(), 1);
        assert!(page.chars().all(|c| c == '\n' || !c.is_control()));
        // The markup is the same as that of a harmless record of the same shape.
        let quoted = serde_json::to_string(HOSTILE).unwrap();
        let plain = serde_json::to_string(&hostile).unwrap().replace(quoted.trim_matches('"'), "plain");
        let harmless = html(&serde_json::from_str(&plain).unwrap()).unwrap();
        assert_eq!(page.matches('<').count(), harmless.matches('<').count());
        assert_eq!(page.matches('"').count(), harmless.matches('"').count());
    }
}

#[test]
fn a_walk_is_told_call_by_call() {
    let mut record = sample();
    let steps = vec!["registerCard".to_owned(), "suspendCard {\"reason\":\"<b>\"}".to_owned()];
    record.scenarios[1].findings[0].walk = Some(WalkRecord { steps, drawn: 9 });
    let page = html(&record).unwrap();
    let calls = between(finding(&page, 1), "<ol>", "</dd>");
    assert_eq!(calls.matches("<li>").count(), 2);
    assert!(calls.contains("&#60;b&#62;") && calls.contains("Cut down from a walk of 9."), "{calls}");
    let hostile = html(&hostile(&record)).unwrap();
    assert!(!hostile.contains("<script>alert") && !hostile.contains("onfocus='"));
}

/// No finding has to wait on the page for a script: what is alike stands together, the gravest first.
#[test]
fn findings_that_are_alike_stand_together() {
    let failed = |n: usize, operation: &str| {
        let mut found = small(Severity::Failure);
        found.obligation = ObligationId::new(format!("{operation}::body.p{n}::max_length"));
        ScenarioRecord {
            findings: vec![found],
            ..scenario(operation, &format!("body.p{n}"), Rule::MaxLength, Verdict::Failed)
        }
    };
    let page = html(&of((0..12).map(|n| failed(n, if n % 2 == 0 { "S::a" } else { "S::b" })).collect())).unwrap();
    assert_eq!(page.matches("<section class=\"family\"").count(), 2);
    assert_eq!(page.matches("<details class=\"finding").count(), 12);
    assert!(between(&page, "id=\"g1\"", "id=\"g2\"").contains("6 duties, 18 cases"));
    let fix = between(&page, "id=\"fix\"", "</table>");
    assert!(fix.contains("12 duties are broken") && fix.matches(", and 5 more").count() == 2, "{fix}");
    // Few findings are open at once, many are a list to choose from.
    assert_eq!(page.matches(" open data-cells").count(), 0);
    assert_eq!(html(&sample()).unwrap().matches(" open data-cells").count(), 2);
}

#[test]
fn charts_say_in_digits_what_they_draw() {
    let page = html(&sample()).unwrap();
    let charts = between(&page, "id=\"charts\"", "</section>");
    assert!(charts.contains("data-filter-check=\"negative_data_rejection\">negative data rejection</a>"), "{charts}");
    let latency = between(charts, "id=\"latency\"", "</table>");
    for part in ["createCard", "900 µs", "1.90 ms", "2.00 ms", "<td class=\"number\">3</td>"] {
        assert!(latency.contains(part), "{part}\n{latency}");
    }
    let older = RunRecord { operations: Vec::new(), ..sample() };
    assert!(!html(&older).unwrap().contains("id=\"latency\""));
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
