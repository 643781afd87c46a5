//! The table of defects: one row each, and the effects are data, so a new one is a new row.

mod answers;
#[cfg(test)]
mod breadth_tests;
mod breakage;
mod certificates;
mod constraints;
mod d1_envelopes;
mod d1_first_version;
mod d1_second_version;
mod d1_state;
mod d1_tokens;
mod inferred;
mod inferred_constraints;
mod intermittent;
mod issuer;
mod issuer_security;
mod issuer_state;
mod messages;
mod near_misses;
mod races;
mod table;
mod tenancy;
mod values;

pub use table::{defect, defects};
