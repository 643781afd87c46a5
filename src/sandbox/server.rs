//! The socket of a sandbox, and its handle.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::http::Response;
use axum::serve::Listener;
use serde_json::json;
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use super::answer::Answer;
use super::callers::Practice;
use super::defect::{Defect, Effect};
use super::demo::demo;
use super::keys::Keys;
use super::pipeline::{Handled, Pipeline};
use super::role::Role;
use super::tls_listener::TlsListener;
use crate::contract::Contract;
use crate::jose::JoseError;
use crate::tls::{Acceptor, ClientCertificates, ServerSettings, TlsError};

/// Longer bodies are refused unread.
const LONGEST_BODY: usize = 1024 * 1024;

/// How long [`Sandbox::stop`] waits for open exchanges.
const PATIENCE: Duration = Duration::from_secs(1);

/// What a sandbox is to be.
#[derive(Debug)]
pub struct SandboxOptions {
    /// Whom it plays.
    pub role: Role,
    /// Where it listens; port 0 takes any free one.
    pub listen: SocketAddr,
    /// What it does wrong, in this order; nothing when empty.
    pub defects: Vec<&'static Defect>,
    /// What it serves. Contracts of the other direction are left aside.
    pub contracts: Vec<Arc<Contract>>,
    /// Its end of TLS, and which clients it lets in; plain HTTP when absent.
    pub tls: Option<ServerSettings>,
    /// What it verifies, opens and seals with; the demo keys when absent.
    pub keys: Option<Keys>,
    /// What it does for the practice of its callers, and who watches them.
    pub practice: Practice,
    /// How far its calendar is ahead of the machine's: what it does may not depend on the day.
    pub ahead: Duration,
}

impl SandboxOptions {
    /// A sandbox without defects, over plain HTTP, on a free loopback port.
    pub fn new(role: Role, contracts: Vec<Arc<Contract>>) -> Self {
        let listen = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        Self {
            role,
            listen,
            defects: Vec::new(),
            contracts,
            tls: None,
            keys: None,
            practice: Practice::default(),
            ahead: Duration::ZERO,
        }
    }
}

/// Why a sandbox cannot start.
#[derive(Debug, thiserror::Error)]
pub enum SandboxError {
    /// The address cannot be taken.
    #[error("cannot listen on {address}: {source}\n  remedy: {}", remedy(source))]
    Listen {
        /// The address as asked for.
        address: SocketAddr,
        /// What the system said.
        source: std::io::Error,
    },
    /// A defect of one role, a sandbox of the other.
    #[error("the defect `{defect}` belongs to the role {theirs}, the sandbox plays {ours}\n  remedy: leave it out")]
    Role {
        /// Name of the defect.
        defect: &'static str,
        /// Role of the defect.
        theirs: Role,
        /// Role of the sandbox.
        ours: Role,
    },
    /// A defect of client certificates, and none are asked for.
    #[error("the defect `{defect}` shows only where client certificates are demanded\n  remedy: add --tls DIR --mtls")]
    NoClientCertificates {
        /// Name of the defect.
        defect: &'static str,
    },
    /// A demo key is damaged.
    #[error("a demo key cannot be used")]
    Key(#[from] JoseError),
    /// A certificate or key of the sandbox cannot be used.
    #[error(transparent)]
    Tls(#[from] TlsError),
}

fn remedy(error: &std::io::Error) -> &'static str {
    match error.kind() {
        std::io::ErrorKind::AddrInUse => {
            "stop the program that uses the port, or take another one (port 0: any free one)"
        }
        std::io::ErrorKind::PermissionDenied => "take a port above 1023",
        _ => "take an address of this machine, such as 127.0.0.1:0",
    }
}

/// A running sandbox. It ends when the handle is dropped.
#[derive(Debug)]
pub struct Sandbox {
    url: String,
    // Dropping the sender is the signal to end.
    open: oneshot::Sender<()>,
    server: JoinHandle<()>,
}

impl Sandbox {
    /// Starts to listen and serve; on return the first request can be sent.
    pub async fn start(options: SandboxOptions) -> Result<Self, SandboxError> {
        let SandboxOptions { role, listen, defects, contracts, mut tls, keys, practice, ahead } = options;
        if let Some(defect) = defects.iter().find(|defect| defect.role != role) {
            return Err(SandboxError::Role { defect: defect.name, theirs: defect.role, ours: role });
        }
        for defect in &defects {
            let Effect::LaxClientCertificate { certificates, .. } = defect.effect else { continue };
            match tls.as_mut().filter(|tls| tls.client_certificates != ClientCertificates::NotAsked) {
                Some(tls) => tls.client_certificates = certificates,
                None => return Err(SandboxError::NoClientCertificates { defect: defect.name }),
            }
        }
        let keys = keys.map_or_else(|| Keys::demo(role, &demo()), Ok)?;
        let pipeline = Arc::new(Pipeline::new(role, keys, defects, &contracts, practice, ahead));
        let acceptor = tls.as_ref().map(Acceptor::new).transpose()?;
        let taken = |source| SandboxError::Listen { address: listen, source };
        let listener = TcpListener::bind(listen).await.map_err(taken)?;
        let url = url(listener.local_addr().map_err(taken)?, acceptor.is_some());
        let (open, closed) = oneshot::channel::<()>();
        let router = Router::new().fallback(handle).with_state(pipeline);
        let server = match acceptor {
            None => tokio::spawn(serve(listener, router, closed)),
            Some(acceptor) => {
                let listener = TlsListener::new(listener, acceptor).map_err(taken)?;
                tokio::spawn(serve(listener, router, closed))
            }
        };
        Ok(Self { url, open, server })
    }

    /// Base URL, without a slash at the end.
    pub fn url(&self) -> String {
        self.url.clone()
    }

    /// Serves until the process ends.
    pub async fn wait(self) {
        let Self { open, server, .. } = self;
        let _ = server.await;
        drop(open);
    }

    /// Ends the server and frees the port; open exchanges get a second to end.
    pub async fn stop(self) {
        let Self { open, mut server, .. } = self;
        drop(open);
        if tokio::time::timeout(PATIENCE, &mut server).await.is_err() {
            server.abort();
        }
    }
}

/// A certificate is for a name, which on this machine is `localhost`.
fn url(address: SocketAddr, tls: bool) -> String {
    let here = address.ip().is_loopback() || address.ip().is_unspecified();
    match (tls, here) {
        (false, _) => format!("http://{address}"),
        (true, true) => format!("https://localhost:{}", address.port()),
        (true, false) => format!("https://{address}"),
    }
}

async fn serve<L>(listener: L, router: Router, closed: oneshot::Receiver<()>)
where
    L: Listener,
    L::Addr: std::fmt::Debug,
{
    let served = axum::serve(listener, router).with_graceful_shutdown(async {
        // An error means that the sender is gone, which is the signal.
        let _ = closed.await;
    });
    // `axum::serve` never returns an error; it retries after a failed accept.
    let _ = served.await;
}

async fn handle(State(pipeline): State<Arc<Pipeline>>, request: Request) -> Response<Body> {
    let received = Instant::now();
    let (parts, body) = request.into_parts();
    let Ok(body) = to_bytes(body, LONGEST_BODY).await else {
        return Answer::json(400, json!({"error": "the body is too long, or was cut"})).response();
    };
    let Handled { answer, pause, departure } = pipeline.handle(&parts, &body, received);
    if !pause.is_zero() {
        tokio::time::sleep(pause).await;
    }
    if let Some(departure) = departure {
        departure.answered(answer.witnessed());
    }
    answer.response()
}
