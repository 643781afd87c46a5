//! Over real TLS on this machine.

use std::net::SocketAddr;
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::TcpListener;

use super::{case, operation};
use crate::base::Secret;
use crate::contract::CertificateFlaw;
use crate::exchange::{Answer, Client, Fault, FaultKind};
use crate::suite::{ClientCertificate, Target, Tls};
use crate::tls::{Acceptor, CertificateSet, ClientCertificates, Issued, ServerSettings, Versions};

const FLAWS: [CertificateFlaw; 3] =
    [CertificateFlaw::MissingCertificate, CertificateFlaw::ForeignCertificate, CertificateFlaw::ExpiredCertificate];

fn set() -> CertificateSet {
    CertificateSet::new(&[], 1).unwrap()
}

fn settings(set: &CertificateSet, client_certificates: ClientCertificates, versions: Versions) -> ServerSettings {
    ServerSettings {
        certificate: set.server.certificate.clone(),
        private_key: set.server.private_key.clone(),
        client_ca: Some(set.ca.certificate.clone()),
        client_certificates,
        versions,
    }
}

/// Answers one request on each connection that gets through the handshake.
async fn serve(settings: &ServerSettings) -> SocketAddr {
    let acceptor = Acceptor::new(settings).unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        loop {
            let (stream, _) = listener.accept().await.unwrap();
            let acceptor = acceptor.clone();
            tokio::spawn(async move {
                if let Ok(stream) = acceptor.accept(stream).await {
                    answer(stream).await;
                }
            });
        }
    });
    address
}

async fn answer(mut stream: impl AsyncRead + AsyncWrite + Unpin) {
    let mut buffer = [0; 4096];
    let _ = stream.read(&mut buffer).await;
    let _ = stream.write_all(b"HTTP/1.1 204 No Content\r\nconnection: close\r\n\r\n").await;
    let _ = stream.shutdown().await;
}

fn own(issued: &Issued) -> ClientCertificate {
    ClientCertificate { certificate: issued.certificate.clone(), private_key: issued.private_key.clone() }
}

fn complete(set: &CertificateSet) -> Tls {
    Tls {
        ca: Some(set.ca.certificate.clone()),
        client: Some(own(&set.client)),
        expired_client: Some(own(&set.expired_client)),
    }
}

fn client(url: &str, tls: Tls) -> Client {
    let mut target = Target::at("t", url).unwrap();
    target.tls = tls;
    target.limits.timeout = Duration::from_secs(5);
    Client::new(&target, [("t".to_owned(), url.to_owned())].into()).unwrap()
}

async fn send(client: &Client, flaw: Option<CertificateFlaw>) -> Result<Answer, Fault> {
    let mut case = case("/open");
    case.request.certificate_flaw = flaw;
    client.send(&operation("open"), &case).await.outcome
}

#[tokio::test]
async fn a_private_authority_is_trusted_when_the_target_names_it() {
    let set = set();
    let address = serve(&settings(&set, ClientCertificates::NotAsked, Versions::Both)).await;
    for host in ["localhost", "127.0.0.1"] {
        let url = format!("https://{host}:{}", address.port());
        let tls = Tls { ca: Some(set.ca.certificate.clone()), ..Tls::default() };
        assert_eq!(send(&client(&url, tls), None).await.unwrap().status, 204);
        let fault = send(&client(&url, Tls::default()), None).await.unwrap_err();
        assert_eq!(fault.kind, FaultKind::Tls, "{fault}");
        assert!(fault.text.contains("tls.ca") && fault.text.contains(&address.port().to_string()), "{fault}");
    }
}

#[tokio::test]
async fn refused_client_certificates_are_told_from_other_failures_in_both_versions() {
    let set = set();
    for versions in [Versions::Tls12, Versions::Tls13] {
        let address = serve(&settings(&set, ClientCertificates::Demanded, versions)).await;
        let url = format!("https://{address}");
        let right = client(&url, complete(&set));
        assert_eq!(send(&right, None).await.unwrap().status, 204, "{versions:?}");
        for flaw in FLAWS {
            let fault = send(&right, Some(flaw)).await.unwrap_err();
            assert_eq!(fault.kind, FaultKind::CertificateRefused, "{versions:?} {flaw:?}: {fault}");
            assert!(fault.text.contains(&address.to_string()) && fault.text.contains("TLS alert"), "{fault}");
        }
        assert_eq!(send(&right, None).await.unwrap().status, 204, "{versions:?}: the flaws left their client");
        let bare = client(&url, Tls { client: None, ..complete(&set) });
        let foreign = client(&url, Tls { client: Some(own(&self::set().client)), ..complete(&set) });
        for client in [bare, foreign] {
            let fault = client.reach("t").await.unwrap_err();
            assert_eq!(fault.kind, FaultKind::CertificateRefused, "{versions:?}: {fault}");
            assert!(fault.text.contains("check tls.client"), "{fault}");
        }
    }
}

#[tokio::test]
async fn each_lenient_server_accepts_its_flaw_alone() {
    let set = set();
    for versions in [Versions::Tls12, Versions::Tls13] {
        for (wanted, lenient) in [
            (ClientCertificates::Optional, CertificateFlaw::MissingCertificate),
            (ClientCertificates::AnyAuthority, CertificateFlaw::ForeignCertificate),
            (ClientCertificates::ExpiredToo, CertificateFlaw::ExpiredCertificate),
        ] {
            let address = serve(&settings(&set, wanted, versions)).await;
            let client = client(&format!("https://{address}"), complete(&set));
            for flaw in FLAWS {
                let accepted = send(&client, Some(flaw)).await.map_err(|fault| fault.kind);
                match accepted {
                    Ok(answer) => assert_eq!((answer.status, flaw), (204, lenient), "{versions:?} {wanted:?}"),
                    Err(kind) => assert!(
                        kind == FaultKind::CertificateRefused && flaw != lenient,
                        "{versions:?} {wanted:?} {flaw:?}: {kind:?}"
                    ),
                }
            }
        }
    }
}

#[tokio::test]
async fn a_connection_that_is_closed_after_the_handshake_refuses_a_wrong_certificate_only() {
    let set = set();
    let acceptor = Acceptor::new(&settings(&set, ClientCertificates::Optional, Versions::Tls13)).unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        for polite in [true, false].into_iter().cycle() {
            let (stream, _) = listener.accept().await.unwrap();
            let mut stream = acceptor.accept(stream).await.unwrap();
            if polite {
                let _ = stream.shutdown().await;
            }
        }
    });
    let client = client(&format!("https://{address}"), complete(&set));
    for _ in 0..2 {
        let fault = send(&client, Some(CertificateFlaw::MissingCertificate)).await.unwrap_err();
        assert_eq!(fault.kind, FaultKind::CertificateRefused, "{fault}");
    }
    for _ in 0..2 {
        let fault = send(&client, None).await.unwrap_err();
        assert_eq!(fault.kind, FaultKind::Cut, "{fault}");
    }
}

#[tokio::test]
async fn a_server_certificate_that_has_run_out_is_named_as_such() {
    let set = set();
    let mut settings = settings(&set, ClientCertificates::NotAsked, Versions::Both);
    settings.certificate = set.expired_client.certificate.clone();
    settings.private_key = set.expired_client.private_key.clone();
    let address = serve(&settings).await;
    let fault = send(&client(&format!("https://{address}"), complete(&set)), None).await.unwrap_err();
    assert!(fault.kind == FaultKind::Tls && fault.text.contains("run out"), "{fault}");
}

#[tokio::test]
async fn schemes_that_do_not_fit_the_port_are_named() {
    let set = set();
    let secured = serve(&settings(&set, ClientCertificates::NotAsked, Versions::Both)).await;
    let fault = send(&client(&format!("http://{secured}"), Tls::default()), None).await.unwrap_err();
    assert!(fault.kind == FaultKind::Cut && fault.text.contains("write https://"), "{fault}");
    let plain = super::serve(axum::Router::new()).await;
    let fault = send(&client(&format!("https://{plain}"), Tls::default()), None).await.unwrap_err();
    assert!(fault.kind == FaultKind::Tls && fault.text.contains("write http://"), "{fault}");
}

#[tokio::test]
async fn flaws_that_cannot_be_shown_are_not_sent() {
    let set = set();
    let address = serve(&settings(&set, ClientCertificates::Demanded, Versions::Both)).await;
    let lacking = client(&format!("https://{address}"), Tls { expired_client: None, ..complete(&set) });
    let fault = send(&lacking, Some(CertificateFlaw::ExpiredCertificate)).await.unwrap_err();
    assert!(fault.kind == FaultKind::Unsendable && fault.text.contains("tls.expired_client"), "{fault}");
    let plain = client("http://127.0.0.1:9", complete(&set));
    let fault = send(&plain, Some(CertificateFlaw::MissingCertificate)).await.unwrap_err();
    assert!(fault.kind == FaultKind::Unsendable && fault.text.contains("https://"), "{fault}");
}

#[test]
fn certificates_that_cannot_be_used_are_named_before_any_traffic() {
    let set = set();
    let error = |tls: Tls| {
        let mut target = Target::at("t", "https://localhost").unwrap();
        target.tls = tls;
        Client::new(&target, [].into()).err().unwrap().to_string()
    };
    let wrong = |key: &Issued| ClientCertificate {
        certificate: set.client.certificate.clone(),
        private_key: key.private_key.clone(),
    };
    assert!(error(Tls { ca: Some("x".into()), ..complete(&set) }).contains("tls.ca"));
    let foreign_key = error(Tls { client: Some(wrong(&set.server)), ..complete(&set) });
    assert!(foreign_key.contains("tls.client.private_key"), "{foreign_key}");
    let expired = error(Tls { expired_client: Some(wrong(&set.server)), ..complete(&set) });
    assert!(expired.contains("tls.expired_client.private_key"), "{expired}");
    let no_key = ClientCertificate { private_key: Secret::new("hunter2"), ..wrong(&set.client) };
    let no_key = error(Tls { client: Some(no_key), ..complete(&set) });
    assert!(no_key.contains("no private key") && !no_key.contains("hunter2"), "{no_key}");
}
