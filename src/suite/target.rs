//! Whom to test: addresses, credentials, keys, values that only the target's owner knows, limits.

use std::path::{Path, PathBuf};
use std::time::Duration;

use indexmap::IndexMap;
use serde_json::Value;

use super::error::SuiteError;
use super::target_file::base;
use crate::base::{PanRange, Secret};

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
    /// A token of the target that has run out, for the scenarios that send one.
    pub expired_token: Option<Secret>,
    /// Whom to trust and as whom to appear on TLS connections.
    pub tls: Tls,
    /// Keys for `encryptedData`.
    pub jwe: Jwe,
    /// Values by name: `issuerId`, `cardProductId`, …
    pub values: IndexMap<String, Value>,
    /// Where test card numbers are taken from; never empty.
    pub test_pans: Vec<PanRange>,
    /// Limits of one exchange, and of the run.
    pub limits: Limits,
    /// What the user should know before anything is sent: a private key that others can read.
    pub warnings: Vec<String>,
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
        /// From the making of an assertion to its `exp`; D1 takes at most 15 minutes (AUTH-IN-5).
        lifetime: Duration,
        /// Id of the onboarded key.
        kid: String,
        /// P-256 private key: PEM (PKCS#8 or SEC1) or JWK.
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

/// Whom to trust and as whom to appear on TLS connections (TLS-1, TLS-2).
#[derive(Clone, Debug, Default)]
pub struct Tls {
    /// Certificates of private authorities, PEM; trusted besides the system's.
    pub ca: Option<String>,
    /// Our client certificate.
    pub client: Option<ClientCertificate>,
    /// A client certificate that has run out, for the scenario that shows one.
    pub expired_client: Option<ClientCertificate>,
}

/// A certificate with its key.
#[derive(Clone, Debug)]
pub struct ClientCertificate {
    /// The certificate and those between it and its authority, PEM.
    pub certificate: String,
    /// The private key, PEM.
    pub private_key: Secret,
}

/// Keys for `encryptedData` (JWE-1, JWE-7): each direction uses the recipient's.
#[derive(Clone, Debug, Default)]
pub struct Jwe {
    /// The target's public key, for what we send. Without it, what needs a JWE is skipped.
    pub encrypt_for: Option<RecipientKey>,
    /// Our private key, for what we receive. Without it, what is inside an answer is not judged.
    pub decrypt_with: Option<OwnKey>,
}

/// The public key of a recipient.
#[derive(Clone, Debug)]
pub struct RecipientKey {
    /// Its id; by default that of the JWK, or the thumbprint (RFC 7638).
    pub kid: Option<String>,
    /// PEM or JWK.
    pub public_key: String,
}

/// A private key of ours.
#[derive(Clone, Debug)]
pub struct OwnKey {
    /// Its id; by default that of the JWK, or the thumbprint (RFC 7638).
    pub kid: Option<String>,
    /// PEM or JWK.
    pub private_key: Secret,
}

/// Limits of one exchange, and hard limits of the whole run.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Limits {
    /// For the whole exchange.
    pub timeout: Duration,
    /// Bytes of an answer's body.
    pub max_body: usize,
    /// Requests of one run, all of them: cases, fixtures, tokens. Nothing more is sent then.
    pub max_requests: Option<u64>,
    /// Requests per second, all of them.
    pub rate: Option<f64>,
    /// Only GET, HEAD and OPTIONS are sent, besides the token call.
    pub read_only: bool,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            timeout: Duration::from_secs(10),
            max_body: 4 * 1024 * 1024,
            max_requests: None,
            rate: None,
            read_only: false,
        }
    }
}

/// Hosts where real cards live (ENV-1).
const PRODUCTION_HOSTS: &[&str] = &["api.d1.thalescloud.io"];

impl Target {
    /// A target that is nothing but an address, complete with any base path.
    pub fn at(spec: &str, url: &str) -> Result<Self, SuiteError> {
        let url = base(Path::new("--base-url"), url)?;
        Ok(Self { base_urls: IndexMap::from([(spec.to_owned(), url.clone())]), ..Self::named(&url) })
    }

    /// A target without any address, credentials or keys.
    pub fn named(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            file: None,
            base_url: None,
            base_urls: IndexMap::new(),
            grant: None,
            expired_token: None,
            tls: Tls::default(),
            jwe: Jwe::default(),
            values: IndexMap::new(),
            test_pans: PanRange::published(),
            limits: Limits::default(),
            warnings: Vec::new(),
        }
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

    /// All credentials and private keys, for the redactor.
    pub fn secrets(&self) -> Vec<Secret> {
        let mut secrets = match &self.grant {
            None => Vec::new(),
            Some(Grant::JwtBearer { private_key, .. }) => key_parts(private_key),
            Some(Grant::ClientCredentials { client_secret, .. }) => vec![client_secret.clone()],
            Some(Grant::Static { token }) => vec![token.clone()],
        };
        secrets.extend(self.expired_token.clone());
        let certificates = self.tls.client.iter().chain(&self.tls.expired_client);
        secrets.extend(certificates.flat_map(|own| key_parts(&own.private_key)));
        secrets.extend(self.jwe.decrypt_with.iter().flat_map(|own| key_parts(&own.private_key)));
        secrets
    }
}

/// A key as a whole and line by line: a message may quote a part of it.
fn key_parts(key: &Secret) -> Vec<Secret> {
    let lines = key.expose().lines().map(str::trim).filter(|line| line.len() >= 16 && !line.contains("-----"));
    lines.map(Secret::new).chain([key.clone()]).collect()
}

#[cfg(test)]
mod tests {
    use super::Target;

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
