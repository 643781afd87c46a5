//! Floor 1: OpenAPI 3.0 files as promises: our own model, schemas translated once, obligations that can be checked.

mod breach;
mod catalog;
mod derive;
mod document;
mod error;
mod evidence;
mod fitting;
mod lint;
mod message;
mod model;
mod obligation;
mod pointer;
mod reader;
mod schema;
mod security;
mod structure;
mod translate;
mod walk;
mod wire;

pub use catalog::{Catalog, CatalogEntry, Direction};
pub use derive::{obligations, response_obligations};
pub use document::Document;
pub use error::{ContractError, Place};
pub use evidence::Evidence;
pub use lint::{LintNote, lint};
pub use message::{accepts, charset, decode_utf16, depth, is_json, is_media_type, repeats_a_member};
pub use model::{
    Auth, Contract, Media, MediaKind, Operation, Parameter, ParameterIn, PathTemplate, RequestBody, Response,
    ResponseHeader, Sealed, StatusPattern, Style,
};
pub use obligation::{Location, Obligation, Rule, Source};
pub use pointer::{InstancePath, Step};
pub use schema::{Breach, Schema, pattern_matches};
pub use security::{AssertionFlaw, CertificateFlaw, EnvelopeFlaw, is_card_number, is_expiry, is_swapped_expiry};
pub use translate::Role;
pub use walk::{Constraint, Example, Field, constraints, fields};
pub use wire::{decode_form, decode_multipart, decode_parameter, encode_multipart, media_matches, query_occurrences};
