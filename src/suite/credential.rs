//! A credential as it stands in a target file.

use std::fmt;

use serde::de::{Deserialize, Deserializer, Error, Visitor};

/// The text of a credential, references not replaced yet. A number is refused without being named: the usual message
/// would quote it.
pub(super) struct Credential(pub(super) String);

impl<'de> Deserialize<'de> for Credential {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Quoted).map(Self)
    }
}

struct Quoted;

/// What is said of everything that is no text.
const NO_TEXT: &str = "a credential is a text; put it between quotes, or write ${env:NAME} or ${file:PATH}";

impl Visitor<'_> for Quoted {
    type Value = String;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a text")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<String, E> {
        Ok(text.to_owned())
    }

    fn visit_bool<E: Error>(self, _: bool) -> Result<String, E> {
        Err(E::custom(NO_TEXT))
    }

    fn visit_i64<E: Error>(self, _: i64) -> Result<String, E> {
        Err(E::custom(NO_TEXT))
    }

    fn visit_i128<E: Error>(self, _: i128) -> Result<String, E> {
        Err(E::custom(NO_TEXT))
    }

    fn visit_u64<E: Error>(self, _: u64) -> Result<String, E> {
        Err(E::custom(NO_TEXT))
    }

    fn visit_u128<E: Error>(self, _: u128) -> Result<String, E> {
        Err(E::custom(NO_TEXT))
    }

    fn visit_f64<E: Error>(self, _: f64) -> Result<String, E> {
        Err(E::custom(NO_TEXT))
    }
}
