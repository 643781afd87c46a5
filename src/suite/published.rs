//! A target file as others may read it.

use std::path::Path;

use serde_json::Value;

use super::error::SuiteError;
use crate::base::Redactor;

/// The text of a target file with its secrets masked: by the names of their keys, and wherever the redactor knows them.
/// References (`${env:NAME}`) are no secrets, and are masked all the same where a secret is expected.
pub fn published(path: &Path, redactor: &Redactor) -> Result<String, SuiteError> {
    let text = std::fs::read_to_string(path).map_err(|source| SuiteError::Read { path: path.to_owned(), source })?;
    let remedy = "correct the target file";
    let value: Value = serde_yaml::from_str(&text).map_err(|error| SuiteError::yaml(path, &error, remedy))?;
    let clean = masked(redactor.json(&value));
    serde_yaml::to_string(&clean).map_err(|error| SuiteError::yaml(path, &error, remedy))
}

/// Tokens by the keys of a target file, and whoever stands before the host of an address.
fn masked(value: Value) -> Value {
    match value {
        Value::Object(members) => Value::Object(
            members
                .into_iter()
                .map(|(name, member)| match (name.as_str(), member) {
                    ("token" | "expired_token", Value::String(_)) => (name, Value::from("***")),
                    (_, member) => (name, masked(member)),
                })
                .collect(),
        ),
        Value::Array(items) => Value::Array(items.into_iter().map(masked).collect()),
        Value::String(text) => Value::String(nobody(text)),
        other => other,
    }
}

fn nobody(text: String) -> String {
    let Some((scheme, rest)) = text.split_once("://") else { return text };
    let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
    match host.rsplit_once('@') {
        Some((user, _)) => format!("{scheme}://***{}", &rest[user.len()..]),
        None => text,
    }
}

#[cfg(test)]
mod tests {
    use super::published;
    use crate::base::{Redactor, Secret};

    #[test]
    fn nothing_secret_is_left() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("target.yaml");
        let text = "base_url: https://jo:hunter22@host.example/a\nauth: {grant: client_credentials, client_id: me, client_secret: s3cret-one}\n\
                    expired_token: old-token-1\nvalues: {issuerId: acme, pan: '4111111111111111', note: known-word, cvv: '123'}\n\
                    jwe: {decrypt_with: {private_key: '${file:key.pem}'}}\n";
        std::fs::write(&path, text).unwrap();
        let clean = published(&path, &Redactor::new([Secret::new("known-word")])).unwrap();
        for secret in ["hunter22", "s3cret-one", "old-token-1", "4111111111111111", "known-word", "123", "jo:"] {
            assert!(!clean.contains(secret), "{secret} is in\n{clean}");
        }
        for kept in ["host.example/a", "client_credentials", "acme"] {
            assert!(clean.contains(kept), "{kept} is not in\n{clean}");
        }
    }
}
