//! `specs/catalog.yaml`: which specifications there are, and where they come from.

use std::path::{Path, PathBuf};

use indexmap::IndexMap;
use serde::{Deserialize, Serialize};

use super::document::Document;
use super::error::{ContractError, Place};
use super::model::Contract;
use super::security::{ClearTexts, Mark, graft};

/// Who calls whom.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum Direction {
    /// The issuer's backend calls D1.
    Inbound,
    /// D1 calls the issuer's backend.
    Outbound,
}

/// One line of the catalogue.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CatalogEntry {
    /// Official name, also the file name without its ending.
    pub name: String,
    /// Who calls whom.
    pub direction: Direction,
    /// File, relative to the catalogue.
    pub file: PathBuf,
    /// True for the eight specifications of the core set.
    pub core: bool,
    /// Path part of the documented server URL; a target's base URL is put before it.
    #[serde(default)]
    pub base_path: String,
    /// Where the vendor publishes the official file.
    pub official_url: Option<String>,
    /// Where the bundled file comes from.
    pub provenance: String,
    /// Day on which it was written.
    pub date: String,
    /// `METHOD /path` by the name under which suites and sandbox know the operation. Wins over the operationId of the
    /// file, so that an official file with other names can take the place of the bundled one.
    #[serde(default)]
    pub operations: IndexMap<String, String>,
    /// What OpenAPI cannot say, for a file that does not say it itself.
    #[serde(default)]
    pub marks: Vec<Mark>,
    /// SHA-256 of the bundled file, hex. Another digest on disk means an official or edited file.
    pub sha256: String,
}

/// Where the catalogue holds the schemas of clear texts.
const CLEAR_TEXTS: &str = "/clear_texts";

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CatalogFile {
    specs: Vec<CatalogEntry>,
    /// Schemas of the clear texts that `marks` name; read from the document, which knows their lines.
    #[serde(default, rename = "clear_texts")]
    _clear_texts: IndexMap<String, serde_yaml::Value>,
}

/// The catalogue with the folder that it stands in.
#[derive(Clone, Debug)]
pub struct Catalog {
    folder: PathBuf,
    document: Document,
    /// The entries in the order of the file.
    pub entries: Vec<CatalogEntry>,
}

impl Catalog {
    /// Reads `catalog.yaml` of a folder.
    pub fn load(folder: &Path) -> Result<Self, ContractError> {
        let path = folder.join("catalog.yaml");
        let text =
            std::fs::read_to_string(&path).map_err(|source| ContractError::Read { path: path.clone(), source })?;
        let file: CatalogFile = serde_yaml::from_str(&text).map_err(|error| ContractError::Syntax {
            place: Place { file: path.clone(), line: error.location().map(|at| at.line()), pointer: None },
            format: "YAML",
            problem: error.to_string(),
        })?;
        let document = Document::parse(&path, &text)?;
        let catalog = Self { folder: folder.to_owned(), document, entries: file.specs };
        catalog.check_marks()?;
        Ok(catalog)
    }

    /// The entry of a specification.
    pub fn entry(&self, name: &str) -> Option<&CatalogEntry> {
        self.entries.iter().find(|entry| entry.name == name)
    }

    /// Path of the file of an entry.
    pub fn path(&self, entry: &CatalogEntry) -> PathBuf {
        self.folder.join(&entry.file)
    }

    /// Loads the contract of an entry.
    pub fn contract(&self, entry: &CatalogEntry) -> Result<Contract, ContractError> {
        self.read(entry, Document::load(&self.path(entry))?)
    }

    /// Reads a document as the contract of an entry; the catalogue's name, direction and base path win over the file's,
    /// and its marks fill in what the file cannot say.
    pub fn read(&self, entry: &CatalogEntry, mut document: Document) -> Result<Contract, ContractError> {
        let clear_texts = ClearTexts { document: &self.document, pointer: CLEAR_TEXTS };
        graft(&mut document, &entry.marks, |name| entry.operations.get(name).cloned(), &clear_texts);
        let mut contract = Contract::read_named(&entry.name, document, &entry.operations)?;
        contract.direction = Some(entry.direction);
        contract.base_path.clone_from(&entry.base_path);
        Ok(contract)
    }

    /// Marks that name nothing would leave a card number in clear.
    fn check_marks(&self) -> Result<(), ContractError> {
        for (index, entry) in self.entries.iter().enumerate() {
            for (place, mark) in entry.marks.iter().enumerate() {
                let known = mark
                    .jwe
                    .as_ref()
                    .is_none_or(|name| self.document.node(&super::pointer::join(CLEAR_TEXTS, name)).is_some());
                if !known || !entry.operations.contains_key(&mark.operation) {
                    return Err(self.document.invalid(
                        &format!("/specs/{index}/marks/{place}"),
                        format!(
                            "the mark of `{}` names an operation or a clear text that is not there",
                            mark.operation
                        ),
                        "name one of the entry's operations, and one of clear_texts",
                    ));
                }
            }
        }
        Ok(())
    }
}
