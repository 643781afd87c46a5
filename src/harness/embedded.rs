//! The sandboxes that a run without target starts itself, and the targets that describe them.

use std::sync::Arc;
use std::time::Duration;

use indexmap::IndexMap;
use serde_json::Value;

use crate::contract::{Contract, Direction};
use crate::sandbox::{Defect, Role, Sandbox, SandboxError, SandboxOptions, demo};
use crate::suite::{ClientCertificate, Grant, Jwe, Limits, OwnKey, RecipientKey, Target, Tls};
use crate::tls::{CertificateSet, ClientCertificates, Issued, ServerSettings, Versions};

/// The certificates live as long as the sandbox; nobody keeps them.
const CERTIFICATE_DAYS: u32 = 1;

/// A sandbox in this process with the target that describes it. It ends with this value.
pub struct Embedded {
    /// Keeps the server alive.
    _sandbox: Sandbox,
    /// How to reach it.
    pub target: Target,
}

/// Why no sandbox could be started.
pub type EmbeddedError = SandboxError;

impl Embedded {
    /// Starts the sandbox that a suite of this direction is run against, on a free loopback port: over mutual TLS, as the
    /// contract wants it (TLS-1), with certificates made for this one run.
    pub async fn start(
        direction: Direction,
        contracts: Vec<Arc<Contract>>,
        defects: Vec<&'static Defect>,
    ) -> Result<Self, EmbeddedError> {
        Self::start_ahead(direction, contracts, defects, Duration::ZERO).await
    }

    /// The same with a calendar that is so far ahead of the machine's.
    pub async fn start_ahead(
        direction: Direction,
        contracts: Vec<Arc<Contract>>,
        defects: Vec<&'static Defect>,
        ahead: Duration,
    ) -> Result<Self, EmbeddedError> {
        let set = CertificateSet::new(&[], CERTIFICATE_DAYS)?;
        let settings = ServerSettings {
            certificate: set.server.certificate.clone(),
            private_key: set.server.private_key.clone(),
            client_ca: Some(set.ca.certificate.clone()),
            client_certificates: ClientCertificates::Demanded,
            versions: Versions::Both,
        };
        let options =
            SandboxOptions { defects, ahead, tls: Some(settings), ..SandboxOptions::new(role(direction), contracts) };
        let sandbox = Sandbox::start(options).await?;
        let target = Target { base_url: Some(sandbox.url()), ..target(direction, set) };
        Ok(Self { _sandbox: sandbox, target })
    }
}

fn client_certificate(issued: Issued) -> ClientCertificate {
    ClientCertificate { certificate: issued.certificate, private_key: issued.private_key }
}

/// The target of an embedded sandbox that is not running: enough to plan and to list.
pub fn resting_target(direction: Direction) -> Result<Target, EmbeddedError> {
    Ok(target(direction, CertificateSet::new(&[], CERTIFICATE_DAYS)?))
}

fn target(direction: Direction, set: CertificateSet) -> Target {
    let demo = demo();
    let text = |text: &str| Value::String(text.to_owned());
    let grant = match direction {
        Direction::Inbound => Grant::JwtBearer {
            token_url: None,
            issuer: demo.issuer_id.to_owned(),
            subject: demo.issuer_id.to_owned(),
            audience: None,
            lifetime: Duration::from_secs(300),
            issued_at: true,
            kid: demo.assertion_kid.to_owned(),
            private_key: demo.assertion_key_pem.clone(),
        },
        Direction::Outbound => Grant::ClientCredentials {
            token_url: None,
            client_id: demo.client_id.to_owned(),
            client_secret: demo.client_secret.clone(),
            scope: None,
        },
    };
    // Each party opens with its own key, and seals with that of the other.
    let (their_kid, their_key) = (demo.d1_encryption_kid, demo.d1_encryption_public_pem);
    let (issuer_kid, issuer_key) = (demo.issuer_encryption_kid, demo.issuer_encryption_public_pem);
    let (recipient, own) = match direction {
        Direction::Inbound => ((their_kid, their_key), (issuer_kid, demo.issuer_encryption_key_pem.clone())),
        Direction::Outbound => ((issuer_kid, issuer_key), (their_kid, demo.d1_encryption_key_pem.clone())),
    };
    Target {
        base_url: Some("https://localhost:1".to_owned()),
        grant: Some(grant),
        expired_token: Some(demo.expired_token.clone()),
        tls: Tls {
            ca: Some(set.ca.certificate),
            client: Some(client_certificate(set.client)),
            expired_client: Some(client_certificate(set.expired_client)),
        },
        jwe: Jwe {
            encrypt_for: Some(RecipientKey { kid: Some(recipient.0.to_owned()), public_key: recipient.1.to_owned() }),
            decrypt_with: Some(OwnKey { kid: Some(own.0.to_owned()), private_key: own.1 }),
        },
        values: IndexMap::from([
            ("issuerId".to_owned(), text(demo.issuer_id)),
            ("cardProductId".to_owned(), text(demo.card_product_id)),
            ("cardId".to_owned(), text(demo.card_id)),
            ("consumerId".to_owned(), text(demo.consumer_id)),
            ("pan".to_owned(), text(demo.pan.expose())),
            ("exp".to_owned(), text(demo.exp)),
            ("cvv".to_owned(), text(demo.cvv.expose())),
            ("transactionCardProductId".to_owned(), text(demo.transaction_card_product_id)),
            ("unknownCardsAreVerified".to_owned(), true.into()),
            ("notificationsPerCall".to_owned(), 10.into()),
        ]),
        // What a sandbox tells later, it knows at once; and its state ends with it.
        limits: Limits { settle: Duration::ZERO, teardown: false, ..Limits::default() },
        ..Target::named(&format!("embedded sandbox ({})", role(direction)))
    }
}

fn role(direction: Direction) -> Role {
    match direction {
        Direction::Inbound => Role::D1,
        Direction::Outbound => Role::Issuer,
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::Embedded;
    use crate::contract::{Contract, Direction};
    use crate::exchange::Client;
    use crate::suite::Library;

    fn contracts(direction: Direction) -> Vec<Arc<Contract>> {
        let catalog = Library::find().unwrap().catalog().unwrap();
        let entries = catalog.entries.iter().filter(|entry| entry.direction == direction);
        entries.map(|entry| Arc::new(catalog.contract(entry).unwrap())).collect()
    }

    fn client(embedded: &Embedded, contracts: &[Arc<Contract>]) -> Client {
        let base = |contract: &Arc<Contract>| {
            let url = embedded.target.base_url_of(&contract.name, &contract.base_path).unwrap();
            (contract.name.clone(), url)
        };
        Client::new(&embedded.target, contracts.iter().map(base).collect()).unwrap()
    }

    #[tokio::test]
    async fn a_sandbox_over_mutual_tls_gives_tokens_to_its_own_client() {
        for direction in [Direction::Inbound, Direction::Outbound] {
            let contracts = contracts(direction);
            let embedded = Embedded::start(direction, contracts.clone(), Vec::new()).await.unwrap();
            assert!(embedded.target.base_url.as_ref().unwrap().starts_with("https://localhost:"));
            let client = client(&embedded, &contracts);
            client.reach(&contracts[0].name).await.unwrap();
            client.check().await.unwrap();
        }
    }
}
