//! The list of all members of a bundle, with what the run was.

use serde::{Deserialize, Serialize};

use crate::base::sha256_hex;
use crate::report::{Readiness, RunRecord, ToolRecord};

/// Version of the shape of [`Manifest`].
pub const MANIFEST_VERSION: &str = "1";

/// What a bundle holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// Always [`MANIFEST_VERSION`].
    pub manifest_version: String,
    /// Who wrote it.
    pub tool: ToolRecord,
    /// Name of the run.
    pub run_id: String,
    /// RFC 3339.
    pub started_at: String,
    /// The product that the verdict is on.
    pub product: String,
    /// The verdict.
    pub readiness: Readiness,
    /// True where the bundle was asked for whatever the verdict: it certifies nothing.
    pub rehearsal: bool,
    /// SHA-256 over all drawn cases in plan order, hex.
    pub case_digest: String,
    /// What starts the same plan again.
    pub arguments: Arguments,
    /// Every other file of the bundle, but for the signature.
    pub members: Vec<Member>,
}

/// What a plan depends on, beside specifications, suites and target.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Arguments {
    /// Name of the profile, with its side where one was named.
    pub suite: String,
    /// Root of all draws.
    pub seed: u64,
    /// Random cases per scenario.
    pub cases: u32,
    /// Were warnings treated as failures?
    pub strict: bool,
}

/// One file of the bundle.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Member {
    /// Name in the archive.
    pub name: String,
    /// Length in bytes.
    pub bytes: u64,
    /// SHA-256, hex.
    pub sha256: String,
}

impl Member {
    /// The entry of these bytes.
    pub(super) fn of(name: &str, bytes: &[u8]) -> Self {
        Self { name: name.to_owned(), bytes: bytes.len() as u64, sha256: sha256_hex(bytes) }
    }
}

impl Manifest {
    /// The manifest of a run for a product; `None` where it was for none, or has not come to its end.
    pub(super) fn of(record: &RunRecord, arguments: Arguments, rehearsal: bool, members: Vec<Member>) -> Option<Self> {
        let profile = record.profile.as_ref()?;
        Some(Self {
            manifest_version: MANIFEST_VERSION.to_owned(),
            tool: record.tool.clone(),
            run_id: record.run_id.clone(),
            started_at: record.started_at.clone(),
            product: profile.product.clone(),
            readiness: profile.verdict,
            rehearsal,
            case_digest: record.case_digest.clone()?,
            arguments,
            members,
        })
    }
}
