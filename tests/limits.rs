//! The hard limits of a target file in whole runs.

#![expect(clippy::unwrap_used, reason = "a test that cannot be set up must fail")]

use std::fs;
use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpListener};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::Value;
use tempfile::TempDir;

const SPEC: &str = "openapi: 3.0.3\ninfo: {title: t, version: '1'}\npaths:\n  /a:\n    get:\n      operationId: getA\n      \
                    parameters: [{name: n, in: query, schema: {type: integer, maximum: 9}}]\n      \
                    responses:\n        '200': {description: ok}\n        '400': {description: no}\n    \
                    post:\n      operationId: postA\n      responses:\n        '200': {description: ok}\n";

/// Answers 200 to everything; the first lines of what came.
fn serve() -> (SocketAddr, Arc<Mutex<Vec<String>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let seen = Arc::new(Mutex::new(Vec::new()));
    let lines = Arc::clone(&seen);
    thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            let mut buffer = [0; 4096];
            let length = stream.read(&mut buffer).unwrap_or_default();
            let text = String::from_utf8_lossy(&buffer[..length]).into_owned();
            lines.lock().unwrap().push(text.lines().next().unwrap_or_default().to_owned());
            let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 0\r\n\r\n");
        }
    });
    (address, seen)
}

struct Ground {
    folder: TempDir,
    seen: Arc<Mutex<Vec<String>>>,
}

impl Ground {
    fn new(target: &str) -> Self {
        let (address, seen) = serve();
        let folder = TempDir::new().unwrap();
        fs::write(folder.path().join("a.yaml"), SPEC).unwrap();
        fs::write(folder.path().join("t.yaml"), format!("base_url: http://{address}\n{target}\n")).unwrap();
        Self { folder, seen }
    }

    fn command(&self) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_d1c"));
        command.current_dir(self.folder.path()).env("D1C_HOME", env!("CARGO_MANIFEST_DIR"));
        command.args(["run", "--spec", "a.yaml", "--target", "t.yaml", "--report-dir", "out", "--jobs", "4"]);
        command
    }

    fn record(&self) -> Value {
        serde_json::from_str(&fs::read_to_string(self.folder.path().join("out/run.json")).unwrap()).unwrap()
    }

    fn lines(&self) -> Vec<String> {
        self.seen.lock().unwrap().clone()
    }
}

#[test]
fn no_more_requests_than_allowed_go_out() {
    let ground = Ground::new("limits: {max_requests: 7}");
    let output = ground.command().output().unwrap();
    assert_eq!(output.status.code(), Some(3), "{}", String::from_utf8_lossy(&output.stdout));
    assert_eq!(ground.lines().len(), 7);
    let record = ground.record();
    let scenarios = record["scenarios"].as_array().unwrap();
    let over = scenarios.iter().filter(|scenario| {
        let reason = scenario["reason"].as_str().unwrap_or_default();
        reason.contains("limits.max_requests of the target (7) is reached") && scenario["blame"] == "config"
    });
    assert!(over.count() > 0);
    // The look of the preflight is no exchange of a scenario.
    assert_eq!(record["totals"]["exchanges"], 6);
}

#[test]
fn a_read_only_target_gets_nothing_but_safe_requests() {
    let ground = Ground::new("limits: {read_only: true}");
    ground.command().output().unwrap();
    let lines = ground.lines();
    assert!(lines.len() > 5 && lines.iter().all(|line| line.starts_with("GET ")), "{lines:?}");
    let record = ground.record();
    let skipped = record["scenarios"].as_array().unwrap().iter().filter(|scenario| {
        scenario["verdict"] == "skipped"
            && scenario["reason"].as_str().unwrap_or_default().starts_with("limits.read_only")
    });
    assert!(skipped.count() >= 2);
}

#[cfg(unix)]
#[test]
fn an_interrupt_ends_a_run_that_waits_for_its_turn() {
    let ground = Ground::new("limits: {rate: 0.05}");
    let mut child = ground.command().stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    let begin = Instant::now();
    while ground.lines().is_empty() && begin.elapsed() < Duration::from_secs(20) {
        thread::sleep(Duration::from_millis(20));
    }
    thread::sleep(Duration::from_millis(200));
    let asked = Instant::now();
    assert!(Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap().success());
    while child.try_wait().unwrap().is_none() && asked.elapsed() < Duration::from_secs(10) {
        thread::sleep(Duration::from_millis(20));
    }
    let in_time = asked.elapsed() < Duration::from_secs(10);
    // Without effect on a process that has ended.
    let _ = child.kill();
    let status = child.wait().unwrap();
    assert!(in_time && status.code() == Some(3), "{status} after {:?}", asked.elapsed());
    assert_eq!(ground.lines().len(), 1);
    assert_eq!(ground.record()["state"], "interrupted");
}

#[cfg(unix)]
#[test]
fn what_is_wrong_with_a_target_is_said_once_before_the_run() {
    use std::os::unix::fs::PermissionsExt as _;

    let ground = Ground::new("jwe: {decrypt_with: {private_key: '${file:key.pem}'}}");
    let key = ground.folder.path().join("key.pem");
    let text = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("src/sandbox/demo-key.pem")).unwrap();
    let bare = text.find("-----BEGIN PRIVATE KEY").map_or(text.as_str(), |start| &text[start..]);
    fs::write(&key, bare).unwrap();
    fs::set_permissions(&key, fs::Permissions::from_mode(0o644)).unwrap();
    let output = ground.command().output().unwrap();
    let errors = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(errors.matches("warning: the private key ").count(), 1, "{errors}");
    assert!(errors.contains("key.pem") && errors.contains("chmod 600"), "{errors}");
}
