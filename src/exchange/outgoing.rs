//! From a case to the request that goes out.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE};
use serde_json::Value;
use url::{Position, Url};

use super::assertion::Signer;
use super::record::{Fault, FaultKind, SealedMember, Sent, without_query};
use super::seal::{Sealer, put_in};
use crate::base::Secret;
use crate::generate::{Body, Request, Seal, placeholder};

/// What `User-Agent` says.
const USER_AGENT: &str = concat!("d1c/", env!("CARGO_PKG_VERSION"));

/// The URL of a request below a base URL. The WHATWG URL parser rewrites some texts (dot segments, spaces, tabs); a
/// request that would go out otherwise than it was drawn is refused with `Unsendable`, for its verdict would be false.
pub(super) fn locate(base: &Url, request: &Request) -> Result<Url, Fault> {
    let asked = format!("{}{}", base.path().trim_end_matches('/'), request.target());
    let parsed = Url::parse(&format!("{}{asked}", &base[..Position::BeforePath]));
    // A query may hold credentials; they stay out of messages.
    let shown = without_query(&asked);
    match parsed {
        Ok(url) if url[Position::BeforePath..Position::AfterQuery] == asked => Ok(url),
        Ok(url) => Err(Fault {
            kind: FaultKind::Unsendable,
            text: format!(
                "`{shown}` would go out as `{}`",
                without_query(&url[Position::BeforePath..Position::AfterQuery])
            ),
        }),
        Err(error) => Err(Fault { kind: FaultKind::Unsendable, text: format!("`{shown}` is no URL: {error}") }),
    }
}

/// Header fields of a case, without credentials.
pub(super) fn headers(request: &Request) -> Vec<(String, String)> {
    let mut headers = request.headers.clone();
    let has = |headers: &[(String, String)], name: &str| headers.iter().any(|(own, _)| own.eq_ignore_ascii_case(name));
    if let Some(content_type) = &request.content_type {
        headers.push(("content-type".to_owned(), content_type.clone()));
    }
    if !has(&headers, "accept") {
        headers.push(("accept".to_owned(), "application/json".to_owned()));
    }
    if !has(&headers, "user-agent") {
        headers.push(("user-agent".to_owned(), USER_AGENT.to_owned()));
    }
    headers
}

/// Body bytes of a case, with a fresh assertion and a fresh envelope in place of each placeholder.
pub(super) fn body(request: &Request, signer: &Signer, sealer: &Sealer) -> Result<Vec<u8>, Fault> {
    match &request.body {
        Body::Json(value) if !request.seals.is_empty() || mentions(value) => {
            let mut value = value.clone();
            sealer.fill(request, &mut value)?;
            if mentions(&value) {
                fill(&mut value, signer.sign(request.assertion_flaw)?.expose());
            }
            Ok(request.encoded(value.to_string().into_bytes()))
        }
        Body::Form(pairs) if pairs.iter().any(|(_, value)| value.contains(placeholder::CLIENT_ASSERTION)) => {
            let assertion = signer.sign(request.assertion_flaw)?;
            let mut form = url::form_urlencoded::Serializer::new(String::new());
            for (name, value) in pairs {
                form.append_pair(name, &value.replace(placeholder::CLIENT_ASSERTION, assertion.expose()));
            }
            Ok(form.finish().into_bytes())
        }
        Body::Raw(bytes) => {
            let bytes = sealer.fill_bytes(request, bytes.clone())?;
            // What is refused before it is read needs no assertion: without a key to sign with it goes out as it is.
            let assertion = || signer.sign(request.assertion_flaw).ok().map(|signed| signed.expose().to_owned());
            Ok(put_in(bytes, placeholder::CLIENT_ASSERTION, assertion))
        }
        _ => Ok(request.encoded(request.body_bytes())),
    }
}

/// The clear texts of a case.
pub(super) fn sealed(request: &Request) -> Vec<SealedMember> {
    let member =
        |seal: &Seal| SealedMember { pointer: seal.pointer.clone(), plaintext: Secret::new(seal.plaintext.trim_end()) };
    request.seals.iter().map(member).collect()
}

/// `Authorization: Basic` (RFC 7617 section 2). AUTH-OUT-2 speaks of base64url, ordinary clients send base64.
pub(super) fn basic(client_id: &str, client_secret: &Secret) -> String {
    format!("Basic {}", STANDARD.encode(format!("{client_id}:{}", client_secret.expose())))
}

/// The same in base64url, as the vendor's guide has it (AUTH-OUT-2).
pub(super) fn basic_base64url(client_id: &str, client_secret: &Secret) -> String {
    format!("Basic {}", URL_SAFE.encode(format!("{client_id}:{}", client_secret.expose())))
}

/// A form post without credentials in its headers.
pub(super) fn form_post(url: &Url, pairs: &[(&str, &str)]) -> Sent {
    let mut form = url::form_urlencoded::Serializer::new(String::new());
    form.extend_pairs(pairs);
    let headers = [
        ("content-type", "application/x-www-form-urlencoded"),
        ("accept", "application/json"),
        ("user-agent", USER_AGENT),
    ];
    Sent {
        method: "POST".to_owned(),
        url: url.to_string(),
        headers: headers.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec(),
        body: form.finish().into_bytes(),
        sealed: Vec::new(),
        tls: super::record::TlsUse::default(),
    }
}

/// A plain look at a base URL.
pub(super) fn look(url: &Url) -> Sent {
    Sent {
        method: "GET".to_owned(),
        url: url.to_string(),
        headers: vec![("user-agent".to_owned(), USER_AGENT.to_owned())],
        body: Vec::new(),
        sealed: Vec::new(),
        tls: super::record::TlsUse::default(),
    }
}

fn mentions(value: &Value) -> bool {
    match value {
        Value::String(text) => text.contains(placeholder::CLIENT_ASSERTION),
        Value::Array(items) => items.iter().any(mentions),
        Value::Object(members) => members.values().any(mentions),
        _ => false,
    }
}

fn fill(value: &mut Value, assertion: &str) {
    match value {
        Value::String(text) => *text = text.replace(placeholder::CLIENT_ASSERTION, assertion),
        Value::Array(items) => items.iter_mut().for_each(|item| fill(item, assertion)),
        Value::Object(members) => members.values_mut().for_each(|member| fill(member, assertion)),
        _ => {}
    }
}
