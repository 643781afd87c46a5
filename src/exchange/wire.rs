//! One request out, one answer in, nothing in between.

use std::collections::HashSet;

use reqwest::Method;
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use url::{Origin, Url};

use super::connections::{Connections, Shown};
use super::error::ExchangeError;
use super::fault::{Circumstances, fault_of, host_and_port};
use super::record::{Answer, Fault, FaultKind, Sent};
use crate::contract::CertificateFlaw;
use crate::suite::{Limits, Target};

/// The way out, and the only one.
pub(super) struct Wire {
    connections: Connections,
    /// Scheme, host and port of all addresses of the target. Nothing else is contacted, whatever a case asks for.
    allowed: HashSet<Origin>,
    limits: Limits,
}

impl Wire {
    /// Sets up the connections to the addresses of a target.
    pub(super) fn new(target: &Target, addresses: &[&Url]) -> Result<Self, ExchangeError> {
        Ok(Self {
            connections: Connections::new(&target.tls, target.limits.timeout)?,
            allowed: addresses.iter().map(|address| address.origin()).collect(),
            limits: target.limits,
        })
    }

    /// Sends once and reads the answer up to the size limit. With a flaw, the connection is a new one and shows a client
    /// certificate that is wrong in this way.
    pub(super) async fn transmit(&self, url: Url, sent: &Sent, flaw: Option<CertificateFlaw>) -> Result<Answer, Fault> {
        let shown = self.connections.shown(flaw);
        let mut response = self.answer_to(&url, sent, shown).await?;
        let status = response.status().as_u16();
        let headers = response
            .headers()
            .iter()
            .map(|(name, value)| (name.as_str().to_owned(), String::from_utf8_lossy(value.as_bytes()).into_owned()))
            .collect();
        let too_large = || Fault {
            kind: FaultKind::TooLarge,
            text: format!(
                "the answer of {} is larger than {} bytes; raise limits.max_body_bytes if that is right",
                host_and_port(&url),
                self.limits.max_body
            ),
        };
        if response.content_length().is_some_and(|length| length > self.limits.max_body as u64) {
            return Err(too_large());
        }
        let about = Circumstances { begun: true, ..self.about(shown) };
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(|error| fault_of(error, &url, about))? {
            if body.len() + chunk.len() > self.limits.max_body {
                return Err(too_large());
            }
            body.extend_from_slice(&chunk);
        }
        Ok(Answer { status, headers, body })
    }

    /// Looks whether an answer begins; how it ends does not matter.
    pub(super) async fn knock(&self, url: &Url, look: &Sent) -> Result<(), Fault> {
        self.answer_to(url, look, self.connections.shown(None)).await.map(drop)
    }

    /// Sends, and waits until the head of the answer is there.
    async fn answer_to(&self, url: &Url, sent: &Sent, shown: Shown) -> Result<reqwest::Response, Fault> {
        if !self.allowed.contains(&url.origin()) {
            return Err(unsendable(format!(
                "{} is none of the addresses of the target; nothing was sent; write it into base_urls if it is one",
                host_and_port(url)
            )));
        }
        if matches!(shown, Shown::Flawed(_)) && url.scheme() != "https" {
            return Err(unsendable(format!(
                "{} is reached without TLS, where no client certificate can be wrong; write https:// into the base URL",
                host_and_port(url)
            )));
        }
        let http = self.connections.of(shown)?;
        let mut request = reqwest::Request::new(method(&sent.method)?, url.clone());
        *request.headers_mut() = headers(&sent.headers)?;
        if !sent.body.is_empty() {
            *request.body_mut() = Some(sent.body.clone().into());
        }
        http.execute(request).await.map_err(|error| fault_of(error, url, self.about(shown)))
    }

    fn about(&self, shown: Shown) -> Circumstances {
        Circumstances { timeout: self.limits.timeout, shown, begun: false }
    }
}

fn unsendable(text: String) -> Fault {
    Fault { kind: FaultKind::Unsendable, text }
}

fn method(name: &str) -> Result<Method, Fault> {
    Method::from_bytes(name.as_bytes()).map_err(|_| unsendable(format!("`{name}` is no HTTP method")))
}

/// The texts of values stay out of messages: one of them may be a credential.
fn headers(fields: &[(String, String)]) -> Result<HeaderMap, Fault> {
    let mut map = HeaderMap::with_capacity(fields.len());
    for (name, value) in fields {
        let field = HeaderName::from_bytes(name.as_bytes())
            .map_err(|_| unsendable(format!("`{name}` is no name of a header field")))?;
        let value = HeaderValue::from_bytes(value.as_bytes())
            .map_err(|_| unsendable(format!("the value of the header `{name}` cannot be sent (control characters)")))?;
        map.append(field, value);
    }
    Ok(map)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tokio::net::TcpListener;
    use url::Url;

    use super::Wire;
    use crate::exchange::FaultKind;
    use crate::exchange::outgoing::look;
    use crate::suite::Target;

    #[tokio::test]
    async fn only_the_addresses_of_the_target_are_contacted() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let target = Target::at("t", "http://127.0.0.1:9/base").unwrap();
        let wire = Wire::new(&target, &[&Url::parse("http://127.0.0.1:9/base").unwrap()]).unwrap();
        for foreign in [
            format!("http://127.0.0.1:{port}/base"),
            format!("http://localhost:{port}/"),
            "https://127.0.0.1:9/base".into(),
        ] {
            let url = Url::parse(&foreign).unwrap();
            let fault = wire.transmit(url.clone(), &look(&url), None).await.unwrap_err();
            assert_eq!(fault.kind, FaultKind::Unsendable, "{fault}");
            assert!(fault.text.contains("nothing was sent"), "{fault}");
        }
        assert!(tokio::time::timeout(Duration::from_millis(50), listener.accept()).await.is_err(), "a connection");
        let url = Url::parse("http://127.0.0.1:9/elsewhere").unwrap();
        let fault = wire.transmit(url.clone(), &look(&url), None).await.unwrap_err();
        assert_eq!(fault.kind, FaultKind::Unreachable, "{fault}");
    }
}
