//! Floor 7: folds the events of a run into one record, redacted before it is stored, and draws every report from it alone.

mod activity;
mod cleaner;
mod comparison;
mod curl;
mod deviations;
mod error;
mod excerpt;
mod exit;
mod file;
mod formats;
mod group;
mod html;
mod junit;
mod proof;
mod readiness;
mod record;
mod recorder;
mod replay;
mod run_json;
#[cfg(test)]
pub(crate) mod sample;
mod shape;
mod terminal;
mod text;
mod totals;
mod words;

pub use activity::*;
pub use comparison::*;
pub use deviations::*;
pub use error::ReportError;
pub use excerpt::Excerpts;
pub use exit::exit_code;
pub use formats::{Format, draw, html, junit, write_html, write_junit, write_report};
pub use proof::finding_record;
pub use readiness::{Need, ProfileRecord, ProfileScope, Readiness, RowRecord, RowResult};
pub use record::*;
pub use recorder::{Recorder, RunMeta, target_record};
pub use replay::*;
pub use run_json::{read_run_json, write_run_json};
pub use shape::other_shape;
pub use terminal::summary;
pub use text::printable;
pub use totals::{count, worst};
