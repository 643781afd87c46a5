//! Whom to test: addresses, credentials, values that only the target's owner knows, limits.

use std::path::{Path, PathBuf};
use std::time::Duration;

use indexmap::IndexMap;
use serde::Deserialize;
use serde_json::Value;

use super::error::SuiteError;
use super::expand::{expand, expand_secret};
use crate::base::Secret;

/// One system under test.
#[derive(Clone, Debug)]
pub struct Target {
    /// Name in reports.
    pub name: String,
    /// Where it was read from.
    pub file: Option<PathBuf>,
    /// Base URL of every specification that `base_urls` does not name; the specification's base path is appended.
    pub base_url: Option<String>,
    /// Base URL by specification, complete.
    pub base_urls: IndexMap<String, String>,
    /// How a token is obtained; `None` where the target wants none.
    pub grant: Option<Grant>,
    /// Values by name: `issuerId`, `cardProductId`, …
    pub values: IndexMap<String, Value>,
    /// Limits of one exchange.
    pub limits: Limits,
    /// True when the target takes any text for a JWE, as the sandboxes do. Sealing for a real recipient needs its key.
    pub opaque_jwe: bool,
}

/// How a bearer token is obtained.
#[derive(Clone, Debug)]
pub enum Grant {
    /// RFC 7523: a JWT signed with ES256 (D1, AUTH-IN-2).
    JwtBearer {
        /// Absolute URL of the token endpoint; by default that of `D1-Public-IN-v1-Auth2`.
        token_url: Option<String>,
        /// `iss`: issuerId or aggregatorId.
        issuer: String,
        /// `sub`: issuerId.
        subject: String,
        /// `aud`, if wanted.
        audience: Option<String>,
        /// Id of the onboarded key.
        kid: String,
        /// PKCS#8 P-256 private key, PEM.
        private_key: Secret,
    },
    /// RFC 6749 section 4.4 with HTTP Basic (issuer, AUTH-OUT-2).
    ClientCredentials {
        /// Absolute URL of the token endpoint; by default that of `D1-Public-OUT-v1-Auth2`.
        token_url: Option<String>,
        /// Client id.
        client_id: String,
        /// Client secret.
        client_secret: Secret,
        /// Scope, if wanted.
        scope: Option<String>,
    },
    /// A token that somebody else obtained.
    Static {
        /// The token.
        token: Secret,
    },
}

/// Limits of one exchange.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// For the whole exchange.
    pub timeout: Duration,
    /// Bytes of an answer's body.
    pub max_body: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { timeout: Duration::from_secs(10), max_body: 4 * 1024 * 1024 }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct TargetFile {
    name: Option<String>,
    base_url: Option<String>,
    #[serde(default)]
    base_urls: IndexMap<String, String>,
    auth: Option<AuthFile>,
    #[serde(default)]
    values: IndexMap<String, Value>,
    #[serde(default)]
    limits: LimitsFile,
    #[serde(default)]
    jwe: JweFile,
}

/// How fields with `x-jwe-plaintext` are filled.
#[derive(Default, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
enum JweFile {
    /// Not at all: optional ones are left out, operations that need one are skipped.
    #[default]
    None,
    /// With a text that looks like a JWE and that nobody can open.
    Opaque,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct LimitsFile {
    timeout_seconds: Option<u64>,
    max_body_bytes: Option<usize>,
}

#[derive(Deserialize)]
#[serde(tag = "grant", rename_all = "snake_case", deny_unknown_fields)]
enum AuthFile {
    None,
    JwtBearer {
        token_url: Option<String>,
        issuer: String,
        subject: Option<String>,
        audience: Option<String>,
        kid: String,
        private_key: String,
    },
    ClientCredentials {
        token_url: Option<String>,
        client_id: String,
        client_secret: String,
        scope: Option<String>,
    },
    Static {
        token: String,
    },
}

/// Hosts where real cards live (ENV-1).
const PRODUCTION_HOSTS: &[&str] = &["api.d1.thalescloud.io"];

const KNOWN_KEYS: &str = "known keys are name, base_url, base_urls, auth (grant: jwt_bearer, client_credentials, static or \
                          none), values, limits (timeout_seconds, max_body_bytes) and jwe (none, opaque); README shows a \
                          whole file";

impl Target {
    /// Reads a target file. `${env:NAME}` and `${file:PATH}` are replaced; relative paths start at the file's folder.
    pub fn load(path: &Path) -> Result<Self, SuiteError> {
        let text =
            std::fs::read_to_string(path).map_err(|source| SuiteError::Read { path: path.to_owned(), source })?;
        let file: TargetFile =
            serde_yaml::from_str(&text).map_err(|error| SuiteError::yaml(path, &error, KNOWN_KEYS))?;
        let plain = |text: String| expand(path, &text);
        let option = |text: Option<String>| text.map(plain).transpose();
        let grant = match file.auth {
            None | Some(AuthFile::None) => None,
            Some(AuthFile::JwtBearer { token_url, issuer, subject, audience, kid, private_key }) => {
                let issuer = plain(issuer)?;
                Some(Grant::JwtBearer {
                    token_url: option(token_url)?,
                    subject: option(subject)?.unwrap_or_else(|| issuer.clone()),
                    issuer,
                    audience: option(audience)?,
                    kid: plain(kid)?,
                    private_key: expand_secret(path, &private_key)?,
                })
            }
            Some(AuthFile::ClientCredentials { token_url, client_id, client_secret, scope }) => {
                Some(Grant::ClientCredentials {
                    token_url: option(token_url)?,
                    client_id: plain(client_id)?,
                    client_secret: expand_secret(path, &client_secret)?,
                    scope: option(scope)?,
                })
            }
            Some(AuthFile::Static { token }) => Some(Grant::Static { token: expand_secret(path, &token)? }),
        };
        let mut base_urls = IndexMap::new();
        for (spec, url) in file.base_urls {
            base_urls.insert(spec, base(path, &plain(url)?)?);
        }
        let mut values = IndexMap::new();
        for (name, value) in file.values {
            let value = match value {
                Value::String(text) => Value::String(plain(text)?),
                other => other,
            };
            values.insert(name, value);
        }
        let default = Limits::default();
        let name = file.name.unwrap_or_else(|| path.file_stem().unwrap_or_default().to_string_lossy().into_owned());
        Ok(Self {
            name,
            file: Some(path.to_owned()),
            base_url: option(file.base_url)?.map(|url| base(path, &url)).transpose()?,
            base_urls,
            grant,
            values,
            limits: Limits {
                timeout: file.limits.timeout_seconds.map_or(default.timeout, Duration::from_secs),
                max_body: file.limits.max_body_bytes.unwrap_or(default.max_body),
            },
            opaque_jwe: file.jwe == JweFile::Opaque,
        })
    }

    /// A target that is nothing but an address, complete with any base path.
    pub fn at(spec: &str, url: &str) -> Result<Self, SuiteError> {
        let url = base(Path::new("--base-url"), url)?;
        Ok(Self {
            name: url.clone(),
            file: None,
            base_url: None,
            base_urls: IndexMap::from([(spec.to_owned(), url)]),
            grant: None,
            values: IndexMap::new(),
            limits: Limits::default(),
            opaque_jwe: false,
        })
    }

    /// Base URL of a specification, without a trailing slash.
    pub fn base_url_of(&self, spec: &str, base_path: &str) -> Option<String> {
        self.base_urls
            .get(spec)
            .cloned()
            .or_else(|| self.base_url.as_ref().map(|url| format!("{url}{}", base_path.trim_end_matches('/'))))
    }

    /// The first production host among all addresses of the target, token endpoint included.
    pub fn production_host(&self) -> Option<&'static str> {
        let token_url = match &self.grant {
            Some(Grant::JwtBearer { token_url, .. } | Grant::ClientCredentials { token_url, .. }) => token_url.as_ref(),
            _ => None,
        };
        let addresses = self.base_url.iter().chain(self.base_urls.values()).chain(token_url);
        let hosts = addresses.filter_map(|address| url::Url::parse(address).ok()?.host_str().map(str::to_owned));
        hosts.into_iter().find_map(|host| {
            let host = host.trim_end_matches('.');
            PRODUCTION_HOSTS.iter().find(|production| host.eq_ignore_ascii_case(production)).copied()
        })
    }

    /// All credentials, for the redactor.
    pub fn secrets(&self) -> Vec<Secret> {
        match &self.grant {
            None => Vec::new(),
            Some(Grant::JwtBearer { private_key, .. }) => vec![private_key.clone()],
            Some(Grant::ClientCredentials { client_secret, .. }) => vec![client_secret.clone()],
            Some(Grant::Static { token }) => vec![token.clone()],
        }
    }
}

fn base(path: &Path, text: &str) -> Result<String, SuiteError> {
    let invalid = |problem: String| SuiteError::Invalid {
        path: path.to_owned(),
        line: None,
        problem,
        remedy: "write an absolute URL such as https://api.example.com/banking/v2".to_owned(),
    };
    let url = url::Url::parse(text).map_err(|error| invalid(format!("the base URL `{text}` is not valid: {error}")))?;
    if !matches!(url.scheme(), "http" | "https") || url.query().is_some() || url.fragment().is_some() {
        return Err(invalid(format!("the base URL `{text}` must be http or https, without query and fragment")));
    }
    Ok(text.trim_end_matches('/').to_owned())
}

#[cfg(test)]
mod tests {
    use super::Target;

    #[test]
    fn unknown_keys_are_named_with_their_line() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("t.yaml");
        std::fs::write(&path, "base_url: http://localhost\nvalue: {}\n").unwrap();
        let error = Target::load(&path).unwrap_err().to_string();
        assert!(error.contains("t.yaml:2") && error.contains("unknown field `value`"), "{error}");
    }

    #[test]
    fn an_unset_secret_is_an_error_before_any_traffic() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("t.yaml");
        std::fs::write(&path, "auth: {grant: static, token: '${env:D1C_NOT_SET_ANYWHERE}'}\n").unwrap();
        let error = Target::load(&path).unwrap_err().to_string();
        assert!(error.contains("D1C_NOT_SET_ANYWHERE") && error.contains("remedy"), "{error}");
    }

    #[test]
    fn production_is_recognised_by_its_host() {
        let at = |url: &str| Target::at("a", url).unwrap().production_host();
        assert_eq!(at("https://API.D1.thalescloud.io/banking"), Some("api.d1.thalescloud.io"));
        assert_eq!(at("https://api.d1-stg.thalescloud.io/banking"), None);
        assert_eq!(at("http://localhost/api.d1.thalescloud.io"), None);
    }

    #[test]
    fn a_base_url_of_a_spec_wins_over_the_common_one() {
        let mut target = Target::at("a", "http://h/x/").unwrap();
        target.base_url = Some("http://common".into());
        assert_eq!(target.base_url_of("a", "/p").as_deref(), Some("http://h/x"));
        assert_eq!(target.base_url_of("b", "/p").as_deref(), Some("http://common/p"));
    }
}
