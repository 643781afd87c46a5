//! A sandbox on a port of this machine, a target file for it, and the program run against it.

use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use assert_cmd::Command;
use d1_conformance::contract::Catalog;
use d1_conformance::sandbox::{Role, Sandbox, SandboxOptions, defect};
use tempfile::TempDir;
use tokio::runtime::Runtime;

/// What the program ended with.
pub struct Ended {
    /// The exit code.
    pub code: i32,
    /// Everything that was printed.
    pub text: String,
}

/// Runs the program in the project's folder.
pub fn d1c(arguments: &[&str]) -> Ended {
    let output = Command::new(env!("CARGO_BIN_EXE_d1c"))
        .args(arguments)
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .timeout(Duration::from_secs(240))
        .output()
        .unwrap();
    let text = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    Ended { code: output.status.code().unwrap(), text }
}

/// A running sandbox with its target file in a folder of its own.
pub struct Stand {
    runtime: Runtime,
    sandbox: Option<Sandbox>,
    role: Role,
    address: SocketAddr,
    /// Where the target file is, and whatever a test writes.
    pub folder: TempDir,
}

impl Stand {
    /// Starts a sandbox with these defects.
    pub fn new(role: Role, defects: &[&str]) -> Self {
        let runtime = Runtime::new().unwrap();
        let mut stand = Self {
            runtime,
            sandbox: None,
            role,
            address: "127.0.0.1:0".parse().unwrap(),
            folder: TempDir::new().unwrap(),
        };
        stand.serve(defects);
        let url = stand.sandbox.as_ref().unwrap().url();
        stand.address = url.strip_prefix("http://").unwrap().parse().unwrap();
        let (name, port) = if role == Role::D1 { ("d1", "8181") } else { ("issuer", "8182") };
        let home = Path::new(env!("CARGO_MANIFEST_DIR"));
        let example = fs::read_to_string(home.join(format!("examples/targets/sandbox-{name}.yaml"))).unwrap();
        let text = example
            .replace(&format!("http://127.0.0.1:{port}"), &url)
            .replace("{file:../../", &format!("{{file:{}/", home.display()));
        stand.file("target.yaml", &text);
        stand
    }

    /// Ends the sandbox and starts one with these defects at the same address.
    pub fn serve(&mut self, defects: &[&str]) {
        self.close();
        let home = Path::new(env!("CARGO_MANIFEST_DIR"));
        let catalog = Catalog::load(&home.join("specs")).unwrap();
        let contracts = catalog.entries.iter().map(|entry| Arc::new(catalog.contract(entry).unwrap()));
        let contracts = contracts.filter(|contract| self.role.serves(contract.direction)).collect();
        let defects = defects.iter().map(|name| defect(name).unwrap()).collect();
        let options = SandboxOptions { defects, listen: self.address, ..SandboxOptions::new(self.role, contracts) };
        self.sandbox = Some(self.runtime.block_on(Sandbox::start(options)).unwrap());
    }

    /// Ends the sandbox: nobody answers at its address any more.
    pub fn close(&mut self) {
        if self.sandbox.take().is_some() {
            // The listener goes with its task, which ends a moment later.
            std::thread::sleep(Duration::from_millis(300));
        }
    }

    /// Writes a file into the folder.
    pub fn file(&self, name: &str, text: &str) -> String {
        let path = self.path(name);
        fs::write(&path, text).unwrap();
        path.to_string_lossy().into_owned()
    }

    /// A path in the folder.
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// The same as text.
    pub fn text(&self, name: &str) -> String {
        self.path(name).to_string_lossy().into_owned()
    }

    /// `d1c run` with the target file; the reports go into the folder of this name.
    pub fn run(&self, reports: &str, more: &[&str]) -> Ended {
        let (target, reports) = (self.text("target.yaml"), self.text(reports));
        let basic = ["run", "--quiet", "--no-snapshots", "--cases", "0", "--target", &target, "--report-dir", &reports];
        d1c(&[&basic[..], more].concat())
    }
}
