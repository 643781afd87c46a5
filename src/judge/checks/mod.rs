//! The checks, one idea a file: its words, its judgement, its tests. `table` lists them.

mod assertion;
mod body;
mod card_data;
mod clear_text;
mod correlation_id;
mod credentials;
mod departure;
mod envelope;
mod parameters;
mod refused_token;
mod repeats;
mod retries;
mod silence;
mod table;
mod token_reuse;
mod undeclared;

pub use silence::silence;
pub use table::checks;
pub use undeclared::{METHOD, PATH};
