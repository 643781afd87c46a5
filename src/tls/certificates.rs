//! Certificates for tests: an authority of one's own, and what it signs. P-256 and SHA-256 throughout, which everything
//! that speaks TLS 1.2 understands.

use rcgen::{
    BasicConstraints, CertificateParams, DistinguishedName, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair,
    KeyUsagePurpose, PKCS_ECDSA_P256_SHA256,
};
use rustls::pki_types::ServerName;
use time::{Duration, OffsetDateTime};

use super::error::TlsError;
use crate::base::Secret;

/// Names of this machine, in every server certificate.
const OWN_HOSTS: [&str; 3] = ["localhost", "127.0.0.1", "::1"];

/// A clock that is a little behind must not refuse a certificate that was made just now.
const SLACK: Duration = Duration::hours(1);

/// The authority is older than the client certificate that has run out: its end is to be its only flaw.
const AGE_OF_AUTHORITY: Duration = Duration::days(60);

/// From when until when the client certificate was valid that has run out.
const EXPIRED_FROM: Duration = Duration::days(31);
const EXPIRED_SINCE: Duration = Duration::days(1);

/// The longest period that `d1c keys new` offers.
const MOST_DAYS: u32 = 3650;

/// A certificate with its key.
#[derive(Clone, Debug)]
pub struct Issued {
    /// PEM.
    pub certificate: String,
    /// PKCS#8 in PEM.
    pub private_key: Secret,
}

/// A complete set for mutual TLS between two parties on this machine.
#[derive(Clone, Debug)]
pub struct CertificateSet {
    /// The authority that signed all others.
    pub ca: Issued,
    /// For the server.
    pub server: Issued,
    /// For the client.
    pub client: Issued,
    /// Of the same client, run out yesterday.
    pub expired_client: Issued,
}

impl CertificateSet {
    /// A fresh set that is valid for some days. The server is known as `localhost`, `127.0.0.1`, `::1` and by `hosts`.
    pub fn new(hosts: &[String], days: u32) -> Result<Self, TlsError> {
        if !(1..=MOST_DAYS).contains(&days) {
            return Err(TlsError::Days { days });
        }
        let now = OffsetDateTime::now_utc();
        let end = now + Duration::days(i64::from(days));
        let authority = Authority::new("d1c test CA", now, end)?;
        let current = Period { from: now - SLACK, until: end };
        let past = Period { from: now - EXPIRED_FROM, until: now - EXPIRED_SINCE };
        Ok(Self {
            server: authority.server(hosts, current)?,
            client: authority.client("d1c test client", current)?,
            expired_client: authority.client("d1c test client, expired", past)?,
            ca: authority.own,
        })
    }
}

/// A client certificate of an authority that nobody knows; its key is forgotten at once.
pub fn foreign_client() -> Result<Issued, TlsError> {
    let now = OffsetDateTime::now_utc();
    let until = now + Duration::days(1);
    let authority = Authority::new("d1c foreign CA", now, until)?;
    authority.client("d1c foreign client", Period { from: now - SLACK, until })
}

#[derive(Clone, Copy)]
struct Period {
    from: OffsetDateTime,
    until: OffsetDateTime,
}

struct Authority {
    own: Issued,
    issuer: Issuer<'static, KeyPair>,
}

impl Authority {
    fn new(name: &str, now: OffsetDateTime, until: OffsetDateTime) -> Result<Self, TlsError> {
        let mut wanted = named(name, Period { from: now - AGE_OF_AUTHORITY, until });
        wanted.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
        wanted.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        let key = key()?;
        let own = issued(&wanted.self_signed(&key)?, &key);
        Ok(Self { own, issuer: Issuer::new(wanted, key) })
    }

    fn server(&self, hosts: &[String], period: Period) -> Result<Issued, TlsError> {
        let mut names: Vec<String> = OWN_HOSTS.map(str::to_owned).to_vec();
        for host in hosts {
            if ServerName::try_from(host.as_str()).is_err() {
                return Err(TlsError::Host { host: host.clone() });
            }
            if !names.contains(host) {
                names.push(host.clone());
            }
        }
        let mut wanted = named("d1c test server", period);
        wanted.subject_alt_names = CertificateParams::new(names)?.subject_alt_names;
        wanted.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        self.sign(wanted)
    }

    fn client(&self, name: &str, period: Period) -> Result<Issued, TlsError> {
        let mut wanted = named(name, period);
        wanted.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
        self.sign(wanted)
    }

    fn sign(&self, mut wanted: CertificateParams) -> Result<Issued, TlsError> {
        wanted.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        wanted.use_authority_key_identifier_extension = true;
        // "No authority" as an extension, not as its absence: some verifiers insist on it.
        wanted.is_ca = IsCa::ExplicitNoCa;
        let key = key()?;
        Ok(issued(&wanted.signed_by(&key, &self.issuer)?, &key))
    }
}

fn key() -> Result<KeyPair, TlsError> {
    Ok(KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256)?)
}

fn named(name: &str, period: Period) -> CertificateParams {
    let mut wanted = CertificateParams::default();
    wanted.distinguished_name = DistinguishedName::new();
    wanted.distinguished_name.push(DnType::CommonName, name);
    wanted.not_before = period.from;
    wanted.not_after = period.until;
    wanted
}

fn issued(certificate: &rcgen::Certificate, key: &KeyPair) -> Issued {
    Issued { certificate: certificate.pem(), private_key: Secret::new(key.serialize_pem()) }
}

#[cfg(test)]
mod tests {
    use super::CertificateSet;

    #[test]
    fn keys_are_never_shown_and_all_differ() {
        let set = CertificateSet::new(&[], 30).unwrap();
        let shown = format!("{set:?}");
        let all = [&set.ca, &set.server, &set.client, &set.expired_client];
        for (index, issued) in all.iter().enumerate() {
            assert!(issued.private_key.expose().starts_with("-----BEGIN PRIVATE KEY-----"));
            assert!(!issued.private_key.expose().lines().any(|line| line.len() > 40 && shown.contains(line)));
            assert!(all[index + 1..].iter().all(|other| other.private_key != issued.private_key));
        }
    }

    #[test]
    fn hosts_and_days_that_no_certificate_can_carry_are_refused() {
        for host in ["", "a b", "https://h", "h:8443", "*"] {
            let error = CertificateSet::new(&[host.to_owned()], 1).unwrap_err().to_string();
            assert!(error.contains(&format!("`{host}`")) && error.contains("remedy"), "{error}");
        }
        assert!(CertificateSet::new(&["d1.example.com".to_owned(), "10.0.0.1".to_owned()], 1).is_ok());
        assert!(CertificateSet::new(&[], 0).is_err() && CertificateSet::new(&[], 3651).is_err());
    }
}
