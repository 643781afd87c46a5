//! Reads a target file.

use std::path::{Path, PathBuf};
use std::time::Duration;

use indexmap::IndexMap;
use serde::Deserialize;
use serde_json::Value;

use super::credential::Credential;
use super::dictionary::Dictionary;
use super::error::SuiteError;
use super::expand::Expander;
use super::target::{ClientCertificate, Grant, Jwe, Limits, OwnKey, RecipientKey, Target, Tls};
use crate::base::{PanRange, Redactor, UnknownRange};

#[derive(Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub(super) struct TargetFile {
    name: Option<String>,
    base_url: Option<String>,
    #[serde(default)]
    base_urls: IndexMap<String, String>,
    auth: Option<AuthFile>,
    #[cfg_attr(test, schemars(with = "Option<String>"))]
    expired_token: Option<Credential>,
    #[serde(default)]
    tls: TlsFile,
    #[serde(default)]
    jwe: JweFile,
    #[serde(default)]
    values: IndexMap<String, Value>,
    #[serde(default)]
    dictionary: IndexMap<String, Value>,
    #[serde(default)]
    test_pans: Vec<String>,
    #[serde(default)]
    limits: LimitsFile,
    deviations: Option<PathBuf>,
}

#[derive(Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(tag = "grant", rename_all = "snake_case", deny_unknown_fields)]
enum AuthFile {
    None,
    JwtBearer {
        token_url: Option<String>,
        issuer: String,
        subject: Option<String>,
        audience: Option<String>,
        lifetime_seconds: Option<u64>,
        issued_at: Option<bool>,
        kid: String,
        #[cfg_attr(test, schemars(with = "String"))]
        private_key: Credential,
    },
    ClientCredentials {
        token_url: Option<String>,
        client_id: String,
        #[cfg_attr(test, schemars(with = "String"))]
        client_secret: Credential,
        scope: Option<String>,
    },
    Static {
        #[cfg_attr(test, schemars(with = "String"))]
        token: Credential,
    },
}

#[derive(Default, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
struct TlsFile {
    ca: Option<String>,
    client: Option<CertificateFile>,
    expired_client: Option<CertificateFile>,
}

#[derive(Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
struct CertificateFile {
    certificate: String,
    #[cfg_attr(test, schemars(with = "String"))]
    private_key: Credential,
}

#[derive(Default, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
struct JweFile {
    encrypt_for: Option<PublicKeyFile>,
    decrypt_with: Option<PrivateKeyFile>,
}

#[derive(Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
struct PublicKeyFile {
    kid: Option<String>,
    public_key: String,
}

#[derive(Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
struct PrivateKeyFile {
    kid: Option<String>,
    #[cfg_attr(test, schemars(with = "String"))]
    private_key: Credential,
}

#[derive(Default, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
struct LimitsFile {
    timeout_seconds: Option<u64>,
    max_body_bytes: Option<usize>,
    max_requests: Option<u64>,
    rate: Option<f64>,
    settle_seconds: Option<u64>,
    shrink: Option<u32>,
    teardown: Option<bool>,
    #[serde(default)]
    read_only: bool,
}

const KNOWN_KEYS: &str = "known keys are name, base_url, base_urls, auth (grant: jwt_bearer, client_credentials, static or \
                          none), expired_token, tls (ca, client, expired_client), jwe (encrypt_for, decrypt_with), values, \
                          dictionary, test_pans, deviations and limits (timeout_seconds, max_body_bytes, max_requests, rate, settle_seconds, shrink, \
                          teardown, read_only); README shows a whole file";

/// Lifetime of an assertion: it is used at once, and a clock may be wrong.
const ASSERTION_LIFETIME: Duration = Duration::from_secs(300);

impl Target {
    /// Reads a target file. `${env:NAME}` and `${file:PATH}` are replaced; relative paths start at the file's folder.
    pub fn load(path: &Path) -> Result<Self, SuiteError> {
        let text =
            std::fs::read_to_string(path).map_err(|source| SuiteError::Read { path: path.to_owned(), source })?;
        let file: TargetFile =
            serde_yaml::from_str(&text).map_err(|error| SuiteError::yaml(path, &error, KNOWN_KEYS))?;
        let reader = Reader { path, expander: Expander::new(path) };
        reader.target(file)
    }
}

struct Reader<'f> {
    path: &'f Path,
    expander: Expander<'f>,
}

impl Reader<'_> {
    fn target(self, file: TargetFile) -> Result<Target, SuiteError> {
        let stem = || self.path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        let mut target = Target::named(&file.name.unwrap_or_else(stem));
        target.file = Some(self.path.to_owned());
        target.base_url = self.option(file.base_url)?.map(|url| base(self.path, &url)).transpose()?;
        for (spec, url) in file.base_urls {
            target.base_urls.insert(spec, base(self.path, &self.text(&url)?)?);
        }
        target.grant = file.auth.map(|auth| self.grant(auth)).transpose()?.flatten();
        target.expired_token = file.expired_token.map(|token| self.expander.secret(&token.0)).transpose()?;
        target.tls = Tls {
            ca: self.option(file.tls.ca)?,
            client: file.tls.client.map(|own| self.certificate(&own)).transpose()?,
            expired_client: file.tls.expired_client.map(|own| self.certificate(&own)).transpose()?,
        };
        target.jwe = self.jwe(file.jwe)?;
        for (name, value) in file.values {
            let value = match value {
                Value::String(text) => Value::String(self.text(&text)?),
                other => other,
            };
            target.values.insert(name, value);
        }
        target.dictionary = Dictionary::read(self.path, file.dictionary, &self.expander)?;
        if !file.test_pans.is_empty() {
            let ranges: Result<Vec<PanRange>, UnknownRange> = file.test_pans.iter().map(|text| text.parse()).collect();
            // Somebody may write a card number here instead of a range.
            let clean = |error: UnknownRange| Redactor::default().text(&error.to_string());
            target.test_pans =
                ranges.map_err(|error| self.invalid(format!("test_pans: {}", clean(error)), "correct it"))?;
        }
        target.limits = self.limits(&file.limits)?;
        let folder = self.path.parent().unwrap_or(Path::new(""));
        target.deviations = file.deviations.map(|file| folder.join(file));
        target.warnings = self.expander.warnings();
        Ok(target)
    }

    fn grant(&self, auth: AuthFile) -> Result<Option<Grant>, SuiteError> {
        Ok(match auth {
            AuthFile::None => None,
            AuthFile::JwtBearer {
                token_url,
                issuer,
                subject,
                audience,
                lifetime_seconds,
                issued_at,
                kid,
                private_key,
            } => {
                let issuer = self.text(&issuer)?;
                Some(Grant::JwtBearer {
                    token_url: self.option(token_url)?,
                    subject: self.option(subject)?.unwrap_or_else(|| issuer.clone()),
                    issuer,
                    audience: self.option(audience)?,
                    lifetime: lifetime_seconds.map_or(ASSERTION_LIFETIME, Duration::from_secs),
                    issued_at: issued_at.unwrap_or(true),
                    kid: self.text(&kid)?,
                    private_key: self.expander.secret(&private_key.0)?,
                })
            }
            AuthFile::ClientCredentials { token_url, client_id, client_secret, scope } => {
                Some(Grant::ClientCredentials {
                    token_url: self.option(token_url)?,
                    client_id: self.text(&client_id)?,
                    client_secret: self.expander.secret(&client_secret.0)?,
                    scope: self.option(scope)?,
                })
            }
            AuthFile::Static { token } => Some(Grant::Static { token: self.expander.secret(&token.0)? }),
        })
    }

    fn jwe(&self, file: JweFile) -> Result<Jwe, SuiteError> {
        let encrypt_for = file
            .encrypt_for
            .map(|key| Ok(RecipientKey { kid: self.option(key.kid)?, public_key: self.text(&key.public_key)? }));
        let decrypt_with = file.decrypt_with.map(|key| {
            Ok(OwnKey { kid: self.option(key.kid)?, private_key: self.expander.secret(&key.private_key.0)? })
        });
        Ok(Jwe { encrypt_for: encrypt_for.transpose()?, decrypt_with: decrypt_with.transpose()? })
    }

    fn certificate(&self, file: &CertificateFile) -> Result<ClientCertificate, SuiteError> {
        Ok(ClientCertificate {
            certificate: self.text(&file.certificate)?,
            private_key: self.expander.secret(&file.private_key.0)?,
        })
    }

    fn limits(&self, file: &LimitsFile) -> Result<Limits, SuiteError> {
        let default = Limits::default();
        if file.rate.is_some_and(|rate| !(rate.is_finite() && rate > 0.0)) {
            return Err(
                self.invalid("limits.rate must be more than 0".to_owned(), "write requests per second, such as 20")
            );
        }
        Ok(Limits {
            timeout: file.timeout_seconds.map_or(default.timeout, Duration::from_secs),
            max_body: file.max_body_bytes.unwrap_or(default.max_body),
            max_requests: file.max_requests,
            rate: file.rate,
            read_only: file.read_only,
            settle: file.settle_seconds.map_or(default.settle, Duration::from_secs),
            shrink: file.shrink,
            teardown: file.teardown.unwrap_or(default.teardown),
        })
    }

    fn text(&self, text: &str) -> Result<String, SuiteError> {
        self.expander.text(text)
    }

    fn option(&self, text: Option<String>) -> Result<Option<String>, SuiteError> {
        text.map(|text| self.text(&text)).transpose()
    }

    fn invalid(&self, problem: String, remedy: &str) -> SuiteError {
        SuiteError::Invalid { path: self.path.to_owned(), line: None, problem, remedy: remedy.to_owned() }
    }
}

/// A base URL without a trailing slash.
pub(super) fn base(path: &Path, text: &str) -> Result<String, SuiteError> {
    let invalid = |problem: String| SuiteError::Invalid {
        path: path.to_owned(),
        line: None,
        problem,
        remedy: "write an absolute URL such as https://api.example.com/banking/v2".to_owned(),
    };
    // A user and a password before the host are no business of a message.
    let shown = text.rfind('@').map_or(text, |at| &text[at..]);
    let url =
        url::Url::parse(text).map_err(|error| invalid(format!("the base URL `{shown}` is not valid: {error}")))?;
    if !matches!(url.scheme(), "http" | "https") || url.query().is_some() || url.fragment().is_some() {
        return Err(invalid(format!("the base URL `{shown}` must be http or https, without query and fragment")));
    }
    Ok(text.trim_end_matches('/').to_owned())
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::super::target::{Grant, Target};
    use crate::suite::SuiteError;

    fn load(text: &str) -> Result<Target, SuiteError> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("t.yaml");
        std::fs::write(folder.path().join("key.pem"), "-----BEGIN PRIVATE KEY-----\nabcdefghijklmnop\n").unwrap();
        std::fs::write(&path, text).unwrap();
        Target::load(&path)
    }

    #[test]
    fn unknown_keys_are_named_with_their_line() {
        let error = load("base_url: http://localhost\nvalue: {}\n").unwrap_err().to_string();
        assert!(error.contains("t.yaml:2") && error.contains("unknown field `value`"), "{error}");
    }

    #[test]
    fn an_unset_secret_is_an_error_before_any_traffic() {
        let error = load("auth: {grant: static, token: '${env:D1C_NOT_SET_ANYWHERE}'}\n").unwrap_err().to_string();
        assert!(error.contains("D1C_NOT_SET_ANYWHERE") && error.contains("remedy"), "{error}");
    }

    #[test]
    fn every_key_is_read() {
        let target = load(
            "base_url: https://h\n\
             auth: {grant: jwt_bearer, issuer: i, lifetime_seconds: 60, kid: k, private_key: '${file:key.pem}'}\n\
             expired_token: old\n\
             tls: {ca: c, client: {certificate: a, private_key: '${file:key.pem}'}, \
                   expired_client: {certificate: b, private_key: q}}\n\
             jwe: {encrypt_for: {kid: e, public_key: p}, decrypt_with: {private_key: '${file:key.pem}'}}\n\
             test_pans: [41111111xxxxxxxx]\n\
             deviations: known.yaml\n\
             limits: {max_requests: 7, rate: 0.5, settle_seconds: 3, shrink: 5, read_only: true}\n",
        )
        .unwrap();
        let Some(Grant::JwtBearer { lifetime, subject, .. }) = &target.grant else { panic!("a grant") };
        assert_eq!((*lifetime, subject.as_str()), (Duration::from_secs(60), "i"));
        assert!(target.tls.ca.is_some() && target.tls.client.is_some() && target.tls.expired_client.is_some());
        assert_eq!(target.jwe.encrypt_for.as_ref().unwrap().kid.as_deref(), Some("e"));
        assert_eq!(target.test_pans.len(), 1);
        assert_eq!((target.limits.max_requests, target.limits.rate), (Some(7), Some(0.5)));
        assert!(target.limits.read_only && target.limits.settle == Duration::from_secs(3));
        assert_eq!(target.limits.shrink, Some(5));
        assert!(target.deviations.as_ref().unwrap().ends_with("known.yaml"));
        let secrets: Vec<_> = target.secrets().iter().map(|secret| secret.expose().to_owned()).collect();
        assert!(secrets.iter().any(|secret| secret == "abcdefghijklmnop"), "lines of keys are masked too");
    }

    #[test]
    fn ranges_and_rates_that_mean_nothing_are_refused() {
        let error = load("test_pans: ['4111']\n").unwrap_err().to_string();
        assert!(error.contains("4111111") && error.contains("t.yaml"), "{error}");
        assert!(load("limits: {rate: 0}\n").unwrap_err().to_string().contains("rate"));
    }

    #[cfg(unix)]
    #[test]
    fn a_private_key_that_others_can_read_gets_a_warning() {
        use std::os::unix::fs::PermissionsExt as _;

        let folder = tempfile::tempdir().unwrap();
        let (path, key) = (folder.path().join("t.yaml"), folder.path().join("key.pem"));
        std::fs::write(&path, "jwe: {decrypt_with: {private_key: '${file:key.pem}'}}\n").unwrap();
        let warnings = |mode: u32, text: &str| {
            std::fs::write(&key, text).unwrap();
            std::fs::set_permissions(&key, std::fs::Permissions::from_mode(mode)).unwrap();
            Target::load(&path).unwrap().warnings
        };
        let private = "-----BEGIN PRIVATE KEY-----";
        assert!(warnings(0o600, private).is_empty());
        let open = warnings(0o644, private);
        assert!(open.len() == 1 && open[0].contains("key.pem") && open[0].contains("chmod 600"), "{open:?}");
        assert!(warnings(0o644, &format!("This key is public on purpose.\n{private}")).is_empty());
    }
}
