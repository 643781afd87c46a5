//! Requests and answers of the record.

use serde::{Deserialize, Serialize};

/// One request with its answer, without secrets.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExchangeRecord {
    /// What was sent.
    pub request: RequestRecord,
    /// What came back.
    pub response: Option<ResponseRecord>,
    /// A command line that sends the request again; credentials come from the environment.
    pub curl: String,
    /// From the first byte of the request to the last byte of the answer, in microseconds; left out where none came.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub elapsed_us: Option<u64>,
}

/// One request as it went out, without secrets.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RequestRecord {
    /// Upper case.
    pub method: String,
    /// Absolute URL.
    pub url: String,
    /// Header fields in order.
    pub headers: Vec<HeaderRecord>,
    /// Text of the body; absent without one.
    pub body: Option<String>,
    /// False when `body` is cut or stands for bytes that are no text.
    pub body_complete: bool,
    /// The clear text of what went out encrypted; left out where nothing did.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub sealed: Vec<SealedRecord>,
    /// An authority of the target file was trusted on this connection.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub private_ca: bool,
    /// The client certificate of the target file was shown on this connection.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub client_certificate: bool,
}

/// A member of a body that went out encrypted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SealedRecord {
    /// JSON pointer of the member.
    pub pointer: String,
    /// JSON text, masked.
    pub plaintext: String,
}

/// One answer, without secrets.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ResponseRecord {
    /// Status code.
    pub status: u16,
    /// Header fields in order.
    pub headers: Vec<HeaderRecord>,
    /// Text of the body; absent without one.
    pub body: Option<String>,
    /// False when `body` is cut or stands for bytes that are no text.
    pub body_complete: bool,
}

/// One header field.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HeaderRecord {
    /// As it went over the wire.
    pub name: String,
    /// The value, masked where it must not be seen.
    pub value: String,
}
