//! The schema language of OpenAPI 3.0, proved by strangers: the JSON-Schema-Test-Suite, and a plain draft 4 validator that
//! judges what is generated.

#[cfg(test)]
mod convert;
#[cfg(test)]
mod draws;
#[cfg(test)]
mod generation;
#[cfg(test)]
mod messages;
#[cfg(test)]
mod random;
#[cfg(test)]
mod suite;
#[cfg(test)]
mod translation;
