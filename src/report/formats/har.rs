//! HTTP Archive 1.2: the recorded exchanges, for the tools that show and replay those of a browser. A run that recorded
//! all of them gives all; otherwise it is the ones that show a finding. What was masked stays masked.

use percent_encoding::percent_decode_str;
use serde_json::{Value, json};
use time::format_description::well_known::Rfc3339;
use time::{Duration, OffsetDateTime};

use crate::engine::Role;
use crate::report::error::ReportError;
use crate::report::record::{
    FindingRecord, HeaderRecord, LoggedRecord, RequestRecord, ResponseRecord, RunRecord, ScenarioRecord,
};
use crate::report::text;
use crate::report::words::broken_off;

/// One exchange, and why it is shown.
struct Entry<'r> {
    scenario: &'r ScenarioRecord,
    /// Code of the finding that it shows.
    code: Option<&'r str>,
    /// What it was sent for.
    role: &'static str,
    request: &'r RequestRecord,
    response: Option<&'r ResponseRecord>,
    /// When it began and how long it took, where that is known: microseconds.
    times: Option<(u64, u64)>,
    /// Why there is no answer.
    fault: Option<&'r str>,
}

/// The archive.
pub(super) fn har(record: &RunRecord) -> Result<String, ReportError> {
    // A record of ours has a time; one that somebody wrote need not, and the format wants one.
    let started = OffsetDateTime::parse(&record.started_at, &Rfc3339).unwrap_or(OffsetDateTime::UNIX_EPOCH);
    let entries: Vec<Value> = entries(record).iter().map(|shown| entry(shown, started)).collect();
    let comment = match broken_off(record) {
        Some(state) => format!("run {}: {}, {state}", record.run_id, record.verdict.name()),
        None => format!("run {}: {}", record.run_id, record.verdict.name()),
    };
    let archive = json!({
        "log": {
            "version": "1.2",
            "creator": { "name": record.tool.name, "version": record.tool.version },
            "pages": [],
            "entries": entries,
            "comment": comment,
            "_totals": record.totals,
            "_seed": record.seed,
            "_interrupted": broken_off(record).is_some(),
        }
    });
    Ok(text::json(&archive, true)?)
}

/// In the order in which they were sent, where that is known; else in that of the plan.
fn entries(record: &RunRecord) -> Vec<Entry<'_>> {
    let all = record.scenarios.iter().any(|scenario| !scenario.log.is_empty());
    let of = |scenario| if all { logged(scenario) } else { shown(scenario) };
    let mut entries: Vec<Entry<'_>> = record.scenarios.iter().flat_map(of).collect();
    entries.sort_by_key(|entry| entry.times.map(|(offset, _)| offset));
    entries
}

/// All of them.
fn logged(scenario: &ScenarioRecord) -> Vec<Entry<'_>> {
    scenario.log.iter().map(|logged| of_log(scenario, logged)).collect()
}

fn of_log<'r>(scenario: &'r ScenarioRecord, logged: &'r LoggedRecord) -> Entry<'r> {
    let is_own = |finding: &&FindingRecord| logged.role == Role::Case && finding.case_id == logged.case_id;
    Entry {
        scenario,
        code: scenario.findings.iter().find(is_own).map(|finding| finding.code.as_str()),
        role: role(logged.role),
        request: &logged.exchange.request,
        response: logged.exchange.response.as_ref(),
        times: Some((logged.offset_us, logged.elapsed_us)),
        fault: logged.fault.as_deref(),
    }
}

fn role(role: Role) -> &'static str {
    match role {
        Role::Case => "case",
        Role::Fixture => "fixture",
        Role::Step => "step",
        Role::Repeat => "repeat",
        Role::Shrink => "shrink",
        Role::Race => "race",
        Role::Teardown => "teardown",
    }
}

/// Those that show a finding, with what was sent to look at it again.
fn shown(scenario: &ScenarioRecord) -> Vec<Entry<'_>> {
    let mut entries = Vec::new();
    for finding in &scenario.findings {
        let code = Some(finding.code.as_str());
        let mut add = |role, request, response| {
            entries.push(Entry { scenario, code, role, request, response, times: None, fault: None });
        };
        add("case", &finding.request, finding.response.as_ref());
        if let Some(repeat) = finding.repeated.as_ref().and_then(|repeat| repeat.exchange.as_ref()) {
            add("repeat", &repeat.request, repeat.response.as_ref());
        }
        if let Some(smallest) = finding.shrunk.as_ref().and_then(|shrunk| shrunk.smallest.as_ref()) {
            add("smallest", &smallest.exchange.request, smallest.exchange.response.as_ref());
        }
    }
    entries
}

fn entry(shown: &Entry<'_>, started: OffsetDateTime) -> Value {
    let (offset, elapsed) = shown.times.unwrap_or_default();
    let offset = Duration::microseconds(i64::try_from(offset).unwrap_or_default());
    let at = started.checked_add(offset).unwrap_or(started);
    // The format counts in milliseconds, with a fraction.
    let elapsed = std::time::Duration::from_micros(elapsed).as_secs_f64() * 1_000.0;
    let why = shown.code.map_or_else(String::new, |code| format!(" of {code}"));
    json!({
        // Only years beyond 9999 have no RFC 3339 form.
        "startedDateTime": at.format(&Rfc3339).unwrap_or_default(),
        "time": elapsed,
        "request": request(shown.request),
        "response": response(shown.response, shown.fault),
        "cache": {},
        "timings": { "send": 0, "wait": elapsed, "receive": 0 },
        "comment": format!("{}{why} in {}", shown.role, shown.scenario.id),
        "_scenario": shown.scenario.id,
        "_code": shown.code,
        "_role": shown.role,
    })
}

fn request(sent: &RequestRecord) -> Value {
    let mut request = json!({
        "method": sent.method,
        "url": sent.url,
        "httpVersion": "HTTP/1.1",
        "cookies": [],
        "headers": headers(&sent.headers),
        "queryString": query(&sent.url),
        "headersSize": -1,
        "bodySize": size(sent.body.as_deref(), sent.body_complete),
    });
    if let Some(body) = &sent.body {
        let media = header(&sent.headers, "content-type").unwrap_or("application/octet-stream");
        request["postData"] = json!({ "mimeType": media, "text": body });
    }
    request
}

/// No answer is an answer with the status 0, as browsers write it.
fn response(answer: Option<&ResponseRecord>, fault: Option<&str>) -> Value {
    let Some(answer) = answer else {
        return json!({
            "status": 0, "statusText": "", "httpVersion": "", "cookies": [], "headers": [],
            "content": { "size": 0, "mimeType": "x-unknown" },
            "redirectURL": "", "headersSize": -1, "bodySize": -1, "comment": fault.unwrap_or("no answer"),
        });
    };
    let reason = http::StatusCode::from_u16(answer.status).ok().and_then(|status| status.canonical_reason());
    let mut content = json!({
        "size": answer.body.as_ref().map_or(0, String::len),
        "mimeType": header(&answer.headers, "content-type").unwrap_or("x-unknown"),
    });
    if let Some(body) = &answer.body {
        content["text"] = body.as_str().into();
    }
    json!({
        "status": answer.status,
        "statusText": reason.unwrap_or_default(),
        "httpVersion": "HTTP/1.1",
        "cookies": [],
        "headers": headers(&answer.headers),
        "content": content,
        "redirectURL": header(&answer.headers, "location").unwrap_or_default(),
        "headersSize": -1,
        "bodySize": size(answer.body.as_deref(), answer.body_complete),
    })
}

/// Bytes of a body; -1 where the record does not hold all of it.
fn size(body: Option<&str>, complete: bool) -> i64 {
    if complete { body.map_or(0, |body| i64::try_from(body.len()).unwrap_or(-1)) } else { -1 }
}

fn header<'r>(headers: &'r [HeaderRecord], name: &str) -> Option<&'r str> {
    headers.iter().find(|header| header.name.eq_ignore_ascii_case(name)).map(|header| header.value.as_str())
}

fn headers(headers: &[HeaderRecord]) -> Vec<Value> {
    headers.iter().map(|header| json!({ "name": header.name, "value": header.value })).collect()
}

/// The pairs of the query, decoded.
fn query(url: &str) -> Vec<Value> {
    let query = url.split('#').next().and_then(|url| url.split_once('?')).map_or("", |(_, query)| query);
    let decoded = |text: &str| percent_decode_str(&text.replace('+', " ")).decode_utf8_lossy().into_owned();
    let pair = |pair: &str| {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        json!({ "name": decoded(name), "value": decoded(value) })
    };
    query.split('&').filter(|pair| !pair.is_empty()).map(pair).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::har;
    use crate::report::sample::{flaky, logged, sample};

    fn entries(text: &str) -> Vec<Value> {
        let archive: Value = serde_json::from_str(text).unwrap();
        archive["log"]["entries"].as_array().unwrap().clone()
    }

    #[test]
    fn every_exchange_of_a_finding_is_an_entry() {
        let roles = |text: &str| -> Vec<String> {
            entries(text).iter().map(|entry| entry["_role"].as_str().unwrap().to_owned()).collect()
        };
        assert_eq!(roles(&har(&sample()).unwrap()), ["case", "smallest", "case"]);
        assert_eq!(roles(&har(&flaky()).unwrap()), ["case", "repeat", "case"]);
    }

    #[test]
    fn a_request_and_its_answer() {
        let mut record = sample();
        let finding = &mut record.scenarios[1].findings[0];
        finding.request.url = "https://host/a/cards?q=a%20b&flag&c=d+e".into();
        finding.request.body_complete = false;
        let first = entries(&har(&record).unwrap()).swap_remove(0);
        let query =
            json!([{"name": "q", "value": "a b"}, {"name": "flag", "value": ""}, {"name": "c", "value": "d e"}]);
        assert_eq!(first["request"]["queryString"], query);
        assert_eq!(first["request"]["postData"]["mimeType"], "application/json");
        assert_eq!(first["request"]["bodySize"], -1);
        assert_eq!(first["response"]["statusText"], "Created");
        assert_eq!(first["response"]["content"]["size"], first["response"]["bodySize"]);
        assert_eq!(first["startedDateTime"], "2026-11-22T10:00:00Z");
    }

    #[test]
    fn a_run_that_recorded_all_exchanges_gives_all_in_their_order_with_their_times() {
        let mut record = logged();
        record.scenarios[1].log[0].offset_us = 2_000_000;
        let entries = entries(&har(&record).unwrap());
        let told: Vec<_> = entries
            .iter()
            .map(|entry| (entry["_role"].as_str().unwrap(), entry["startedDateTime"].as_str().unwrap()))
            .collect();
        assert_eq!(told, [("case", "2026-11-22T10:00:00.0015Z"), ("fixture", "2026-11-22T10:00:02Z")]);
        assert_eq!((&entries[0]["_code"], &entries[1]["_code"]), (&"D1C-1001".into(), &Value::Null));
        assert_eq!((&entries[0]["time"], &entries[0]["timings"]["wait"]), (&0.9.into(), &0.9.into()));
        assert_eq!(entries[1]["response"]["comment"], "timed out");
    }

    #[test]
    fn no_answer_is_status_0() {
        let mut record = sample();
        record.scenarios[1].findings[0].response = None;
        let first = entries(&har(&record).unwrap()).swap_remove(0);
        assert_eq!((&first["response"]["status"], &first["response"]["content"]["size"]), (&0.into(), &0.into()));
    }
}
