//! A small client: one sandbox, one token, plain requests.

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use d1_conformance::contract::{Catalog, Contract};
use d1_conformance::jose::{Assertion, EncryptionKey, seal};
use d1_conformance::sandbox::{Demo, Role, Sandbox, SandboxOptions, defect, demo};
use reqwest::{Client, Method};
use serde_json::{Value, json};

/// All bundled contracts.
pub fn contracts() -> Vec<Arc<Contract>> {
    let specs = Catalog::load(&Path::new(env!("CARGO_MANIFEST_DIR")).join("specs")).expect("catalogue");
    specs.entries.iter().map(|entry| Arc::new(specs.contract(entry).expect("contract"))).collect()
}

/// What came back.
#[derive(Debug)]
pub struct Reply {
    pub status: u16,
    pub content_type: Option<String>,
    pub allow: Option<String>,
    pub debug: Option<String>,
    pub body: Option<Value>,
}

/// A running sandbox with a token for it.
pub struct Peer {
    pub role: Role,
    pub sandbox: Sandbox,
    pub demo: Demo,
    pub contracts: Vec<Arc<Contract>>,
    http: Client,
    token: Option<String>,
}

/// One request to be sent.
pub struct Sent<'p> {
    peer: &'p Peer,
    method: Method,
    path: String,
    headers: Vec<(&'static str, String)>,
    body: Vec<u8>,
}

impl Peer {
    /// A sandbox with these defects, and a token for it.
    pub async fn start(role: Role, defects: &[&str]) -> Self {
        let contracts = contracts();
        let sandbox = Sandbox::start(SandboxOptions {
            defects: defects.iter().map(|name| defect(name).expect("defect")).collect(),
            ..SandboxOptions::new(role, contracts.clone())
        })
        .await
        .expect("sandbox");
        let http = Client::builder()
            .tls_backend_preconfigured(d1_conformance::exchange::tls_config().expect("TLS"))
            .no_proxy()
            .build()
            .expect("client");
        let mut peer = Self { role, sandbox, demo: demo(), contracts, http, token: None };
        let reply = match role {
            Role::D1 => peer.assertion(&peer.signed()).await,
            Role::Issuer => {
                let sent = peer.send("POST", "/authz/d1/v1/oauth2/token").basic();
                sent.form("grant_type=client_credentials").await
            }
        };
        assert_eq!(reply.status, 200, "{reply:?}");
        let token = reply.body.expect("body")["access_token"].as_str().expect("token").to_owned();
        peer.token = Some(token);
        peer
    }

    /// The token that the sandbox gave.
    pub fn token(&self) -> &str {
        self.token.as_deref().expect("token")
    }

    /// The key that the sandbox opens envelopes with, as its callers have it.
    pub fn recipient(&self) -> EncryptionKey {
        let (kid, pem) = match self.role {
            Role::D1 => (self.demo.d1_encryption_kid, self.demo.d1_encryption_public_pem),
            Role::Issuer => (self.demo.issuer_encryption_kid, self.demo.issuer_encryption_public_pem),
        };
        EncryptionKey::from_text(Some(kid), pem).expect("key")
    }

    /// A right envelope for the sandbox.
    pub fn sealed(&self, clear: &Value) -> String {
        seal(clear.to_string().as_bytes(), &self.recipient()).expect("envelope")
    }

    /// Asks the issuer about a card.
    pub async fn verify(&self, encrypted_data: impl Into<Value>) -> Reply {
        let path = "/cms/api/v1/issuers/{i}/cards/credentials";
        self.send("POST", path).json(json!({"encryptedData": encrypted_data.into()})).await
    }

    /// Registers a card with card data.
    pub async fn register_data(&self, card: &str, encrypted_data: impl Into<Value>) -> Reply {
        let data = encrypted_data.into();
        self.put_card(card, json!({"consumerId": "c1", "cardProductId": "p", "encryptedData": data})).await
    }

    /// A right assertion.
    pub fn signed(&self) -> String {
        let assertion = Assertion {
            issuer: self.demo.issuer_id.into(),
            subject: self.demo.issuer_id.into(),
            audience: None,
            lifetime: Duration::from_secs(600),
            issued_at: true,
        };
        let key = self.demo.assertion_key().expect("key");
        key.sign(&assertion, SystemTime::now()).expect("assertion").expose().to_owned()
    }

    /// Swaps an assertion for a token.
    pub async fn assertion(&self, assertion: &str) -> Reply {
        let form = format!("grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Ajwt-bearer&assertion={assertion}");
        self.send("POST", "/authz/v1/oauth2/token").form(&form).await
    }

    /// A request with the token, if there is one. `{i}` in the path stands for the demo issuer.
    pub fn send(&self, method: &str, path: &str) -> Sent<'_> {
        let headers = self.token.iter().map(|token| ("authorization", format!("Bearer {token}"))).collect();
        Sent {
            peer: self,
            method: Method::from_bytes(method.as_bytes()).expect("method"),
            path: path.replace("{i}", self.demo.issuer_id),
            headers,
            body: Vec::new(),
        }
    }

    /// Registers a card of the consumer `c1`.
    pub async fn register(&self, card: &str) -> u16 {
        self.put_card(card, json!({"consumerId": "c1", "cardProductId": "p"})).await.status
    }

    /// Registers a card with any body.
    pub async fn put_card(&self, card: &str, body: Value) -> Reply {
        self.send("PUT", &format!("/banking/v2/issuers/{{i}}/cards/{card}")).json(body).await
    }

    /// A life cycle call of the second version.
    pub async fn card(&self, card: &str, verb: &str, body: Value) -> u16 {
        let path = format!("/banking/v2/issuers/{{i}}/cards/{card}/operations:{verb}");
        self.send("POST", &path).json(body).await.status
    }

    /// The state of a card as the first version shows it.
    pub async fn state(&self, card: &str) -> String {
        let reply = self.send("GET", &format!("/banking/v1/issuers/{{i}}/cards/{card}")).go().await;
        reply.body.expect("body")["state"].as_str().unwrap_or("-").to_owned()
    }
}

impl Sent<'_> {
    /// Sets a header; a second value takes the place of the first.
    pub fn header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.retain(|(own, _)| *own != name);
        self.headers.push((name, value.into()));
        self
    }

    /// Sets a header beside those that are there, of the same name too.
    pub fn also(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    /// Sends a body that nothing is said about.
    pub async fn bare(mut self, body: impl Into<Vec<u8>>) -> Reply {
        self.body = body.into();
        self.go().await
    }

    /// Takes the token out.
    pub fn anonymous(mut self) -> Self {
        self.headers.retain(|(own, _)| *own != "authorization");
        self
    }

    /// The demo client's credentials.
    pub fn basic(self) -> Self {
        use base64::Engine as _;
        let pair = format!("{}:{}", self.peer.demo.client_id, self.peer.demo.client_secret.expose());
        let text = base64::engine::general_purpose::URL_SAFE.encode(pair);
        self.header("authorization", format!("Basic {text}"))
    }

    /// Sends a JSON body.
    pub async fn json(self, body: Value) -> Reply {
        self.raw("application/json", body.to_string()).await
    }

    /// Sends a form body.
    pub async fn form(self, body: &str) -> Reply {
        self.raw("application/x-www-form-urlencoded", body.to_owned()).await
    }

    /// Sends any body.
    pub async fn raw(mut self, media_type: &str, body: impl Into<Vec<u8>>) -> Reply {
        self.body = body.into();
        self.header("content-type", media_type).go().await
    }

    /// Sends the request.
    pub async fn go(self) -> Reply {
        let url = format!("{}{}", self.peer.sandbox.url(), self.path);
        let mut request = self.peer.http.request(self.method, url);
        for (name, value) in self.headers {
            request = request.header(name, value);
        }
        let response = request.body(self.body).send().await.expect("answer");
        let header = |name: &str| Some(response.headers().get(name)?.to_str().expect("text").to_owned());
        let (content_type, allow, debug) = (header("content-type"), header("allow"), header("x-debug"));
        let status = response.status().as_u16();
        let bytes = response.bytes().await.expect("body");
        Reply { status, content_type, allow, debug, body: serde_json::from_slice(&bytes).ok() }
    }
}
