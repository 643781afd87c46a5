//! `d1c certify`: the bundle of evidence, and what becomes of it when somebody touches it.

#![expect(clippy::unwrap_used, reason = "a test that cannot be set up must fail")]

use std::fs::{self, File};
use std::io::{Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::time::Duration;

use assert_cmd::Command;
use d1_conformance::evidence::verify;
use d1_conformance::jose::{AssertionKey, VerificationKey};
use tempfile::TempDir;
use zip::write::SimpleFileOptions;
use zip::{ZipArchive, ZipWriter};

fn certify(arguments: &[&str]) -> (i32, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_d1c"))
        .arg("certify")
        .args(arguments)
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .timeout(Duration::from_secs(240))
        .output()
        .unwrap();
    let text = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    (output.status.code().unwrap(), text)
}

fn text(path: &Path) -> String {
    path.to_string_lossy().into_owned()
}

/// A signed bundle of the embedded issuer, and the keys of its signer.
struct Bundle {
    folder: TempDir,
    file: PathBuf,
    key: VerificationKey,
}

impl Bundle {
    fn new() -> Self {
        let folder = TempDir::new().unwrap();
        let pair = AssertionKey::generate_with_thumbprint().unwrap();
        let (private, public) = (folder.path().join("private.pem"), folder.path().join("public.pem"));
        fs::write(&private, pair.to_pem().expose()).unwrap();
        fs::write(&public, pair.public_pem()).unwrap();
        let (file, reports) = (folder.path().join("e.zip"), folder.path().join("reports"));
        let (code, said) = certify(&[
            "--suite",
            "tokenization",
            "--cases",
            "0",
            "--quiet",
            "--report-dir",
            &text(&reports),
            "--out",
            &text(&file),
            "--sign",
            &text(&private),
        ]);
        assert_eq!(code, 0, "{said}");
        assert!(said.contains("Tokenization is READY") && said.contains(pair.kid()), "{said}");
        Self { folder, file, key: pair.public() }
    }

    fn files(&self) -> Vec<(String, Vec<u8>)> {
        let mut archive = ZipArchive::new(File::open(&self.file).unwrap()).unwrap();
        (0..archive.len())
            .map(|index| {
                let mut member = archive.by_index(index).unwrap();
                let mut bytes = Vec::new();
                member.read_to_end(&mut bytes).unwrap();
                (member.name().unwrap().into_owned(), bytes)
            })
            .collect()
    }

    /// What is said of a bundle with other files.
    fn with(&self, files: &[(String, Vec<u8>)]) -> String {
        let path = self.folder.path().join("changed.zip");
        let mut archive = ZipWriter::new(File::create(&path).unwrap());
        for (name, bytes) in files {
            archive.start_file(name.as_str(), SimpleFileOptions::default()).unwrap();
            archive.write_all(bytes).unwrap();
        }
        archive.finish().unwrap();
        verify(&path, Some(&self.key)).map_or_else(|error| error.to_string(), |checked| format!("{checked:?}"))
    }
}

#[test]
fn one_changed_byte_in_any_member_is_found_and_named() {
    let bundle = Bundle::new();
    let checked = verify(&bundle.file, Some(&bundle.key)).unwrap();
    assert!(checked.verified && !checked.manifest.rehearsal);
    let files = bundle.files();
    assert!(files.len() > 12, "{}", files.len());
    for place in 0..files.len() {
        let mut changed = files.clone();
        let (name, bytes) = &mut changed[place];
        let (name, middle) = (name.clone(), bytes.len() / 2);
        bytes[middle] ^= 1;
        let said = bundle.with(&changed);
        assert!(
            said.starts_with(&format!("{name}: ")) || name == "manifest.sha256" && said.starts_with("manifest.json: "),
            "{name}: {said}"
        );
        // One that is gone, and one that is there besides.
        let mut fewer = files.clone();
        fewer.remove(place);
        assert!(bundle.with(&fewer).contains(&name), "{name}");
    }
    let mut more = files.clone();
    more.push(("note.txt".to_owned(), b"trust me".to_vec()));
    assert!(bundle.with(&more).starts_with("note.txt: the manifest does not name it"));
    // A bit of the archive itself.
    let mut bytes = fs::read(&bundle.file).unwrap();
    let middle = bytes.len() / 3;
    bytes[middle] ^= 0x10;
    let damaged = bundle.folder.path().join("damaged.zip");
    fs::write(&damaged, bytes).unwrap();
    assert!(verify(&damaged, None).is_err());
}

#[test]
fn a_manifest_that_was_made_to_fit_does_not_fit_the_signature() {
    let bundle = Bundle::new();
    let mut files = bundle.files();
    let at = |files: &[(String, Vec<u8>)], name: &str| files.iter().position(|(own, _)| own == name).unwrap();
    let manifest = at(&files, "manifest.json");
    let text =
        String::from_utf8(files[manifest].1.clone()).unwrap().replace("\"rehearsal\": false", "\"rehearsal\": true ");
    files[manifest].1 = text.clone().into_bytes();
    let digest = at(&files, "manifest.sha256");
    files[digest].1 = format!("{}  manifest.json\n", d1_conformance::base::sha256_hex(text.as_bytes())).into_bytes();
    let said = bundle.with(&files);
    assert!(said.starts_with("manifest.jws: the signature is not that of this key"), "{said}");
    files.remove(at(&files, "manifest.jws"));
    let said = bundle.with(&files);
    assert!(said.starts_with("manifest.jws: it is missing"), "{said}");
    let other = AssertionKey::generate("other").unwrap().public();
    assert!(verify(&bundle.file, Some(&other)).unwrap_err().to_string().starts_with("manifest.jws: "));
}

#[test]
fn a_bundle_can_be_checked_and_run_again_on_the_command_line() {
    let bundle = Bundle::new();
    let (file, public) = (text(&bundle.file), text(&bundle.folder.path().join("public.pem")));
    let (code, said) = certify(&["--verify", &file]);
    assert!(code == 0 && said.starts_with("VALID") && said.contains("add --key FILE"), "{code}\n{said}");
    let (code, said) = certify(&["--verify", &file, "--key", &public]);
    assert!(code == 0 && said.contains("the signature is right"), "{code}\n{said}");
    let reports = text(&bundle.folder.path().join("again"));
    let (code, said) = certify(&["--rerun", &file, "--quiet", "--report-dir", &reports]);
    assert!(code == 0 && said.contains("the cases are those of the bundle"), "{code}\n{said}");
    assert!(said.contains("Tokenization was READY, and is READY"), "{said}");
}

#[test]
fn nothing_is_certified_that_is_not_ready_but_for_a_rehearsal() {
    let folder = TempDir::new().unwrap();
    // Nobody answers there, and the secret is one.
    let target = folder.path().join("target.yaml");
    let secret = "client-secret-of-mine";
    let yaml = format!(
        "base_url: http://127.0.0.1:9\nauth: {{grant: client_credentials, client_id: me, client_secret: {secret}}}\n\
         values: {{issuerId: acme, cardId: c, consumerId: k, asksForConsumers: true, issuerChecksCvv: false, issuerSendsOneTimePassword: false}}\n"
    );
    fs::write(&target, yaml).unwrap();
    let file = folder.path().join("e.zip");
    let reports = text(&folder.path().join("reports"));
    let basic = ["--suite", "tokenization", "--cases", "0", "--quiet", "--report-dir", &reports, "--out", &text(&file)];
    let with = |more: &[&str]| {
        let target = text(&target);
        certify(&[&basic[..], &["--target", &target], more].concat())
    };
    let (code, said) = with(&[]);
    assert!(code == 3 && said.contains("no evidence was written: Tokenization is INCONCLUSIVE"), "{code}\n{said}");
    assert!(!file.exists());
    let (code, said) = with(&["--rehearsal"]);
    assert!(code == 3 && said.contains("A REHEARSAL: it certifies nothing"), "{code}\n{said}");
    assert!(verify(&file, None).unwrap().manifest.rehearsal);
    let mut archive = ZipArchive::new(File::open(&file).unwrap()).unwrap();
    assert!(archive.by_name("target.yaml").is_ok());
    for index in 0..archive.len() {
        let mut bytes = Vec::new();
        archive.by_index(index).unwrap().read_to_end(&mut bytes).unwrap();
        assert!(!String::from_utf8_lossy(&bytes).contains(secret), "{:?}", archive.name_for_index(index));
    }
}

#[test]
fn what_cannot_be_certified_is_refused_before_anything_is_sent() {
    let folder = TempDir::new().unwrap();
    let no_key = folder.path().join("no.pem");
    fs::write(&no_key, "not a key").unwrap();
    let (no_key, nowhere) = (text(&no_key), text(&folder.path().join("no/folder/e.zip")));
    for (arguments, part) in [
        (vec![], "no product is named"),
        (vec!["--suite", "inbound"], "`inbound` is a suite"),
        (vec!["--suite", "tokenisation"], "did you mean `tokenization`?"),
        (vec!["--suite", "tokenization", "--sign", &no_key], "neither PEM of a key nor one JWK"),
        (vec!["--suite", "tokenization", "--out", &nowhere], "name another place with --out"),
        (vec!["--rerun", &no_key], "is no bundle of evidence"),
    ] {
        let (code, said) = certify(&arguments);
        assert!(code == 2 && said.contains(part), "{arguments:?}: {code}\n{said}");
    }
    let (code, said) = certify(&["--verify", &no_key]);
    assert!(code == 1 && said.starts_with("NOT VALID"), "{code}\n{said}");
}
