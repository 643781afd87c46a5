//! The scenarios of both suites against the embedded sandboxes, as libtest trials.

use std::process::ExitCode;

use d1_conformance::base::Seed;
use d1_conformance::harness::{TrialSettings, trials};
use libtest_mimic::Arguments;

fn main() -> ExitCode {
    let arguments = Arguments::from_args();
    let settings = TrialSettings {
        suites: vec!["inbound".to_owned(), "outbound".to_owned()],
        cases: 5,
        seed: Seed::new(1),
        strict: true,
    };
    match trials(settings) {
        Ok(trials) => libtest_mimic::run(&arguments, trials).exit_code(),
        Err(error) => {
            #[expect(clippy::print_stderr, reason = "a test runner says why it cannot run")]
            {
                eprintln!("{error}");
            }
            ExitCode::from(2)
        }
    }
}
