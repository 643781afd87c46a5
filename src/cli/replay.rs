pub(super) const EXAMPLES: &str = "";
#[derive(Debug, clap::Args)]
pub(super) struct Replay {}
pub(super) fn replay(_: &Replay) -> anyhow::Result<u8> {
    Ok(0)
}
