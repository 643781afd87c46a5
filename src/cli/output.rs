//! The two streams. A closed pipe (`d1c list | head`) is no error.

use std::io::Write as _;

use crate::report::printable;

/// Writes to standard output.
pub(super) fn out(text: &str) {
    let mut stream = std::io::stdout().lock();
    // Nobody is left to tell about a closed pipe.
    let _ = stream.write_all(text.as_bytes()).and_then(|()| stream.flush());
}

/// Writes a line to standard error.
pub(super) fn note(text: &str) {
    let _ = writeln!(std::io::stderr().lock(), "{text}");
}

/// Shows an error with its causes.
pub(super) fn error(error: &anyhow::Error) {
    let mut text = format!("error: {error}");
    let mut shown = error.to_string();
    for cause in error.chain().skip(1) {
        let cause = cause.to_string();
        if !shown.contains(&cause) {
            text.push_str("\n  cause: ");
            text.push_str(&cause);
            shown.push_str(&cause);
        }
    }
    // A cause may quote what stands in a file of somebody else.
    note(&printable(&text));
}
