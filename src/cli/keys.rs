//! `d1c keys new`: everything that mutual TLS, assertions and envelopes need, in one folder.

use std::fs;
use std::io::Write as _;
use std::path::Path;

use anyhow::{Context as _, bail};

use super::key_args::{Keys, NewKeys};
use super::key_targets::{D1_PORT, ISSUER_PORT, readme, target_d1, target_issuer};
use super::output::out;
use crate::base::Secret;
use crate::jose::{AssertionKey, DecryptionKey};
use crate::sandbox::{KeyFile, demo, key_file};
use crate::tls::{CertificateSet, Issued};

pub(super) fn keys(command: &Keys) -> anyhow::Result<u8> {
    match command {
        Keys::New(new) => make(new),
    }
}

fn make(args: &NewKeys) -> anyhow::Result<u8> {
    let folder = &args.dir;
    must_be_free(folder)?;
    // Everything is made before anything is written: what fails leaves no half of a set.
    let files = files(args)?;
    fs::create_dir_all(folder).with_context(|| format!("cannot make the folder {}; name another", folder.display()))?;
    for file in &files {
        write(folder, file)?;
    }
    out(&next_steps(folder, files.len()));
    Ok(0)
}

/// Keys that somebody uses must never be lost to a slip.
fn must_be_free(folder: &Path) -> anyhow::Result<()> {
    match fs::read_dir(folder).map(|mut entries| entries.next().is_none()) {
        Ok(true) => Ok(()),
        Ok(false) => bail!(
            "{} is not empty; nothing was written\n  remedy: name a new folder, existing keys are never overwritten",
            folder.display()
        ),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(error).with_context(|| {
            format!("cannot look into {}; nothing was written\n  remedy: name a new folder", folder.display())
        }),
    }
}

/// One file to be written.
struct File {
    name: &'static str,
    private: bool,
    text: Secret,
}

fn files(args: &NewKeys) -> anyhow::Result<Vec<File>> {
    let demo = demo();
    let set = CertificateSet::new(&args.host, args.days)?;
    let signing = AssertionKey::generate_with_thumbprint()?;
    let (d1, issuer) = (DecryptionKey::generate(), DecryptionKey::generate());
    let mut files = Vec::new();
    certificate(&mut files, set.ca, key_file::CA, key_file::CA_KEY);
    certificate(&mut files, set.server, key_file::SERVER, key_file::SERVER_KEY);
    certificate(&mut files, set.client, key_file::CLIENT, key_file::CLIENT_KEY);
    certificate(&mut files, set.expired_client, key_file::EXPIRED_CLIENT, key_file::EXPIRED_CLIENT_KEY);
    files.push(key(key_file::SIGNING_KEY, signing.to_pem()));
    files.push(key(key_file::SIGNING_PUBLIC, Secret::new(signing.public_pem())));
    files.push(key(key_file::SIGNING_PUBLIC_JWK, Secret::new(format!("{:#}\n", signing.public_jwk()))));
    for (pair, names) in [
        (
            d1,
            [
                key_file::D1_ENCRYPTION_KEY,
                key_file::D1_ENCRYPTION_KEY_JWK,
                key_file::D1_ENCRYPTION_PUBLIC,
                key_file::D1_ENCRYPTION_PUBLIC_JWK,
            ],
        ),
        (
            issuer,
            [
                key_file::ISSUER_ENCRYPTION_KEY,
                key_file::ISSUER_ENCRYPTION_KEY_JWK,
                key_file::ISSUER_ENCRYPTION_PUBLIC,
                key_file::ISSUER_ENCRYPTION_PUBLIC_JWK,
            ],
        ),
    ] {
        let public = pair.public();
        files.push(key(names[0], pair.to_pem()));
        files.push(key(names[1], Secret::new(format!("{}\n", pair.to_jwk().expose()))));
        files.push(key(names[2], Secret::new(public.to_pem())));
        files.push(key(names[3], Secret::new(format!("{:#}\n", public.to_jwk()))));
    }
    for (name, text) in [
        ("target-d1.yaml", target_d1(&demo, signing.kid())),
        ("target-issuer.yaml", target_issuer(&demo)),
        ("README.txt", readme(args.days)),
    ] {
        files.push(File { name, private: false, text: Secret::new(text) });
    }
    Ok(files)
}

fn certificate(files: &mut Vec<File>, issued: Issued, name: KeyFile, key_name: KeyFile) {
    files.push(key(name, Secret::new(issued.certificate)));
    files.push(key(key_name, issued.private_key));
}

fn key(file: KeyFile, text: Secret) -> File {
    File { name: file.name, private: file.private, text }
}

fn write(folder: &Path, file: &File) -> anyhow::Result<()> {
    let path = folder.join(file.name);
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    if file.private {
        keep_from_others(&mut options);
    }
    options
        .open(&path)
        .and_then(|mut open| open.write_all(file.text.expose().as_bytes()))
        .with_context(|| format!("cannot write {}; the folder is incomplete, remove it", path.display()))
}

/// From the first moment on, not only once the key is in it.
#[cfg(unix)]
fn keep_from_others(options: &mut fs::OpenOptions) {
    use std::os::unix::fs::OpenOptionsExt as _;

    options.mode(0o600);
}

/// Elsewhere access is a matter of lists that a new file takes over from its folder.
#[cfg(not(unix))]
fn keep_from_others(_: &mut fs::OpenOptions) {}

fn next_steps(folder: &Path, count: usize) -> String {
    let folder = folder.display();
    format!(
        "wrote {count} files to {folder} (README.txt explains them)\n\
         next:\n\
         \x20 d1c sandbox --role d1 --listen 127.0.0.1:{D1_PORT} --tls {folder} --mtls\n\
         \x20 d1c run --target {folder}/target-d1.yaml\n\
         or with --role issuer, port {ISSUER_PORT} and target-issuer.yaml\n"
    )
}
