//! `${env:NAME}` and `${file:PATH}` in target files.

use std::path::Path;

use super::error::SuiteError;
use crate::base::Secret;

/// Replaces every reference in a text. Relative paths start at the folder of the target file.
pub(super) fn expand(file: &Path, text: &str) -> Result<String, SuiteError> {
    let mut expanded = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(open) = rest.find("${") {
        let Some(length) = rest[open..].find('}') else { break };
        expanded.push_str(&rest[..open]);
        expanded.push_str(&resolve(file, &rest[open + 2..open + length])?);
        rest = &rest[open + length + 1..];
    }
    expanded.push_str(rest);
    Ok(expanded)
}

/// As [`expand`], for a credential.
pub(super) fn expand_secret(file: &Path, text: &str) -> Result<Secret, SuiteError> {
    expand(file, text).map(Secret::new)
}

fn resolve(file: &Path, reference: &str) -> Result<String, SuiteError> {
    let invalid =
        |problem: String, remedy: String| SuiteError::Invalid { path: file.to_owned(), line: None, problem, remedy };
    match reference.split_once(':') {
        Some(("env", name)) => std::env::var(name).map_err(|_| {
            invalid(format!("the environment variable `{name}` is not set"), format!("set it: export {name}=…"))
        }),
        Some(("file", path)) => {
            let place = file.parent().unwrap_or(Path::new(".")).join(path);
            std::fs::read_to_string(&place).map(|text| text.trim_end().to_owned()).map_err(|error| {
                invalid(
                    format!("the file `{}` cannot be read: {error}", place.display()),
                    "correct the path".to_owned(),
                )
            })
        }
        _ => Err(invalid(
            format!("`${{{reference}}}` is no known reference"),
            "write ${env:NAME} or ${file:PATH}".to_owned(),
        )),
    }
}
