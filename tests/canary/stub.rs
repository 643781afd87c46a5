//! A server that repeats everything it was told, in every way it can think of, and breaks off in between.

use std::collections::BTreeSet;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;

use d1_conformance::base::Secret;
use d1_conformance::jose::{DecryptionKey, seal};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Value, json};

use super::secrets::{AUXILIARY_PAN, CVC, CVV, DECRYPTION_KEY, EXPIRED_TOKEN, ISSUED_TOKEN, PAN, SIGNING_KEY};

/// The stub; it lives as long as the process.
#[derive(Clone)]
pub struct Stub {
    pub address: SocketAddr,
    calls: Arc<AtomicUsize>,
    tokens: Arc<AtomicUsize>,
    /// Requests that held card data.
    cards: Arc<AtomicUsize>,
    /// Clear texts that it opened, and repeats.
    opened: Arc<AtomicUsize>,
    /// What it knows although nobody tells it, as an operator's log would: repeated in every answer.
    known: Arc<str>,
    /// Credentials that it was shown: repeated to everybody.
    shown: Arc<Mutex<BTreeSet<String>>>,
}

struct Asked {
    line: String,
    headers: Vec<(String, String)>,
    body: String,
}

impl Stub {
    pub fn start(known: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let stub = Self {
            address: listener.local_addr().expect("an address"),
            calls: Arc::default(),
            tokens: Arc::default(),
            cards: Arc::default(),
            opened: Arc::default(),
            known: known.into(),
            shown: Arc::default(),
        };
        let own = stub.clone();
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let own = own.clone();
                // A peer that went away is no failure of the test.
                thread::spawn(move || own.serve(&stream));
            }
        });
        stub
    }

    pub fn requests(&self) -> usize {
        self.calls.load(Ordering::SeqCst)
    }

    pub fn cards_seen(&self) -> usize {
        self.cards.load(Ordering::SeqCst)
    }

    pub fn envelopes_opened(&self) -> usize {
        self.opened.load(Ordering::SeqCst)
    }

    /// Of the credentials of an earlier run a later one knows nothing.
    pub fn forget(&self) {
        self.shown.lock().expect("no other thread failed").clear();
    }

    fn serve(&self, mut stream: &TcpStream) -> Option<()> {
        let asked = read(stream)?;
        let call = self.calls.fetch_add(1, Ordering::SeqCst);
        if asked.body.contains(PAN) && asked.body.contains(CVV) {
            self.cards.fetch_add(1, Ordering::SeqCst);
        }
        let bytes = self.answer(call, &asked);
        stream.write_all(&bytes).ok()
    }

    fn answer(&self, call: usize, asked: &Asked) -> Vec<u8> {
        let authorization =
            asked.headers.iter().find(|(name, _)| name == "authorization").map_or("", |(_, value)| value);
        let shown = {
            let mut shown = self.shown.lock().expect("no other thread failed");
            if !authorization.is_empty() {
                shown.insert(authorization.to_owned());
            }
            // Not those that the tool made up: there is a new one in every case that is to be refused.
            shown.iter().filter(|own| !own.contains("d1c-")).take(12).cloned().collect::<Vec<_>>().join(" / ")
        };
        // It repeats the cards that it was told of, and nothing of what another request told it.
        let told = |text: &'static str| if stands_alone(text, &asked.body) { text } else { "" };
        let (auxiliary, cvv, cvc) = (told(AUXILIARY_PAN), told(CVV), told(CVC));
        let clear = opened(&asked.body);
        self.opened.fetch_add(usize::from(!clear.is_empty()), Ordering::SeqCst);
        let everything = format!(
            "{} {:?} {} | authorization: {authorization} | card {PAN} {} cvv={cvv}, cvc {cvc}, aux:{auxiliary} | {} | {shown} | {clear}",
            asked.line,
            asked.headers,
            asked.body,
            grouped(PAN),
            self.known
        );
        let encoded = utf8_percent_encode(&everything, NON_ALPHANUMERIC).to_string();
        if asked.line.contains("/oauth2/token") && granted(&asked.body) {
            let token = format!("{ISSUED_TOKEN}{}/+Stieglitz", self.tokens.fetch_add(1, Ordering::SeqCst));
            let body = json!({"access_token": token, "token_type": "Bearer", "expires_in": "900", "echo": everything,
                "message": format!("issued {token}")});
            return message(200, &[], "application/json", body.to_string().as_bytes());
        }
        let number = |text: &str| text.parse::<u64>().map_or(Value::Null, Value::from);
        let echo = json!({
            "message": everything,
            "received": serde_json::from_str::<Value>(&asked.body).unwrap_or_default(),
            "text": asked.body,
            "state": authorization,
            "cardId": number(PAN),
            "numbers": [number(PAN), number(auxiliary), number(cvv), number(cvc)],
            "deep": [{"deeper": json!({"pan": PAN, "cvv": cvv, "auxiliaryPan": auxiliary}).to_string()}],
            "encoded": encoded,
            "encryptedData": sealed(),
        });
        let json = echo.to_string();
        let header = |name: &str| (name.to_owned(), everything.replace(['\r', '\n'], " "));
        match call % 16 {
            0..=3 => message([200, 201, 400, 404][call % 4], &[header("x-echo")], "application/json", json.as_bytes()),
            4 => message(500, &[], "text/plain", everything.as_bytes()),
            5 => message(
                302,
                &[("location".to_owned(), format!("http://{}/x?q={encoded}", self.address))],
                "text/html",
                b"",
            ),
            6 => message(
                200,
                &[],
                "application/json",
                format!("{{\"pan\": \"{PAN}\", \"cvv\": {CVV}, \"a\": \"{everything}").as_bytes(),
            ),
            7 => {
                let whole = message(200, &[], "application/json", json.as_bytes());
                whole[..whole.len() / 2].to_vec()
            }
            8 => message(409, &[header("set-cookie"), header("retry-after")], "text/plain", encoded.as_bytes()),
            9 if call % 64 == 9 => message(429, &[header("retry-after")], "application/json", json.as_bytes()),
            10 => message(400, &[header("www-authenticate")], "application/problem+json", json.as_bytes()),
            11 => message(
                200,
                &[],
                "application/x-www-form-urlencoded",
                format!("echo={encoded}&pan={PAN}&cvv={CVV}").as_bytes(),
            ),
            12 => message(500, &[], "application/json", json!([everything, echo]).to_string().as_bytes()),
            13 if call % 64 == 13 => message(401, &[header("www-authenticate")], "text/plain", everything.as_bytes()),
            _ => message(
                200,
                &[("location".to_owned(), format!("/cards/{PAN}?token={authorization}"))],
                "application/json",
                json.as_bytes(),
            ),
        }
    }
}

/// Four digits may come up inside of an envelope or of an identifier, where they are nobody's code.
fn stands_alone(text: &str, body: &str) -> bool {
    let part_of_a_word =
        |byte: Option<&u8>| byte.is_some_and(|own| own.is_ascii_alphanumeric() || b"-_.".contains(own));
    body.match_indices(text).any(|(start, _)| {
        let before = start.checked_sub(1).and_then(|place| body.as_bytes().get(place));
        !part_of_a_word(before) && !part_of_a_word(body.as_bytes().get(start + text.len()))
    })
}

/// What stood inside of the request's envelope, if it can be opened.
fn opened(body: &str) -> String {
    let key = DecryptionKey::from_text(Some("k"), &Secret::new(SIGNING_KEY)).expect("a key");
    let body = serde_json::from_str::<Value>(body).unwrap_or_default();
    let clear = body["encryptedData"].as_str().and_then(|text| key.open(text).ok()).unwrap_or_default();
    String::from_utf8_lossy(&clear).into_owned()
}

/// Card data for the tool's own key, wrong in every member.
fn sealed() -> String {
    let key = DecryptionKey::from_text(None, &Secret::new(DECRYPTION_KEY)).expect("a key");
    let clear =
        json!({"pan": PAN.parse::<u64>().unwrap_or_default(), "exp": "3012", "cvv": [CVV], "name": PAN.repeat(9)});
    seal(clear.to_string().as_bytes(), &key.public()).expect("an envelope")
}

/// Whoever asks for a token as one should gets one.
fn granted(body: &str) -> bool {
    body.starts_with("grant_type=client_credentials") || body.contains("jwt-bearer") && !body.contains("%22")
}

fn grouped(pan: &str) -> String {
    let groups = |separator: &str| {
        pan.as_bytes()
            .chunks(4)
            .map(|group| String::from_utf8_lossy(group).into_owned())
            .collect::<Vec<_>>()
            .join(separator)
    };
    format!("{} {}", groups(" "), groups("-"))
}

fn read(stream: &TcpStream) -> Option<Asked> {
    let mut reader = BufReader::new(stream);
    let mut next = || {
        let mut line = Vec::new();
        reader.read_until(b'\n', &mut line).ok()?;
        Some(String::from_utf8_lossy(&line).trim_end().to_owned())
    };
    let line = next()?;
    let mut headers = Vec::new();
    loop {
        let field = next()?;
        let Some((name, value)) = field.split_once(':') else { break };
        headers.push((name.to_ascii_lowercase(), value.trim().to_owned()));
    }
    let length = headers.iter().find(|(name, _)| name == "content-length").and_then(|(_, value)| value.parse().ok());
    let mut body = vec![0; length.unwrap_or(0)];
    reader.read_exact(&mut body).ok()?;
    Some(Asked { line, headers, body: String::from_utf8_lossy(&body).into_owned() })
}

fn message(status: u16, headers: &[(String, String)], content_type: &str, body: &[u8]) -> Vec<u8> {
    // No length may look like a code: the scanner could not tell them apart.
    let unlucky = [CVV, CVC].contains(&body.len().to_string().as_str());
    let body = if unlucky { [body, b" "].concat() } else { body.to_vec() };
    let head = format!(
        "HTTP/1.1 {status} X\r\nconnection: close\r\ncontent-type: {content_type}\r\ncontent-length: {}\r\n",
        body.len()
    );
    let fields: Vec<String> = headers.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
    [head.as_bytes(), fields.concat().as_bytes(), b"\r\n", &body].concat()
}

/// What the stub knows of the tool's own secrets.
pub fn leaked(texts: &[&str]) -> String {
    format!("{} {EXPIRED_TOKEN} {EXPIRED_TOKEN:?}", texts.join(" / "))
}
