//! Floor 6: owns every loop. Binds suites to contracts and targets, draws, sends, judges, and emits what happened.

mod bind;
mod caller;
mod digest;
mod event;
mod fixture;
mod lifecycle;
mod log;
mod plan;
mod possible;
mod preflight;
mod read_only;
mod repeat;
mod replay;
mod rules;
mod run;
mod scenario;
mod sequence;
mod shrink;
mod skip;
mod stage;
mod step;
mod stop;
mod subject;

pub use event::{Outcome, Proof, Repeat, RunEvent, RunStart, Shrunk, Walk};
pub use lifecycle::{Course, Journey};
pub use log::{Logged, Role};
pub use plan::{Filter, Kind, Plan, PlanError, PlanOptions, Scenario};
pub use replay::{Again, send_again, unusable};
pub use run::{RunOptions, run, run_scenario};
pub use skip::Skip;
pub use stop::Stop;
pub use subject::Subject;
