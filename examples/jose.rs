//! Seals and opens envelopes (JWE) and signs assertions (JWT) with the keys that `d1c keys new` writes: for scripts, and
//! for a look into what went over the wire. `cargo run --example jose -- --help` shows the usage.

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, Read as _, Write as _};
use std::process::ExitCode;
use std::time::{Duration, SystemTime};

use d1_conformance::base::Secret;
use d1_conformance::jose::{Assertion, AssertionKey, DecryptionKey, EncryptionKey, seal};

const USAGE: &str = "\
usage: jose seal   --public FILE [--kid KID]
       jose open   --private FILE [--kid KID]
       jose assert --private FILE --kid KID --issuer ISSUER --subject SUBJECT
                   [--audience AUDIENCE] [--lifetime SECONDS]

  seal    clear text on standard input, compact JWE (ECDH-ES, A256GCM) on standard output
  open    compact JWE on standard input, clear text on standard output, byte for byte
  assert  signed JWT (ES256) on standard output

  --public FILE       public key of the recipient: SPKI PEM or JWK
  --private FILE      own private key: PKCS#8 PEM, SEC1 PEM or JWK; keys come from files alone, never from arguments
  --kid KID           name of the key (default: that of the JWK, otherwise the thumbprint of RFC 7638)
  --issuer ISSUER     `iss`: issuerId, or the id of an aggregator
  --subject SUBJECT   `sub`: issuerId
  --audience AUDIENCE `aud` (default: none)
  --lifetime SECONDS  from now to `exp` (default: 300; D1 takes 900 at most)

exit code: 0 done, 1 not opened, sealed or signed, 2 wrong arguments or unusable files
`d1c keys new DIR` makes a set of keys.
";

/// Why there is no result.
enum Failure {
    /// The arguments are wrong: the usage helps.
    Arguments(String),
    /// A file or the input cannot be used.
    Input(String),
    /// Everything could be read, and the answer is no.
    Refused(String),
}

fn main() -> ExitCode {
    let arguments: Result<Vec<String>, _> = std::env::args_os().skip(1).map(std::ffi::OsString::into_string).collect();
    let result = match arguments {
        Ok(arguments) => run(&arguments),
        Err(_) => Err(Failure::Arguments("the arguments are no UTF-8".to_owned())),
    };
    let (text, code) = match result {
        Ok(bytes) => return write_out(&bytes),
        Err(Failure::Arguments(text)) => (format!("error: {text}\n\n{USAGE}"), 2),
        Err(Failure::Input(text)) => (format!("error: {text}\n"), 2),
        Err(Failure::Refused(text)) => (format!("error: {text}\n"), 1),
    };
    // Where the error stream is closed, the exit code still tells.
    let _ = io::stderr().write_all(text.as_bytes());
    ExitCode::from(code)
}

fn write_out(bytes: &[u8]) -> ExitCode {
    let mut out = io::stdout().lock();
    match out.write_all(bytes).and_then(|()| out.flush()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(_) => ExitCode::FAILURE,
    }
}

fn run(arguments: &[String]) -> Result<Vec<u8>, Failure> {
    if arguments.iter().any(|argument| argument == "--help" || argument == "-h") {
        return Ok(USAGE.as_bytes().to_vec());
    }
    let (command, rest) = arguments.split_first().ok_or_else(|| wrong("seal, open or assert?"))?;
    match command.as_str() {
        "seal" => seal_input(&Options::read(rest, &["public", "kid"])?),
        "open" => open_input(&Options::read(rest, &["private", "kid"])?),
        "assert" => assertion(&Options::read(rest, &["private", "kid", "issuer", "subject", "audience", "lifetime"])?),
        _ => Err(wrong("the first argument is seal, open or assert")),
    }
}

fn seal_input(options: &Options) -> Result<Vec<u8>, Failure> {
    let (path, text) = key_text(options, "public")?;
    let key = EncryptionKey::from_text(options.get("kid"), &text).map_err(|error| unusable(path, &error))?;
    let envelope = seal(&input()?, &key).map_err(|error| Failure::Refused(error.to_string()))?;
    Ok(line(&envelope))
}

fn open_input(options: &Options) -> Result<Vec<u8>, Failure> {
    let (path, text) = key_text(options, "private")?;
    let key =
        DecryptionKey::from_text(options.get("kid"), &Secret::new(text)).map_err(|error| unusable(path, &error))?;
    let envelope = String::from_utf8(input()?)
        .map_err(|_| Failure::Refused("what is on standard input is no text, and so no compact JWE".to_owned()))?;
    // A line break at the end comes from the shell and not from the sender.
    key.open(envelope.trim_end()).map_err(|fault| Failure::Refused(fault.to_string()))
}

fn assertion(options: &Options) -> Result<Vec<u8>, Failure> {
    let kid = options.wanted("kid")?;
    let lifetime = options.get("lifetime").map_or(Ok(300), |seconds| {
        seconds.parse().map_err(|_| wrong("--lifetime is a whole number of seconds, 0 or more"))
    })?;
    let assertion = Assertion {
        issuer: options.wanted("issuer")?.to_owned(),
        subject: options.wanted("subject")?.to_owned(),
        audience: options.get("audience").map(str::to_owned),
        lifetime: Duration::from_secs(lifetime),
        issued_at: true,
    };
    let (path, text) = key_text(options, "private")?;
    let key = AssertionKey::from_text(Some(kid), &Secret::new(text)).map_err(|error| unusable(path, &error))?;
    let token = key.sign(&assertion, SystemTime::now()).map_err(|error| Failure::Refused(error.to_string()))?;
    Ok(line(token.expose()))
}

/// The options of one command, by name.
struct Options(BTreeMap<String, String>);

impl Options {
    /// Errors name options and never their values: a key that was pasted by mistake is not repeated in a log.
    fn read(arguments: &[String], known: &[&str]) -> Result<Self, Failure> {
        let mut found = BTreeMap::new();
        let mut rest = arguments.iter();
        while let Some(argument) = rest.next() {
            let name = argument.strip_prefix("--").filter(|name| known.contains(name)).ok_or_else(|| {
                wrong(&format!("this command takes {} alone, each with a value behind it", list(known)))
            })?;
            let value = rest.next().ok_or_else(|| wrong(&format!("--{name} has no value")))?;
            if found.insert(name.to_owned(), value.clone()).is_some() {
                return Err(wrong(&format!("--{name} is there twice")));
            }
        }
        Ok(Self(found))
    }

    fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    fn wanted(&self, name: &str) -> Result<&str, Failure> {
        self.get(name).ok_or_else(|| wrong(&format!("--{name} is missing")))
    }
}

fn list(names: &[&str]) -> String {
    names.iter().map(|name| format!("--{name}")).collect::<Vec<_>>().join(", ")
}

/// Path and text of a key file.
fn key_text<'o>(options: &'o Options, option: &str) -> Result<(&'o str, String), Failure> {
    let path = options.wanted(option)?;
    let text = fs::read_to_string(path).map_err(|error| Failure::Input(format!("cannot read {path}: {error}")))?;
    Ok((path, text))
}

fn input() -> Result<Vec<u8>, Failure> {
    let mut bytes = Vec::new();
    io::stdin()
        .read_to_end(&mut bytes)
        .map_err(|error| Failure::Input(format!("cannot read standard input: {error}")))?;
    Ok(bytes)
}

fn line(text: &str) -> Vec<u8> {
    format!("{text}\n").into_bytes()
}

fn wrong(text: &str) -> Failure {
    Failure::Arguments(text.to_owned())
}

fn unusable(path: &str, error: &impl std::fmt::Display) -> Failure {
    Failure::Input(format!("{path}: {error}"))
}
