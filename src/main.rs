//! The `d1c` command.

use std::process::ExitCode;

fn main() -> ExitCode {
    ExitCode::from(d1_conformance::cli::main())
}
