pub(super) const EXAMPLES: &str = "";
#[derive(Debug, clap::Args)]
pub(super) struct Explain {}
pub(super) fn explain(_: &Explain) -> anyhow::Result<u8> {
    Ok(0)
}
