//! One request out, one answer in, nothing in between.

use std::time::Duration;

use reqwest::Method;
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use url::Url;

use super::error::ExchangeError;
use super::fault::{fault_of, host_and_port};
use super::record::{Answer, Fault, FaultKind, Sent};
use super::tls::tls_config;
use crate::suite::Limits;

/// How long an unused connection is kept. Servers close theirs after five seconds at the earliest; a request that meets
/// a closing connection would be recorded as cut, and blamed on the target.
const IDLE: Duration = Duration::from_secs(4);

/// The only owner of an HTTP client.
pub(super) struct Wire {
    http: reqwest::Client,
    limits: Limits,
}

impl Wire {
    /// Sets up the client: no redirects, no retries, no proxies, no decompression, so that what is recorded is what was
    /// sent and received.
    pub(super) fn new(limits: Limits) -> Result<Self, ExchangeError> {
        let http = reqwest::Client::builder()
            .tls_backend_preconfigured(tls_config().map_err(ExchangeError::Tls)?)
            .redirect(reqwest::redirect::Policy::none())
            .retry(reqwest::retry::never())
            .referer(false)
            .no_proxy()
            .timeout(limits.timeout)
            .tcp_nodelay(true)
            .pool_idle_timeout(IDLE)
            .pool_max_idle_per_host(256)
            .build()
            .map_err(ExchangeError::Http)?;
        Ok(Self { http, limits })
    }

    /// Sends once and reads the answer up to the size limit.
    pub(super) async fn transmit(&self, url: Url, sent: &Sent) -> Result<Answer, Fault> {
        let mut request = reqwest::Request::new(method(&sent.method)?, url.clone());
        *request.headers_mut() = headers(&sent.headers)?;
        if !sent.body.is_empty() {
            *request.body_mut() = Some(sent.body.clone().into());
        }
        let fault = |error| fault_of(error, &url, self.limits.timeout);
        let mut response = self.http.execute(request).await.map_err(fault)?;
        let too_large = || Fault {
            kind: FaultKind::TooLarge,
            text: format!(
                "the answer of {} is larger than {} bytes; raise limits.max_body_bytes if that is right",
                host_and_port(&url),
                self.limits.max_body
            ),
        };
        let status = response.status().as_u16();
        let headers = response
            .headers()
            .iter()
            .map(|(name, value)| (name.as_str().to_owned(), String::from_utf8_lossy(value.as_bytes()).into_owned()))
            .collect();
        if response.content_length().is_some_and(|length| length > self.limits.max_body as u64) {
            return Err(too_large());
        }
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(fault)? {
            if body.len() + chunk.len() > self.limits.max_body {
                return Err(too_large());
            }
            body.extend_from_slice(&chunk);
        }
        Ok(Answer { status, headers, body })
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
