//! One file per check: the check, its codes, its tests. Each duty is judged by exactly one of them.

mod card_data_disclosure;
mod client_certificate;
mod content_type_conformance;
mod d1_error_body;
mod expiry_format;
mod ignored_auth;
mod jwe_conformance;
mod missing_required_header;
mod negative_data_rejection;
mod not_a_server_error;
mod plaintext_conformance;
mod positive_data_acceptance;
mod response_headers_conformance;
mod response_schema_conformance;
mod status_code_conformance;
mod table;
mod unsupported_method;

use super::code::Code;

pub use table::{Check, checks, codes};
