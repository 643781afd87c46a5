//! Writes a bundle.

use std::fs::File;
use std::io::{Cursor, Write as _};
use std::path::Path;

use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, DateTime, ZipWriter};

use super::error::EvidenceError;
use super::manifest::{Arguments, Manifest, Member};
use crate::base::sha256_hex;
use crate::jose::{AssertionKey, sign_detached};
use crate::report::RunRecord;

/// The manifest, its digest, and its signature.
pub(super) const MANIFEST: &str = "manifest.json";
pub(super) const DIGEST: &str = "manifest.sha256";
pub(super) const SIGNATURE: &str = "manifest.jws";

/// The known deviations, where the run had some.
pub const DEVIATIONS_MEMBER: &str = "deviations.yaml";

/// What goes into a bundle.
pub struct Contents<'r> {
    /// The run.
    pub record: &'r RunRecord,
    /// What starts the same plan again.
    pub arguments: Arguments,
    /// True where it is asked for whatever the verdict.
    pub rehearsal: bool,
    /// Names in the archive, with their bytes.
    pub files: Vec<(String, Vec<u8>)>,
}

/// Writes the bundle beside its place and renames it, so that there is a whole one or none.
pub fn write_bundle(
    path: &Path,
    contents: Contents<'_>,
    key: Option<&AssertionKey>,
) -> Result<Manifest, EvidenceError> {
    let failed = |source: std::io::Error| EvidenceError::File { verb: "write", path: path.to_owned(), source };
    let members = contents.files.iter().map(|(name, bytes)| Member::of(name, bytes)).collect();
    let manifest = Manifest::of(contents.record, contents.arguments, contents.rehearsal, members)
        .ok_or_else(|| failed(std::io::Error::other("the run was for no product, or did not end")))?;
    let mut text = serde_json::to_vec_pretty(&manifest).map_err(|error| failed(error.into()))?;
    text.push(b'\n');
    let mut files = contents.files;
    files.push((DIGEST.to_owned(), format!("{}  {MANIFEST}\n", sha256_hex(&text)).into_bytes()));
    if let Some(key) = key {
        let jws = sign_detached(key, &text).map_err(|error| failed(std::io::Error::other(error)))?;
        files.push((SIGNATURE.to_owned(), format!("{jws}\n").into_bytes()));
    }
    files.insert(0, (MANIFEST.to_owned(), text));
    let bytes = zipped(&files).map_err(|error| failed(error.into()))?;
    let beside = path.with_extension(format!("{}.tmp", std::process::id()));
    let done =
        File::create(&beside).and_then(|mut file| file.write_all(&bytes)).and_then(|()| std::fs::rename(&beside, path));
    done.map_err(|source| {
        // Whatever is left of the attempt is of no use; the first error is the one to tell.
        let _ = std::fs::remove_file(&beside);
        failed(source)
    })?;
    Ok(manifest)
}

/// The same files give the same bytes: no clock stands in the archive.
fn zipped(files: &[(String, Vec<u8>)]) -> zip::result::ZipResult<Vec<u8>> {
    let options = SimpleFileOptions::default()
        .compression_method(CompressionMethod::Deflated)
        .last_modified_time(DateTime::default())
        .unix_permissions(0o644);
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in files {
        archive.start_file(name.as_str(), options)?;
        archive.write_all(bytes)?;
    }
    Ok(archive.finish()?.into_inner())
}
