//! The table of defects: one row each, and the effects are data, so a new one is a new row.

mod d1_first_version;
mod d1_second_version;
mod issuer;
mod table;

pub use table::{defect, defects};
