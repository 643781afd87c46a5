//! Reads a bundle, and holds every byte of it against the manifest.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::Read as _;
use std::path::Path;

use zip::ZipArchive;

use super::bundle::{DEVIATIONS_MEMBER, DIGEST, MANIFEST, SIGNATURE};
use super::error::EvidenceError;
use super::manifest::{MANIFEST_VERSION, Manifest};
use crate::base::sha256_hex;
use crate::jose::{VerificationKey, signer, verify_detached};
use crate::report::RunRecord;

/// Longer members are no evidence of ours: an archive may unpack to more than a disk holds.
const LONGEST: u64 = 256 << 20;

/// What a bundle that holds says.
#[derive(Debug)]
pub struct Checked {
    /// Its manifest.
    pub manifest: Manifest,
    /// The name of the key that it says it is signed with.
    pub signer: Option<String>,
    /// True where the signature was checked, and is right.
    pub verified: bool,
}

/// Checks all members of a bundle, and with a key the signature.
pub fn verify(path: &Path, key: Option<&VerificationKey>) -> Result<Checked, EvidenceError> {
    let mut files = unpacked(path)?;
    let manifest = manifest_of(path, &files)?;
    let wrong =
        |member: &str, problem: &str| EvidenceError::Member { member: member.to_owned(), problem: problem.to_owned() };
    let text = files.remove(MANIFEST).unwrap_or_default();
    let digest = files.remove(DIGEST).ok_or_else(|| wrong(DIGEST, "it is missing"))?;
    if digest != format!("{}  {MANIFEST}\n", sha256_hex(&text)).as_bytes() {
        return Err(wrong(MANIFEST, "it is not the file that manifest.sha256 was written for"));
    }
    let jws = files.remove(SIGNATURE).map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
    for member in &manifest.members {
        let bytes = files.remove(&member.name).ok_or_else(|| wrong(&member.name, "it is missing"))?;
        if bytes.len() as u64 != member.bytes || sha256_hex(&bytes) != member.sha256 {
            return Err(wrong(&member.name, "it was changed after the manifest was written"));
        }
        if member.name == "run.json" {
            agrees(&manifest, &bytes).map_err(|problem| wrong("run.json", problem))?;
        }
    }
    if let Some(name) = files.keys().next() {
        return Err(wrong(name, "the manifest does not name it"));
    }
    match (key, &jws) {
        (Some(_), None) => return Err(wrong(SIGNATURE, "it is missing: the bundle is not signed")),
        (Some(key), Some(jws)) => {
            verify_detached(key, jws, &text).map_err(|fault| wrong(SIGNATURE, &fault.to_string()))?;
        }
        (None, _) => {}
    }
    Ok(Checked { manifest, signer: jws.as_deref().and_then(signer), verified: key.is_some() })
}

fn manifest_of(path: &Path, files: &BTreeMap<String, Vec<u8>>) -> Result<Manifest, EvidenceError> {
    let archive = |problem: String| EvidenceError::Archive { path: path.to_owned(), problem };
    let text = files.get(MANIFEST).ok_or_else(|| archive(format!("it holds no {MANIFEST}")))?;
    let manifest: Manifest = serde_json::from_slice(text).map_err(|error| EvidenceError::Member {
        member: MANIFEST.to_owned(),
        problem: format!("it cannot be read: {error}"),
    })?;
    if manifest.manifest_version != MANIFEST_VERSION {
        return Err(archive(format!("its manifest has version {}", manifest.manifest_version)));
    }
    Ok(manifest)
}

/// The manifest must not say more than the run that it names.
fn agrees(manifest: &Manifest, run: &[u8]) -> Result<(), &'static str> {
    let record: RunRecord = serde_json::from_slice(run).map_err(|_| "it cannot be read")?;
    let readiness = record.profile.as_ref().map(|profile| profile.verdict);
    let same = readiness == Some(manifest.readiness)
        && record.case_digest.as_ref() == Some(&manifest.case_digest)
        && record.run_id == manifest.run_id
        && record.seed == manifest.arguments.seed
        && record.strict == manifest.arguments.strict;
    if !same {
        return Err("it tells of another run than the manifest");
    }
    // What was let pass must be there to be read.
    let listed = manifest.members.iter().any(|member| member.name == DEVIATIONS_MEMBER);
    if record.deviations.is_empty() || listed {
        Ok(())
    } else {
        Err("it knows deviations, and their file is not there")
    }
}

fn unpacked(path: &Path) -> Result<BTreeMap<String, Vec<u8>>, EvidenceError> {
    let file =
        File::open(path).map_err(|source| EvidenceError::File { verb: "read", path: path.to_owned(), source })?;
    let archive =
        |error: zip::result::ZipError| EvidenceError::Archive { path: path.to_owned(), problem: error.to_string() };
    let mut zip = ZipArchive::new(file).map_err(archive)?;
    let mut files = BTreeMap::new();
    for index in 0..zip.len() {
        let member = zip.by_index(index).map_err(archive)?;
        let name = member.name().map_err(archive)?.into_owned();
        let wrong = |problem: String| EvidenceError::Member { member: name.clone(), problem };
        let mut bytes = Vec::new();
        let mut limited = member.take(LONGEST + 1);
        limited.read_to_end(&mut bytes).map_err(|error| wrong(format!("it is damaged: {error}")))?;
        if bytes.len() as u64 > LONGEST {
            return Err(wrong("it is too long to be evidence".to_owned()));
        }
        if files.insert(name.clone(), bytes).is_some() {
            return Err(wrong("it is there twice".to_owned()));
        }
    }
    Ok(files)
}
