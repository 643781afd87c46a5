//! `${env:NAME}` and `${file:PATH}` in target files.

use std::cell::RefCell;
use std::path::Path;

use super::error::SuiteError;
use crate::base::Secret;

/// What a key file says of itself when everybody may read it: a demo key.
const PUBLIC_ON_PURPOSE: &str = "public on purpose";

/// Replaces references in the texts of one target file, and minds who else can read its private keys.
pub(super) struct Expander<'f> {
    file: &'f Path,
    warnings: RefCell<Vec<String>>,
}

impl<'f> Expander<'f> {
    /// Relative paths start at the folder of `file`.
    pub(super) fn new(file: &'f Path) -> Self {
        Self { file, warnings: RefCell::default() }
    }

    /// Replaces every reference in a text.
    pub(super) fn text(&self, text: &str) -> Result<String, SuiteError> {
        let mut expanded = String::with_capacity(text.len());
        let mut rest = text;
        while let Some(open) = rest.find("${") {
            let Some(length) = rest[open..].find('}') else { break };
            expanded.push_str(&rest[..open]);
            expanded.push_str(&self.resolve(&rest[open + 2..open + length])?);
            rest = &rest[open + length + 1..];
        }
        expanded.push_str(rest);
        Ok(expanded)
    }

    /// As [`Self::text`], for a credential.
    pub(super) fn secret(&self, text: &str) -> Result<Secret, SuiteError> {
        self.text(text).map(Secret::new)
    }

    /// What was found on the way.
    pub(super) fn warnings(&self) -> Vec<String> {
        self.warnings.borrow().clone()
    }

    fn resolve(&self, reference: &str) -> Result<String, SuiteError> {
        let invalid = |problem: String, remedy: String| SuiteError::Invalid {
            path: self.file.to_owned(),
            line: None,
            problem,
            remedy,
        };
        match reference.split_once(':') {
            Some(("env", name)) => std::env::var(name).map_err(|_| {
                invalid(format!("the environment variable `{name}` is not set"), format!("set it: export {name}=…"))
            }),
            Some(("file", path)) => {
                let place = self.file.parent().unwrap_or(Path::new(".")).join(path);
                let text = std::fs::read_to_string(&place).map_err(|error| {
                    invalid(
                        format!("the file `{}` cannot be read: {error}", place.display()),
                        "correct the path".to_owned(),
                    )
                })?;
                self.mind(&place, &text);
                Ok(text.trim_end().to_owned())
            }
            _ => Err(invalid(
                format!("`${{{reference}}}` is no known reference"),
                "write ${env:NAME} or ${file:PATH}".to_owned(),
            )),
        }
    }

    fn mind(&self, place: &Path, text: &str) {
        let private = text.contains("PRIVATE KEY-----") && !text.contains(PUBLIC_ON_PURPOSE);
        if private && others_can_read(place) {
            let warning = format!("the private key {0} can be read by others; chmod 600 {0}", place.display());
            let mut warnings = self.warnings.borrow_mut();
            if !warnings.contains(&warning) {
                warnings.push(warning);
            }
        }
    }
}

#[cfg(unix)]
fn others_can_read(place: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt as _;

    std::fs::metadata(place).is_ok_and(|about| about.permissions().mode() & 0o077 != 0)
}

/// Elsewhere access is a matter of lists that this tool does not read.
#[cfg(not(unix))]
fn others_can_read(_: &Path) -> bool {
    false
}
