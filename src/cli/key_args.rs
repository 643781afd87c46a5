//! The command line of keys.

use std::path::PathBuf;

use clap::Subcommand;

#[derive(Debug, Subcommand)]
pub(super) enum Keys {
    /// Make a complete set: certificates for mutual TLS, keys for assertions and envelopes, target files that use them.
    #[command(
        after_help = "Example:\n  d1c keys new keys\n  d1c sandbox --role d1 --listen 127.0.0.1:8443 --tls keys --mtls\n  d1c run --target keys/target-d1.yaml"
    )]
    New(NewKeys),
}

#[derive(Debug, clap::Args)]
pub(super) struct NewKeys {
    /// A new or an empty folder; nothing is ever overwritten.
    #[arg(value_name = "DIR")]
    pub dir: PathBuf,
    /// A further name or IP address of the server, besides localhost; may be repeated.
    #[arg(long, value_name = "NAME")]
    pub host: Vec<String>,
    /// How long the certificates are valid.
    #[arg(long, value_name = "N", default_value_t = 365, value_parser = clap::value_parser!(u32).range(1..=3650))]
    pub days: u32,
}
