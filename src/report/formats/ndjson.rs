//! One JSON object a line, each with a `type`: `run` first, then each `operation` with its latency and answers, each `scenario`
//! with its `finding`s and `exchange`s behind it, `end` with the totals last. Log stores and `jq` take it line by line. The fields are those of `run.json`.

use serde::Serialize;
use serde_json::{Map, Value, json};

use crate::report::error::ReportError;
use crate::report::record::{RunRecord, ScenarioRecord};
use crate::report::text;
use crate::report::words::broken_off;

/// The lines.
pub(super) fn ndjson(record: &RunRecord) -> Result<String, ReportError> {
    let mut lines = String::new();
    let mut add = |kind: &str, own: Value| -> Result<(), ReportError> {
        let mut line = Map::from_iter([
            ("type".to_owned(), Value::from(kind)),
            ("run_id".to_owned(), Value::from(record.run_id.as_str())),
        ]);
        if let Value::Object(own) = own {
            line.extend(own);
        }
        lines.push_str(&text::json(&line, false)?);
        Ok(())
    };
    add("run", without(record, &["run_id", "scenarios", "totals", "operations"])?)?;
    for operation in &record.operations {
        add("operation", serde_json::to_value(operation)?)?;
    }
    for scenario in &record.scenarios {
        let mut own = without(scenario, &["findings", "log"])?;
        own["finding_count"] = scenario.findings.len().into();
        add("scenario", own)?;
        for finding in &scenario.findings {
            add("finding", belonging(scenario, finding)?)?;
        }
        for logged in &scenario.log {
            add("exchange", belonging(scenario, logged)?)?;
        }
    }
    let interrupted = broken_off(record).is_some();
    let end = json!({
        "verdict": record.verdict, "exit_code": record.exit_code, "interrupted": interrupted, "totals": record.totals
    });
    add("end", end)?;
    Ok(lines)
}

/// The value without what has lines of its own.
fn without(value: &impl Serialize, left_out: &[&str]) -> Result<Value, ReportError> {
    let mut value = serde_json::to_value(value)?;
    if let Value::Object(members) = &mut value {
        members.retain(|name, _| !left_out.contains(&name.as_str()));
    }
    Ok(value)
}

/// The value with the name of its scenario before it.
fn belonging(scenario: &ScenarioRecord, value: &impl Serialize) -> Result<Value, ReportError> {
    let mut own = Map::from_iter([("scenario".to_owned(), Value::from(scenario.id.as_str()))]);
    if let Value::Object(members) = serde_json::to_value(value)? {
        own.extend(members);
    }
    Ok(Value::Object(own))
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::ndjson;
    use crate::report::record::{FindingRecord, RunState};
    use crate::report::sample::{logged, sample};

    fn lines(text: &str) -> Vec<Value> {
        text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    #[test]
    fn each_line_is_an_object_with_a_type() {
        let lines = lines(&ndjson(&sample()).unwrap());
        let kinds: Vec<&str> = lines.iter().map(|line| line["type"].as_str().unwrap()).collect();
        let expected = "run operation scenario scenario finding scenario scenario finding scenario scenario end";
        assert_eq!(kinds.join(" "), expected);
        assert!(lines.iter().all(|line| line["run_id"] == "run-1"));
        assert_eq!(lines[4]["scenario"], lines[3]["id"]);
        assert_eq!((&lines[3]["finding_count"], &lines[2]["finding_count"]), (&1.into(), &0.into()));
        assert_eq!(lines.last().unwrap()["totals"]["failed"], 1);
    }

    #[test]
    fn a_finding_is_that_of_the_record() {
        let finding = lines(&ndjson(&sample()).unwrap()).swap_remove(4);
        let read: FindingRecord = serde_json::from_value(finding).unwrap();
        assert_eq!(read, sample().scenarios[1].findings[0]);
    }

    #[test]
    fn exchanges_have_lines_where_the_run_recorded_them() {
        let lines = lines(&ndjson(&logged()).unwrap());
        let exchanges: Vec<_> = lines.iter().filter(|line| line["type"] == "exchange").collect();
        assert_eq!(exchanges.len(), 2);
        assert!(exchanges.iter().all(|line| line["scenario"] == logged().scenarios[1].id.as_str()));
    }

    #[test]
    fn a_broken_off_run_says_so() {
        let mut record = sample();
        record.state = RunState::Running;
        let lines = lines(&ndjson(&record).unwrap());
        assert_eq!(lines[0]["state"], "running");
        assert_eq!(lines.last().unwrap()["interrupted"], true);
    }
}
