//! `d1c keys new`, and a run over mutual TLS with what it made.

#![expect(clippy::unwrap_used, reason = "a test that cannot be set up must fail")]

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};

use tempfile::TempDir;

fn d1c(args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_d1c"));
    command.args(args).current_dir(env!("CARGO_MANIFEST_DIR"));
    command
}

fn end(args: &[&str]) -> (i32, String) {
    let Output { status, stdout, stderr } = d1c(args).output().unwrap();
    (status.code().unwrap(), format!("{}{}", String::from_utf8_lossy(&stdout), String::from_utf8_lossy(&stderr)))
}

/// A sandbox in a process of its own. It ends with this value.
struct Server {
    process: Child,
    url: String,
}

impl Server {
    fn start(args: &[&str]) -> Self {
        let mut process = d1c(args).stdout(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(process.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let url = line.trim().strip_prefix("listening on ").unwrap_or_else(|| panic!("{line}")).to_owned();
        Self { process, url }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn made(folder: &TempDir) -> String {
    let keys = folder.path().join("keys").to_string_lossy().into_owned();
    let (code, text) = end(&["keys", "new", &keys]);
    assert_eq!(code, 0, "{text}");
    for part in ["d1c sandbox --role d1", "--mtls", "d1c run", "target-d1.yaml"] {
        assert!(text.contains(part), "{text}");
    }
    keys
}

/// The written target, at another address than the one it was written for.
fn moved(keys: &str, target: &str, from: &str, to: &str) -> String {
    let path = Path::new(keys).join(target);
    let text = fs::read_to_string(&path).unwrap();
    assert!(text.contains(from), "{text}");
    fs::write(&path, text.replace(from, to)).unwrap();
    path.to_string_lossy().into_owned()
}

#[test]
fn a_set_is_complete_kept_from_others_and_never_overwritten() {
    let folder = TempDir::new().unwrap();
    let keys = made(&folder);
    let snapshot = || {
        let mut files: Vec<_> = fs::read_dir(&keys).unwrap().map(|entry| entry.unwrap().path()).collect();
        files.sort();
        files.into_iter().map(|path| (path.clone(), fs::read(path).unwrap())).collect::<Vec<_>>()
    };
    let before = snapshot();
    for (path, _) in &before {
        let name = path.file_name().unwrap().to_string_lossy();
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            let mode = fs::metadata(path).unwrap().permissions().mode() & 0o777;
            assert_eq!(mode == 0o600, name.contains("-key."), "{name}: {mode:o}");
        }
        let text = fs::read_to_string(path).unwrap();
        let private = text.contains("PRIVATE KEY") || text.contains("\"d\"");
        assert_eq!(private, name.contains("-key."), "{name}");
        let explained = fs::read_to_string(Path::new(&keys).join("README.txt")).unwrap();
        assert!(name == "README.txt" || explained.contains(&*name), "{name}");
    }
    let (code, text) = end(&["keys", "new", &keys]);
    assert!(code == 2 && text.contains("not empty") && text.contains("remedy"), "{text}");
    assert_eq!(snapshot(), before);
    let file = Path::new(&keys).join("ca.pem").to_string_lossy().into_owned();
    assert_eq!(end(&["keys", "new", &file]).0, 2);
    let other = folder.path().join("other").to_string_lossy().into_owned();
    let (code, text) = end(&["keys", "new", &other, "--host", "https://d1.example.com"]);
    assert!(code == 2 && text.contains("host name") && !Path::new(&other).exists(), "{text}");
    assert_eq!(end(&["keys", "new", &other, "--days", "0"]).0, 2);
}

#[test]
fn the_written_targets_fit_the_sandboxes_over_mutual_tls() {
    let folder = TempDir::new().unwrap();
    let keys = made(&folder);
    let reports = folder.path().join("reports").to_string_lossy().into_owned();
    for (role, suite, target, address, filter) in [
        ("d1", "inbound", "target-d1.yaml", "https://localhost:8443", "getToken::operation::conforming"),
        ("issuer", "outbound", "target-issuer.yaml", "https://localhost:8444", "getToken::operation::conforming"),
    ] {
        let server = Server::start(&["sandbox", "--role", role, "--tls", &keys, "--mtls"]);
        assert!(server.url.starts_with("https://localhost:"), "{}", server.url);
        let target = moved(&keys, target, address, &server.url);
        let run = ["run", "--suite", suite, "--target", &target, "--report-dir", &reports, "--no-snapshots", filter];
        let (code, text) = end(&run);
        assert_eq!(code, 0, "{text}");
        assert!(text.contains("1 passed"), "{text}");

        let bare = fs::read_to_string(&target).unwrap();
        let start = bare.find("  client:\n").unwrap();
        let rest = bare.find("  expired_client:").unwrap();
        let path = Path::new(&keys).join("bare.yaml");
        fs::write(&path, format!("{}{}", &bare[..start], &bare[rest..])).unwrap();
        let path = path.to_string_lossy();
        let run = ["run", "--suite", suite, "--target", &path, "--report-dir", &reports, "--no-snapshots", filter];
        let (code, text) = end(&run);
        assert_eq!(code, 3, "{text}");
        assert!(text.contains("certificate_required") && text.contains("check tls.client"), "{text}");
    }
}

#[test]
fn folders_that_do_not_fit_are_refused_by_name() {
    let folder = TempDir::new().unwrap();
    let empty = folder.path().to_string_lossy().into_owned();
    let (code, text) = end(&["sandbox", "--role", "d1", "--tls", &empty]);
    assert!(code == 2 && text.contains("server.pem") && text.contains("d1c keys new"), "{text}");
    let (code, text) = end(&["sandbox", "--role", "d1", "--mtls"]);
    assert!(code == 2 && text.contains("--tls"), "{text}");
    let keys = made(&folder);
    fs::copy(Path::new(&keys).join("client-key.pem"), Path::new(&keys).join("server-key.pem")).unwrap();
    let (code, text) = end(&["sandbox", "--role", "d1", "--tls", &keys]);
    assert!(code == 2 && text.contains(&keys) && text.contains("does not belong"), "{text}");
}
