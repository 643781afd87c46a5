//! Whom to test: addresses, credentials, keys, values that only the target's owner knows, limits.

use std::fmt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use indexmap::IndexMap;
use serde_json::Value;

use super::dictionary::Dictionary;
use super::error::SuiteError;
use super::target_file::base;
use crate::base::{PanRange, Redactor, Secret};

/// One system under test.
#[derive(Clone)]
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
    /// Values of fields, wherever no suite binds them.
    pub dictionary: Dictionary,
    /// Where test card numbers are taken from; never empty.
    pub test_pans: Vec<PanRange>,
    /// Limits of one exchange, and of the run.
    pub limits: Limits,
    /// The file of its known deviations.
    pub deviations: Option<PathBuf>,
    /// What the user should know before anything is sent: a private key that others can read.
    pub warnings: Vec<String>,
}

/// Addresses may hold a user by mistake, and values a test card.
impl fmt::Debug for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let values = Value::Object(self.values.iter().map(|(name, value)| (name.clone(), value.clone())).collect());
        f.debug_struct("Target")
            .field("name", &Redactor::default().text(self.name.rsplit('@').next().unwrap_or_default()))
            .field("file", &self.file)
            .field("grant", &self.grant)
            .field("tls", &self.tls)
            .field("jwe", &self.jwe)
            .field("values", &Redactor::default().json(&values).to_string())
            .field("test_pans", &self.test_pans)
            .field("limits", &self.limits)
            .finish_non_exhaustive()
    }
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
        /// `iat`: is it sent? It appears in a sample of the guide only (AUTH-IN-5).
        issued_at: bool,
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
    /// How long what ends later may take.
    pub settle: Duration,
    /// Requests for the search for a smaller request, for each finding; 0 for none. Where it is not said, what may change
    /// a target that is not on this machine is not shrunk.
    pub shrink: Option<u32>,
    /// Remove what walks through life cycles made.
    pub teardown: bool,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            timeout: Duration::from_secs(10),
            max_body: 4 * 1024 * 1024,
            max_requests: None,
            rate: None,
            read_only: false,
            settle: Duration::from_secs(10),
            shrink: None,
            teardown: true,
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
            dictionary: Dictionary::default(),
            test_pans: PanRange::published(),
            limits: Limits::default(),
            deviations: None,
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

    /// Is every address of the target on this machine?
    pub fn is_local(&self) -> bool {
        let mut addresses = self.base_url.iter().chain(self.base_urls.values());
        addresses.all(|address| match url::Url::parse(address).as_ref().map(url::Url::host) {
            Ok(Some(url::Host::Domain(name))) => name.eq_ignore_ascii_case("localhost"),
            Ok(Some(url::Host::Ipv4(address))) => address.is_loopback(),
            Ok(Some(url::Host::Ipv6(address))) => address.is_loopback(),
            _ => false,
        })
    }

    /// A redactor that knows all credentials and private keys, and the card data among values and dictionary.
    pub fn redactor(&self) -> Redactor {
        let values = self.values.iter().map(|(name, value)| (name.as_str(), value));
        let all = values.chain(self.dictionary.named());
        let named = all.filter(|(name, _)| Redactor::hides_field(name)).filter_map(|(name, value)| {
            let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            (!value.is_object() && !value.is_array()).then(|| (Redactor::holds_code(name), Secret::new(text)))
        });
        let (codes, others): (Vec<_>, Vec<_>) = named.partition(|(code, _)| *code);
        let values = |list: Vec<(bool, Secret)>| list.into_iter().map(|(_, value)| value);
        Redactor::new(self.secrets()).with(values(others)).with_words(values(codes))
    }

    /// All credentials and private keys.
    pub fn secrets(&self) -> Vec<Secret> {
        let mut secrets = match &self.grant {
            None => Vec::new(),
            Some(Grant::JwtBearer { private_key, .. }) => key_parts(private_key),
            Some(Grant::ClientCredentials { client_id, client_secret, .. }) => basic_forms(client_id, client_secret),
            Some(Grant::Static { token }) => vec![token.clone()],
        };
        secrets.extend(self.expired_token.clone());
        let certificates = self.tls.client.iter().chain(&self.tls.expired_client);
        secrets.extend(certificates.flat_map(|own| key_parts(&own.private_key)));
        secrets.extend(self.jwe.decrypt_with.iter().flat_map(|own| key_parts(&own.private_key)));
        secrets
    }
}

/// A client secret, and what HTTP Basic makes of it (RFC 7617 section 2) in both alphabets, the padding left out.
fn basic_forms(client_id: &str, client_secret: &Secret) -> Vec<Secret> {
    let pair = format!("{client_id}:{}", client_secret.expose());
    let encoded = [STANDARD_NO_PAD.encode(&pair), URL_SAFE_NO_PAD.encode(&pair)];
    encoded.into_iter().map(Secret::new).chain([client_secret.clone()]).collect()
}

/// A key as a whole, and the lines of its PEM or the private member of its JWK: a message may quote a part of it.
fn key_parts(key: &Secret) -> Vec<Secret> {
    let base64 = |byte: u8| byte.is_ascii_alphanumeric() || b"+/=".contains(&byte);
    let lines = key.expose().lines().map(str::trim).filter(|line| line.len() >= 16 && line.bytes().all(base64));
    let jwk = serde_json::from_str::<Value>(key.expose()).ok();
    let private = jwk.as_ref().and_then(|jwk| jwk.get("d")?.as_str()).map(Secret::new);
    lines.map(Secret::new).chain(private).chain([key.clone()]).collect()
}

#[cfg(test)]
mod tests {
    use super::{Grant, OwnKey, Target};
    use crate::base::Secret;

    #[test]
    fn production_is_recognised_by_its_host() {
        let at = |url: &str| Target::at("a", url).unwrap().production_host();
        assert_eq!(at("https://API.D1.thalescloud.io/banking"), Some("api.d1.thalescloud.io"));
        assert_eq!(at("https://api.d1-stg.thalescloud.io/banking"), None);
        assert_eq!(at("http://localhost/api.d1.thalescloud.io"), None);
    }

    #[test]
    fn debug_shows_neither_credentials_nor_cards() {
        let mut target = Target::at("a", "http://me:swordfish@h/x").unwrap();
        target.grant = Some(Grant::ClientCredentials {
            token_url: None,
            client_id: "id".into(),
            client_secret: Secret::new("plugh-xyzzy"),
            scope: None,
        });
        target.values.insert("card".into(), "4111111111111111".into());
        target.values.insert("cvv".into(), 987.into());
        let shown = format!("{target:?}");
        for secret in ["swordfish", "plugh", "4111111111111111", "987"] {
            assert!(!shown.contains(secret), "{shown}");
        }
        let secrets: Vec<String> = target.secrets().iter().map(|secret| secret.expose().to_owned()).collect();
        assert_eq!(secrets, ["aWQ6cGx1Z2gteHl6enk", "aWQ6cGx1Z2gteHl6enk", "plugh-xyzzy"]);
    }

    #[test]
    fn parts_of_keys_are_secret_and_words_about_them_are_not() {
        let secrets = |text: &str| {
            let mut target = Target::named("t");
            target.jwe.decrypt_with = Some(OwnKey { kid: None, private_key: Secret::new(text) });
            target.secrets().iter().map(|secret| secret.expose().to_owned()).collect::<Vec<_>>()
        };
        let pem = secrets("a word in front of it\n-----BEGIN PRIVATE KEY-----\nMIGHAgEAMBMGByqGSM49\n");
        assert!(pem.contains(&"MIGHAgEAMBMGByqGSM49".to_owned()));
        assert!(!pem.contains(&"a word in front of it".to_owned()));
        assert!(secrets(r#"{"kty":"EC","d":"secret-scalar"}"#).contains(&"secret-scalar".to_owned()));
    }

    #[test]
    fn a_target_is_local_when_all_its_addresses_are() {
        let local = |url: &str| Target::at("a", url).unwrap().is_local();
        assert!(local("http://localhost:8181/x") && local("https://127.0.0.2/x") && local("http://[::1]:1"));
        assert!(!local("http://10.0.0.1/x") && !local("http://localhost.example.com"));
        let mut mixed = Target::at("a", "http://localhost/x").unwrap();
        mixed.base_url = Some("https://d1.example.com".into());
        assert!(!mixed.is_local());
    }

    #[test]
    fn a_base_url_of_a_spec_wins_over_the_common_one() {
        let mut target = Target::at("a", "http://h/x/").unwrap();
        target.base_url = Some("http://common".into());
        assert_eq!(target.base_url_of("a", "/p").as_deref(), Some("http://h/x"));
        assert_eq!(target.base_url_of("b", "/p").as_deref(), Some("http://common/p"));
    }
}
