//! The sandboxes behind TLS.

use std::time::Duration;

use d1_conformance::jose::AssertionKey;
use d1_conformance::sandbox::{Role, Sandbox, SandboxOptions};
use d1_conformance::tls::{CertificateSet, ClientCertificates, ClientSettings, Identity, ServerSettings, Versions};
use reqwest::Client;
use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpStream;

use crate::client::contracts;

fn settings(set: &CertificateSet, client_certificates: ClientCertificates) -> ServerSettings {
    ServerSettings {
        certificate: set.server.certificate.clone(),
        private_key: set.server.private_key.clone(),
        client_ca: Some(set.ca.certificate.clone()),
        client_certificates,
        versions: Versions::Both,
    }
}

#[expect(clippy::expect_used, reason = "a test that cannot be set up must fail")]
fn client(set: &CertificateSet, with_certificate: bool) -> Client {
    let own = &set.client;
    let identity = Identity { name: "client", certificate: &own.certificate, private_key: &own.private_key };
    let trust = ClientSettings { ca: Some(&set.ca.certificate), identity: with_certificate.then_some(identity) };
    let builder = Client::builder().tls_backend_preconfigured(trust.config().expect("TLS"));
    builder.no_proxy().timeout(Duration::from_secs(5)).build().expect("client")
}

#[tokio::test]
async fn silent_and_refused_clients_keep_nobody_waiting_and_stop_frees_the_port() {
    let set = CertificateSet::new(&[], 1).expect("certificates");
    let tls = Some(settings(&set, ClientCertificates::Demanded));
    let options = SandboxOptions { tls, ..SandboxOptions::new(Role::D1, Vec::new()) };
    let sandbox = Sandbox::start(options).await.expect("sandbox");
    let url = sandbox.url();
    let port: u16 = url.strip_prefix("https://localhost:").expect("https").parse().expect("port");
    let silent = TcpStream::connect(("127.0.0.1", port)).await.expect("connection");
    let mut rude = TcpStream::connect(("127.0.0.1", port)).await.expect("connection");
    rude.write_all(b"GET / HTTP/1.1\r\n\r\n").await.expect("bytes");
    let state = format!("{url}/__sandbox/state");
    for _ in 0..3 {
        client(&set, false).get(&state).send().await.expect_err("no certificate");
        assert_eq!(client(&set, true).get(&state).send().await.expect("answer").status(), 200);
    }
    sandbox.stop().await;
    drop(silent);
    let listen = ([127, 0, 0, 1], port).into();
    Sandbox::start(SandboxOptions { listen, ..SandboxOptions::new(Role::D1, Vec::new()) }).await.expect("the port");
}

#[tokio::test]
async fn many_clients_shake_hands_beside_each_other() {
    let set = CertificateSet::new(&[], 1).expect("certificates");
    let tls = Some(settings(&set, ClientCertificates::Demanded));
    let sandbox =
        Sandbox::start(SandboxOptions { tls, ..SandboxOptions::new(Role::Issuer, Vec::new()) }).await.expect("sandbox");
    let client = client(&set, true);
    let calls: Vec<_> =
        (0..64).map(|_| tokio::spawn(client.get(format!("{}/__sandbox/state", sandbox.url())).send())).collect();
    for call in calls {
        assert_eq!(call.await.expect("task").expect("answer").status(), 200);
    }
}

#[tokio::test]
async fn a_signing_key_of_its_own_takes_the_place_of_the_demo_key() {
    use d1_conformance::jose::Assertion;
    use d1_conformance::sandbox::{Keys, demo};

    let own = AssertionKey::generate_with_thumbprint().expect("key");
    let keys = Keys { assertion: own.public(), ..Keys::demo(Role::D1, &demo()).expect("demo keys") };
    let options = SandboxOptions { keys: Some(keys), ..SandboxOptions::new(Role::D1, contracts()) };
    let sandbox = Sandbox::start(options).await.expect("sandbox");
    let set = CertificateSet::new(&[], 1).expect("certificates");
    let http = client(&set, false);
    let assertion = Assertion {
        issuer: demo().issuer_id.into(),
        subject: demo().issuer_id.into(),
        audience: None,
        lifetime: Duration::from_secs(60),
        issued_at: true,
    };
    let mut statuses = Vec::new();
    for key in [own, demo().assertion_key().expect("key")] {
        let signed = key.sign(&assertion, std::time::SystemTime::now()).expect("assertion");
        let form = format!("grant_type=urn:ietf:params:oauth:grant-type:jwt-bearer&assertion={}", signed.expose());
        let request = http.post(format!("{}/authz/v1/oauth2/token", sandbox.url()));
        let request = request.header("content-type", "application/x-www-form-urlencoded").body(form);
        statuses.push(request.send().await.expect("answer").status().as_u16());
    }
    assert_eq!(statuses, [200, 400]);
}
