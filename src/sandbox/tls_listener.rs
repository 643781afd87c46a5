//! HTTPS for the sandbox: handshakes beside each other, so that a slow or a refused client keeps nobody waiting.

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use axum::serve::Listener;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio::task::{JoinHandle, JoinSet};

use crate::tls::{Acceptor, ServerStream};

/// How long a client may take for its handshake.
const PATIENCE: Duration = Duration::from_secs(10);

/// How long to wait when the system has no more connections to give.
const BREATH: Duration = Duration::from_millis(50);

/// Finished connections that wait for the server.
const WAITING: usize = 64;

/// Gives out connections whose handshake has succeeded. Accepting ends with this value.
pub struct TlsListener {
    address: SocketAddr,
    ready: mpsc::Receiver<(ServerStream, SocketAddr)>,
    accepting: JoinHandle<()>,
}

impl TlsListener {
    /// Starts to accept.
    pub fn new(listener: TcpListener, acceptor: Acceptor) -> io::Result<Self> {
        let address = listener.local_addr()?;
        let (finished, ready) = mpsc::channel(WAITING);
        let accepting = tokio::spawn(accept(listener, acceptor, finished));
        Ok(Self { address, ready, accepting })
    }
}

impl Drop for TlsListener {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

impl Listener for TlsListener {
    type Io = ServerStream;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (ServerStream, SocketAddr) {
        match self.ready.recv().await {
            Some(connection) => connection,
            // Only when accepting was ended from outside; then there is nothing to give, ever.
            None => std::future::pending().await,
        }
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        Ok(self.address)
    }
}

async fn accept(listener: TcpListener, acceptor: Acceptor, finished: mpsc::Sender<(ServerStream, SocketAddr)>) {
    // The handshakes end with this set, hence with the listener.
    let mut handshakes = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((stream, peer)) => {
                    handshakes.spawn(shake_hands(stream, peer, acceptor.clone(), finished.clone()));
                }
                // The one connection is gone, or the system has too many open; the next may succeed.
                Err(_) => tokio::time::sleep(BREATH).await,
            },
            // Clears away what has ended.
            Some(_) = handshakes.join_next() => {}
        }
    }
}

async fn shake_hands(
    stream: TcpStream,
    peer: SocketAddr,
    acceptor: Acceptor,
    finished: mpsc::Sender<(ServerStream, SocketAddr)>,
) {
    // Answers are small; waiting for more to send with them only makes them late.
    let _ = stream.set_nodelay(true);
    // A client that does not get through has learnt so from TLS; the server has nothing to add.
    if let Ok(Ok(stream)) = tokio::time::timeout(PATIENCE, acceptor.accept(stream)).await {
        let _ = finished.send((stream, peer)).await;
    }
}
