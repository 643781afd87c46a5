//! `run.json`: the record itself, on disk.

use std::path::Path;

use super::error::ReportError;
use super::file;
use super::record::{RunRecord, SCHEMA_VERSION};
use super::text::json;

/// Writes the record, indented, whole or not at all. Meant for use during the run as well, so that a kill loses little.
pub fn write_run_json(path: &Path, record: &RunRecord) -> Result<(), ReportError> {
    file::write(path, json(record, true)?.as_bytes())
}

/// Reads a record back; one of another schema version is an error.
pub fn read_run_json(path: &Path) -> Result<RunRecord, ReportError> {
    let bytes = std::fs::read(path).map_err(|source| ReportError::Read { path: path.to_owned(), source })?;
    let syntax = |source| ReportError::Syntax { path: path.to_owned(), source };
    let value: serde_json::Value = serde_json::from_slice(&bytes).map_err(syntax)?;
    // The version comes first: the record of another version need not have our fields.
    match value.get("schema_version").and_then(serde_json::Value::as_str) {
        Some(found) if found != SCHEMA_VERSION => {
            Err(ReportError::Version { path: path.to_owned(), found: found.to_owned(), known: SCHEMA_VERSION })
        }
        _ => serde_json::from_value(value).map_err(syntax),
    }
}

#[cfg(test)]
mod tests {
    use super::{read_run_json, write_run_json};
    use crate::report::deviations::{DeviationRecord, DeviationState};
    use crate::report::readiness::product_sample;
    use crate::report::record::RunRecord;
    use crate::report::sample::{flaky, logged, sample};

    fn for_a_product() -> RunRecord {
        RunRecord { profile: Some(product_sample()), ..sample() }
    }

    fn with_deviations() -> RunRecord {
        let mut record = sample();
        record.scenarios[1].findings[0].deviation = Some("known (ticket T-1, owner me, until 2027-03-31)".into());
        record.deviations = vec![DeviationRecord {
            obligation: record.scenarios[1].obligation.clone(),
            operation: None,
            code: Some("D1C-161".into()),
            reason: "known".into(),
            ticket: "T-1".into(),
            owner: "me".into(),
            expires: "2027-03-31".into(),
            file: "deviations.yaml".into(),
            line: 1,
            state: DeviationState::Expired,
            failure: Some("D1C-301".into()),
            scenarios: 1,
            told: "expired".into(),
        }];
        record
    }

    #[test]
    fn what_is_written_is_read_back() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("run.json");
        for record in [sample(), logged()] {
            write_run_json(&path, &record).unwrap();
            assert_eq!(read_run_json(&path).unwrap(), record);
        }
    }

    #[test]
    fn a_record_of_another_version_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("run.json");
        std::fs::write(&path, r#"{"schema_version": "2"}"#).unwrap();
        let error = read_run_json(&path).unwrap_err().to_string();
        assert!(error.contains("schema_version 2"), "{error}");
    }

    #[test]
    fn the_published_schema_holds_for_a_record_and_knows_every_field() {
        let text = include_str!("../../docs/run.schema.json");
        let schema: serde_json::Value = serde_json::from_str(text).unwrap();
        let validator = jsonschema::draft202012::new(&schema).unwrap();
        for record in [sample(), flaky(), logged(), for_a_product(), with_deviations()] {
            let record = serde_json::to_value(record).unwrap();
            let errors: Vec<String> =
                validator.iter_errors(&record).map(|error| format!("{}: {error}", error.instance_path())).collect();
            assert!(errors.is_empty(), "{errors:#?}");
        }
        let record = serde_json::to_value(sample()).unwrap();

        let mut wrong = record.clone();
        wrong["verdict"] = "fine".into();
        assert!(!validator.is_valid(&wrong));
        let mut unknown = record;
        unknown["scenarios"][0]["new"] = 1.into();
        assert!(!validator.is_valid(&unknown));
    }
}
