//! Turns an accepted connection into a TLS stream.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio_rustls::TlsAcceptor;

use super::error::TlsError;
use super::server::ServerSettings;

/// The server's end of a TLS connection.
pub type ServerStream = tokio_rustls::server::TlsStream<TcpStream>;

/// How long a refused client gets to read why. Closing at once would reset the connection when the client has sent
/// something already, and the reset would overtake the alert.
const FAREWELL: Duration = Duration::from_millis(500);

/// Makes the handshakes of one server.
#[derive(Clone)]
pub struct Acceptor(TlsAcceptor);

impl Acceptor {
    /// Reads certificates and keys.
    pub fn new(settings: &ServerSettings) -> Result<Self, TlsError> {
        Ok(Self(TlsAcceptor::from(Arc::new(settings.config()?))))
    }

    /// One handshake.
    pub async fn accept(&self, stream: TcpStream) -> io::Result<ServerStream> {
        match self.0.accept(stream).into_fallible().await {
            Ok(stream) => Ok(stream),
            Err((error, stream)) => {
                // Whatever goes wrong on a connection that has failed already changes nothing.
                let _ = tokio::time::timeout(FAREWELL, see_off(stream)).await;
                Err(error)
            }
        }
    }
}

/// Reads what still comes until the client closes its side.
async fn see_off(mut stream: TcpStream) -> io::Result<()> {
    stream.shutdown().await?;
    let mut waste = [0; 1024];
    while stream.read(&mut waste).await? > 0 {}
    Ok(())
}
