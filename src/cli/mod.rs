//! Floor 9: arguments to calls, verdict to exit code, text to the terminal.

mod args;
mod certify;
mod deviations;
mod diff;
mod explain;
mod generate;
mod judge;
mod key_args;
mod key_targets;
mod keys;
mod list;
mod output;
mod recorded;
mod replay;
mod report;
mod report_args;
mod run;
mod sandbox;
mod selection;
mod selftest;
mod snapshots;
mod specs;
mod suites;

use clap::Parser as _;

use args::{Args, Command};

/// Exit code for bad input: nothing was sent.
const BAD_INPUT: u8 = 2;

/// Runs the command line and returns the exit code: 0 conforms, 1 findings, 2 bad input, 3 inconclusive.
pub fn main() -> u8 {
    let args = match Args::try_parse() {
        Ok(args) => args,
        Err(error) => {
            // `--help` and `--version` are errors to clap, and no bad input.
            let code = if error.use_stderr() { BAD_INPUT } else { 0 };
            let _ = error.print();
            return code;
        }
    };
    let done = match args.command.unwrap_or_else(|| Command::Run(args::Run::default())) {
        Command::Run(run) => run::run(&run),
        Command::List(list) => list::list(&list),
        Command::Generate(generate) => generate::generate(&generate),
        Command::Specs { command } => specs::specs(&command),
        Command::Suites { command } => suites::suites(&command),
        Command::Sandbox(sandbox) => sandbox::sandbox(&sandbox),
        Command::Certify(certify) => certify::certify(&certify),
        Command::Diff(args) => diff::diff(&args),
        Command::Snapshots { command } => snapshots::snapshots(&command),
        Command::Selftest(selftest) => selftest::selftest(&selftest),
        Command::Report(report) => report::report(&report),
        Command::Replay(replay) => replay::replay(&replay),
        Command::Explain(explain) => explain::explain(&explain),
        Command::Deviations { command } => deviations::deviations(&command),
        Command::Keys { command } => keys::keys(&command),
    };
    done.unwrap_or_else(|error| {
        output::error(&error);
        BAD_INPUT
    })
}
