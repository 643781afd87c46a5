//! What the operations of a run did, over all of its exchanges: how long their answers took, and what they looked like.

mod latency;
mod operation;
mod shape;

pub(super) use operation::Activity;

pub use latency::LatencyRecord;
pub use operation::OperationRecord;
pub use shape::{AnswersRecord, FieldRecord, JsonType, MOST_FIELDS};
