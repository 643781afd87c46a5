//! The command line. Names are fixed: scripts rely on them.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{Parser, Subcommand, ValueEnum};

use super::deviations::Deviations;
use super::explain::Explain;
use super::key_args::Keys;
use super::replay::Replay;
use super::report_args::{self, MoreFormats, Report};
use crate::sandbox::callers::{ErrorRate, Latency};

/// Contract-conformance tests for the Thales D1 payment API.
///
/// Without a command it runs both suites against its own embedded sandboxes.
#[derive(Debug, Parser)]
#[command(name = "d1c", version, after_help = EXIT_CODES)]
pub(super) struct Args {
    #[command(subcommand)]
    pub command: Option<Command>,
}

const EXIT_CODES: &str = "Exit codes: 0 conforms, 1 findings, 2 bad input (nothing was sent), 3 inconclusive.";

const RUN_EXAMPLES: &str = "Examples:
  d1c run                                       both suites, embedded sandboxes
  d1c run --target staging.yaml --suite inbound your D1 target
  d1c run --suite pin-management                is the target ready for a product?
  d1c run registerCard --cases 50 --seed 7      one operation, more cases
  d1c run --spec petstore.yaml --base-url http://localhost:8080/v3

Exit codes: 0 conforms, 1 findings, 2 bad input (nothing was sent), 3 inconclusive.";

const CERTIFY_EXAMPLES: &str = "Examples:
  d1c certify --suite tokenization --target my-backend.yaml --out evidence.zip --sign my-key.pem
  d1c certify --verify evidence.zip --key my-public-key.pem
  d1c certify --rerun evidence.zip --target my-backend.yaml

Exit codes: 0 ready or valid, 1 not ready or not valid, 2 bad input (nothing was sent), 3 inconclusive.";

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Test a target, by default the embedded sandboxes.
    #[command(after_help = RUN_EXAMPLES)]
    Run(Run),
    /// List the scenarios that `run` would execute; sends nothing.
    #[command(after_help = "Example:\n  d1c list registerCard --format json")]
    List(List),
    /// Print generated requests, one JSON object a line; sends nothing.
    #[command(
        after_help = "Example:\n  d1c generate --spec specs/D1-Public-IN-v2-Card.yaml --operation registerCard --intent violating --cases 3"
    )]
    Generate(Generate),
    /// Show or check specifications.
    Specs {
        #[command(subcommand)]
        command: Specs,
    },
    /// Show or check suites, profiles and target files.
    Suites {
        #[command(subcommand)]
        command: Suites,
    },
    /// Serve a reference D1 or a reference issuer.
    #[command(
        after_help = "Examples:\n  d1c sandbox --role issuer --listen 127.0.0.1:8081\n  d1c sandbox --role d1 --defect d1-accepts-long-card-id\n  d1c sandbox --role d1 --listen 127.0.0.1:8443 --tls keys --mtls\n  d1c sandbox --list-defects\n  d1c sandbox --role d1 --listen 127.0.0.1:8181 --judge --provoke 401-once --provoke unknown-field\n\nWith --judge it ends with the exit code of a run: 0 conforms, 1 findings, 2 bad input, 3 nothing was received."
    )]
    Sandbox(Sandbox),
    /// Run a product's profile and write the evidence: reports, specifications, suites and a manifest in one file.
    #[command(after_help = CERTIFY_EXAMPLES)]
    Certify(Certify),
    /// Draw the record of a run in other formats; sends nothing.
    #[command(after_help = report_args::EXAMPLES)]
    Report(Report),
    /// Compare two runs: what broke, what was fixed, what answers changed in ways that the contract allows. Sends nothing.
    #[command(after_help = super::diff::EXAMPLES)]
    Diff(super::diff::Args),
    /// Look through the accepted answers of pinned cases, and those that wait to be accepted. Sends nothing.
    #[command(after_help = super::snapshots::EXAMPLES)]
    Snapshots {
        #[command(subcommand)]
        command: super::snapshots::Command,
    },
    /// Plant every defect in the embedded sandboxes, look for it with the suites, and print the score.
    #[command(after_help = super::selftest::EXAMPLES)]
    Selftest(super::selftest::Args),
    /// Send the failed cases of a run again, several times, and say what became of each.
    #[command(after_help = super::replay::EXAMPLES)]
    Replay(Replay),
    /// Say what a code, a check, an obligation or a rule means, and what to do about it.
    #[command(after_help = super::explain::EXAMPLES)]
    Explain(Explain),
    /// Known breaches that are let pass until a day: write, show and check them.
    Deviations {
        #[command(subcommand)]
        command: Deviations,
    },
    /// Make keys and certificates for tests.
    Keys {
        #[command(subcommand)]
        command: Keys,
    },
}

/// Which scenarios.
#[derive(Clone, Debug, Default, clap::Args)]
pub(super) struct Selection {
    /// Keep scenarios whose name contains one of these texts.
    pub filter: Vec<String>,
    /// Suite by name (inbound, outbound, outbound-extra) or file, may be repeated; or a product by the name of its profile
    /// (pin-management, click-to-pay, ...), with `:inbound` or `:outbound` for one side of it.
    #[arg(long, value_name = "NAME|FILE")]
    pub suite: Vec<String>,
    /// Target file (YAML): addresses, credentials, values.
    #[arg(long, value_name = "FILE")]
    pub target: Option<PathBuf>,
    /// Any OpenAPI 3.0 file, tested without a suite.
    #[arg(long, value_name = "FILE", conflicts_with = "suite")]
    pub spec: Option<PathBuf>,
    /// Where the operations of --spec are served.
    #[arg(long, value_name = "URL", requires = "spec", conflicts_with = "target")]
    pub base_url: Option<String>,
    /// Random cases per scenario, after those that cover its duty; 0 leaves these alone.
    #[arg(long, value_name = "N", default_value_t = DEFAULT_CASES, value_parser = clap::value_parser!(u32).range(..=100_000))]
    pub cases: u32,
    /// Leave the pinned cases and their snapshots out.
    #[arg(long)]
    pub no_snapshots: bool,
}

/// Random cases per scenario unless the user says otherwise.
pub(super) const DEFAULT_CASES: u32 = 5;

/// Seed unless the user says otherwise: a run without arguments is the same everywhere.
pub(super) const DEFAULT_SEED: u64 = 1;

#[derive(Clone, Debug, clap::Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of the command line")]
pub(super) struct Run {
    #[command(flatten)]
    pub selection: Selection,
    /// Root of all drawn values.
    #[arg(long, value_name = "N", default_value_t = DEFAULT_SEED)]
    pub seed: u64,
    /// Scenarios at a time.
    #[arg(long, value_name = "N", default_value_t = 8, value_parser = clap::value_parser!(u16).range(1..=256))]
    pub jobs: u16,
    /// Seconds for one exchange; overrides the target file.
    #[arg(long, value_name = "SECS", value_parser = clap::value_parser!(u64).range(1..=3600))]
    pub timeout: Option<u64>,
    /// Stop after this many failed scenarios.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    pub max_failures: Option<u64>,
    /// Folder for run.json, junit.xml and index.html; by default reports/<run id>.
    #[arg(long, value_name = "DIR")]
    pub report_dir: Option<PathBuf>,
    /// Which exchanges run.json holds: those that show a finding, or every one, for a log (HAR) of the whole run.
    #[arg(long, value_enum, value_name = "WHICH", default_value_t = Exchanges::Failing)]
    pub exchanges: Exchanges,
    #[command(flatten)]
    pub more: MoreFormats,
    /// Treat breaches of inferred lines as failures.
    #[arg(long)]
    pub strict: bool,
    /// Leave one check out; may be repeated.
    #[arg(long, value_name = "CHECK")]
    pub skip_check: Vec<String>,
    /// Accept the answers of pinned cases as they are now.
    #[arg(long, conflicts_with = "no_snapshots")]
    pub accept_snapshots: bool,
    /// Accept the answers of pinned cases that have no accepted answer yet; others are compared.
    #[arg(long, conflicts_with_all = ["no_snapshots", "accept_snapshots"])]
    pub accept_new: bool,
    /// Requests for the search for a smaller request that shows the same finding, for each finding; 0 for none. By default
    /// 40, but for calls that may change a target on another machine.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(..=10_000))]
    pub shrink: Option<u32>,
    /// Known deviations (YAML): breaches that are let pass; in place of the file that the target names.
    #[arg(long, value_name = "FILE")]
    pub deviations: Option<PathBuf>,
    /// Test a production host all the same. A run creates, suspends and deletes cards.
    #[arg(long)]
    pub allow_production: bool,
    /// No progress line.
    #[arg(long, short)]
    pub quiet: bool,
}

/// What of the wire a record keeps.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Exchanges {
    /// Those that show a finding.
    Failing,
    /// Every one, redacted like all others.
    All,
}

#[derive(Clone, Debug, clap::Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of the command line")]
pub(super) struct Certify {
    /// Product by the name of its profile (pin-management, click-to-pay, ...), with `:inbound` or `:outbound` for one side.
    #[arg(long, value_name = "PROFILE", conflicts_with_all = ["verify", "rerun"])]
    pub suite: Option<String>,
    /// Target file (YAML): addresses, credentials, values, and the answers to the profile's questions.
    #[arg(long, value_name = "FILE", conflicts_with = "verify")]
    pub target: Option<PathBuf>,
    /// Where to write the bundle; by default evidence.zip beside the reports.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["verify", "rerun"])]
    pub out: Option<PathBuf>,
    /// Sign the manifest with this private key on P-256 (PEM or JWK): a detached JWS with ES256.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["verify", "rerun"])]
    pub sign: Option<PathBuf>,
    /// Write the bundle whatever the verdict. It is marked, and certifies nothing.
    #[arg(long, conflicts_with_all = ["verify", "rerun"])]
    pub rehearsal: bool,
    /// Check a bundle: every byte against its manifest. Sends nothing.
    #[arg(long, value_name = "FILE", conflicts_with = "rerun")]
    pub verify: Option<PathBuf>,
    /// The public key (PEM or JWK) that the signature of --verify must be of.
    #[arg(long, value_name = "FILE", requires = "verify")]
    pub key: Option<PathBuf>,
    /// Start the plan of a bundle again, and say whether the cases are the same.
    #[arg(long, value_name = "FILE")]
    pub rerun: Option<PathBuf>,
    /// Root of all drawn values.
    #[arg(long, value_name = "N", default_value_t = DEFAULT_SEED, conflicts_with_all = ["verify", "rerun"])]
    pub seed: u64,
    /// Random cases per scenario, after those that cover its duty; 0 leaves these alone.
    #[arg(long, value_name = "N", default_value_t = DEFAULT_CASES, value_parser = clap::value_parser!(u32).range(..=100_000), conflicts_with_all = ["verify", "rerun"])]
    pub cases: u32,
    /// Treat breaches of inferred lines as failures.
    #[arg(long, conflicts_with_all = ["verify", "rerun"])]
    pub strict: bool,
    /// Scenarios at a time.
    #[arg(long, value_name = "N", default_value_t = 8, value_parser = clap::value_parser!(u16).range(1..=256))]
    pub jobs: u16,
    /// Known deviations (YAML): breaches that are let pass; in place of the file that the target names.
    #[arg(long, value_name = "FILE", conflicts_with = "verify")]
    pub deviations: Option<PathBuf>,
    /// Folder for run.json, junit.xml and index.html; by default reports/<run id>.
    #[arg(long, value_name = "DIR", conflicts_with = "verify")]
    pub report_dir: Option<PathBuf>,
    /// Test a production host all the same. A run creates, suspends and deletes cards.
    #[arg(long)]
    pub allow_production: bool,
    /// No progress line.
    #[arg(long, short)]
    pub quiet: bool,
}

impl Default for Run {
    fn default() -> Self {
        Self {
            selection: Selection { cases: DEFAULT_CASES, ..Selection::default() },
            seed: DEFAULT_SEED,
            jobs: 8,
            timeout: None,
            max_failures: None,
            report_dir: None,
            exchanges: Exchanges::Failing,
            more: MoreFormats::default(),
            strict: false,
            skip_check: Vec::new(),
            accept_snapshots: false,
            accept_new: false,
            shrink: None,
            deviations: None,
            allow_production: false,
            quiet: false,
        }
    }
}

#[derive(Debug, clap::Args)]
pub(super) struct List {
    #[command(flatten)]
    pub selection: Selection,
    /// How to print.
    #[arg(long, value_enum, default_value_t = Format::Human)]
    pub format: Format,
    /// Only the duties that no request exercises, or on one side of their boundary alone, with the reason.
    #[arg(long, conflicts_with = "format")]
    pub uncovered: bool,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(super) enum Format {
    /// For people.
    Human,
    /// For programs.
    Json,
}

#[derive(Debug, clap::Args)]
pub(super) struct Generate {
    /// OpenAPI 3.0 file.
    #[arg(long, value_name = "FILE")]
    pub spec: PathBuf,
    /// Only this operationId.
    #[arg(long, value_name = "ID")]
    pub operation: Option<String>,
    /// Which cases.
    #[arg(long, value_enum, default_value_t = IntentChoice::All)]
    pub intent: IntentChoice,
    /// Random cases per obligation, after those that cover it; 0 leaves these alone.
    #[arg(long, value_name = "N", default_value_t = DEFAULT_CASES, value_parser = clap::value_parser!(u32).range(..=100_000))]
    pub cases: u32,
    /// Root of all drawn values.
    #[arg(long, value_name = "N", default_value_t = DEFAULT_SEED)]
    pub seed: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum IntentChoice {
    /// Requests that keep the contract.
    Conforming,
    /// Requests that break one obligation.
    Violating,
    /// Both.
    All,
}

#[derive(Debug, Subcommand)]
pub(super) enum Specs {
    /// The catalogue: name, direction, operations, where it comes from.
    #[command(after_help = "Example:\n  d1c specs list")]
    List,
    /// Check files, by default all of the catalogue.
    #[command(after_help = "Example:\n  d1c specs lint my-api.yaml")]
    Lint {
        /// OpenAPI 3.0 files.
        files: Vec<PathBuf>,
    },
}

#[derive(Debug, Subcommand)]
pub(super) enum Suites {
    /// The suites and the profiles of products, by the names that --suite takes.
    #[command(after_help = "Example:\n  d1c suites list")]
    List,
    /// Check suites, profiles and target files, by default all that are bundled. Sends nothing.
    #[command(
        after_help = "Example:\n  d1c suites lint my-suite.yaml my-target.yaml\n\nEditors: docs/suite.schema.json and docs/target.schema.json are the JSON Schemas of these files."
    )]
    Lint {
        /// YAML files.
        files: Vec<PathBuf>,
    },
}

#[derive(Debug, clap::Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of the command line")]
pub(super) struct Sandbox {
    /// d1 (inbound specifications) or issuer (outbound specifications).
    #[arg(long, required_unless_present_any = ["list_defects", "list_provocations"])]
    pub role: Option<String>,
    /// Address to listen on; port 0 takes a free one.
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:0")]
    pub listen: SocketAddr,
    /// Behave wrongly in this way; may be repeated.
    #[arg(long, value_name = "NAME")]
    pub defect: Vec<String>,
    /// Show all defects.
    #[arg(long)]
    pub list_defects: bool,
    /// Serve HTTPS with the server certificate of this folder, which `d1c keys new` made; its keys for assertions and
    /// envelopes take the place of the demo keys.
    #[arg(long, value_name = "DIR")]
    pub tls: Option<PathBuf>,
    /// Demand a client certificate that the authority of the --tls folder signed.
    #[arg(long, requires = "tls")]
    pub mtls: bool,
    /// Judge those who call: a line for each finding, and the reports of a run at the end (Ctrl-C) or on
    /// `POST /__sandbox/report`.
    #[arg(long, conflicts_with = "defect")]
    pub judge: bool,
    /// Folder for run.json, junit.xml and index.html of --judge; by default reports/<run id>.
    #[arg(long, value_name = "DIR", requires = "judge")]
    pub report_dir: Option<PathBuf>,
    /// Answer in a way that callers must be able to live with; may be repeated.
    #[arg(long, value_name = "NAME")]
    pub provoke: Vec<String>,
    /// Show all provocations.
    #[arg(long)]
    pub list_provocations: bool,
    /// Let every answer wait: 100ms, or a range such as 50ms..300ms.
    #[arg(long, value_name = "TIME")]
    pub latency: Option<Latency>,
    /// Answer so many calls with 500, and do not perform them: 5%.
    #[arg(long, value_name = "PERCENT")]
    pub error_rate: Option<ErrorRate>,
    /// Root of the draws for --latency and --error-rate.
    #[arg(long, value_name = "N", default_value_t = DEFAULT_SEED)]
    pub seed: u64,
}
